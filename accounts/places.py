"""The pages under Settings, each named once: the index and the list beside every one of them are made from this."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


@dataclass(frozen=True)
class Place:
    """One page, and the pages reached from it (`within`)."""

    page: str
    icon: str
    label: Text
    text: Text
    within: tuple[str, ...] = ()

    def holds(self, view_name: str) -> bool:
        return view_name == self.page or view_name in self.within

    @property
    def url(self) -> str:
        return reverse(self.page)


@dataclass(frozen=True)
class Section:
    label: Text
    places: tuple[Place, ...]


SECTIONS = (
    Section(
        _("Organisation"),
        (
            Place(
                "accounts:organization",
                "building-2",
                _("Name and language"),
                _("And the units, for runners and members"),
            ),
            Place(
                "reports:look",
                "palette",
                _("Logo and colour"),
                _("On reports and shared pages"),
                ("reports:logo", "reports:accent"),
            ),
            Place("analyses:habit", "sliders-horizontal", _("Orders"), _("What the upload page begins with")),
            Place("accounts:alerts", "bell", _("Alerts"), _("Who gets mail about the organisation")),
        ),
    ),
    Section(
        _("People"),
        (
            Place("accounts:members", "users", _("Members"), _("Who may see and do what"), ("accounts:invite",)),
            Place(
                "subjects:groups",
                "users-round",
                _("Groups"),
                _("Who trains together, and who looks after them"),
                ("subjects:group", "subjects:rename_group", "subjects:add_site"),
            ),
        ),
    ),
    Section(
        pgettext_lazy("settings", "Measuring"),
        (
            Place(
                "analyses:provider",
                "activity",
                _("Who measures"),
                _("The built-in engine, or an outside service with your key"),
                ("analyses:calls", "analyses:differences"),
            ),
            Place(
                "analyses:repeatability",
                "copy",
                _("How far our own films differ"),
                _("Your own smallest real change, from two films of one minute"),
            ),
            Place(
                "api:endpoints", "webhook", _("Webhooks"), _("Whom we call when a result is there"), ("api:endpoint",)
            ),
        ),
    ),
    Section(
        _("Privacy"),
        (
            Place(
                "privacy:rules",
                "shield-check",
                _("Privacy"),
                _("When consent is asked for, and who was erased"),
                ("privacy:erased",),
            ),
            Place(
                "privacy:keeping",
                "calendar-clock",
                _("How long it is kept"),
                _("When films, copies and numbers are removed"),
            ),
            Place("privacy:words", "file-text", _("Consent texts"), _("The words runners agree to")),
            Place("accounts:audit", "scroll-text", _("Who did what"), _("The record of every deed")),
        ),
    ),
)


def is_inside(view_name: str) -> bool:
    """Whether this page is one of Settings."""
    return view_name == "accounts:settings" or any(
        place.holds(view_name) for section in SECTIONS for place in section.places
    )

"""Several films at once: each is matched to a runner, looked through in one table, and ordered by itself."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.units import typed_pace
from analyses import actions, jobs
from analyses.forms import BELT, NEW, NO_GROUP_YET, OVER_GROUND, pace_missing
from analyses.guessing import Way, guess_way
from analyses.models import Analysis
from analyses.pace import read_pace
from analyses.remote import account_of
from analyses.views.order import (
    account_of_order,
    not_agreed,
    order_form,
    over_group,
    place_order,
    price_lines,
    remembered,
)
from clips import rules
from clips.models import Clip
from credits.refusals import NotEnoughCredits
from subjects.finding import Person, by_file_name
from subjects.forms import HeightField, MeasuredField, WeightField
from subjects.models import Group, Subject, SubjectQuerySet

MOST = 50  # ours: a testing day's films; each is looked at by a person
CHOICES = 6


@require_safe
@member_required(write=True)
def several(request: MemberRequest) -> HttpResponse:
    """Show the page; its rows come one by one, as the films arrive."""
    organization = request.member.organization
    prices = range(MOST * max(1, account_of(organization).price) + 1)
    words = {
        "orders": [_("Order analyses"), *(_orders(count) for count in range(1, MOST + 1))],  # while none is ready
        "prices": price_lines(prices, organization, request.user),
        "broken": _("The connection broke. What is ordered is ordered; press again for the others."),
        "failed": _("The portal could not take the order. Try again in a minute."),
        "signed_out": _("You are signed out. Sign in again in another tab, then try again."),
        "ordering": _("Ordering …"),
    }
    return render(request, "analyses/several.html", {"words": words, "most": MOST, "views": Analysis.View})


def _orders(count: int) -> str:
    return ngettext("Order %(count)s analysis", "Order %(count)s analyses", count) % {"count": count}


@require_safe
@member_required(write=True)
def row(request: MemberRequest) -> HttpResponse:
    """Show one film's row: what was chosen for it, what is guessed, what is still missing."""
    clip = _clip(request, request.GET)
    done = access.rows(request, Analysis).filter(clip=clip).exclude(status=Analysis.Status.FAILED).first()
    if done is not None:
        return _ordered(request, done)
    return render(request, "analyses/_film_row.html", _Row(request, clip, request.GET).shown())


@require_POST
@member_required(write=True)
def order(request: MemberRequest) -> HttpResponse:
    """Order one row's film, under the same rules as any other; the row that is refused says why."""
    clip = _clip(request, request.POST)
    form = order_form(request, request.POST, any_group=True)
    sentences = []
    if form.is_valid():
        try:
            analysis = place_order(request, form)
        except actions.OrderRefused as refused:
            sentences = refused.sentences
        except NotEnoughCredits as error:
            sentences = [error.sentence]
        else:
            jobs.hint(analysis)
            return _ordered(request, analysis)
    else:
        sentences = [str(error) for errors in form.errors.values() for error in errors]
    shown = _Row(request, clip, request.POST).shown()
    shown["refused"] = [one for one in sentences if one != shown["not_agreed"] and one not in shown["missing"]]
    return render(request, "analyses/_film_row.html", shown, status=422)


def _clip(request: MemberRequest, given: QueryDict) -> Clip:
    films = access.rows(request, Clip).filter(status=Clip.Status.PROBED)
    return get_object_or_404(films, code=access.code_of(given.get("clip", "")))


def _ordered(request: MemberRequest, analysis: Analysis) -> HttpResponse:
    return render(request, "analyses/_film_ordered.html", {"analysis": analysis, "runner": analysis.subject})


class _Row:
    """What is known of one film: chosen by a person, else guessed where that is clear."""

    def __init__(self, request: MemberRequest, clip: Clip, given: QueryDict) -> None:
        self.request, self.clip, self.given = request, clip, given
        self.units = request.manner.units
        self.new_name = given.get("new_name", "").strip() if given.get("runner") == NEW else ""
        self.runner, self.offered = self._runners()
        self.way = self._way()
        self.groups = list(access.rows(request, Group)) if self.new_name else []
        self.group = self._group()
        self.account = account_of_order(request, self.runner, self.group)
        self.sizes = [self._size(name, field) for name, field in self._sizes_to_ask()]

    def _runners(self) -> tuple[Subject | None, list[Subject]]:
        """Return whose film it is, and whom to offer: those the file's name suggests, then those filmed last."""
        active = cast(SubjectQuerySet, access.rows(self.request, Subject)).active()
        known = remembered(self.request, active)
        chosen = self.given.get("runner", "")
        runner = known.filter(code=access.code_of(chosen)).first() if chosen and chosen != NEW else None
        people = (Person(*one) for one in active.values_list("pk", "name", "email").iterator(chunk_size=2000))
        found = by_file_name(self.clip.original_name, people)
        if runner is None and not self.new_name and found.sure:
            runner = known.filter(pk=found.sure).first()
        by_pk = {one.pk: one for one in known.filter(pk__in=found.likely)}
        suggested = [by_pk[pk] for pk in found.likely if pk in by_pk]
        recent = [one for one in known[:CHOICES] if one.pk not in by_pk]
        offered = [*suggested, *recent][:CHOICES]
        if runner is not None and runner not in offered:
            offered = [runner, *offered[: CHOICES - 1]]
        return runner, offered

    def _way(self) -> Way:
        last: Any = self.runner
        before = Way(last.last_view, last.last_treadmill) if last is not None and last.last_view else None
        clip = self.clip
        width_px, height_px = clip.facts.width_px, clip.facts.height_px
        guessed = guess_way(clip.original_name, width_px=width_px, height_px=height_px, last=before)
        view = self.given.get("view")
        surface = self.given.get("treadmill")
        return Way(
            view if view in Analysis.View.values else guessed.view,
            surface == BELT if surface in (BELT, OVER_GROUND) else guessed.treadmill,
        )

    def _group(self) -> Group | None:
        """Return where a new runner goes: as chosen; a coach kept to groups has to see them in one."""
        chosen = access.named(self.groups, self.given.get("group"))
        return chosen or (self.groups[0] if self.groups and self.request.member.sees_groups_only else None)

    def _sizes_to_ask(self) -> list[tuple[str, MeasuredField]]:
        """Return the sizes this view is measured with and nobody knows; none before it is said whose film it is."""
        if self.runner is None and not self.new_name:
            return []
        asked: list[tuple[str, MeasuredField]] = [("height_m", HeightField(label=_("Height"), required=False))]
        if self.way.view != Analysis.View.BACK:  # forces and power are read from the side alone
            asked.append(("weight_kg", WeightField(label=_("Weight"), required=False)))
        return [(name, field) for name, field in asked if getattr(self.runner, name, None) is None]

    def _size(self, name: str, field: MeasuredField) -> dict[str, Any]:
        """Return one size to ask for as the row shows it, with what is wrong about what was typed."""
        field.follow(self.units)
        typed = self.given.get(name, "").strip()
        try:
            field.clean(typed)
        except ValidationError as error:
            return {"name": name, "field": field, "typed": typed, "wrong": error.messages[0]}
        return {"name": name, "field": field, "typed": typed, "wrong": ""}

    @property
    def pace(self) -> str:
        """The belt's pace as typed, else the runner's last one."""
        typed = self.given.get("pace", "").strip()
        last = getattr(self.runner, "last_pace_s", None)
        return typed if typed or not last or not self.way.treadmill else typed_pace(last, self.units)

    def _verdicts(self) -> list[rules.Verdict]:
        facts, way = self.clip.facts, self.way
        return rules.verdicts(
            facts,
            view=way.view if way.view and way.treadmill is not None else "",
            treadmill=bool(way.treadmill),
            strict_orientation=self.account.price > 0,
        )

    def _missing(self) -> list[str]:
        """Return what a person has still to say before this film can be ordered."""
        missing = []
        if self.runner is None and not self.new_name:
            missing.append(_("Choose the runner."))
        if self.new_name and self.request.member.sees_groups_only and not self.groups:
            missing.append(str(NO_GROUP_YET))
        if self.way.view is None:
            missing.append(_("Choose where it was filmed from."))
        if self.way.treadmill is None:
            missing.append(_("Choose the surface."))
        if self.way.treadmill and read_pace(self.pace, self.units) is None:
            missing.append(str(pace_missing(self.units)))
        return missing + [size["wrong"] for size in self.sizes if size["wrong"]]

    def shown(self) -> dict[str, Any]:
        verdicts, missing = self._verdicts(), self._missing()
        organization = self.request.member.organization
        new = Subject(organization=organization, name=self.new_name) if self.new_name else None
        refusal = not_agreed(self.account, self.runner or new)
        return refusal | {
            "clip": self.clip,
            "runner": self.runner,
            "runners": self.offered,
            "chosen": NEW if self.new_name else str(self.runner.code) if self.runner else "",
            "new_name": self.new_name,
            "way": self.way,
            "surface": {None: "", True: BELT, False: OVER_GROUND}[self.way.treadmill],
            "pace": self.pace,
            "views": Analysis.View.choices,
            "verdicts": [one for one in verdicts if one.level != "good"],
            "good": " · ".join(one.sentence for one in verdicts if one.level == "good"),
            "needs_tick": rules.needs_tick(verdicts),
            "missing": missing,
            "groups": self.groups,
            "group": self.group,
            "needs_group": self.request.member.sees_groups_only,
            "sizes": self.sizes,
            "ready": not missing and not refusal["not_agreed"] and rules.may_be_sent(verdicts, ticked=True),
            "account": self.account,
            "over_group": over_group(self.request, self.account, self.runner, self.group),
        }

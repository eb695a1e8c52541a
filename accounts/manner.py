"""In which language and units something is written for a person: decided here, and nowhere else.

What the person chose goes first, then what their organisation did, then what their browser asks for. What is kept and
computed is metric whoever reads it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from accounts.models import Membership, Organization, Units, User


@dataclass(frozen=True)
class Manner:
    language: str  # a code of settings.LANGUAGES
    units: str  # one of models.Units


def manner_of(user: User | None, organization: Organization | None, *, browser: str = "") -> Manner:
    """Decide for a person at work for an organisation; without a person it is the organisation's own manner.

    `browser` is the language a browser asks for, where there is one.
    """
    choices = [one for one in (user, organization) if one is not None]
    languages = (*(one.language for one in choices), browser, settings.LANGUAGE_CODE)
    units = (*(one.units for one in choices), Units.METRIC)
    return Manner(next(filter(None, languages)), next(filter(None, units)))


def manner_at_home(user: User, *, browser: str = "") -> Manner:
    """Decide for a person who is at work for nobody just now: by the first organisation they are a member of."""
    mine = Membership.objects.filter(user=user, suspended_at=None).select_related("organization").first()
    return manner_of(user, mine.organization if mine else None, browser=browser)


def set_manner(*, user: User, language: str, units: str) -> None:
    """Keep what a person chose, for every device they use; empty is as the organisation."""
    user.language, user.units = language, units
    user.save(update_fields=["language", "units"])

"""What we never send, because it would measure wrongly, cost a credit for nothing, or tell who the runner is.

The bounds are ours: none is published, and the service may accept more and answer with wrong numbers.
"""

from __future__ import annotations

import re

from providers.base import ProviderRefused, StartOrder, SubjectData
from providers.words import gettext_noop

HEIGHT_M = (0.5, 2.5)
WEIGHT_KG = (20.0, 300.0)
PACE_S_PER_KM = (120.0, 1200.0)
LANGUAGES = ("en", "fr", "de", "zh", "ko", "pt", "es", "it", "ja")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,64}")  # no space, no @: neither a full name nor an e-mail address fits


def check_order(order: StartOrder) -> None:
    """Raise ProviderRefused when `order` must not go out."""
    _check_body(order.height_m, order.weight_kg)
    if order.language not in LANGUAGES:
        raise _refused(
            gettext_noop("The measuring service does not write “%(language)s”; choose one of %(languages)s."),
            language=order.language,
            languages=", ".join(LANGUAGES),
        )
    if order.treadmill and order.pace_s_per_km is None:
        raise _refused(gettext_noop("On a treadmill the pace must be known; enter the belt’s pace, such as 06:00."))
    low, high = PACE_S_PER_KM
    if order.treadmill and not low <= (order.pace_s_per_km or 0) <= high:
        raise _refused(gettext_noop("A belt’s pace lies between 02:00 and 20:00 per kilometre; check the entry."))


def _check_body(height_m: float | None, weight_kg: float | None) -> None:
    """Raise ProviderRefused for a height or weight nobody has; None passes."""
    if height_m is not None and not HEIGHT_M[0] <= height_m <= HEIGHT_M[1]:
        raise _refused(
            gettext_noop("A height of %(height)s m cannot be right; enter metres, such as 1.72."),
            height=f"{height_m:g}",
        )
    if weight_kg is not None and not WEIGHT_KG[0] <= weight_kg <= WEIGHT_KG[1]:
        raise _refused(
            gettext_noop("A weight of %(weight)s kg cannot be right; enter kilograms, such as 62."),
            weight=f"{weight_kg:g}",
        )


def check_subject(data: SubjectData) -> None:
    """Raise ProviderRefused for a label that could be a name or an address, or for an impossible body."""
    _check_body(data.height_m, data.weight_kg)
    if data.label is not None and not _LABEL.fullmatch(data.label):
        raise _refused(
            gettext_noop(
                "A runner’s label at the measuring service must not be a name; use letters, digits and hyphens."
            )
        )


def _refused(sentence: str, **values: str) -> ProviderRefused:
    return ProviderRefused(sentence, values=values, code="bad_order")

"""Keep that two films show the same minute, so that their difference is noise."""

from __future__ import annotations

from dataclasses import asdict

from django.utils import timezone

from accounts.models import User
from analyses.changes import side_of
from analyses.compare import compare
from analyses.models import Analysis, Repeat
from analyses.readout import readout
from analyses.repeats import found_in


class NotOneMinute(Exception):
    """Two films that do not compare, or of two days, say nothing about repeatability."""


def keep_repeat(*, first: Analysis, second: Analysis, by: User) -> Repeat:
    """Use what two films of the same minute differ by from now on; done twice it is kept once. Raises NotOneMinute.

    Both come from `with_shoes()`.
    """
    if not is_one_minute(first, second):
        raise NotOneMinute
    side = side_of(first, readout(first))
    found = found_in(compare(side, side_of(second, readout(second))))
    kept, _ = Repeat.objects.get_or_create(
        first=first,
        second=second,
        defaults={
            "organization": first.organization,
            "on": timezone.localdate(first.ordered_at),
            "by": by,
            **side.conditions._asdict(),
            "differences": {key: asdict(one) for key, one in found.items()},
        },
    )
    return kept


def is_one_minute(first: Analysis, second: Analysis) -> bool:
    """Tell whether two films could show the same minute: one runner, one day, two films, the same conditions."""
    same_day = timezone.localdate(first.ordered_at) == timezone.localdate(second.ordered_at)
    alike = compare(side_of(first), side_of(second)).is_comparable
    return same_day and alike and first.subject_id == second.subject_id and first.clip_id != second.clip_id


def forget_repeat(*, repeat: Repeat) -> None:
    """Judge by the usual figures again, as far as this pair goes."""
    repeat.delete()

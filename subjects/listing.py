"""The list of runners in its orders."""

from __future__ import annotations

from django.db.models import F
from django.db.models.expressions import OrderBy

from accounts.questions import Word
from subjects.models import Subject, SubjectQuerySet

# By name, or by the last film; who was never filmed comes last.
SORTS: dict[str, tuple[str | OrderBy, ...]] = {
    "": ("name", "pk"),
    "recent": (F("filmed_at").desc(nulls_last=True), "name", "pk"),
}


def listed(archived: bool, sort: str, *words: Word) -> SubjectQuerySet:
    """The runners on the list, or those who are put aside, by all of these words; each with what a row shows of it."""
    rows = Subject.objects.exclude(archived_at=None) if archived else Subject.objects.active()
    return rows.matching(" ".join(words)).order_by(*SORTS[sort]).only("code", "name", "filmed_at")

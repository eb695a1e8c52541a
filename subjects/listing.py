"""The list of runners in its orders."""

from __future__ import annotations

from django.db.models import F
from django.db.models.expressions import OrderBy

from subjects.models import Subject, SubjectQuerySet

# By name, or by the last film; who was never filmed comes last.
SORTS: dict[str, tuple[str | OrderBy, ...]] = {
    "": ("name", "pk"),
    "recent": (F("filmed_at").desc(nulls_last=True), "name", "pk"),
}


def listed(archived: bool, sort: str) -> SubjectQuerySet:
    """The runners on the list, or those who are put aside."""
    rows = Subject.objects.exclude(archived_at=None) if archived else Subject.objects.active()
    return rows.order_by(*SORTS[sort])

"""What doing an import and undoing it share: one at a time, many runners at once, and each on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from accounts.models import AuditEntry, User
from accounts.record import pseudonym
from subjects.imports import judge
from subjects.models import ImportedRunner, RunnerImport, Subject

AT_ONCE = 500


class TooLate(Exception):
    """The import is no longer waiting, or no longer to be undone; nothing was written."""


def wait_for_others(run: RunnerImport) -> None:
    """Wait for every other import of the organisation, and have those that come after wait for this one.

    Raises TooLate for one that is forgotten.
    """
    runs = RunnerImport._base_manager.filter(organization=run.organization_id)  # a coach sees only their own
    if run.pk not in list(runs.order_by("pk").select_for_update().values_list("pk", flat=True)):
        raise TooLate
    run.refresh_from_db()


def set_values(subject: Subject, values: dict[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(subject, name, value)
    subject.updated_at = now


def save_runners(subjects: list[Subject]) -> None:
    fields = [name for name in judge.FIELDS if name not in judge.KEPT]
    Subject.objects.bulk_update(subjects, [*fields, "updated_at"], batch_size=AT_ONCE // 5)


def changed_fields(one: ImportedRunner) -> str:
    """Return the fields an import changed, for the record."""
    return ", ".join([*one.after, *(["groups"] if one.groups else [])])


def note_deeds(run: RunnerImport, deeds: list[tuple[Subject, str]], by: User) -> None:
    """Put on record for each runner that an import touched them, and which fields; never what stands in them."""
    AuditEntry.objects.create_all(
        [
            AuditEntry(
                organization=run.organization,
                by=by,
                action=AuditEntry.Action.CHANGED,
                about=about[:200],
                subject_key=pseudonym(subject.code),
            )
            for subject, about in deeds
        ]
    )


def chunks(values: list[Any]) -> Iterator[list[Any]]:
    for first in range(0, len(values), AT_ONCE):
        yield values[first : first + AT_ONCE]

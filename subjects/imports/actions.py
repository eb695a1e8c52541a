"""Take a list of runners in: keep the file for a look, write all of it or nothing, and take it back within a week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.models import AuditEntry, Organization, User
from accounts.record import pseudonym
from accounts.sealed import seal, unseal
from subjects.imports import columns, judge
from subjects.imports.table import Table, read_table, rows_of, text_of
from subjects.models import Group, ImportedRunner, RunnerImport, Subject, SubjectQuerySet

AT_ONCE = 500
MAX_NAME = 120


class TooLate(Exception):
    """The import is no longer waiting, or no longer to be undone; nothing was written."""


def begin_import(
    *, organization: Organization, file_name: str, data: bytes, group: Group | None = None, by: User
) -> RunnerImport:
    """Keep a file, encrypted and for two hours, until its lines were looked through. Raises NotATable."""
    table = read_table(data)
    has_headings, meanings = columns.guess(table.rows)
    return RunnerImport.objects.create(
        organization=organization,
        by=by,
        file_name=file_name[:MAX_NAME],
        sealed_text=seal(text_of(data)),
        has_headings=has_headings,
        columns=meanings,
        group=group,
    )


def table_of(run: RunnerImport) -> Table:
    """Return the rows of a waiting import's file. Raises TooLate."""
    if not run.sealed_text:
        raise TooLate
    return rows_of(unseal(run.sealed_text))


def lines_of(run: RunnerImport, *, among: SubjectQuerySet) -> judge.Judged:
    """Say what would become of each line now. Raises TooLate, judge.NoName."""
    return judge.judge(table_of(run), has_headings=run.has_headings, meanings=run.columns, among=among)


def set_columns(*, run: RunnerImport, meanings: list[str], has_headings: bool, group: Group | None) -> None:
    """Say what the columns mean, and where new runners go. Raises TooLate."""
    waiting = RunnerImport.objects.filter(pk=run.pk, status=RunnerImport.Status.WAITING)
    if not waiting.update(columns=meanings, has_headings=has_headings, group=group):
        raise TooLate


@transaction.atomic
def carry_out(*, run: RunnerImport, among: SubjectQuerySet, by: User) -> RunnerImport:
    """Write every line that can be, in one transaction; the file is forgotten with it. Raises TooLate, NoName.

    The lines are judged anew, under a lock: what another import wrote meanwhile is recognised, not doubled.
    """
    Organization.objects.select_for_update().get(pk=run.organization_id)
    run.refresh_from_db()
    judged = lines_of(run, among=among)
    now = timezone.now()
    done = {"status": RunnerImport.Status.DONE, "imported_at": now, "sealed_text": "", "counts": judged.counts}
    if not RunnerImport.objects.filter(pk=run.pk, status=RunnerImport.Status.WAITING).update(**done):
        raise TooLate
    made = _make(run, judged.of(judge.Fate.NEW))
    changed = _change(run, judged.of(judge.Fate.CHANGES), now)
    ImportedRunner.objects.bulk_create(made + changed, batch_size=AT_ONCE)
    _note(run, [(one.subject, "imported" if one.made else ", ".join(one.after)) for one in made + changed], by)
    run.refresh_from_db()
    return run


def _make(run: RunnerImport, lines: list[judge.Line]) -> list[ImportedRunner]:
    subjects = [Subject(organization=run.organization, **line.values) for line in lines]
    Subject.objects.bulk_create(subjects, batch_size=AT_ONCE)
    if run.group is not None:
        there = Subject.groups.through
        rows = [there(subject=subject, group=run.group) for subject in subjects]
        there._default_manager.bulk_create(rows, batch_size=AT_ONCE)
    return [
        ImportedRunner(organization=run.organization, of=run, subject=subject, made=True, after=line.values)
        for subject, line in zip(subjects, lines, strict=True)
    ]


def _change(run: RunnerImport, lines: list[judge.Line], now: datetime) -> list[ImportedRunner]:
    subjects = {one.pk: one for some in _chunks(lines) for one in _subjects([line.subject or 0 for line in some])}
    changed = []
    for line in lines:
        subject = subjects[line.subject or 0]
        _write(subject, line.after, now)
        changed.append(
            ImportedRunner(
                organization=run.organization,
                of=run,
                subject=subject,
                made=False,
                before=line.before,
                after=line.after,
            )
        )
    _save(list(subjects.values()))
    return changed


@transaction.atomic
def undo(*, run: RunnerImport, by: User) -> RunnerImport:
    """Remove the runners an import made and give back the fields it changed; who has something attached, or was
    changed since, stays and says so. Raises TooLate after a week, or when it was undone before.
    """
    Organization.objects.select_for_update().get(pk=run.organization_id)
    run.refresh_from_db()
    if not run.can_be_undone:
        raise TooLate
    rows = list(run.runners.select_related("subject").select_for_update(of=("self", "subject")))
    _say_who_stays(rows)
    going = [one for one in rows if not one.stayed]
    removed = [one.subject for one in going if one.made]
    restored = [one for one in going if not one.made]
    now = timezone.now()
    for one in restored:
        _write(one.subject, one.before, now)
    _save([one.subject for one in restored])
    _note(
        run,
        [(one, "import undone") for one in removed] + [(one.subject, ", ".join(one.before)) for one in restored],
        by,
    )
    for some in _chunks([one.pk for one in removed]):
        Subject.objects.filter(pk__in=some).delete()
    for some in _chunks([one.pk for one in restored]):
        ImportedRunner.objects.filter(pk__in=some).delete()
    ImportedRunner.objects.bulk_update([one for one in rows if one.stayed], ["stayed"], batch_size=AT_ONCE)
    counts = run.counts | {"removed": len(removed), "restored": len(restored), "stayed": len(rows) - len(going)}
    RunnerImport.objects.filter(pk=run.pk).update(status=RunnerImport.Status.UNDONE, undone_at=now, counts=counts)
    run.refresh_from_db()
    return run


def _say_who_stays(rows: list[ImportedRunner]) -> None:
    attached = _with_something({one.subject_id for one in rows if one.made})
    for one in rows:
        if one.subject_id in attached:
            one.stayed = ImportedRunner.Stayed.ATTACHED
        elif not all(judge.alike(name, getattr(one.subject, name), value) for name, value in one.after.items()):
            one.stayed = ImportedRunner.Stayed.CHANGED


def _with_something(subjects: set[int]) -> set[int]:
    """Return which of these runners any row points at, of whichever room; what is built later is found as well."""
    found: set[int] = set()
    for relation in Subject._meta.related_objects:
        other: Any = relation.related_model
        if other is ImportedRunner:
            continue
        name = relation.field.name
        for some in _chunks(sorted(subjects)):
            found.update(other._base_manager.filter(**{f"{name}__in": some}).values_list(name, flat=True))
    return found


def discard(*, run: RunnerImport) -> None:
    """Forget a file that is not to be imported; what was imported stays."""
    RunnerImport.objects.filter(pk=run.pk, status=RunnerImport.Status.WAITING).delete()


def forget_imports(*, now: datetime) -> int:
    """Forget files nobody imported, and what is needed only to undo once that is over; return how many rows."""
    waiting = RunnerImport.objects.filter(status=RunnerImport.Status.WAITING, at__lt=now - RunnerImport.KEPT_FOR)
    over = ImportedRunner.objects.filter(of__imported_at__lt=now - RunnerImport.UNDO_FOR)
    return sum(rows.delete()[0] for rows in (waiting, over))


def forget_waiting(*, organization: Organization) -> None:
    """Forget every file that still waits here: a runner who is erased may stand in it."""
    RunnerImport.objects.filter(organization=organization, status=RunnerImport.Status.WAITING).delete()


def _subjects(pks: list[int]) -> models.QuerySet[Subject]:
    return Subject.objects.filter(pk__in=pks).select_for_update()


def _write(subject: Subject, values: dict[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(subject, name, value)
    subject.updated_at = now


def _save(subjects: list[Subject]) -> None:
    fields = [name for name in judge.FIELDS if name not in judge.KEPT]
    Subject.objects.bulk_update(subjects, [*fields, "updated_at"], batch_size=AT_ONCE // 5)


def _note(run: RunnerImport, deeds: list[tuple[Subject, str]], by: User) -> None:
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


def _chunks(values: list[Any]) -> Iterator[list[Any]]:
    for first in range(0, len(values), AT_ONCE):
        yield values[first : first + AT_ONCE]

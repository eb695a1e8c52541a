"""Take a list of runners in: keep the file for a look, and write all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from accounts.models import Organization, User
from accounts.scoping import OrgOwnedQuerySet
from accounts.sealed import seal, unseal
from subjects.groups import save_group
from subjects.imports import columns, judge
from subjects.imports.joining import Groups
from subjects.imports.table import Table, read_table, rows_of, text_of
from subjects.imports.writing import (
    AT_ONCE,
    TooLate,
    changed_fields,
    chunks,
    note_deeds,
    save_runners,
    set_values,
    wait_for_others,
)
from subjects.models import Group, ImportedRunner, RunnerImport, Subject, SubjectQuerySet

MAX_NAME = 120


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


def lines_of(
    run: RunnerImport, *, among: SubjectQuerySet, groups: Iterable[Group] = (), makes_groups: bool = False
) -> judge.Judged:
    """Say what would become of each line now, for somebody who sees `groups` and may make others or not.

    Raises TooLate, judge.NoName.
    """
    may_join = Groups(groups, may_make=makes_groups)
    return judge.judge(table_of(run), has_headings=run.has_headings, meanings=run.columns, among=among, groups=may_join)


def set_columns(*, run: RunnerImport, meanings: list[str], has_headings: bool, group: Group | None) -> None:
    """Say what the columns mean, and where new runners go. Raises TooLate."""
    waiting = RunnerImport.objects.filter(pk=run.pk, status=RunnerImport.Status.WAITING)
    if not waiting.update(columns=meanings, has_headings=has_headings, group=group):
        raise TooLate


@transaction.atomic
def carry_out(
    *,
    run: RunnerImport,
    among: SubjectQuerySet,
    groups: OrgOwnedQuerySet[Group] | None = None,
    makes_groups: bool = False,
    by: User,
) -> RunnerImport:
    """Write every line that can be, in one transaction; the file is forgotten with it. Raises TooLate, NoName.

    The lines are judged anew, under a lock: what another import wrote meanwhile is recognised, not doubled.
    """
    wait_for_others(run)
    # A queryset has one answer for good; this one is asked under the lock.
    judged = lines_of(run, among=among, groups=() if groups is None else groups.all(), makes_groups=makes_groups)
    now = timezone.now()
    done = {"status": RunnerImport.Status.DONE, "imported_at": now, "sealed_text": "", "counts": judged.counts}
    if not RunnerImport.objects.filter(pk=run.pk, status=RunnerImport.Status.WAITING).update(**done):
        raise TooLate
    known = _known(judged)
    _make_groups(run, judged, by)
    made = _make(run, judged)
    changed = _change(run, judged, known, now)
    _put_into_groups(made + changed)
    ImportedRunner.objects.bulk_create(made + changed, batch_size=AT_ONCE)
    note_deeds(run, [(one.subject, "imported" if one.made else changed_fields(one)) for one in made + changed], by)
    run.refresh_from_db()
    return run


def _known(judged: judge.Judged) -> dict[int, Subject]:
    """Return the runners that are to be changed, locked before anything goes on record (Organization.held)."""
    lines = judged.of(judge.Fate.CHANGES)
    return {one.pk: one for some in chunks(lines) for one in _subjects([line.subject or 0 for line in some])}


def _make_groups(run: RunnerImport, judged: judge.Judged, by: User) -> None:
    """Make the groups that were proposed; an undo finds them by `made_groups`."""
    groups = judged.groups
    for plain in judged.new_groups:
        group = Group(organization=run.organization, name=groups.label(plain))
        groups.known[plain] = save_group(group=group, by=by)
        run.made_groups[str(group.pk)] = group.name
    RunnerImport.objects.filter(pk=run.pk).update(made_groups=run.made_groups)


def _make(run: RunnerImport, judged: judge.Judged) -> list[ImportedRunner]:
    lines, known = judged.of(judge.Fate.NEW), judged.groups.known
    subjects = [Subject(organization=run.organization, **line.values) for line in lines]
    Subject.objects.bulk_create(subjects, batch_size=AT_ONCE)
    otherwise = [run.group_id] if run.group_id else []
    return [
        ImportedRunner(
            organization=run.organization,
            of=run,
            subject=subject,
            made=True,
            after=line.values,
            groups=[known[plain].pk for plain in line.joins] or otherwise,
        )
        for subject, line in zip(subjects, lines, strict=True)
    ]


def _put_into_groups(touched: list[ImportedRunner]) -> None:
    there = Subject.groups.through
    rows = [there(subject=one.subject, group_id=group) for one in touched for group in one.groups]
    there._default_manager.bulk_create(rows, batch_size=AT_ONCE)


def _change(
    run: RunnerImport, judged: judge.Judged, subjects: dict[int, Subject], now: datetime
) -> list[ImportedRunner]:
    known = judged.groups.known
    changed = []
    for line in judged.of(judge.Fate.CHANGES):
        subject = subjects[line.subject or 0]
        set_values(subject, line.after, now)
        changed.append(
            ImportedRunner(
                organization=run.organization,
                of=run,
                subject=subject,
                made=False,
                before=line.before,
                after=line.after,
                groups=[known[plain].pk for plain in line.joins],
            )
        )
    save_runners(list(subjects.values()))
    return changed


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
    return Subject.objects.filter(pk__in=pks).order_by("pk").select_for_update()

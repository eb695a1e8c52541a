"""Take a list of runners in: keep the file for a look, write all of it or nothing, and take it back within a week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.models import AuditEntry, Organization, User
from accounts.record import pseudonym
from accounts.scoping import OrgOwnedQuerySet
from accounts.sealed import seal, unseal
from subjects.groups import delete_group, save_group
from subjects.imports import columns, judge
from subjects.imports.joining import Groups
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
    _wait_for_others(run)
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
    _note(run, [(one.subject, "imported" if one.made else _changed(one)) for one in made + changed], by)
    run.refresh_from_db()
    return run


def _wait_for_others(run: RunnerImport) -> None:
    """Wait for every other import of the organisation, and have those that come after wait for this one.

    Raises TooLate for one that is forgotten.
    """
    runs = RunnerImport._base_manager.filter(organization=run.organization_id)  # a coach sees only their own
    if run.pk not in list(runs.order_by("pk").select_for_update().values_list("pk", flat=True)):
        raise TooLate
    run.refresh_from_db()


def _known(judged: judge.Judged) -> dict[int, Subject]:
    """Return the runners that are to be changed, locked before anything goes on record (Organization.held)."""
    lines = judged.of(judge.Fate.CHANGES)
    return {one.pk: one for some in _chunks(lines) for one in _subjects([line.subject or 0 for line in some])}


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
        _write(subject, line.after, now)
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
    _save(list(subjects.values()))
    return changed


@transaction.atomic
def undo(*, run: RunnerImport, by: User) -> RunnerImport:
    """Remove the runners an import made and give back the fields it changed; who has something attached, or was
    changed since, stays and says so. Raises TooLate after a week, or when it was undone before.
    """
    _wait_for_others(run)
    if not run.can_be_undone:
        raise TooLate
    rows = list(run.runners.select_related("subject").order_by("subject").select_for_update(of=("self", "subject")))
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
        [(one, "import undone") for one in removed] + [(one.subject, _changed(one)) for one in restored],
        by,
    )
    _take_out_of_groups(restored)
    for some in _chunks([one.pk for one in removed]):
        Subject.objects.filter(pk__in=some).delete()
    for some in _chunks([one.pk for one in restored]):
        ImportedRunner.objects.filter(pk__in=some).delete()
    ImportedRunner.objects.bulk_update([one for one in rows if one.stayed], ["stayed"], batch_size=AT_ONCE)
    counts = run.counts | {"removed": len(removed), "restored": len(restored), "stayed": len(rows) - len(going)}
    counts["groups_removed"] = _remove_groups(run, by)
    RunnerImport.objects.filter(pk=run.pk).update(status=RunnerImport.Status.UNDONE, undone_at=now, counts=counts)
    run.refresh_from_db()
    return run


def _take_out_of_groups(restored: list[ImportedRunner]) -> None:
    """Take each runner out of the groups the import put them into; whoever left one since is not in it anyway."""
    there = Subject.groups.through._default_manager
    by_group: dict[int, list[int]] = {}
    for one in restored:
        for group in one.groups:
            by_group.setdefault(group, []).append(one.subject_id)
    for group, subjects in by_group.items():
        for some in _chunks(subjects):
            there.filter(group=group, subject__in=some).delete()


def _remove_groups(run: RunnerImport, by: User) -> int:
    """Remove the groups the import made, as long as nobody uses or has renamed them; return how many."""
    made = Group.objects.filter(organization=run.organization, pk__in=[int(pk) for pk in run.made_groups])
    going = [one for one in made if one.name == run.made_groups[str(one.pk)] and not _is_used(one)]
    for group in going:
        delete_group(group=group, by=by)
    return len(going)


def _is_used(group: Group) -> bool:
    """Whether there is somebody in it, or any row of whichever room points at it; other imports do not count."""
    if group.site_id:
        return True
    for relation in Group._meta.get_fields(include_hidden=True):
        other: Any = relation.related_model
        if not relation.auto_created or relation.concrete or other is RunnerImport:
            continue
        if other._base_manager.filter(**{relation.field.name: group.pk}).exists():  # type: ignore[union-attr]
            return True
    return False


def _say_who_stays(rows: list[ImportedRunner]) -> None:
    attached = _with_something({one.subject_id for one in rows if one.made})
    # What the import left empty for a new runner counts as well: somebody may have filled it since.
    empty = {one.name: one.get_default() for one in Subject._meta.fields if one.name in (*judge.FIELDS, "notes")}
    for one in rows:
        left = empty | one.after if one.made else one.after
        if one.subject_id in attached:
            one.stayed = ImportedRunner.Stayed.ATTACHED
        elif not all(judge.alike(name, getattr(one.subject, name), value) for name, value in left.items()):
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
    return Subject.objects.filter(pk__in=pks).order_by("pk").select_for_update()


def _write(subject: Subject, values: dict[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(subject, name, value)
    subject.updated_at = now


def _save(subjects: list[Subject]) -> None:
    fields = [name for name in judge.FIELDS if name not in judge.KEPT]
    Subject.objects.bulk_update(subjects, [*fields, "updated_at"], batch_size=AT_ONCE // 5)


def _changed(one: ImportedRunner) -> str:
    """Return the fields an import changed, for the record."""
    return ", ".join([*one.after, *(["groups"] if one.groups else [])])


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

"""Take an import back: the runners it made go, the fields it changed become what they were."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from subjects.groups import delete_group
from subjects.imports import judge
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
from subjects.models import Group, ImportedRunner, RunnerImport, Subject


@transaction.atomic
def undo(*, run: RunnerImport, by: User) -> RunnerImport:
    """Remove the runners an import made and give back the fields it changed; who has something attached, or was
    changed since, stays and says so. Raises TooLate after a week, or when it was undone before.
    """
    wait_for_others(run)
    if not run.can_be_undone:
        raise TooLate
    rows = list(run.runners.select_related("subject").order_by("subject").select_for_update(of=("self", "subject")))
    _say_who_stays(rows)
    going = [one for one in rows if not one.stayed]
    removed = [one.subject for one in going if one.made]
    restored = [one for one in going if not one.made]
    now = timezone.now()
    for one in restored:
        set_values(one.subject, one.before, now)
    save_runners([one.subject for one in restored])
    note_deeds(
        run,
        [(one, "import undone") for one in removed] + [(one.subject, changed_fields(one)) for one in restored],
        by,
    )
    _take_out_of_groups(restored)
    for some in chunks([one.pk for one in removed]):
        Subject.objects.filter(pk__in=some).delete()
    for some in chunks([one.pk for one in restored]):
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
        for some in chunks(subjects):
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
        for some in chunks(sorted(subjects)):
            found.update(other._base_manager.filter(**{f"{name}__in": some}).values_list(name, flat=True))
    return found

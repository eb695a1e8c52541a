"""What is done with runners."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.actions import record
from accounts.models import AuditEntry, Membership, User
from subjects.models import Group, Mark, Note, Subject


class NoGroup(Exception):
    """A coach who sees only their groups has none to put a new runner into."""


class Erased(Exception):
    """The runner was erased meanwhile."""


@transaction.atomic
def change_subject(*, subject: Subject, what: Collection[str], by: User) -> None:
    """Write these fields of a runner, and on record that a person changed them; the groups are the caller's to set.

    All else stays as it has become meanwhile, such as that the runner stays in the house. Raises Erased, keeping
    nothing: a row that is written whole would be back.
    """
    values = {name: getattr(subject, name) for name in what if name != "groups"}
    subject.updated_at = timezone.now()
    if not Subject.objects.filter(pk=subject.pk).update(**values, updated_at=subject.updated_at):
        raise Erased
    note_change(subject=subject, what=list(what), by=by)


def note_change(*, subject: Subject, what: list[str], by: User) -> None:
    """Put on record that a person changed a runner: which of the fields, never what stands in them."""
    record(
        organization=subject.organization,
        by=by,
        action=AuditEntry.Action.CHANGED,
        about=", ".join(what),
        runner=subject.code,
    )


def place_runner(*, subject: Subject, member: Membership, group: Group | None = None) -> None:
    """Put a new runner into a group; a coach's who sees only their groups into one of theirs, else it is lost to them.

    Without `group` that is the first of theirs by name. Raises NoGroup where they have none.
    """
    if group is None and member.sees_groups_only:
        group = first_group_of(member)
    if group is not None:
        group.subjects.add(subject)


def first_group_of(member: Membership) -> Group:
    """Return the group a coach's new runners go into unless they say otherwise. Raises NoGroup."""
    group = Group.objects.visible_to(member).filter(members=member).order_by("name", "pk").first()
    if group is None:
        raise NoGroup
    return group


@transaction.atomic
def archive_subject(*, subject: Subject, by: User) -> None:
    """Put a runner aside: out of the lists, nothing lost."""
    subject.archived_at = subject.archived_at or timezone.now()
    subject.save(update_fields=["archived_at", "updated_at"])
    note_change(subject=subject, what=["put aside"], by=by)


@transaction.atomic
def restore_subject(*, subject: Subject, by: User) -> None:
    """Take a runner back into the lists."""
    subject.archived_at = None
    subject.save(update_fields=["archived_at", "updated_at"])
    note_change(subject=subject, what=["taken back"], by=by)


def write_note(*, subject: Subject, text: str, by: User, on: date | None = None) -> Note:
    """Add a note to a runner's history, about today or another day."""
    day = on or timezone.localdate()
    return Note.objects.create(organization=subject.organization, subject=subject, by=by, text=text, on=day)


@transaction.atomic
def set_mark(
    *, subject: Subject, kind: str, by: User, on: date | None = None, level: int | None = None, text: str = ""
) -> Mark:
    """Put a mark on a day of a runner's history, today unless said otherwise; `level` is for pain alone, 0 to 10.

    The same mark on the same day is one: its form may be sent again where the answer was lost on the way.
    """
    Subject.objects.select_for_update().get(pk=subject.pk)
    said = {"kind": kind, "on": on or timezone.localdate(), "level": level, "text": text}
    same = Mark.objects.filter(subject=subject, **said).first()
    return same or Mark.objects.create(organization=subject.organization, subject=subject, by=by, **said)


def remove_mark(*, mark: Mark) -> None:
    """Take a mark off the history: it was a slip."""
    mark.delete()

"""What is done with groups: who is in them, who looks after them, and the places they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.actions import record
from accounts.models import AuditEntry, Membership, Organization, User
from accounts.questions import ask, rows
from subjects.actions import note_change
from subjects.models import Group, Site, Subject


@transaction.atomic
def save_group(*, group: Group, by: User) -> Group:
    """Make a group, or give it another name or place."""
    group.save()
    _record(group.organization, group.name, by)
    return group


@transaction.atomic
def delete_group(*, group: Group, by: User) -> None:
    """End a group; its runners and coaches stay, and whoever saw the runners through it alone does so no longer."""
    group.delete()
    _record(group.organization, f"{group.name} · removed", by)


@transaction.atomic
def set_coaches(*, group: Group, members: Iterable[Membership], by: User) -> None:
    """Say who looks after a group: where coaches see only their groups, they see its runners from now on."""
    before = set(group.members.select_related("user"))
    after = set(members)
    group.members.set(after)
    for one in sorted(before ^ after, key=lambda member: member.user.email):
        deed = "added" if one in after else "removed"
        _record(group.organization, f"{group.name} · {one.user.email} {deed}", by)


@transaction.atomic
def put_into_group(*, group: Group, subjects: Iterable[Subject], by: User) -> int:
    """Put runners into a group; return how many were not there before."""
    there = set(group.subjects.values_list("pk", flat=True))
    new = [one for one in subjects if one.pk not in there]
    group.subjects.add(*new)
    for one in new:
        note_change(subject=one, what=["groups"], by=by)
    return len(new)


@transaction.atomic
def take_out_of_group(*, group: Group, subject: Subject, by: User) -> None:
    group.subjects.remove(subject)
    note_change(subject=subject, what=["groups"], by=by)


@transaction.atomic
def save_site(*, site: Site, by: User) -> Site:
    """Make a place, or give it another name."""
    site.save()
    _record(site.organization, site.name, by)
    return site


@transaction.atomic
def delete_site(*, site: Site, by: User) -> None:
    """End a place; its groups stay."""
    site.delete()
    _record(site.organization, f"{site.name} · removed", by)


@transaction.atomic
def keep_coaches_to_groups(*, organization: Organization, wanted: bool, by: User) -> None:
    """Let coaches see only the runners of their groups, or everybody again."""
    Organization.objects.filter(pk=organization.pk).update(coaches_see_groups=wanted)
    _record(organization, "coaches see only their groups" if wanted else "coaches see all runners", by)


def _record(organization: Organization, about: str, by: User) -> None:
    record(organization=organization, by=by, action=AuditEntry.Action.GROUPS_CHANGED, about=about)


def groups_of_runner(runner: Subject) -> list[Group]:
    return rows(_of_runner, runner.pk)


def _of_runner(runner: int) -> QuerySet[Group]:
    return Group.objects.filter(subjects=runner)


def groups_of(runners: Iterable[Subject], groups: Iterable[Group]) -> dict[int, list[Group]]:
    """Return which of `groups` each runner is in, by the runner's number, in the order of `groups`. One query.

    A prefetch, which would say the same, begins a query of its own for each of the runners.
    """
    found: dict[int, list[Group]] = {runner.pk: [] for runner in runners}
    inside = defaultdict(list)
    if found:
        for group_id, runner in ask(_inside, *found):
            inside[group_id].append(runner)
    for group in groups:
        for runner in inside[group.pk]:
            found[runner].append(group)
    return found


def _inside(*runners: int) -> QuerySet[Any, Any]:
    pairs = Subject.groups.through._default_manager.filter(subject__in=runners)
    return pairs.values_list("group_id", "subject_id")

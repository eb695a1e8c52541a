"""What changes who may see what, and the record of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import wall
from accounts.models import AuditEntry, Membership, Organization, User
from accounts.record import pseudonym


class LastAdmin(Exception):
    """The organisation would be left without an admin."""


def record(
    *,
    organization: Organization,
    by: User | None,
    action: AuditEntry.Action,
    about: str = "",
    runner: UUID | None = None,
    strikes: Iterable[int] = (),
) -> AuditEntry:
    """Write down who did what; `about` names the thing, never a secret, and not the runner.

    `runner` is the code of the runner it was done with; `strikes` are the entries whose words it took out.
    """
    with wall.only(organization.pk):
        return AuditEntry.objects.create(
            organization=organization,
            by=by,
            action=action,
            about=about[:200],
            subject_key=pseudonym(runner) if runner else "",
            strikes=",".join(map(str, strikes)),
        )


def note_sign_in(*, user: User, **signal: Any) -> None:
    """Record a sign-in with every organisation the person works for."""
    for membership in user.memberships.select_related("organization"):
        record(organization=membership.organization, by=user, action=AuditEntry.Action.SIGN_IN)


@transaction.atomic
def add_member(
    *, organization: Organization, email: str, name: str, role: str, password: str | None, by: User | None
) -> Membership:
    """Give a person a role here, making their account if there is none; an existing account keeps its password."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name)
    membership, _ = Membership.objects.update_or_create(organization=organization, user=user, defaults={"role": role})
    record(organization=organization, by=by, action=AuditEntry.Action.MEMBER_ADDED, about=f"{user.email} · {role}")
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User) -> None:
    """Give a member another role. Raises LastAdmin rather than leave nobody who can manage the organisation."""
    _keep_an_admin(membership, losing=role != Membership.Role.ADMIN)
    membership.role = role
    membership.save(update_fields=["role"])
    about = f"{membership.user.email} · {role}"
    record(organization=membership.organization, by=by, action=AuditEntry.Action.ROLE_CHANGED, about=about)


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> None:
    """End a membership; the person's account and what they did stay. Raises LastAdmin."""
    _keep_an_admin(membership, losing=True)
    about = membership.user.email
    organization = membership.organization
    membership.delete()
    record(organization=organization, by=by, action=AuditEntry.Action.MEMBER_REMOVED, about=about)


def _keep_an_admin(membership: Membership, *, losing: bool) -> None:
    # The organisation's row is the lock: two admins who remove each other at once must not both succeed.
    Organization.objects.select_for_update().get(pk=membership.organization_id)
    others = Membership.objects.filter(organization=membership.organization, role=Membership.Role.ADMIN)
    if losing and membership.is_admin and not others.exclude(pk=membership.pk).exists():
        raise LastAdmin

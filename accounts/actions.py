"""What changes who may see what and how an organisation is set, and the record of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import wall
from accounts.models import AuditEntry, Invitation, Membership, Organization, User
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


@transaction.atomic
def leave(*, membership: Membership) -> None:
    """A member goes by their own wish. Raises LastAdmin."""
    remove_member(membership=membership, by=membership.user)


@transaction.atomic
def suspend(*, membership: Membership, by: User) -> None:
    """A member sees nothing of the organisation until they are readmitted. Raises LastAdmin."""
    _keep_an_admin(membership, losing=True)
    _set_suspended(membership, timezone.now(), by)


@transaction.atomic
def readmit(*, membership: Membership, by: User) -> None:
    _set_suspended(membership, None, by)


def _set_suspended(membership: Membership, at: datetime | None, by: User) -> None:
    membership.suspended_at = at
    membership.save(update_fields=["suspended_at"])
    about = f"{membership.user.email} · {'suspended' if at else 'readmitted'}"
    record(organization=membership.organization, by=by, action=AuditEntry.Action.MEMBER_SUSPENDED, about=about)


@transaction.atomic
def invite(
    *, organization: Organization, email: str, role: str, by: User, groups: Iterable[Any] = ()
) -> tuple[Invitation, str]:
    """Make a link by which the owner of an e-mail address becomes a member and looks after these groups.

    Return it with its secret.
    """
    invitation = Invitation(organization=organization, email=email.lower(), role=role, by=by)
    token = invitation.renew()
    invitation.save()
    invitation.groups.set(groups)
    about = " · ".join([email, role, *(group.name for group in groups)])
    record(organization=organization, by=by, action=AuditEntry.Action.MEMBER_INVITED, about=about)
    return invitation, token


def is_invited(*, organization: Organization, email: str) -> bool:
    return Invitation.objects.open().filter(organization=organization, email__iexact=email).exists()


def invitation_behind(*, token: str) -> Invitation | None:
    """Return the open invitation whose link holds this secret, while the link is good."""
    with wall.everything("the secret in the address names the invitation, not the person"):
        return Invitation.objects.known_by(token).select_related("organization", "by").first()


def invite_again(*, invitation: Invitation) -> str:
    """Give an open invitation a new link; the old one is dead."""
    token = invitation.renew()
    invitation.save(update_fields=["token_digest", "expires_at"])
    return token


def withdraw(*, invitation: Invitation) -> None:
    Invitation.objects.open().filter(pk=invitation.pk).update(withdrawn_at=timezone.now())


@transaction.atomic
def accept(
    *, invitation: Invitation, user: User | None, name: str = "", password: str | None = None
) -> Membership | None:
    """Make who followed the link a member, with a new account unless they have one; None if somebody was first.

    An account without a password can be signed in to by single sign-on alone.
    """
    taken = Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=timezone.now())
    if not taken:
        return None
    user = user or User.objects.create_user(invitation.email, password, name=name)
    # Who is a member by now stays what an admin has made them since.
    membership, _ = Membership.objects.get_or_create(
        organization=invitation.organization, user=user, defaults={"role": invitation.role}
    )
    membership.groups.add(*invitation.groups.all())
    about = f"{user.email} · {invitation.role}"
    record(organization=invitation.organization, by=user, action=AuditEntry.Action.MEMBER_ADDED, about=about)
    return membership


def join_by_address(*, email: str, name: str, user: User | None) -> User | None:
    """Make somebody who has proven their address a member wherever it is invited, with a new account if need be.

    Return their account; None where no good invitation waits for them.
    """
    joined = None
    with wall.everything("a proven address may be invited by any organisation"):
        waiting = Invitation.objects.open().filter(email__iexact=email, expires_at__gt=timezone.now())
        for invitation in waiting.select_related("organization").order_by("pk"):
            if membership := accept(invitation=invitation, user=joined or user, name=name):
                joined = membership.user
    return joined


@transaction.atomic
def change_name(*, user: User, name: str) -> None:
    """Call a person by another name, everywhere at once and on what they did before.

    Each organisation they work for can read in its record how they were called.
    """
    before = user.name
    if name == before:
        return
    user.name = name
    user.save(update_fields=["name"])
    for membership in user.memberships.select_related("organization"):
        about = f"{before[:90]} → {name[:90]}"
        record(organization=membership.organization, by=user, action=AuditEntry.Action.NAME_CHANGED, about=about)


@transaction.atomic
def ask_for_second_factor(*, organization: Organization, needed: bool, by: User) -> None:
    """Let nobody in without a second factor, or let everybody in again."""
    Organization.objects.filter(pk=organization.pk).update(needs_second_factor=needed)
    about = "second factor needed" if needed else "second factor not needed"
    record(organization=organization, by=by, action=AuditEntry.Action.SIGN_IN_RULES, about=about)


@transaction.atomic
def set_organization(*, organization: Organization, name: str, language: str, units: str, by: User) -> None:
    """Change how the organisation is called, and in what its pages for others are written."""
    organization.name, organization.language, organization.units = name, language, units
    organization.save(update_fields=["name", "language", "units"])
    record_settings(organization, f"{name} · {language or '–'} · {units}", by)


@transaction.atomic
def set_alert_addresses(*, organization: Organization, addresses: Iterable[str], by: User) -> None:
    """Say who gets mail about the organisation; nobody named means the admins."""
    organization.alert_addresses = list(addresses)
    organization.save(update_fields=["alert_addresses"])
    record_settings(organization, "alerts: " + (", ".join(organization.alert_addresses) or "admins"), by)


def record_settings(organization: Organization, about: str, by: User) -> None:
    """Write down that a setting of the organisation was changed, and to what."""
    record(organization=organization, by=by, action=AuditEntry.Action.SETTINGS_CHANGED, about=about)


def _keep_an_admin(membership: Membership, *, losing: bool) -> None:
    # The organisation's row is the lock: two admins who remove each other at once must not both succeed.
    Organization.held(membership.organization_id)
    admins = membership.organization.memberships.admins()
    if losing and set(admins.values_list("pk", flat=True)) == {membership.pk}:
        raise LastAdmin

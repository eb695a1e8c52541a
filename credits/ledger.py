"""Give, spend and give back credits: an append-only list of signed amounts."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Sum

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from credits.models import Entry


class NotEnoughCredits(Exception):
    """The balance is smaller than what was to be spent."""

    def __init__(self, *, needed: int, balance: int) -> None:
        super().__init__(f"{needed} needed, {balance} left")
        self.needed = needed
        self.balance = balance


def balance(organization: Organization) -> int:
    """The credits an organisation has: the sum of its ledger."""
    total = Entry.objects.filter(organization=organization).aggregate(total=Sum("amount"))["total"]
    return int(total or 0)


@transaction.atomic
def give(*, organization: Organization, amount: int, reason: str, by: User | None) -> Entry:
    """Add `amount` credits, with the reason on record."""
    entry = _add(organization, Entry.Kind.GIFT, amount, reference=f"gift:{uuid.uuid4()}", reason=reason, by=by)
    about = f"+{amount} · {reason}"
    record(organization=organization, by=by, action=AuditEntry.Action.CREDITS_GIVEN, about=about)
    return entry


@transaction.atomic
def take(*, organization: Organization, amount: int, reason: str, by: User) -> Entry:
    """Take `amount` credits back, with the reason on record. Raises NotEnoughCredits."""
    _lock_and_check(organization, amount)
    entry = _add(organization, Entry.Kind.TAKE, -amount, reference=f"take:{uuid.uuid4()}", reason=reason, by=by)
    about = f"−{amount} · {reason}"
    record(organization=organization, by=by, action=AuditEntry.Action.CREDITS_TAKEN, about=about)
    return entry


@transaction.atomic
def spend(*, organization: Organization, amount: int, reference: str, by: User | None) -> Entry | None:
    """Spend `amount` for `reference`; nothing for a free one. Raises NotEnoughCredits; twice is an IntegrityError."""
    if amount == 0:
        return None
    _lock_and_check(organization, amount)
    return _add(organization, Entry.Kind.SPEND, -amount, reference=reference, by=by)


@transaction.atomic
def give_back(*, organization: Organization, reference: str, reason: str) -> Entry | None:
    """Return what `reference` cost, once; None if it cost nothing or was returned before."""
    # Both entries are under the organisation's lock, so two workers cannot both find the return missing.
    Organization.objects.select_for_update().get(pk=organization.pk)
    entries = Entry.objects.filter(organization=organization, reference=reference)
    spent = entries.filter(kind=Entry.Kind.SPEND).first()
    if spent is None or entries.filter(kind=Entry.Kind.GIVE_BACK).exists():
        return None
    return _add(organization, Entry.Kind.GIVE_BACK, -spent.amount, reference=reference, reason=reason)


def rename_reference(*, organization: Organization, old: str, new: str) -> None:
    """Call what was paid for by another word, as when a runner is erased; amounts and dates stay."""
    Entry.objects.filter(organization=organization, reference=old).update(reference=new)


def _lock_and_check(organization: Organization, amount: int) -> None:
    # Only what makes credits fewer waits for this lock.
    Organization.objects.select_for_update().get(pk=organization.pk)
    left = balance(organization)
    if left < amount:
        raise NotEnoughCredits(needed=amount, balance=left)


def _add(
    organization: Organization,
    kind: Entry.Kind,
    amount: int,
    *,
    reference: str,
    reason: str = "",
    by: User | None = None,
) -> Entry:
    return Entry.objects.create(
        organization=organization, kind=kind, amount=amount, reference=reference, reason=reason, by=by
    )

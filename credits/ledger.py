"""Give, spend and give back credits: an append-only list of signed amounts.

Every change of an organisation's credits waits for the one before it (Organization.held), so sums are right until the
commit.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from credits import budgets, levels
from credits.models import Decision, Entry, GroupUse
from credits.refusals import NotEnoughCredits


@dataclass(frozen=True)
class Use:
    """What a credit is spent on: an analysis, its view, who measures, and the groups of the runner (number, name)."""

    analysis: uuid.UUID
    view: str
    service: str
    groups: Iterable[tuple[int, str]] = ()


def balance(organization: Organization) -> int:
    """The credits an organisation has: the sum of its ledger."""
    return Entry.objects.filter(organization=organization).total()


@transaction.atomic
def give(*, organization: Organization, amount: int, reason: str, by: User | None) -> Entry:
    """Add `amount` credits, with the reason on record."""
    Organization.held(organization.pk)
    entry = _add(organization, Entry.Kind.GIFT, amount, reference=f"gift:{uuid.uuid4()}", reason=reason, by=by)
    about = f"+{amount} · {reason}"
    record(organization=organization, by=by, action=AuditEntry.Action.CREDITS_GIVEN, about=about)
    return entry


@transaction.atomic
def take(*, organization: Organization, amount: int, reason: str, by: User) -> Entry:
    """Take `amount` credits back, with the reason on record. Raises NotEnoughCredits."""
    Organization.held(organization.pk)
    _refuse_more_than_there_is(organization, amount)
    entry = _add(organization, Entry.Kind.TAKE, -amount, reference=f"take:{uuid.uuid4()}", reason=reason, by=by)
    about = f"−{amount} · {reason}"
    record(organization=organization, by=by, action=AuditEntry.Action.CREDITS_TAKEN, about=about)
    return entry


@transaction.atomic
def spend(
    *, organization: Organization, amount: int, reference: str, by: User | None, use: Use | None = None
) -> Entry | None:
    """Spend `amount` for `reference`; nothing for a free one.

    Raises NotEnoughCredits, OverBudget where a month's budget has fewer left; twice is an IntegrityError.
    """
    if amount == 0:
        return None
    groups = list(use.groups) if use else []
    Organization.held(organization.pk)
    _refuse_more_than_there_is(organization, amount)
    budgets.refuse_over(organization, amount, by=by, groups=[number for number, _ in groups])
    also: dict[str, Any] = {"paid_for": use.analysis, "view": use.view, "service": use.service} if use else {}
    entry = _add(organization, Entry.Kind.SPEND, -amount, reference=reference, by=by, **also)
    GroupUse.objects.bulk_create(
        GroupUse(organization=organization, entry=entry, group_id=number, name=name) for number, name in groups
    )
    return entry


@transaction.atomic
def give_back(*, organization: Organization, reference: str, reason: str, by: User | None = None) -> Entry | None:
    """Return what `reference` cost, once; None if it cost nothing or was returned before."""
    # Both entries are under the organisation's lock, so two workers cannot both find the return missing.
    Organization.held(organization.pk)
    entries = Entry.objects.filter(organization=organization, reference=reference)
    spent = entries.filter(kind=Entry.Kind.SPEND).first()
    if spent is None or entries.filter(kind=Entry.Kind.GIVE_BACK).exists():
        return None
    also: dict[str, Any] = {"returns": spent, "paid_for": spent.paid_for, "view": spent.view, "service": spent.service}
    return _add(organization, Entry.Kind.GIVE_BACK, -spent.amount, reference=reference, reason=reason, by=by, **also)


@transaction.atomic
def decide(*, organization: Organization, reference: str, gives_back: bool, reason: str, by: User) -> Decision | None:
    """Give back what `reference` cost, or keep it as spent, once; None if that was decided or returned before."""
    Organization.held(organization.pk)
    spent = Entry.objects.filter(organization=organization, reference=reference).used().filter(decision=None).first()
    if spent is None:
        return None
    if gives_back:
        give_back(organization=organization, reference=reference, reason=reason, by=by)
    return Decision.objects.create(organization=organization, entry=spent, gives_back=gives_back, reason=reason, by=by)


def rename_reference(*, organization: Organization, old: str, new: str) -> None:
    """Call what was paid for by another word, as when a runner is erased; amounts and dates stay.

    What somebody wrote when they decided about it goes as well: it may name the runner.
    """
    entries = Entry.objects.filter(organization=organization, reference=old)
    Decision.objects.filter(entry__in=entries).update(reason="")
    entries.filter(by__isnull=False).update(reason="")
    entries.update(reference=new, paid_for=None)


def _refuse_more_than_there_is(organization: Organization, amount: int) -> None:
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
    **also: Any,
) -> Entry:
    fields = {"kind": kind, "amount": amount, "reference": reference, "reason": reason, "by": by, **also}
    entry = Entry.objects.create(organization=organization, **fields)
    levels.note(organization, balance(organization))
    return entry

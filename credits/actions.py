"""What an organisation decides about its credits: budgets, the level to be told at, and gifts two admins agree on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, Organization, User
from credits import ledger, levels
from credits.models import Ask, Budget, Entry, Rules

# Gifts of one admin within this time count together, or two halves would need nobody.
TOGETHER = timedelta(days=1)


class AskRefused(Exception):
    """It cannot be answered so; the sentence says why."""


class TooFewAdmins(Exception):
    """Nobody could agree: there is no second admin."""


def set_budget(*, budget: Budget, limit: int, by: User) -> Budget:
    """Give a member or a group this many credits a month from now on, in place of any budget before."""
    whose: dict[str, Any] = {"member": budget.member, "group": budget.group}
    with transaction.atomic():
        kept, _made = Budget.objects.update_or_create(
            organization=budget.organization, **whose, defaults={"limit": limit}
        )
        _note(budget.organization, by, f"budget of {kept}: {limit} a month")
    return kept


@transaction.atomic
def remove_budget(*, budget: Budget, by: User) -> None:
    """Let a member or a group use what there is."""
    budget.delete()
    _note(budget.organization, by, f"budget of {budget}: none")


@dataclass(frozen=True)
class Decided:
    """What became of a change of the rules; `ask` waits for another admin."""

    rules: Rules
    ask: Ask | None = None


@transaction.atomic
def change_rules(*, organization: Organization, low_at: int, agreed_above: int | None, by: User) -> Decided:
    """Keep what was decided. A looser rule about gifts waits for another admin. Raises TooFewAdmins."""
    organization = Organization.held(organization.pk)
    rules = Rules.of(organization)
    before = rules.agreed_above
    looser = before is not None and (agreed_above is None or agreed_above > before)
    admins = organization.memberships.admins()
    if agreed_above is not None and before is None and admins.count() < 2:
        raise TooFewAdmins
    if rules.low_at != low_at:
        rules.low_at = low_at
        _note(organization, by, f"told at {low_at}")
    if not looser and before != agreed_above:
        rules.agreed_above = agreed_above
        _note(organization, by, f"two admins above {agreed_above}")
    rules.save()
    levels.note(organization, ledger.balance(organization))
    return Decided(rules, _ask(organization, Ask.Kind.RULE, agreed_above, "", by) if looser else None)


@transaction.atomic
def give_or_ask(*, organization: Organization, amount: int, reason: str, by: User) -> Entry | Ask:
    """Give credits, or ask another admin where the organisation wants two for so many."""
    organization = Organization.held(organization.pk)
    above = Rules.of(organization).agreed_above
    if above is None or amount + _given_alone(organization, by) <= above:
        return ledger.give(organization=organization, amount=amount, reason=reason, by=by)
    return _ask(organization, Ask.Kind.GIFT, amount, reason, by)


@transaction.atomic
def answer_ask(*, ask: Ask, agreed: bool, by: User) -> Ask:
    """Agree or refuse, once, and not with oneself; what was agreed holds at once. Raises AskRefused."""
    Organization.held(ask.organization_id)
    ask = Ask.objects.select_related("organization", "by").get(pk=ask.pk)
    if ask.answered_at or ask.withdrawn_at:
        raise AskRefused(_("This was answered already."))
    if ask.by_id == by.pk:
        raise AskRefused(_("Another admin must answer this. You can withdraw it."))
    ask.answered_by, ask.answered_at, ask.agreed = by, timezone.now(), agreed
    if agreed and ask.kind == Ask.Kind.GIFT:
        # Its constraint says that a gift has an amount.
        ask.entry = ledger.give(organization=ask.organization, amount=ask.amount or 0, reason=ask.reason, by=ask.by)
    elif agreed:
        rules = Rules.of(ask.organization)
        rules.agreed_above = ask.amount
        rules.save()
    ask.save()
    _decided(ask, by, "agreed" if agreed else "refused")
    return ask


@transaction.atomic
def withdraw_ask(*, ask: Ask, by: User) -> None:
    """Take back one's own request. Raises AskRefused."""
    Organization.held(ask.organization_id)
    mine = Ask.objects.open().filter(pk=ask.pk, by=by)
    if not mine.update(withdrawn_at=timezone.now()):
        raise AskRefused(_("This was answered already."))
    _decided(ask, by, "withdrawn")


def _ask(organization: Organization, kind: Ask.Kind, amount: int | None, reason: str, by: User) -> Ask:
    # A second request about the rule takes the place of one's first.
    if kind == Ask.Kind.RULE:
        Ask.objects.open().filter(organization=organization, kind=kind, by=by).update(withdrawn_at=timezone.now())
    ask = Ask.objects.create(organization=organization, kind=kind, amount=amount, reason=reason, by=by)
    record(organization=organization, by=by, action=AuditEntry.Action.CREDITS_ASKED, about=_words(ask))
    return ask


def _given_alone(organization: Organization, by: User) -> int:
    """Return what a person gave within TOGETHER without anybody agreeing."""
    lately = Q(kind=Entry.Kind.GIFT, by=by, at__gt=timezone.now() - TOGETHER, ask=None)
    return Entry.objects.filter(lately, organization=organization).total()


def _note(organization: Organization, by: User, about: str) -> None:
    record(organization=organization, by=by, action=AuditEntry.Action.CREDIT_RULES, about=about)


def _decided(ask: Ask, by: User, outcome: str) -> None:
    about = f"{outcome}: {_words(ask)}"
    record(organization=ask.organization, by=by, action=AuditEntry.Action.CREDITS_DECIDED, about=about)


def _words(ask: Ask) -> str:
    if ask.kind == Ask.Kind.GIFT:
        return f"+{ask.amount} · {ask.reason}"
    return "two admins: no longer" if ask.amount is None else f"two admins above {ask.amount}"

"""Decide what becomes of the credit of an analysis that failed after it was started."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import AuditEntry, User
from analyses.models import Analysis
from credits import ledger
from credits.models import Decision


class CreditDecided(Exception):
    """Somebody was first, or there is nothing to decide; the sentence says so."""


@transaction.atomic
def decide_credit(*, analysis: Analysis, gives_back: bool, reason: str, by: User) -> Decision:
    """Give the credit back or keep it as spent, once, with the reason on record. Raises CreditDecided."""
    decision = None
    if analysis.status == Analysis.Status.FAILED:
        decision = ledger.decide(
            organization=analysis.organization,
            reference=analysis.reference,
            gives_back=gives_back,
            reason=reason,
            by=by,
        )
    if decision is None:
        raise CreditDecided(_("This was decided already."))
    record(
        organization=analysis.organization,
        by=by,
        action=AuditEntry.Action.CREDITS_DECIDED,
        about=f"{'given back' if gives_back else 'kept as spent'}: {analysis.price} · {reason}",
        runner=analysis.subject.code,
    )
    return decision

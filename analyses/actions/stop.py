"""Stop what is being measured for a runner, because it may not go on."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone, translation
from django.utils.functional import Promise

from analyses.actions.order import return_credit
from analyses.languages import settings_language
from analyses.leaving import is_house
from analyses.models import Analysis
from subjects.models import Subject


@transaction.atomic
def stop_analyses(*, subject: Subject, code: str, reason: Promise, kind: str = "", arrived: bool = True) -> int:
    """End what is under way for a runner, with `reason` in the language of each order; return how many.

    `kind` names the one service meant; empty: all. Without `arrived`, what a service already has goes on. A credit
    returns where nothing had been sent. A film on its way is held before its last bytes: it never arrives whole.
    """
    rows = Analysis.objects.filter(subject=subject).unfinished().select_related("account", "organization", "subject")
    # All of them before a credit of the first returns: its ledger's lock comes last (Organization.held).
    locked = rows.order_by("pk").select_for_update(of=("self",))
    meant = locked.filter(account__kind=kind) if kind else locked
    return sum(_stop(one, code, reason, arrived=arrived) for one in meant if arrived or not is_house(one.account))


def _stop(analysis: Analysis, code: str, reason: Promise, *, arrived: bool) -> bool:
    """Stop one; where a worker took the next step meanwhile it is looked at anew, or the film would leave after all."""
    while not analysis.is_finished:
        if analysis.status == Analysis.Status.SENDING and analysis.body_sent_at is None:
            # Its worker loses the row at the latest before the last bytes, and the next one finds it refused.
            taken = Analysis.objects.filter(pk=analysis.pk, status=analysis.status, body_sent_at=None)
            stopped = bool(taken.update(lease_until=None, due_at=timezone.now()))
        elif analysis.status == Analysis.Status.QUEUED or arrived:
            stopped = _end(analysis, code, reason)
        else:
            return False
        if stopped:
            return True
        analysis.refresh_from_db(fields=["status", "body_sent_at"])
    return False


def _end(analysis: Analysis, code: str, reason: Promise) -> bool:
    unsent = analysis.status == Analysis.Status.QUEUED
    # A coach reads it; whose wish it was may have read the page of a consent in another language.
    with transaction.atomic(), translation.override(settings_language(analysis.language)):
        changes = {"reason_code": code, "reason": str(reason), "finished_at": timezone.now(), "needs_person": False}
        if not analysis.move_to(Analysis.Status.FAILED, note=code, **changes):
            return False
        if unsent:
            return_credit(analysis, code)
    return True

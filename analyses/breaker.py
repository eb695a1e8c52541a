"""When a service gives no answer, stop asking it: one read now and then tells whether it is back.

The state stands on the account, so that all workers share it: `failures` in a row, `silent_since` the first of them,
and `ask_again_at` once there were too many. Until then nobody asks; at that moment one worker wins the right to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from analyses.models import Analysis, AnalysisQuerySet, ProviderAccount
from providers.base import Provider, ProviderError, ProviderUnavailable, StartUnsure

log = structlog.get_logger(__name__)

# Ours: one lost answer is bad luck, three in a row from all workers together are an outage.
OPENS_AFTER = 3
PAUSES_S = (10, 20, 40, 60)  # between two trials; the last is the longest a film waits once the service is back
TRIAL_S = 60  # whoever tries has so long; a worker that dies meanwhile delays the next trial by no more
LONGEST_HOLD_S = 300  # a service that asks for more is asked again after this
BUSY = "busy"  # it answers, and asks us to come back later
SILENT = "silent"  # our own refusal to ask
TOO_MANY = "too_many_in_flight"  # our own limit (providers/pacing.py)
OUR_OWN = {SILENT, TOO_MANY}
UNSURE_SILENT = "unsure_silent"  # a start without an answer, of which a person was told because nobody could be asked


@dataclass(frozen=True)
class Leave:
    """Leave to ask. `trial`: read something harmless first. `after_trouble`: an answer is worth writing down."""

    trial: bool = False
    after_trouble: bool = False


def worth_asking(rows: AnalysisQuerySet, now: datetime) -> AnalysisQuerySet:
    """Leave out what would not get through now: a silent service's, and orders that wait for an admin."""
    reachable = Q(account__ask_again_at=None) | Q(account__ask_again_at__lte=now)
    return rows.filter(reachable).exclude(status=Analysis.Status.QUEUED, account__paused_at__isnull=False)


def ask_leave(account: ProviderAccount) -> Leave:
    """Return how the service may be asked now. Raises ProviderUnavailable while it is left alone."""
    row = ProviderAccount.objects.filter(pk=account.pk)
    failures, ask_again_at = row.values_list("failures", "ask_again_at").get()
    if ask_again_at is None:
        return Leave(after_trouble=failures > 0)
    now = timezone.now()
    wait_s = (ask_again_at - now).total_seconds()
    if wait_s <= 0:
        # The old time in the filter is the lock: of all workers that come now, one tries.
        if row.filter(ask_again_at=ask_again_at).update(ask_again_at=now + timedelta(seconds=TRIAL_S)):
            return Leave(trial=True, after_trouble=True)
        wait_s = TRIAL_S
    raise ProviderUnavailable(
        "The measuring service does not answer just now; it is asked again soon.", code=SILENT, retry_after_s=wait_s
    )


def try_one_read(provider: Provider) -> None:
    """Ask for something that changes and costs nothing; a refusal is an answer too. Raises ProviderUnavailable."""
    try:
        provider.webhook()
    except ProviderUnavailable:
        raise
    except ProviderError as refused:
        log.info("service_answers_with_a_refusal", code=refused.code)


def note_error(account: ProviderAccount, error: ProviderError, leave: Leave) -> None:
    """Count a lost answer, and open the breaker when it is one too many; any other refusal is an answer."""
    if error.code in OUR_OWN:
        return
    if error.code == BUSY:
        _hold(account, getattr(error, "retry_after_s", None) or PAUSES_S[0])
    elif isinstance(error, ProviderUnavailable | StartUnsure):
        _count(account, leave)
    elif error.http_status is not None:
        note_answer(account, leave)


def note_answer(account: ProviderAccount, leave: Leave) -> None:
    """The service answers: close the breaker, and have everything go on that waited for it."""
    if not leave.after_trouble:
        return
    row = ProviderAccount.objects.filter(pk=account.pk)
    was_open = row.exclude(ask_again_at=None).exists()
    if row.update(failures=0, silent_since=None, ask_again_at=None) and was_open:
        log.info("service_answers_again", provider=account.kind)
        wake(account)


def wake(account: ProviderAccount) -> None:
    """Make due what waits for this service."""
    waiting = Q(status__in=(Analysis.Status.QUEUED, Analysis.Status.UNSURE)) | Q(
        status=Analysis.Status.RUNNING, reason_code__gt=""
    )
    now = timezone.now()
    Analysis.objects.filter(account=account, status=Analysis.Status.UNSURE, reason_code=UNSURE_SILENT).update(
        needs_person=False, due_at=now
    )
    Analysis.objects.filter(waiting, account=account, due_at__gt=now, needs_person=False).update(due_at=now)


def _hold(account: ProviderAccount, seconds: float) -> None:
    until = timezone.now() + timedelta(seconds=min(seconds, LONGEST_HOLD_S))
    row = ProviderAccount.objects.filter(pk=account.pk)
    row.filter(Q(ask_again_at=None) | Q(ask_again_at__lt=until)).update(ask_again_at=until)


def _count(account: ProviderAccount, leave: Leave) -> None:
    now = timezone.now()
    row = ProviderAccount.objects.filter(pk=account.pk)
    # No more than the column holds: a service may be gone for weeks.
    row.filter(failures__lt=1000).update(failures=F("failures") + 1)
    row.update(silent_since=Coalesce(F("silent_since"), now))
    failures = row.values_list("failures", flat=True).get()
    if failures < OPENS_AFTER:
        return
    # Calls that were under way when it opened tell nothing new; only the trial makes the pause longer.
    mine = row if leave.trial else row.filter(ask_again_at=None)
    pause_s = PAUSES_S[min(failures - OPENS_AFTER, len(PAUSES_S) - 1)]
    if mine.update(ask_again_at=now + timedelta(seconds=pause_s)) and not leave.trial:
        log.warning("service_is_silent", provider=account.kind, failures=failures)

"""Ask the provider how an analysis is doing, and do what its answer calls for."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from analyses import breaker
from analyses.actions.fetch import LEASE_S, fetch_result, leave_nothing_behind
from analyses.actions.pause import KEY_REFUSED, pause_orders
from analyses.models import Analysis, LeaseLost
from analyses.models.analysis import IN_LINE
from analyses.remote import provider_of, sentence_of
from analyses.waiting import no_answer_sentence, storage_sentence
from clips import storage
from providers.base import NotFound, ProviderError, ProviderRefused, ProviderUnavailable, State, Status

log = structlog.get_logger(__name__)

# Ours, for no time is published: quick at first, then patient; stalled after half an hour, given up on after a day.
POLLS = ((60, 3), (600, 15), (1800, 60))  # (until so many seconds after the start, ask again after so many)
STALLED_POLL_S = 3600
GIVE_UP_AFTER_S = 24 * 3600
AGAIN_AFTER_ERROR_S = 15
UNKNOWN_FOR_S = 3600  # ours: long enough for whoever entered a wrong key to see it
BEING_MEASURED = (Analysis.Status.RUNNING, Analysis.Status.STALLED)


def ask_again(*, analysis: Analysis) -> None:
    """Make the next look due now, also at what was given up on: a person asks. The caller enqueues the job."""
    row = Analysis.objects.filter(pk=analysis.pk)
    row.unfinished().update(due_at=timezone.now())
    # A start without an answer waits on: asking tells nothing about it.
    row.filter(status__in=BEING_MEASURED).update(needs_person=False)


def give_up_result(*, analysis: Analysis, by: User) -> bool:
    """A person ends what no result came of within a day; False when it is not so. An admin decides about its credit."""
    if not analysis.needs_person or analysis.status not in BEING_MEASURED:
        return False
    note = f"given up by person {by.pk}"
    return analysis.move_to(Analysis.Status.FAILED, note=note, needs_person=False, finished_at=timezone.now())


def check_analysis(*, analysis: Analysis) -> None:
    """Ask the provider once. Afterwards the analysis has its result, failed with a reason, or is due again later."""
    if analysis.status not in BEING_MEASURED or not analysis.lease(LEASE_S):
        return
    try:
        with provider_of(analysis.account) as provider:
            status = provider.status(analysis.remote_id)
            if status.state is State.SUCCEEDED:
                fetch_result(analysis, provider, status)
            elif status.state is State.FAILED:
                _fail(analysis, status)
            else:
                _wait(analysis, status)
    except LeaseLost:
        log.warning("lease_lost", analysis=str(analysis.code))
        leave_nothing_behind(analysis)
    except storage.TROUBLE as error:
        log.warning("storage_trouble", analysis=str(analysis.code), error=type(error).__name__)
        analysis.release(due_in_s=AGAIN_AFTER_ERROR_S, reason=storage_sentence(), reason_code="storage")
    except ProviderUnavailable as error:
        pause_s = min(max(AGAIN_AFTER_ERROR_S, error.retry_after_s or 0), breaker.LONGEST_HOLD_S)
        analysis.release(due_in_s=pause_s, reason=no_answer_sentence(), reason_code=error.code)
    except KEY_REFUSED as error:
        pause_orders(account=analysis.account, error=error)
        analysis.release(due_in_s=POLLS[-1][1], reason=sentence_of(error), reason_code=error.code)
    except NotFound as error:
        _wait_to_be_known(analysis, error)
    except ProviderError as error:
        _come_back(analysis, error)


def _wait(analysis: Analysis, status: Status) -> None:
    """No result yet: ask again, more rarely the longer it takes, and after a day ask a person."""
    age_s = analysis.age_s
    percentage = round(status.percentage) if status.percentage is not None else analysis.percentage
    news = {"percentage": percentage, "reason": "", "reason_code": IN_LINE if status.state is State.QUEUED else ""}
    if age_s > GIVE_UP_AFTER_S:
        _ask_person(analysis)
    elif age_s > settings.ANALYSIS_STALLED_AFTER_S:
        if analysis.status != Analysis.Status.STALLED:
            analysis.move_to(Analysis.Status.STALLED)
        analysis.release(due_in_s=STALLED_POLL_S, **news)
    else:
        pause_s = next((pause for until, pause in POLLS if age_s < until), POLLS[-1][1])
        analysis.release(due_in_s=pause_s, **news)


def _come_back(analysis: Analysis, error: ProviderError) -> None:
    """The service answers, and not with a result: ask again soon, and after a day ask a person."""
    if analysis.age_s > GIVE_UP_AFTER_S:
        _ask_person(analysis)
    elif isinstance(error, ProviderRefused):  # the numbers or a film come a moment after the word that they are there
        analysis.release(due_in_s=AGAIN_AFTER_ERROR_S, reason=no_answer_sentence(), reason_code=error.code)
    else:
        analysis.release(due_in_s=POLLS[-1][1], reason=sentence_of(error), reason_code=error.code)


def _ask_person(analysis: Analysis) -> None:
    text = _("No result came within a day. Ask the provider, or order again.")
    analysis.release(due_in_s=STALLED_POLL_S, needs_person=True, reason_code="no_result", reason=text)


def _wait_to_be_known(analysis: Analysis, error: NotFound) -> None:
    """What a service says it does not know it may not know yet, or not under the key of the moment; then it fails."""
    now = timezone.now()
    since = analysis.waiting_since if analysis.reason_code == error.code else None
    if since and (now - since).total_seconds() > UNKNOWN_FOR_S:
        _fail_unknown(analysis)
        return
    news = {"reason": sentence_of(error), "reason_code": error.code, "waiting_since": since or now}
    analysis.release(due_in_s=AGAIN_AFTER_ERROR_S, **news)


def _fail(analysis: Analysis, status: Status) -> None:
    """The provider could not measure it. What it cost stays spent: nobody says that it is refunded."""
    reason = status.reason
    if reason:
        text = reason.text
    else:
        text = _("The film could not be measured. Check that the whole runner is in view, in the right orientation.")
    code = reason.code if reason else "failed_without_reason"
    analysis.move_to(Analysis.Status.FAILED, note=code, reason_code=code[:40], reason=text, finished_at=timezone.now())


def _fail_unknown(analysis: Analysis) -> None:
    text = _("%(provider)s no longer knows this analysis. Order it again.")
    analysis.move_to(
        Analysis.Status.FAILED,
        note="not found at the provider",
        reason_code="not_found",
        reason=text % {"provider": analysis.account},
        finished_at=timezone.now(),
    )

"""What workers run: load the row, call the action. Every job may run twice or be lost; the row knows what is due."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from accounts import wall
from analyses import actions, breaker
from analyses.languages import settings_language
from analyses.models import Analysis, Beside, ProviderAccount
from analyses.reckoning import begin_check, carry_out
from credits.models import Check
from providers.base import ProviderError
from workers.hints import send_hint, waiting_hints

log = structlog.get_logger(__name__)

AT_ONCE = 200
SYNC_EVERY = timedelta(days=1)
FILM_JOB_S = 460  # longer than clips.probe.COPY_S, so that the program's own limit speaks first


def send_analysis(*, analysis_id: int) -> None:
    _run(actions.send_analysis, analysis_id)


def check_analysis(*, analysis_id: int) -> None:
    _run(_check, analysis_id)


def _check(*, analysis: Analysis) -> None:
    actions.check_analysis(analysis=analysis)
    hint_landings(analysis)


def picture_landings(*, analysis_id: int) -> None:
    _run(actions.picture_landings, analysis_id)


def look_up_start(*, analysis_id: int) -> None:
    _run(actions.look_up_start, analysis_id)


def check_webhook(*, account_id: int) -> None:
    """Look whether the service still knows our address; when it does not answer, the clock comes back to it."""
    with _at_work_for(account_id) as account:
        try:
            told = actions.check_webhook(account=account)
        except ProviderError as error:
            log.warning("webhook_not_checked", account_id=account_id, error=str(error))
        else:
            log.info("webhook_checked", account_id=account_id, told_again=told)


def sync_account(*, account_id: int) -> None:
    """Compare our books with a service's; when it does not answer, the clock comes back to it."""
    with _at_work_for(account_id) as account:
        try:
            there = actions.sync_account(account=account)
        except ProviderError as error:
            log.warning("not_synced", account_id=account_id, error=str(error))
        else:
            log.info("synced", account_id=account_id, differences=there)


@contextmanager
def _at_work_for(account_id: int) -> Iterator[ProviderAccount]:
    with wall.everything("the account says whose it is"):
        account = ProviderAccount.objects.select_related("organization").get(pk=account_id)
    with wall.only(account.organization_id):
        yield account


def make_beside(*, beside_id: int) -> None:
    with wall.everything("the row says whose it is"):
        beside = (
            Beside.objects.select_related("organization", "now__clip", "now__result", "before__clip", "before__result")
            .filter(pk=beside_id)
            .first()
        )
    if beside is not None:  # its runner was erased while the job waited
        with wall.only(beside.organization_id):
            actions.make_beside(beside=beside)


def check_credits(*, check_id: int) -> None:
    """Compare every organisation's ledger with what it paid for."""
    check = Check.objects.filter(pk=check_id, finished_at=None).first()
    if check is not None:
        with wall.everything("the check goes from one organisation to the next"):
            carry_out(check)


def hint_credit_check() -> int:
    """Have a worker compare the ledgers once a night. For the clock."""
    check = begin_check()
    return int(check is not None and send_hint(check_credits, queue="analyses", check_id=check.pk))


NEXT_STEP = {
    Analysis.Status.QUEUED: send_analysis,
    Analysis.Status.SENDING: send_analysis,
    Analysis.Status.UNSURE: look_up_start,
    Analysis.Status.RUNNING: check_analysis,
    Analysis.Status.STALLED: check_analysis,
}


def hint(analysis: Analysis) -> None:
    """Tell the workers after the commit that this row is due, if it is not finished.

    Best effort: the clock finds what is lost here.
    """
    if not analysis.is_finished:
        transaction.on_commit(lambda: _enqueue(analysis.pk, analysis.status), robust=True)


def hint_landings(analysis: Analysis) -> None:
    """Tell the workers that a result's landings are to be pictured, if they are. Who opens the page tells them anew."""
    if actions.landings_due(analysis):
        send_hint(picture_landings, queue="films", job_timeout_s=FILM_JOB_S, analysis_id=analysis.pk)


def hint_beside(beside: Beside) -> None:
    """Tell the workers after the commit that this picture and film are asked for."""
    transaction.on_commit(lambda: _enqueue_beside(beside.pk), robust=True)


def hint_besides() -> int:
    """Tell the workers about every picture and film that is asked for; return how many. For the clock."""
    due = Beside.objects.due(timezone.now()).order_by("asked_at").values_list("pk", flat=True)
    return sum(_enqueue_beside(pk) for pk in list(due[:AT_ONCE]))


def _enqueue_beside(pk: int) -> bool:
    return send_hint(make_beside, queue="films", job_timeout_s=FILM_JOB_S, beside_id=pk)


def hint_due() -> int:
    """Tell the workers about every row that is due and in nobody's hands; return how many.

    While they have as many hints before them as rows are due, they know: on a busy machine hints for what is done
    already would else pile up before those for what is not.
    """
    now = timezone.now()
    due = breaker.worth_asking(Analysis.objects.due(now), now).order_by("due_at").values_list("pk", "status")
    found = list(due[:AT_ONCE])
    if not found or waiting_hints("analyses") >= len(found):
        return 0
    return sum(_enqueue(pk, status) for pk, status in found)


def hint_webhooks() -> int:
    """Have a worker look at every webhook nobody has looked at for a day; return how many. For the clock."""
    due = _some(actions.webhooks_to_check(timezone.now()))
    return sum(send_hint(check_webhook, queue="analyses", account_id=pk) for pk in due)


def forget_calls() -> int:
    """Forget what the services called about long ago; return how many calls. For the clock."""
    return actions.forget_old_calls()


def hint_syncs() -> int:
    """Have a worker compare our books with each service's once a day; return how many. For the clock."""
    used = ProviderAccount.objects.exclude(analyses=None).distinct()
    now = timezone.now()
    due = _some(used.exclude(synced_at__range=(now - SYNC_EVERY, now)))
    return sum(send_hint(sync_account, queue="analyses", account_id=pk) for pk in due)


def _some(accounts: QuerySet[ProviderAccount]) -> list[int]:
    """Return AT_ONCE of them by lot: what does not answer stays due, and must not stand before the others for ever."""
    pks = list(accounts.values_list("pk", flat=True))
    return random.sample(pks, min(AT_ONCE, len(pks)))


def _enqueue(pk: int, status: str) -> bool:
    return send_hint(NEXT_STEP[Analysis.Status(status)], queue="analyses", analysis_id=pk)


def _run(action: Callable[..., None], analysis_id: int) -> None:
    with wall.everything("the row says whose it is"):
        rows = Analysis.objects.select_related("organization", "account", "subject", "clip")
        analysis = rows.filter(pk=analysis_id).first()
    if analysis is None:  # its runner was erased while the job waited
        return
    # The sentences a coach will read are written here, in the language the order was made in.
    with (
        wall.only(analysis.organization_id),
        translation.override(settings_language(analysis.language)),
        structlog.contextvars.bound_contextvars(analysis=str(analysis.code)),
    ):
        action(analysis=analysis)

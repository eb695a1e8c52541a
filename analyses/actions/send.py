"""Send the film of an ordered analysis to its provider: once, whatever happens on the way."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any, BinaryIO, cast

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analyses import breaker, waiting
from analyses.actions.order import return_credit
from analyses.actions.pause import STOPS_ORDERS, pause_orders
from analyses.models import Analysis, LeaseLost, ProviderAccount
from analyses.remote import ensure_subject, forget_subject, provider_of, sentence_of
from clips import storage
from clips.actions import open_original
from providers.base import (
    NotFound,
    Provider,
    ProviderError,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnavailable,
    StartOrder,
    StartUnsure,
    UnexpectedAnswer,
    View,
    WebhookNotConfigured,
)

log = structlog.get_logger(__name__)

LEASE_S = 60
RENEW_AFTER_S = 10
FIRST_CHECK_AFTER_S = 3  # as published: most finish in 10–30 s, poll every 3–5 s
LOOK_UP_AFTER_S = 5
STORAGE_PAUSE_S = 10
MISSING_FOR_S = 3600  # ours: a store that was not mounted, or restored with its last films missing, is seen to by then
PAUSES_S = (5, 15, 60, 180, 300)  # between tries while the provider does not answer


class _WatchedFilm:
    """A film being uploaded: keeps the row's lease alive, and writes down that the last bytes are about to leave.

    That note comes before the bytes: as long as it is missing, the provider cannot have the whole film, and sending
    it again is safe.
    """

    def __init__(self, film: BinaryIO, size_bytes: int, analysis: Analysis) -> None:
        self._film = film
        self._left = self._size = size_bytes
        self._analysis = analysis

    def read(self, size: int = -1) -> bytes:
        chunk = self._film.read(size)
        self._left -= len(chunk)
        is_all = self._left <= 0 or not chunk  # the file may be shorter than what was written down of it
        if is_all and self._analysis.body_sent_at is None:
            # Long enough for the slowest answer; who dies meanwhile is found as unsure after it. In one statement
            # with the lease: between two, the order could be stopped or be another worker's and leave all the same.
            self._analysis.keep_lease(LEASE_S, body_sent_at=timezone.now())
        elif self._analysis.lease_until and self._analysis.lease_until < timezone.now() + timedelta(
            seconds=LEASE_S - RENEW_AFTER_S
        ):
            self._analysis.keep_lease(LEASE_S)
        return chunk

    def seek(self, offset: int, whence: int = 0) -> int:
        position = self._film.seek(offset, whence)
        self._left = self._size - position
        return position

    def tell(self) -> int:
        return self._film.tell()


def send_analysis(*, analysis: Analysis) -> None:
    """Upload the film of a queued analysis, or settle one whose worker died while sending.

    Afterwards it runs, waits for another try, is unsure, or failed with a reason; a start is never sent twice.
    """
    if analysis.status == Analysis.Status.SENDING:
        _recover(analysis)
        return
    if analysis.status != Analysis.Status.QUEUED or analysis.account.paused_at or not analysis.lease(LEASE_S):
        return
    try:
        with provider_of(analysis.account, sends=analysis.subject) as provider:
            _start(analysis, provider)
    except LeaseLost:
        log.warning("lease_lost", analysis=str(analysis.code))
    except (ProviderError, *storage.TROUBLE) as error:
        # Whoever was so slow that another has the row must not put it back while that one sends the film.
        if not analysis.extend_lease(LEASE_S):
            log.warning("lease_lost", analysis=str(analysis.code))
        elif isinstance(error, ProviderError):
            _settle(analysis, error)
        else:
            _wait_for_storage(analysis, error)


def _recover(analysis: Analysis) -> None:
    """A worker died while sending: if the film cannot have arrived whole it is sent again, else it is looked up."""
    if not analysis.lease(LEASE_S):
        return
    # Read under the lease: the other may have gone on since this row was loaded.
    analysis.refresh_from_db(fields=["body_sent_at"])
    if analysis.body_sent_at is None:
        analysis.move_to(Analysis.Status.QUEUED, note="the worker died before the film was out")
    else:
        _become_unsure(analysis, "the worker died before the answer came")


def _start(analysis: Analysis, provider: Provider) -> None:
    subject_id = ensure_subject(provider, analysis.account, analysis.subject)
    order = StartOrder(
        view=cast(View, analysis.view),
        height_m=analysis.height_m,
        weight_kg=analysis.weight_kg,
        language=analysis.language,
        treadmill=analysis.treadmill,
        pace_s_per_km=analysis.pace_s_per_km,
        full_body=analysis.full_body,
        subject_id=subject_id,
        notify=analysis.account.webhook_registered_at is not None,
    )
    until = timezone.now() + timedelta(seconds=LEASE_S)
    if not analysis.move_to(Analysis.Status.SENDING, lease_until=until, body_sent_at=None):
        raise LeaseLost
    clip = analysis.clip
    with contextlib.closing(open_original(clip)) as film:
        watched = cast(BinaryIO, _WatchedFilm(film, clip.facts.size_bytes, analysis))
        started = provider.start(
            watched, filename=f"film.{clip.extension}", content_type=clip.content_type, order=order
        )
    if not begin_running(analysis, started.remote_id):
        _attach_late(analysis, started.remote_id)


def _attach_late(analysis: Analysis, remote_id: str) -> None:
    """The answer came after another worker had taken the row for one without an answer: what it names is this start.

    `body_sent_at` tells it from a later one, which a person may have begun meanwhile.
    """
    late = Analysis.objects.filter(
        pk=analysis.pk, status=Analysis.Status.UNSURE, body_sent_at=analysis.body_sent_at
    ).first()
    if late is not None:
        begin_running(late, remote_id)


def begin_running(analysis: Analysis, remote_id: str) -> bool:
    """The provider has it under `remote_id`; False when another worker was first, or this is another analysis there."""
    now = timezone.now()
    fields: dict[str, Any] = {
        "remote_id": remote_id,
        "started_at": now,
        "due_at": now + timedelta(seconds=FIRST_CHECK_AFTER_S),
        "reason_code": "",
        "reason": "",
        "waiting_since": None,
        "needs_person": False,
    }
    try:
        return analysis.move_to(Analysis.Status.RUNNING, **fields)
    except IntegrityError:  # one_analysis_per_remote_id: taken between the look-up and now
        return False


def _settle(analysis: Analysis, error: ProviderError) -> None:
    """Decide what a failed try means for the order."""
    log.warning("start_failed", analysis=str(analysis.code), code=error.code, provider=analysis.account.kind)
    arrived = analysis.status == Analysis.Status.SENDING and analysis.body_sent_at is not None
    if arrived and (isinstance(error, StartUnsure) or _tells_nothing(error)):
        _become_unsure(analysis, str(error))
    elif isinstance(error, ProviderUnavailable | StartUnsure):
        _wait(analysis, error)
    elif isinstance(error, NotFound):
        forget_subject(analysis.account, analysis.subject)
        _wait(analysis, error)
    elif isinstance(error, STOPS_ORDERS):
        pause_orders(account=analysis.account, error=error)
        _put_back(analysis, 0, note=str(error), reason_code=error.code, reason="")
    elif isinstance(error, ProviderRefused | ProviderMisconfigured):
        _fail_unstarted(analysis, error)
    else:
        raise error


def _tells_nothing(error: ProviderError) -> bool:
    """An answer nobody foresaw; a 4xx among them says all the same that nothing was started."""
    return isinstance(error, UnexpectedAnswer) and not 400 <= (error.http_status or 0) < 500


def _become_unsure(analysis: Analysis, note: str) -> None:
    due_at = timezone.now() + timedelta(seconds=LOOK_UP_AFTER_S)
    text = _("The film was sent, but no answer came back. We are checking whether it is being measured.")
    analysis.move_to(Analysis.Status.UNSURE, note=note, due_at=due_at, reason_code="unsure", reason=text)


def _wait(analysis: Analysis, error: ProviderError) -> None:
    """Back into the queue, with growing pauses; the coach reads since when the provider is silent."""
    analysis.account.refresh_from_db(fields=["ask_again_at"])
    since = analysis.waiting_since or timezone.now()
    text = waiting.silent_sentence(analysis.account, since)
    if error.code == breaker.BUSY:
        text = waiting.busy_sentence(analysis.account)
    elif error.code in (breaker.TOO_MANY, NotFound.code):  # our own limit, or an answer: nobody is silent
        text = ""
    fields = {"reason_code": "provider_unavailable", "reason": text, "waiting_since": since}
    _put_back(analysis, _pause_s(analysis, error), note=str(error), **fields)


def _wait_for_storage(analysis: Analysis, error: Exception) -> None:
    """The film could not be read whole, so it cannot have arrived whole: it is sent again soon.

    One that is not there at all when its order is an hour old was lost with its store: the order ends, its credit
    returns.
    """
    log.warning("storage_trouble", analysis=str(analysis.code), error=type(error).__name__)
    if analysis.body_sent_at is not None and analysis.status == Analysis.Status.SENDING:
        raise error
    age_s = (timezone.now() - analysis.ordered_at).total_seconds()
    if isinstance(error, FileNotFoundError) and age_s > MISSING_FOR_S:
        reason = _("This film is no longer here. Choose another one.")
        _end_unstarted(analysis, note="the film is missing in the store", reason_code="film_missing", reason=reason)
        return
    fields = {"reason_code": "storage", "reason": waiting.storage_sentence()}
    _put_back(analysis, STORAGE_PAUSE_S, note=type(error).__name__, **fields)


def _pause_s(analysis: Analysis, error: ProviderError) -> float:
    """As long as the provider asks for, or until the breaker tries again; else longer with every try."""
    asked_s: float = min(getattr(error, "retry_after_s", None) or 0, breaker.LONGEST_HOLD_S)
    if analysis.account.ask_again_at:
        until_asked_s = (analysis.account.ask_again_at - timezone.now()).total_seconds()
        return max(asked_s, min(until_asked_s, breaker.LONGEST_HOLD_S))
    tries = analysis.moves.filter(old=Analysis.Status.SENDING, new=Analysis.Status.QUEUED).count()
    return max(asked_s, PAUSES_S[min(tries, len(PAUSES_S) - 1)])


def _put_back(analysis: Analysis, pause_s: float, *, note: str, **fields: object) -> None:
    if analysis.status == Analysis.Status.SENDING:
        due_at = timezone.now() + timedelta(seconds=pause_s)
        analysis.move_to(Analysis.Status.QUEUED, note=note, due_at=due_at, **fields)
    else:
        analysis.release(due_in_s=pause_s, **fields)


def _fail_unstarted(analysis: Analysis, error: ProviderError) -> None:
    """Nothing was started: the order ends, its credit returns, the film stays."""
    if isinstance(error, WebhookNotConfigured):
        # The next order goes without calls; that a person orders again is the decision the contract asks for.
        ProviderAccount.objects.filter(pk=analysis.account_id).update(webhook_registered_at=None)
    _end_unstarted(analysis, note=str(error), reason_code=error.code, reason=sentence_of(error))


def _end_unstarted(analysis: Analysis, *, note: str, reason_code: str, reason: str) -> None:
    fields = {"reason_code": reason_code, "reason": reason, "finished_at": timezone.now()}
    with transaction.atomic():
        if analysis.move_to(Analysis.Status.FAILED, note=note, **fields):
            return_credit(analysis, reason_code)

"""Our own store does not answer for a moment: the film waits seconds, not until a dead worker's time is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError, EndpointConnectionError
from django.utils import timezone

from analyses import actions
from analyses.waiting import why_it_waits
from clips import storage
from credits import ledger
from providers.base import State
from tests.analyses.test_thread import fresh, make_due

SENTENCE = "Our film store does not answer just now; we keep trying."
TROUBLE = [
    ClientError({"Error": {"Code": "503"}}, "GetObject"),
    EndpointConnectionError(endpoint_url="http://127.0.0.1"),
    ConnectionResetError("reset"),
]


def broken(error):
    def fail(*args, **more):
        raise error

    return fail


@pytest.mark.parametrize("error", TROUBLE, ids=lambda error: type(error).__name__)
def test_a_film_that_cannot_be_read_is_sent_ten_seconds_later(order, service, monkeypatch, error):
    analysis = order()
    with monkeypatch.context() as broken_store:
        broken_store.setattr(storage, "open_file", broken(error))
        actions.send_analysis(analysis=analysis)
    assert (fresh(analysis).status, why_it_waits(fresh(analysis))) == ("queued", SENTENCE)
    with time_machine.travel(timezone.now() + timedelta(seconds=11), tick=True):
        actions.send_analysis(analysis=fresh(analysis))
    assert (fresh(analysis).status, fresh(analysis).reason, len(service.starts)) == ("running", "", 1)


def test_a_film_that_is_missing_for_an_hour_ends_the_order_and_returns_the_credit(
    order, account, service, organization, alice, clip
):
    ledger.give(organization=organization, amount=1, reason="start", by=alice)
    analysis = order(account=account)
    storage.delete(clip.original_key)
    actions.send_analysis(analysis=analysis)
    assert (fresh(analysis).status, why_it_waits(fresh(analysis))) == ("queued", SENTENCE)
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=True):
        actions.send_analysis(analysis=fresh(analysis))
    assert (fresh(analysis).status, fresh(analysis).reason) == (
        "failed",
        "This film is no longer here. Choose another one.",
    )
    assert (ledger.balance(organization), service.starts) == (1, [])


@pytest.mark.parametrize("error", TROUBLE, ids=lambda error: type(error).__name__)
def test_a_result_that_cannot_be_kept_is_fetched_again(order, service, monkeypatch, error):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    service.state = State.SUCCEEDED
    with monkeypatch.context() as broken_store:
        broken_store.setattr(storage, "put", broken(error))
        actions.check_analysis(analysis=make_due(analysis))
    assert (fresh(analysis).status, fresh(analysis).reason) == ("running", SENTENCE)
    with time_machine.travel(timezone.now() + timedelta(seconds=16), tick=True):
        actions.check_analysis(analysis=fresh(analysis))
    assert (fresh(analysis).status, fresh(analysis).reason) == ("succeeded", "")

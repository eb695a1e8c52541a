"""Calls to an organisation's own systems: never lost, signed, tried again, and given up in the end."""

from __future__ import annotations

import socket
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts import wall
from accounts.models import AuditEntry
from analyses.models import Analysis
from api import actions, calling, jobs
from api.actions import deliver
from api.models import Delivery, Endpoint, KeyedOrder
from privacy.actions import erase_subject
from privacy.disclosures import disclosures_of
from tests.api.conftest import tell

ENDED = ["analysis.succeeded", "analysis.failed"]


@pytest.fixture
def listening(organization, alice, receiver):
    """The endpoint of the receiver, and the secret that was shown."""
    return actions.add_endpoint(organization=organization, url=receiver.url, events=ENDED, by=alice)


def fail(analysis):
    return analysis.move_to(Analysis.Status.FAILED, reason_code="x", reason="It failed.", finished_at=timezone.now())


def test_an_ended_analysis_is_told_signed(listening, order, receiver):
    endpoint, secret = listening
    analysis = order()
    assert fail(analysis)
    assert tell(endpoint) == 1
    (said,) = receiver.verified(secret)
    assert said["type"] == "analysis.failed"
    assert said["data"] == {"analysis": str(analysis.code), "view": "side_view"}
    headers, body = receiver.calls[0]
    assert headers["Content-Type"] == "application/json"
    assert "Runner 01" not in body
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.outcome, delivery.tries) == ("done", "204", 1)
    assert tell(endpoint) == 0


def test_a_forged_call_does_not_pass_for_ours(listening, order, receiver):
    endpoint, _secret = listening
    fail(order())
    tell(endpoint)
    with pytest.raises(WebhookVerificationError):
        receiver.verified("whsec_" + "A" * 32)


def test_only_what_was_asked_for_is_told(listening, order):
    analysis = order()
    for step in ("sending", "running", "stalled", "running"):
        assert analysis.move_to(step)
    assert not Delivery.objects.exists()
    endpoint, _secret = listening
    Endpoint.objects.filter(pk=endpoint.pk).update(events=["analysis.started"])
    other = order(view="back_view")
    for step in ("sending", "running", "stalled", "running"):
        assert other.move_to(step)
    assert [delivery.event for delivery in Delivery.objects.all()] == ["analysis.started"]


def test_what_is_undone_is_not_told(listening, order):
    analysis = order()
    with transaction.atomic():
        fail(analysis)
        assert Delivery.objects.exists()
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_a_stranger_s_endpoint_hears_nothing(listening, order, charlie, receiver):
    theirs = charlie.memberships.get().organization
    endpoint, _ = actions.add_endpoint(organization=theirs, url=receiver.url, events=ENDED, by=charlie)
    fail(order())
    assert not Delivery.objects.filter(endpoint=endpoint).exists()


def test_a_call_that_was_not_taken_is_made_again_with_growing_pauses(listening, order, receiver, time_machine):
    endpoint, _secret = listening
    receiver.answers = [500, 503, 204]
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    fail(order())
    assert tell(endpoint) == 0
    assert (Delivery.objects.get().due_at - start).total_seconds() == 5
    assert tell(endpoint) == 0
    assert len(receiver.calls) == 1
    time_machine.shift(5)
    assert tell(endpoint) == 0
    assert Delivery.objects.get().outcome == "503"
    time_machine.shift(300)
    assert tell(endpoint) == 1
    ids = {headers["webhook-id"] for headers, _ in receiver.calls}
    assert (len(receiver.calls), len(ids)) == (3, 1)
    Endpoint.objects.get(failing_since=None)


def test_who_asks_for_a_pause_gets_it(listening, order, receiver, time_machine):
    endpoint, _secret = listening
    receiver.answers, receiver.headers = [429], {"Retry-After": "120"}
    time_machine.move_to(timezone.now(), tick=False)
    fail(order())
    tell(endpoint)
    assert (Delivery.objects.get().due_at - timezone.now()).total_seconds() == 120


def test_a_redirect_is_not_followed(listening, order, receiver):
    endpoint, _secret = listening
    receiver.answers, receiver.headers = [302], {"Location": receiver.url}
    fail(order())
    assert tell(endpoint) == 0
    assert len(receiver.calls) == 1
    assert Delivery.objects.get().outcome == "302"


def test_a_call_is_given_up_after_the_last_pause(listening, order, receiver, time_machine):
    endpoint, _secret = listening
    receiver.answers = [500]
    time_machine.move_to(timezone.now(), tick=False)
    fail(order())
    for _ in range(12):
        Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=None)
        tell(endpoint)
        time_machine.shift(86_401)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.tries, len(receiver.calls)) == ("given_up", 10, 10)


def test_an_address_that_fails_for_days_is_called_no_more(listening, order, receiver, time_machine):
    endpoint, _secret = listening
    receiver.answers = [500]
    time_machine.move_to(timezone.now(), tick=False)
    fail(order())
    tell(endpoint)
    time_machine.shift(timedelta(days=5, seconds=1))
    tell(endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.disabled_why, endpoint.disabled_at) == ("silent", timezone.now())
    fail(order(view="back_view"))
    assert Delivery.objects.count() == 1


def test_an_address_that_says_it_is_gone_is_called_no_more(listening, order, receiver):
    endpoint, _secret = listening
    receiver.answers = [410]
    fail(order())
    tell(endpoint)
    assert Endpoint.objects.get().disabled_why == "gone"


def test_a_dead_address_keeps_a_worker_only_once_a_minute(listening, order, receiver, time_machine):
    endpoint, _secret = listening
    receiver.close()
    time_machine.move_to(timezone.now(), tick=False)
    fail(order())
    fail(order(view="back_view"))
    assert tell(endpoint) == 0
    first, second = Delivery.objects.order_by("pk")
    assert (first.tries, first.outcome, second.tries) == (1, "ConnectError", 0)
    time_machine.shift(10)
    assert jobs.hint_due() == 0
    tell(endpoint)
    assert sum(delivery.tries for delivery in Delivery.objects.all()) == 1
    time_machine.shift(51)
    assert Endpoint.objects.with_work(timezone.now()).exists()


def test_an_address_that_answers_byte_by_byte_does_not_keep_a_worker(listening, order, receiver, monkeypatch):
    endpoint, _secret = listening
    monkeypatch.setattr(calling, "TOTAL_S", 0.3)
    receiver.never_ends = True
    fail(order())
    began = time.monotonic()
    assert tell(endpoint) == 0
    assert time.monotonic() - began < calling.TIMEOUT.read
    assert Delivery.objects.get().outcome == "TimeoutError"


def test_an_address_that_is_removed_during_a_call_is_called_no_more(listening, order, receiver, alice, monkeypatch):
    endpoint, _secret = listening
    fail(order())
    fail(order(view="back_view"))
    called = []

    def remove_it(*args, **how):
        called.append(how["message_id"])
        actions.remove_endpoint(endpoint=Endpoint.objects.get(pk=endpoint.pk), by=alice)
        return 204, None

    monkeypatch.setattr(deliver, "call", remove_it)
    jobs.deliver_due(endpoint_id=endpoint.pk)
    assert len(called) == 1


def test_the_former_secret_signs_for_a_day(listening, order, receiver, alice, time_machine):
    endpoint, former = listening
    new = actions.rotate_secret(endpoint=endpoint, by=alice)
    fail(order())
    tell(endpoint)
    assert receiver.verified(new) == receiver.verified(former)
    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))
    receiver.calls.clear()
    fail(order(view="back_view"))
    tell(endpoint)
    assert receiver.verified(new)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(former)


def test_the_secret_is_sealed(listening):
    _endpoint, secret = listening
    stored = Endpoint.objects.values_list("sealed_secret", flat=True).get()
    assert secret not in stored
    assert secret.startswith("whsec_")
    assert Webhook(secret)


def test_a_missed_call_is_told_again_under_the_same_id(listening, order, receiver):
    endpoint, secret = listening
    fail(order())
    tell(endpoint)
    delivery = Delivery.objects.get()
    actions.replay(delivery=delivery)
    assert tell(endpoint) == 1
    assert len(receiver.verified(secret)) == 2
    assert {headers["webhook-id"] for headers, _ in receiver.calls} == {delivery.message_id}


def test_all_that_was_missed_is_told_again(listening, order, receiver):
    endpoint, _secret = listening
    fail(order())
    fail(order(view="back_view"))
    Delivery.objects.update(status="given_up", tries=10)
    assert actions.replay_failed(endpoint=endpoint) == 2
    assert tell(endpoint) == 2


def test_switched_off_nothing_is_told_and_switched_on_what_waited_is(listening, order, alice, receiver):
    endpoint, _secret = listening
    fail(order())
    actions.switch_off(endpoint=endpoint, by=alice)
    assert tell(endpoint) == 0
    fail(order(view="back_view"))
    actions.switch_on(endpoint=endpoint, by=alice)
    assert tell(endpoint) == 1
    assert [entry.about for entry in AuditEntry.objects.filter(action="endpoint_changed").order_by("number")] == [
        "127.0.0.1 · added · analysis.succeeded, analysis.failed",
        "127.0.0.1 · switched off",
        "127.0.0.1 · switched on",
    ]


def test_a_test_can_be_sent(listening, receiver):
    endpoint, secret = listening
    actions.send_test(endpoint=endpoint)
    assert tell(endpoint) == 1
    (said,) = receiver.verified(secret)
    assert (said["type"], said["data"]) == ("endpoint.test", {})


def test_about_a_runner_who_stays_in_the_house_nothing_is_said_outside(listening, order, runner, receiver, monkeypatch):
    endpoint, _secret = listening
    runner.local_only = True
    runner.save()
    fail(order())
    assert tell(endpoint) == 1  # the receiver stands in the house
    outside(monkeypatch, "93.184.216.34")
    Endpoint.objects.filter(pk=endpoint.pk).update(url="https://outside.example/")
    called = []
    monkeypatch.setattr("api.actions.deliver.call", lambda *args, **kwargs: called.append(args))
    fail(order(view="back_view"))
    assert tell(endpoint) == 0
    withheld = Delivery.objects.get(status="withheld")
    assert (withheld.outcome, called) == ("stays_in_house", [])


def test_what_was_told_stands_among_disclosures_of(listening, order, runner, receiver):
    endpoint, _secret = listening
    fail(order())
    assert disclosures_of(runner) == []
    tell(endpoint)
    (left,) = disclosures_of(runner)
    assert (left.what, left.to) == ("A call that a film was measured", "127.0.0.1")


def test_with_the_runner_what_was_told_and_ordered_goes(listening, alices, order, clip, runner, alice, receiver):
    endpoint, _secret = listening
    asked = {"film": str(clip.code), "runner": str(runner.code), "view": "back_view"}
    alices.post("/analyses", asked, **{"Idempotency-Key": "k"})
    fail(Analysis.objects.get())
    tell(endpoint)
    order()
    erase_subject(subject=runner, by=alice)
    assert not Delivery.objects.exists()
    assert not KeyedOrder.objects.exists()
    assert Endpoint.objects.exists()


def outside(monkeypatch, *addresses):
    """Have every name lead to these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


def test_a_name_that_has_come_to_lead_into_the_house_is_not_called(organization, alice, order, monkeypatch):
    endpoint, _ = actions.add_endpoint(organization=organization, url="https://a.example/", events=ENDED, by=alice)
    outside(monkeypatch, "93.184.216.34", "10.0.0.7")
    called = []
    monkeypatch.setattr("api.actions.deliver.call", lambda *args, **kwargs: called.append(args))
    fail(order())
    assert tell(endpoint) == 0
    assert (Delivery.objects.get().outcome, called) == ("not_allowed", [])


def test_a_name_nobody_knows_is_asked_for_again_later(organization, alice, order, monkeypatch):
    def nobody(*_args, **_kwargs):
        raise socket.gaierror("no such host")

    endpoint, _ = actions.add_endpoint(organization=organization, url="https://a.example/", events=ENDED, by=alice)
    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    fail(order())
    assert tell(endpoint) == 0
    assert (Delivery.objects.get().outcome, Delivery.objects.get().status) == ("no_such_host", "waiting")


def test_a_worker_that_dies_at_a_call_does_not_make_it_again_at_once(listening, order, monkeypatch, time_machine):
    endpoint, _secret = listening
    time_machine.move_to(timezone.now(), tick=False)

    def killed(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("api.actions.deliver.call", killed)
    fail(order())
    with pytest.raises(KeyboardInterrupt):
        tell(endpoint)
    delivery = Delivery.objects.get()
    assert (delivery.tries, delivery.status) == (1, "waiting")
    assert delivery.due_at > timezone.now()


def test_old_calls_and_old_keys_are_forgotten(listening, order, alices, clip, runner, receiver, time_machine):
    endpoint, _secret = listening
    asked = {"film": str(clip.code), "runner": str(runner.code), "view": "back_view"}
    assert alices.post("/analyses", asked, **{"Idempotency-Key": "old"}).status_code == 201
    fail(order())
    tell(endpoint)
    assert jobs.forget() == 0
    time_machine.move_to(timezone.now() + timedelta(days=31))
    assert jobs.forget() == 2
    assert not Delivery.objects.exists()


def test_the_job_looks_at_one_organisation_alone(listening, order, receiver):
    endpoint, _secret = listening
    fail(order())
    with wall.nothing():
        jobs.deliver_due(endpoint_id=endpoint.pk)
        jobs.deliver_due(endpoint_id=0)
    assert Delivery.objects.get().status == "done"

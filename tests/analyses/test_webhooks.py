"""A provider's call is a hint: forged, doubled, late or for nobody, it changes nothing by itself."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import structlog
import structlog.testing
import time_machine
from django.utils import timezone

from analyses import actions, breaker, jobs, webhooks
from analyses.models import Analysis, WebhookCall
from providers.base import ProviderUnavailable
from tests.analyses.test_thread import fresh
from workers.hints import Ration


@pytest.fixture
def hints(monkeypatch):
    """The rows workers were told about."""
    told: list[int] = []
    monkeypatch.setattr(jobs, "hint", lambda analysis: told.append(analysis.pk))
    monkeypatch.setattr(webhooks, "HINTS", Ration(a_second=20))  # whatever the tests before took of it
    return told


@pytest.fixture
def address(service, engine_account):
    actions.register_webhook(account=engine_account)
    return service.registered.removeprefix("http://127.0.0.1:8000")


@pytest.fixture
def running(order, service, engine_account):
    analysis = order()
    actions.send_analysis(analysis=analysis)
    return fresh(analysis)


def call(client, address, **event):
    return client.post(address, json.dumps(event), content_type="application/json")


def test_a_call_makes_the_analysis_due_and_changes_nothing_else(client, address, running, hints):
    answer = call(client, address, event="analysis.completed", video_id=running.remote_id, status="success", sequence=3)
    assert answer.status_code == 200
    assert fresh(running).status == "running"
    assert fresh(running).due_at <= timezone.now()
    assert hints == [running.pk]


def test_an_order_made_after_registering_asks_for_calls(address, running, service):
    assert service.starts[0]["order"].notify is True


def test_without_the_secret_there_is_nothing(client, address, running):
    wrong = address[:-5] + "0000/"
    assert call(client, wrong, video_id=running.remote_id).status_code == 404
    assert not WebhookCall.objects.exists()


def test_a_call_about_nobody_is_answered_so_that_it_does_not_come_again(client, address, hints):
    assert call(client, address, event="analysis.started", video_id="unknown").status_code == 200
    assert WebhookCall.objects.get().outcome == "unknown"
    assert hints == []


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"\xff\xfe", b'{"sequence": 1e99}', b"[" * 5000])
def test_anything_that_comes_in_is_answered(client, address, body):
    assert client.post(address, body, content_type="application/json").status_code == 200


def test_a_call_that_is_too_long_is_refused_unread(client, address):
    assert client.post(address, b" " * 70_000, content_type="application/json").status_code == 413


def test_a_late_call_is_noted_and_nothing_more(client, address, running, hints):
    running.move_to("failed")
    call(client, address, event="analysis.progress", video_id=running.remote_id)
    assert WebhookCall.objects.get().outcome == "late"
    assert hints == []


def test_a_test_call_is_noted_as_such(client, address):
    call(client, address, event="webhook.test", sequence=0)
    assert WebhookCall.objects.get().outcome == "test"


def test_a_call_finds_its_analysis_where_organizations_share_a_key(client, address, charlie, running, hints):
    from analyses.models import ProviderAccount

    elsewhere = charlie.memberships.get().organization
    other = ProviderAccount.objects.create(organization=elsewhere, kind="engine")
    other.webhook_token = other.token_of_key
    other.save()
    call(client, address, event="analysis.progress", video_id=running.remote_id)
    assert hints == [running.pk]
    assert WebhookCall.objects.get().organization == running.organization


def test_only_post_is_heard(client, address):
    assert client.get(address).status_code == 405


def test_a_burst_is_noted_and_made_due_whole_and_hinted_at_in_part(client, address, running, hints, monkeypatch):
    monkeypatch.setattr(webhooks, "HINTS", Ration(a_second=0))
    assert [call(client, address, video_id=running.remote_id).status_code for _ in range(3)] == [200] * 3
    assert WebhookCall.objects.filter(outcome="asked").count() == 3
    assert fresh(running).due_at <= timezone.now()
    assert hints == []


def test_hints_are_given_out_evenly_and_a_few_at_once(time_machine):
    monday = timezone.now()
    time_machine.move_to(monday, tick=False)
    hints = Ration(a_second=20)
    assert [hints.take() for _ in range(4)] == [True, True, True, False]
    given = 0
    for _ in range(300):
        time_machine.shift(1 / 300)
        given += hints.take()
    assert given == pytest.approx(20, abs=1)
    time_machine.shift(60)
    assert [hints.take() for _ in range(4)] == [True, True, True, False]


def test_a_call_passes_what_is_made_for_pages(client, address, running, hints, django_assert_max_num_queries):
    with django_assert_max_num_queries(
        6
    ):  # three of the call, one for when the address was last called, and a savepoint
        answer = call(client, address, video_id=running.remote_id)
    assert "Vary" not in answer
    assert "Content-Security-Policy" not in answer
    assert (answer["X-Content-Type-Options"], answer["Content-Length"]) == ("nosniff", "0")


@pytest.mark.parametrize("said", ["", "call-17"])
def test_one_id_goes_from_the_call_to_the_job(client, address, running, monkeypatch, said):
    ids = []
    monkeypatch.setattr(
        jobs, "hint", lambda analysis: ids.append(structlog.contextvars.get_contextvars()["request_id"])
    )
    body = json.dumps({"video_id": running.remote_id})
    client.post(address, body, content_type="application/json", headers={"X-Request-ID": said} if said else {})
    assert ids == [said] if said else len(ids[0]) == 36
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_one_search_finds_the_order_its_jobs_the_service_s_calls_and_what_was_asked_of_it(
    client, address, order, service, hints, monkeypatch
):
    asked = []
    monkeypatch.setattr(service, "_fail", lambda: asked.append(structlog.contextvars.get_contextvars()["analysis"]))
    with structlog.testing.capture_logs() as lines:
        analysis = order()
        jobs.send_analysis(analysis_id=analysis.pk)
        call(client, address, video_id=fresh(analysis).remote_id)
        jobs.check_analysis(analysis_id=analysis.pk)
    code = str(analysis.code)
    assert [line["event"] for line in lines if line.get("analysis") == code] == ["ordered", "webhook"]
    assert asked == [code, code]  # each line of a request to the service is written with these
    assert "analysis" not in structlog.contextvars.get_contextvars()


def test_a_call_for_another_host_is_none_of_ours(client, address):
    assert (
        client.post(address, b"{}", content_type="application/json", headers={"Host": "else.example"}).status_code
        == 400
    )
    assert not WebhookCall.objects.exists()


def test_an_id_longer_than_any_is_about_nobody(client, address, running, hints):
    running.remote_id = "r" * 64
    running.save(update_fields=["remote_id"])
    call(client, address, event="analysis.progress", video_id="r" * 65)
    assert WebhookCall.objects.get().outcome == "unknown"
    assert hints == []


def test_an_address_with_a_character_no_database_takes_is_asked_of_none(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.post("/hooks/ochy/%00/", "{}", content_type="application/json").status_code == 404


def test_a_job_about_an_analysis_that_was_erased_does_nothing(db):
    jobs.check_analysis(analysis_id=987654321)


@pytest.mark.parametrize("age", [timedelta(seconds=5), timedelta(hours=1), timedelta(hours=2)])
def test_a_call_that_comes_while_the_service_is_asked_is_not_lost(client, address, running, service, monkeypatch, age):
    """What the look brings home may be older than what the call tells: the next one must not wait an hour for it."""
    asked = service.status

    def status(remote_id):
        said = asked(remote_id)
        call(client, address, event="analysis.completed", video_id=remote_id, status="success")
        return said

    with time_machine.travel(running.started_at + age, tick=True):
        actions.check_analysis(analysis=fresh(running))
        Analysis.objects.update(due_at=timezone.now())
        monkeypatch.setattr(service, "status", status)
        actions.check_analysis(analysis=fresh(running))
        assert fresh(running).status == ("running" if age < timedelta(hours=1) else "stalled")
        assert Analysis.objects.due(timezone.now()).filter(pk=running.pk).exists()


def test_who_asks_again_while_the_service_is_asked_is_not_put_off(running, service, monkeypatch):
    monkeypatch.setattr(service, "trouble", [ProviderUnavailable("no")])
    monkeypatch.setattr(breaker, "note_error", lambda *_: actions.ask_again(analysis=running))
    with time_machine.travel(running.started_at + timedelta(seconds=5), tick=True):
        actions.check_analysis(analysis=fresh(running))
        assert Analysis.objects.due(timezone.now()).filter(pk=running.pk).exists()

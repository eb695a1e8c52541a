"""An operator sees how the portal is doing, in numbers that name nobody; without the token there is no such page."""

from __future__ import annotations

import pytest
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisAway

from accounts.models import User
from analyses import actions
from api.actions import add_endpoint, send_test, switch_off
from api.models import Delivery
from coachportal import metrics
from providers import metering
from providers.metering import Count

TOKEN = {"HTTP_AUTHORIZATION": "Bearer a token for tests"}


class Queue:
    count = 3
    failed_job_registry = type("Registry", (), {"count": 1})

    def get_job_ids(self, *_):
        return []


@pytest.fixture(autouse=True)
def _redis(monkeypatch, settings):
    settings.METRICS_TOKEN = "a token for tests"
    monkeypatch.setattr(metrics.django_rq, "get_queue", lambda name: Queue())
    monkeypatch.setattr(metering, "counts", lambda url: [Count("engine", "read", "200", 7, 1.5)])


def numbers(client) -> dict[str, float]:
    answer = client.get("/metrics", **TOKEN)
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.parametrize("sent", [{}, {"HTTP_AUTHORIZATION": "Bearer wrong"}, {"HTTP_AUTHORIZATION": "Bearer "}])
def test_without_the_token_there_is_no_such_page(client, db, sent):
    assert client.get("/metrics", **sent).status_code == 404


def test_without_a_token_set_nobody_gets_in(client, db, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer ").status_code == 404


def test_orders_queues_and_requests_are_counted(client, order):
    order()
    found = numbers(client)
    assert found['portal_analyses{state="queued"}'] == 1
    assert found["portal_analyses_overdue_seconds"] >= 0
    assert found['portal_queue_jobs{queue="analyses"}'] == 3
    assert found['portal_provider_requests_total{kind="read",outcome="200",service="engine"}'] == 7
    assert found['portal_provider_request_seconds_total{kind="read",outcome="200",service="engine"}'] == 1.5
    assert found["portal_redis_up"] == 1


def test_without_redis_the_rest_is_still_told(client, order, monkeypatch):
    order()

    def away(name):
        raise RedisAway

    monkeypatch.setattr(metrics.django_rq, "get_queue", away)
    found = numbers(client)
    assert found["portal_redis_up"] == 0
    assert found['portal_analyses{state="queued"}'] == 1


def test_calls_that_wait_to_be_made_are_counted(client, organization, alice, time_machine):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    for name in ("on", "off"):
        url = f"https://{name}.example/"
        endpoint, _ = add_endpoint(organization=organization, url=url, events=["runner.erased"], by=alice)
        for _ in range(2):
            send_test(endpoint=endpoint)
    switch_off(endpoint=endpoint, by=alice)
    time_machine.shift(30)
    found = numbers(client)
    assert found["portal_calls_out_waiting"] == 2
    assert found["portal_calls_out_overdue_seconds"] == pytest.approx(30)
    Delivery.objects.update(tries=1)
    found = numbers(client)
    assert found["portal_calls_out_waiting"] == 2
    assert found["portal_calls_out_overdue_seconds"] == 0


def test_no_number_names_anybody(client, order, runner, organization, alice):
    analysis = order()
    actions.cancel_order(analysis=analysis, by=alice)
    told = client.get("/metrics", **TOKEN).content.decode()
    assert "portal_analyses" in told
    for name in (runner.name, organization.name, alice.email, str(analysis.code)):
        assert name not in told


def test_the_operator_s_page_is_for_staff(client, as_alice, order):
    order()
    assert client.get("/operator/")["Location"].startswith("/accounts/login/")
    assert as_alice.get("/operator/").status_code == 403
    client.force_login(User.objects.create_user("operator@example.com", "a long password", is_staff=True))
    page = client.get("/operator/").content.decode()
    assert "portal_analyses" in page
    assert "Analyses by state." in page

"""The clock goes on while what it leans on is away."""

from __future__ import annotations

import signal

import pytest
from botocore.exceptions import EndpointConnectionError
from django.core.management import call_command
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisAway

from coachportal.cron import Turn
from coachportal.management.commands import clock

pytestmark = pytest.mark.django_db  # each turn looks at the connections there are


@pytest.fixture(autouse=True)
def signals():
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    "trouble",
    [OperationalError("away"), RedisAway("away"), EndpointConnectionError(endpoint_url="http://s3"), OSError("full")],
    ids=["database", "redis", "store", "disk"],
)
def test_what_is_away_costs_its_own_turn_alone(monkeypatch, trouble):
    done = []

    def break_off():
        raise trouble

    def stop():
        done.append("the turn after it")
        signal.raise_signal(signal.SIGTERM)
        return 0

    monkeypatch.setattr(clock, "TURNS", (Turn("breaks", 1, break_off), Turn("stops", 1, stop)))
    call_command("clock")
    assert done == ["the turn after it"]


def test_a_bug_is_not_passed_over(monkeypatch):
    def broken():
        raise KeyError("a bug")

    monkeypatch.setattr(clock, "TURNS", (Turn("breaks", 1, broken),))
    with pytest.raises(KeyError, match="a bug"):
        call_command("clock")

"""The clock goes on while what it leans on is away."""

from __future__ import annotations

import inspect
import signal
from importlib import import_module
from importlib.util import find_spec

import pytest
from botocore.exceptions import EndpointConnectionError
from django.conf import settings
from django.core.management import call_command
from django.db import InternalError, OperationalError
from redis.exceptions import ConnectionError as RedisAway

from coachportal.clock_set_back import free_what_lies_ahead
from coachportal.cron import TURNS, Turn
from coachportal.management.commands import clock

# Each turn looks at the connections there are.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signals")]


def test_every_turn_that_a_room_offers_is_taken():
    offered = [free_what_lies_ahead]
    for jobs in map(import_module, filter(find_spec, (f"{room}.jobs" for room in settings.ROOMS))):
        own = [one for _, one in inspect.getmembers(jobs, inspect.isfunction) if one.__module__ == jobs.__name__]
        offered += [one for one in own if not inspect.signature(one).parameters]  # what takes a row's number is a job
    assert len(offered) >= 19
    assert sorted(map(repr, offered)) == sorted(repr(turn.do) for turn in TURNS)


@pytest.mark.parametrize(
    "trouble",
    [
        OperationalError("away"),
        InternalError("cannot execute UPDATE in a read-only transaction"),
        RedisAway("away"),
        EndpointConnectionError(endpoint_url="http://s3"),
        OSError("full"),
    ],
    ids=["database", "read-only database", "redis", "store", "disk"],
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

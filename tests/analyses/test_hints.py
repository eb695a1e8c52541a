"""What the clock tells the workers: every row that is due, and not again while they have not come to it."""

from __future__ import annotations

import pytest
from django.utils import timezone
from redis.exceptions import ConnectionError as NoRedis

from analyses import jobs
from analyses.models import Analysis
from clips.models import Clip


@pytest.fixture
def told(monkeypatch):
    told: list[int] = []
    monkeypatch.setattr(jobs, "_enqueue", lambda pk, status: told.append(pk) is None)
    return told


@pytest.fixture
def queue(monkeypatch):
    """How many hints wait; an exception instead of a number is raised."""
    waits = {"analyses": 0}

    class Queue:
        @property
        def count(self) -> int:
            if isinstance(waits["analyses"], Exception):
                raise waits["analyses"]
            return waits["analyses"]

    monkeypatch.setattr("workers.hints._queue", lambda name: Queue())
    return waits


@pytest.fixture
def due(order, clip):
    """Three rows that are due."""
    rows = [order()]
    for number in range(2):
        fields = {field.attname: getattr(clip, field.attname) for field in Clip._meta.concrete_fields}
        again = Clip(**{**fields, "id": None, "code": None, "folder": f"films/{number}"})
        again.code = Clip._meta.get_field("code").get_default()
        again.save()
        rows.append(order(clip=again))
    Analysis.objects.update(due_at=timezone.now())
    return [row.pk for row in rows]


def test_every_row_that_is_due_is_told_of(due, told, queue):
    assert jobs.hint_due() == 3
    assert sorted(told) == due


@pytest.mark.parametrize(("waiting", "sent"), [(0, 3), (2, 3), (3, 0), (200, 0)])
def test_workers_who_have_not_come_to_their_hints_get_no_more(due, told, queue, waiting, sent):
    queue["analyses"] = waiting
    assert jobs.hint_due() == sent


def test_a_redis_that_says_nothing_holds_nobody_up(due, told, queue):
    queue["analyses"] = NoRedis("away")
    assert jobs.hint_due() == 3


@pytest.mark.django_db
def test_nothing_is_asked_of_redis_while_nothing_is_due(told, queue):
    queue["analyses"] = AssertionError("asked")
    assert jobs.hint_due() == 0

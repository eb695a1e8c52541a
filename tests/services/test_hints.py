"""Hints to workers, in a real Redis: one while it waits or is at work, and a new one as soon as that is done."""

from __future__ import annotations

import pytest
from redis import Redis
from rq import Queue, SimpleWorker

from workers import hints

pytestmark = pytest.mark.services

told_at_work: list[bool] = []


def take(*, analysis_id: int) -> None:
    told_at_work.append(hint())


def hint() -> bool:
    return hints.send_hint(take, queue="analyses", analysis_id=7)


@pytest.fixture
def worker(redis_server, monkeypatch, time_machine, signals):
    """A worker of an empty queue, at one moment: what is hinted at twice is hinted at within a quarter of a minute."""
    connection = Redis.from_url(redis_server)
    queue = Queue("hinted", connection=connection)
    queue.empty()
    told_at_work.clear()
    monkeypatch.setattr(hints, "_queue", lambda name: queue)
    time_machine.move_to("2026-11-22 14:00:00Z", tick=True)
    return SimpleWorker([queue], connection=connection)


def test_a_hint_that_waits_is_not_doubled(worker):
    assert [hint(), hint()] == [True, False]
    worker.work(burst=True)
    assert told_at_work == [False]


def test_what_is_told_after_the_work_is_done_is_worked_on_at_once(worker):
    """A service calls twice within seconds: that it began, and that it is done."""
    for _ in range(2):
        assert hint()
        worker.work(burst=True)
    assert told_at_work == [False, False]

"""What the clock tells the workers: every row that is due, and not again while they have not come to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation
from redis.exceptions import ConnectionError as NoRedis

from accounts import wall
from analyses import jobs
from analyses.models import Analysis
from clips.models import Clip
from workers.hints import send_hint


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


def test_a_row_that_is_not_due_yet_is_not_told_of(due, told, queue):
    Analysis.objects.filter(pk=due[0]).update(due_at=timezone.now() + timedelta(minutes=1))
    assert jobs.hint_due() == 2
    assert sorted(told) == due[1:]


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


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "steps"),
    [
        ("queued", ["send_analysis"]),
        ("sending", ["send_analysis"]),
        ("unsure", ["look_up_start"]),
        ("running", ["check_analysis"]),
        ("stalled", ["check_analysis"]),
        ("succeeded", []),
        ("failed", []),
    ],
)
def test_of_a_row_the_next_step_is_told_after_the_commit(
    monkeypatch, django_capture_on_commit_callbacks, status, steps
):
    sent = []
    monkeypatch.setattr(jobs, "send_hint", lambda step, **row: sent.append((step.__name__, row)))
    with django_capture_on_commit_callbacks(execute=True) as after:
        jobs.hint(Analysis(pk=7, status=status))
        assert sent == []
    assert len(after) == len(steps)
    assert sent == [(step, {"queue": "analyses", "analysis_id": 7}) for step in steps]


def test_a_hint_that_redis_does_not_take_is_lost_without_an_error(monkeypatch):
    class Queue:
        def enqueue(self, *args, **more):
            raise NoRedis("away")

    monkeypatch.setattr("workers.hints._queue", lambda name: Queue())
    assert send_hint(jobs.send_analysis, queue="analyses", analysis_id=7) is False


@pytest.mark.parametrize("step", ["send_analysis", "check_analysis", "look_up_start"])
def test_a_job_takes_its_step_with_its_own_row_alone(due, monkeypatch, step):
    taken = []
    monkeypatch.setattr(jobs.actions, step, lambda *, analysis: taken.append(analysis.pk))
    for pk in (due[1], 0):  # of the second the runner was erased
        getattr(jobs, step)(analysis_id=pk)
    assert taken == [due[1]]


def test_a_job_sees_the_organisation_of_its_row_alone_and_speaks_the_language_of_the_order(
    due, organization, monkeypatch
):
    seen = []
    monkeypatch.setattr(
        jobs.actions, "check_analysis", lambda *, analysis: seen.append((wall.in_sight(), translation.get_language()))
    )
    Analysis.objects.filter(pk=due[0]).update(language="zh")
    jobs.check_analysis(analysis_id=due[0])
    with wall.only(organization.pk):
        assert seen == [(wall.in_sight(), "zh-hans")]

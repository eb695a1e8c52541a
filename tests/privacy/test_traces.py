"""The search for what is left of an erased runner, where Redis does not stand still."""

from __future__ import annotations

from redis.exceptions import ConnectionError as RedisAway

from privacy import actions, traces
from privacy.belongings import Marks
from privacy.models import Tombstone

NOBODY = Marks("", "", *([frozenset()] * 5))


def test_a_job_that_ends_while_it_is_looked_at_is_no_trouble(db, monkeypatch):
    told = iter([{b"data": b"packed"}])

    class Connection:
        def scan_iter(self, **_):
            return iter([b"rq:job:send_analysis-7-1"])

        def type(self, key):
            return b"hash"

        def hgetall(self, key):
            return next(told, {})

    monkeypatch.setattr("privacy.traces.django_rq.get_connection", lambda name: Connection())
    assert traces.search(NOBODY).redis_keys == 1
    assert traces.forget_jobs({"analysis_id": {7}}) == 0


def test_while_redis_is_away_nothing_is_proved(everything, alice, monkeypatch):
    def away(name):
        raise RedisAway("away")

    monkeypatch.setattr("privacy.traces.django_rq.get_connection", away)
    actions.finish_erasure(tombstone=actions.erase_subject(subject=everything, by=alice))
    tombstone = Tombstone.objects.get()
    assert (tombstone.report["searched"]["redis_keys"], tombstone.finished_at) == (None, None)


def test_what_redis_still_holds_of_them_is_found_and_nothing_is_proved(everything, alice, monkeypatch):
    class Connection:
        def scan_iter(self, **_):
            return iter([f"held:{everything.code}".encode()])

        def type(self, key):
            return b"none"

    monkeypatch.setattr("privacy.traces.django_rq.get_connection", lambda name: Connection())
    actions.finish_erasure(tombstone=actions.erase_subject(subject=everything, by=alice))
    tombstone = Tombstone.objects.get()
    assert (tombstone.report["searched"]["found_in"], tombstone.finished_at) == ({"redis": 1}, None)

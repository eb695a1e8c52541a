"""What a film is compared with by itself, asked of the database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analyses.actions import leave_step_out
from analyses.changes import score_changes, side_of, since_last
from analyses.compare import not_alike
from analyses.earlier import nearest_alike
from analyses.models import Analysis
from analyses.readout import readout
from clips.models import Clip
from subjects.models import Mark, Subject
from tests.analyses import made_answer
from tests.analyses.finished import FIRST, finish, give_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def film(order):
    """Order and finish one film: `film(day=3, score=0.7)`; what else is named goes to the order."""

    def make(*, day, score=0.7, engine="1.0", ranges="1", measures=None, **ordered):
        return finish(
            order(**{"ticked": True, **ordered}), day=day, score=score, engine=engine, ranges=ranges, measures=measures
        )

    return make


def last(analysis: Analysis) -> Analysis | None:
    known = Analysis.objects.get(pk=analysis.pk)
    found = Analysis.objects.last_comparable(known)
    # The database is told the rules once more: what it finds must be what the page would call comparable.
    sides = [side_of(Analysis.objects.with_shoes().get(pk=one.pk)) for one in (known, found) if one]
    alike = len(sides) == 2 and not not_alike(*sides)
    assert nearest_alike([known.pk]) == ({known.pk: found.pk} if found and alike else {})
    return found


def test_what_must_agree_is_kept_with_the_answer(film):
    belt = film(day=0)
    road = film(day=1, treadmill=False, pace_s_per_km=None, measures={"speed_m_s": 3.4})
    assert (belt.engine_version, belt.ranges_version) == ("1.0", "1")
    assert (belt.speed_m_s, road.speed_m_s) == (pytest.approx(1000 / 360), 3.4)


def test_a_first_film_is_compared_with_nothing(film):
    assert last(film(day=0)) is None


def test_a_film_is_compared_with_the_nearest_one_before_it(film):
    films = [film(day=day) for day in (0, 1, 5)]
    assert [last(one) for one in films] == [None, films[0], films[1]]


@pytest.mark.parametrize(
    "other",
    [
        {"treadmill": False, "pace_s_per_km": None},
        {"pace_s_per_km": 300},
        {"view": "back_view"},
        {"engine": "1.1"},
    ],
)
def test_one_filmed_otherwise_is_passed_over_for_an_older_one_alike(film, other):
    alike, _unlike, now = film(day=0), film(day=1, **other), film(day=2)
    assert last(now) == alike


def test_one_of_another_frame_rate_is_passed_over(film, clip):
    slow = Clip.objects.get(pk=clip.pk)
    slow.pk, slow.code, slow.folder, slow.fps = None, None, "films/slow", 30
    slow.code = "00000000-0000-4000-8000-000000000030"
    slow.save()
    alike, _slow, now = film(day=0), film(day=1, clip=slow), film(day=2)
    assert last(now) == alike


def test_one_in_other_shoes_is_passed_over(film, runner, alice):
    for day, shoes in ((0, "Road"), (1, "Spikes"), (2, "road")):
        on = (FIRST + timedelta(days=day)).date()
        Mark.objects.create(organization=runner.organization, subject=runner, kind="shoe", on=on, text=shoes, by=alice)
    alike, _spikes, now = film(day=0), film(day=1), film(day=2)
    assert last(now) == alike


def test_unfinished_films_and_those_of_others_are_no_measure(film, order, organization):
    other = Subject.objects.create(organization=organization, name="Runner 02", height_m=1.8, weight_kg=70)
    film(day=0, subject=other)
    order()
    assert last(film(day=2)) is None


def test_where_nothing_is_alike_the_last_film_says_why(film):
    film(day=0, treadmill=False, pace_s_per_km=None)
    film(day=1, treadmill=False, pace_s_per_km=None, score=0.6)
    now = Analysis.objects.select_related("result", "clip", "account").get(pk=film(day=2).pk)
    since = since_last(now, readout(now), Analysis.objects.all(), units="metric")
    assert since.comparison.before.score == 0.6
    assert since.change.score.sentence == ("not comparable, because one was filmed on a treadmill and one over ground")


def test_other_shoes_are_told_where_they_are_why_nothing_compares(film, runner, alice):
    for day, shoes in ((0, "Road"), (2, "Spikes")):
        on = (FIRST + timedelta(days=day)).date()
        Mark.objects.create(organization=runner.organization, subject=runner, kind="shoe", on=on, text=shoes, by=alice)
    film(day=0)
    now = Analysis.objects.select_related("result", "clip", "account").get(pk=film(day=2).pk)
    since = since_last(now, readout(now), Analysis.objects.all(), units="metric")
    assert since.change.score.sentence == "not comparable, because the shoes differ"


def test_the_other_side_of_a_visit_is_nothing_that_changed(film):
    older = film(day=0, treadmill=False, pace_s_per_km=None)
    behind = film(day=1, view="back_view")
    now = Analysis.objects.select_related("result", "clip", "account").get(pk=behind.pk)
    assert since_last(now, readout(now), Analysis.objects.all(), units="metric") is None
    assert last(film(day=2)) == older  # not alike, but at least of the same view


def test_the_change_since_last_time_stands_with_every_number(film):
    film(day=2, score=0.65)
    now = film(day=52, score=0.71, measures={"cadence_spm": 172.0, "contact_time_ms": 245.0})
    now = Analysis.objects.select_related("result", "clip", "account").get(pk=now.pk)
    since = since_last(now, readout(now), Analysis.objects.all(), units="metric")
    assert {key: str(change.word) for key, change in since.by_key.items()} == {
        "cadence_spm": "real change",
        "contact_time_ms": "could be noise",
        "knee_at_strike_deg": "could be noise",
    }
    assert since.change.score.difference == pytest.approx(6.0)


def test_the_film_before_is_told_without_its_left_out_steps_and_its_answer_is_not_read(order, alice):
    def film(day):
        made = give_answer(order(ticked=True), made_answer.calculated(), made_answer.results())
        Analysis.objects.filter(pk=made.pk).update(ordered_at=FIRST + timedelta(days=day))
        return Analysis.objects.select_related("result", "clip", "account").get(pk=made.pk)

    before, now = film(0), film(1)
    leave_step_out(analysis=before, step=8, why="stumble", by=alice)
    shown = readout(now)
    with CaptureQueriesContext(connection) as asked:
        since = since_last(now, shown, Analysis.objects.all(), units="metric")
    assert not [one["sql"] for one in asked if "analyses_result" in one["sql"]]
    assert since.by_key["overstride_deg"].before.mean == pytest.approx(22.5)
    assert since.by_key["overstride_deg"].now.mean > 23


def test_a_whole_list_of_changes_takes_three_queries(film, django_assert_num_queries):
    films = [film(day=day, score=0.6 + day / 50) for day in range(8)]
    listed = list(Analysis.objects.select_related("clip", "account"))
    with django_assert_num_queries(3):
        changes = score_changes(listed)
    assert set(changes) == {one.pk for one in films[1:]}
    assert {round(change.score.difference, 6) for change in changes.values()} == {2.0}
    assert {change.score.verdict for change in changes.values()} == {"noise"}


def test_a_list_without_a_finished_film_asks_nothing(order, django_assert_num_queries):
    waiting = order()
    with django_assert_num_queries(0):
        assert score_changes([waiting]) == {}

"""Several passes read as one: the mean over all steps, and no less unsure than they can be."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from analyses.actions import leave_step_out
from analyses.models import Analysis, Pool, Result
from analyses.pooling import Reading, pool
from analyses.pools import table_of
from tests.analyses import made_answer
from tests.analyses.finished import give_answer
from tests.reading import shown


def test_the_mean_is_over_all_steps():
    pooled = pool([Reading(160, 2, 1, 10), Reading(170, 2, 1, 30)])
    assert pooled.value == pytest.approx(167.5)
    assert pooled.steps == 40


def test_scatter_shrinks_with_the_steps():
    """No lasting part: 2·4/√16 = 2 for each of four equal passes, half of it together."""
    pooled = pool([Reading(20, 2, 4, 16)] * 4)
    assert pooled.uncertainty_95 == pytest.approx(1)


def test_what_all_passes_share_does_not_shrink():
    """3² = √5² + 2²: after four passes √5² + 1²."""
    pooled = pool([Reading(20, 3, 4, 16)] * 4)
    assert pooled.uncertainty_95 == pytest.approx(6**0.5)


@pytest.mark.parametrize(("values", "unsure"), [((18, 22), 4), ((18, 21, 24), 12**0.5)])
def test_passes_that_disagree_are_no_surer(values, unsure):
    """18 and 22: their mean's own error is 2·√(½·4 + ½·4)/√1 = 4, whatever each one says; of three, 2·√6/√2."""
    pooled = pool([Reading(value, 0.2, 0.4, 16) for value in values])
    assert pooled.uncertainty_95 == pytest.approx(unsure, rel=1e-3)


def test_without_scatter_all_of_the_doubt_is_taken_to_last():
    assert pool([Reading(20, 3, None, 16)] * 4).uncertainty_95 == pytest.approx(3)


def test_what_a_service_leaves_out_stays_unsaid():
    assert pool([Reading(20), Reading(24)]) == pool([Reading(20, None, None, None), Reading(24, 3, 1, None)])
    pooled = pool([Reading(20), Reading(24)])
    assert (pooled.value, pooled.uncertainty_95, pooled.steps) == (22, None, None)


# ── the pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def passes(order, organization):
    """Three finished passes of one morning on the belt: cadence 160, 164 and 168, ten, twenty and ten steps."""
    made = []
    for number, (cadence, steps) in enumerate(((160, 10), (164, 20), (168, 10))):
        analysis = order()
        at = DAY + timedelta(minutes=10 * number)
        fields = {"status": "succeeded", "ordered_at": at, "total_score": 0.6, "speed_m_s": 2.78}
        Analysis.objects.filter(pk=analysis.pk).update(**fields)
        measure = {"value": cadence, "uncertainty_95": 1.5, "sd": 2, "n": steps}
        Result.objects.create(
            organization=organization,
            analysis=analysis,
            results="{}",
            calculated=json.dumps({"house": {"measures": {"cadence_spm": measure}}}),
            raw_key="raw.json",
        )
        analysis.refresh_from_db()
        made.append(analysis)
    return made


def day_page(runner) -> str:
    return reverse("analyses:pool_day", args=[runner.code, "2026-11-20"])


def test_passes_of_a_visit_become_one_page_of_numbers(as_carol, carol, runner, passes):
    text = shown(as_carol.get(reverse("subjects:detail", args=[runner.code])))
    assert day_page(runner) in text
    offered = shown(as_carol.get(day_page(runner)))
    assert offered.count(" checked") == 3
    answer = as_carol.post(day_page(runner), {"pass": [str(one.code) for one in passes]}, follow=True)
    made = Pool.objects.get()
    assert (made.by, set(made.analyses.all())) == (carol, set(passes))
    text = " ".join(shown(answer).split())
    assert "164 ± " in text
    assert '<span class="narrow-only">Steps</span>40</td>' in text
    assert "3 passes pooled" in shown(as_carol.get(reverse("subjects:detail", args=[runner.code])))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"treadmill": False, "pace_s_per_km": None}, "one was filmed on a treadmill and one over ground."),
        ({"speed_m_s": 3.2}, "the speeds differ by 1.5 km/h."),
        ({"view": "back_view"}, "one was filmed from the side and one from behind."),
    ],
)
def test_passes_under_other_conditions_are_refused_with_the_reason(as_carol, runner, passes, change, said):
    Analysis.objects.filter(pk=passes[1].pk).update(**change)
    answer = as_carol.post(day_page(runner), {"pass": [str(one.code) for one in passes]})
    assert answer.status_code == 422
    assert f"These passes are not comparable, because {said}" in shown(answer)
    assert not Pool.objects.exists()


def test_the_reason_is_in_the_units_of_whoever_reads_it(as_carol, carol, runner, passes):
    User.objects.filter(pk=carol.pk).update(units="imperial")
    Analysis.objects.filter(pk=passes[1].pk).update(speed_m_s=3.2)
    answer = as_carol.post(day_page(runner), {"pass": [str(one.code) for one in passes]})
    assert "These passes are not comparable, because the speeds differ by 0.9 mph." in shown(answer)


def test_a_step_that_was_left_out_counts_in_no_pool(order, alice):
    passes = [give_answer(order(ticked=True), made_answer.calculated(), made_answer.results()) for _ in range(2)]
    leave_step_out(analysis=passes[0], step=8, why="stumble", by=alice)
    rows = [row for _group, rows in table_of(passes) for row in rows]
    overstride = next(row for row in rows if row.measure.key == "overstride_deg")
    (_first, without_it), (_second, with_it) = overstride.passes
    assert without_it.value == pytest.approx(22.5)
    assert with_it.value > 23
    assert overstride.pooled.steps == without_it.steps + with_it.steps == 2 * with_it.steps - 1


def test_one_pass_is_no_pool(as_carol, runner, passes):
    answer = as_carol.post(day_page(runner), {"pass": [str(passes[0].code)]})
    assert "Choose two passes or more." in shown(answer)


def test_the_day_on_which_the_clocks_are_put_back_has_its_last_hour(as_carol, runner, passes):
    at = datetime(2026, 10, 25, 22, 30, tzinfo=UTC)
    Analysis.objects.update(ordered_at=at)
    with timezone.override("Europe/Berlin"):
        offered = shown(as_carol.get(reverse("analyses:pool_day", args=[runner.code, "2026-10-25"])))
    assert offered.count(" checked") == 3


@pytest.mark.parametrize("day", ["2026-11-19", "yesterday", "9999-12-31", "0001-01-01"])
def test_a_day_without_passes_is_not_there(as_carol, runner, passes, day):
    assert as_carol.get(reverse("analyses:pool_day", args=[runner.code, day])).status_code == 404


def test_a_pool_is_removed_and_its_passes_stay(as_carol, as_bob, organization, runner, carol, passes):
    made = Pool.objects.create(organization=organization, subject=runner, by=carol)
    made.analyses.set(passes)
    url = reverse("analyses:remove_pool", args=[made.code])
    assert as_bob.post(url).status_code == 403
    as_carol.post(url)
    assert not Pool.objects.exists()
    assert Analysis.objects.count() == 3

"""Did it change? Two results in, one verdict for each measure out, in words that stand on pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from analyses.compare import Conditions, Own, OwnValue, Side, Value, compare
from analyses.measures import MEASURES, REAL_CHANGES
from coachportal.templatetags.lines import change_mark

OCTOBER, TODAY = datetime(2026, 10, 3, 9, 0, tzinfo=UTC), datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def side(at=TODAY, score=0.71, fps=60.0, **values) -> Side:
    return Side(
        at=at,
        view="side_view",
        treadmill=True,
        service="engine",
        fps=fps,
        speed_m_s=3.0,
        engine_version="1.0",
        ranges_version="1",
        score=score,
        values={key: value if isinstance(value, Value) else Value(value) for key, value in values.items()},
    )


def verdict(now: Side, before: Side, key: str, own: Own | None = None) -> str:
    return str(compare(now, before, own=own).by_key[key].sentence)


# ── real or noise ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_more_than_the_smallest_real_change_is_a_real_change():
    assert verdict(side(cadence_spm=168.1), side(cadence_spm=164.0), "cadence_spm") == "real change"


def test_exactly_the_smallest_real_change_could_be_noise():
    assert verdict(side(cadence_spm=168.0), side(cadence_spm=164.0), "cadence_spm") == "could be noise"


def test_less_steps_are_as_real_a_change_as_more():
    change = compare(side(cadence_spm=159.0), side(cadence_spm=164.0)).by_key["cadence_spm"]
    assert (change.difference, change.verdict) == (-5.0, "real")


def test_what_both_films_are_unsure_of_together_must_be_exceeded_too():
    now, before = Value(168.5, uncertainty_95=3.0), Value(163.5, uncertainty_95=4.0)
    change = compare(side(cadence_spm=now), side(cadence_spm=before)).by_key["cadence_spm"]
    assert (change.smallest_real_change, change.verdict) == (5.0, "noise")
    now = replace(now, mean=168.6)
    assert verdict(side(cadence_spm=now), side(cadence_spm=before), "cadence_spm") == "real change"


def test_a_measure_without_a_published_figure_goes_by_the_stated_uncertainties():
    now, before = Value(45.0, uncertainty_95=3.0), Value(39.0, uncertainty_95=4.0)
    change = compare(side(push_angle_deg=now), side(push_angle_deg=before)).by_key["push_angle_deg"]
    assert (change.smallest_real_change, change.published, change.verdict) == (5.0, False, "real")


def test_a_measure_without_either_is_not_judged():
    result = compare(side(push_angle_deg=45.0, cadence_spm=164.0), side(push_angle_deg=39.0, cadence_spm=164.0))
    change = result.by_key["push_angle_deg"]
    assert change.sentence == "not comparable, because nothing says how sure it is"
    assert change.difference == 6.0
    assert [row.key for row in result.judged] == ["cadence_spm"]


def test_below_50_pictures_a_second_a_time_must_change_more():
    slow = {"fps": 30.0}
    assert verdict(side(contact_time_ms=260), side(contact_time_ms=240), "contact_time_ms") == "real change"
    assert verdict(side(contact_time_ms=260, **slow), side(contact_time_ms=240, **slow), "contact_time_ms") == (
        "could be noise"
    )


def test_a_length_must_change_by_a_share_of_what_it_was():
    change = compare(side(step_length_m=1.26), side(step_length_m=1.20)).by_key["step_length_m"]
    assert change.smallest_real_change == pytest.approx(0.06)


@pytest.mark.parametrize(("now", "word"), [(0.722, "real change"), (0.718, "could be noise"), (0.598, "real change")])
def test_the_score_has_to_move_by_more_than_six_points(now, word):
    score = compare(side(score=now), side(score=0.66)).score
    assert score.word == word
    assert score.difference == pytest.approx(now * 100 - 66)


def test_every_figure_says_where_it_comes_from_and_belongs_to_a_measure():
    assert set(REAL_CHANGES) - set(MEASURES) == {"score"}
    for change in REAL_CHANGES.values():
        assert change.source.startswith("ours: ") or "(" in change.source or "follows from" in change.source
        assert change.slow is None or change.slow > change.fast


# ── not comparable, because … ───────────────────────────────────────────────────────────────────────────────────────

CONDITIONS = {
    "view": ({"view": "back_view"}, "not comparable, because one was filmed from the side and one from behind"),
    "surface": ({"treadmill": False}, "not comparable, because one was filmed on a treadmill and one over ground"),
    "speed": ({"speed_m_s": 3.25}, "not comparable, because the speeds differ by 0.9\xa0km/h"),
    "frame_rate": ({"fps": 30.0}, "not comparable, because only one film has 50 pictures a second or more"),
    "service": ({"service": "ochy"}, "not comparable, because two services measured them"),
    "engine": ({"engine_version": "1.1"}, "not comparable, because the engine was renewed in between"),
    "shoes": ({"shoes": "Spikes"}, "not comparable, because the shoes differ"),
}


@pytest.mark.parametrize("code", CONDITIONS)
def test_films_under_other_conditions_are_not_compared_and_it_is_said_why(code):
    changes, sentence = CONDITIONS[code]
    now = replace(side(cadence_spm=180.0), shoes="Road shoes")
    result = compare(now, replace(side(at=OCTOBER, cadence_spm=164.0), **{"shoes": "road shoes", **changes}))
    assert [reason.code for reason in result.reasons] == [code]
    assert [result.by_key["cadence_spm"].sentence, result.score.sentence] == [sentence, sentence]
    assert result.by_key["cadence_spm"].difference == 16.0


@pytest.mark.parametrize("apart_kmh", [0.0, 0.3, 0.5])
def test_half_a_kilometre_an_hour_apart_is_still_the_same_speed(apart_kmh):
    assert compare(side(), replace(side(), speed_m_s=3.0 - apart_kmh / 3.6)).is_comparable


def test_two_belts_half_a_kilometre_an_hour_apart_compare_although_paces_are_whole_seconds():
    assert compare(replace(side(), speed_m_s=1000 / 360), replace(side(), speed_m_s=1000 / 343)).is_comparable


@pytest.mark.parametrize("unknown", [{"speed_m_s": None}, {"shoes": ""}])
def test_what_nobody_knows_keeps_no_films_apart(unknown):
    now = replace(side(), speed_m_s=4.0, shoes="Spikes")
    assert compare(now, replace(now, **unknown)).is_comparable


def test_new_typical_ranges_keep_the_numbers_comparable_and_not_the_points():
    result = compare(side(cadence_spm=170.0), replace(side(cadence_spm=164.0), ranges_version="2"))
    assert result.by_key["cadence_spm"].word == "real change"
    assert result.score.sentence == "not comparable, because the typical ranges were renewed in between"


def test_what_only_one_film_shows_is_listed_and_not_judged():
    result = compare(side(cadence_spm=170.0), side(oscillation_cm=8.0))
    assert {row.key: str(row.sentence) for row in result.rows} == {
        "cadence_spm": "not comparable, because only one film shows it",
        "oscillation_cm": "not comparable, because only one film shows it",
    }


def test_a_speed_is_written_as_the_reader_writes_numbers():
    with translation.override("de"):
        assert "0,9" in str(compare(side(), replace(side(), speed_m_s=3.25)).reasons[0])


# ── one's own repeatability ─────────────────────────────────────────────────────────────────────────────────────────


def own(unsure: float | None = 5.0, **conditions) -> Own:
    kind = Conditions("side_view", treadmill=True, service="engine", is_fast=True)._replace(**conditions)
    return Own(kind, {"knee_at_strike_deg": OwnValue(2.0, unsure=unsure, last_on=date(2026, 11, 22))})


def knees(now: float, before: float, unsure: float | None) -> tuple[Side, Side]:
    return tuple(side(knee_at_strike_deg=Value(value, uncertainty_95=unsure)) for value in (now, before))


def test_ones_own_repeatability_takes_the_place_of_published_figures_and_is_named():
    now, before = knees(15.0, 12.5, unsure=3.0)
    assert compare(now, before).by_key["knee_at_strike_deg"].verdict == "noise"
    change = compare(now, before, own=own()).by_key["knee_at_strike_deg"]
    assert (change.verdict, change.own_on, change.published) == ("real", date(2026, 11, 22), False)


def test_films_less_sure_than_those_it_was_found_with_must_differ_more():
    now, before = knees(15.0, 12.5, unsure=7.1)
    change = compare(now, before, own=own()).by_key["knee_at_strike_deg"]
    assert change.smallest_real_change == pytest.approx(2.0 * 7.1 * 2**0.5 / 5.0)
    assert change.verdict == "noise"


@pytest.mark.parametrize(("then", "now"), [(None, 7.1), (5.0, None)])
def test_where_one_of_them_says_no_uncertainty_ones_own_repeatability_stays_as_it_is(then, now):
    change = compare(*knees(15.0, 12.5, unsure=now), own=own(unsure=then)).by_key["knee_at_strike_deg"]
    assert change.smallest_real_change == 2.0


@pytest.mark.parametrize(
    "other", [{"view": "back_view"}, {"treadmill": False}, {"service": "ochy"}, {"is_fast": False}]
)
def test_ones_own_repeatability_holds_only_where_it_was_measured(other):
    now, before = knees(15.0, 12.5, unsure=3.0)
    assert compare(now, before, own=own(**other)).by_key["knee_at_strike_deg"].own_on is None


# ── as it stands on a page ──────────────────────────────────────────────────────────────────────────────────────────


def words(change) -> str:
    """What a screen reader says: without what is hidden from it."""
    said = re.sub(r'<span[^>]* aria-hidden="true">[a-z][^<]*</span>', "", change_mark(change))
    return " ".join(re.sub(r"<[^>]+>", " ", said).split())


@pytest.mark.parametrize(
    ("now", "before", "shown"),
    [
        (0.72, 0.65, "▲ +7 real change"),
        (0.65, 0.72, "▼ −7 real change"),
        (0.68, 0.65, "+3 could be noise"),
        (0.65, 0.65, "±0 could be noise"),
    ],
)
def test_a_change_is_a_sign_a_number_and_a_word(now, before, shown):
    assert words(compare(side(score=now), side(score=before)).score) == shown


def test_a_change_that_cannot_be_judged_says_so_and_why():
    change = compare(side(), replace(side(score=0.6), treadmill=False)).score
    assert words(change) == "+11 not comparable, because one was filmed on a treadmill and one over ground"


def test_without_two_scores_there_is_nothing_to_show():
    assert words(compare(side(), side(score=None)).score) == ""

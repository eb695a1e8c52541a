"""Scores: monotone, kind to noise, whole without what is missing, and explained by what cost most."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.measure.bands import Band, back_bands, side_bands, usual_cadence_spm, usual_contact_ms
from engine.measure.numbers import Measure
from engine.measure.scores import SIDE_PARTS, Mark, label, largest_losses, score_part, score_side

BANDS = side_bands(3.0, 1.72)
KEYS = [key for _, weights in SIDE_PARTS.values() for key in weights]


def ideal():
    out = {}
    for key in KEYS:
        low, high = BANDS[key].finite("good")
        out[key] = Measure((low + high) / 2, "", 0.0, 0.0, 10)
    return out


def total(measures):
    return score_side(measures, BANDS)[1]


def test_a_band_is_one_inside_half_at_okay_and_nothing_as_far_again():
    band = Band((10, 20), (6, 28), (6, 28), "")
    assert [band.score(value) for value in (10, 15, 20)] == [1, 1, 1]
    assert (band.score(6), band.score(28)) == (0.5, 0.5)
    assert (band.score(2), band.score(36), band.score(100)) == (0, 0, 0)
    assert band.score(24) == 0.75


def test_a_one_sided_band_costs_nothing_on_its_other_side():
    band = Band((-inf, 9), (-inf, 11), (3, 16), "")
    assert band.score(-50) == 1
    assert band.score(11) == 0.5
    assert band.finite("okay") == (3, 11)


def test_noise_alone_never_costs_points():
    band = Band((10, 20), (6, 28), (6, 28), "")
    assert band.score_kindly(22, 2) == 1
    assert band.score_kindly(24, 2) == band.score(22)
    assert band.score_kindly(15, 30) == 1


def test_an_ideal_run_scores_one_and_has_no_findings():
    parts, score = score_side(ideal(), BANDS)
    assert score == 1
    assert largest_losses(parts.values()) == []


@pytest.mark.slow  # hundreds of answers
@given(key=st.sampled_from(KEYS), away=st.floats(0, 60), nearer=st.floats(0, 1), up=st.booleans())
def test_moving_any_measure_towards_its_band_never_lowers_the_total(key, away, nearer, up):
    low, high = BANDS[key].finite("good")
    edge = high if up else low
    far = edge + (away if up else -away)
    near = edge + (far - edge) * nearer
    worse = ideal() | {key: Measure(far, "", 1.0, 0.0, 10)}
    better = ideal() | {key: Measure(near, "", 1.0, 0.0, 10)}
    assert total(better) >= total(worse) - 1e-12


def test_what_was_not_seen_is_left_out_and_named():
    measures = ideal()
    del measures["head_forward_deg"]
    measures["trunk_lean_deg"] = replace(measures["trunk_lean_deg"], confidence=0.2, value=80.0)
    parts, score = score_side(measures, BANDS)
    assert parts["head"].score is None
    assert parts["head"].missing == ("head_forward_deg",)
    assert parts["trunk"].missing == ("trunk_lean_deg",)
    assert score == 1


def test_fewer_than_four_parts_give_no_total():
    leads = ["trunk_lean_deg", "elbow_flexion_deg", "head_forward_deg", "foot_strike_angle_deg"]
    assert total({key: ideal()[key] for key in leads}) == 1
    assert total({key: ideal()[key] for key in leads[:3]}) is None


def test_what_is_left_of_a_part_bears_its_whole_weight():
    far = Measure(80.0, "°", 0.0, 0.0, 10, 0.4)
    weights = {"trunk_lean_deg": 0.4, "oscillation_cm": 0.6}
    part = score_part({"trunk_lean_deg": far}, BANDS, weights, 0.2)
    assert (part.score, part.marks[0].loss, part.missing) == (0, pytest.approx(0.2), ("oscillation_cm",))
    unsure = score_part({"trunk_lean_deg": replace(far, confidence=0.39)}, BANDS, weights, 0.2)
    assert (unsure.score, unsure.missing) == (None, ("trunk_lean_deg", "oscillation_cm"))


@pytest.mark.parametrize(("doubt", "verdict"), [(4.0, "good"), (1.0, "high")])
def test_what_its_doubt_alone_may_have_put_beyond_the_range_is_good(doubt, verdict):
    lean = Measure(BANDS["trunk_lean_deg"].good[1] + 1, "°", doubt, 0.0, 10)
    (mark,) = score_part({"trunk_lean_deg": lean}, BANDS, {"trunk_lean_deg": 1.0}, 0.2).marks
    assert mark.verdict == verdict


def test_the_findings_are_the_three_dearest_losses():
    measures = ideal()
    for key, value in {
        "overstride_deg": 30.0,
        "oscillation_cm": 10.0,
        "cadence_spm": 150.0,
        "elbow_flexion_deg": 120,
    }.items():
        measures[key] = replace(measures[key], value=float(value))
    parts, score = score_side(measures, BANDS)
    dearest = largest_losses(parts.values())
    assert len(dearest) == 3
    assert [mark.loss for mark in dearest] == sorted((mark.loss for mark in dearest), reverse=True)
    everything = [mark.loss for part in parts.values() for mark in part.marks]
    assert score == pytest.approx(1 - sum(everything))


def test_what_costs_less_than_half_a_point_is_no_finding():
    high = BANDS["elbow_flexion_deg"].good[1]
    found = []
    for away in (1.0, 10.0):
        measures = ideal()
        measures["elbow_flexion_deg"] = replace(measures["elbow_flexion_deg"], value=high + away, uncertainty_95=0.1)
        parts, score = score_side(measures, BANDS)
        found.append(([mark.key for mark in largest_losses(parts.values())], round(100 * score)))
    assert found == [([], 100), (["elbow_flexion_deg"], 99)]


def test_what_is_told_too_unsurely_gives_way_to_the_next():
    measures = ideal()
    for key in ("overstride_deg", "oscillation_cm", "cadence_spm", "elbow_flexion_deg"):
        low, high = BANDS[key].finite("good")
        # Beyond the range by two thirds of what is not known: it costs, and yet it may lie within.
        measures[key] = replace(measures[key], value=high + (high - low), uncertainty_95=1.5 * (high - low))
    sure = {"overstride_deg", "oscillation_cm"}
    for key in sure:
        measures[key] = replace(measures[key], uncertainty_95=0.1)
    parts, _ = score_side(measures, BANDS)
    cost = {mark.key for part in parts.values() for mark in part.marks if mark.loss > 0}
    assert {mark.key for mark in largest_losses(parts.values())} == sure < cost


@pytest.mark.parametrize(
    ("value", "doubt", "stands"),
    [(5, 10, True), (25, 10, True), (5, 12, False), (25, 12, False), (-3, 12, True), (33, 12, True)],
)
def test_a_doubt_wider_than_the_range_that_reaches_into_it_from_either_side_is_no_finding(value, doubt, stands):
    band = Band((10, 20), (6, 28), (6, 28), "")
    assert Mark("key", Measure(value, "", doubt, 0.0, 10), band, 0.4, 0.1, "high", 1.0).stands is stands


@pytest.mark.parametrize(
    ("score", "word"), [(0.8, "score_good"), (0.79, "score_okay"), (0.5, "score_okay"), (0.49, "score_bad")]
)
def test_labels(score, word):
    assert label(score) == word


def test_usual_values_follow_speed_and_height():
    assert usual_cadence_spm(2.8, 1.72) == pytest.approx(164)
    assert usual_cadence_spm(3.8, 1.72) == pytest.approx(171.5)
    assert usual_cadence_spm(2.8, 1.95) < 164
    assert usual_contact_ms(20 / 3.6) == pytest.approx(180, abs=2)


def test_every_band_names_its_source_and_okay_holds_good():
    for bands in (BANDS, back_bands()):
        for key, band in bands.items():
            assert band.source, key
            assert band.okay[0] <= band.good[0] <= band.good[1] <= band.okay[1], key

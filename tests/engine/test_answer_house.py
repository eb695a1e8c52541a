"""The words and signs of the answers, on reports made by hand: what was measured is told as it was measured."""

from dataclasses import replace

import numpy as np
import pytest

from engine.answer.back import back_numbers, back_results
from engine.answer.house import house
from engine.answer.side import side_results, styles
from engine.measure.angles import Angles
from engine.measure.back import Leg
from engine.measure.bands import back_bands, side_bands
from engine.measure.landing import Landing
from engine.measure.numbers import Measure, Reading
from engine.measure.report import BackResult, Report, SideResult, StepReport
from engine.measure.scores import score_part
from engine.measure.side import SideView
from engine.measure.style import Style
from engine.measure.track import SIDES
from engine.order import Order
from engine.texts import text

STEP = StepReport(1, "left", 0.5, 15.0, 0.7504, 22.51, 250.4, 110.2, 28.36, 0.9)
LANDING = Landing(-3.24, {"forefoot": 0.55, "midfoot": 0.4, "rearfoot": 0.05})
EMPTY = np.zeros((0, 2))


def told(value):
    return Measure(value, "°", 2.0, 1.0, 10)


def side_view(*, whole_body=True, parts=None):
    seen = SideView({}, {}, [], [], {}, whole_body)
    style = Style({"bounce": 0.7, "hop": 0.04, "stick": 0.26}, 1.25, -0.5)
    return SideResult(seen, Angles({}, EMPTY, EMPTY), parts or {}, style, None, EMPTY)


def from_the_side(*, whole_body=True, step=STEP, parts=None, **changes):
    side = side_view(whole_body=whole_body, parts=parts)
    report = Report({}, side_bands(3.0, 1.72), (step,), None, (), EMPTY, 1, "right", 400.0, 0.0, side=side)
    return house(replace(report, **changes), Order("side_view", treadmill=True, pace_s_per_km=333, height_m=1.72))


def from_behind():
    """The left leg drops by 9°, the right by 3°; a third step, of the left leg again, was cut."""
    legs, parts = {}, {}
    for side, drop, rolled in (("left", 9.0, 10.0), ("right", 3.0, 25.0)):
        peak = {"pelvic_drop_deg": told(drop), "pronation_deg": told(rolled)}
        own = [{"strike_s": 0.5, "pelvic_drop_deg": drop - 1}] + ([{"strike_s": 1.2}] if side == "left" else [])
        curve = (np.full(51, drop), np.ones(51))
        legs[side] = Leg(peak, {"pelvic_drop_deg": told(drop - 1)}, {"pelvic_drop_deg": curve}, own)
        parts[side] = score_part(peak, back_bands(), dict.fromkeys(peak, 0.5), 0.5)
    steps = (STEP, replace(STEP, number=2, foot="right"), replace(STEP, number=3))
    report = Report({}, back_bands(), steps, 0.75, (), EMPTY, None, None, None, 1.5, back=BackResult(legs, parts))
    order = Order("back_view", height_m=1.7)
    return back_results(report, report.back, order)["analysis_content"], back_numbers(report, report.back), report


def test_a_step_is_told_with_its_doubt_and_the_sign_of_its_foot():
    (step,) = from_the_side(step=replace(STEP, landing=LANDING))["steps"]
    assert step["event_uncertainty_95_ms"] == 28.4
    assert step["foot_strike_angle_deg"] == -3.2
    assert step["landing"] == "uncertain"
    sure = replace(LANDING, probability={"forefoot": 0.9, "midfoot": 0.1, "rearfoot": 0.0})
    assert from_the_side(step=replace(STEP, landing=sure))["steps"][0]["landing"] == "forefoot"


def test_a_reading_is_told_at_its_second_or_between_its_two():
    readings = {"knee_at_strike_deg": Reading(14.0, 0.5), "trunk_lean_deg": Reading(6.0, 0.5, 1.22)}
    (step,) = from_the_side(step=replace(STEP, readings=readings))["steps"]
    assert step["readings"] == {"knee_at_strike_deg": [14.0, 0.5], "trunk_lean_deg": [6.0, 0.5, 1.22]}


def test_the_ground_rises_ahead_with_its_own_sign():
    assert from_the_side(tilt_deg=-2.25)["ground_tilt_deg"] == -2.25


def test_the_two_axes_of_the_style_are_told_each_as_itself():
    assert from_the_side()["style"] == {"rate": 1.25, "flight": -0.5, "mixed": False}


@pytest.mark.parametrize(("whole_body", "told_as"), [(True, "segments"), (False, "hips")])
def test_the_centre_of_mass_is_told_by_what_it_was_taken_from(whole_body, told_as):
    assert from_the_side(whole_body=whole_body)["centre_of_mass"] == told_as


def test_a_part_shows_the_value_of_its_lead_and_names_what_was_left_out():
    weights = {"trunk_lean_deg": 0.4, "oscillation_cm": 0.6}
    measures = {"trunk_lean_deg": told(7.0)}
    part = score_part(measures, side_bands(3.0, 1.72), weights, 0.2)
    shown = from_the_side(parts={"trunk": part}, measures=measures)["parts"]["trunk"]
    assert (shown["measure"], shown["value"], shown["unit"]) == ("trunk_lean_deg", 7.0, "°")
    assert shown["left_out"] == ["oscillation_cm"]


def test_a_style_that_a_run_hardly_shows_is_not_told():
    assert [style["percentage"] for style in styles(side_view(), "en")] == [70.0, 26.0]


def test_a_part_s_advice_begins_with_what_cost_most():
    weights = {"dorsiflexion_peak_deg": 0.5, "knee_stance_peak_deg": 0.5}
    measures = {"dorsiflexion_peak_deg": told(13.0), "knee_stance_peak_deg": told(60.0)}
    side = side_view(parts={"foot": score_part(measures, side_bands(3.0, 1.72), weights, 0.2)})
    report = Report(measures, side_bands(3.0, 1.72), (), None, (), EMPTY, 1, "right", 400.0, 0.0, side=side)
    cues = ["measure.knee_stance_peak_deg.cue_high", "measure.dorsiflexion_peak_deg.cue_low"]
    foot = side_results(report, side, "en")["analysis_content"]["foot"]["texts"]
    assert foot["recap"] == [text(cue, "en") for cue in cues]


def test_each_leg_is_told_by_its_own_part_and_its_own_steps():
    content, numbers, _ = from_behind()
    assert content["pelvic_drop"]["left"]["score_number"] < 1 == content["pelvic_drop"]["right"]["score_number"]
    assert content["pronation"]["right"]["score_number"] < 1 == content["pronation"]["left"]["score_number"]
    assert [len(content["pelvic_drop"][side]["texts"]["recap"]) for side in SIDES] == [1, 0]
    steps = {side: leg["steps"] for side, leg in numbers["gait_cycle"].items()}
    assert steps["left"] == [{"step": 1, "strike_frame": 15.0, "pelvic_drop": 8.0}, {"step": 3, "strike_frame": 15.0}]
    assert steps["right"] == [{"step": 2, "strike_frame": 15.0, "pelvic_drop": 2.0}]


def test_a_bad_range_reaches_as_far_beyond_okay_as_okay_beyond_good():
    content = from_behind()[0]
    assert content["pronation"]["left"]["range_bad"] == [[-1.0, 2.0], [21.0, 26.0]]
    assert content["pelvic_drop"]["left"]["range_bad"] == [[7.5, 9.5]]


def test_the_curves_behind_are_those_of_stances():
    told_of = house(from_behind()[2], Order("back_view", height_m=1.7))
    assert told_of["curve_span"] == "stance"
    assert {side: curves["pelvic_drop_deg"]["mean"][25] for side, curves in told_of["curves"].items()} == {
        "left": 9.0,
        "right": 3.0,
    }
    assert told_of["stance_peaks"]["right"]["pronation_deg"]["value"] == 25.0

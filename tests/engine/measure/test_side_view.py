"""What is read off the curves of a side view, and where: on curves made by hand, of steps that are known."""

from dataclasses import replace
from math import hypot

import numpy as np
import pytest

from engine.measure.angles import JOINT_ANGLES, SEGMENTS, Angles
from engine.measure.body import GRID_HZ, Runner, Scale
from engine.measure.events import Step
from engine.measure.precision import MARKERS, Precision
from engine.measure.side import measure_side
from engine.measure.track import AT, JOINTS, SIDES

STEP_S, CONTACT_S, FIRST_S = 0.36, 0.25, 10.2
CLOCK_S = 10 + np.arange(2500) / GRID_HZ
FLAT = np.zeros_like(CLOCK_S)
SCALE_ERROR = 0.03
ONE_READING_DEG = 1.0  # the least a single angle is unsure by


def steps(first=0, last=10):
    strikes_s = {number: FIRST_S + STEP_S * number for number in range(first, last)}
    return [Step(SIDES[n % 2], at_s, at_s + CONTACT_S, 0.01, 0.01, 1.0) for n, at_s in strikes_s.items()]


def bumps(side, after_s, height):
    """Peaks of 0.2 s, so long after every strike of one foot."""
    middles_s = [step.strike_s + after_s for step in steps(-4, 18) if step.side == side]
    return height * sum(np.clip(1 - np.abs(CLOCK_S - middle_s) / 0.1, 0, None) for middle_s in middles_s)


def view(run=None, *, near="right", hips_m=FLAT, by_model=False, lean_deg=FLAT, **curves):
    points_m = np.zeros((len(CLOCK_S), len(JOINTS), 2))
    points_m[:, [AT["left_hip"], AT["right_hip"]], 1] = hips_m[:, None]
    points_m[:, [AT["left_shoulder"], AT["right_shoulder"]]] = np.nan
    runner = Runner(CLOCK_S, points_m, points_m, 1, near, Scale(400.0, SCALE_ERROR, {}), 0.0)
    joint = {(side, name): curves.get(f"{side}_{name}", FLAT) for side in SIDES for name in (*JOINT_ANGLES, *SEGMENTS)}
    angles = Angles(joint, lean_deg, FLAT)
    return measure_side(runner, angles, run or steps(), STEP_S, Precision(by_model, 60), dict.fromkeys(SIDES, 1.0))


def told(seen, key):
    """The numbers of the steps that gave a measure."""
    return [number for number, own in enumerate(seen.readings) if key in own]


def test_the_highest_of_the_swing_is_told_of_its_leg_and_when_it_was_reached():
    swings = {f"{side}_thigh": bumps(side, 0.5, height) for side, height in (("left", 30), ("right", 20))}
    stances = {name: bumps(name.split("_")[0], 0.12, 60) for name in swings}
    seen = view(**{name: swings[name] + stances[name] for name in swings})
    lift = seen.measures["thigh_lift_peak_deg"]
    assert (lift.left.value, lift.right.value) == pytest.approx((30, 20), abs=0.5)
    assert told(seen, "thigh_lift_peak_deg") == list(range(8))  # the last stride of either leg is cut
    for step, own in zip(steps(), seen.readings[:8], strict=False):
        assert own["thigh_lift_peak_deg"].start_s == pytest.approx(step.strike_s + 0.5, abs=0.003)


def test_what_is_told_of_a_whole_stride_goes_from_strike_to_strike_of_one_foot():
    seen = view(lean_deg=CLOCK_S)
    for step, own in zip(steps(), seen.readings[:8], strict=False):
        lean = own["trunk_lean_deg"]
        ends = (lean.start_s, lean.value, lean.end_s)
        assert ends == pytest.approx(step.strike_s + np.array([0, STEP_S, 2 * STEP_S]), abs=0.003)


@pytest.mark.parametrize(("near", "bend"), [("left", 80), ("right", 100)])
def test_the_arm_that_is_told_is_the_near_one(near, bend):
    seen = view(near=near, left_elbow=FLAT + 80, right_elbow=FLAT + 100)
    assert seen.measures["elbow_flexion_deg"].value == pytest.approx(bend)


def test_rise_and_fall_is_told_from_step_to_step_and_as_unsure_as_the_scale():
    run = [step for number, step in enumerate(steps()) if number != 5]  # a step was lost, and with it two rises
    seen = view(run, hips_m=0.9 + 0.05 * np.cos(2 * np.pi * CLOCK_S / STEP_S))
    rise = seen.measures["oscillation_cm"]
    assert rise.value == pytest.approx(10, abs=0.05)
    assert rise.uncertainty_95 == pytest.approx(2 * hypot(MARKERS["oscillation_cm"], SCALE_ERROR * 10), abs=0.02)
    own = seen.readings[2]["oscillation_cm"]
    assert (own.start_s, own.end_s) == pytest.approx((FIRST_S + 2 * STEP_S, FIRST_S + 3 * STEP_S))


@pytest.mark.parametrize("when", [np.minimum, np.maximum])  # it turns before the toe-off, or after it
@pytest.mark.parametrize(
    ("name", "by_model", "own_deg", "with_the_event"),
    [("foot", False, 2.5, True), ("foot", True, 4.0, True), ("thigh", False, 1.2, True), ("thigh", True, 2.3, False)],
)
def test_an_angle_at_toe_off_is_unsure_by_how_far_it_turns_within_the_events_error(
    name, by_model, own_deg, with_the_event, when
):
    """The foot's own figure was set at strikes, where it turns less; those of film's other angles hold the event."""
    turning = 10 * when(0, np.sin(np.pi * (CLOCK_S - steps()[0].toe_off_s) / STEP_S))
    event_s = (9.0 if by_model else 7.0) / 1000
    moved_deg = 10 * np.sin(np.pi * 2 * event_s / STEP_S) / 2 if with_the_event else 0.0
    toe_off = view(by_model=by_model, **{f"left_{name}": turning}).joints["left", name]["toe_off"]
    expected = 2 * hypot(own_deg, moved_deg, ONE_READING_DEG / toe_off.n**0.5)
    assert toe_off.uncertainty_95 == pytest.approx(expected, abs=0.01)


def test_the_foot_s_own_figure_at_strike_holds_the_event_s_error():
    turning = 10 * np.sin(np.pi * (CLOCK_S - FIRST_S) / STEP_S)
    strike = view(left_foot=turning).joints["left", "foot"]["strike"]
    assert strike.uncertainty_95 == pytest.approx(2 * hypot(2.5, ONE_READING_DEG / strike.n**0.5), abs=0.01)


def test_a_step_whose_toe_off_was_not_seen_gives_its_strike_alone():
    run = steps()
    run[4] = replace(run[4], toe_off_s=float("nan"))
    knees = {f"{side}_knee": bumps(side, 0.1, 40) + bumps(side, 0.45, 90) for side in SIDES}
    seen = view(run, **knees)
    assert 4 in told(seen, "knee_at_strike_deg")
    for key in ("knee_stance_peak_deg", "push_angle_deg", "knee_swing_peak_deg", "thigh_lift_peak_deg"):
        assert 4 not in told(seen, key)
    assert seen.measures["mean_height_m"].n == 9


def test_nothing_is_told_of_what_lies_beyond_the_ends_of_the_film():
    run = steps(-3, 16)
    knees = {f"{side}_knee": bumps(side, 0.1, 40) + bumps(side, 0.45, 90) for side in SIDES}
    thighs = {f"{side}_thigh": bumps(side, 0.5, 30) for side in SIDES}
    seen = view(run, **knees, **thighs)
    inside = [number for number, step in enumerate(run) if step.strike_s >= 10 and step.strike_s + 2 * STEP_S < 15]
    assert told(seen, "trunk_lean_deg") == inside
    # Of a stance or a swing alone less of the film is needed: of the swing only from its toe-off on.
    began = [number for number, step in enumerate(run) if step.toe_off_s >= 10 and step.strike_s + 2 * STEP_S < 15]
    assert told(seen, "thigh_lift_peak_deg") == told(seen, "knee_swing_peak_deg") == began
    stood = [number for number, step in enumerate(run) if step.strike_s >= 10 and step.toe_off_s < 15]
    assert told(seen, "dorsiflexion_peak_deg") == stood


def test_a_stride_with_a_lost_step_is_no_stride_but_its_swing_is_found():
    run = [step for number, step in enumerate(steps()) if number != 4]
    seen = view(run, **{f"{side}_knee": bumps(side, 0.1, 40) + bumps(side, 0.45, 90) for side in SIDES})
    assert told(seen, "trunk_lean_deg") == [0, 1, 3, 4, 5, 6]  # 2 has lost its next, the last two have none
    assert told(seen, "knee_swing_peak_deg") == list(range(9))


def test_a_knee_without_a_peak_in_stance_is_read_at_45_percent_of_it_and_in_swing_not_at_all():
    falling = -np.mod(CLOCK_S - FIRST_S, 2 * STEP_S)
    seen = view(left_knee=falling, right_knee=falling)
    left = [number for number in told(seen, "knee_stance_peak_deg") if number % 2 == 0]
    assert left == [0, 2, 4, 6, 8]
    for number in left:
        assert seen.readings[number]["knee_stance_peak_deg"].value == pytest.approx(-0.45 * CONTACT_S, abs=0.003)
    assert not any(number % 2 == 0 for number in told(seen, "knee_swing_peak_deg"))

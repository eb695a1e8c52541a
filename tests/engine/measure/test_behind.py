"""Steps and stances of the back view, on a body seen from behind whose every height and angle is put there by hand."""

from math import hypot, tan

import numpy as np
import pytest

from engine.measure.back import Behind, find_steps_behind, lifts_after_highest_deg, measure_leg
from engine.measure.body import GRID_HZ
from engine.measure.events import Step
from engine.measure.precision import Precision
from engine.measure.scores import BACK_WEIGHTS
from engine.measure.track import AT, JOINTS, SIDES

STEP_S, CONTACT_S, FIRST_S = 0.36, 0.22, 10.3
HIPS_LATE_S, TRUNK_LATE_S, RISEN_M = 0.035, 0.042, 0.13  # docs/measures.md
RISES_S, HIGHEST_S = 0.13, 0.31  # after strike: the ankle, which is halfway at toe-off
CLOCK_S = 10 + np.arange(2500) / GRID_HZ
STRIKES_S = FIRST_S + STEP_S * np.arange(13)


def runner(px_per_m=500.0, **paths):
    """A body of which only what is named was seen, (m,) for its height or (m, 2)."""
    points_m = np.full((len(CLOCK_S), len(JOINTS), 2), np.nan)
    for name, path in paths.items():
        points_m[:, AT[name]] = path if np.ndim(path) == 2 else np.column_stack([np.zeros_like(CLOCK_S), path])
    return Behind(CLOCK_S, points_m, px_per_m + np.zeros_like(CLOCK_S), 0.0)


def running(late_s=HIPS_LATE_S, sinks_m_s=0.0):
    """Hips that fall fastest so long after every strike, and ankles that are 13 cm up at every toe-off, beside what a
    camera above the ground sees them sink by while they are behind."""
    hips_m = 0.9 + 0.04 * np.cos(2 * np.pi * (CLOCK_S - FIRST_S - late_s - STEP_S / 4) / STEP_S + np.pi)
    body = {f"{side}_hip": hips_m for side in SIDES}
    for number, side in enumerate(SIDES):
        since_s = (CLOCK_S - FIRST_S - number * STEP_S) % (2 * STEP_S)
        up = np.clip((since_s - RISES_S) / (HIGHEST_S - RISES_S), 0, 1)
        down = np.clip((since_s - HIGHEST_S) / (2 * STEP_S - HIGHEST_S), 0, 1)
        lift_m = RISEN_M * (np.cos(np.pi * down) - np.cos(np.pi * up))
        body[f"{side}_ankle"] = (
            0.1 + lift_m - sinks_m_s * np.minimum(since_s, HIGHEST_S) * (1 + np.cos(np.pi * down)) / 2
        )
    return body


def strikes_of(steps):
    return {side: [step.strike_s for step in steps if step.side == side] for side in SIDES}


@pytest.mark.parametrize("trunk", [False, True])
def test_a_strike_is_told_before_the_fall_of_the_hips_or_of_the_trunk(trunk):
    body = running(TRUNK_LATE_S if trunk else HIPS_LATE_S)
    if trunk:
        body |= {f"{side}_shoulder": body["left_hip"] + 0.5 for side in SIDES}
    steps = find_steps_behind(runner(**body), 2 * STEP_S)
    assert len(steps) >= 12
    for step in steps:
        number = int(np.abs(STRIKES_S - step.strike_s).argmin())
        assert step.strike_s == pytest.approx(STRIKES_S[number], abs=0.004)
        assert step.side == SIDES[number % 2]
        assert step.toe_off_s == pytest.approx(step.strike_s + CONTACT_S, abs=0.006)


def test_hips_seen_later_than_the_film_begins_tell_the_same_strikes():
    body = running()
    hidden = CLOCK_S < 11.1
    whole = strikes_of(find_steps_behind(runner(**body), 2 * STEP_S))
    late = {name: np.where(hidden, np.nan, path) if "hip" in name else path for name, path in body.items()}
    found = strikes_of(find_steps_behind(runner(**late), 2 * STEP_S))
    for side in SIDES:
        assert found[side] == pytest.approx([strike_s for strike_s in whole[side] if strike_s > 11.1], abs=0.006)


@pytest.mark.parametrize("away", [1, 2, 4])
@pytest.mark.parametrize("sinks_m_s", [0.3, 1.2])
def test_a_camera_that_looks_down_and_a_runner_who_runs_away_move_no_toe_off(sinks_m_s, away):
    """A standing foot sinks in the picture: fast for a high camera close by, ever more slowly as the runner goes."""
    smaller = 1 / np.linspace(1, away, len(CLOCK_S))
    body = running(sinks_m_s=sinks_m_s * smaller)
    steps = find_steps_behind(runner(px_per_m=500 * smaller, **body), 2 * STEP_S)
    assert len(steps) >= 12
    for step in steps:
        strike_s = STRIKES_S[np.abs(STRIKES_S - step.strike_s).argmin()]
        assert step.toe_off_s == pytest.approx(strike_s + CONTACT_S, abs=0.006)


def test_a_toe_off_whose_ankle_was_not_seen_to_rise_is_told_at_a_third_of_the_stride():
    body = running()
    hidden = (STRIKES_S[4] + 0.16 < CLOCK_S) & (STRIKES_S[4] + 0.45 > CLOCK_S)
    body["left_ankle"] = np.where(hidden, np.nan, body["left_ankle"])
    steps = find_steps_behind(runner(**body), 2 * STEP_S)
    (hit,) = [step for step in steps if abs(step.strike_s - STRIKES_S[4]) < 0.01]
    assert hit.toe_off_s == pytest.approx(hit.strike_s + 0.34 * 2 * STEP_S)
    assert [step for step in steps if step.toe_off_spread_s > 0.1] == [hit], "it is less sure than one that was seen"


def test_a_foot_taken_for_the_other_in_one_stance_costs_that_step_alone():
    body = running()
    wrong = np.abs(CLOCK_S - STRIKES_S[5] - 0.1) < 0.1  # the feet are taken for each other in one stance
    body["left_ankle"], body["right_ankle"] = (
        np.where(wrong, body[f"{other}_ankle"], body[f"{own}_ankle"]) for own, other in (SIDES, SIDES[::-1])
    )
    told_s = [step.strike_s for step in find_steps_behind(runner(**body), 2 * STEP_S)]
    assert told_s == pytest.approx([strike_s for strike_s in STRIKES_S if strike_s != STRIKES_S[5]], abs=0.004)


@pytest.mark.parametrize(("apart_deg", "mean_deg"), [(-120, 60), (40, -90), (170, 170)])
def test_the_lift_of_the_feet_is_told_in_degrees_after_the_hips_highest(apart_deg, mean_deg):
    turn = 2 * np.pi * (CLOCK_S - 10) / STEP_S
    apart_m = 0.2 + 0.1 * np.cos(turn - np.radians(apart_deg))
    mean_m = 0.3 + 0.02 * np.cos(turn - np.radians(mean_deg))
    hips_m = 0.9 + 0.04 * np.cos(turn) + 0.03 * (CLOCK_S - 10)  # with a camera that sinks
    body = {
        "left_hip": hips_m,
        "right_hip": hips_m,
        "left_ankle": mean_m + apart_m / 2,
        "right_ankle": mean_m - apart_m / 2,
    }
    told = lifts_after_highest_deg(runner(**body), 2 * STEP_S)
    assert told == (pytest.approx(apart_deg, abs=2), pytest.approx(mean_deg, abs=2))
    short = {name: np.where(CLOCK_S < 10 + 2.9 * STEP_S, path, np.nan) for name, path in body.items()}
    assert np.isnan(lifts_after_highest_deg(runner(**short), 2 * STEP_S)).all()


DROPS_DEG = np.array([2.0, 6.0, 2.0, 6.0, 2.0, 6.0])  # of the right leg's stances


def right_leg(stances=6, *, by_model=False, wanted=BACK_WEIGHTS):
    """Thigh 8° and shank 3° towards the middle, the heel 6° outward, and the hip higher than the other one."""

    def outward(upper_m, lower_m, lean_deg):
        """The lower end, at its height, of a line that leans outward by so much."""
        out_m = (upper_m[:, 1] - lower_m) * tan(np.radians(lean_deg))
        return np.column_stack([upper_m[:, 0] + out_m, np.full_like(CLOCK_S, lower_m)])

    stride = ((CLOCK_S - STRIKES_S[1] + 0.1) / (2 * STEP_S)).astype(int)
    hip = np.column_stack([np.full_like(CLOCK_S, 0.39), 0.9 + 0.18 * np.tan(np.radians(DROPS_DEG[stride.clip(0, 5)]))])
    knee = outward(hip, 0.5, -8)
    ankle = outward(knee, 0.1, -3)
    points = {"right_hip": hip, "right_knee": knee, "right_ankle": ankle, "right_heel": outward(ankle, 0.03, 6)}
    points["left_hip"] = np.tile([0.21, 0.9], (len(CLOCK_S), 1))
    steps = [Step("right", strike_s, strike_s + CONTACT_S, 0.02, 0.03, 0.6) for strike_s in STRIKES_S[1::2][:stances]]
    # Two that the film cuts, and one too short for any stance: told, but no part of any number.
    cut = [
        Step("right", at_s, at_s + lasts_s, 0.02, 0.03, 0.6) for at_s, lasts_s in ((9.9, 0.2), (14.9, 0.2), (12, 0.03))
    ]
    other = Step("left", 12.5, 12.75, 0.02, 0.03, 0.6)
    return measure_leg(runner(**points), [*steps, *cut, other], "right", Precision(by_model, 60), wanted)


def test_every_angle_of_a_leg_is_told_with_its_sign():
    leg = right_leg()
    told = {key: (measure.value, measure.unit) for key, measure in leg.stance_mean.items()}
    assert told == {
        "pelvic_drop_deg": (pytest.approx(4), "°"),
        "hip_adduction_deg": (pytest.approx(4 + 8), "°"),
        "knee_adduction_deg": (pytest.approx(3 - 8), "°"),
        "pronation_deg": (pytest.approx(6 + 3), "°"),
        "step_width_cm": (pytest.approx(9 - 5.8 - 2.1, abs=0.05), "cm"),  # hip, and what thigh and shank lean in
    }
    assert leg.peak["pronation_deg"].value == pytest.approx(0, abs=0.01)  # the way from strike to peak: it rests
    assert leg.peak["step_width_cm"].unit == "cm"


def test_a_leg_is_told_step_by_step_with_its_spread_and_its_doubt():
    leg = right_leg()
    sd = DROPS_DEG.std(ddof=1)
    assert [row.get("pelvic_drop_deg") for row in leg.steps] == [*map(pytest.approx, DROPS_DEG), None, None, None]
    for told in (leg.stance_mean["pelvic_drop_deg"], leg.peak["pelvic_drop_deg"]):
        assert (told.value, told.n, told.sd) == (pytest.approx(4), 6, pytest.approx(sd))
        assert told.uncertainty_95 == pytest.approx(2 * hypot(0.8, sd / 6**0.5))
    mean, spread = leg.curves["pelvic_drop_deg"]
    assert mean == pytest.approx(np.full(51, 4.0))
    assert spread == pytest.approx(np.full(51, sd))


def test_peaks_are_looked_for_while_the_leg_bears_the_body_and_two_measures_are_told_by_their_mean():
    """What lies before a fifth and behind seven tenths of the stance counts in no peak, be it as high as it will."""
    share = ((CLOCK_S - STRIKES_S[1]) % (2 * STEP_S)) / CONTACT_S
    bump, beyond = (
        np.clip(1 - np.abs(share - 0.44) / 0.15, 0, None),
        np.interp(share, [0, 0.05, 0.10, 0.15, 0.74, 0.80, 0.86], [0, 0, 3, 0, 0, 3, 0]),
    )
    raised = np.column_stack([0 * CLOCK_S, bump + beyond])
    outward = raised[:, ::-1]
    points = {"left_hip": np.tile([-0.09, 0.9], (len(CLOCK_S), 1)), "right_hip": np.array([0.09, 0.9]) + 0.02 * raised}
    points |= {
        "right_knee": np.array([0.09, 0.5]) + 0.02 * outward,
        "right_ankle": np.array([0.09, 0.1]) + 0.02 * outward,
    }
    points["right_heel"] = np.array([0.09, 0.03]) + 0.03 * outward
    steps = [Step("right", strike_s, strike_s + CONTACT_S, 0.02, 0.03, 0.6) for strike_s in STRIKES_S[1::2]]
    leg = measure_leg(runner(**points), steps, "right", Precision(False, 60), BACK_WEIGHTS)
    told = {key: leg.peak[key].value for key in ("pelvic_drop_deg", "pronation_deg", "step_width_cm")}
    assert told["pelvic_drop_deg"] == pytest.approx(np.degrees(np.arctan(0.02 / 0.18)), abs=0.2)
    assert told["pronation_deg"] == pytest.approx(np.degrees(np.arctan(0.01 / 0.07)), abs=0.3)
    assert told["step_width_cm"] == pytest.approx(
        9 + 2 * 0.15 / 0.5, abs=0.1
    )  # the bump's mean over half of the stance


@pytest.mark.parametrize(
    ("stances", "by_model", "knee", "drop"), [(4, False, 0.6, 1), (3, False, 0.35, 1), (6, True, 0.6, 0.6)]
)
def test_a_leg_is_trusted_as_far_as_one_camera_can_show_it(stances, by_model, knee, drop):
    peak = right_leg(stances, by_model=by_model).peak
    keys = ("knee_adduction_deg", "pelvic_drop_deg", "pronation_deg")
    assert [peak[key].confidence for key in keys] == [knee, drop, 0.6]


def test_only_what_is_wanted_is_told():
    leg = right_leg(wanted=["pronation_deg"])
    assert [list(told) for told in (leg.peak, leg.stance_mean, leg.curves)] == [["pronation_deg"]] * 3


def test_one_stance_has_no_spread():
    leg = right_leg(1)
    assert (leg.peak["pelvic_drop_deg"].sd, leg.stance_mean["pelvic_drop_deg"].sd) == (0, 0)
    assert not leg.curves["pelvic_drop_deg"][1].any()


def test_a_step_whose_ankle_was_not_seen_is_not_told():
    body = running()
    hidden = np.abs(CLOCK_S - STRIKES_S[4] - 0.1) < 0.05
    body["right_ankle"] = np.where(hidden, np.nan, body["right_ankle"])
    found = find_steps_behind(runner(**body), 2 * STEP_S)
    told_s = [step.strike_s for step in found]
    assert told_s == pytest.approx([strike_s for strike_s in STRIKES_S if strike_s != STRIKES_S[4]], abs=0.004)

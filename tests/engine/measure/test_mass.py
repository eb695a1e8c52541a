"""The centre of mass of bodies laid out by hand, its rise in each step, and where in the step it is lowest."""

import numpy as np
import pytest

from engine.measure.body import GRID_HZ, Runner, Scale
from engine.measure.events import Step
from engine.measure.mass import centre_of_mass, lowest_in_step, rises_cm
from engine.measure.track import AT, JOINTS, SIDES

STEP_S = 0.36
CLOCK_S = 10 + np.arange(1500) / GRID_HZ
# A body standing straight: how high each joint lies, m. Sole and hand are points.
STANDS = {"ear": 1.6, "shoulder": 1.4, "elbow": 1.1, "wrist": 0.85, "hip": 0.9, "knee": 0.5, "ankle": 0.1}
STANDS |= {"heel": 0.0, "toe": 0.0}


def runner(heights_m=STANDS, hips_m=None):
    points_m = np.full((len(CLOCK_S), len(JOINTS), 2), np.nan)
    for part, height_m in heights_m.items():
        points_m[:, [AT[f"{side}_{part}"] for side in SIDES]] = 0.0, height_m
    if hips_m is not None:
        points_m[:, [AT[f"{side}_hip"] for side in SIDES], 1] = hips_m[:, None]
    return Runner(CLOCK_S, points_m, points_m, 1, "right", Scale(400.0, 0.02, {}), 0.0)


def steps(first_s=10.1, count=7):
    return [Step(SIDES[n % 2], first_s + STEP_S * n, first_s + STEP_S * n + 0.25, 0, 0, 1) for n in range(count)]


def height(heights_m):
    path, whole_body = centre_of_mass(runner(heights_m))
    assert np.ptp(path[:, 1]) == pytest.approx(0)
    return path[0, 1], whole_body


def test_a_standing_bodys_centre_lies_where_the_tables_shares_put_it():
    """By hand, from de Leva 1996: head, trunk, and twice upper arm, forearm, hand, thigh, shank and foot."""
    moments = [
        (6.81, 1.6),
        (43.02, 1.4 - 0.435 * 0.5),
        (2 * 2.63, 1.4 - 0.576 * 0.3),
        (2 * 1.50, 1.1 - 0.457 * 0.25),
        (2 * 0.585, 0.85),
        (2 * 14.47, 0.9 - 0.385 * 0.4),
        (2 * 4.57, 0.5 - 0.438 * 0.4),
        (2 * 1.33, 0.0),
    ]
    by_hand = sum(share * at for share, at in moments) / sum(share for share, _ in moments)
    assert height(STANDS) == (pytest.approx(by_hand), True)


def test_a_limb_that_was_not_seen_weighs_nothing_and_a_head_is_put_over_the_shoulders():
    no_hands = {part: at for part, at in STANDS.items() if part != "wrist"}
    arms = 2 * (1.50 * (1.1 - 0.457 * 0.25) + 0.585 * 0.85)
    total = 6.81 + 43.02 + 2 * (2.63 + 14.47 + 4.57 + 1.33)
    whole = height(STANDS)[0] * (total + 2 * (1.50 + 0.585))
    assert height(no_hands)[0] == pytest.approx((whole - arms) / total)
    no_elbows = {part: at for part, at in STANDS.items() if part != "elbow"}
    assert height(no_elbows)[0] == pytest.approx(
        (whole - arms - 2 * 2.63 * (1.4 - 0.576 * 0.3) + 2 * 0.585 * 0.85) / (total - 2 * (2.63 - 0.585))
    )
    no_ears = {part: at for part, at in STANDS.items() if part != "ear"}
    lower_m = 1.6 - (1.4 + 0.35 * 0.5)
    assert height(STANDS)[0] - height(no_ears)[0] == pytest.approx(6.81 * lower_m / (total + 2 * (1.50 + 0.585)))


def test_without_shoulders_the_hips_stand_for_the_body():
    assert height({part: at for part, at in STANDS.items() if part != "shoulder"}) == (0.9, False)


def test_a_rise_is_told_of_each_step_and_a_drift_of_the_picture_is_not():
    wave_m = 0.9 + 0.04 * np.cos(2 * np.pi * CLOCK_S / STEP_S)
    for drift_m_s in (0.0, 0.2):
        rises = rises_cm(runner(), wave_m + drift_m_s * CLOCK_S, steps(), STEP_S)
        assert rises == pytest.approx([8.0] * 6, abs=0.3)


def test_no_rise_is_told_across_a_lost_step_or_where_the_body_was_not_seen():
    wave_m = 0.9 + 0.04 * np.cos(2 * np.pi * CLOCK_S / STEP_S)
    run = [step for number, step in enumerate(steps()) if number != 3]
    assert list(np.isfinite(rises_cm(runner(), wave_m, run, STEP_S))) == [True, True, False, True, True]
    twice = [steps()[0], *steps(10.15)]  # a strike that was found twice: too soon for a step
    assert np.isnan(rises_cm(runner(), wave_m, twice, STEP_S)[0])
    hidden = np.where(np.abs(CLOCK_S - steps()[2].strike_s - 0.1) < 0.02, np.nan, wave_m)
    assert list(np.isfinite(rises_cm(runner(), hidden, steps(), STEP_S))) == [True, True, False, True, True, True]


@pytest.mark.parametrize("share", [0.05, 0.33, 0.9])
def test_the_lowest_of_a_step_is_told_from_its_strike_whatever_else_the_picture_does(share):
    after_s = CLOCK_S - steps()[0].strike_s
    hips_m = 0.9 - 0.04 * np.cos(2 * np.pi * (after_s / STEP_S - share)) + 0.05 * CLOCK_S
    assert lowest_in_step(runner(hips_m=hips_m), steps(), 2 * STEP_S) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("deep", [5.0, 0.0])
def test_each_step_counts_alike_and_one_without_any_fall_not_at_all(deep):
    """A leap five times as high does not say when the others are lowest."""
    after_s = CLOCK_S - steps()[0].strike_s
    first = (after_s > -0.005) & (after_s < STEP_S + 0.005)
    share = np.where(first, 0.6, 0.3)
    hips_m = 0.9 - 0.04 * np.where(first, deep, 1.0) * np.cos(2 * np.pi * (after_s / STEP_S - share))
    shares = np.array([0.6, *[0.3] * 6] if deep else [0.3])
    mean = np.angle(np.exp(2j * np.pi * shares).sum()) / (2 * np.pi)
    assert lowest_in_step(runner(hips_m=hips_m), steps(), 2 * STEP_S) == pytest.approx(mean, abs=0.02)


def test_of_steps_that_were_not_wholly_seen_no_lowest_is_told():
    hips_m = 0.9 - 0.04 * np.cos(2 * np.pi * ((CLOCK_S - steps()[0].strike_s) / STEP_S - 0.3))
    hidden = np.where(np.abs(CLOCK_S - 10.5) < 0.02, np.nan, hips_m)
    assert lowest_in_step(runner(hips_m=hidden), steps(), 2 * STEP_S) == pytest.approx(0.3, abs=0.01)
    assert np.isnan(lowest_in_step(runner(hips_m=hips_m * np.nan), steps(), 2 * STEP_S))
    for beyond_s in (9.5, 12.8):  # begun before the film, or not over when it ends
        assert np.isnan(lowest_in_step(runner(hips_m=hips_m), steps(beyond_s, 1), 2 * STEP_S))

"""Cadence, contact, flight and their doubt, from steps whose times are known."""

from dataclasses import replace

import numpy as np
import pytest

from engine.measure.events import Step
from engine.measure.precision import Precision
from engine.measure.timing import flights_ms, measure_timing, step_time_s

PRECISION = Precision(by_model=False, fps=60)


def steps(count=12, step_s=0.36, contact_s=0.25, right_extra_s=0.0, limp_s=0.0, missing=()):
    out = []
    for number in range(count):
        side = "left" if number % 2 == 0 else "right"
        strike = 0.5 + number * step_s + (limp_s if side == "right" else 0.0)
        contact = contact_s + (right_extra_s if side == "right" else 0.0)
        out.append(Step(side, strike, strike + contact, 0.0, 0.0, 1.0))
    return [step for number, step in enumerate(out) if number not in missing]


def test_cadence_is_the_rate_of_strikes():
    timing = measure_timing(steps(step_s=0.36), PRECISION)
    assert timing.measures["cadence_spm"].value == pytest.approx(60 / 0.36)


def test_a_lost_contact_does_not_slow_the_cadence():
    step_s, _ = step_time_s(steps(missing=(4, 7)))
    assert step_s == pytest.approx(0.36)


def test_a_foot_that_is_mostly_lost_does_not_halve_the_cadence():
    mostly_left = steps(count=16, missing=(1, 3, 5, 7, 9, 13, 15))
    assert step_time_s(mostly_left, stride_s=0.72)[0] == pytest.approx(0.36)


def test_a_rhythm_of_strikes_that_is_not_the_legs_is_as_unsure_as_the_two_are_apart():
    run = steps(step_s=0.345)
    agreed, apart = (step_time_s(run, stride_s=stride_s) for stride_s in (0.69, 0.71))
    assert agreed[0] == apart[0] == pytest.approx(0.345)
    assert agreed[1] < 0.001
    assert apart[1] == pytest.approx(0.005)


@pytest.mark.parametrize("shift_s", [-0.16, -0.06, 0.06, 0.16])
def test_a_part_that_was_cut_out_does_not_bend_the_cadence(shift_s):
    run = [
        replace(step, strike_s=step.strike_s + shift_s) if number > 4 else step for number, step in enumerate(steps())
    ]
    assert step_time_s(run)[0] == pytest.approx(0.36)


@pytest.mark.parametrize("shifts_s", [(-0.16, 0.16), (0.07, 0.14), (0.16, -0.16, 0.16)])
def test_parts_that_were_cut_out_here_and_there_do_not_bend_the_cadence(shifts_s):
    run = [replace(step, strike_s=step.strike_s + sum(shifts_s[: n // 6])) for n, step in enumerate(steps(count=24))]
    assert step_time_s(run)[0] == pytest.approx(0.36)


@pytest.mark.parametrize("between_s", [2.00, 2.07, 2.17, 2.30])
def test_time_in_which_no_step_is_seen_does_not_bend_the_cadence(between_s):
    run = [replace(step, strike_s=step.strike_s + between_s * (number > 4)) for number, step in enumerate(steps())]
    assert step_time_s(run)[0] == pytest.approx(0.36)


def test_a_slowing_runner_is_no_cut():
    run = [replace(step, strike_s=step.strike_s + 0.001 * number**2) for number, step in enumerate(steps())]
    assert step_time_s(run)[0] == pytest.approx(0.36 + 0.001 * 11, abs=0.001)


def test_a_limp_does_not_bend_the_cadence_of_an_odd_count():
    step_s, _ = step_time_s(steps(count=7, limp_s=0.02))
    assert step_s == pytest.approx(0.36)


def test_few_strikes_that_lie_on_a_line_do_so_by_luck():
    few, many = (measure_timing(steps(count=count), PRECISION).measures["cadence_spm"] for count in (5, 30))
    assert many.uncertainty_95 == pytest.approx(2 * PRECISION.bias("cadence_spm"), rel=0.05)
    assert few.uncertainty_95 > 3 * many.uncertainty_95


def test_flight_is_what_is_left_of_the_step_and_duty_what_is_taken():
    measures = measure_timing(steps(), PRECISION).measures
    assert measures["contact_time_ms"].value == pytest.approx(250)
    assert measures["flight_time_ms"].value == pytest.approx(110)
    assert measures["duty_factor"].value == pytest.approx(0.25 / 0.72)


def test_no_flight_is_told_across_a_lost_contact():
    flights = flights_ms(steps(count=4, missing=(2,)), 0.36)
    assert flights[0] == pytest.approx(110)
    assert np.isnan(flights[1])
    assert np.isnan(flights[2])


@pytest.mark.parametrize(("left_s", "right_extra_s", "right_ms"), [(0.25, 0.025, 275), (0.275, -0.025, 250)])
def test_unequal_contacts_show_as_asymmetry_with_their_side(left_s, right_extra_s, right_ms):
    measures = measure_timing(steps(contact_s=left_s, right_extra_s=right_extra_s), PRECISION).measures
    assert measures["contact_time_ms"].right.value == pytest.approx(right_ms)
    assert measures["contact_asymmetry_percent"].value == pytest.approx(100 * 25 / 262.5)
    assert measures["contact_balance_percent"].value == pytest.approx(100 * right_ms / 525)


def test_film_is_less_sure_than_markers_and_slow_film_less_than_fast():
    def doubt(precision):
        return measure_timing(steps(), precision).measures["contact_time_ms"].uncertainty_95

    markers, fast, slow = (
        doubt(Precision(False, 60)),
        doubt(Precision(True, 60)),
        doubt(Precision(True, 30)),
    )
    assert markers < fast < slow


def test_steps_locked_to_the_frames_are_less_sure():
    locked = measure_timing(steps(step_s=20 / 60), PRECISION).measures["contact_time_ms"].uncertainty_95
    free = measure_timing(steps(step_s=20.4 / 60), PRECISION).measures["contact_time_ms"].uncertainty_95
    assert locked > free

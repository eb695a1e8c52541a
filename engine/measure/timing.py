"""Cadence, contact, flight and duty factor from the moments of strike and toe-off."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from engine.measure.events import Step
from engine.measure.numbers import STEPS_PER_MINUTE, Measure, both_sides, summarise
from engine.measure.precision import Precision
from engine.measure.track import SIDES, Array

# A step time within this of a whole number of frames puts every strike at the same place between frames: averaging
# does not help then (seen in a simulation; ours).
PHASE_LOCK = 0.03
# Strikes lie within 3 ms of their rhythm on good film (ours); where all scatter more, three times the median is near
# (two of their standard deviations).
NEAR_THE_LINE_S, NEAR_THE_LINE = 0.006, 3.0
# A cut shifts the strikes behind it by this share of a step or more (uncut runs shift by 0.03 at most) and has some
# strikes to either side; one, two and three at once leave this share of the variance off the line. They are looked for
# where the time between strikes is oddest. Ours.
CUT, CUT_FROM_END, CUTS_LEAVE, CUT_PLACES = 0.10, 3, (0.25, 0.15, 0.10), 6
# After so many steps without a strike nobody knows whether the time between was the run's own: phones show the middle
# of a film in slow motion, in which no strike is found. Ours.
HOLE_STEPS = 3.5
# Few strikes lie near their line by luck: the doubt of its slope is as if so many more lay off it by NEAR_THE_LINE_S.
# Of 2 to 3 s of the marker trials it then holds in 88-99 % instead of 75-96; of 4 s and more it hardly changes.
BY_LUCK = 4
SWING_OFF = 0.005  # of a step: as far as strikes and swing of the marker trials are apart at most (0.004)
MIN_FREEDOM = 2  # strikes more than what the line is made of: fewer would give a line without doubt
ROUNDS = 12  # of weighing; five settle it


@dataclass(frozen=True)
class Timing:
    """The rhythm of one run. Flights are listed with the step they follow; NaN where the next step was not seen."""

    step_time_s: float
    flights_ms: tuple[float, ...]
    measures: dict[str, Measure]


def step_time_s(steps: list[Step], stride_s: float | None = None) -> tuple[float, float]:
    """The mean step time and its standard error, s, by a line through all strikes; left and right may limp apart.

    Missing steps are skipped over: each strike is numbered by its time, so a lost contact does not slow the cadence.
    Behind a long hole the line begins anew.
    A strike far off the line counts less (Huber): near the ends of a film a filter sees only half of its window.
    `stride_s` is the stride time as the legs' swing tells it: where most steps of one foot are missing, the usual gap
    between strikes is a stride and not a step. It knows nothing of strikes: the doubt reaches to it.
    """
    strikes = np.array([step.strike_s for step in steps])
    rough = float(np.median(np.diff(strikes)))
    if stride_s:
        rough /= max(1, round(2 * rough / stride_s))
    number = np.concatenate([[0], np.cumsum(np.maximum(1, np.round(np.diff(strikes) / rough)))])
    limp = np.array([1.0 if step.side == "right" else -1.0 for step in steps])
    columns = [np.ones_like(number), number] + ([limp] if len(steps) >= 5 and len(set(limp)) == 2 else [])
    holes = np.flatnonzero(np.diff(strikes) > HOLE_STEPS * rough) + 1
    if len(strikes) - len(columns) - len(holes) >= MIN_FREEDOM:
        columns += [np.arange(len(strikes)) >= place for place in holes]
    design = _with_cuts(np.column_stack(columns), strikes)
    weight = np.ones(len(strikes))
    for _ in range(ROUNDS):
        root = np.sqrt(weight)
        solution, *_ = np.linalg.lstsq(design * root[:, None], strikes * root, rcond=None)
        residual = strikes - design @ solution
        off = np.abs(residual)
        near = max(NEAR_THE_LINE_S, NEAR_THE_LINE * float(np.median(off)))
        weight = np.minimum(1.0, near / np.maximum(off, 1e-9))
    freedom = max(1, len(strikes) - design.shape[1])
    off_the_line = float(weight * residual @ residual)
    variance = max(off_the_line / freedom, (off_the_line + BY_LUCK * NEAR_THE_LINE_S**2) / (freedom + BY_LUCK))
    spread = np.linalg.pinv(design.T @ (design * weight[:, None]))[1, 1]
    step_s, error_s = float(solution[1]), float(np.sqrt(variance * spread))
    apart_s = abs(step_s - stride_s / 2) if stride_s else 0.0
    return step_s, max(error_s, apart_s / 2) if apart_s > SWING_OFF * step_s else error_s


def _with_cuts(design: Array, strikes: Array) -> Array:
    """The design (n, k) with a column more for each cut, where a part of the run was left out and its time with it.

    All strikes behind a cut come early or late by the same share of a step, which would bend the line. Of two cuts that
    shift to opposite sides, one alone explains little: they are tried together.
    """
    behind = {place: np.arange(len(strikes)) >= place for place in _odd_places(design[:, 1], strikes)}
    found, _, uncut = _line(design, strikes)
    least = uncut
    most = min(len(CUTS_LEAVE), len(behind), len(strikes) - design.shape[1] - MIN_FREEDOM)
    for count in range(1, most + 1):
        sets = combinations(behind.values(), count)
        lines = [_line(np.column_stack([design, *columns]), strikes) for columns in sets]
        cut, solution, off = min(lines, key=lambda line: line[2])
        shifts = np.abs(solution[-count:])
        if off <= min(least, CUTS_LEAVE[count - 1] * uncut) and shifts.min() >= CUT * solution[1]:
            found, least = cut, off
    return found


def _odd_places(number: Array, strikes: Array) -> list[int]:
    """The strikes, by their place, before which the time is furthest from whole steps: where cuts may lie."""
    gaps, passed = np.diff(strikes), np.diff(number)
    odd = np.abs(gaps - passed * np.median(gaps / passed))
    inner = range(CUT_FROM_END, len(strikes) - CUT_FROM_END + 1)
    return sorted(inner, key=lambda place: -odd[place - 1])[:CUT_PLACES]


def _line(design: Array, strikes: Array) -> tuple[Array, Array, float]:
    """A design, the line through the strikes by it, and the variance off that line, s²."""
    solution = np.asarray(np.linalg.lstsq(design, strikes, rcond=None)[0], dtype=np.float64)
    freedom = max(1, len(strikes) - design.shape[1])
    return design, solution, float(((strikes - design @ solution) ** 2).sum()) / freedom


def flights_ms(steps: list[Step], step_s: float) -> tuple[float, ...]:
    """The time in the air after each step, ms; NaN where the other foot's next strike was not seen."""
    out = []
    for step, following in pairwise(steps):
        seen = following.side != step.side and 0.5 * step_s < following.strike_s - step.strike_s < 1.5 * step_s
        out.append((following.strike_s - step.toe_off_s) * 1000 if seen else float("nan"))
    return (*out, float("nan"))


def measure_timing(
    steps: list[Step], precision: Precision, strikes: list[Step] | None = None, stride_s: float | None = None
) -> Timing:
    """Sum up the rhythm of steps that passed gates.check_steps; `strikes` are all that tell the cadence, if more."""
    step_s, error_s = step_time_s(strikes or steps, stride_s)
    flights = flights_ms(steps, step_s)
    contacts = {side: [step.contact_s * 1000 for step in steps if step.side == side] for side in SIDES}
    airborne = {
        side: [flight for step, flight in zip(steps, flights, strict=True) if step.side == side] for side in SIDES
    }
    contact_bias, noise = precision.bias("contact_time_ms"), precision.event_noise_ms
    frames_a_step = step_s * precision.fps
    if abs(frames_a_step - round(frames_a_step)) < PHASE_LOCK:
        contact_bias = float(np.hypot(contact_bias, noise))
    cadence = 60 / step_s
    cadence_error = float(np.hypot(precision.bias("cadence_spm"), cadence * error_s / step_s))
    # Half a stride per step: the mean contact over twice the mean step time needs no matching of single steps.
    half = 1 / (2000 * step_s)
    shares = {side: [value * half for value in contacts[side]] for side in SIDES}
    stride_bias = 2000 * step_s * precision.bias("cadence_spm") / cadence
    found = {
        "cadence_spm": Measure(cadence, STEPS_PER_MINUTE, 2 * cadence_error, 0.0, len(steps)),
        "contact_time_ms": both_sides(contacts["left"], contacts["right"], "ms", bias=contact_bias, noise=noise),
        "duty_factor": both_sides(shares["left"], shares["right"], "", bias=contact_bias * half, noise=noise * half),
        "flight_time_ms": both_sides(airborne["left"], airborne["right"], "ms", bias=contact_bias, noise=noise),
        "stride_time_ms": summarise(_stride_times_ms(steps, step_s), "ms", bias=stride_bias),
    }
    measures = {key: measure for key, measure in found.items() if measure}
    return Timing(step_s, flights, measures | _asymmetry(measures, precision))


def _stride_times_ms(steps: list[Step], step_s: float) -> list[float]:
    out = []
    for side in SIDES:
        own = [step.strike_s for step in steps if step.side == side]
        out += [float(gap) * 1000 for gap in np.diff(own) if 1.5 * step_s < gap < 2.5 * step_s]
    return out


def _asymmetry(measures: dict[str, Measure], precision: Precision) -> dict[str, Measure]:
    """How unequal the two contacts are, in percent of their mean, and the right side's share of contact."""
    contact = measures.get("contact_time_ms")
    if not contact or not contact.left or not contact.right:
        return {}
    left, right = contact.left, contact.right
    mean = (left.value + right.value) / 2
    # What biases both sides alike cancels in the difference; a third of it is left (ours, from the reference trials).
    random = sum((side.uncertainty_95 / 2) ** 2 - precision.bias("contact_time_ms") ** 2 for side in (left, right))
    error = float(np.sqrt(max(random, 0.0) + (precision.bias("contact_time_ms") / 3) ** 2))
    n = min(left.n, right.n)
    return {
        "contact_asymmetry_percent": Measure(
            100 * abs(right.value - left.value) / mean, "%", 200 * error / mean, 0.0, n
        ),
        "contact_balance_percent": Measure(
            100 * right.value / (left.value + right.value), "%", 50 * error / mean, 0.0, n
        ),
    }

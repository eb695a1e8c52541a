"""The measures of the side view: angles at the moments of the cycle, lengths and heights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from engine.measure.angles import JOINT_ANGLES, SEGMENTS, Angles
from engine.measure.body import GRID_HZ, Runner
from engine.measure.events import Step
from engine.measure.landing import Landing, calm, classify
from engine.measure.mass import centre_of_mass, rises_cm
from engine.measure.numbers import Measure, Reading, both_sides, reading, summarise
from engine.measure.precision import FOOT_ANGLE_NOISE_DEG, Precision
from engine.measure.track import SIDES, Array

MOMENTS = ("strike", "mid_stance", "toe_off", "mid_swing")
EVENTS = ("strike", "toe_off")  # moments that are found, and may be found early or late; the others are turning points
# What an angle's lasting error is that of, if not of joints: the ankle shares the foot's, whose zero must be guessed.
BIASES = {
    "thigh": "segment_deg",
    "shank": "segment_deg",
    "foot": "foot_angle_deg",
    "ankle": "foot_angle_deg",
    "elbow": "elbow_deg",
}
ARM = ("shoulder", "elbow")
MID_STANCE_SHARE = 0.45  # of contact, where the knee shows no clear peak
CURVE_POINTS = 101  # 0-100 % of a stride
Readings = list[dict[str, Reading]]  # for every step, what it gave of each measure


@dataclass(frozen=True)
class Cycle:
    """One stride of one leg: the four moments, as fractional indices of the fine clock; NaN beyond the film."""

    step: Step
    strike: float
    mid_stance: float
    toe_off: float
    mid_swing: float
    next_strike: float

    def at(self, moment: str) -> float:
        """The index of one of MOMENTS."""
        return float(getattr(self, moment))


def _cycles(runner: Runner, angles: Angles, steps: list[Step], step_s: float) -> list[Cycle]:
    """Cut the run into strides, one a step; mid-stance and mid-swing are where the knee is most bent."""
    out = []
    for number, step in enumerate(steps):
        later = [other for other in steps[number + 1 :] if other.side == step.side]
        knee = angles.of(step.side, "knee")
        strike, toe_off = float(runner.index(step.strike_s)), float(runner.index(step.toe_off_s))
        whole = bool(later) and later[0].strike_s - step.strike_s < 2.5 * step_s
        next_strike = float(runner.index(later[0].strike_s)) if whole else float("nan")
        mid_stance = _peak(knee, strike + 0.2 * (toe_off - strike), strike + 0.75 * (toe_off - strike))
        if not np.isfinite(mid_stance):
            mid_stance = strike + MID_STANCE_SHARE * (toe_off - strike)
        # Without the next strike the swing is looked for where it must be: half a stride after mid-stance.
        end = next_strike if whole else toe_off + 1.2 * step_s / (runner.time_s[1] - runner.time_s[0])
        mid_swing = _peak(knee, toe_off, end)
        out.append(Cycle(step, strike, mid_stance, toe_off, mid_swing, next_strike))
    return out


def _peak(series: Array, start: float, stop: float) -> float:
    """Index of the highest inner value between two indices; NaN when unseen or at the edge."""
    if not (np.isfinite(start) and np.isfinite(stop)) or start < 0:
        return float("nan")
    part = series[int(start) : min(int(stop) + 1, len(series))]
    if len(part) < 5 or not np.isfinite(part).all() or int(stop) >= len(series):
        return float("nan")
    at = int(np.argmax(part))
    return float("nan") if at in (0, len(part) - 1) else float(int(start) + at)


@dataclass(frozen=True)
class SideView:
    """Everything read off a side view besides timing."""

    measures: dict[str, Measure]
    joints: dict[tuple[str, str], dict[str, Measure]]  # (side, angle) -> strike, mid_stance, ..., min, max, mean, range
    landings: list[Landing | None]  # one a step
    readings: Readings  # one a step
    curves: dict[tuple[str, str], tuple[Array, Array]]  # (side, angle) -> mean and SD over 0-100 % of the stride
    body_mass_path: bool  # False: the middle of the hips stands in for the centre of mass


@dataclass(frozen=True)
class _Strides:
    """The strides of a run, off which measures are read; what each step gave is noted on the way."""

    runner: Runner
    cycles: list[Cycle]
    precision: Precision
    trust: dict[str, float]  # in each leg, 0-1
    told: Readings

    def at(self, key: str, moment: str, series: dict[str, Array], bias: str) -> Measure | None:
        """The value at one of MOMENTS, by side."""
        values: dict[str, list[float]] = {side: [] for side in SIDES}
        for stride, own in zip(self.cycles, self.told, strict=True):
            value = reading(series[stride.step.side], stride.at(moment))
            values[stride.step.side].append(value)
            self.tell(own, key, value, stride.at(moment))
        return self._both_sides(values, _moment_error(series, self.cycles, moment, bias, self.precision))

    def highest(self, key: str, phase: str, series: dict[str, Array], bias: str) -> Measure | None:
        """The highest value of a phase, by side."""
        values: dict[str, list[float]] = {side: [] for side in SIDES}
        for stride, own in zip(self.cycles, self.told, strict=True):
            span = _span(stride, phase)
            part = _cut(series[stride.step.side], span)
            if part is not None:
                values[stride.step.side].append(float(part.max()))
                self.tell(own, key, float(part.max()), int(span[0]) + int(part.argmax()))
        return self._both_sides(values, self.precision.bias(bias))

    def over_whole(
        self, key: str, series: Array, what: Callable[[Array], Any], bias: str, noise: float
    ) -> Measure | None:
        """`what` of each whole stride."""
        values = []
        for stride, own in zip(self.cycles, self.told, strict=True):
            span = _span(stride, "stride")
            part = _cut(series, span)
            if part is not None:
                values.append(float(what(part)))
                self.tell(own, key, values[-1], *span)
        return summarise(values, "°", bias=self.precision.bias(bias), noise=noise)

    def tell(self, own: dict[str, Reading], key: str, value: float, start: float, end: float | None = None) -> None:
        """Note what a step gave between two indices of the fine clock; nothing for what was not seen."""
        tick_s = self.runner.time_s[1] - self.runner.time_s[0]

        def moment_s(index: float) -> float:
            return float(self.runner.time_s[0] + index * tick_s)

        if np.isfinite(value):
            own[key] = Reading(value, moment_s(start), None if end is None else moment_s(end))

    def _both_sides(self, values: dict[str, list[float]], bias: float) -> Measure | None:
        confidence = (self.trust["left"], self.trust["right"])
        return both_sides(values["left"], values["right"], "°", bias=bias, noise=1.0, confidence=confidence)


def measure_side(
    runner: Runner, angles: Angles, steps: list[Step], step_s: float, precision: Precision, trust: dict[str, float]
) -> SideView:
    """Measure a side view; `trust` is the confidence in each leg, 0-1."""
    cycles = _cycles(runner, angles, steps, step_s)
    strides = _Strides(runner, cycles, precision, trust, [{} for _ in cycles])
    height, whole_body = centre_of_mass(runner)
    found = _legs(strides, angles) | _upper_body(strides, angles)
    found["oscillation_cm"] = _rise(strides, rises_cm(runner, height[:, 1], steps, step_s))
    found["mean_height_m"] = _mean_height(runner, height[:, 1], steps)
    joints = {
        (side, name): _joint_numbers(strides, angles, side, name)
        for side in SIDES
        for name in (*JOINT_ANGLES, *SEGMENTS)
    }
    over_stride = {(side, name): angles.of(side, name) for side in SIDES for name in JOINT_ANGLES}
    over_stride |= {(side, "trunk"): angles.trunk_lean_deg for side in SIDES}
    curves = {
        (side, name): curve
        for (side, name), series in over_stride.items()
        if (curve := _curve(series, cycles, side)) is not None
    }
    return SideView(
        {key: measure for key, measure in found.items() if measure},
        joints,
        _landings(angles, cycles, precision),
        strides.told,
        curves,
        whole_body,
    )


def _legs(strides: _Strides, angles: Angles) -> dict[str, Measure | None]:
    """Angles of the legs at the moments of the cycle, and the highest of a phase."""

    def of(name: str) -> dict[str, Array]:
        return {side: angles.of(side, name) for side in SIDES}

    to_ankle = {side: _from_hips_deg(strides.runner, f"{side}_ankle") for side in SIDES}
    toe_behind = {side: -_from_hips_deg(strides.runner, f"{side}_toe") for side in SIDES}
    thigh_behind = {side: -angles.of(side, "thigh") for side in SIDES}
    at_moments = {
        "overstride_deg": ("strike", to_ankle, "segment_deg"),
        "tibia_at_strike_deg": ("strike", of("shank"), "segment_deg"),
        "knee_at_strike_deg": ("strike", of("knee"), "angle_deg"),
        "knee_stance_peak_deg": ("mid_stance", of("knee"), "angle_deg"),
        "knee_swing_peak_deg": ("mid_swing", of("knee"), "angle_deg"),
        "thigh_extension_toe_off_deg": ("toe_off", thigh_behind, "segment_deg"),
        "push_angle_deg": ("toe_off", toe_behind, "segment_deg"),
        "foot_strike_angle_deg": ("strike", of("foot"), "foot_angle_deg"),
    }
    highest = {
        "thigh_lift_peak_deg": ("swing", of("thigh"), "segment_deg"),
        "dorsiflexion_peak_deg": ("stance", of("ankle"), "angle_deg"),
    }
    found = {key: strides.at(key, *what) for key, what in at_moments.items()}
    return found | {key: strides.highest(key, *what) for key, what in highest.items()}


def _upper_body(strides: _Strides, angles: Angles) -> dict[str, Measure | None]:
    """Trunk, head and the near arm: means over whole strides, and the arm's swing."""
    near = strides.runner.near
    over_strides: dict[str, tuple[Array, Callable[[Array], Any], str, float]] = {
        "trunk_lean_deg": (angles.trunk_lean_deg, np.mean, "segment_deg", 0.5),
        "head_forward_deg": (angles.head_forward_deg, np.mean, "head_deg", 1.0),
        "elbow_flexion_deg": (angles.of(near, "elbow"), np.mean, "elbow_deg", 1.0),
        "arm_swing_deg": (angles.of(near, "shoulder"), np.ptp, "angle_deg", 2.0),
    }
    return {key: strides.over_whole(key, *what) for key, what in over_strides.items()}


def _rise(strides: _Strides, rises: list[float]) -> Measure | None:
    """Rise and fall of the centre of mass from one strike to the next, cm."""
    for own, value, (this, following) in zip(strides.told, rises, pairwise(strides.cycles), strict=False):
        strides.tell(own, "oscillation_cm", value, this.strike, following.strike)
    seen = [value for value in rises if np.isfinite(value)]
    scale_cm = np.mean(seen) * strides.runner.scale.error if seen else 0
    return summarise(rises, "cm", bias=float(np.hypot(strides.precision.bias("oscillation_cm"), scale_cm)))


def _moment_error(
    series: dict[str, Array], strides: list[Cycle], moment: str, bias: str, precision: Precision
) -> float:
    """The lasting standard error of an angle at a strike or toe-off, or at a turn of its own, degrees."""
    if moment not in EVENTS:
        return precision.bias(bias)
    moved_deg = _by_event_deg(series, strides, moment, 2 * precision.event_error_s) / 2
    if moment == "toe_off" and bias == "foot_angle_deg":  # whose figure was set at strikes, where the foot turns less
        return float(np.hypot(precision.bias(bias), moved_deg))
    return precision.at_event(bias, moved_deg)


def _error_at_knees_turn(
    series: dict[str, Array], strides: list[Cycle], moment: str, bias: str, precision: Precision
) -> float:
    """The same of another angle than the knee where the knee is most bent: a flat peak is found early or late."""
    apart_s = 2 * precision.bias("turn_ms") / 1000
    return float(np.hypot(precision.bias(bias), _by_event_deg(series, strides, moment, apart_s) / 2))


def _by_event_deg(series: dict[str, Array], strides: list[Cycle], moment: str, apart_s: float) -> float:
    """How far an angle changes on average when its moment is found by `apart_s` too early or too late, the larger."""
    changes = []
    for away in (-apart_s, apart_s):
        pairs = [(series[one.step.side], one.at(moment)) for one in strides]
        moved = [reading(angle, at + away * GRID_HZ) - reading(angle, at) for angle, at in pairs]
        changes.append(abs(float(np.mean([value for value in moved if np.isfinite(value)] or [0.0]))))
    return max(changes)


def _from_hips_deg(runner: Runner, point: str) -> Array:
    """The line from the middle of the hips to a point, degrees from the vertical, + point ahead."""
    line = runner.at(point) - runner.middle("hip")
    return np.asarray(np.degrees(np.arctan2(line[:, 0], -line[:, 1])))


def _span(stride: Cycle, phase: str) -> tuple[float, float]:
    return {
        "stance": (stride.strike, stride.toe_off),
        "swing": (stride.toe_off, stride.next_strike),
        "stride": (stride.strike, stride.next_strike),
    }[phase]


def _cut(series: Array, span: tuple[float, float]) -> Array | None:
    """The part of a series between two indices; None when it is not wholly there."""
    if not np.isfinite(span).all() or span[0] < 0 or span[1] >= len(series):
        return None
    part = series[int(span[0]) : int(span[1]) + 1]
    return part if len(part) > 3 and np.isfinite(part).all() else None


def _mean_height(runner: Runner, height: Array, steps: list[Step]) -> Measure | None:
    """Mean height of the centre of mass over the resting feet's toes, m."""
    out = []
    for step in steps:
        strike, toe_off = float(runner.index(step.strike_s)), float(runner.index(step.toe_off_s))
        contact = step.contact_s * GRID_HZ
        part = _cut(height, (strike, toe_off))
        floor = _cut(runner.at(f"{step.side}_toe")[:, 1], (strike + 0.3 * contact, toe_off - 0.5 * contact))
        if part is not None and floor is not None:
            out.append(float(part.mean() - np.median(floor)))
    return summarise(out, "m", bias=float(np.mean(out)) * runner.scale.error if out else 0.0)


def _landings(angles: Angles, strides: list[Cycle], precision: Precision) -> list[Landing | None]:
    """The landing of every step; the steps of one foot lend each other certainty."""
    found: list[Landing | None] = [None] * len(strides)
    error_deg = float(np.hypot(precision.bias("foot_angle_deg"), 1.0))
    for side in SIDES:
        own = [number for number, stride in enumerate(strides) if stride.step.side == side]
        read = np.array([reading(angles.of(side, "foot"), strides[number].strike) for number in own])
        for number, angle in zip(own, calm(read, FOOT_ANGLE_NOISE_DEG), strict=True):
            found[number] = classify(float(angle), error_deg) if np.isfinite(angle) else None
    return found


def _bias_of(name: str, side: str, runner: Runner) -> str:
    """Which lasting error an angle has; the far arm is hidden behind the body half of the time."""
    return "far_arm_deg" if name in ARM and side != runner.near else BIASES.get(name, "angle_deg")


def _joint_numbers(strides: _Strides, angles: Angles, side: str, name: str) -> dict[str, Measure]:
    """One angle of one side: at the four moments, and its least, most, mean and range over whole strides."""
    own = [stride for stride in strides.cycles if stride.step.side == side]
    series, precision = angles.of(side, name), strides.precision
    bias = _bias_of(name, side, strides.runner)
    errors = dict.fromkeys(("min", "max", "mean", "range"), precision.bias(bias))
    for moment in MOMENTS:
        error_of = _moment_error if moment in EVENTS or name == "knee" else _error_at_knees_turn
        errors[moment] = error_of({side: series}, own, moment, bias, precision)
    values: dict[str, list[float]] = {m: [reading(series, stride.at(m)) for stride in own] for m in MOMENTS}
    wholes = [part for stride in own if (part := _cut(series, _span(stride, "stride"))) is not None]
    values["min"] = [float(part.min()) for part in wholes]
    values["max"] = [float(part.max()) for part in wholes]
    values["mean"] = [float(part.mean()) for part in wholes]
    values["range"] = [float(np.ptp(part)) for part in wholes]
    if name == "elbow" and bias == "far_arm_deg":
        errors["min"] = errors["range"] = precision.bias("far_elbow_least_deg")
    found = {
        key: summarise(numbers, "°", bias=errors[key], noise=1.0, confidence=strides.trust[side])
        for key, numbers in values.items()
    }
    return {key: measure for key, measure in found.items() if measure}


def _curve(series: Array, strides: list[Cycle], side: str) -> tuple[Array, Array] | None:
    """Mean and SD of an angle over the stride, each (CURVE_POINTS,); None without a whole stride."""
    laps = []
    for stride in strides:
        if stride.step.side == side and (part := _cut(series, _span(stride, "stride"))) is not None:
            laps.append(np.interp(np.linspace(0, len(part) - 1, CURVE_POINTS), np.arange(len(part)), part))
    if not laps:
        return None
    return np.mean(laps, axis=0), np.std(laps, axis=0, ddof=1) if len(laps) > 1 else np.zeros(CURVE_POINTS)

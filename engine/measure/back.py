"""The back view: steps by the hips' fall, and each leg's frontal angles during its stance.

Angles are read from the mean curve of all stances of a leg, not step by step: one hip line is 20 cm wide, and the peak
of a single noisy stance would always read too high. Definitions: docs/measures.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import find_peaks

from engine.measure.body import GRID_HZ, SHANK, THIGH, levelling
from engine.measure.conditioning import LEAST_SEEN, Motion
from engine.measure.events import Step
from engine.measure.numbers import Measure, reading
from engine.measure.precision import Precision
from engine.measure.signals import lowpass, repeats_every_s, rising
from engine.measure.track import AT, JOINTS, SIDES, Array

STRIKE_FALL_LATE_S = 0.035  # the hips fall fastest this long after strike (comparison of docs/measures.md)
# On film shoulders and hips together fall more evenly than hips alone; they fall fastest 30-55 ms after strike (ours).
STRIKE_TRUNK_LATE_S = 0.042
# The ankle of the trailing foot stands so high at toe-off, above where it stood: 0.12 m in the eight reference trials,
# 0.13 by the studio's own points, 0.14 on its films (docs/measures.md). The toe itself is hidden from behind.
ANKLE_RISEN_M = 0.13
FLAT_FROM, FLAT_TO = 0.10, 0.17  # of the stride after strike: the whole foot stands
TOE_OFF_TO = 0.60  # of the stride after strike: the ankle has risen before
SHRINKS = 10  # a leg this many times shorter than its longest was not seen right; the real film shrinks by 4
USUAL_STANCE = 0.34  # of the stride, when the ankle was not seen to rise
PEAK_FROM, PEAK_TO = 0.20, 0.70  # of stance: where the peaks are looked for, while the leg bears the body
# Behind a runner one detector alone tells a strike, another one a toe-off: what two would be apart is ours.
STRIKE_SPREAD_S, TOE_OFF_SPREAD_S, CONFIDENCE = 0.02, 0.03, 0.6
USUAL_SPREAD_S = 0.12  # of a toe-off that was not seen: stances last 0.30 to 0.42 of the stride
STANCE_POINTS = 51


@dataclass(frozen=True)
class Behind:
    """A runner seen from behind on the fine clock: x to the runner's right, y up, metres by the body's size then."""

    time_s: Array  # (m,)
    p: Array  # (m, joints, 2) metres
    px_per_m: Array  # (m,) at the body
    roll_deg: float  # of the camera, taken out

    def at(self, name: str) -> Array:
        """Place of one joint, (m, 2) m."""
        return self.p[:, AT[name]]

    def middle(self, part: str) -> Array:
        """The point between left and right, (m, 2) m."""
        return (self.at(f"left_{part}") + self.at(f"right_{part}")) / 2

    def index(self, moment_s: float) -> float:
        """Fractional index of a moment."""
        return float((moment_s - self.time_s[0]) * GRID_HZ)


def seen_from_behind(motion: Motion, middle_px: Array, height_m: float, *, level: bool) -> Behind:
    """Put a motion on the fine clock in metres; the camera's roll is taken out unless the points are known level.

    The scale follows the body's size through the film, because a runner who runs away gets smaller: towards the middle
    of the picture, `middle_px` (2,).
    """
    grid = np.arange(motion.time_s[0], motion.time_s[-1], 1 / GRID_HZ)
    px_per_m = np.interp(grid, motion.time_s, _size_px(motion) / height_m)
    p = np.full((len(grid), len(JOINTS), 2), np.nan)
    for joint in range(len(JOINTS)):
        path = motion.points_px[:, joint] - middle_px
        known = np.flatnonzero(np.isfinite(path).all(axis=1))
        if len(known) >= LEAST_SEEN:
            inside = (grid >= motion.time_s[known[0]]) & (grid <= motion.time_s[known[-1]])
            p[inside, joint] = CubicSpline(motion.time_s[known], path[known])(grid[inside])
    p = p * np.array([1.0, -1.0]) / px_per_m[:, None, None]
    behind = Behind(grid, p, px_per_m, 0.0)
    roll = 0.0 if level else _camera_roll_deg(behind)
    return replace(behind, p=p @ levelling(roll), roll_deg=roll)


def _camera_roll_deg(behind: Behind) -> float:
    """The camera's roll: what hips and shoulders are tilted by on average over the run, degrees."""
    tilts = []
    for part in ("hip", "shoulder"):
        line = behind.at(f"right_{part}") - behind.at(f"left_{part}")
        tilt = np.degrees(np.arctan2(line[:, 1], line[:, 0]))
        if np.isfinite(tilt).any():
            tilts.append(float(np.nanmean(tilt)))
    return float(np.mean(tilts)) if tilts else 0.0


def _size_px(motion: Motion) -> Array:
    """The body's height in px through the film (n,), by the extended leg's length: it goes against the distance,
    which is a straight line."""
    legs = []
    for side in SIDES:
        hip, knee, ankle = (motion.joint(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
        legs.append(np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1))
    longest = np.fmax(legs[0], legs[1])  # a bent leg is foreshortened from behind, never lengthened
    known = longest > np.nanmax(longest) / SHRINKS
    slope, level = np.polyfit(motion.time_s[known], 1 / longest[known], 1)
    line = 1 / np.maximum(slope * motion.time_s + level, 1 / np.nanmax(longest))
    above = longest[known] / line[known]
    # In the upper quarter of the frames the leg is little foreshortened.
    return np.asarray(line * float(np.percentile(above, 75)) / (THIGH + SHANK))


def stride_period_s(behind: Behind) -> float:
    """The stride time by the ankles' alternate rising, s; NaN when they do not alternate."""
    return repeats_every_s(behind.at("left_ankle")[:, 1] - behind.at("right_ankle")[:, 1], GRID_HZ, 0.30)


def lifts_after_highest_deg(behind: Behind, stride_s: float) -> tuple[float, float]:
    """Where in the step the ankles are furthest apart in height, and where they are highest in their mean: degrees
    after the hips' highest point, -180 to 180.

    By the first harmonic of a step over the whole film, each curve against its own mean of a step. NaN when too little
    was seen.
    """
    hips, ankles = behind.middle("hip")[:, 1], behind.middle("ankle")[:, 1]
    apart = np.abs(behind.at("left_ankle")[:, 1] - behind.at("right_ankle")[:, 1])
    known = np.flatnonzero(np.isfinite(hips + apart))
    step = round(stride_s / 2 * GRID_HZ)
    if len(known) < 3 * step:
        return float("nan"), float("nan")
    turn = np.exp(-2j * np.pi * np.arange(len(known)) / step)
    harmonics = []
    for curve in (hips[known], apart[known], ankles[known]):
        around = np.convolve(curve, np.full(step, 1 / step), "valid")
        inner = slice(step // 2, step // 2 + len(around))
        harmonics.append(complex(np.sum((curve[inner] - around) * turn[inner])))
    apart_deg, mean_deg = (float(np.degrees(np.angle(harmonics[0] * np.conj(lift)))) for lift in harmonics[1:])
    return apart_deg, mean_deg


def find_steps_behind(behind: Behind, stride_s: float) -> list[Step]:
    """Every contact, by the body's fastest fall and the rise of the ankle; the lower foot is the one that lands."""
    height, late_s = _falling(behind)
    known = np.flatnonzero(np.isfinite(height))
    fall = -np.gradient(lowpass(height[known], GRID_HZ, 6.0)) * GRID_HZ
    distance = max(1, int(0.35 * stride_s * GRID_HZ))
    peaks, _ = find_peaks(fall, distance=distance, height=0.15)
    strikes: list[tuple[str, float]] = []
    for peak in peaks + known[0]:
        stance = slice(int(peak), int(peak + 0.12 * GRID_HZ))
        heights = {side: behind.at(f"{side}_ankle")[stance, 1] for side in SIDES}
        if any(len(h) < 20 or not np.isfinite(h).all() for h in heights.values()):
            continue
        side = min(SIDES, key=lambda name: float(heights[name].mean()))
        strike_s = float(behind.time_s[0] + peak / GRID_HZ - late_s)
        if strikes and strikes[-1][0] == side and strike_s - strikes[-1][1] < 0.7 * stride_s:
            continue  # one foot taken for the other
        strikes.append((side, strike_s))
    return [
        Step(side, strike_s, toe_off_s, STRIKE_SPREAD_S, spread_s, CONFIDENCE)
        for (side, strike_s), (toe_off_s, spread_s) in zip(strikes, _toe_offs_s(behind, strikes, stride_s), strict=True)
    ]


def _falling(behind: Behind) -> tuple[Array, float]:
    """The height (m,) whose fastest fall tells the strikes, and how much later than the strike that is, s."""
    hips, shoulders = behind.middle("hip")[:, 1], behind.middle("shoulder")[:, 1]
    if np.isfinite(shoulders[np.isfinite(hips)]).all():
        return (hips + shoulders) / 2, STRIKE_TRUNK_LATE_S
    return hips, STRIKE_FALL_LATE_S


def _toe_offs_s(behind: Behind, strikes: list[tuple[str, float]], stride_s: float) -> Iterator[tuple[float, float]]:
    """When each toe leaves the ground and what two detectors would be apart, s; a third of a stride after strike where
    the ankle was not seen to rise.

    A foot that stands comes nearer to the camera, on a belt as on the road, and so its ankle sinks in the picture: by
    the camera's height and the runner's speed over his distance, which goes against his size. Above that line every
    camera sees the ankle rise alike.
    """
    heights = {side: _smooth(behind.at(f"{side}_ankle")[:, 1]) for side in SIDES}
    sinks = []
    for side, strike_s in strikes:
        stood_s = strike_s + stride_s * np.array([FLAT_FROM, FLAT_TO])
        fall = np.diff(np.interp(stood_s, behind.time_s, heights[side])) / np.diff(stood_s)
        sinks.append(fall[0] / np.interp(stood_s.mean(), behind.time_s, behind.px_per_m))
    sinking = float(np.nanmedian(sinks)) if np.isfinite(sinks).any() else 0.0
    for side, strike_s in strikes:
        middle_s = strike_s + stride_s * (FLAT_FROM + FLAT_TO) / 2
        height, px_per_m = (np.interp(middle_s, behind.time_s, series) for series in (heights[side], behind.px_per_m))
        above = heights[side] - height - sinking * px_per_m * (behind.time_s - middle_s)
        start, stop = (int(behind.index(strike_s + share * stride_s)) for share in (FLAT_TO, TOE_OFF_TO))
        found = float(behind.time_s[0] + rising(above, ANKLE_RISEN_M, start, stop) / GRID_HZ)
        yield (found, TOE_OFF_SPREAD_S) if np.isfinite(found) else (strike_s + USUAL_STANCE * stride_s, USUAL_SPREAD_S)


def _smooth(series: Array) -> Array:
    """A series without what trembles faster than a foot moves, (m,); NaN where nothing was seen."""
    known = np.flatnonzero(np.isfinite(series))
    out = np.full_like(series, np.nan)
    if len(known):
        out[known] = lowpass(series[known], GRID_HZ, 10.0)
    return out


def _frontal_series(behind: Behind, side: str) -> dict[str, Array]:
    """The frontal measures of one leg through the film, (m,) each; signs: + drop of the swing side, + knee and heel
    towards the outside turned (varus, eversion), + knee towards the middle (adduction), + foot on its own side."""
    own = 1.0 if side == "right" else -1.0  # runner's own outside is + x on the right
    hip, knee, ankle, heel = (behind.at(f"{side}_{part}") for part in ("hip", "knee", "ankle", "heel"))
    line = behind.at("right_hip") - behind.at("left_hip")
    tilt = np.degrees(np.arctan2(line[:, 1], line[:, 0]))  # + right hip higher
    drop = own * tilt  # standing on the right, the left is lower when the right is higher

    def outward(lower: Array, upper: Array) -> Array:
        return np.asarray(np.degrees(np.arctan2(own * (lower[:, 0] - upper[:, 0]), upper[:, 1] - lower[:, 1])))

    thigh, shank, rear = outward(knee, hip), outward(ankle, knee), outward(heel, ankle)
    pelvis = behind.middle("hip")[:, 0]
    return {
        "pelvic_drop_deg": drop,
        "hip_adduction_deg": drop - thigh,
        "knee_adduction_deg": thigh - shank,
        "pronation_deg": rear - shank,
        "step_width_cm": 100 * own * (ankle[:, 0] - pelvis),
    }


@dataclass(frozen=True)
class Leg:
    """One leg's stance, from behind."""

    peak: dict[str, Measure]  # what is scored: the peak in 20-70 % of stance; for pronation the way from strike to peak
    stance_mean: dict[str, Measure]
    curves: dict[str, tuple[Array, Array]]  # mean and SD over 0-100 % of stance
    steps: list[dict[str, float]]  # single stances: moment and stance means


def measure_leg(behind: Behind, steps: list[Step], side: str, precision: Precision, wanted: Collection[str]) -> Leg:
    """Measure the stances of one leg by the frontal measures that are wanted."""
    own = [step for step in steps if step.side == side]
    leg = Leg({}, {}, {}, [{"strike_s": step.strike_s} for step in own])
    for key, series in _frontal_series(behind, side).items():
        if key not in wanted:
            continue
        rows = [_stance(behind, series, step) for step in own]
        laps = np.array([row for row in rows if row is not None])
        for entry, row in zip(leg.steps, rows, strict=True):
            if row is not None:
                entry[key] = float(row.mean())
        if not len(laps):
            continue
        mean, n = laps.mean(axis=0), len(laps)
        spread = laps.std(axis=0, ddof=1) if n > 1 else np.zeros(STANCE_POINTS)
        leg.curves[key] = (mean, spread)
        unit = "cm" if key.endswith("_cm") else "°"
        bias = precision.bias(
            {"pronation_deg": "pronation_deg", "step_width_cm": "step_width_cm"}.get(key, "frontal_deg")
        )
        window = slice(round(PEAK_FROM * (STANCE_POINTS - 1)), round(PEAK_TO * (STANCE_POINTS - 1)) + 1)
        value = _told(key, mean, window)
        trust = _trust(key, n, by_model=precision.by_model)
        usual_sd = float(spread[window].mean())
        leg.peak[key] = Measure(value, unit, 2 * float(np.hypot(bias, usual_sd / n**0.5)), usual_sd, n, trust)
        means = laps.mean(axis=1)
        sd = float(means.std(ddof=1)) if n > 1 else 0.0
        leg.stance_mean[key] = Measure(float(means.mean()), unit, 2 * float(np.hypot(bias, sd / n**0.5)), sd, n, trust)
    return leg


def _told(key: str, mean: Array, window: slice) -> float:
    """What is told of one leg's mean stance: the way from strike to peak, the mean, or the peak."""
    if key == "pronation_deg":
        return float(mean[window].max() - mean[:3].mean())
    if key in ("step_width_cm", "knee_adduction_deg"):
        return float(mean[window].mean())
    return float(mean[window].max())


def _trust(key: str, stances: int, *, by_model: bool) -> float:
    """Confidence by what one camera behind the runner can show at all; ours, after Dingenen 2018."""
    if key == "knee_adduction_deg":
        return 0.35 if stances < 4 else 0.6
    return 0.6 if key == "pronation_deg" or by_model else 1.0


def _stance(behind: Behind, series: Array, step: Step) -> Array | None:
    """One stance on STANCE_POINTS points; None when a part of it was not seen."""
    start, stop = behind.index(step.strike_s), behind.index(step.toe_off_s)
    if stop - start < 20:
        return None
    row = np.array([reading(series, at) for at in np.linspace(start, stop, STANCE_POINTS)])
    return row if np.isfinite(row).all() else None

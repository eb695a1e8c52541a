"""How fast the runner runs: by the belt, by the way made past the camera, or by the feet that stand still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.measure.body import Runner
from engine.measure.events import Step
from engine.measure.track import Array

STANCE_FROM, STANCE_TO = 0.25, 0.60  # of contact: the whole sole rests, and neither heel nor toe slips (ours)
STANDS_M = 0.05  # a resting foot may not move further than this if the camera's movement is known


@dataclass(frozen=True)
class FootSpeed:
    """What resting feet say of the ground: its speed under the hips and its drift in the picture."""

    under_hips_m_s: float  # median over contacts
    error_m_s: float  # standard error of that median
    in_picture_m_s: float  # median speed in the picture (camera taken out), + forward: 0 over ground, minus the belt's
    drift_m: float  # median way made in the picture while resting, + forward
    contacts: int


def resting_feet(runner: Runner, steps: list[Step]) -> FootSpeed:
    """Read the ground's movement off the feet while they rest; NaN without contacts."""
    speeds, slips, drifts = [], [], []
    hips = runner.middle("hip")[:, 0]
    for step in (step for step in steps if step.whole):
        foot = (runner.at(f"{step.side}_heel")[:, 0] + runner.at(f"{step.side}_toe")[:, 0]) / 2
        start, stop = (int(runner.index(step.strike_s + s * step.contact_s)) for s in (STANCE_FROM, STANCE_TO))
        if not 0 <= start < stop < len(foot):
            continue
        under = (hips - foot)[start : stop + 1]
        if np.isfinite(under).all() and stop - start > 5:
            seconds = runner.time_s[start : stop + 1]
            speeds.append(float(np.polyfit(seconds, under, 1)[0]))
            slips.append(float(np.polyfit(seconds, foot[start : stop + 1], 1)[0]))
            drifts.append(slips[-1] * float(seconds[-1] - seconds[0]))
    if not speeds:
        return FootSpeed(float("nan"), float("nan"), float("nan"), float("nan"), 0)
    error = float(np.std(speeds) / np.sqrt(len(speeds))) if len(speeds) > 1 else 0.1 * abs(speeds[0])
    return FootSpeed(float(np.median(speeds)), error, float(np.median(slips)), float(np.median(drifts)), len(speeds))


def way_past_camera(runner: Runner, step_s: float) -> tuple[float, float]:
    """The hips' speed over the ground in the picture, m/s, by a line over whole strides; and its change, a share."""
    hips = runner.middle("hip")[:, 0]
    known = np.flatnonzero(np.isfinite(hips))
    stride = int(2 * step_s / (runner.time_s[1] - runner.time_s[0]))
    whole = len(known) // stride * stride
    if not whole:
        whole = len(known)
    start = int(known[0]) + (len(known) - whole) // 2
    seconds, way = runner.time_s[start : start + whole], hips[start : start + whole]
    fit: Array = np.polyfit(seconds, way, 1)
    change = 0.0
    if whole >= 2 * stride:
        first, last = (np.polyfit(seconds[part], way[part], 1)[0] for part in (slice(0, stride), slice(-stride, None)))
        change = float((last - first) / fit[0]) if fit[0] else 0.0
    return float(fit[0]), change


def ground_tilt_deg(runner: Runner, steps: list[Step], *, treadmill: bool) -> float:
    """How far the ground rises towards the right of the running direction in the picture, degrees; 0 when unknown.

    On a belt it is the path of the resting feet, over ground the path of the hips through the whole picture.
    """
    if not treadmill:
        hips = runner.middle("hip")
        known = np.isfinite(hips).all(axis=1)
        slope = np.polyfit(hips[known, 0], hips[known, 1], 1)[0]
        return float(np.degrees(np.arctan(slope)))
    slopes = []
    for step in (step for step in steps if step.whole):
        foot = (runner.at(f"{step.side}_heel") + runner.at(f"{step.side}_toe")) / 2
        start, stop = (int(runner.index(step.strike_s + s * step.contact_s)) for s in (STANCE_FROM, STANCE_TO))
        part = foot[max(start, 0) : stop + 1]
        if len(part) > 5 and np.isfinite(part).all():
            slopes.append(float(np.polyfit(part[:, 0], part[:, 1], 1)[0]))
    return float(np.degrees(np.arctan(np.median(slopes)))) if slopes else 0.0

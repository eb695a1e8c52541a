"""How fast the runner runs: by the belt, by the way made past the camera, or by the feet that stand still."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.measure.body import Runner
from engine.measure.events import Step
from engine.measure.track import SIDES, Array

STANCE_FROM, STANCE_TO = 0.25, 0.60  # of contact: the whole sole rests, and neither heel nor toe slips (ours)
# When toe and heel rest, in strides after strike; ours. On level belts toes then read 0.0 ± 0.9° and heels 0.3 ± 2.5°
# (eight reference trials and ten studio films); on real film toes roll more.
RESTS = {"toe": (0.10, 0.22), "heel": (0.04, 0.12)}
TOE_ROLLS_DEG = 1.8  # twice that 0.9: a marker's toe feigns no more
STANDS_M = 0.05  # a resting foot may not move further than this if the camera's movement is known


@dataclass(frozen=True)
class FootSpeed:
    """What resting feet say of the ground: its speed under the hips and its drift in the picture."""

    under_hips_m_s: float  # median over contacts
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
        return FootSpeed(float("nan"), float("nan"), float("nan"), 0)
    return FootSpeed(float(np.median(speeds)), float(np.median(slips)), float(np.median(drifts)), len(speeds))


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


def ground_tilt_deg(runner: Runner, steps: list[Step], stride_s: float, *, treadmill: bool, by_model: bool) -> float:
    """How far the ground rises ahead of the runner in the picture, degrees; 0 when unknown.

    On a belt it is the path of resting toes and heels, over ground the path of the hips through the whole picture.
    """
    if not treadmill:
        hips = runner.middle("hip")
        known = np.isfinite(hips).all(axis=1)
        slope = np.polyfit(hips[known, 0], hips[known, 1], 1)[0]
        return float(np.degrees(np.arctan(slope)))
    toe, heel = (math.degrees(math.atan(_rest_slope(runner, steps, stride_s, part))) for part in RESTS)
    # A foot that rolls feigns a slope in its toe or in its heel, the ground shows it in both: the smaller one counts.
    flatter = 0.0 if toe * heel <= 0 else min(toe, heel, key=abs)
    return flatter if by_model else float(np.clip(flatter, toe - TOE_ROLLS_DEG, toe + TOE_ROLLS_DEG))


def _rest_slope(runner: Runner, steps: list[Step], stride_s: float, part: str) -> float:
    """Rise over run of resting toes or heels: the mean of both feet, each by its median contact; 0 when unseen."""
    begin, end = RESTS[part]
    feet = []
    for side in SIDES:
        own = [_slope(runner, f"{side}_{part}", s, begin * stride_s, end * stride_s) for s in steps if s.side == side]
        known = [slope for slope in own if np.isfinite(slope)]
        feet += [float(np.median(known))] if known else []
    return float(np.mean(feet)) if feet else 0.0


def _slope(runner: Runner, joint: str, step: Step, begin_s: float, end_s: float) -> float:
    """Rise over run of a joint's path in a part of one contact; NaN when it was not seen."""
    start, stop = int(runner.index(step.strike_s + begin_s)), int(runner.index(step.strike_s + end_s))
    part = runner.at(joint)[max(start, 0) : stop + 1]
    if len(part) <= 5 or not np.isfinite(part).all():
        return float("nan")
    return float(np.polyfit(part[:, 0], part[:, 1], 1)[0])

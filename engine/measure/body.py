"""From pixels to a runner who runs to the right, in metres: direction, side to the camera, scale, floor."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline

from engine.measure.conditioning import FOOT_PARTS, LEAST_SEEN, Motion
from engine.measure.signals import trimmed_mean
from engine.measure.track import AT, JOINTS, SIDES, Array, Mask

GRID_HZ = 500.0  # smooth paths are read between frames by a cubic spline on this clock
SHOE_M = 0.025  # a shod runner is taller by the sole; ours
THIGH, SHANK = 0.245, 0.246  # of body height: Winter 2009, after Drillis and Contini
HEAD_FROM_NOSE = 1.5  # shoulder to crown over shoulder to nose, as Pose2Sim takes it
# Standard errors of the three ways to get the scale, as a share; ours, from the spread of body proportions (4-5 %)
# and of belts (2 %) in the references of docs/measures.md.
# Belts run at 98-103 % of what they show (Willwacher 2021, Sci Rep).
CHAIN_ERROR, LEG_ERROR, BELT_ERROR = 0.025, 0.045, 0.02
APART = 0.12  # two ways to one scale that lie further apart are no longer chance, but a wrong pace or height; ours


@dataclass(frozen=True)
class Scale:
    """Pixels per metre at the depth of the hips, and how the estimates agree."""

    px_per_m: float
    error: float  # standard error, share
    estimates: dict[str, float]  # px per metre by source

    @property
    def disagreement(self) -> float:
        """Largest over smallest estimate, minus one."""
        values = list(self.estimates.values())
        return max(values) / min(values) - 1 if values else 0.0


def direction_votes(motion: Motion, travel_px: float) -> dict[str, int]:
    """Ask feet, knees, face and travel where the runner is heading: +1 right, -1 left; the undecided are absent."""
    votes: dict[str, int] = {}
    toes = [motion.joint(f"{side}_toe") - motion.joint(f"{side}_heel") for side in SIDES]
    knees = [
        motion.joint(f"{side}_knee") - (motion.joint(f"{side}_hip") + motion.joint(f"{side}_ankle")) / 2
        for side in SIDES
    ]
    face = motion.joint("nose") - motion.middle("ear")
    for name, offsets, least in (("feet", toes, 0.03), ("knees", knees, 0.005), ("face", [face], 0.02)):
        xs = np.concatenate([offset[:, 0] for offset in offsets])
        xs = xs[np.isfinite(xs)]
        if len(xs) and abs(float(np.median(xs))) > least * motion.body_px:
            votes[name] = 1 if np.median(xs) > 0 else -1
    if abs(travel_px) > 0.5 * motion.body_px:
        votes["travel"] = 1 if travel_px > 0 else -1
    return votes


def _leg_px(motion: Motion, side: str) -> float:
    """Thigh plus shank of one leg, px; NaN when never seen."""
    hip, knee, ankle = (motion.joint(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
    length = np.linalg.norm(hip - knee, axis=1) + np.linalg.norm(knee - ankle, axis=1)
    return trimmed_mean(length)


def _chain_px(motion: Motion) -> float:
    """The standing height in px as the sum of its bones, heel to crown; NaN without shoulders or nose."""

    def bone(upper: str, lower: str) -> float:
        lengths = [
            trimmed_mean(np.linalg.norm(motion.joint(f"{s}_{upper}") - motion.joint(f"{s}_{lower}"), axis=1))
            for s in SIDES
        ]
        return float(np.mean(lengths))

    shoulders = motion.middle("shoulder")
    trunk = trimmed_mean(np.linalg.norm(shoulders - motion.middle("hip"), axis=1))
    head = trimmed_mean(np.linalg.norm(motion.joint("nose") - shoulders, axis=1))
    return bone("ankle", "heel") + bone("knee", "ankle") + bone("hip", "knee") + trunk + HEAD_FROM_NOSE * head


def find_scale(motion: Motion, height_m: float, belt_px_per_m: float | None = None) -> Scale:
    """Combine body height, leg length and belt into pixels per metre, each weighed by how sure it is."""
    legs = [_leg_px(motion, side) for side in SIDES]
    estimates = {"leg": float(np.mean(legs)) / ((THIGH + SHANK) * height_m)}
    errors = {"leg": LEG_ERROR}
    chain = _chain_px(motion)
    if np.isfinite(chain):
        estimates["body"], errors["body"] = chain / (height_m + SHOE_M), CHAIN_ERROR
    if belt_px_per_m:
        estimates["belt"] = belt_px_per_m
        body = estimates.get("body", estimates["leg"])
        if abs(belt_px_per_m / body - 1) <= APART:  # else the pace was typed wrong: keep to the body, the recipe warns
            errors["belt"] = BELT_ERROR
    weights = {name: 1 / error**2 for name, error in errors.items()}
    total = sum(weights.values())
    px_per_m = sum(estimates[name] * weight for name, weight in weights.items()) / total
    return Scale(px_per_m, float(total**-0.5), estimates)


@dataclass(frozen=True)
class Runner:
    """The runner on a fine clock, running to the right: x forward, y up, metres.

    Each leg has its own scale, because the near leg is closer to the camera; the floor's tilt in the picture is
    taken out.
    """

    time_s: Array  # (m,)
    p: Array  # (m, joints, 2) metres
    v: Array  # (m, joints, 2) m/s
    direction: int  # +1 the film shows the runner heading right, -1 left
    near: str  # side of the body towards the camera
    scale: Scale
    tilt_deg: float  # turn taken out, so that the floor is level
    believed: Mask | None = None  # (m, joints): seen, or in a hole short enough to be filled; None: everything is
    ground_deg: float = 0.0  # how far the ground still rises ahead: of a belt nobody knows whether it is the camera

    def at(self, name: str) -> Array:
        """Place of one joint, (m, 2) metres."""
        return self.p[:, AT[name]]

    def seen_share(self, names: tuple[str, ...], start: int, stop: int) -> float:
        """The share of the time between two indices in which all these joints are to be believed; 0 beyond the film."""
        if self.believed is None:
            return 1.0
        part = self.believed[max(start, 0) : stop, [AT[name] for name in names]]
        return float(part.all(axis=1).mean()) if len(part) else 0.0

    def velocity(self, name: str) -> Array:
        """Velocity of one joint, (m, 2) m/s."""
        return self.v[:, AT[name]]

    def middle(self, part: str) -> Array:
        """The point between left and right, (m, 2) metres."""
        return (self.at(f"left_{part}") + self.at(f"right_{part}")) / 2

    def middle_velocity(self, part: str) -> Array:
        """Velocity of the point between left and right, (m, 2) m/s."""
        return (self.velocity(f"left_{part}") + self.velocity(f"right_{part}")) / 2

    def turned(self, degrees: float) -> Runner:
        """The same run as if the ground that rises ahead by `degrees` were level."""
        if not degrees:
            return self
        level = levelling(degrees)
        return replace(self, p=self.p @ level, v=self.v @ level)

    def index(self, moments_s: Array | float) -> Array:
        """Fractional index on the clock of moments in seconds."""
        return np.asarray((np.asarray(moments_s) - self.time_s[0]) * GRID_HZ, dtype=np.float64)


def levelling(degrees: float) -> Array:
    """The matrix (2, 2) by which rows of x and y (n, 2) are multiplied to level what rises by `degrees`."""
    turn = np.radians(degrees)
    return np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]).T


def growth(motion: Motion) -> Array:
    """The runner's size through the film against its mean, (n,): a straight line through legs and trunk.

    Only the time in which the hips were seen counts: who crosses the picture may be out of it for most of the film.
    """
    present = np.isfinite(motion.middle("hip")).all(axis=1)
    lengths = []
    for upper, lower in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "hip")):
        for side in SIDES:
            length = np.linalg.norm(motion.joint(f"{side}_{upper}") - motion.joint(f"{side}_{lower}"), axis=1)
            if np.isfinite(length[present]).mean() > 0.5:
                lengths.append(length / np.nanmean(length))
    if not lengths:
        return np.ones(len(motion.time_s))
    size = np.mean(lengths, axis=0)
    known = np.isfinite(size)
    if not known.any():
        return np.ones(len(motion.time_s))
    slope, level = np.polyfit(motion.time_s[known], size[known], 1)
    line = slope * motion.time_s + level
    return np.asarray(line / np.mean(line[known]))


def stand_up(
    motion: Motion, middle_px: Array, direction: int, scale: Scale, tilt_deg: float, growing: Array | None = None
) -> Runner:
    """Turn a motion into a Runner; `middle_px` (n, 2) is where the middle of the first picture lies at each moment.

    `growing` (n,) is the runner's size against its mean where the path is not square to the camera.
    """
    grid = np.arange(motion.time_s[0], motion.time_s[-1], 1 / GRID_HZ)
    p, v = (np.full((len(grid), len(JOINTS), 2), np.nan) for _ in range(2))
    factors = _leg_factors(motion)
    level = levelling(tilt_deg)
    hips = motion.middle("hip")
    for joint, name in enumerate(JOINTS):
        side, _, part = name.partition("_")
        relative = motion.points_px[:, joint] - hips
        factor = factors[side] if part in FOOT_PARTS else 1.0
        path = (hips - middle_px + relative / factor) * np.array([direction, -1.0]) / scale.px_per_m
        if growing is not None:
            path = path / growing[:, None]
        path = path @ level
        known = np.flatnonzero(np.isfinite(path).all(axis=1))
        if len(known) < LEAST_SEEN:
            continue
        spline = CubicSpline(motion.time_s[known], path[known])
        begin = np.searchsorted(grid, motion.time_s[known[0]])
        end = np.searchsorted(grid, motion.time_s[known[-1]], "right")
        p[begin:end, joint], v[begin:end, joint] = spline(grid[begin:end]), spline(grid[begin:end], 1)
    near = "right" if direction > 0 else "left"
    nearest = np.clip(np.rint((grid - motion.time_s[0]) * motion.rate_hz).astype(int), 0, len(motion.time_s) - 1)
    return Runner(grid, p, v, direction, near, scale, tilt_deg, motion.believed[nearest])


def _leg_factors(motion: Motion) -> dict[str, float]:
    """How much larger than the hips each leg is shown, at most 5 %: the near leg is closer to the camera."""
    lengths = {side: _leg_px(motion, side) for side in SIDES}
    mean = float(np.mean(list(lengths.values())))
    return {side: float(np.clip(length / mean, 0.95, 1.05)) for side, length in lengths.items()}

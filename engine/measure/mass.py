"""The body's centre of mass from its key points, and how far it rises and falls."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engine.measure.body import Runner
from engine.measure.events import Step
from engine.measure.track import SIDES, Array

# Share of body mass, % and place of its centre from the first end, mean of men and women: de Leva 1996, J Biomech
# 29:1223. The hand is put at the wrist, the head between the ears.
LIMBS = (
    ("shoulder", "elbow", 2.63, 0.576),
    ("elbow", "wrist", 1.50, 0.457),
    ("wrist", "wrist", 0.585, 0.0),
    ("hip", "knee", 14.47, 0.385),
    ("knee", "ankle", 4.57, 0.438),
    ("heel", "toe", 1.33, 0.42),
)
HEAD, TRUNK, TRUNK_CENTRE = 6.81, 43.02, 0.435
HEAD_OVER_SHOULDERS = 0.35  # of the trunk's length: where the head's centre is put when no ear was seen; ours


def centre_of_mass(runner: Runner) -> tuple[Array, bool]:
    """Return the path (m, 2) in metres and True; or the middle of the hips and False when the upper body is missing."""
    hips, shoulders, ears = runner.middle("hip"), runner.middle("shoulder"), runner.middle("ear")
    if not np.isfinite(shoulders).any():
        return hips, False
    head = ears if np.isfinite(ears).any() else shoulders + HEAD_OVER_SHOULDERS * (shoulders - hips)
    total = TRUNK + HEAD
    sum_ = HEAD * head + TRUNK * (shoulders + TRUNK_CENTRE * (hips - shoulders))
    for first, second, share, at in LIMBS:
        for side in SIDES:
            start, end = runner.at(f"{side}_{first}"), runner.at(f"{side}_{second}")
            if np.isfinite(end).any() and np.isfinite(start).any():
                sum_ = sum_ + share * (start + at * (end - start))
                total += share
    return np.asarray(sum_ / total), True


def rises_cm(runner: Runner, height: Array, steps: list[Step], step_s: float) -> list[float]:
    """Peak to trough of a height (m,) in each step but the last, cm; NaN where it or the next step was not seen.

    A slow drift of the picture is taken out.
    """
    out = []
    for step, following in pairwise(steps):
        out.append(float("nan"))
        if not 0.5 * step_s < following.strike_s - step.strike_s < 1.5 * step_s:
            continue
        start, stop = (int(value) for value in runner.index(np.array([step.strike_s, following.strike_s])))
        part = height[max(start, 0) : stop + 1]
        if len(part) > 10:
            # Both ends are the same moment of the cycle: their difference is drift, not movement.
            level = part - np.linspace(0, part[-1] - part[0], len(part))
            out[-1] = float(level.max() - level.min()) * 100
    return out


def lowest_in_step(runner: Runner, steps: list[Step], stride_s: float) -> float:
    """When the hips are lowest, as a share of the step after strike; NaN without a whole step in view.

    It tells running from walking: runners sink onto the standing leg and are lowest over it (0.28-0.39 in all
    reference runs), walkers vault over it and are lowest with both feet down (0.0-0.1).
    """
    height = runner.middle("hip")[:, 1]
    length = int(stride_s / 2 / (runner.time_s[1] - runner.time_s[0]))
    turn = np.exp(-2j * np.pi * np.arange(length) / length)
    swings = []
    for step in steps:
        start = int(runner.index(step.strike_s))
        part = height[start : start + length]
        if start >= 0 and len(part) == length and np.isfinite(part).all():
            swings.append(complex(np.sum((part - np.linspace(part[0], part[-1], length)) * turn)))
    if not swings:
        return float("nan")
    # The phase of the first harmonic, each step counting alike.
    mean = sum(swing / abs(swing) for swing in swings if swing)
    return float((np.pi + np.angle(mean)) / (-2 * np.pi) % 1)

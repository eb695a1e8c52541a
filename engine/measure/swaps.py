"""Left and right, put back where a pose model has mixed them up.

Seen from the side the legs cross twice a stride, and a model that looks at one frame at a time then names the wrong
one (4-10 % of frames on real film, a quarter on a dark silhouette). Legs keep their speed when they cross, names that
jump do not: the naming that moves most evenly is found for the whole film at once (Viterbi, two states a frame).
A second and more of wrong names moves as evenly as right ones, but for one jump: there the rhythm tells, for names that
change their leg for good change the step as well.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

from engine.measure.signals import STANDS, repeats_every_s
from engine.measure.track import AT, Array, Mask, Track

CHAINS = {"legs": ("knee", "ankle", "heel", "toe"), "arms": ("elbow", "wrist")}
# In (body height)^2. A change of naming: ours, 6 % of the body height is what points jitter by, so that noise alone
# never renames. A second of swapped names: the model is right far more often than wrong, whatever the frame rate.
# The most that movement can cost in a frame: where the model puts both feet on one leg, every naming jumps, and
# without a bound a whole stride was renamed to save one such jump (studio runner at 60 fps, 39 % of frames; the two
# values were chosen on it and on one real film of 30 fps, both 0 % wrong, and hold from half to double).
CHANGE = 0.06**2
SWAPPED_PER_S = 0.12
WORST_BEND = 0.03
MOST = 0.5  # of a pair's points must be seen for a frame to count; ours, 0.3 does the same
LEAST_FRAMES = 5
# How like themselves legs are a stride later, over a whole stride: 1 in an even run, -1 where names change in between.
STEPS_REPEAT, OUT_OF_STEP = 0.35, -0.7


def repair_swaps(track: Track, body_px: float) -> tuple[Array, Mask]:
    """Return the points with left and right put right, (n, joints, 2), and a mask of the frames renamed, (n,)."""
    points = np.array(track.points_px)
    renamed = np.zeros(len(points), dtype=bool)
    for parts in CHAINS.values():
        left = [AT[f"left_{part}"] for part in parts]
        right = [AT[f"right_{part}"] for part in parts]
        # Frames in which most of the legs is unseen are stepped over: movement into and out of them would cost nothing,
        # and names could change there for free.
        known = np.flatnonzero(np.isfinite(points[:, left + right]).all(axis=2).mean(axis=1) > MOST)
        if len(known) < LEAST_FRAMES:
            continue
        swapped = np.zeros(len(points), dtype=bool)
        one, two = points[known][:, left] / body_px, points[known][:, right] / body_px
        swapped[known] = _naming(track.time_s[known], one, two)
        frames = np.flatnonzero(swapped)
        for here, there in zip(left, right, strict=True):
            points[frames, here], points[frames, there] = points[frames, there], points[frames, here]
        renamed |= swapped
    return points, renamed


def _naming(times_s: Array, left: Array, right: Array) -> Mask:
    """The frames (n,) to rename, of both chains (n, parts, 2) in body heights: of even movement, and in step."""
    swapped = _best_naming(times_s, left, right)
    late = _out_of_step(times_s, *_renamed(left, right, swapped))
    if late.any():
        swapped ^= late
        # The rhythm tells the change of names to a few frames, the movement to the frame.
        swapped ^= _best_naming(times_s, *_renamed(left, right, swapped))
    # Names are the model's where it is consistent: the majority of frames keeps its own.
    return ~swapped if swapped.mean() > 0.5 else swapped


def _renamed(left: Array, right: Array, swapped: Mask) -> tuple[Array, Array]:
    other = swapped[:, None, None]
    return np.where(other, right, left), np.where(other, left, right)


def _out_of_step(times_s: Array, left: Array, right: Array) -> Mask:
    """The frames (n,) in which the legs' names stand for the other legs than in the first, told by the rhythm.

    The square of how far the legs are apart says how long a step is, whatever their names. Where the legs are for a
    whole stride the opposite of what they are a stride later, the names change at the end of the first.
    """
    rate_hz = 1 / float(np.median(np.diff(times_s)))
    even_s = np.arange(times_s[0], times_s[-1], 1 / rate_hz)
    sway = np.interp(even_s, times_s, np.nan_to_num((left - right)[:, :, 0]).mean(axis=1))
    step_s = repeats_every_s(sway**2, rate_hz, STEPS_REPEAT)
    stride = round(2 * step_s * rate_hz) if np.isfinite(step_s) else len(sway)
    if len(sway) < 2 * stride:
        return np.zeros(len(times_s), dtype=bool)
    now, later, whole = sway[:-stride], sway[stride:], np.ones(stride)
    size = np.convolve((now**2 + later**2) / 2, whole, "valid")
    alike = np.convolve(now * later, whole, "valid") / np.maximum(size, STANDS)
    changes, _ = find_peaks(-alike, height=-OUT_OF_STEP, distance=stride)
    return np.asarray(np.searchsorted(even_s[changes + stride], times_s, side="right") % 2 == 1)


def _best_naming(times_s: Array, left: Array, right: Array) -> Mask:
    """Find the frames (n,) to rename so that both chains, (n, parts, 2) in body heights, move most evenly."""
    frames = len(times_s)
    pair = np.stack([np.stack([left, right], 1), np.stack([right, left], 1)])  # (state, n, chain, parts, 2)
    cost = np.full((frames, 2, 2), np.inf)  # [frame, state before, state now]
    back = np.zeros((frames, 2, 2), dtype=int)
    toll = np.array([0.0, SWAPPED_PER_S * float(np.median(np.diff(times_s)))])
    change = CHANGE * (1 - np.eye(2))
    cost[1] = toll[:, None] + toll[None, :] + change + _jumps(pair, 1)
    own_cost = _bends(pair, times_s) + change[None] + toll[None, None, :]
    for frame in range(2, frames):
        total = cost[frame - 1][:, :, None] + own_cost[frame - 2]
        back[frame] = total.argmin(axis=0)
        cost[frame] = total.min(axis=0)
    before, now = np.unravel_index(int(cost[-1].argmin()), (2, 2))
    states = [int(now), int(before)]
    for frame in range(frames - 1, 1, -1):
        states.append(int(back[frame, states[-1], states[-2]]))
    return np.array(states[::-1], dtype=bool)


def _jumps(pair: Array, frame: int) -> Array:
    """Squared movement between two frames for each [state before, state now]; unseen points cost nothing."""
    step = pair[None, :, frame] - pair[:, None, frame - 1]
    return np.asarray(np.nan_to_num(step**2).sum(axis=(2, 3, 4)) / step.shape[3])


def _bends(pair: Array, times_s: Array) -> Array:
    """Squared distance of the frames after the second from a constant speed over the two before each, bounded.

    (n - 2, state two before, before, now); unseen points are free.
    """
    steps = np.diff(times_s)
    ratio = (steps[1:] / steps[:-1])[:, None, None, None]
    older, before, now = pair[:, :-2], pair[:, 1:-1], pair[:, 2:]
    bend = now[None, None] - before[None, :, None] - ratio * (before[None, :, None] - older[:, None, None])
    mean = np.nan_to_num(bend**2).sum(axis=(4, 5, 6)) / bend.shape[5]
    return np.moveaxis(np.minimum(mean, WORST_BEND), 3, 0)

"""From a pose model's points to smooth paths: time base, doubtful points, swaps, jumps, holes, filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.measure.signals import drop_spikes, fill_gaps, lowpass
from engine.measure.swaps import repair_swaps
from engine.measure.track import AT, JOINTS, Array, Mask, Track

# Below this a point counts as not seen. On film the score is the height of our pose model's heat map: between 0.3 and
# 0.5 the middle error is 6 % of the body's height (engine/pose.py), and points left out were 3 times as often wrong by
# more than 10 cm as right within 4 (48 studio films). Points from a file: Sports2D's default.
MIN_SCORE, MIN_SCORE_OF_FILE = 0.5, 0.3
# Cut-offs, Hz: the bake-off against force plates found nothing gained above 8 Hz for the feet, and 6 Hz best for hips
# (docs/measures.md); trunk and arms move slower than the feet.
FOOT_CUTOFF_HZ, BODY_CUTOFF_HZ = 8.0, 6.0
FOOT_PARTS = ("knee", "ankle", "heel", "toe")
MAX_JITTER = 0.02  # of the frame interval; above it the frames are put on an even clock first
LONG_BONE = 1.25  # times its usual length: a bone longer than that has one end on something else
BONES = (
    ("hip", "knee"),
    ("knee", "ankle"),
    ("ankle", "heel"),
    ("ankle", "toe"),
    ("shoulder", "elbow"),
    ("elbow", "wrist"),
)


@dataclass(frozen=True)
class Motion:
    """Smooth paths on an even clock, in the film's pixels, y down; camera movement is still in them."""

    time_s: Array  # (n,) even
    frame: Array  # (n,) fractional frame number of the film at these times
    points_px: Array  # (n, joints, 2), filtered; NaN before the first and after the last sight of a joint
    raw_px: Array  # (n, joints, 2), swaps repaired and jumps dropped, not filtered; NaN where not seen
    believed: Mask  # (n, joints): seen, or in a hole short enough to be filled
    renamed_share: float  # of frames in which left and right were put right
    body_px: float  # rough height of the person, px

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        return float(1 / (self.time_s[1] - self.time_s[0]))

    def joint(self, name: str) -> Array:
        """The filtered path of one joint, (n, 2) px."""
        return self.points_px[:, AT[name]]

    def has(self, name: str) -> bool:
        """Whether the joint was seen in at least a third of the film."""
        return bool(self.believed[:, AT[name]].mean() > 1 / 3)


def condition(track: Track, *, side_view: bool) -> Motion:
    """Clean and smooth a track of ten frames or more; bones are checked in the side view, where they keep length."""
    least = MIN_SCORE if track.from_film else MIN_SCORE_OF_FILE
    points = np.where((track.score >= least)[:, :, None], track.points_px, np.nan)
    body_px = rough_height_px(points)
    renamed = np.zeros(len(points), dtype=bool)
    if side_view:
        points, renamed = repair_swaps(_with_points(track, points), body_px)
        points = _drop_long_bones(points)
    for joint in range(len(JOINTS)):
        points[:, joint] = drop_spikes(points[:, joint], floor=0.03 * body_px)
    time_s, points, frame = _even_clock(track.time_s, points)
    smooth, believed = np.full_like(points, np.nan), np.zeros(points.shape[:2], dtype=bool)
    rate_hz = 1 / (time_s[1] - time_s[0])
    for joint, name in enumerate(JOINTS):
        filled, believed[:, joint] = fill_gaps(time_s, points[:, joint])
        known = np.flatnonzero(np.isfinite(filled).all(axis=1))
        if len(known) >= 10:
            part = name.rpartition("_")[2]
            cutoff = FOOT_CUTOFF_HZ if part in FOOT_PARTS else BODY_CUTOFF_HZ
            smooth[known, joint] = lowpass(filled[known], rate_hz, cutoff)
    return Motion(time_s, frame, smooth, points, believed, float(renamed.mean()), body_px)


def rough_height_px(points: Array) -> float:
    """The person's height in px from whatever is seen: head to foot, or the leg when there is no head.

    The median over frames of the vertical extent; a leg from hip to foot is 0.53 of a standing person
    (Winter 2009: greater trochanter). NaN when not even a leg was seen.
    """
    feet = points[:, [AT[f"{side}_{part}"] for side in ("left", "right") for part in ("ankle", "heel", "toe")], 1]
    hips = points[:, [AT["left_hip"], AT["right_hip"]], 1]
    head = points[:, [AT["nose"], AT["left_ear"], AT["right_ear"]], 1]
    with np.errstate(all="ignore"):
        low, high, middle = (_row(np.nanmax, feet), _row(np.nanmin, head), _row(np.nanmean, hips))
        whole, leg = low - high, (low - middle) / 0.53
        height = whole * 1.08 if np.isfinite(whole).sum() > len(points) / 3 else leg  # ears to crown: 0.08 of the rest
    return float(np.nanmedian(height)) if np.isfinite(height).any() else float("nan")


def _row(reduce: object, values: Array) -> Array:
    """Reduce each row that holds something; NaN for the others, without numpy's warning about empty rows."""
    out = np.full(len(values), np.nan)
    rows = np.isfinite(values).any(axis=1)
    if rows.any() and callable(reduce):
        out[rows] = reduce(values[rows], axis=1)
    return out


def _with_points(track: Track, points: Array) -> Track:
    return Track(track.time_s, points, track.score, track.width_px, track.height_px)


def _drop_long_bones(points: Array) -> Array:
    """Drop the far end of a bone in frames where it is longer than it can be; in place, returned for the reader."""
    for near, far in BONES:
        for side in ("left", "right"):
            start, end = points[:, AT[f"{side}_{near}"]], points[:, AT[f"{side}_{far}"]]
            length = np.linalg.norm(end - start, axis=1)
            if np.isfinite(length).any():
                too_long = length > LONG_BONE * np.nanpercentile(length, 90)
                points[too_long, AT[f"{side}_{far}"]] = np.nan
    return points


def _even_clock(time_s: Array, points: Array) -> tuple[Array, Array, Array]:
    """Put the points on an even clock when the film's own is uneven; returns times, points and frame numbers."""
    intervals = np.diff(time_s)
    step = float(np.median(intervals))
    numbers = np.arange(len(time_s), dtype=np.float64)
    if np.abs(intervals - step).max() <= MAX_JITTER * step:
        # The mean interval, not the median: rounding to milliseconds in a container must not stretch the film.
        return np.linspace(time_s[0], time_s[-1], len(time_s)), points, numbers
    even = np.arange(time_s[0], time_s[-1] + 0.01 * step, step)
    out = np.full((len(even), *points.shape[1:]), np.nan)
    for joint in range(points.shape[1]):
        filled, believed = fill_gaps(time_s, points[:, joint])
        known = np.isfinite(filled).all(axis=1)
        if known.sum() < 2:
            continue
        nearest = np.abs(even[:, None] - time_s[None, known]).argmin(axis=1)
        inside = (even >= time_s[known][0]) & (even <= time_s[known][-1]) & believed[known][nearest]
        for axis in (0, 1):
            out[inside, joint, axis] = np.interp(even[inside], time_s[known], filled[known, axis])
    return even, out, np.interp(even, time_s, numbers)

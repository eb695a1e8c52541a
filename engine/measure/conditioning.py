"""From a pose model's points to smooth paths: time base, doubtful points, swaps, jumps, holes, filter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline

from engine.measure.signals import MAX_GAP_S, drop_spikes, fill_gaps, lowpass
from engine.measure.swaps import repair_swaps
from engine.measure.track import AT, JOINTS, LONG_STEP, SIDES, Array, Mask, Track

# Below this a point counts as not seen. On film the score is the height of our pose model's heat map: between 0.3 and
# 0.5 the middle error is 6 % of the body's height (engine/pose.py), and points left out were 3 times as often wrong by
# more than 10 cm as right within 4 (48 studio films). Points from a file: Sports2D's default.
MIN_SCORE, MIN_SCORE_OF_FILE = 0.5, 0.3
# Cut-offs, Hz: the comparison with force plates found nothing gained above 8 Hz for the feet, and 6 Hz best for hips
# (docs/measures.md); trunk and arms move slower than the feet.
FOOT_CUTOFF_HZ, BODY_CUTOFF_HZ = 8.0, 6.0
FOOT_PARTS = ("knee", "ankle", "heel", "toe")
MAX_JITTER = 0.02  # of the frame interval; above it the frames are put on an even clock first
ROUNDED_S = 0.001  # times this near to an even clock are its own, rounded by the container; a foot moves 6 mm in it
LEG_SHARE = 0.53  # of a standing person's height from hip to foot: Winter 2009 (greater trochanter)
WITH_CROWN = 1.08  # of the height up to the ears; ours
LEAST_SEEN = 10  # frames in which a joint must be seen to have a path at all
SPIKE = 0.03  # of the body's height: what jumps less out of line is left to the filter; ours
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

    def middle(self, part: str) -> Array:
        """The point between left and right, (n, 2) px."""
        return (self.joint(f"left_{part}") + self.joint(f"right_{part}")) / 2

    def has(self, name: str) -> bool:
        """Whether the joint was seen for at least a third of the time in which anything was."""
        return bool(self.believed[:, AT[name]].sum() > self.believed.any(axis=1).sum() / 3)


def condition(track: Track, *, side_view: bool) -> Motion:
    """Clean and smooth a track of ten frames or more; bones are checked in the side view, where they keep length."""
    track, film_frames = _without_repeats(track)
    least = MIN_SCORE if track.from_film else MIN_SCORE_OF_FILE
    points = np.where((track.score >= least)[:, :, None], track.points_px, np.nan)
    body_px = _rough_height_px(points)
    renamed = np.zeros(len(points), dtype=bool)
    if side_view:
        points, renamed = repair_swaps(replace(track, points_px=points), body_px)
        points = _drop_long_bones(points)
    for joint in range(len(JOINTS)):
        points[:, joint] = drop_spikes(points[:, joint], SPIKE * body_px, _places(track.time_s))
    time_s, points, frame = _even_clock(track.time_s, points)
    smooth, believed = np.full_like(points, np.nan), np.zeros(points.shape[:2], dtype=bool)
    rate_hz = 1 / (time_s[1] - time_s[0])
    for joint, name in enumerate(JOINTS):
        filled, believed[:, joint] = fill_gaps(time_s, points[:, joint])
        known = np.flatnonzero(np.isfinite(filled).all(axis=1))
        if len(known) >= LEAST_SEEN:
            part = name.rpartition("_")[2]
            cutoff = FOOT_CUTOFF_HZ if part in FOOT_PARTS else BODY_CUTOFF_HZ
            smooth[known, joint] = lowpass(filled[known], rate_hz, cutoff)
    frame = np.interp(frame, np.arange(len(film_frames)), film_frames)
    return Motion(time_s, frame, smooth, believed, float(renamed.mean()), body_px)


def _without_repeats(track: Track) -> tuple[Track, Array]:
    """The track without pictures shown twice, and which frames of the film are left."""
    kept = np.flatnonzero(track.fresh)
    if len(kept) == len(track.time_s):
        return track, kept.astype(float)
    fresh = replace(
        track,
        time_s=track.time_s[kept],
        points_px=track.points_px[kept],
        score=track.score[kept],
        camera_px=None if track.camera_px is None else track.camera_px[kept],
        person_score=None if track.person_score is None else track.person_score[kept],
        repeated=None,
    )
    return fresh, kept.astype(float)


def _rough_height_px(points: Array) -> float:
    """The person's height in px from whatever is seen: head to foot, or the leg when there is no head.

    The median over frames of the vertical extent. NaN when not even a leg was seen.
    """
    feet = points[:, [AT[f"{side}_{part}"] for side in SIDES for part in ("ankle", "heel", "toe")], 1]
    hips = points[:, [AT["left_hip"], AT["right_hip"]], 1]
    head = points[:, [AT["nose"], AT["left_ear"], AT["right_ear"]], 1]
    with np.errstate(all="ignore"):
        low, high, middle = (_row(np.nanmax, feet), _row(np.nanmin, head), _row(np.nanmean, hips))
        whole, leg = low - high, (low - middle) / LEG_SHARE
        height = whole * WITH_CROWN if np.isfinite(whole).sum() > np.isfinite(leg).sum() / 3 else leg
    return float(np.nanmedian(height)) if np.isfinite(height).any() else float("nan")


def _row(reduce: Callable[..., Array], values: Array) -> Array:
    """Reduce each row that holds something; NaN for the others, without numpy's warning about empty rows."""
    out = np.full(len(values), np.nan)
    rows = np.isfinite(values).any(axis=1)
    out[rows] = reduce(values[rows], axis=1)
    return out


def _drop_long_bones(points: Array) -> Array:
    """Drop the far end of a bone in frames where it is longer than it can be; in place, returned for the reader."""
    for near, far in BONES:
        for side in SIDES:
            start, end = points[:, AT[f"{side}_{near}"]], points[:, AT[f"{side}_{far}"]]
            length = np.linalg.norm(end - start, axis=1)
            if np.isfinite(length).any():
                too_long = length > LONG_BONE * np.nanpercentile(length, 90)
                points[too_long, AT[f"{side}_{far}"]] = np.nan
    return points


def _places(time_s: Array) -> Array:
    """Where on an even clock each frame lies, (n,) in usual frame intervals: whole numbers where no picture is lost."""
    steps = np.diff(time_s) / np.median(np.diff(time_s))
    whole = np.rint(steps)
    return np.concatenate([[0.0], np.cumsum(np.where(np.abs(steps - whole) <= MAX_JITTER, whole, steps))])


def _even_clock(time_s: Array, points: Array) -> tuple[Array, Array, Array]:
    """Put the points on an even clock when the film's own is uneven; returns times, points and frame numbers.

    A film whose times are even but for rounding and lost pictures keeps its points as they are, and a lost picture is
    a hole like any other. Only a film that is truly uneven is read between its pictures.
    """
    intervals = np.diff(time_s)
    step = float(np.median(intervals))
    numbers = np.arange(len(time_s), dtype=np.float64)
    if np.abs(intervals - step).max() <= MAX_JITTER * step:
        # The mean interval, not the median: rounding to milliseconds in a container must not stretch the film.
        return np.linspace(time_s[0], time_s[-1], len(time_s)), points, numbers
    step = float(intervals[intervals < LONG_STEP * step].mean())
    ticks = np.concatenate([[0.0], np.cumsum(np.maximum(1, np.rint(intervals / step)))])
    slope, first = np.polyfit(ticks, time_s, 1)
    if np.abs(time_s - first - slope * ticks).max() <= ROUNDED_S:
        even = first + slope * np.arange(ticks[-1] + 1)
        out = np.full((len(even), *points.shape[1:]), np.nan)
        out[ticks.astype(int)] = points
    else:
        even = np.arange(time_s[0], time_s[-1] + 0.01 * step, step)
        out = np.stack([_read_at(even, time_s, path, step) for path in np.moveaxis(points, 1, 0)], axis=1)
    return even, out, np.interp(even, time_s, numbers)


def _read_at(even: Array, time_s: Array, path: Array, step: float) -> Array:
    """A path (n, 2) at other times (m, 2), by a cubic; NaN in holes that are too long to be believed."""
    out = np.full((len(even), 2), np.nan)
    filled, _ = fill_gaps(time_s, path)
    nodes, seen = (np.flatnonzero(np.isfinite(values).all(axis=1)) for values in (filled, path))
    if len(seen) < LEAST_SEEN:
        return out
    seen_s = time_s[seen]
    after = np.clip(np.searchsorted(seen_s, even), 1, len(seen) - 1)
    # A quarter of a step beyond the first and the last is the same picture still.
    between = (even >= seen_s[0] - step / 4) & (even <= seen_s[-1] + step / 4)
    between &= seen_s[after] - seen_s[after - 1] <= MAX_GAP_S + LONG_STEP * step
    out[between] = CubicSpline(time_s[nodes], filled[nodes])(even[between])
    return out

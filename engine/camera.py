"""How the camera moved: where a fixed point of the background goes from picture to picture."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from engine.measure.track import Array
from engine.video import U8, Picture

Box = tuple[float, float, float, float]  # left, top, right, bottom in picture pixels

WIDE_PX = 480  # the background is followed on pictures about this wide: corners enough, a sixth of the work
MAX_RATE_HZ = 35.0  # hands shake below 12 Hz: of faster film every second picture is enough
CORNERS = 160
FLOW: dict[str, Any] = {"winSize": (15, 15), "maxLevel": 3}
FEW_CORNERS = 60  # below this, look for new ones
MIN_INLIERS, MIN_QUARTERS = 25, 3  # so many corners, in so many quarters of the picture, must agree on a step; ours
TRUSTED = 0.5  # share of steps that must fit, or nothing is told of the camera; ours
BENT_PX = 3.0  # what a pan of half the picture a second leaves over at the picture's edge; more is no background
STILL_SHARE = 0.004  # of the picture's long side: what a camera on a stand seems to move through noise alone


class CameraWatch:
    """Follows background corners outside the runner's box; feed it every picture, ask for the path at the end."""

    def __init__(self) -> None:
        self._grey: Any = None
        self._corners: Any = None
        self._place = np.zeros(2)
        self._times: list[float] = []
        self._path: list[Array] = []
        self._fitted: list[tuple[bool, bool]] = []  # well, and while the runner was there
        self._long_side = 0

    def watch(self, picture: Picture, runner: Box | None) -> None:
        """Look at one picture; `runner` is left out of the background."""
        if self._times and picture.time_s - self._times[-1] < 1 / MAX_RATE_HZ:
            return
        width, height = picture.size_px
        self._long_side = max(width, height)
        factor = max(1, round(width / WIDE_PX))  # a whole number: averaging is ten times faster then
        scale = 1 / factor
        luma = np.ascontiguousarray(picture.y[: height // factor * factor, : width // factor * factor])
        size = (width // factor, height // factor)
        grey = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
        mask = _background(grey.shape, runner, scale)
        if self._grey is not None:
            step = self._step(grey, mask, runner, scale)
            self._fitted.append((step is not None, runner is not None))
            self._place = self._place + (step if step is not None else 0) / scale
        if self._corners is None or len(self._corners) < FEW_CORNERS:
            self._corners = cv2.goodFeaturesToTrack(grey, CORNERS, 0.01, 8, mask=mask)
        self._grey = grey
        self._times.append(picture.time_s)
        self._path.append(self._place)

    def path_px(self, times: Array) -> tuple[Array | None, float]:
        """The background's place (n, 2) at `times`, in picture pixels, and the share of well-fitted pictures.

        None when the camera stood still, or when too little background was seen to tell.
        """
        # Before and after the run it matters to nobody whether the camera moved: a film may begin in the dark.
        fitted = [well for well, there in self._fitted if there] or [well for well, _ in self._fitted]
        confidence = float(np.mean(fitted)) if fitted else 0.0
        if confidence < TRUSTED:
            return None, confidence
        path = np.array(self._path)
        if np.ptp(path, axis=0).max() < STILL_SHARE * self._long_side:
            return None, confidence
        return np.column_stack([np.interp(times, self._times, path[:, axis]) for axis in (0, 1)]), confidence

    def _step(self, grey: U8, mask: U8, runner: Box | None, scale: float) -> Array | None:
        """Displacement of the background since the last picture, where the runner is; small-picture pixels."""
        if self._corners is None or len(self._corners) < MIN_INLIERS:
            self._corners = None
            return None
        moved, found, _ = cv2.calcOpticalFlowPyrLK(self._grey, grey, self._corners, self._corners.copy(), **FLOW)
        moved = np.asarray(moved).reshape(-1, 2)
        before = np.asarray(self._corners).reshape(-1, 2)
        good = np.asarray(found).ravel() == 1
        rounded = np.clip(np.rint(moved).astype(int), 0, np.array(grey.shape[::-1]) - 1)
        good &= mask[rounded[:, 1], rounded[:, 0]] > 0
        before, moved = before[good], moved[good]
        if len(before) < MIN_INLIERS:
            self._corners = None
            return None
        matrix, inlier = cv2.estimateAffinePartial2D(before, moved, ransacReprojThreshold=1.0)
        if matrix is None:
            self._corners = None
            return None
        agree = np.asarray(inlier).ravel() == 1
        # Corners that went another way (another person, a curtain, the belt) are not followed any further.
        self._corners = moved[agree].reshape(-1, 1, 2)
        if agree.sum() < MIN_INLIERS or _quarters(moved[agree], grey.shape) < MIN_QUARTERS:
            return None
        centre = _centre(runner, grey.shape, scale)
        moved_there = np.asarray(matrix[:, :2] @ centre + matrix[:, 2] - centre, float)
        moved_there[0] += _bend_px(
            before, moved - before @ matrix[:, :2].T - matrix[:, 2], float(centre[0]), grey.shape
        )
        return moved_there


def _bend_px(places: Any, left_over: Any, there_px: float, shape: tuple[int, ...]) -> float:
    """What a turning camera adds to the movement across at `there_px`, beyond a similarity; small-picture pixels.

    A camera that turns by a small angle moves a point x off the picture's middle by the angle times f + x² / f: at the
    edges a fifth more than in the middle. A similarity takes the mean over the picture, where the runner is not.
    """
    near = np.abs(left_over).max(axis=1) < BENT_PX
    off = (places[near, 0] - shape[1] / 2) ** 2
    if near.sum() < MIN_INLIERS or np.ptp(off) < (shape[1] / 4) ** 2:
        return 0.0
    slope, level = np.polyfit(off, left_over[near, 0], 1)
    return float(level + slope * (there_px - shape[1] / 2) ** 2)


def _background(shape: tuple[int, ...], runner: Box | None, scale: float) -> U8:
    mask = np.full(shape[:2], 255, np.uint8)
    if runner is not None:
        left, top, right, bottom = (value * scale for value in runner)
        margin = 0.1 * (bottom - top)
        mask[max(0, int(top - margin)) : int(bottom + margin), max(0, int(left - margin)) : int(right + margin)] = 0
    return mask


def _quarters(points: Any, shape: tuple[int, ...]) -> int:
    right, low = points[:, 0] > shape[1] / 2, points[:, 1] > shape[0] / 2
    return len(set(zip(right.tolist(), low.tolist(), strict=True)))


def _centre(runner: Box | None, shape: tuple[int, ...], scale: float) -> Array:
    if runner is None:
        return np.array([shape[1] / 2, shape[0] / 2])
    return np.array([(runner[0] + runner[2]) / 2, (runner[1] + runner[3]) / 2]) * scale

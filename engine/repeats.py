"""Pictures shown twice: a film brought to a higher rate repeats pictures, and so does a camera that falls behind.

A repeated picture says nothing new: measured as if it did, a foot stops and jumps, and 15 pictures a second pass for
30. A repeat is not the same to the bit once it was encoded; it is told by how little the runner moves against the
pictures around it, and only where little is little by itself as well.
"""

from __future__ import annotations

import cv2
import numpy as np

from engine.camera import Box
from engine.measure.track import Array, Mask
from engine.video import U8, Picture

SMALL = (48, 96)  # px, width and height to which the runner's box is shrunk: what encoding adds is averaged out
# Against the largest mean change of the pictures around: new pictures of real films read 0.35 and more; doubled and
# encoded again, repeats read 0.01 (x264 at factor 20) to 0.1 (at 34).
QUIETER = 0.2
AROUND = 4  # pictures to either side: beside a picture that is shown four times stands a new one
# Largest change over the box's own contrast: 0.6 and more from picture to picture at 30 fps, 0.3 at most in repeats.
CALM = 0.35


class RepeatWatch:
    """Compares each picture with the one before where the runner is; feed it every picture."""

    def __init__(self) -> None:
        self._before: U8 | None = None
        self._mean: list[float] = []
        self._largest: list[float] = []

    def watch(self, picture: Picture, runner: Box | None) -> None:
        """Look at one picture; without a runner there is nothing to compare."""
        change = None if self._before is None or runner is None else _change(self._before, picture.y, runner)
        self._before = picture.y
        mean, largest = change or (np.nan, np.nan)
        self._mean.append(mean)
        self._largest.append(largest)

    def repeated(self) -> Mask | None:
        """Which pictures (n,) show the one before again; None when none does."""
        mean = np.array(self._mean)
        loudest = np.array([_largest_of(mean[max(0, at - AROUND) : at + AROUND + 1]) for at in range(len(mean))])
        with np.errstate(invalid="ignore"):
            again = (mean < QUIETER * loudest) & (np.array(self._largest) < CALM)
        return again if again.any() else None


def _change(before: U8, now: U8, runner: Box) -> tuple[float, float] | None:
    """Mean and largest change inside the box, over the box's contrast; None when there is no box in the picture."""
    left, top, right, bottom = (max(0, round(value)) for value in runner)
    if before.shape != now.shape:
        return None
    parts = [plane[top:bottom, left:right] for plane in (before, now)]
    if min(parts[0].shape) < 2:
        return None
    one, two = (_shrunk(part).astype(np.float32) for part in parts)
    change = np.abs(two - one) / max(float(np.ptp(one)), 1.0)
    return float(change.mean()), float(change.max())


def _shrunk(part: U8) -> U8:
    """The mean brightness in SMALL fields of a part of a picture; halved as often as fits, which is far quicker than
    dividing all its pixels among the fields at once."""
    while part.shape[1] >= 4 * SMALL[0] and part.shape[0] >= 4 * SMALL[1]:
        height, width = part.shape[0] // 2, part.shape[1] // 2
        whole = part[: 2 * height, : 2 * width]
        part = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(part, SMALL, interpolation=cv2.INTER_AREA), np.uint8)


def _largest_of(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else float("nan")

"""One person's key points through a film: all that the arithmetic knows of the film."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SIDES = ("left", "right")
PAIRED = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe")
FACE = ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
JOINTS: tuple[str, ...] = (*FACE, *(f"{side}_{part}" for part in PAIRED for side in SIDES))
AT = {name: index for index, name in enumerate(JOINTS)}
LONG_STEP = 1.5  # times the middle one: a picture is missing in between


@dataclass(frozen=True)
class Track:
    """The key points of one runner, one row a decoded frame, in the pixels of the film as shown.

    Sides are the runner's own (left is the runner's left). `toe` is the tip of the shoe when `toe_is_tip`, as pose
    models mark it; the head of the first metatarsal when not, as motion capture does.
    """

    time_s: Array  # (n,) presentation time, strictly rising
    points_px: Array  # (n, len(JOINTS), 2): x to the right, y DOWN; NaN where not seen
    score: Array  # (n, len(JOINTS)), 0-1; 0 where not seen
    width_px: int
    height_px: int
    # Where a fixed background point has moved to since the first frame, (n, 2): `points_px - camera_px` stands still
    # for what stands still in the world. None when the camera does not move or nothing is known.
    camera_px: Array | None = None
    camera_confidence: float = 1.0  # 0-1: how far the accumulated motion can be trusted (share of well-fitted frames)
    person_score: Array | None = None  # (n,) 0-1: the detector's trust in the person; None when points came from a file
    second_person_share: float = 0.0  # share of frames in which another person is at least 60 % as tall
    identity_switches: int = 0  # times the tracker had to jump to a person elsewhere in the picture
    toe_is_tip: bool = True
    from_film: bool = True  # False: points from a file; the gates about pixels, light and cropping do not apply
    # (n,) pictures that show the one before once more, as a film holds them that was brought to a higher rate; their
    # points say nothing new. None when there are none.
    repeated: Mask | None = None
    # How bright the runner's part of the picture is in the middle of the film: 0 black, 1 white, by its brightest
    # twentieth. None when points came from a file.
    light: float | None = None

    def __post_init__(self) -> None:
        """Raise ValueError when the shapes do not fit together."""
        frames = len(self.time_s)
        if self.points_px.shape != (frames, len(JOINTS), 2) or self.score.shape != (frames, len(JOINTS)):
            raise ValueError(f"points {self.points_px.shape} and scores {self.score.shape} do not fit {frames} frames")
        if frames > 1 and not np.all(np.diff(self.time_s) > 0):
            raise ValueError("the times of the frames do not rise")

    @cached_property
    def fps(self) -> float:
        """Different pictures a second by their usual interval; 0 for a single one."""
        steps = np.diff(self.time_s[self.fresh])
        # The mean of the ordinary steps: their median is off where a container rounds to milliseconds.
        return float(1 / steps[steps < LONG_STEP * np.median(steps)].mean()) if len(steps) else 0.0

    @property
    def fresh(self) -> Mask:
        """The frames (n,) that show something new."""
        return np.ones(len(self.time_s), dtype=bool) if self.repeated is None else ~self.repeated

    @property
    def by_model(self) -> bool:
        """Whether a pose model found the points, on film or for a file: less surely than markers lie."""
        return self.from_film or self.toe_is_tip

    @property
    def duration_s(self) -> float:
        """From the first frame's start to the last frame's end, seconds."""
        return float(self.time_s[-1] - self.time_s[0] + 1 / self.fps) if self.fps else 0.0

    @property
    def middle_px(self) -> Array:
        """The middle of the picture, (2,): what comes nearer grows about this point."""
        return np.array([self.width_px, self.height_px]) / 2

    def joint(self, name: str) -> Array:
        """The path of one joint, (n, 2) px."""
        return self.points_px[:, AT[name]]

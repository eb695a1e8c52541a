"""How wrong each measure can be in a way that no averaging removes: one standard error, in the measure's unit.

Flight and duty factor follow from contact, and have its error.

Two columns: from marker-quality points (motion capture with 8 mm noise against force plates and marker angles) and from
a pose model's points on film. The first are set from leave-one-runner-out errors over the eight trials of the
reference data; the second from studio films other than the validation's, and more where these flatter. Frontal angles
hardly follow the truth on film, and their doubt says so. docs/measures.md says where each figure comes from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MARKERS: dict[str, float] = {
    "cadence_spm": 0.2,
    "event_ms": 7.0,
    "contact_time_ms": 8.5,
    "angle_deg": 1.6,
    "elbow_deg": 1.6,
    "head_deg": 1.6,
    "far_arm_deg": 1.6,
    "far_elbow_least_deg": 1.6,
    "foot_angle_deg": 2.5,
    "turn_ms": 8.0,
    "segment_deg": 1.2,
    "oscillation_cm": 0.4,
    "frontal_deg": 0.8,
    "pronation_deg": 3.0,
    "step_width_cm": 0.8,
}
FILM: dict[str, float] = {
    "cadence_spm": 0.35,
    "event_ms": 9.0,
    "contact_time_ms": 12.0,
    "angle_deg": 4.0,
    "elbow_deg": 6.0,
    "head_deg": 8.0,
    "far_arm_deg": 12.0,
    "far_elbow_least_deg": 30.0,
    "foot_angle_deg": 4.0,
    "turn_ms": 25.0,
    "segment_deg": 2.3,
    "oscillation_cm": 0.9,
    "frontal_deg": 4.5,
    "pronation_deg": 6.0,
    "step_width_cm": 1.5,
}
SLOW_FILM_FACTOR = 1.3  # below 50 fps every time from film is this much less sure (simulation: 15 ms against 12)
SLOW_FILM_FPS = 50.0
TIMES = ("event_ms", "contact_time_ms")
FOOT_ANGLE_NOISE_DEG = 2.5  # by how much a single foot strike angle scatters by noise alone: reference trials at 8 mm


@dataclass(frozen=True)
class Precision:
    """The standard errors that hold for one film."""

    by_model: bool
    fps: float
    ground_deg: float = 0.0  # how far the ground rises in the picture, by the camera or by an incline: nobody can tell

    def bias(self, key: str) -> float:
        """The lasting standard error of one kind of measure, in its unit."""
        own = FILM[key] if self.by_model else MARKERS[key]
        if key == "segment_deg":
            # Read from the picture's vertical, which may lie off the true one by all of the slope.
            return math.hypot(own, self.ground_deg / 2)
        slow = self.by_model and key in TIMES and self.fps < SLOW_FILM_FPS
        return own * SLOW_FILM_FACTOR if slow else own

    def at_event(self, key: str, by_event_deg: float) -> float:
        """The lasting standard error of an angle read at a strike or toe-off, degrees; `by_event_deg` is how far the
        angle moves within the event's own standard error.

        A detector that finds one runner's strike 10 ms early does so on every step, and the knee bends by 3° in that
        time. The figures of FILM and of the foot at strike were set from angles at events and hold it.
        """
        if self.by_model or key == "foot_angle_deg":
            return self.bias(key)
        return math.hypot(self.bias(key), by_event_deg)

    @property
    def event_error_s(self) -> float:
        """The lasting standard error of an event, s."""
        return self.bias("event_ms") / 1000

    @property
    def event_noise_ms(self) -> float:
        """The least scatter of one event: a frame's width spread evenly, 1/(fps·√12) each, both ends of a contact."""
        return 1000 / (self.fps * 6**0.5)

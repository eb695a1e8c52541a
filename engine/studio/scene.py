"""What the studio films: one frozen description of runner, camera and light, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.order import View

Landing = Literal["rearfoot", "midfoot", "forefoot"]
Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

# Foot pitch at strike against the flat foot, degrees, toes up: in the middle of the classes of Altman & Davis 2012.
PITCH_AT_STRIKE_DEG: dict[str, float] = {"rearfoot": 17.0, "midfoot": 3.0, "forefoot": -8.0}

# Contact time against speed in running, ms: the fit of docs/measures.md to published anchors (591 v^-0.693).
CONTACT_AT_1_M_S_MS = 591.0
CONTACT_EXPONENT = -0.693
# Cadence against speed, steps per minute for a height of 1.72 m: the same source.
CADENCE_AT_2_8_M_S = 164.0
CADENCE_PER_M_S = 7.5
WALKING_DUTY_FACTOR = 0.62  # share of the stride on the ground; ours, the usual textbook figure for 1.3 m/s

ALLOWED: dict[str, tuple[float, float]] = {
    "fps": (10, 240),
    "seconds": (0.5, 60),
    "speed_m_s": (0.5, 7),
    "cadence_spm": (80, 240),
    "contact_time_ms": (100, 900),
    "height_m": (1.0, 2.3),
    "variability_ms": (0, 10),
    "body_share": (0.1, 1.5),
    "distance_m": (2, 30),
    "people": (1, 2),
    "blur": (0, 1),
    "light": (0.05, 1),
    "slow_motion": (1, 16),
    "yaw_deg": (-180, 180),
    "tilt_deg": (-20, 20),
    "shake_deg": (0, 10),
    "crop_feet": (0, 0.5),
    "asymmetry_contact_ms": (-80, 80),
    "pelvic_drop_deg": (-5, 15),
    "trunk_lean_deg": (-10, 30),
    "elbow_deg": (0, 150),
    "swing_knee_deg": (30, 140),
}


class BadScene(ValueError):
    """The scene cannot be filmed; the text says which knob to turn."""


@dataclass(frozen=True)
class Scene:
    """One film of one runner (or two); None means "as usual at this speed"."""

    view: View = "side_view"
    treadmill: bool = True
    width_px: int = 720
    height_px: int = 1280
    fps: float = 60.0
    seconds: float | None = None  # 6, or as long as a crossing of the picture takes
    # the runner
    speed_m_s: float = 3.0
    cadence_spm: float | None = None
    contact_time_ms: float | None = None
    height_m: float = 1.75
    landing: Landing = "rearfoot"
    walk: bool = False
    variability_ms: float = 3.0  # SD of step and contact times; people are not clocks
    asymmetry_contact_ms: float = 0.0  # right minus left
    pelvic_drop_deg: float = 4.5  # peak in stance, swing side lower, in the mean of both legs
    asymmetry_drop_deg: float = 0.0  # right minus left
    trunk_lean_deg: float = 5.0
    elbow_deg: float | None = None
    swing_knee_deg: float | None = None
    step_width_m: float = 0.05  # between the middles of the two feet
    faces: Side = "right"  # side view: which way the runner runs in the picture
    # the camera
    body_share: float | None = None  # body height / picture height at the middle of the path
    distance_m: float | None = None  # to the path, or behind the runner
    yaw_deg: float = 0.0  # 0 = square to the path (side) or straight behind (back)
    tilt_deg: float = 0.0  # roll of the phone
    pan: bool = False  # the camera turns after the runner
    shake_deg: float = 0.0  # a hand that trembles: SD of pointing error
    crop_feet: float = 0.0  # share of the picture height by which the runner hangs below its lower edge
    blur: float = 0.0  # share of the frame time during which the shutter is open
    light: float = 1.0  # 1 = bright room; less is darker and noisier
    slow_motion: float = 1.0  # shot at K times the rate it is played at
    people: int = 1
    seed: int = 1

    def __post_init__(self) -> None:
        for name, (low, high) in ALLOWED.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise BadScene(f"{name} is {value:g}. Choose a value from {low:g} to {high:g}.")
        if self.seed < 0:
            raise BadScene(f"The seed is {self.seed}. Choose 0 or more.")
        if self.width_px % 2 or self.height_px % 2 or not 64 <= min(self.width_px, self.height_px) <= 4000:
            raise BadScene(
                f"A film of {self.width_px}x{self.height_px} cannot be made. Choose even numbers from 64 to 4000."
            )
        if not self.walk and self.contact_s >= 0.97 * self.step_s:
            raise BadScene(
                f"Contact of {1000 * self.contact_s:.0f} ms leaves no flight at {self.cadence:.0f} steps a minute. "
                "Choose a shorter contact, a lower cadence or walking."
            )

    @property
    def cadence(self) -> float:
        """Steps a minute: as given, or usual at this speed and height."""
        if self.cadence_spm is not None:
            return self.cadence_spm
        if self.walk:
            return 60 * self.speed_m_s / (0.41 * self.height_m)  # a walking step is about 0.41 body heights: ours
        return float((CADENCE_AT_2_8_M_S + CADENCE_PER_M_S * (self.speed_m_s - 2.8)) * (1.72 / self.height_m) ** 0.5)

    @property
    def step_s(self) -> float:
        """Time from one strike to the next of the other foot, s."""
        return 60 / self.cadence

    @property
    def contact_s(self) -> float:
        """Time on the ground, mean of both feet, s: as given, or usual at this speed."""
        if self.contact_time_ms is not None:
            return self.contact_time_ms / 1000
        if self.walk:
            return WALKING_DUTY_FACTOR * 2 * self.step_s
        usual = float(CONTACT_AT_1_M_S_MS * self.speed_m_s**CONTACT_EXPONENT / 1000)
        return min(usual, 0.92 * self.step_s)  # a quick cadence at low speed shortens contact rather than flight

    @property
    def pitch_at_strike_deg(self) -> float:
        """Foot pitch at strike, toes up, degrees."""
        return 20.0 if self.walk else PITCH_AT_STRIKE_DEG[self.landing]

    @property
    def peak_swing_knee_deg(self) -> float:
        """Largest knee flexion in swing, degrees: 90 + 10 (v - 3) in running (Novacheck 1998)."""
        if self.swing_knee_deg is not None:
            return self.swing_knee_deg
        return 62.0 if self.walk else 90 + 10 * (self.speed_m_s - 3)

    @property
    def elbow(self) -> float:
        """Mean elbow flexion, degrees."""
        return self.elbow_deg if self.elbow_deg is not None else (22.0 if self.walk else 92.0)

    @property
    def duration_s(self) -> float:
        """Length of the film as played, s."""
        if self.seconds is not None:
            return self.seconds
        if self.treadmill or self.pan or self.view == "back_view":
            return 6.0
        width_m = self.width_px * self.height_m / (self.share * self.height_px)
        return self.slow_motion * width_m / self.speed_m_s

    @property
    def share(self) -> float:
        """Body height over picture height."""
        if self.body_share is not None:
            return self.body_share
        return 0.66 if self.height_px > self.width_px else 0.46

    @property
    def distance(self) -> float:
        """Camera to runner, m: as given, or as a coach is told (6 m at a treadmill, 8 m beside a track)."""
        if self.distance_m is not None:
            return self.distance_m
        return 8.0 if self.view == "side_view" and not self.treadmill else 6.0

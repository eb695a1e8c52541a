"""What a measured film yields, as plain data: every number with its uncertainty, every step with its moments."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.measure.angles import Angles
from engine.measure.back import Leg
from engine.measure.bands import Band
from engine.measure.landing import Landing
from engine.measure.numbers import Measure, Reading
from engine.measure.scores import Part
from engine.measure.side import SideView
from engine.measure.style import Style
from engine.measure.track import Array


@dataclass(frozen=True)
class StepReport:
    """One contact in the film's own frames."""

    number: int  # from 1, in the order of time
    foot: str
    strike_s: float
    strike_frame: float  # fractional
    toe_off_s: float | None  # None when the film ends before
    toe_off_frame: float | None
    contact_time_ms: float | None
    flight_time_ms: float | None  # after this contact; None when the next was not seen
    uncertainty_95_ms: float  # of a single strike or toe-off
    confidence: float
    landing: Landing | None = None
    readings: dict[str, Reading] = field(default_factory=dict)  # what this step gave of each measure


@dataclass(frozen=True)
class SideResult:
    """The side view's own part of a report."""

    view: SideView
    angles: Angles
    parts: dict[str, Part]
    style: Style
    landing: str | None  # the usual class
    time_s: Array  # the clock of `angles`


@dataclass(frozen=True)
class BackResult:
    """The back view's own part of a report."""

    legs: dict[str, Leg]
    parts: dict[str, Part]  # left, right: all measures of a leg


@dataclass(frozen=True)
class Report:
    """Everything measured in one film."""

    measures: dict[str, Measure]
    bands: dict[str, Band]
    steps: tuple[StepReport, ...]
    total_score: float | None
    warnings: tuple[str, ...]  # codes
    points_px: Array  # (frames of the film, joints, 2): cleaned points for drawing, NaN where not believed
    direction: int | None  # +1 to the right in the picture, -1 to the left; None in the back view
    near_side: str | None  # side of the body towards the camera; None in the back view
    px_per_m: float | None
    tilt_deg: float  # of the ground in the picture; taken out of all angles but on a belt, which may be an incline
    notes: dict[str, str] = field(default_factory=dict)  # measure -> why it is missing
    side: SideResult | None = None
    back: BackResult | None = None

    @property
    def parts(self) -> dict[str, Part]:
        """What was scored: the parts of the side view, or the two legs."""
        own = self.side or self.back
        return own.parts if own else {}

"""What a finished analysis says, in our own words and units: plain data, read from stored documents by a wire module.

Every field a provider may leave out is None or empty. Angles are degrees; key names carry their unit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Side = Literal["left", "right"]
SIDES: dict[str, Side] = {"left": "left", "right": "right"}  # the word of an answer: ours
Range = tuple[float, float]  # low, high; the okay range may enclose the good one or lie beside it


@dataclass(frozen=True)
class Part:
    """One judged part of the movement, of one leg where `side` is given."""

    key: str  # arm, back_cycle, foot, forward_cycle, head, trunk; knee_adduction, pelvic_drop, pronation; or a new one
    side: Side | None = None
    score: float | None = None  # 0–1
    range_good: Range | None = None
    range_okay: Range | None = None
    range_bad: tuple[Range, ...] = ()
    title: str = ""
    position: str = ""  # the verdict in words
    explanation: str = ""
    recap: tuple[str, ...] = ()  # advice lines
    exercises: tuple[str, ...] = ()  # keys, not texts
    strike_pattern: str = ""  # foot: rearfoot, midfoot, forefoot
    overstride_title: str = ""  # foot


@dataclass(frozen=True)
class RunningStyle:
    title: str
    animal: str = ""  # opaque: show a neutral icon for what is not known
    percentage: float | None = None  # confidence, 0–100
    summary: str = ""


@dataclass(frozen=True)
class Assessment:
    """The judgement: scores and texts, in the language of the order."""

    total_score: float | None = None  # 0–1
    parts: tuple[Part, ...] = ()
    running_styles: tuple[RunningStyle, ...] = ()  # most likely first


class Number(NamedTuple):
    """One measured value. `phase` is a moment or a statistic: strike, mid_stance, mean, min, max, stance_mean, ..."""

    key: str
    value: float
    unit: str
    side: Side | None = None
    phase: str | None = None
    uncertainty_95: float | None = None  # half width, same unit
    n: int | None = None  # how many steps it rests on
    range_good: Range | None = None
    range_okay: Range | None = None
    open_ends: tuple[str, ...] = ()  # low, high: beyond this end of the range nothing is lost
    sd: float | None = None  # from step to step


class Landing(NamedTuple):
    """How one foot met the ground, in the order of the steps; `probability` is that of `pattern`."""

    step: int
    side: Side | None = None
    pattern: str = ""  # rearfoot, midfoot, forefoot, or the provider's word
    probability: float | None = None  # 0–1


class Reading(NamedTuple):
    """What one step gave of a measure, and where in the film: a moment, or all from `start_s` to `end_s`."""

    value: float
    start_s: float
    end_s: float | None = None


@dataclass(frozen=True)
class Step:
    """One step with its moments; `values` holds further numbers under our keys."""

    number: int | None = None  # from 1, in the order of time
    side: Side | None = None
    strike_frame: float | None = None  # between two frames where the moment is
    strike_s: float | None = None
    toe_off_frame: float | None = None
    toe_off_s: float | None = None
    landing: str = ""
    landing_probability: float | None = None
    values: dict[str, float] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)


@dataclass(frozen=True)
class Curve:
    """A cycle-normalised curve, 0–100 %, evenly spaced; NaN-free, gaps are None."""

    key: str
    side: Side | None = None
    unit: str = ""
    mean: tuple[float | None, ...] = ()
    sd: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One of the largest losses, ready to be read out."""

    key: str
    side: Side | None = None
    title: str = ""
    text: str = ""
    verdict: str = ""
    value: float | None = None
    uncertainty_95: float | None = None
    unit: str = ""
    range_good: Range | None = None
    cue: str = ""


@dataclass(frozen=True)
class Gauge:
    """The value that a Part's ranges are about."""

    part: str
    key: str
    value: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Weight:
    """How much a part counts in the total, and each of its measures in the part."""

    part: str
    weight: float
    measures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Caution:
    """Why a result deserves caution."""

    code: str
    text: str = ""


@dataclass(frozen=True)
class Numbers:
    """The measurement: values, and step by step where the provider gives it."""

    numbers: tuple[Number, ...] = ()
    total_score: float | None = None  # 0–1
    overstride_verdict: str = ""  # good, okay, bad, or the provider's word
    foot_landing: tuple[Landing, ...] = ()
    running_styles: tuple[RunningStyle, ...] = ()
    steps: tuple[Step, ...] = ()
    curves: tuple[Curve, ...] = ()
    curve_span: str = ""  # what 0–100 % is: stride or stance
    gauges: tuple[Gauge, ...] = ()
    weights: tuple[Weight, ...] = ()  # empty: how the score came about is not told
    missing: dict[str, str] = field(default_factory=dict)  # measure: why it could not be given
    exercises: dict[str, str] = field(default_factory=dict)  # key of Part.exercises: its name
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Caution, ...] = ()
    house: dict[str, Any] = field(default_factory=dict, repr=False)  # our engine's own object, as received


@dataclass(frozen=True)
class Landmarks:
    """Key points of every frame in pixels, x to the right, y down, in frame order."""

    width_px: float | None = None
    height_px: float | None = None
    fps: float | None = None
    duration_s: float | None = None
    frames: tuple[tuple[int, dict[str, tuple[float, float]]], ...] = ()  # as found
    cleaned: tuple[dict[str, tuple[float, float]], ...] = ()  # as measured, one for each picture; empty if not given
    times_s: tuple[float | None, ...] = ()  # when each picture was shown; empty if not given


@dataclass(frozen=True)
class Event:
    """What a webhook call claims: a hint to ask for the status, never a fact."""

    remote_id: str | None = None
    status: str = ""
    percentage: float | None = None
    sequence: int | None = None
    kind: str = ""
    is_test: bool = False

"""From measures to scores: parts, totals, and what cost most. Monotone, and never harder than the measuring is sure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.measure.bands import Band
from engine.measure.numbers import Measure

MIN_CONFIDENCE = 0.4  # below it a measure is told but does not count
GOOD_FROM, OKAY_FROM = 0.8, 0.5
MIN_PARTS = 4  # of the six, else there is no total
TOLD_LOSSES = 3  # as much as a coach takes up at once; ours
LEAST_TOLD_LOSS = 0.005  # half a point of the score: what costs less changes nothing that is shown; ours

# The measure named first leads its part: its range is the part's gauge. Weights follow how far each is linked to
# economy or load (Van Hooren 2024: single measures explain 4-12 %); the split is ours.
SIDE_PARTS: dict[str, tuple[float, dict[str, float]]] = {
    "forward_cycle": (
        0.25,
        {
            "overstride_deg": 0.35,
            "cadence_spm": 0.30,
            "knee_at_strike_deg": 0.20,
            "tibia_at_strike_deg": 0.10,
            "thigh_lift_peak_deg": 0.05,
        },
    ),
    "back_cycle": (
        0.20,
        {"knee_swing_peak_deg": 0.4, "thigh_extension_toe_off_deg": 0.4, "contact_asymmetry_percent": 0.2},
    ),
    "trunk": (0.20, {"trunk_lean_deg": 0.4, "oscillation_cm": 0.6}),
    "foot": (
        0.20,
        {
            "foot_strike_angle_deg": 0.2,
            "dorsiflexion_peak_deg": 0.3,
            "knee_stance_peak_deg": 0.3,
            "contact_time_ms": 0.2,
        },
    ),
    "arm": (0.10, {"elbow_flexion_deg": 0.5, "arm_swing_deg": 0.5}),
    "head": (0.05, {"head_forward_deg": 1.0}),
}
BACK_WEIGHTS = {
    "pelvic_drop_deg": 0.35,
    "hip_adduction_deg": 0.30,
    "pronation_deg": 0.15,
    "step_width_cm": 0.10,
    "knee_adduction_deg": 0.10,
}


@dataclass(frozen=True)
class Mark:
    """What one measure scored, and how much of the total it cost."""

    key: str
    measure: Measure
    band: Band
    score: float
    loss: float  # share of the total score lost by it
    verdict: str  # low, good or high
    weight: float  # in its part

    @property
    def label(self) -> str:
        """The contract's word for it."""
        return label(self.score)

    @property
    def stands(self) -> bool:
        """Whether it can be told as a finding: not where the doubt is wider than the range and reaches into it."""
        (low, high), doubt = self.band.finite("good"), self.measure.uncertainty_95
        return doubt <= high - low or not (low - doubt <= self.measure.value <= high + doubt)


@dataclass(frozen=True)
class Part:
    """One part of the answer."""

    score: float | None  # None: nothing in it could be measured
    lead: str  # the measure whose range stands for the part
    marks: tuple[Mark, ...]
    missing: tuple[str, ...]  # measures left out: not seen, or not trusted
    weight: float  # of the part in the total


def label(score: float) -> str:
    """score_good, score_okay or score_bad, as the contract says it."""
    return "score_good" if score >= GOOD_FROM else "score_okay" if score >= OKAY_FROM else "score_bad"


def score_part(
    measures: dict[str, Measure], bands: dict[str, Band], weights: dict[str, float], part_weight: float
) -> Part:
    """Score one part by the measures that could be trusted, with their weights made up to one."""
    kept = {
        key: weight for key, weight in weights.items() if key in measures and measures[key].confidence >= MIN_CONFIDENCE
    }
    total = sum(kept.values())
    marks = []
    for key, weight in kept.items():
        measure, band = measures[key], bands[key]
        score = band.score_kindly(measure.value, measure.uncertainty_95 / 2)
        loss = part_weight * weight / total * (1 - score)
        verdict = band.verdict(measure.value) if score < 1 else "good"
        marks.append(Mark(key, measure, band, score, loss, verdict, weight))
    value = sum(mark.weight * mark.score for mark in marks) / total if total else None
    missing = tuple(key for key in weights if key not in kept)
    return Part(value, next(iter(weights)), tuple(marks), missing, part_weight)


def score_side(measures: dict[str, Measure], bands: dict[str, Band]) -> tuple[dict[str, Part], float | None]:
    """The six parts and the total; no total when fewer than MIN_PARTS could be scored."""
    parts = {name: score_part(measures, bands, weights, weight) for name, (weight, weights) in SIDE_PARTS.items()}
    scored = [(part.weight, part.score) for part in parts.values() if part.score is not None]
    if len(scored) < MIN_PARTS:
        return parts, None
    return parts, sum(weight * score for weight, score in scored) / sum(weight for weight, _ in scored)


def largest_losses(parts: Iterable[Part]) -> list[Mark]:
    """The TOLD_LOSSES that cost most of the total, worst first; only of which enough is known."""
    marks = [mark for part in parts for mark in part.marks if mark.loss >= LEAST_TOLD_LOSS and mark.stands]
    return sorted(marks, key=lambda mark: -mark.loss)[:TOLD_LOSSES]

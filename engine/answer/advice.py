"""What a coach is told to do about a measure: its cue, its exercises, and the three findings that cost most."""

from __future__ import annotations

from math import isfinite
from typing import Any

from engine.answer.as_json import pair, rounded
from engine.measure.numbers import STEPS_PER_MINUTE
from engine.measure.report import Report
from engine.measure.scores import Mark, largest_losses
from engine.texts import has, text

# Exercises by measure and verdict; the first two are the contract's published keys, the others ours.
EXERCISES: dict[tuple[str, str], tuple[str, ...]] = {
    ("elbow_flexion_deg", "low"): ("bi_reinforcement",),
    ("elbow_flexion_deg", "high"): ("tri_reinforcement",),
    ("arm_swing_deg", "low"): ("arm_swing_drill",),
    ("arm_swing_deg", "high"): ("arm_swing_drill",),
    ("overstride_deg", "high"): ("short_step_drill", "a_skip"),
    ("cadence_spm", "low"): ("metronome_run",),
    ("cadence_spm", "high"): ("bounding",),
    ("knee_at_strike_deg", "low"): ("a_skip",),
    ("knee_at_strike_deg", "high"): ("tall_posture_drill",),
    ("tibia_at_strike_deg", "low"): ("b_skip",),
    ("tibia_at_strike_deg", "high"): ("short_step_drill",),
    ("thigh_lift_peak_deg", "low"): ("high_knees",),
    ("thigh_lift_peak_deg", "high"): ("metronome_run",),
    ("thigh_extension_toe_off_deg", "low"): ("hip_flexor_stretch", "bounding"),
    ("thigh_extension_toe_off_deg", "high"): ("high_knees",),
    ("knee_swing_peak_deg", "low"): ("butt_kicks",),
    ("knee_swing_peak_deg", "high"): ("a_skip",),
    ("contact_asymmetry_percent", "high"): ("one_leg_squat",),
    ("contact_time_ms", "high"): ("ankle_hops",),
    ("foot_strike_angle_deg", "high"): ("short_step_drill",),
    ("dorsiflexion_peak_deg", "low"): ("ankle_mobility",),
    ("dorsiflexion_peak_deg", "high"): ("calf_raise",),
    ("knee_stance_peak_deg", "low"): ("ankle_hops",),
    ("knee_stance_peak_deg", "high"): ("one_leg_squat",),
    ("trunk_lean_deg", "low"): ("lean_drill",),
    ("trunk_lean_deg", "high"): ("tall_posture_drill", "plank"),
    ("oscillation_cm", "high"): ("metronome_run",),
    ("head_forward_deg", "low"): ("neck_mobility",),
    ("head_forward_deg", "high"): ("neck_mobility", "tall_posture_drill"),
    ("pelvic_drop_deg", "high"): ("side_plank", "one_leg_bridge"),
    ("hip_adduction_deg", "high"): ("clamshell", "side_plank"),
    ("knee_adduction_deg", "low"): ("one_leg_squat",),
    ("knee_adduction_deg", "high"): ("one_leg_balance",),
    ("pronation_deg", "low"): ("ankle_mobility",),
    ("pronation_deg", "high"): ("short_foot", "calf_raise"),
    ("step_width_cm", "low"): ("line_run",),
}


def cue(mark: Mark, language: str) -> str | None:
    """One thing to try about a measure outside its range; None where there is none."""
    key = f"measure.{mark.key}.cue_{mark.verdict}"
    return text(key, language) if has(key) else None


def exercise_names(language: str) -> dict[str, str]:
    """The name of every exercise an answer can hold, by its key."""
    keys = dict.fromkeys(key for exercises in EXERCISES.values() for key in exercises)
    return {key: text(f"exercise.{key}", language) for key in keys}


def findings(report: Report, language: str) -> list[dict[str, Any]]:
    """The three measures that cost most of the total, each with its value, its range and one cue."""
    legs = report.parts if report.back else {}
    sides = {id(mark): side for side, part in legs.items() for mark in part.marks}
    return [_finding(mark, sides.get(id(mark)), language) for mark in largest_losses(report.parts.values())]


def _finding(mark: Mark, side: str | None, language: str) -> dict[str, Any]:
    title = text(f"measure.{mark.key}.title", language)
    if side:
        title = text("finding.side", language, title=title, side=text(f"side.{side}", language))
    measure, unit = mark.measure, unit_after(mark.measure.unit, language)
    digits = 1 if measure.unit == "cm" else 0
    low, high = mark.band.good
    kind = "from_to" if isfinite(low) and isfinite(high) else "at_most" if isfinite(high) else "at_least"
    usual = text(f"finding.{kind}", language, low=_written(low, digits), high=_written(high, digits), unit=unit)
    sentence = text(
        "finding.text",
        language,
        title=title,
        value=_written(measure.value, digits),
        uncertainty=_written(measure.uncertainty_95, digits),
        unit=unit,
        range=usual,
    )
    return {
        "key": mark.key,
        "side": side,
        "title": title,
        "verdict": text(f"measure.{mark.key}.{mark.verdict}", language),
        "text": sentence,
        "value": rounded(measure.value, 2),
        "uncertainty_95": rounded(measure.uncertainty_95, 2),
        "unit": measure.unit,
        "range": pair(mark.band.finite("good")),
        "cue": cue(mark, language),
        "loss": rounded(mark.loss, 4),
    }


def _written(value: float, digits: int) -> str:
    """A number in a sentence, with a real minus sign; what rounds to nothing has none."""
    return f"{value:z.{digits}f}".replace("-", "−")


def unit_after(unit: str, language: str) -> str:
    """A unit as it is written behind a number: degrees close up, the others after a space that ends no line."""
    if unit == STEPS_PER_MINUTE:
        unit = text("unit.steps_per_minute", language)
    return unit if unit in ("°", "") else f"\N{NO-BREAK SPACE}{unit}"

"""What the contract has no place for: the `house` object; docs/measures.md describes every key."""

from __future__ import annotations

from typing import Any

from engine.answer.advice import exercise_names, findings
from engine.answer.as_json import curve_points, measure_numbers, rounded, score
from engine.measure.bands import VERSION as BANDS_VERSION
from engine.measure.numbers import Reading
from engine.measure.report import Report, SideResult, StepReport
from engine.measure.side import MOMENTS
from engine.measure.track import SIDES
from engine.order import Order
from engine.texts import text, warning

ENGINE_VERSION = "1.11"


def house(report: Report, order: Order) -> dict[str, Any]:
    """Uncertainties, steps, curves, findings and warnings of one measuring."""
    language = order.language
    out: dict[str, Any] = {
        "engine_version": ENGINE_VERSION,
        "bands_version": BANDS_VERSION,
        "view": order.view,
        "language": language,
        "direction": {1: "right", -1: "left", None: None}[report.direction],
        "near_side": report.near_side,
        "pixels_per_meter": rounded(report.px_per_m, 1),
        "ground_tilt_deg": rounded(report.tilt_deg, 2),
        "measures": {key: measure_numbers(measure, report.bands.get(key)) for key, measure in report.measures.items()},
        "missing": {key: text(f"reason.{why}", language) for key, why in report.notes.items()},
        "steps": [_step(step) for step in report.steps],
        "parts": _parts(report),
        "findings": findings(report, language),
        "warnings": [{"code": code, "text": warning(code, language)} for code in report.warnings],
        "caution": text("caution", language),
        "exercises": exercise_names(language),
    }
    if report.side:
        out.update(_side_house(report.side, report))
    if report.back:
        out["curves"] = {
            side: {key: curve_points(*curve) for key, curve in leg.curves.items()}
            for side, leg in report.back.legs.items()
        }
        out["curve_span"] = "stance"
        out["stance_peaks"] = {
            side: {key: measure_numbers(measure, report.bands.get(key)) for key, measure in leg.peak.items()}
            for side, leg in report.back.legs.items()
        }
    return out


def _side_house(side: SideResult, report: Report) -> dict[str, Any]:
    style = side.style
    return {
        "curves": {
            name: {
                joint: curve_points(*side.view.curves[name, joint])
                for joint in ("ankle", "knee", "hip", "trunk", "shoulder", "elbow")
                if (name, joint) in side.view.curves
            }
            for name in SIDES
        },
        "curve_span": "stride",
        "phases": _phases(side),
        "joint_numbers": {
            name: {
                joint: {key: measure_numbers(measure) for key, measure in numbers.items()}
                for (owner, joint), numbers in side.view.joints.items()
                if owner == name and numbers
            }
            for name in SIDES
        },
        "style": {"rate": rounded(style.rate, 2), "flight": rounded(style.flight, 2), "mixed": style.mixed},
        "centre_of_mass": "segments" if side.view.body_mass_path else "hips",
    }


def _phases(side: SideResult) -> dict[str, Any]:
    """The five joints and three segments at the four moments of the cycle, per side: mean and SD."""
    return {
        name: {
            moment: {
                joint: [rounded(numbers[moment].value, 1), rounded(numbers[moment].sd, 1)]
                for (owner, joint), numbers in side.view.joints.items()
                if owner == name and moment in numbers
            }
            for moment in MOMENTS
        }
        for name in SIDES
    }


def _step(step: StepReport) -> dict[str, Any]:
    out: dict[str, Any] = {
        "step": step.number,
        "foot": step.foot,
        "strike_frame": rounded(step.strike_frame, 2),
        "strike_s": rounded(step.strike_s, 4),
        "toe_off_frame": rounded(step.toe_off_frame, 2),
        "toe_off_s": rounded(step.toe_off_s, 4),
        "contact_time_ms": rounded(step.contact_time_ms, 1),
        "flight_time_ms": rounded(step.flight_time_ms, 1),
        "event_uncertainty_95_ms": rounded(step.uncertainty_95_ms, 1),
        "confidence": rounded(step.confidence, 2),
    }
    if step.landing:
        out["landing"] = step.landing.kind if step.landing.sure else "uncertain"
        out["landing_probability"] = {name: rounded(p, 3) for name, p in step.landing.probability.items()}
        out["foot_strike_angle_deg"] = rounded(step.landing.angle_deg, 1)
    out["readings"] = {key: _reading(reading) for key, reading in step.readings.items()}
    return out


def _reading(reading: Reading) -> list[float | None]:
    """What the step gave of a measure, and the second it did, or the two seconds between which it did."""
    ends = [reading.start_s] if reading.end_s is None else [reading.start_s, reading.end_s]
    return [rounded(reading.value, 2), *(rounded(end, 4) for end in ends)]


def _parts(report: Report) -> dict[str, Any]:
    """Behind every part: the measure its gauge shows, what each measure scored, and what was left out."""
    out = {}
    for name, part in report.parts.items():
        lead = report.measures.get(part.lead)
        out[name] = {
            "measure": part.lead,
            "value": rounded(lead.value, 2) if lead else None,
            "unit": lead.unit if lead else None,
            "scores": {mark.key: score(mark.score) for mark in part.marks},
            "weight": part.weight,
            "weights": {mark.key: mark.weight for mark in part.marks},
            "left_out": list(part.missing),
        }
    return out

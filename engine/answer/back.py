"""The back view's results and calculated data, in the contract's words."""

from __future__ import annotations

from math import isfinite
from typing import Any

from engine.answer.advice import cue
from engine.answer.as_json import pair, rounded, score
from engine.measure.bands import Band
from engine.measure.report import BackResult, Report
from engine.measure.scores import Part
from engine.measure.track import SIDES
from engine.order import Order
from engine.texts import text

BACK_PARTS = {"pelvic_drop": "pelvic_drop_deg", "knee_adduction": "knee_adduction_deg", "pronation": "pronation_deg"}


def back_results(report: Report, back: BackResult, order: Order) -> dict[str, Any]:
    """Three parts, each leg by itself, with scores and texts."""
    names = BACK_PARTS if order.full_body else {"pronation": "pronation_deg"}
    content = {
        name: {side: _back_side(key, back.parts[side], report.bands[key], side, order.language) for side in SIDES}
        for name, key in names.items()
    }
    return {"analysis_content": content, "total_score": score(report.total_score)}


def _back_side(key: str, part: Part, band: Band, side: str, language: str) -> dict[str, Any]:
    mark = next((mark for mark in part.marks if mark.key == key), None)
    position = text(f"measure.{key}.{mark.verdict}" if mark else "position.unknown", language)
    told = cue(mark, language) if mark else None
    return {
        "score_number": score(mark.score if mark else None),
        "range_good": pair(band.finite("good")),
        "range_okay": pair(band.finite("okay")),
        "range_bad": _bad_ranges(band),
        "texts": {
            "title": text(f"measure.{key}.title", language),
            "side": text(f"side.{side}", language),
            "position": position,
            "explanation": text(f"measure.{key}.explanation", language),
            "recap": [told] if told else [],
        },
    }


def _bad_ranges(band: Band) -> list[list[float]]:
    """What lies beyond okay, as far again as okay lies beyond good; a one-sided band has one such range."""
    out = []
    if isfinite(band.okay[0]):
        out.append(pair((2 * band.okay[0] - band.good[0], band.okay[0])))
    if isfinite(band.okay[1]):
        out.append(pair((band.okay[1], 2 * band.okay[1] - band.good[1])))
    return out


def back_numbers(report: Report, back: BackResult) -> dict[str, Any]:
    """Stance means and single steps of each leg."""
    legs = {}
    for side, leg in back.legs.items():
        own = [step for step in report.steps if step.foot == side]
        legs[side] = {
            "stance_mean": {
                key.rpartition("_")[0]: rounded(measure.value, 2) for key, measure in leg.stance_mean.items()
            },
            "steps": [
                {
                    "step": step.number,
                    "strike_frame": rounded(step.strike_frame, 1),
                    **{key.rpartition("_")[0]: rounded(row[key], 2) for key in leg.stance_mean if key in row},
                }
                for step, row in zip(own, leg.steps, strict=True)
            ],
        }
    return {"gait_cycle": legs, "total_score": score(report.total_score)}

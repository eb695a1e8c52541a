"""The side view's results and calculated data, in the contract's words."""

from __future__ import annotations

from typing import Any

from engine.answer.advice import EXERCISES, cue
from engine.answer.as_json import pair, rounded, score
from engine.measure.angles import JOINT_ANGLES
from engine.measure.bands import Band
from engine.measure.numbers import Measure
from engine.measure.report import Report, SideResult
from engine.measure.scores import Part, label
from engine.measure.side import MOMENTS
from engine.measure.track import SIDES
from engine.texts import text

MAX_ADVICE = 3
LEAST_STYLE = 0.05  # share of a run below which a style is not told


def side_results(report: Report, side: SideResult, language: str) -> dict[str, Any]:
    """The parts with their scores and texts, and the styles."""
    content = {name: _side_part(name, part, report.bands[part.lead], language) for name, part in side.parts.items()}
    foot = content["foot"]
    if side.landing:
        foot["foot_strike_pattern"] = side.landing
    foot["texts"]["overstride_title"] = _overstride_title(report, side, language)
    return {
        "analysis_content": content,
        "running_styles": styles(side, language),
        "total_score": score(report.total_score),
    }


def _side_part(name: str, part: Part, band: Band, language: str) -> dict[str, Any]:
    texts: dict[str, Any] = {"title": text(f"part.{name}", language), "position": _position(part, language)}
    losing = sorted((mark for mark in part.marks if mark.verdict != "good"), key=lambda mark: -mark.loss)
    advice = [told for mark in losing[:MAX_ADVICE] if (told := cue(mark, language))]
    exercises = [key for mark in losing[:MAX_ADVICE] for key in EXERCISES.get((mark.key, mark.verdict), ())]
    if advice:
        texts["recap"] = advice
    if exercises:
        texts["exercice"] = list(dict.fromkeys(exercises))
    return {
        "score_number": score(part.score),
        "range_good": pair(band.finite("good")),
        "range_okay": pair(band.finite("okay")),
        "texts": texts,
    }


def _position(part: Part, language: str) -> str:
    """The verdict in words: on the leading measure when it is out of range, else on what cost most."""
    if part.score is None:
        return text("position.unknown", language)
    wrong = [mark for mark in part.marks if mark.verdict != "good"]
    if not wrong:
        return text("position.ideal", language)
    worst = max(wrong, key=lambda mark: (mark.key == part.lead, mark.loss))
    return text(f"measure.{worst.key}.{worst.verdict}", language)


def _overstride_title(report: Report, side: SideResult, language: str) -> str:
    landing = text(f"landing.{side.landing or 'unknown'}", language)
    over = report.measures.get("overstride_deg")
    if not over:
        return landing
    return text(f"overstride.{_overstride_label(report, over).removeprefix('score_')}", language, landing=landing)


def _overstride_label(report: Report, over: Measure) -> str:
    return label(report.bands["overstride_deg"].score_kindly(over.value, over.uncertainty_95 / 2))


def styles(side: SideResult, language: str) -> list[dict[str, Any]]:
    """The styles a run shows, the nearest first; those under LEAST_STYLE are left out."""
    ordered = sorted(side.style.shares.items(), key=lambda item: -item[1])
    return [
        {
            "title": text(f"style.{name}.title", language),
            "animal": text(f"style.{name}.animal", language),
            "percentage": round(100 * share, 1),
            "summary": text(f"style.{name}.summary", language),
        }
        for name, share in ordered
        if share >= LEAST_STYLE
    ]


def side_numbers(report: Report, side: SideResult, language: str) -> dict[str, Any]:
    """The numbers the contract names."""
    value = {key: measure.value for key, measure in report.measures.items()}
    over = report.measures.get("overstride_deg")
    return {
        "metrics": {
            "speed_meter_per_second": rounded(value["speed_m_s"], 3),
            "step_length_meter": rounded(value["step_length_m"], 3),
            "pace_min_per_km": contract_pace(value["pace_s_per_km"]),
            "step_frequency_steps_per_min": rounded(value["cadence_spm"], 1),
            "ground_contact_time_ms": rounded(value["contact_time_ms"], 1),
            "time_of_flight_ms": rounded(value["flight_time_ms"], 1),
            "duty_factor": rounded(value["duty_factor"], 4),
        },
        "overstride": {
            "mean_angle": rounded(over.value, 2) if over else None,
            "score": _overstride_label(report, over) if over else None,
        },
        "foot_landing": [
            {"step": step.number, "foot": step.foot, "landing": step.landing.kind}
            for step in report.steps
            if step.landing
        ],
        "joint_angles": _joint_angles(side),
        "running_styles": styles(side, language),
        "total_score": score(report.total_score),
    }


def contract_pace(seconds: float) -> float:
    """Pace as the contract's published sample writes it: minutes, then seconds as decimals (7 min 51.1 s is 7.511)."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    return round(minutes + rest / 1000, 3)


def _joint_angles(side: SideResult) -> dict[str, Any]:
    """Five joints, both sides: mean, min, max and range over the stride, and the four moments of the cycle."""
    out: dict[str, Any] = {}
    for joint in JOINT_ANGLES:
        out[joint] = {}
        for name in SIDES:
            numbers = side.view.joints.get((name, joint), {})
            out[joint][name] = {
                key: rounded(numbers[key].value, 1) if key in numbers else None
                for key in ("mean", "min", "max", "range", *MOMENTS)
            }
    return out

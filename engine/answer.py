"""From a report to the contract's three answers: results, calculated data, raw data (contract §4.3-4.5).

What the contract has no place for stands under `house` in the calculated data; docs/measures.md describes every key.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from engine.measure.bands import VERSION as BANDS_VERSION
from engine.measure.bands import Band
from engine.measure.numbers import Measure, Reading
from engine.measure.report import Report, SideResult, StepReport
from engine.measure.scores import Mark, Part, label, largest_losses
from engine.measure.side import MOMENTS
from engine.measure.track import JOINTS, SIDES, Array, Track
from engine.order import Order
from engine.texts import has, text, warning

ENGINE_VERSION = "1.0"
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
MAX_ADVICE = 3
DECIMALS = {"s": 4, "m/s": 3, "m": 3, "": 4, "W/kg": 2, "body weight": 2, "kN/m": 2}
BACK_PARTS = {"pelvic_drop": "pelvic_drop_deg", "knee_adduction": "knee_adduction_deg", "pronation": "pronation_deg"}


def answer(report: Report, track: Track, order: Order) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The contract's `biomechanical_analysis`, its calculated data and its raw data, ready for JSON."""
    language = order.language
    house = _house(report, track, order)
    if report.side:
        results = _side_results(report, report.side, language)
        calculated = _side_numbers(report, report.side, language)
    else:
        results, calculated = _back_results(report, order), _back_numbers(report)
    return results, {**calculated, "house": house}, raw_data(report, track)


# Side view


def _side_results(report: Report, side: SideResult, language: str) -> dict[str, Any]:
    content = {name: _side_part(name, part, report.bands[part.lead], language) for name, part in side.parts.items()}
    foot = content["foot"]
    if side.landing:
        foot["foot_strike_pattern"] = side.landing
    foot["texts"]["overstride_title"] = _overstride_title(report, side, language)
    return {
        "analysis_content": content,
        "running_styles": _styles(side, language),
        "total_score": _score(report.total_score),
    }


def _side_part(name: str, part: Part, band: Band, language: str) -> dict[str, Any]:
    texts: dict[str, Any] = {"title": text(f"part.{name}", language), "position": _position(part, language)}
    losing = sorted((mark for mark in part.marks if mark.verdict != "good"), key=lambda mark: -mark.loss)
    advice = [cue for mark in losing[:MAX_ADVICE] if (cue := _cue(mark, language))]
    exercises = [key for mark in losing[:MAX_ADVICE] for key in EXERCISES.get((mark.key, mark.verdict), ())]
    if advice:
        texts["recap"] = advice
    if exercises:
        texts["exercice"] = list(dict.fromkeys(exercises))
    return {
        "score_number": _score(part.score),
        "range_good": _pair(band.finite("good")),
        "range_okay": _pair(band.finite("okay")),
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


def _cue(mark: Mark, language: str) -> str | None:
    key = f"measure.{mark.key}.cue_{mark.verdict}"
    return text(key, language) if has(key) else None


def _overstride_title(report: Report, side: SideResult, language: str) -> str:
    landing = text(f"landing.{side.landing or 'unknown'}", language)
    over = report.measures.get("overstride_deg")
    if not over:
        return landing
    return text(f"overstride.{_overstride_label(report, over).removeprefix('score_')}", language, landing=landing)


def _overstride_label(report: Report, over: Measure) -> str:
    return label(report.bands["overstride_deg"].score_kindly(over.value, over.uncertainty_95 / 2))


def _styles(side: SideResult, language: str) -> list[dict[str, Any]]:
    """The styles a run shows, the nearest first; those under 5 % are left out."""
    if not side.style:
        return []
    ordered = sorted(side.style.shares.items(), key=lambda item: -item[1])
    return [
        {
            "title": text(f"style.{name}.title", language),
            "animal": text(f"style.{name}.animal", language),
            "percentage": round(100 * share, 1),
            "summary": text(f"style.{name}.summary", language),
        }
        for name, share in ordered
        if share >= 0.05 or name == side.style.name
    ]


def _side_numbers(report: Report, side: SideResult, language: str) -> dict[str, Any]:
    value = {key: measure.value for key, measure in report.measures.items()}
    over = report.measures.get("overstride_deg")
    return {
        "metrics": {
            "speed_meter_per_second": _rounded(value["speed_m_s"], 3),
            "step_length_meter": _rounded(value["step_length_m"], 3),
            "pace_min_per_km": contract_pace(value["pace_s_per_km"]),
            "step_frequency_steps_per_min": _rounded(value["cadence_spm"], 1),
            "ground_contact_time_ms": _rounded(value["contact_time_ms"], 1),
            "time_of_flight_ms": _rounded(value["flight_time_ms"], 1),
            "duty_factor": _rounded(value["duty_factor"], 4),
        },
        "overstride": {
            "mean_angle": _rounded(over.value, 2) if over else None,
            "score": _overstride_label(report, over) if over else None,
        },
        "foot_landing": [
            {"step": step.number, "foot": step.foot, "landing": step.landing.kind}
            for step in report.steps
            if step.landing
        ],
        "joint_angles": _joint_angles(side),
        "running_styles": _styles(side, language),
        "total_score": _score(report.total_score),
    }


def contract_pace(seconds: float) -> float:
    """Pace as the contract's published sample writes it: minutes, then seconds as decimals (7 min 51.1 s is 7.511)."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    return round(minutes + rest / 1000, 3)


def _joint_angles(side: SideResult) -> dict[str, Any]:
    """Five joints, both sides: mean, min, max and range over the stride, and the four moments of the cycle."""
    out: dict[str, Any] = {}
    for joint in ("ankle", "knee", "hip", "shoulder", "elbow"):
        out[joint] = {}
        for name in SIDES:
            numbers = side.view.joints.get((name, joint), {})
            out[joint][name] = {
                key: _rounded(numbers[key].value, 1) if key in numbers else None
                for key in ("mean", "min", "max", "range", *MOMENTS)
            }
    return out


# Back view


def _back_results(report: Report, order: Order) -> dict[str, Any]:
    back = report.back
    if back is None:
        raise ValueError("a report of the back view holds no legs")
    names = BACK_PARTS if order.full_body else {"pronation": "pronation_deg"}
    content = {
        name: {side: _back_side(key, back.parts[side], report.bands[key], side, order.language) for side in SIDES}
        for name, key in names.items()
    }
    return {"analysis_content": content, "total_score": _score(report.total_score)}


def _back_side(key: str, part: Part, band: Band, side: str, language: str) -> dict[str, Any]:
    mark = next((mark for mark in part.marks if mark.key == key), None)
    verdict = mark.verdict if mark else "unknown"
    position = text("position.unknown", language) if not mark else text(f"measure.{key}.{verdict}", language)
    cue = _cue(mark, language) if mark else None
    return {
        "score_number": _score(mark.score if mark else None),
        "range_good": _pair(band.finite("good")),
        "range_okay": _pair(band.finite("okay")),
        "range_bad": _bad_ranges(band),
        "texts": {
            "title": text(f"measure.{key}.title", language),
            "side": text(f"side.{side}", language),
            "position": position,
            "explanation": text(f"measure.{key}.explanation", language),
            "recap": [cue] if cue else [],
        },
    }


def _bad_ranges(band: Band) -> list[list[float]]:
    """What lies beyond okay, as far again as okay lies beyond good; a one-sided band has one such range."""
    out = []
    if isfinite(band.okay[0]):
        out.append(_pair((2 * band.okay[0] - band.good[0], band.okay[0])))
    if isfinite(band.okay[1]):
        out.append(_pair((band.okay[1], 2 * band.okay[1] - band.good[1])))
    return out


def _back_numbers(report: Report) -> dict[str, Any]:
    back = report.back
    if back is None:
        raise ValueError("a report of the back view holds no legs")
    legs = {}
    for side, leg in back.legs.items():
        own = [step for step in report.steps if step.foot == side]
        legs[side] = {
            "stance_mean": {
                key.rpartition("_")[0]: _rounded(measure.value, 2) for key, measure in leg.stance_mean.items()
            },
            "steps": [
                {
                    "step": step.number,
                    "strike_frame": _rounded(step.strike_frame, 1),
                    **{key.rpartition("_")[0]: _rounded(row[key], 2) for key in leg.stance_mean if key in row},
                }
                for step, row in zip(own, leg.steps, strict=True)
            ],
        }
    return {"gait_cycle": legs, "total_score": _score(report.total_score)}


# What the contract has no place for


def _house(report: Report, track: Track, order: Order) -> dict[str, Any]:
    language = order.language
    house: dict[str, Any] = {
        "engine_version": ENGINE_VERSION,
        "bands_version": BANDS_VERSION,
        "view": order.view,
        "language": language,
        "direction": {1: "right", -1: "left", None: None}[report.direction],
        "near_side": report.near_side,
        "pixels_per_meter": _rounded(report.px_per_m, 1),
        "ground_tilt_deg": _rounded(report.tilt_deg, 2),
        "measures": {key: _measure(measure, report.bands.get(key)) for key, measure in report.measures.items()},
        "missing": {key: text(f"reason.{why}", language) for key, why in report.notes.items()},
        "steps": [_step(step) for step in report.steps],
        "parts": _parts(report),
        "findings": findings(report, language),
        "warnings": [{"code": code, "text": warning(code, language)} for code in report.warnings],
        "caution": text("caution", language),
        "exercises": _exercise_names(language),
    }
    if report.side:
        house.update(_side_house(report.side, report))
    if report.back:
        house["curves"] = {
            side: {key: _curve(*curve) for key, curve in leg.curves.items() if key in leg.peak}
            for side, leg in report.back.legs.items()
        }
        house["curve_span"] = "stance"
        house["stance_peaks"] = {
            side: {key: _measure(measure, report.bands.get(key)) for key, measure in leg.peak.items()}
            for side, leg in report.back.legs.items()
        }
    return house


def _side_house(side: SideResult, report: Report) -> dict[str, Any]:
    style = side.style
    return {
        "curves": {
            name: {
                joint: _curve(*side.view.curves[name, joint])
                for joint in ("ankle", "knee", "hip", "shoulder", "elbow")
                if (name, joint) in side.view.curves
            }
            for name in SIDES
        },
        "curve_span": "stride",
        "phases": _phases(side),
        "joint_numbers": {
            name: {
                joint: {key: _measure(measure) for key, measure in numbers.items()}
                for (owner, joint), numbers in side.view.joints.items()
                if owner == name and numbers
            }
            for name in SIDES
        },
        "style": {"rate": _rounded(style.rate, 2), "flight": _rounded(style.flight, 2), "mixed": style.mixed}
        if style
        else None,
        "centre_of_mass": "segments" if side.view.body_mass_path else "hips",
    }


def _phases(side: SideResult) -> dict[str, Any]:
    """The five joints and three segments at the four moments of the cycle, per side: mean and SD."""
    return {
        name: {
            moment: {
                joint: [_rounded(numbers[moment].value, 1), _rounded(numbers[moment].sd, 1)]
                for (owner, joint), numbers in side.view.joints.items()
                if owner == name and moment in numbers
            }
            for moment in MOMENTS
        }
        for name in SIDES
    }


def _measure(measure: Measure, band: Band | None = None) -> dict[str, Any]:
    digits = DECIMALS.get(measure.unit, 2)
    out: dict[str, Any] = {
        "value": _rounded(measure.value, digits),
        "unit": measure.unit,
        "uncertainty_95": _rounded(measure.uncertainty_95, digits),
        "sd": _rounded(measure.sd, digits),
        "n": measure.n,
        "confidence": _rounded(measure.confidence, 2),
    }
    if band:
        out["range_good"], out["range_okay"] = _pair(band.finite("good")), _pair(band.finite("okay"))
        out["source"] = band.source
        # A range may cost nothing on one side; its end there is only where a gauge ends.
        out["range_open"] = [end for end, limit in zip(("low", "high"), band.good, strict=True) if not isfinite(limit)]
    for name in SIDES:
        own = measure.side(name)
        if own:
            out[name] = {key: value for key, value in _measure(own).items() if key != "unit"}
    return out


def _step(step: StepReport) -> dict[str, Any]:
    out: dict[str, Any] = {
        "step": step.number,
        "foot": step.foot,
        "strike_frame": _rounded(step.strike_frame, 2),
        "strike_s": _rounded(step.strike_s, 4),
        "toe_off_frame": _rounded(step.toe_off_frame, 2),
        "toe_off_s": _rounded(step.toe_off_s, 4),
        "contact_time_ms": _rounded(step.contact_time_ms, 1),
        "flight_time_ms": _rounded(step.flight_time_ms, 1),
        "event_uncertainty_95_ms": _rounded(step.uncertainty_95_ms, 1),
        "confidence": _rounded(step.confidence, 2),
    }
    if step.landing:
        out["landing"] = step.landing.kind if step.landing.sure else "uncertain"
        out["landing_probability"] = {name: _rounded(p, 3) for name, p in step.landing.probability.items()}
        out["foot_strike_angle_deg"] = _rounded(step.landing.angle_deg, 1)
    out["readings"] = {key: _reading(reading) for key, reading in step.readings.items()}
    return out


def _reading(reading: Reading) -> list[float | None]:
    """What the step gave of a measure, and the second it did, or the two seconds between which it did."""
    ends = [reading.start_s] if reading.end_s is None else [reading.start_s, reading.end_s]
    return [_rounded(reading.value, 2), *(_rounded(end, 4) for end in ends)]


def _parts(report: Report) -> dict[str, Any]:
    """Behind every part: the measure its gauge shows, what each measure scored, and what was left out."""
    parts = report.side.parts if report.side else report.back.parts if report.back else {}
    out = {}
    for name, part in parts.items():
        lead = report.measures.get(part.lead)
        out[name] = {
            "measure": part.lead,
            "value": _rounded(lead.value, 2) if lead else None,
            "unit": lead.unit if lead else None,
            "scores": {mark.key: _score(mark.score) for mark in part.marks},
            "weight": part.weight,
            "weights": {mark.key: mark.weight for mark in part.marks},
            "left_out": list(part.missing),
        }
    return out


def findings(report: Report, language: str) -> list[dict[str, Any]]:
    """The three measures that cost most of the total, each with its value, its range and one cue."""
    if report.side:
        return [_finding(mark, None, language) for mark in largest_losses(list(report.side.parts.values()))]
    legs = report.back.parts if report.back else {}
    sides = {id(mark): side for side, part in legs.items() for mark in part.marks}
    return [_finding(mark, sides[id(mark)], language) for mark in largest_losses(list(legs.values()))]


def _finding(mark: Mark, side: str | None, language: str) -> dict[str, Any]:
    title = text(f"measure.{mark.key}.title", language)
    if side:
        title = text("finding.side", language, title=title, side=text(f"side.{side}", language))
    measure, unit = mark.measure, _unit(mark.measure.unit)
    digits = 1 if measure.unit == "cm" else 0
    low, high = mark.band.good
    kind = "from_to" if isfinite(low) and isfinite(high) else "at_most" if isfinite(high) else "at_least"
    usual = text(f"finding.{kind}", language, low=f"{low:.{digits}f}", high=f"{high:.{digits}f}", unit=unit)
    sentence = text(
        "finding.text",
        language,
        title=title,
        value=f"{measure.value:.{digits}f}",
        uncertainty=f"{measure.uncertainty_95:.{digits}f}",
        unit=unit,
        range=usual,
    )
    return {
        "key": mark.key,
        "side": side,
        "title": title,
        "verdict": text(f"measure.{mark.key}.{mark.verdict}", language),
        "text": sentence,
        "value": _rounded(measure.value, 2),
        "uncertainty_95": _rounded(measure.uncertainty_95, 2),
        "unit": measure.unit,
        "range": _pair(mark.band.finite("good")),
        "cue": _cue(mark, language),
        "loss": _rounded(mark.loss, 4),
    }


def _unit(unit: str) -> str:
    """A unit as it is written behind a number: degrees and percent close up, the others after a space."""
    return unit if unit in ("°", "%") else f" {unit}" if unit else ""


def _exercise_names(language: str) -> dict[str, str]:
    keys = dict.fromkeys(key for exercises in EXERCISES.values() for key in exercises)
    return {key: text(f"exercise.{key}", language) for key in keys}


# Raw data


def raw_data(report: Report, track: Track) -> dict[str, Any]:
    """Every frame's landmarks: as found by the pose model, and cleaned as they were measured; px, rounded to 0.1."""
    scores = np.round(track.score, 2)
    frames = {}
    for frame in range(len(track.time_s)):
        found = _points(track.points_px[frame])
        for joint, name in enumerate(JOINTS):
            if name in found:
                found[name]["score"] = float(scores[frame, joint])
        frames[str(frame)] = found
    return {
        "video_input_information": {
            "width": track.width_px,
            "height": track.height_px,
            "fps": round(track.fps, 3),
            "duration": round(track.duration_s, 3),
            "frame_count": len(track.time_s),
        },
        "frames": frames,
        "cleaned": {
            "joints": list(JOINTS),
            "frames": [
                [[round(float(x), 1), round(float(y), 1)] if np.isfinite(x + y) else None for x, y in row]
                for row in report.points_px
            ],
        },
        "times_s": [round(float(moment), 4) for moment in track.time_s],
    }


def _points(row: Array) -> dict[str, dict[str, float]]:
    return {
        name: {"x": round(float(x), 1), "y": round(float(y), 1)}
        for name, (x, y) in zip(JOINTS, row, strict=True)
        if np.isfinite(x + y)
    }


# Numbers as JSON


def _rounded(value: float | None, digits: int) -> float | None:
    """A number rounded for JSON; None for what is missing or not finite."""
    return round(float(value), digits) if value is not None and isfinite(value) else None


def _score(value: float | None) -> float | None:
    return None if value is None else round(min(max(float(value), 0.0), 1.0), 3)


def _pair(limits: tuple[float, float]) -> list[float]:
    return [round(float(limits[0]), 1), round(float(limits[1]), 1)]


def _curve(mean: Array, sd: Array) -> dict[str, list[float]]:
    return {"mean": [round(float(v), 1) for v in mean], "sd": [round(float(v), 1) for v in sd]}

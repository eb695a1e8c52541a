"""An answer of our engine as it is stored, made of steps whose values are known."""

from __future__ import annotations

from math import sqrt
from statistics import fmean, stdev

FPS = 30.0
STEP_S = 0.36
CONTACT_S = 0.25
OVERSTRIDE = {"left": (20.0, 22.0, 21.0, 21.0), "right": (24.0, 25.0, 23.0, 34.0)}
LEAN = (4.0, 5.0, 4.0, 5.0, 4.0, 5.0, 4.0, 5.0)
BIAS_DEG = 2.0
OVER_RANGE = {"range_good": [0.0, 21.0], "range_okay": [0.0, 25.0], "range_open": ["low"], "source": "Patoz 2022"}
LEAN_RANGE = {"range_good": [3.0, 12.0], "range_okay": [0.0, 17.0], "range_open": [], "source": "Bramah 2018"}


def side(values) -> dict:
    error = sqrt(BIAS_DEG**2 + stdev(values) ** 2 / len(values))
    return {"value": round(fmean(values), 2), "uncertainty_95": 2 * error, "sd": stdev(values), "n": len(values)}


def both(left, right) -> dict:
    own = (side(left), side(right))
    random = sum((one["uncertainty_95"] / 2) ** 2 - BIAS_DEG**2 for one in own)
    error = sqrt(random / 4 + BIAS_DEG**2)
    value = (own[0]["value"] + own[1]["value"]) / 2
    return {"value": value, "uncertainty_95": 2 * error, "n": 8, "left": own[0], "right": own[1]}


def steps() -> list[dict]:
    made = []
    for number in range(8):
        foot, strike_s = ("left", "right")[number % 2], 0.2 + number * STEP_S
        contact_s = CONTACT_S + (0.02 if number == 7 else 0)
        made.append(
            {
                "step": number + 1,
                "foot": foot,
                "strike_s": round(strike_s, 4),
                "toe_off_s": round(strike_s + contact_s, 4),
                "contact_time_ms": contact_s * 1000,
                "landing": "rearfoot",
                "readings": {
                    "overstride_deg": [OVERSTRIDE[foot][number // 2], round(strike_s, 4)],
                    "trunk_lean_deg": [LEAN[number], round(strike_s, 4), round(strike_s + 2 * STEP_S, 4)],
                },
            }
        )
    return made


def scored(value: float, unsure: float, good: float, okay: float) -> float:
    """The score of a value above a range that is open below."""
    return max(0.0, 1 - 0.5 * max(0.0, value - unsure / 2 - good) / (okay - good))


def calculated() -> dict:
    over, lean = both(OVERSTRIDE["left"], OVERSTRIDE["right"]) | {"unit": "°"} | OVER_RANGE, side(LEAN)
    contacts = [[CONTACT_S * 1000] * 4, [CONTACT_S * 1000] * 3 + [CONTACT_S * 1000 + 20]]
    contact = both(*contacts) | {"unit": "ms"}
    score = scored(over["value"], over["uncertainty_95"], 21.0, 25.0)
    house = {
        "engine_version": "1.0",
        "bands_version": "1",
        "measures": {
            "cadence_spm": {"value": 60 / STEP_S, "unit": "1/min", "uncertainty_95": 1.0, "n": 8},
            "contact_time_ms": contact,
            "duty_factor": {"value": contact["value"] / (2000 * STEP_S), "unit": "", "uncertainty_95": 0.03, "n": 8},
            "overstride_deg": over,
            "trunk_lean_deg": lean | {"unit": "°"} | LEAN_RANGE,
            "power_w_kg": {"value": 11.0, "unit": "W/kg", "uncertainty_95": 1.0, "n": 8},
        },
        "parts": {
            "forward_cycle": {"measure": "overstride_deg", "value": over["value"], "unit": "°", "weight": 0.5,
                              "scores": {"overstride_deg": score}, "weights": {"overstride_deg": 0.35}},
            "trunk": {"measure": "trunk_lean_deg", "value": lean["value"], "unit": "°", "weight": 0.5,
                      "scores": {"trunk_lean_deg": 1.0}, "weights": {"trunk_lean_deg": 0.4}},
        },
        "findings": [
            {"key": "overstride_deg", "title": "Overstride", "text": "Overstride: 24 ± 5°; typical range at most 21°.",
             "verdict": "Lands far ahead", "value": over["value"], "unit": "°",
             "uncertainty_95": over["uncertainty_95"], "range": [0, 21], "cue": "Shorten the step a little."},
        ],
        "steps": steps(),
        "curve_span": "stride",
        "curves": {foot: {"knee": {"mean": [10, 40, 20, 60, 10], "sd": [1, 2, 1, 2, 1]}} for foot in OVERSTRIDE},
    }  # fmt: skip
    return {"house": house, "total_score": round(total(score), 3)}


def total(over_score: float) -> float:
    return (over_score + 1.0) / 2


def results() -> dict:
    over = both(OVERSTRIDE["left"], OVERSTRIDE["right"])
    score = scored(over["value"], over["uncertainty_95"], 21.0, 25.0)
    return {
        "total_score": round(total(score), 3),
        "analysis_content": {
            "forward_cycle": {
                "score_number": round(score, 3),
                "range_good": [0, 21],
                "range_okay": [0, 25],
                "texts": {"title": "Front of the stride", "position": "Foot lands far ahead", "recap": ["Shorter."]},
            },
            "trunk": {"score_number": 1.0, "texts": {"title": "Trunk", "position": "Leans as usual"}},
        },
    }


def raw(frames: int = 90) -> dict:
    """Key points of every picture: a left ankle that moves by one pixel a picture, and a right one that is not seen."""
    names = ["left_ankle", "left_knee", "right_ankle"]
    rows = [[[100.0 + number, 300.0], [110.0, 200.0], None] for number in range(frames)]
    return {
        "video_input_information": {"width": 200, "height": 400, "fps": FPS, "duration": frames / FPS},
        "frames": {str(at): {"left_ankle": {"x": 100.0 + at, "y": 300.0}} for at in range(frames)},
        "cleaned": {"joints": names, "frames": rows},
        "times_s": [round(number / FPS, 4) for number in range(frames)],
    }

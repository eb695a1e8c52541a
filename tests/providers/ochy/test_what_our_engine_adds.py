"""What our own engine adds beside the contract's numbers: doubt, moments, curves, findings."""

from __future__ import annotations

from providers.ochy.wire import parse_calculated, parse_raw
from providers.results import Caution, Curve, Gauge, Number, Reading, Weight

HOUSE = {
    "measures": {
        "cadence_spm": {"value": 165.02, "unit": "steps/min", "uncertainty_95": 1.2, "n": 24, "range_okay": [150, 200]},
        "oscillation_cm": {
            "value": 8.3, "unit": "cm", "uncertainty_95": 0.4, "n": 12, "left": {"value": 8.1, "n": 6}, "right": None
        },
        "broken": {"value": "much"},
    },
    "joint_numbers": {"left": {"knee": {"min": {"value": 78, "unit": "°", "uncertainty_95": 3, "n": 9}}}},
    "stance_peaks": {"right": {"pronation_deg": {"value": 9.1, "unit": "°", "uncertainty_95": -1, "n": 10**9}}},
    "steps": [
        {"step": 1, "foot": "left", "strike_frame": 12.25, "strike_s": 0.2, "toe_off_frame": 27.5, "toe_off_s": 0.45,
         "landing": "midfoot", "landing_probability": {"midfoot": 0.8, "rearfoot": 0.2}, "contact_time_ms": 250,
         "flight_time_ms": None},
        {"step": 2, "foot": "right", "landing": "uncertain", "landing_probability": {"midfoot": 0.45, "x": 0.55}},
    ],
    "curves": {"left": {"knee": {"mean": [1, None, 3], "sd": [0.1, "x", 0.2]}, "hip": 7}, "curious": []},
    "curve_span": "stride",
    "parts": {"arm": {"measure": "elbow_flexion_deg", "value": 95.2, "unit": "°", "scores": {}}, "head": {}},
    "missing": {"head_forward_deg": "The head was not seen."},
    "exercises": {"bi_reinforcement": "Biceps curls"},
    "findings": [
        {"key": "elbow_flexion_deg", "side": None, "title": "Arms", "verdict": "Too open", "text": "Bend them.",
         "value": 95, "uncertainty_95": 4, "unit": "°", "range": [78, 88], "cue": "Closer."},
        {},
    ],
    "warnings": [{"code": "low_fps", "text": "Film at 60 frames a second."}, {"text": "no code"}],
}  # fmt: skip


def test_our_engines_doubt_stands_beside_the_published_numbers():
    read = parse_calculated(
        {
            "metrics": {"step_frequency_steps_per_min": 165},
            "joint_angles": {"knee": {"left": {"min": 78.04}}},
            "house": HOUSE,
        }
    )
    assert read.numbers == (
        Number("cadence_spm", 165.0, "steps/min", uncertainty_95=1.2, n=24, range_okay=(150, 200)),
        Number("knee_deg", 78.04, "°", "left", "min", 3.0, 9),
        Number("oscillation_cm", 8.3, "cm", uncertainty_95=0.4, n=12),
        Number("oscillation_cm", 8.1, "cm", "left", n=6),
        Number("pronation_deg", 9.1, "°", "right", "stance_peak"),
    )


def test_our_engines_steps_have_moments_and_a_landing_with_its_probability():
    landings = [{"step": 1, "foot": "left", "landing": "midfoot"}, {"step": 9, "landing": "rearfoot"}]
    read = parse_calculated({"foot_landing": landings, "house": HOUSE})
    first, second = read.steps
    assert (first.number, first.side, first.strike_frame, first.toe_off_s) == (1, "left", 12.25, 0.45)
    assert (first.landing, first.landing_probability) == ("midfoot", 0.8)
    assert first.values == {"contact_time_ms": 250.0}
    assert (second.landing, second.landing_probability) == ("uncertain", 0.55)
    assert [landing.probability for landing in read.foot_landing] == [0.8, None]


def test_our_engines_other_additions():
    read = parse_calculated({"house": HOUSE})
    assert read.curves == (Curve("knee_deg", "left", "°", (1, None, 3), (0.1, None, 0.2)),)
    assert read.curve_span == "stride"
    assert read.gauges == (Gauge("arm", "elbow_flexion_deg", 95.2, "°"),)
    assert read.missing == {"head_forward_deg": "The head was not seen."}
    assert read.exercises == {"bi_reinforcement": "Biceps curls"}
    assert read.warnings == (Caution("low_fps", "Film at 60 frames a second."),)
    finding = read.findings[0]
    assert (finding.key, finding.verdict, finding.value, finding.uncertainty_95) == (
        "elbow_flexion_deg", "Too open", 95, 4
    )  # fmt: skip
    assert (finding.range_good, finding.cue) == ((78, 88), "Closer.")
    assert len(read.findings) == 1


def test_our_engines_cleaned_landmarks_and_times():
    read = parse_raw(
        {
            "frames": {"0": {"nose": {"x": 1, "y": 2, "score": 0.9}}},
            "cleaned": {"joints": ["nose", "left_toe"], "frames": [[[1.5, 2.5], None]]},
            "times_s": [0.0, "x"],
        }
    )
    assert read.cleaned == ({"nose": (1.5, 2.5)},)
    assert read.times_s == (0.0, None)


def test_our_engines_steps_tell_what_they_gave_of_a_measure_and_when():
    readings = {
        "overstride_deg": [17.2, 0.2],
        "trunk_lean_deg": [4.1, 0.2, 0.9],
        "turned_round": [4.1, 0.9, 0.2],
        "no_moment": [3.0],
        "no_value": [None, 0.2],
        "no_list": 7,
    }
    (step,) = parse_calculated({"house": {"steps": [{"step": 1, "foot": "left", "readings": readings}]}}).steps
    assert step.readings == {
        "overstride_deg": Reading(17.2, 0.2),
        "trunk_lean_deg": Reading(4.1, 0.2, 0.9),
        "turned_round": Reading(4.1, 0.9),
    }
    assert step.values == {}


def test_our_engine_tells_how_its_score_comes_about():
    parts = {
        "trunk": {"weight": 0.2, "weights": {"trunk_lean_deg": 0.4, "oscillation_cm": 0.6, "odd": "x", "none": 0}},
        "arm": {"weight": 0.1, "weights": {}},
        "head": {"weights": {"head_forward_deg": 1}},
    }
    measures = {"overstride_deg": {"value": 3, "sd": 1.5, "range_open": ["low", "odd"], "range_good": [0, 19]}}
    read = parse_calculated({"house": {"parts": parts, "measures": measures}})
    assert read.weights == (Weight("trunk", 0.2, {"trunk_lean_deg": 0.4, "oscillation_cm": 0.6}),)
    assert (read.numbers[0].open_ends, read.numbers[0].sd) == (("low",), 1.5)

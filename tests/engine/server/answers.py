"""An answer in the contract's shape for tests of the server's states: the published numbers, the rest made up."""

PART = {"score_number": 0.82, "range_good": [-10, 10], "range_okay": [-15, 15]}
KNEE = {"mean": 45.0, "min": 13.0, "max": 88.0, "range": 75.0, "strike": 15.0, "mid_stance": 37.0}
STYLE = {"title": "Push", "animal": "horse", "percentage": 64, "summary": "Long strides with an active push-off."}

HOUSE = {
    "engine_version": "1.0",
    "bands_version": "2026-11-22",
    "view": "side_view",
    "language": "en",
    "measures": {"cadence_spm": {"value": 110.0, "unit": "steps/min", "uncertainty_95": 1.1, "n": 10}},
    "missing": {"speed_m_s": "The belt's pace was not given."},
    "steps": [{"step": 1, "foot": "left", "strike_frame": 3.2, "strike_s": 0.107}],
    "parts": {},
    "findings": [],
    "warnings": [{"code": "few_steps", "text": "Few steps were seen."}],
}


def _part(title: str, **more) -> dict:
    return {**PART, "texts": {"title": title, "position": "Ideal position"}} | more


SIDE_VIEW = {
    "results": {
        "analysis_content": {
            "arm": {
                "range_good": [78, 88],
                "range_okay": [74, 92],
                "score_number": 0.266,
                "texts": {
                    "title": "Arm position",
                    "position": "Extension excessive",
                    "recap": ["Elbow too open."],
                    "exercice": ["bi_reinforcement", "tri_reinforcement"],
                },
            },
            "back_cycle": _part("Back knee angle at foot strike"),
            "foot": _part("Foot strike", foot_strike_pattern="midfoot"),
            "forward_cycle": _part("Forward knee angle"),
            "head": _part("Head position"),
            "trunk": _part("Trunk position"),
        },
        "running_styles": [STYLE],
        "total_score": 0.588,
    },
    "calculated": {
        "metrics": {
            "speed_meter_per_second": 2.123,
            "step_length_meter": 1.15,
            "pace_min_per_km": 7.511,
            "step_frequency_steps_per_min": 110,
            "ground_contact_time_ms": 280,
            "time_of_flight_ms": 120,
        },
        "overstride": {"mean_angle": 3.47, "score": "score_good"},
        "foot_landing": [{"step": 1, "foot": "left", "landing": "midfoot"}],
        "joint_angles": {"knee": {"left": KNEE | {"toe_off": 13.0, "mid_swing": 88.0}}},
        "running_styles": [STYLE],
        "total_score": 0.588,
        "house": HOUSE,
    },
    "raw": {
        "video_input_information": {"width": 64, "height": 128, "fps": 30.0, "duration": 1.0},
        "frames": {"0": {"left_ankle": {"x": 12.4, "y": 103.1}}},
    },
}

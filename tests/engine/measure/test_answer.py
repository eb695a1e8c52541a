"""The three answers: complete against the contract, JSON throughout, and explained."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import httpx
import pytest
import schemathesis
import yaml
from made_behind import behind
from made_runner import Made

from engine.answer import answer
from engine.answer.side import contract_pace
from engine.measure import measure
from engine.measure.numbers import Measure
from engine.measure.scores import SIDE_PARTS, score_part
from engine.measure.track import AT, SIDES
from engine.order import LANGUAGES, Order

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[3] / "docs" / "measures.md"
DESCRIPTION = Path(__file__).parents[3] / "engine" / "openapi.yaml"


@cache
def measured(lean_deg):
    order = Order("side_view", treadmill=True, pace_s_per_km=1000 / 3, height_m=1.72)
    track = Made(noise_px=2, lean_deg=lean_deg).track()
    return measure(track, order), track, order


@cache
def measured_behind(full_body):
    order, track = Order("back_view", height_m=1.70, full_body=full_body), behind()
    return measure(track, order), track, order


def side(language="en", lean_deg=6.0):
    report, track, order = measured(lean_deg)
    return answer(report, track, replace(order, language=language))


def back(language="en", full_body=True):
    report, track, order = measured_behind(full_body)
    return answer(report, track, replace(order, language=language))


@pytest.fixture(scope="module")
def results():
    return side()[0]


@pytest.fixture(scope="module")
def calculated():
    return side()[1]


def fits(value, shape, at="answer"):
    """Check a value against a shape: types, dictionaries of required keys, one-item lists, or a test."""
    if isinstance(shape, dict):
        for key, inner in shape.items():
            assert key in value, f"{at}.{key} is missing"
            fits(value[key], inner, f"{at}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), at
        for number, item in enumerate(value):
            fits(item, shape[0], f"{at}[{number}]")
    elif isinstance(shape, type | tuple):
        assert isinstance(value, shape), f"{at} is {value!r}"
        assert not isinstance(value, bool), at
    else:
        assert shape(value), f"{at} is {value!r}"


NUMBER = (int, float)


def unit(value):
    return isinstance(value, int | float) and 0 <= value <= 1


def pair(value):
    return (
        isinstance(value, list) and len(value) == 2 and all(isinstance(v, float) for v in value) and value[0] < value[1]
    )


SECTION = {"score_number": unit, "range_good": pair, "range_okay": pair, "texts": {"title": str, "position": str}}
STYLE = {"title": str, "animal": str, "percentage": lambda v: 0 <= v <= 100, "summary": str}
MOMENTS = ("mean", "min", "max", "range", "strike", "mid_stance", "toe_off", "mid_swing")
ANGLES = {name: dict.fromkeys(MOMENTS, NUMBER) for name in ("left", "right")}


def test_the_side_view_has_its_six_parts(results):
    fits(
        results,
        {
            "analysis_content": {
                **dict.fromkeys(("arm", "back_cycle", "forward_cycle", "head", "trunk"), SECTION),
                "foot": {
                    **SECTION,
                    "foot_strike_pattern": lambda v: v in ("rearfoot", "midfoot", "forefoot"),
                    "texts": {"overstride_title": str},
                },
            },
            "running_styles": [STYLE],
            "total_score": unit,
        },
    )


def test_the_nearest_style_stands_first(results):
    shares = [style["percentage"] for style in results["running_styles"]]
    assert len(shares) > 1
    assert shares == sorted(shares, reverse=True)


def test_the_side_views_numbers(calculated):
    fits(
        calculated,
        {
            "metrics": {
                "speed_meter_per_second": NUMBER,
                "step_length_meter": NUMBER,
                "pace_min_per_km": NUMBER,
                "step_frequency_steps_per_min": NUMBER,
                "ground_contact_time_ms": NUMBER,
                "time_of_flight_ms": NUMBER,
                "duty_factor": NUMBER,
            },
            "overstride": {"mean_angle": NUMBER, "score": lambda v: v in ("score_good", "score_okay", "score_bad")},
            "foot_landing": [{"step": int, "foot": lambda v: v in ("left", "right"), "landing": str}],
            "joint_angles": dict.fromkeys(("ankle", "knee", "hip", "shoulder", "elbow"), ANGLES),
            "running_styles": [STYLE],
            "total_score": unit,
        },
    )
    metrics = calculated["metrics"]
    assert metrics["speed_meter_per_second"] == pytest.approx(3.0)
    step = metrics["ground_contact_time_ms"] + metrics["time_of_flight_ms"]
    assert step == pytest.approx(60000 / metrics["step_frequency_steps_per_min"], abs=3)


def test_every_step_tells_what_it_gave_of_a_measure_and_when(calculated):
    house = calculated["house"]
    for key in ("overstride_deg", "knee_swing_peak_deg", "thigh_lift_peak_deg", "trunk_lean_deg", "oscillation_cm"):
        given = [
            (step["foot"], step["strike_s"], step["readings"][key])
            for step in house["steps"]
            if key in step["readings"]
        ]
        assert len(given) == house["measures"][key]["n"]
        by_side = [[reading[0] for foot, _, reading in given if foot == side] for side in ("left", "right")]
        whole = [value for values in by_side for value in values]
        sides = [sum(values) / len(values) for values in by_side]
        mean = sum(sides) / 2 if "left" in house["measures"][key] else sum(whole) / len(whole)
        told = house["measures"][key]
        assert mean == pytest.approx(told["value"], abs=0.011)
        if "left" in told:
            assert sides == pytest.approx([told["left"]["value"], told["right"]["value"]], abs=0.011)
        assert all(strike_s - 0.003 <= reading[1] < strike_s + 1 for _, strike_s, reading in given)


@pytest.mark.parametrize("way", ["left", "right"])
def test_the_way_the_runner_heads_is_told_and_with_it_the_leg_nearer_to_the_camera(way):
    track = Made(noise_px=2, heads_right=way == "right").track()
    order = measured(6.0)[2]
    house = answer(measure(track, order), track, order)[1]["house"]
    assert (house["direction"], house["near_side"]) == (way, way)


@pytest.mark.parametrize(("doubt", "word"), [(0.0, "score_okay"), (1.0, "score_okay"), (2.0, "score_good")])
def test_an_overstride_is_told_as_kindly_as_half_its_doubt_allows(doubt, word):
    report, track, order = measured(6.0)
    band = report.bands["overstride_deg"]
    over = Measure(band.okay[1], "°", doubt * (band.okay[1] - band.good[1]), 0.0, 10)
    doubted = replace(report, measures=report.measures | {"overstride_deg": over})
    calculated = answer(doubted, track, order)[1]
    assert calculated["overstride"] == {"mean_angle": band.okay[1], "score": word}


def test_the_score_can_be_worked_out_again_from_the_weights_told(calculated):
    again = {
        name: sum(part["weights"][key] * score for key, score in part["scores"].items()) / sum(part["weights"].values())
        for name, part in calculated["house"]["parts"].items()
    }
    weights = {name: part["weight"] for name, part in calculated["house"]["parts"].items()}
    total = sum(weights[name] * score for name, score in again.items()) / sum(weights.values())
    assert len(again) == 6
    assert total == pytest.approx(calculated["total_score"], abs=0.002)
    assert calculated["house"]["measures"]["overstride_deg"]["range_open"] == ["low"]
    assert calculated["house"]["measures"]["trunk_lean_deg"]["range_open"] == []


def test_the_house_object_tells_how_sure_every_number_is(calculated):
    house = calculated["house"]
    for key, measured in house["measures"].items():
        assert measured["uncertainty_95"] >= 0, key
        assert measured["n"] > 0, key
        assert "unit" in measured, key
    assert house["bands_version"]
    assert house["engine_version"]
    assert set(house["curves"]["left"]) == {"ankle", "knee", "hip", "trunk", "shoulder", "elbow"}
    assert all(len(curve["mean"]) == len(curve["sd"]) == 101 for curve in house["curves"]["right"].values())
    assert set(house["phases"]["left"]) == {"strike", "mid_stance", "toe_off", "mid_swing"}
    step = house["steps"][3]
    assert sum(step["landing_probability"].values()) == pytest.approx(1, abs=0.002)
    assert step["toe_off_frame"] == pytest.approx(step["toe_off_s"] * 60, abs=0.02)
    contact_s, flight_s = step["toe_off_s"] - step["strike_s"], house["steps"][4]["strike_s"] - step["toe_off_s"]
    assert step["contact_time_ms"] == pytest.approx(1000 * contact_s, abs=0.2)
    assert step["flight_time_ms"] == pytest.approx(1000 * flight_s, abs=0.2)
    assert house["missing"]["eversion_velocity_deg_s"].startswith("Needs at least 120 frames per second")


def test_each_side_is_told_its_own_numbers_wherever_they_stand(calculated):
    house = calculated["house"]
    assert house["curves"]["left"] != house["curves"]["right"]
    for side in SIDES:
        knee = house["joint_numbers"][side]["knee"]
        assert knee["strike"]["value"] == house["measures"]["knee_at_strike_deg"][side]["value"]
        assert calculated["joint_angles"]["knee"][side]["min"] == pytest.approx(knee["min"]["value"], abs=0.06)
        own = [knee["strike"]["value"], knee["strike"]["sd"]]
        assert house["phases"][side]["strike"]["knee"] == pytest.approx(own, abs=0.06)


def test_a_fault_is_found_explained_and_given_exercises():
    results, calculated, _ = side(lean_deg=22.0)
    trunk = results["analysis_content"]["trunk"]
    assert trunk["texts"]["position"] == "Trunk leans far forward"
    assert trunk["texts"]["recap"][0] == "Run taller: chest up, hips forward."
    assert "plank" in trunk["texts"]["exercice"]
    found = calculated["house"]["findings"]
    assert len(found) == 3
    assert [finding["loss"] for finding in found] == sorted((finding["loss"] for finding in found), reverse=True)
    for finding in found:
        assert re.fullmatch(r".+: −?[\d.]+ ?.* ± [\d.]+.*; typical range .*\d.*\.", finding["text"]), finding["text"]
        assert finding["cue"].endswith(".")
        assert calculated["house"]["measures"][finding["key"]]["value"] == finding["value"]


@pytest.mark.parametrize(
    ("found", "position"),
    [
        ({"foot_strike_angle_deg": 24, "dorsiflexion_peak_deg": 5}, "Heel lands with the toes pulled up high"),
        (
            {"foot_strike_angle_deg": 10, "dorsiflexion_peak_deg": 5, "knee_stance_peak_deg": 26},
            "Stiff ankle in stance",
        ),
        (
            {"foot_strike_angle_deg": 10, "dorsiflexion_peak_deg": 16, "knee_stance_peak_deg": 60},
            "Knee sinks in deeply",
        ),
        ({}, "Could not be measured"),
    ],
)
def test_a_part_is_told_by_its_leading_measure_else_by_what_costs_most(found, position):
    report, track, order = measured(6.0)
    readings = {key: Measure(value, "°", 1.0, 0.0, 10) for key, value in found.items()}
    weight, weights = SIDE_PARTS["foot"]
    parts = report.side.parts | {"foot": score_part(readings, report.bands, weights, weight)}
    results, _, _ = answer(replace(report, side=replace(report.side, parts=parts)), track, order)
    assert results["analysis_content"]["foot"]["texts"]["position"] == position


def test_an_ideal_part_has_neither_advice_nor_exercises(results):
    arm = results["analysis_content"]["arm"]
    assert arm["score_number"] == 1
    assert arm["texts"] == {"title": "Arm position", "position": "Ideal position"}


def test_the_raw_data_hold_every_frame():
    raw, track = side()[2], measured(6.0)[1]
    info = raw["video_input_information"]
    assert info == {
        "width": track.width_px,
        "height": track.height_px,
        "fps": 60.0,
        "duration": 6.0,
        "frame_count": 360,
    }
    assert list(raw["frames"]) == [str(number) for number in range(360)]
    ankle = raw["frames"]["100"]["left_ankle"]
    assert set(ankle) == {"x", "y", "score"}
    assert ankle["x"] == pytest.approx(track.joint("left_ankle")[100, 0], abs=0.06)
    assert len(raw["cleaned"]["frames"]) == 360


def test_the_back_view_has_three_parts_for_each_leg():
    results, calculated, _ = back()
    one = {
        "score_number": unit,
        "range_good": pair,
        "range_okay": pair,
        "range_bad": [pair],
        "texts": {"title": str, "side": str, "position": str, "explanation": str, "recap": [str]},
    }
    leg = {
        "stance_mean": dict.fromkeys(("pronation", "knee_adduction", "pelvic_drop", "hip_adduction"), NUMBER),
        "steps": [dict],
    }
    fits(
        results,
        {
            "analysis_content": {
                name: {"left": one, "right": one} for name in ("knee_adduction", "pelvic_drop", "pronation")
            },
            "total_score": unit,
        },
    )
    fits(
        calculated,
        {"gait_cycle": {"left": leg, "right": leg}, "house": {"stance_peaks": {"left": {"pelvic_drop_deg": dict}}}},
    )
    assert results["analysis_content"]["pelvic_drop"]["left"]["texts"]["side"] == "Left leg"


def test_each_part_of_a_leg_is_told_by_its_own_measure():
    report, track, order = measured_behind(True)
    readings = {
        key: Measure(value, "°", 1.0, 0.0, 10) for key, value in [("pelvic_drop_deg", 9), ("pronation_deg", 10)]
    }
    parts = report.back.parts | {"left": score_part(readings, report.bands, dict.fromkeys(readings, 0.5), 0.5)}
    results, _, _ = answer(replace(report, back=replace(report.back, parts=parts)), track, order)
    left = {name: legs["left"] for name, legs in results["analysis_content"].items()}
    assert left["pelvic_drop"]["score_number"] < left["pronation"]["score_number"] == 1
    assert left["knee_adduction"]["score_number"] is None
    assert {name: part["texts"]["position"] for name, part in left.items()} == {
        "pelvic_drop": "The pelvis drops on the swing side",
        "pronation": "Usual inward roll of the foot",
        "knee_adduction": "Could not be measured",
    }


def test_feet_alone_answer_pronation_alone():
    results, calculated, _ = back(full_body=False)
    assert list(results["analysis_content"]) == ["pronation"]
    assert set(calculated["gait_cycle"]["left"]["stance_mean"]) == {"pronation"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_views_answer_in_every_language_as_plain_json(language):
    for answers in (side(language), back(language)):
        for level in answers:
            json.dumps(level, allow_nan=False)


def test_the_same_run_answers_other_words_in_another_language():
    english, german = side()[0], side("de")[0]
    assert german["analysis_content"]["head"]["texts"]["position"] == "Ideale Haltung"
    assert german["total_score"] == english["total_score"]


@pytest.mark.parametrize(
    ("seconds", "written"), [(471.0, 7.51), (471.1, 7.511), (360, 6.0), (359.99, 6.0), (305, 5.05)]
)
def test_pace_is_written_as_the_contract_writes_it(seconds, written):
    assert contract_pace(seconds) == pytest.approx(written, abs=1e-6)


def test_every_measure_of_the_answers_stands_in_the_documentation():
    text = DOCS.read_text(encoding="utf-8")
    keys = set(side()[1]["house"]["measures"]) | set(back()[1]["house"]["measures"])
    keys |= set(side()[1]["house"]) | set(back()[1]["house"])
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []


def legs_alone():
    """The side view without an upper body, as marker trials are: what needs it is null or missing."""
    _, whole, order = measured(6.0)
    points = whole.points_px.copy()
    legs = [AT[f"{side}_{part}"] for side in SIDES for part in ("hip", "knee", "ankle", "heel", "toe")]
    points[:, [joint for joint in range(points.shape[1]) if joint not in legs]] = float("nan")
    track = replace(whole, points_px=points)
    return answer(measure(track, order), track, order)


@pytest.mark.parametrize("answers", [side, back, lambda: back(full_body=False), legs_alone])
def test_answers_are_as_the_description_served_to_clients_says(answers):
    operations = schemathesis.openapi.from_path(DESCRIPTION)
    for level, body in zip(("calculated_data", "raw_data"), answers()[1:], strict=True):
        given = httpx.Response(200, json=body, request=httpx.Request("GET", "http://engine/"))
        given.elapsed = timedelta(0)
        operations[f"/analysis/{{analysis_id}}/results/{level}"]["GET"].validate_response(given)


def test_the_description_names_every_key_an_answer_holds():
    schemas = yaml.safe_load(DESCRIPTION.read_text())["components"]["schemas"]
    house = side()[1]["house"]
    assert {*house, *back()[1]["house"]} == set(schemas["House"]["properties"])
    assert set(house["measures"]["overstride_deg"]) == set(schemas["Measure"]["properties"])
    assert set(house["steps"][3]) == set(schemas["Step"]["properties"])
    assert all(set(finding) == set(schemas["Finding"]["properties"]) for finding in house["findings"])

"""From stored documents to our measures: the published bodies, every odd spelling, and any JSON at all."""

from __future__ import annotations

import json

import pytest

from providers.ochy.wire import parse_calculated, parse_event, parse_raw, parse_results
from providers.results import Event, Landing, Number, RunningStyle

ID = "3dde3402-94d7-462e-a784-9306207108dd"


def part(assessment, key, side=None):
    return next(part for part in assessment.parts if (part.key, part.side) == (key, side))


def values(numbers):
    return {(number.key, number.side, number.phase): (number.value, number.unit) for number in numbers.numbers}


def test_the_published_side_view_assessment(answer):
    read = parse_results(answer("results_side"))
    assert read.total_score == 0.588
    assert [part.key for part in read.parts] == ["arm", "back_cycle", "foot", "forward_cycle", "head", "trunk"]
    arm = part(read, "arm")
    assert (arm.score, arm.title, arm.position) == (0.266, "Arm position", "Extension excessive")
    assert (arm.range_good, arm.range_okay, arm.range_bad) == ((78, 88), (74, 92), ())
    assert arm.recap[0] == "Elbow too open."
    assert arm.exercises == ("bi_reinforcement", "tri_reinforcement")
    assert part(read, "back_cycle").recap == part(read, "back_cycle").exercises == ()
    foot = part(read, "foot")
    assert foot.strike_pattern == "midfoot"
    assert foot.overstride_title == "Midfoot strike ahead of center of gravity"
    assert read.running_styles == (RunningStyle("Push", "horse", 64, "Long strides with an active push-off."),)


def test_the_assessment_alone_reads_like_the_whole_answer(answer):
    whole = answer("results_side")
    assert parse_results(whole["biomechanical_analysis"]) == parse_results(whole)


def test_the_back_view_assessment_has_two_legs_a_part(answer):
    read = parse_results(answer("results_back"))
    assert len(read.parts) == 6
    assert read.running_styles == ()
    left = part(read, "pronation", "left")
    assert left.range_bad == ((-20, 0), (12, 30))
    assert part(read, "knee_adduction", "right").range_bad == ((8, 20),)
    assert left.explanation == "The knee stays over the foot during stance."
    assert left.recap == ("Alignment is stable.",)


def test_a_back_view_of_pronation_alone(answer):
    body = answer("results_back")["biomechanical_analysis"]
    body["analysis_content"] = {"pronation": body["analysis_content"]["pronation"]}
    assert [(part.key, part.side) for part in parse_results(body).parts] == [
        ("pronation", "left"),
        ("pronation", "right"),
    ]


@pytest.mark.parametrize(
    ("styles", "read"),
    [
        ({"title": "Push", "percentage": 64}, [("Push", 64)]),
        ([{"title": "Push", "percentage": 0.64}], [("Push", 64)]),
        ([{"title": "Push", "percentage": 1}], [("Push", 100)]),
        ([{"title": "Hop", "percentage": 1}, {"title": "Push", "percentage": 99}], [("Push", 99), ("Hop", 1)]),
        ([{"title": "Sit"}, {"title": "Push", "percentage": 0.2}], [("Push", 20), ("Sit", None)]),
        ({"Push": {"percentage": 64}, "Hop": {"percentage": 70}}, [("Hop", 70), ("Push", 64)]),
        ([{"percentage": 64}, "Push", None], []),
        ("Push", []),
    ],
)
def test_running_styles_in_any_container_most_likely_first(styles, read):
    found = parse_results({"running_styles": styles}).running_styles
    assert [(style.title, style.percentage) for style in found] == read


def test_advice_may_be_a_line_or_several():
    def recap(value):
        return parse_results({"analysis_content": {"arm": {"texts": {"recap": value}}}}).parts[0].recap

    assert recap("One.") == ("One.",)
    assert recap(["One.", 2, "", "Three."]) == ("One.", "Three.")


def test_what_is_not_of_its_type_is_absent():
    section = {"score_number": "0.9", "range_good": [1], "range_okay": ["a", 2], "range_bad": [[9, 8], 3], "texts": 7}
    read = parse_results({"total_score": 4, "analysis_content": {"arm": section, "head": "fine"}})
    assert read.total_score is None
    assert len(read.parts) == 1
    arm = read.parts[0]
    assert (arm.score, arm.range_good, arm.range_okay, arm.range_bad, arm.title) == (None, None, None, ((8, 9),), "")


def test_text_a_database_cannot_hold_is_cleaned():
    body = json.loads('{"analysis_content": {"arm": {"texts": {"title": "A\\u0000rm\\ud800"}}}}')
    assert parse_results(body).parts[0].title == "Arm"


def test_the_published_numbers(answer):
    read = parse_calculated(answer("calculated_published"))
    assert values(read) == {
        ("speed_m_s", None, None): (2.123, "m/s"),
        ("step_length_m", None, None): (1.15, "m"),
        ("cadence_spm", None, None): (110, "steps/min"),
        ("contact_time_ms", None, None): (280, "ms"),
        ("flight_time_ms", None, None): (120, "ms"),
        ("overstride_deg", None, None): (3.47, "°"),
    }
    assert read.overstride_verdict == "good"
    assert read.total_score == 0.588


def test_the_published_pace_is_a_trap_and_not_read(answer):
    read = parse_calculated(answer("calculated_published"))
    assert 7.511 not in [number.value for number in read.numbers]
    speed = next(number.value for number in read.numbers if number.key == "speed_m_s")
    assert 1000 / speed == pytest.approx(7 * 60 + 51.0, abs=0.1)


def test_the_side_view_numbers_by_side_and_statistic(answer):
    read = parse_calculated(answer("calculated_side"))
    found = values(read)
    assert found["duty_factor", None, None] == (0.35, "")
    assert found["knee_deg", "left", "min"] == (78.0, "°")
    assert found["elbow_deg", "right", "mean"] == (95.2, "°")
    assert len(found) == 7 + 5 * 2 * 3
    assert read.foot_landing == (Landing(1, "left", "midfoot"), Landing(2, "right", "rearfoot"))
    assert read.running_styles[0].title == "Push"


@pytest.mark.parametrize(
    "angles",
    [
        {"knee": {"left": {"mean": 131.5}}},
        {"left": {"knee": {"mean": 131.5}}},
        {"left_knee": {"mean": 131.5}},
        {"knee_left": {"mean": 131.5}},
        {"knee": {"mean": {"left": 131.5}}},
    ],
)
def test_joint_angles_nested_either_way(angles):
    assert values(parse_calculated({"joint_angles": angles})) == {("knee_deg", "left", "mean"): (131.5, "°")}


def test_a_joint_angle_at_a_moment_keeps_the_moment_whole():
    read = parse_calculated({"joint_angles": {"knee": {"right": {"mid_stance": {"mean": 140}}, "series": [1, 2]}}})
    assert values(read) == {("knee_deg", "right", "mid_stance_mean"): (140, "°")}


@pytest.mark.parametrize(
    ("landing", "read"),
    [
        (["midfoot", "heel"], [(1, None, "midfoot"), (2, None, "rearfoot")]),
        ([{"foot": "left", "landing": "Forefoot"}, 3], [(1, "left", "forefoot")]),
        ({"left": ["midfoot"], "right": [{"landing": "rearfoot"}]}, [(1, "left", "midfoot"), (2, "right", "rearfoot")]),
        ([{"step": 7, "side": "right", "foot_strike_pattern": "midfoot"}], [(7, "right", "midfoot")]),
        (None, []),
    ],
)
def test_foot_landing_in_any_shape(landing, read):
    found = parse_calculated({"foot_landing": landing}).foot_landing
    assert [(step.step, step.side, step.pattern) for step in found] == read


def test_the_back_view_numbers(answer):
    read = parse_calculated(answer("calculated_back"))
    assert values(read) == {
        (f"{name}_deg", side, "stance_mean"): (value, "°")
        for side, means in {"left": (6.1, 3.2, 4.0), "right": (5.4, 2.8, 4.6)}.items()
        for name, value in zip(("pronation", "knee_adduction", "pelvic_drop"), means, strict=True)
    }
    assert [(step.side, step.values["pronation_deg"]) for step in read.steps] == [("left", 6.4), ("right", 5.2)]


def test_hip_adduction_is_shown_if_it_comes():
    read = parse_calculated({"gait_cycle": {"stance_mean": {"left": {"hip_adduction": 9.5}}}})
    assert values(read) == {("hip_adduction_deg", "left", "stance_mean"): (9.5, "°")}


def test_the_back_views_steps_gain_their_moments_from_our_engine(answer):
    body = {**answer("calculated_back"), "house": {"steps": [{"step": 2, "foot": "right", "strike_s": 0.4}]}}
    (step,) = parse_calculated(body).steps
    assert (step.number, step.side, step.strike_s, step.values["pronation_deg"]) == (2, "right", 0.4, 5.2)


def test_cadence_has_one_unit_from_either_view():
    read = parse_calculated({"house": {"measures": {"cadence_spm": {"value": 164.4, "unit": "1/min"}}}})
    assert read.numbers == (Number("cadence_spm", 164.4, "steps/min"),)


def test_names_too_long_to_be_names_stay_in_the_raw_answer():
    long = "x" * 41
    read = parse_calculated(
        {
            "joint_angles": {long: {"left": {"mean": 1}}, "knee": {"left": {long: 2, "mean": 3}}},
            "house": {"measures": {long: {"value": 1}, "knee_deg": {"value": 4, "unit": long}}},
        }
    )
    assert values(read) == {("knee_deg", "left", "mean"): (3, "°"), ("knee_deg", None, None): (4, "")}


def test_the_landmarks(answer):
    read = parse_raw(answer("raw"))
    assert (read.width_px, read.height_px, read.fps, read.duration_s) == (1920, 1080, 60, 7.2)
    assert read.frames[1] == (1, {"left_ankle": (815.0, 902.0), "right_ankle": (652.7, 866.9)})


def test_landmarks_in_a_list_and_as_pairs_and_out_of_order():
    assert parse_raw({"frames": [{"nose": [1, 2, 0.9]}]}).frames == ((0, {"nose": (1.0, 2.0)}),)
    read = parse_raw({"frames": {"10": {"nose": {"x": 1, "y": 2}}, "9": {"nose": {"x": 3, "y": 4}}, "x": {}}})
    assert [frame for frame, _ in read.frames] == [9, 10]


@pytest.mark.parametrize("body", [{}, None, {"frames": {"0": {"nose": {"x": "1", "y": 2}}}}, {"frames": 7}])
def test_no_landmarks_are_recognised(body):
    assert parse_raw(body) is None


def test_the_published_event():
    body = {
        "event": "analysis.progress",
        "video_id": ID,
        "status": "analyzing",
        "percentage": 45,
        "sequence": 2,
        "timestamp": "2026-03-23T10:45:09Z",
    }
    assert parse_event(json.dumps(body).encode()) == Event(ID, "analyzing", 45, 2, "analysis.progress", False)


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"analysis_id": "a", "sequence": 1}, Event("a", sequence=1)),
        ({"id": "a"}, Event("a")),
        ({"event": "x.started", "data": {"id": "a", "status": "pending"}}, Event("a", "pending", kind="x.started")),
        ({"id": "evt", "data": {"video_id": "a"}}, Event("a")),
        ({"event": "webhook.test", "sequence": 0}, Event(None, sequence=0, kind="webhook.test", is_test=True)),
        ({"event": "analysis.latest"}, Event(kind="analysis.latest")),
        ({"type": "webhook.test"}, Event(None, kind="webhook.test", is_test=True)),
        ({"analysis_id": "a", "sequence": 2**31}, Event("a")),
        ({"analysis_id": "a", "sequence": -1}, Event("a")),
        ({"video_id": ["a"], "sequence": "2", "percentage": None}, Event()),
        ([1], Event()),
    ],
)  # fmt: skip
def test_events_in_other_shapes(body, event):
    assert parse_event(json.dumps(body).encode()) == event


@pytest.mark.parametrize("body", [b"", b"hello", b"\xff", b"[" * 60_000, b"9" * 5_000, b'{"a":' * 20_000])
def test_an_event_that_is_no_event(body):
    assert parse_event(body) == Event()

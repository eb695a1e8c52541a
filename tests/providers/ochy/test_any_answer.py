"""Any JSON and any bytes at all: the readers answer, and keep what came."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.base import Document
from providers.ochy import wire
from providers.ochy.wire import parse_calculated, parse_event, parse_raw, parse_results

# Names the contract uses, so that the fuzzing gets past the first key.
NAMES = st.sampled_from(
    """
    biomechanical_analysis analysis_content arm pronation left right texts recap exercice range_good range_bad title
    running_styles percentage metrics speed_meter_per_second overstride mean_angle joint_angles knee_left foot_landing
    gait_cycle stance_mean steps house measures joint_numbers stance_peaks parts missing cleaned joints
    value key curves mean sd findings warnings code frames 0 x y enabled
    video_input_information analyses subjects video_id id status data sequence event created_at url reason text
    """.split()  # noqa: SIM905 a list would be four times as long
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(10**400)
JSON = st.recursive(
    SCALARS | st.sampled_from(["success", "failed", "2026-02-31", "0001-01-01T00:00:00+23:59", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=6),
    max_leaves=30,
)


@pytest.mark.slow  # hundreds of answers
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_no_json_whatever_makes_a_reader_raise(data):
    parse_results(data)
    parse_raw(data)
    parse_event(json.dumps(data).encode())
    wire.parse_status("id", Document("", data))
    for parse in (
        wire.parse_started,
        wire.parse_analyses,
        wire.parse_subjects,
        wire.parse_subject,
        wire.parse_subject_analyses,
        wire.parse_webhook,
    ):
        parse(data)
    numbers = parse_calculated(data)
    assert all(isinstance(number.value, float) and number.value - number.value == 0 for number in numbers.numbers)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_unreadable(body):
    try:
        document = wire.parse_document(body)
    except wire.Unreadable:
        return
    assert document.text.encode() == body


@pytest.mark.slow  # hundreds of answers
def test_a_huge_hostile_answer_is_read_as_far_as_it_makes_sense():
    row = {"step": 1, "foot": "left", "landing": "midfoot"}
    many = {str(index): {"value": index, "mean": [0]} for index in range(200_000)}
    read = parse_calculated(
        {
            "foot_landing": [row] * 200_000,
            "joint_angles": many,
            "house": {"measures": many, "curves": {"left": many}},
        }
    )
    assert len(read.foot_landing) == 2_000
    assert len(read.numbers) <= 10_000

"""A film goes in over HTTP and is measured for real; nothing is forced, nothing is made up."""

from __future__ import annotations

import subprocess
import sys

import av
import pytest
import schemathesis

from door import ROOT

pytestmark = pytest.mark.slow

LIMIT_S = 240.0


CONTRACT = ROOT.parent / "shared" / "contracts" / "ochy-partner-api.openapi.yaml"
LEVELS = ("", "/calculated_data", "/raw_data")


def make_studio_film(path, *options):
    command = [sys.executable, "-m", "engine", "film", path, "--fps", "30", "--seconds", "4", *options]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return path


@pytest.fixture(scope="module")
def side_film(tmp_path_factory):
    """Four seconds of a runner on a belt at 3 m/s, 170 steps a minute, drawn by the engine's own studio."""
    path = tmp_path_factory.mktemp("studio") / "side.mp4"
    return make_studio_film(path, "--view", "side_view", "--treadmill", "--speed", "3.0", "--cadence", "170")


@pytest.fixture(scope="module")
def back_film(tmp_path_factory):
    """The same from behind."""
    path = tmp_path_factory.mktemp("studio") / "back.mp4"
    return make_studio_film(path, "--view", "back_view", "--treadmill", "--speed", "3.0", "--cadence", "170")


def answers(server, film, **order):
    """Measure a film and return the answer of each level; each is as described, by us and by the contract."""
    started = server.start_film(film, treadmill="true", pace="05:33", height="1.75", **order)
    video_id = started.json()["video_id"]
    ended = server.wait_until_ended(video_id, LIMIT_S)
    assert ended.status_code == 200, ended.text
    given = [server.call("GET", f"/analysis/{video_id}/results{level}") for level in LEVELS]
    for description in (ROOT / "engine" / "openapi.yaml", CONTRACT):
        if description.exists():
            operations = schemathesis.openapi.from_path(description)
            for level, answer in zip(LEVELS, given, strict=True):
                operations[f"/analysis/{{analysis_id}}/results{level}"]["GET"].validate_response(answer)
    assert server.entry(video_id)["attempts"] == 1
    return [answer.json() for answer in given]


def test_a_side_view_is_measured_over_http(server, side_film, tmp_path):
    results, numbers, raw = answers(server, side_film)
    assert numbers["metrics"]["step_frequency_steps_per_min"] == pytest.approx(170, abs=3)
    assert numbers["metrics"]["speed_meter_per_second"] == pytest.approx(3.0, abs=0.01)
    assert len(raw["frames"]) == 120
    annotated = tmp_path / "annotated.mp4"
    annotated.write_bytes(server.client.get(results["output_video"]).content)
    with av.open(str(annotated)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 120
    assert server.client.get(results["thumbnail"]).content.startswith(b"\xff\xd8")


def test_a_back_view_is_measured_over_http(server, back_film):
    results, numbers, _ = answers(server, back_film, analysis_type="back_view")
    assert results["biomechanical_analysis"]["analysis_content"].keys() == {
        "knee_adduction",
        "pelvic_drop",
        "pronation",
    }
    assert numbers["gait_cycle"].keys() == {"left", "right"}


def test_a_film_without_a_runner_is_refused_with_a_reason(server, film):
    video_id = server.start_film(film).json()["video_id"]
    answer = server.wait_until_ended(video_id, LIMIT_S)
    assert answer.status_code == 400
    assert answer.json()["reason"]["code"] == "no_runner", answer.text
    assert answer.json()["reason"]["text"] == "No runner was found. Film the whole body, in good light."

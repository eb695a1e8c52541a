"""A film goes in over HTTP and is measured for real; nothing is forced, nothing is made up."""

from __future__ import annotations

import subprocess
import sys

import av
import httpx
import pytest
import schemathesis

from tests.engine_server import BASE, wait_for

pytestmark = pytest.mark.slow

LIMIT_S = 240.0


@pytest.fixture(scope="module")
def studio_film(tmp_path_factory):
    """Five seconds of a runner on a belt at 3 m/s, 170 steps a minute, drawn by the engine's own studio."""
    path = tmp_path_factory.mktemp("studio") / "run.mp4"
    command = [sys.executable, "-m", "engine", "film", path, "--view", "side_view", "--treadmill"]
    command += ["--fps", "30", "--seconds", "5", "--speed", "3.0", "--cadence", "170"]
    subprocess.run(command, cwd=BASE, check=True, capture_output=True, timeout=120)
    return path


@pytest.fixture
def described():
    """The description of every answer."""
    return schemathesis.openapi.from_path(BASE / "engine" / "openapi.yaml")


def test_a_studio_film_is_measured_over_http(server, studio_film, described):
    started = server.start_film(studio_film, treadmill="true", pace="05:33", height="1.75")
    video_id = started.json()["video_id"]
    answer = server.wait_until_ended(video_id, LIMIT_S)
    assert answer.status_code == 200, answer.text
    where = f"/analysis/{video_id}/results"
    numbers = server.call("GET", f"{where}/calculated_data")
    raw = server.call("GET", f"{where}/raw_data")
    for level, given in (("", answer), ("/calculated_data", numbers), ("/raw_data", raw)):
        described[f"/analysis/{{analysis_id}}/results{level}"]["GET"].validate_response(given)

    metrics = numbers.json()["metrics"]
    assert metrics["step_frequency_steps_per_min"] == pytest.approx(170, abs=3)
    assert metrics["speed_meter_per_second"] == pytest.approx(3.0, abs=0.01)
    assert len(raw.json()["frames"]) == 150
    assert server.entry(video_id)["attempts"] == 1

    film = studio_film.with_name("annotated.mp4")
    film.write_bytes(httpx.get(answer.json()["output_video"]).content)
    with av.open(str(film)) as container:
        pictures = sum(1 for _ in container.decode(video=0))
    assert pictures == 150


def test_a_film_without_a_runner_is_refused_with_a_reason(server, film):
    video_id = server.start_film(film).json()["video_id"]
    answer = server.wait_until_ended(video_id, LIMIT_S)
    assert answer.status_code == 400
    assert answer.json()["reason"]["code"] == "no_runner", answer.text
    assert answer.json()["reason"]["text"] == "No runner was found. Film the whole body, in good light."


def test_a_measuring_that_is_killed_midway_is_done_again_and_counts_once(server, studio_film):
    server.control("PUT", "credits", json={"credits": 2})
    video_id = server.start_film(studio_film, treadmill="true", pace="05:33").json()["video_id"]
    wait_for(lambda: server.results(video_id).json()["percentage"] > 20, LIMIT_S)
    server.kill("work")
    server.start("work")
    assert server.wait_until_ended(video_id, LIMIT_S).status_code == 200
    entry = server.entry(video_id)
    assert (entry["attempts"], entry["credits"]) == (2, 1)
    assert server.control("GET", "credits") == {"credits": 1}

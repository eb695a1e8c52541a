"""From pending to the end: status codes and bodies by state, links that die, and who may read what."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from door import ROOT
from tests.engine.server.answers import SIDE_VIEW, STYLE
from tests.engine_server import wait_for

pytestmark = pytest.mark.slow  # the server is four processes


@pytest.fixture
def measured(server, film, ask_for):
    """One analysis that succeeded; the body of its results."""
    ask_for("success")
    answer = server.wait_until_ended(server.start_film(film).json()["video_id"])
    assert answer.status_code == 200
    return answer.json()


def test_a_waiting_analysis_is_pending_with_200(server, film, ask_for):
    ask_for("success")
    worker = server.processes["work"].pid
    os.kill(worker, signal.SIGSTOP)  # the only one
    try:
        video_id = server.start_film(film).json()["video_id"]
        answer = server.results(video_id)
    finally:
        os.kill(worker, signal.SIGCONT)
    assert (answer.status_code, answer.json()) == (200, {"video_id": video_id, "status": "pending", "percentage": 0})
    assert server.wait_until_ended(video_id).status_code == 200


def test_the_film_that_came_first_is_measured_first(server, film, ask_for):
    ask_for("failed", times=4)
    worker = server.processes["work"].pid
    os.kill(worker, signal.SIGSTOP)
    try:
        ids = [server.start_film(film).json()["video_id"] for _ in range(4)]
    finally:
        os.kill(worker, signal.SIGCONT)
    for video_id in ids:
        server.wait_until_ended(video_id)
    started = [server.entry(video_id)["started_at"] for video_id in ids]
    assert started == sorted(started)


def test_a_running_analysis_is_202_with_a_rising_percentage(server, film, ask_for):
    ask_for("success", seconds=4)
    video_id = server.start_film(film).json()["video_id"]
    seen = []

    def ended():
        answer = server.results(video_id)
        if answer.json()["status"] == "analyzing":
            assert answer.status_code == 202
            assert answer.json().keys() == {"video_id", "status", "percentage"}
            seen.append(answer.json()["percentage"])
        return answer.json()["status"] == "success"

    wait_for(ended)
    assert seen == sorted(seen)
    assert len(set(seen)) > 2


def test_a_measured_analysis_gives_all_three_levels(server, measured):
    assert measured.keys() == {
        "video_id",
        "status",
        "percentage",
        "thumbnail",
        "output_video",
        "biomechanical_analysis",
    }
    assert measured["biomechanical_analysis"] == SIDE_VIEW["results"]
    where = f"/analysis/{measured['video_id']}/results"
    assert server.call("GET", f"{where}/calculated_data").json() == SIDE_VIEW["calculated"]
    assert server.call("GET", f"{where}/raw_data").json() == SIDE_VIEW["raw"]


def test_a_failed_analysis_is_400_with_our_reason_beside_it(server, film, ask_for):
    ask_for("failed", reason={"code": "nobody_runs", "text": "Nobody runs. Film a runner."})
    answer = server.wait_until_ended(server.start_film(film).json()["video_id"])
    assert answer.status_code == 400
    video_id = answer.json()["video_id"]
    assert answer.json() == {
        "video_id": video_id,
        "status": "failed",
        "reason": {"code": "nobody_runs", "text": "Nobody runs. Film a runner."},
    }
    for level in ("calculated_data", "raw_data"):
        refused = server.call("GET", f"/analysis/{video_id}/results/{level}")
        assert (refused.status_code, refused.json()) == (400, {"detail": "Analysis is not completed"})


def test_a_failed_analysis_keeps_the_credit_unless_the_switch_says_otherwise(server, film, ask_for):
    ask_for("failed", times=2)
    server.control("PUT", "credits", json={"credits": 2})
    server.wait_until_ended(server.start_film(film).json()["video_id"])
    assert server.control("GET", "credits") == {"credits": 1}
    server.control("PUT", "switches", json={"refund_failed": True})
    video_id = server.start_film(film).json()["video_id"]
    server.wait_until_ended(video_id)
    assert server.control("GET", "credits") == {"credits": 1}
    assert server.entry(video_id)["credits"] == 0


def test_media_links_serve_the_files_without_the_key(server, measured):
    thumbnail, film = server.client.get(measured["thumbnail"]), server.client.get(measured["output_video"])
    assert (thumbnail.headers["Content-Type"], film.headers["Content-Type"]) == ("image/jpeg", "video/mp4")
    assert thumbnail.content.startswith(b"\xff\xd8")
    assert film.content[4:8] == b"ftyp"


def test_a_player_may_ask_for_a_range(server, measured):
    whole = server.client.get(measured["output_video"]).content
    for asked, expected in (("bytes=10-19", whole[10:20]), ("bytes=-5", whole[-5:]), ("bytes=100-", whole[100:])):
        part = server.client.get(measured["output_video"], headers={"Range": asked})
        assert (part.status_code, part.content) == (206, expected)
    assert part.headers["Content-Range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    beyond = server.client.get(measured["output_video"], headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_a_link_dies_and_a_new_call_gives_a_fresh_one(server, measured):
    server.control("PUT", "switches", json={"link_lifetime_s": 0})
    dead = server.results(measured["video_id"]).json()["thumbnail"]
    time.sleep(1.1)
    answer = server.client.get(dead)
    assert (answer.status_code, answer.json()) == (403, {"detail": "Link has expired"})
    server.control("POST", "reset")
    assert server.client.get(server.results(measured["video_id"]).json()["thumbnail"]).status_code == 200


def test_a_changed_link_opens_nothing(server, measured):
    link = measured["thumbnail"]
    for changed in (
        link.replace("thumbnail.jpg", "annotated.mp4"),
        link.replace("expires=1", "expires=2"),
        link.split("&signature")[0],
        link.split("?")[0],
    ):
        answer = server.client.get(changed)
        assert (answer.status_code, answer.json()) == (403, {"detail": "Link is not valid"})


def test_running_styles_come_as_one_object_when_the_switch_says_so(server, measured):
    server.control("PUT", "switches", json={"running_styles_as_object": True})
    assert server.results(measured["video_id"]).json()["biomechanical_analysis"]["running_styles"] == STYLE
    numbers = server.call("GET", f"/analysis/{measured['video_id']}/results/calculated_data")
    assert numbers.json()["running_styles"] == STYLE


def test_the_list_is_newest_first_and_names_the_subject(server, film, ask_for):
    ask_for("failed", times=2)
    subject = server.call("POST", "/subjects", json={}).json()["subject_id"]
    first = server.start_film(film, subject_id=subject).json()["video_id"]
    second = server.start_film(film, analysis_type="back_view").json()["video_id"]
    listed = server.call("GET", "/analysis", params={"page": "7"}).json()["analyses"]
    assert [item["video_id"] for item in listed[:2]] == [second, first]
    assert listed[1]["subject_id"] == subject
    assert listed[0].keys() == {"video_id", "status", "analysis_type", "created_at"}
    assert listed[0]["analysis_type"] == "back_view"
    assert server.call("GET", f"/subjects/{subject}/analyses").json() == {"subject_id": subject, "analyses": [first]}


def test_another_partner_sees_nothing_of_it(server, measured):
    where = f"/analysis/{measured['video_id']}/results"
    for path in (where, f"{where}/calculated_data", f"{where}/raw_data"):
        answer = server.call("GET", path, key=server.other_key)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Analysis not found"})
    listed = server.call("GET", "/analysis", key=server.other_key).json()["analyses"]
    assert measured["video_id"] not in [item["video_id"] for item in listed]


def test_every_path_wants_a_key_that_is_known(server):
    for method, path in (
        ("POST", "/analysis/start"),
        ("GET", "/analysis"),
        ("GET", "/analysis/x/results"),
        ("GET", "/analysis/x/results/calculated_data"),
        ("GET", "/analysis/x/results/raw_data"),
        ("GET", "/subjects"),
        ("POST", "/subjects"),
        ("GET", "/subjects/x"),
        ("PUT", "/subjects/x"),
        ("POST", "/subjects/x/delete"),
        ("GET", "/subjects/x/analyses"),
        ("GET", "/webhook"),
        ("PUT", "/webhook"),
        ("GET", "/__control/books"),
    ):
        missing, wrong = server.call(method, path, key=None), server.call(method, path, key="wrong")
        assert (missing.status_code, missing.json()) == (401, {"detail": "API Key is missing"})
        assert (wrong.status_code, wrong.json()) == (403, {"detail": "Invalid API Key"})


def test_the_test_controls_are_shut_unless_they_are_asked_for(server):
    environment = {name: value for name, value in server.environment().items() if name != "ENGINE_CONTROL"}
    addresses = (
        "from engine.server import _prepare; _prepare(); from engine.urls import urlpatterns; print(urlpatterns)"
    )
    told = subprocess.run(
        [sys.executable, "-c", addresses], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert "subjects" in told.stdout
    assert "__control" not in told.stdout


def test_the_key_stands_in_no_log(server):
    assert "GET /" not in server.log("serve")
    for name in ("serve", "work", "clock"):
        assert "apiKey" not in server.log(name)
        assert server.key not in server.log(name)


def test_unknown_addresses_and_methods_are_refused_in_json(server):
    assert server.call("GET", "/analysis/user").json() == {"detail": "Not Found"}
    answer = server.call("DELETE", "/subjects")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


def test_it_says_that_it_is_well(server):
    assert server.client.get(server.url + "/healthz").json() == {"status": "ok"}

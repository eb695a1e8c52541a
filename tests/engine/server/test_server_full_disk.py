"""A disk that is full costs time, never a film: it waits, is measured when there is room, and is not blamed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from door import ROOT
from tests.engine_server import wait_for

pytestmark = pytest.mark.slow  # a lease runs out in real time

WITHOUT_ROOM = """
from engine import server

server._prepare()
from engine import jobs, room, views
from engine.http import Problem

room.NEEDED_BYTES = 1 << 62

print(jobs.measure_next())
try:
    views.start_analysis(None, None)
except Problem as problem:
    print(problem.status)
"""


def test_a_disk_that_fills_while_an_answer_is_written_is_no_fault_of_the_film(server, film, ask_for):
    ask_for("success", seconds=4)
    video_id = server.start_film(film).json()["video_id"]
    answers = server.folder / "engine" / "answers" / video_id
    wait_for((answers / "1").is_dir)
    for attempt in ("1", "2"):
        (answers / attempt).mkdir(exist_ok=True)
        (answers / attempt / "raw.json").symlink_to("/dev/full")
    assert server.wait_until_ended(video_id).json()["status"] == "success"
    entry = server.entry(video_id)
    assert (entry["attempts"], entry["crashes"], entry["credits"]) == (3, 0, 1)
    assert [folder.name for folder in answers.iterdir()] == ["3"]


def test_without_room_a_film_is_neither_measured_nor_taken_in(server, film, ask_for):
    ask_for("success")
    server.kill("work")
    try:
        video_id = server.start_film(film).json()["video_id"]
        told = subprocess.run(
            [sys.executable, "-c", WITHOUT_ROOM],
            cwd=ROOT,
            env=server.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.splitlines() == ["the disk is full", "429"]
        assert server.entry(video_id)["attempts"] == 0
    finally:
        server.start("work")
    assert server.wait_until_ended(video_id).json()["status"] == "success"

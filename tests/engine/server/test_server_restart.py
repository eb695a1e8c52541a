"""Whatever is killed, whenever: the analysis ends, once, for one credit."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis

from door import ROOT
from tests.engine_server import LEASE_S, LIMIT_S, EngineServer, wait_for

pytestmark = pytest.mark.slow  # leases run out and processes start again in real time


@pytest.fixture
def running(server, film, ask_for):
    """An analysis that is being measured just now and takes five seconds; one credit of five is spent on it."""
    server.control("PUT", "credits", json={"credits": 5})
    ask_for("success", seconds=5)
    video_id = server.start_film(film).json()["video_id"]
    wait_for(lambda: server.results(video_id).json()["percentage"] > 10)
    return video_id


def assert_it_ended_once(server, video_id, attempts):
    answer = server.wait_until_ended(video_id)
    assert answer.json()["status"] == "success", answer.text
    entry = server.entry(video_id)
    assert (entry["attempts"], entry["credits"]) == (attempts, 1)
    assert server.control("GET", "credits") == {"credits": 4}
    answers = server.folder / "engine" / "answers" / video_id
    assert [folder.name for folder in answers.iterdir()] == [str(attempts)]


def horse(server):
    """The process that measures just now."""
    (pid,) = server.children(server.processes["work"].pid)
    return pid


def set_leases(server, when, *, at_most_s=LIMIT_S):
    """Let all leases end at that moment, told from now; for so long, somebody else may be writing."""
    books = sqlite3.connect(server.folder / "engine" / "engine.sqlite3", timeout=at_most_s)
    with contextlib.closing(books), books:
        books.execute(
            "UPDATE engine_analysis SET lease_until = datetime('now', ?) WHERE lease_until IS NOT NULL", (when,)
        )


def stop_for_longer_than_its_lease(server, pid):
    while True:
        os.kill(pid, signal.SIGSTOP)
        try:
            return set_leases(server, "-1 second", at_most_s=1)
        except sqlite3.OperationalError:  # stopped while it wrote, it would keep everybody else from the books
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.05)


def test_a_killed_worker_is_replaced_when_its_lease_runs_out(server, running):
    server.kill("work")
    before = server.results(running).json()["percentage"]
    server.start("work")
    wait_for(lambda: server.entry(running)["attempts"] == 2)
    assert server.results(running).json()["percentage"] >= before  # what a person sees never goes back
    assert_it_ended_once(server, running, attempts=2)


def test_a_lease_of_a_clock_that_was_set_back_since_is_none(server, running):
    server.kill("work")
    set_leases(server, "+2 hours")
    server.start("work")
    assert_it_ended_once(server, running, attempts=2)


def test_a_killed_measuring_process_is_replaced_at_once(server, running):
    os.kill(horse(server), signal.SIGKILL)
    begun = time.monotonic()
    wait_for(lambda: server.entry(running)["attempts"] == 2)
    assert time.monotonic() - begun < LEASE_S - 0.5  # renewed a moment ago
    assert_it_ended_once(server, running, attempts=2)
    assert server.entry(running)["crashes"] == 0  # it was killed, it did not break


def test_a_worker_that_was_only_stopped_for_a_while_changes_nothing_any_more(server, running):
    stopped = horse(server)
    stop_for_longer_than_its_lease(server, stopped)
    second = server.one_more_worker()
    try:
        assert server.wait_until_ended(running).status_code == 200  # by the second
        os.kill(stopped, signal.SIGCONT)
        wait_for(lambda: stopped not in server.children(server.processes["work"].pid))
        assert_it_ended_once(server, running, attempts=2)
    finally:
        second.terminate()
        second.wait(60)


def test_a_crash_is_tried_once_more_and_then_fails_with_a_reason(server, film, ask_for):
    ask_for("crash")
    video_id = server.start_film(film).json()["video_id"]
    answer = server.wait_until_ended(video_id)
    assert answer.json()["reason"] == {
        "code": "measuring_broke_off",
        "text": "The measuring broke off twice on this film. Save it as MP4 (H.264) and send it again.",
    }
    entry = server.entry(video_id)
    assert (entry["attempts"], entry["crashes"]) == (2, 2)
    assert not (server.folder / "engine" / "answers" / video_id).exists()


def test_a_film_whose_measuring_is_killed_again_and_again_comes_to_an_end(server, film, ask_for):
    ask_for("hang")
    video_id = server.start_film(film, language="de").json()["video_id"]
    for attempt in range(1, 9):
        wait_for(lambda: server.entry(video_id)["attempts"] == attempt)  # noqa: B023 - asked at once
        wait_for(lambda: server.children(server.processes["work"].pid))
        os.kill(horse(server), signal.SIGKILL)
    assert server.wait_until_ended(video_id).json()["reason"] == {
        "code": "measuring_interrupted",
        "text": "Der Server wurde beim Messen dieses Films zu oft unterbrochen. Senden Sie ihn noch einmal.",
    }


def test_a_measuring_that_hangs_is_ended_by_its_time_limit(film):
    server = EngineServer(Path(tempfile.mkdtemp(prefix="engine-")), settings={"ENGINE_MEASURING_LIMIT_S": "2"})
    try:
        for name in ("redis", "serve", "work", "clock"):
            server.start(name)
        server.control("POST", "outcomes", json={"outcome": "hang"})
        video_id = server.start_film(film).json()["video_id"]
        assert server.wait_until_ended(video_id).json()["reason"] == {
            "code": "measuring_took_too_long",
            "text": "Measuring this film took too long, twice. Send it again when the server has less to do.",
        }
        assert server.entry(video_id)["crashes"] == 2
    finally:
        for name in list(server.processes):
            server.stop(name)
        server.client.close()
        shutil.rmtree(server.folder)


def test_a_worker_that_is_asked_to_stop_stops_though_redis_is_gone():
    server = EngineServer(Path(tempfile.mkdtemp(prefix="engine-")))
    try:
        for name in ("redis", "work"):
            server.start(name)
        server.wait_until_it_hears("work")
        server.kill("redis")
        worker = server.processes["work"]
        worker.terminate()
        assert worker.wait(30) == 0
    finally:
        for name in list(server.processes):
            server.stop(name)
        server.client.close()
        shutil.rmtree(server.folder)


# A worker that is asked to stop, once, in the moment in which it writes into its log that Redis is gone.
ASKED_WHILE_IT_WRITES = """
import logging, signal, threading

from engine import server


class Stream:
    asked = False

    def write(self, text):
        if "could not connect" in text and threading.current_thread() is threading.main_thread() and not self.asked:
            self.asked = True
            signal.raise_signal(signal.SIGTERM)

    def flush(self):
        pass


server._prepare()  # which sets up the logs
from engine.worker import work_until_asked_to_stop

logging.raiseExceptions = False  # as for a log that nobody reads any more
logging.getLogger("rq.worker").addHandler(logging.StreamHandler(Stream()))
work_until_asked_to_stop(1)
"""


def test_a_worker_that_is_asked_to_stop_while_it_writes_its_log_stops():
    server = EngineServer(Path(tempfile.mkdtemp(prefix="engine-")))
    try:
        server.start("redis")
        command = [sys.executable, "-c", ASKED_WHILE_IT_WRITES]
        worker = subprocess.Popen(command, cwd=ROOT, env=server.environment(), start_new_session=True)
        server.processes["work"] = worker
        with Redis(unix_socket_path=str(server.redis_socket)) as redis:  # "b": a client that waits for work
            wait_for(lambda: any("b" in client["flags"] for client in redis.client_list()))
        server.kill("redis")
        assert worker.wait(30) == 0
    finally:
        for name in list(server.processes):
            server.kill(name)
        server.client.close()
        shutil.rmtree(server.folder)


def test_a_worker_that_waits_for_redis_stops_when_asked_to(server, running):
    told = server.log("work").count("Redis does not answer")
    server.kill("redis")
    wait_for(lambda: server.log("work").count("Redis does not answer") > told)
    worker = server.processes["work"]
    server.stop("work")
    server.redis_socket.unlink()
    for name in ("redis", "work"):
        server.start(name)
    assert worker.returncode == 0, server.log("work")
    server.wait_until_ended(running)


def test_a_worker_that_is_asked_to_stop_leaves_its_film_to_the_next(server, running):
    measuring = horse(server)
    worker = server.processes["work"]
    server.stop("work")
    assert worker.returncode == 0
    assert not alive(measuring)
    server.start("work")
    assert_it_ended_once(server, running, attempts=2)


def test_a_measuring_process_does_not_outlive_its_worker(server, running):
    measuring = horse(server)
    os.kill(server.processes["work"].pid, signal.SIGKILL)
    wait_for(lambda: not alive(measuring))
    server.processes.pop("work").wait()
    set_leases(server, "-1 second")
    server.start("work")
    assert_it_ended_once(server, running, attempts=2)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process whose parent died waits as a zombie until init has taken note.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return not state.startswith("Z") and bool(state)


def test_what_interrupted_uploads_left_behind_is_removed(server, film, ask_for):
    ask_for("failed")
    video_id = server.start_film(film).json()["video_id"]
    kept = server.folder / "engine" / "films" / f"{video_id}.mp4"
    broken = server.folder / "engine" / "incoming" / "tmp.upload"
    orphan = kept.with_name("0fd4e3a2-0000-4000-8000-000000000000.mp4")
    fresh = kept.with_name("0fd4e3a2-0000-4000-8000-000000000001.mp4")
    for path in (broken, orphan, fresh):
        path.write_bytes(b"half a film")
    for path in (kept, broken, orphan):
        os.utime(path, (time.time() - 4000,) * 2)
    server.stop("clock")
    server.start("clock")
    wait_for(lambda: not broken.exists() and not orphan.exists())
    assert kept.exists()
    assert fresh.exists()
    fresh.unlink()


def test_redis_may_be_lost_with_everything_in_it(server, film, ask_for):
    ask_for("success", times=4, seconds=1)
    ids = [server.start_film(film).json()["video_id"] for _ in range(3)]
    wait_for(lambda: server.results(ids[0]).json()["percentage"] > 10)
    server.kill("redis")
    ids.append(server.start_film(film).json()["video_id"])  # taken in although Redis is away
    server.redis_socket.unlink()
    server.start("redis")
    assert [server.wait_until_ended(video_id).status_code for video_id in ids] == [200] * 4
    assert all(server.entry(video_id)["credits"] == 1 for video_id in ids)


def test_the_web_server_may_be_killed_while_a_film_is_measured(server, running):
    server.kill("serve")
    server.start("serve")
    assert_it_ended_once(server, running, attempts=1)


def test_many_processes_measure_each_film_once(server, film, ask_for):
    ask_for("success", times=8, seconds=0.3)
    others = [server.one_more_worker() for _ in range(2)]
    try:
        with ThreadPoolExecutor(4) as pool:
            ids = list(pool.map(lambda _: server.start_film(film).json()["video_id"], range(8)))
        for video_id in ids:
            assert server.wait_until_ended(video_id).status_code == 200
        assert [server.entry(video_id)["attempts"] for video_id in ids] == [1] * 8
    finally:
        for process in others:
            process.terminate()
        for process in others:
            process.wait(60)


def test_the_processes_end_when_asked_to(server):
    for name in ("work", "clock", "serve"):
        process = server.processes[name]
        server.wait_until_it_hears(name)
        server.stop(name)
        assert process.returncode == 0, name
        server.start(name)


def test_a_taken_port_is_one_line(server):
    second = subprocess.run(
        [sys.executable, "-m", "engine", "serve"],
        cwd=ROOT,
        env=server.environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert second.returncode == 1
    assert second.stderr == f"Port {server.port} is taken. Set ENGINE_PORT to a free one.\n"


def test_a_worker_without_the_pose_weights_says_so_at_its_start(server, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "engine", "work"],
        cwd=ROOT,
        env=server.environment() | {"ENGINE_WEIGHTS": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        said = worker.stderr.readline()
        worker.terminate()
    assert (
        "No film can be measured here. The pose weights are missing: "
        f"pose_solution_packed_assets.data is not in {tmp_path}."
    ) in said

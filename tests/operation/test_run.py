"""./portal run, as a person types it: it answers, two run side by side, and nothing is left of it."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from door import ROOT
from door.keeper import MARK, marked
from door.run import ask_directly
from tests.services.servers import wait_for

SERVICES = {"redis", "web", "worker-1", "worker-2", "worker-3", "clock", "engine", "engine-worker", "engine-clock"}


@pytest.fixture
def run(tmp_path, environment):
    """Start ./portal run, with the output in a file; end it whatever the test does."""
    started = []

    def run(*arguments, **settings):
        log = tmp_path / f"run-{len(started)}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [ROOT / "portal", "run", *arguments], env=environment | settings, stdout=output, stderr=output
            )
        started.append(process)
        return process, log

    yield run
    for process in started:
        process.send_signal(signal.SIGINT)
        process.wait(300)


def wait_until_it_answers(process, log):
    wait_for(lambda: process.poll() is not None or "The portal answers" in log.read_text(), what="run")
    assert process.poll() is None, log.read_text()


def mark_of(place):
    """Return the mark that the processes of this portal carry."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = dict(part.partition(b"=")[::2] for part in (entry / "environ").read_bytes().split(b"\0"))
        except OSError:
            continue
        if environment.get(b"VAR") == str(place.var).encode() and MARK.encode() in environment:
            return environment[MARK.encode()].decode()
    raise AssertionError("no process of this portal runs")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what runs with which environment")
def test_it_answers_restarts_what_is_killed_and_leaves_nothing(run, place):
    process, log = run("--no-demo")
    wait_until_it_answers(process, log)
    for address in (place.address, place.engine_address):
        with ask_directly.open(f"{address}/healthz") as answer:
            assert answer.status == 200
    assert {path.stem for path in (place.var / "log").glob("*.log")} == SERVICES
    for name in ("engine_key", "secret_key"):
        assert stat.S_IMODE((place.var / name).stat().st_mode) == 0o600

    # A second one on the same folder is one line.
    again = subprocess.run([ROOT / "portal", "run"], env=process_environment(process), capture_output=True, text=True)
    assert again.returncode == 1
    assert again.stderr == (
        f"A portal runs on {place.var} already. "
        "For a second one: VAR=other-folder PORT=8001 ENGINE_PORT=8091 ./portal run\n"
    )

    mark = mark_of(place)
    before = set(marked(mark))
    os.kill(max(before), signal.SIGKILL)
    process.send_signal(signal.SIGINT)
    assert process.wait(300) == 0
    assert marked(mark) == []
    assert log.read_text().endswith("Stopped.\n")

    # The second start finds everything made, and a kill -9 leaves nothing either.
    process, log = run("--no-demo")
    wait_until_it_answers(process, log)
    assert "Installing" not in log.read_text()
    mark = mark_of(place)
    process.kill()
    process.wait()
    wait_for(lambda: not marked(mark), what="the end of all processes")


def process_environment(process):
    with open(f"/proc/{process.pid}/environ", "rb") as file:
        parts = (part.decode().partition("=") for part in file.read().split(b"\0") if part)
        return {name: value for name, _, value in parts}


def test_a_taken_port_is_said_before_anything_is_started(run, place):
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", place.port))
        other.listen()
        process, log = run()
        assert process.wait(300) == 1
    assert log.read_text() == (
        f"Port {place.port} is taken by another program. Choose another: PORT={place.port + 1} ./portal run\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["fly"], "There is no command fly. ./portal help lists all.\n"),
        (
            ["run", "--fast"],
            "./portal run does not know --fast. It takes --no-demo, and VAR, PORT, ENGINE_PORT before it.\n",
        ),
    ],
)
def test_a_wrong_word_is_one_line(arguments, told, environment):
    done = subprocess.run([ROOT / "portal", *arguments], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


def test_without_a_command_it_tells_what_there_is(environment):
    done = subprocess.run([ROOT / "portal"], env=environment, capture_output=True, text=True, check=True)
    assert "./portal run" in done.stdout

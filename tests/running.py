"""A whole portal, started as a person starts it: all its processes, on its own ports and data folder."""

from __future__ import annotations

import signal
import subprocess
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from door import ROOT
from door.keeper import MARK
from door.place import inherited
from door.run import ask_directly
from tests.services import servers


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
            with ask_directly.open(self.address + path, timeout=120) as answer:
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


@contextmanager
def running_portal(var: Path, settings: dict[str, str] | None = None) -> Iterator[Portal]:
    """`./portal run` on free ports without the demo organisation, until the context ends."""
    port, engine_port = servers.free_port(), servers.free_port()
    own = {"VAR": str(var), "PORT": str(port), "ENGINE_PORT": str(engine_port)}
    environment = inherited() | own | (settings or {})
    log = var / "portal.log"
    with log.open("w") as output:
        supervisor = subprocess.Popen(
            [str(ROOT / "portal"), "run", "--no-demo"],
            env=environment,
            stdout=output,
            stderr=output,
            preexec_fn=servers.die_with_parent,
        )
    try:
        servers.wait_for(
            lambda: supervisor.poll() is not None or "The portal answers at" in log.read_text(),
            what="./portal run",
        )
        assert supervisor.poll() is None, log.read_text()
        yield Portal(f"http://127.0.0.1:{port}", environment, supervisor, log)
    finally:
        supervisor.send_signal(signal.SIGINT)
        supervisor.wait(300)

"""Find, kill, stop and continue processes, by what the system says about them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.services.servers import die_with_parent


def children(pid: int) -> list[int]:
    """Return the ids of a process' children that still run."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(word) for word in (task / "children").read_text().split()]
    return [one for one in found if is_alive(one)]


def family(pid: int) -> list[int]:
    """Return the process and everything below it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def command_line(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")


def is_alive(pid: int) -> bool:
    try:
        return not Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except OSError:
        return False


def send(sign: signal.Signals, pids: list[int]) -> int:
    """Send a signal to each; return how many were there to get it."""
    reached = 0
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
            reached += 1
    return reached


@dataclass
class Server:
    """A server that somebody else started once; after a kill it is started again as it was."""

    name: str
    pid: int
    log: Path
    command: list[str]
    how: dict[str, Any] = field(default_factory=dict)
    # Where it notes that it runs; it would not start while the one we killed still waits to be reaped by the system.
    lock: Path | None = None
    _again: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        if self._again is not None and self._again.poll() is not None:
            return False
        return is_alive(self.pid)

    def kill(self) -> None:
        """kill -9 of it and of all its children, and wait until nothing is left of them."""
        whole = family(self.pid)
        send(signal.SIGKILL, whole)
        deadline = time.monotonic() + 5
        while any(map(is_alive, whole)) and time.monotonic() < deadline:
            if self._again is not None:
                self._again.poll()
            time.sleep(0.02)

    def start(self) -> None:
        if self.is_running:
            return
        if self.lock is not None:
            self.lock.unlink(missing_ok=True)
        with self.log.open("ab") as output:
            self._again = subprocess.Popen(
                self.command,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                process_group=0,
                preexec_fn=die_with_parent,
                **self.how,
            )
        self.pid = self._again.pid

    def end(self) -> None:
        """End it for good, if it was us who started it last."""
        if self._again is not None and self._again.poll() is None:
            self.kill()
            self._again.wait()

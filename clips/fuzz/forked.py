"""Run the sandbox by fork: the same program under the same limits, without starting Python ten thousand times.

The forks come from a process as small as the sandbox itself (`python -m clips.fuzz.forked`): a fork holds all memory
of the process it came from, and the limit on memory counts that too.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import IO, Self, cast

import av  # noqa: F401 - loaded once, before the forks

from clips import sandbox

PIECE_BYTES = 65536
HOME = Path(__file__).resolve().parents[2]


class Forks:
    """Starts sandboxes by fork, in place of probe.start_sandbox, while its context is open."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "clips.fuzz.forked"], cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start_sandbox(self, arguments: list[str], seconds: float) -> subprocess.CompletedProcess[bytes]:
        """Do what probe.start_sandbox does. Raises subprocess.TimeoutExpired."""
        asked, answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        asked.write(json.dumps([arguments, seconds]).encode() + b"\n")
        asked.flush()
        code, said = json.loads(answers.readline())
        if code is None:
            raise subprocess.TimeoutExpired(arguments, seconds)
        told = said.encode()
        return subprocess.CompletedProcess(arguments, code, told if code == 0 else b"", told if code else b"")


def _fork(arguments: list[str], seconds: float) -> tuple[int | None, str]:
    """Run one sandbox; return its exit code, None when it was not done in time, and what it said."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_the_sandbox(arguments, write)
    os.close(write)
    try:
        said = _read(read, time.monotonic() + seconds)
        if said is None:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(read)
        _, status = os.waitpid(pid, 0)
    if said is None:
        return None, ""
    return os.waitstatus_to_exitcode(status), said.decode(errors="replace")


def _be_the_sandbox(arguments: list[str], write: int) -> None:
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(write, 1)
        os.dup2(nothing, 2)
        sys.stdout = os.fdopen(1, "w")
        code = sandbox.main(arguments)
    except BaseException:
        # Whatever it is, it must end here: this is a copy of the process that started it.
        traceback.print_exc(file=sys.stdout)
    finally:
        sys.stdout.flush()
        os._exit(code)


def _read(read: int, until: float) -> bytes | None:
    """Everything that is said until the end; None when that takes too long."""
    said = b""
    with selectors.DefaultSelector() as waiting:
        waiting.register(read, selectors.EVENT_READ)
        while waiting.select(max(0.0, until - time.monotonic())):
            piece = os.read(read, PIECE_BYTES)
            if not piece:
                return said
            said += piece
    return None


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_fork(*json.loads(line))), flush=True)

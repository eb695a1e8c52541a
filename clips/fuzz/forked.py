"""Run the sandbox by fork: the same program under the same limits, without starting Python ten thousand times."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
import traceback

import av  # noqa: F401 - loaded once, before the forks

from clips import sandbox

PIECE_BYTES = 65536


def start_sandbox(arguments: list[str], seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Do what probe.start_sandbox does. Raises subprocess.TimeoutExpired."""
    sys.stdout.flush()
    sys.stderr.flush()
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
        raise subprocess.TimeoutExpired(arguments, seconds)
    code = os.waitstatus_to_exitcode(status)
    return subprocess.CompletedProcess(arguments, code, said if code == 0 else b"", said if code else b"")


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

"""Leave nothing running: end what is left of a portal when its supervisor is gone, however it went.

The supervisor starts this program first and holds the other end of its input. kill -9 of the supervisor closes that
end like an ordinary exit does; then whatever still carries this portal's mark in its environment is ended. The mark is
inherited, so that it finds work processes of work processes too.
"""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

MARK = "COACHPORTAL_RUN"
GRACE_S = 5.0


def marked(mark: str) -> list[int]:
    """Return the process ids of this person whose environment holds the mark. Empty where there is no /proc."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment = (entry / "environ").read_bytes()
            # A zombie has ended already; only its parent can take it away.
            is_zombie = (entry / "stat").read_text().rpartition(") ")[2].startswith("Z")
        except OSError:
            continue
        if wanted in environment.split(b"\0") and not is_zombie and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def end_marked(mark: str, *, also: set[int]) -> None:
    """Ask all of them to end, wait, then make them. `also` holds process groups, for systems without /proc."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in marked(mark):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sign)
        for group in also:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, sign)
        deadline = time.monotonic() + GRACE_S
        while marked(mark) and time.monotonic() < deadline:
            time.sleep(0.05)


def main() -> None:
    """Read "+group" and "-group" lines until the supervisor is gone, then end what is left."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    end_marked(sys.argv[1], also=groups)


if __name__ == "__main__":
    main()

"""Behind ./portal: set up the environment, run all processes, test, check. Standard library only.

It starts before anything is installed, so nothing here imports a package or one of our own rooms.
"""

import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAUSE_S = 15  # before what failed is tried once more


class Stop(Exception):
    """End the command with one clear line: what is wrong and the one thing to do about it."""


def say(text: str) -> None:
    """Tell the person at the terminal at once, even when the output is a pipe."""
    print(text, flush=True)


def fetched(fetch: Callable[[], bool]) -> bool:
    """Fetch something, and once more if that fails: a hiccup of a registry must not cost a whole run of the tests."""
    if fetch():
        return True
    say(f"Once more in {PAUSE_S} s ...")
    time.sleep(PAUSE_S)
    return fetch()

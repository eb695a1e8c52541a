"""Behind ./portal: set up the environment, run all processes, test, check. Standard library only.

It starts before anything is installed, so nothing here imports a package or one of our own rooms.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Stop(Exception):
    """End the command with one clear line: what is wrong and the one thing to do about it."""


def say(text: str) -> None:
    """Tell the person at the terminal at once, even when the output is a pipe."""
    print(text, flush=True)

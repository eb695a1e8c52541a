"""More requests at once than there are places."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

PEOPLE = 12
STAY_S = 0.05  # after all places are taken: long enough for one too many to come in


def crowd(place: Callable[[], AbstractContextManager], *, places: int) -> tuple[int, int]:
    """Have PEOPLE want a place at once; return how many were inside at most, and how many are at the end."""
    inside, most, lock, full = 0, 0, threading.Lock(), threading.Event()

    def request() -> None:
        nonlocal inside, most
        with place():
            with lock:
                inside += 1
                most = max(most, inside)
                if inside == places:
                    full.set()
            full.wait(5)
            time.sleep(STAY_S)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=request) for _ in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return most, inside

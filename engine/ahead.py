"""Read ahead: make the next items in a thread of their own while the last one is being used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

WAIT_S = 0.2  # how soon the thread notices that nobody listens any more


def ahead(items: Iterable[Item], depth: int, on_item: Callable[[Item], None] | None = None) -> Iterator[Item]:
    """Yield `items` in order, up to `depth` of them made in advance; `on_item` runs in that thread as well.

    An error while making an item is raised here, in its place. When the reader stops early, the thread ends too.
    """
    ready: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(maxsize=depth)
    stop = threading.Event()

    def put(entry: tuple[Item | None, BaseException | None]) -> None:
        while not stop.is_set():
            try:
                ready.put(entry, timeout=WAIT_S)
            except queue.Full:
                continue
            return

    def make() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                if on_item:
                    on_item(item)
                put((item, None))
                if stop.is_set():
                    return
        except BaseException as raised:  # it is raised again where somebody can act on it
            error = raised
        put((None, error))

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        stop.set()
        thread.join()

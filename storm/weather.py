"""One storm: orders at a steady rate, faults by the plan, then healing and quiet."""

from __future__ import annotations

import heapq
import itertools
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, connection

from storm import books, faults, processes
from storm.coach import Coach, Refused
from storm.house import House

LOOK_EVERY_S = 0.1
ASK_EVERY_S = 2.0
STUCK_AFTER_S = 120  # the target: nothing waits longer than this once the last fault has ended
COACHES_END_WITHIN_S = 100


@dataclass
class Storm:
    """What one storm did, and what it found."""

    seed: int
    hits: Counter[str] = field(default_factory=Counter)
    misses: Counter[str] = field(default_factory=Counter)
    orders: int = 0
    quiet_after_s: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    findings: books.Findings = field(default_factory=books.Findings)
    slowest: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # what stopped the storm itself

    @property
    def is_green(self) -> bool:
        return not self.findings.sentences and not self.broken


@dataclass
class Sky:
    """Runs the plan; every deed and every healing has its time."""

    house: House
    storm: Storm
    _agenda: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=itertools.count)  # of two deeds of one moment, the first goes first

    def at(self, moment: float, deed: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (moment, next(self._number), deed))

    def inject(self, fault: faults.Fault) -> None:
        hit, heal_after_s, heal = faults.inject(self.house, fault)
        (self.storm.hits if hit else self.storm.misses)[fault.kind] += 1
        self.at(time.monotonic() + heal_after_s, heal)

    def wait_until(self, is_over: Callable[[], bool]) -> None:
        """Do what is due and start what died, until it is over and everything begun is healed."""
        while self._agenda or not is_over():
            while self._agenda and self._agenda[0][0] <= time.monotonic():
                heapq.heappop(self._agenda)[2]()
            self.house.look_after()
            time.sleep(LOOK_EVERY_S)


def blow(
    house: House, coach: Coach, storm: Storm, *, seconds: float, order_every_s: float, fault_every_s: float
) -> None:
    """Order and break for so many seconds, heal, and wait for quiet, STUCK_AFTER_S at most."""
    sky = Sky(house, storm)
    begun = time.monotonic()
    threads: list[threading.Thread] = []
    for number in range(int(seconds / order_every_s)):
        name = f"Runner {storm.seed:03d}-{number:03d}"
        thread = threading.Thread(target=_order, args=(coach, name, storm), daemon=True)
        threads.append(thread)
        sky.at(begun + number * order_every_s, thread.start)
    for fault in faults.plan(storm.seed, seconds, fault_every_s):
        sky.at(begun + fault.at_s, lambda fault=fault: sky.inject(fault))  # type: ignore[misc]
    sky.wait_until(lambda: time.monotonic() - begun > seconds)
    _heal(house)
    _wait_for_quiet(sky, threads)
    storm.orders = len(threads)


def _order(coach: Coach, name: str, storm: Storm) -> None:
    try:
        coach.order(name)
    except Refused as refused:
        storm.broken.append(f"{name}: {refused}")


def _heal(house: House) -> None:
    """Take back every fault, whatever became of its own healing."""
    house.store.heal()
    house.database.start()
    house.redis.start()
    for service in house.services.values():
        if service.process is not None:
            processes.send(signal.SIGCONT, processes.family(service.process.pid))
    processes.send(signal.SIGCONT, [house.redis.pid])


def _wait_for_quiet(sky: Sky, threads: list[threading.Thread]) -> None:
    healed = time.monotonic()
    deadline = healed + COACHES_END_WITHIN_S
    sky.wait_until(lambda: not any(map(threading.Thread.is_alive, threads)) or time.monotonic() > deadline)
    coaches_done = time.monotonic()
    next_look = 0.0
    is_calm = False

    def quiet() -> bool:
        nonlocal next_look, is_calm
        now = time.monotonic()
        if now > coaches_done + STUCK_AFTER_S:
            return True
        if now < next_look:
            return False
        next_look = now + ASK_EVERY_S
        is_calm = is_calm or faults.calm_for_good(sky.house)
        return is_calm and _settled()

    sky.wait_until(quiet)
    sky.storm.quiet_after_s = time.monotonic() - healed


def _settled() -> bool:
    try:
        connection.close()  # the database may have been killed since
        return not books.unsettled()
    except (DatabaseError, InterfaceError):
        return False

"""One process tree: start in order, restart what dies, stop in reverse order, leave nothing behind."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from door import ROOT, Stop, say
from door.keeper import MARK

LONGEST_PAUSE_S = 15.0  # between two starts of a service that keeps dying
SETTLED_AFTER_S = 30.0  # a service that ran this long starts again at once
LOOK_EVERY_S = 0.2
PATIENCE = 3  # deaths of a service before the start is given up
LAST_LINES = 8  # of its log, told then


@dataclass
class Service:
    """One program that has to run all the time."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    grace_s: float = 8.0  # how long it may take to end when asked
    last: bool = False  # it ends after all others: they lean on it
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    start_again_at: float = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_words(self) -> str:
        """Return the end of its log, for the person who has to find out."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LAST_LINES:]) if self.log.exists() else ""


@dataclass
class Supervisor:
    """Watches over the services of one portal until it is told to stop."""

    services: list[Service] = field(default_factory=list)
    mark: str = field(default_factory=lambda: secrets.token_hex(16))
    stop_asked: int = 0
    _keeper: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Supervisor":
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._ask_to_stop)
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "door.keeper", self.mark],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_asked += 1

    def start(self, service: Service) -> None:
        """Start one service, now and whenever it dies."""
        self.services.append(service)
        _keep_one_old_log(service.log)
        self._start(service)

    def _start(self, service: Service) -> None:
        with open(service.log, "ab") as log:
            service.process = subprocess.Popen(
                service.command,
                cwd=ROOT,
                env={**service.environment, MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the whole group of the terminal; the order of stopping is ours to choose.
                process_group=0,
            )
        service.started_at = time.monotonic()
        self._tell_keeper(f"+{service.process.pid}")

    def look_after(self) -> None:
        """Note who died, and start again whose pause is over."""
        now = time.monotonic()
        for service in self.services:
            if service.process is not None and service.process.poll() is not None:
                self._note_death(service, now)
            if service.process is None and now >= service.start_again_at:
                self._start(service)

    def _note_death(self, service: Service, now: float) -> None:
        assert service.process is not None
        settled = now - service.started_at > SETTLED_AFTER_S
        service.failures = 1 if settled else service.failures + 1
        pause_s = min(2.0 ** (service.failures - 1) - 1, LONGEST_PAUSE_S)
        how = _how_it_ended(service.process.returncode)
        say(f"{service.name} {how}; it starts again in {pause_s:.0f} s. Its log: {service.log}")
        self._tell_keeper(f"-{service.process.pid}")
        service.process = None
        service.start_again_at = now + pause_s

    def wait_until(self, is_done: Callable[[], bool], *, what: str, at_most_s: float) -> bool:
        """Look after the services until `is_done`; False when told to stop meanwhile.

        Stops with the log's last lines when a service died PATIENCE times or the time is over.
        """
        deadline = time.monotonic() + at_most_s
        while not self.stop_asked:
            if is_done():
                return True
            self.look_after()
            for service in self.services:
                if service.failures >= PATIENCE:
                    raise Stop(f"{service.last_words()}\n{service.name} does not start. Its log: {service.log}")
            if time.monotonic() > deadline:
                raise Stop(f"{what} did not answer within {at_most_s:.0f} s. The logs: {self.services[0].log.parent}")
            time.sleep(0.05)
        return False

    def watch(self) -> None:
        """Look after the services until somebody asks to stop."""
        while not self.stop_asked:
            self.look_after()
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """End everything: first those who do the work, then those they lean on, then whatever is left."""
        asked = self.stop_asked
        for last in (False, True):
            ending = [service for service in self.services if service.last is last and service.is_running]
            for service in ending:
                _signal_group(service, signal.SIGTERM)
            for service in ending:
                deadline = time.monotonic() + service.grace_s
                while service.is_running and time.monotonic() < deadline and self.stop_asked <= asked + 1:
                    time.sleep(0.02)
                if service.is_running:
                    # Work that is cut short here is begun again at the next start: the database knows of it.
                    _signal_group(service, signal.SIGKILL)
                    assert service.process is not None
                    service.process.wait()
        if self._keeper is not None:
            # The end of its input is its sign to look for what is left.
            self._keeper.communicate()

    def _tell_keeper(self, line: str) -> None:
        if self._keeper is not None and self._keeper.stdin is not None:
            _write(self._keeper.stdin, line)


def _write(pipe: IO[str], line: str) -> None:
    try:
        pipe.write(line + "\n")
        pipe.flush()
    except BrokenPipeError:
        say("The keeper of this portal was ended by somebody; after a kill -9 processes may stay behind.")


def _signal_group(service: Service, sign: signal.Signals) -> None:
    """Send a polite signal to the service alone, the last one to its whole group."""
    assert service.process is not None
    try:
        if sign == signal.SIGKILL:
            os.killpg(service.process.pid, sign)
        else:
            service.process.send_signal(sign)
    except ProcessLookupError:
        pass


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"


def _keep_one_old_log(log: Path) -> None:
    if log.exists():
        log.replace(log.with_suffix(".old.log"))

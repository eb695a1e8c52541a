"""./portal bench-webhooks: how many calls of a provider the portal takes in a second, and how long each waits.

On a PostgreSQL that syncs every commit, a Redis, and the portal's own two web processes; each call is about a running
analysis, so that it is noted, the analysis made due, and a worker told. First with empty tables, then with 100,000
analyses and as many earlier calls. Calls are offered at an even rate, and a call's time counts from when it was due,
so that a stall counts for all it held up; then as many as go.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from door import ROOT
from tests.services.servers import free_port, missing, postgresql, redis_server, running, settle, wait_for

A_SECOND, P99_MS = 300, 50.0
AT_ONCE = 16  # connections
RUNNING = 20_000  # analyses the calls are about: each call finds another that was not due, which is what costs most
TICK_HZ = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figures:
    """What one filling of the tables gave."""

    p50_ms: float
    p99_ms: float
    a_second: float
    cpu_ms: float  # of the web processes, PostgreSQL and Redis, for one call
    caller_ms: float  # of the caller itself, for one call


@dataclass
class Caller:
    """A provider with AT_ONCE open connections."""

    port: int
    path: str
    sent: Iterator[int]
    fails: int = 0

    def call(self, number: int) -> bytes:
        told = {"event": "analysis.processing", "status": "processing", "percentage": 50, "sequence": number}
        body = json.dumps(told | {"video_id": remote_id(number % RUNNING)}).encode()
        head = f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    async def even(self, seconds: float, a_second: int) -> list[float]:
        """Offer so many calls a second; return how long after it was due each was answered, in ms, sorted."""
        took: list[float] = []
        begun = time.perf_counter()
        due = iter([begun + number / a_second for number in range(int(seconds * a_second))])

        async def one(connection: Connection) -> None:
            for at in due:
                await asyncio.sleep(max(0.0, at - time.perf_counter()))
                await self._send(connection)
                took.append((time.perf_counter() - at) * 1000)

        await self._on_all(one)
        return sorted(took)

    async def most(self, seconds: float) -> float:
        """Call as fast as answers come; return the answers a second."""
        until = time.perf_counter() + seconds
        answered = 0

        async def one(connection: Connection) -> None:
            nonlocal answered
            while time.perf_counter() < until:
                await self._send(connection)
                answered += 1

        await self._on_all(one)
        return answered / seconds

    async def _send(self, connection: Connection) -> None:
        if await connection.ask(self.call(next(self.sent))) != 200:
            self.fails += 1

    async def _on_all(self, work: Any) -> None:
        connections = [Connection(self.port) for _ in range(AT_ONCE)]
        await asyncio.gather(*map(work, connections))
        for connection in connections:
            connection.close()


class Connection:
    """A connection that is kept open, and opened again when the server has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, call: bytes) -> int:
        """Return the answer's status."""
        for _ in range(3):
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            try:
                writer.write(call)
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):  # it had been idle for too long
                self.close()
                continue
            if b"connection: close" in head.lower():
                self.close()
            return int(head.split(None, 2)[1])
        return 0

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


def remote_id(number: int) -> str:
    return f"bench-{number}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="./portal bench-webhooks", description=__doc__)
    parser.add_argument("--analyses", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10, help="of each of the two measurements")
    options = parser.parse_args()
    if lacking := missing():
        print(f"Not installed: {', '.join(lacking)}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="coachportal-bench-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "var").mkdir()
        with postgresql(folder / "postgresql", durable=True) as url, redis_server(folder / "redis") as redis_url:
            os.environ |= {"DATABASE_URL": url, "REDIS_URL": redis_url, "VAR": str(folder / "var"), "DEBUG": "0"}
            return bench(folder, options.analyses, options.seconds)


def bench(folder: Path, analyses: int, seconds: float) -> int:
    """Measure empty and full; print both and say which targets are missed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachportal.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from accounts import wall

    wall.open_for("the bench fills the tables")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    path = make_clinic()
    settle()
    with web(folder) as caller:
        caller.path = path
        asyncio.run(caller.most(2))  # every thread has its connection to the database
        empty = measured(caller, folder, seconds)
        tell("empty", empty)
        began = time.monotonic()
        fill(analyses)
        settle()
        print(f"filled with {analyses} analyses and calls in {time.monotonic() - began:.0f} s", flush=True)
        full = measured(caller, folder, seconds)
        tell("full", full)
    print(f"full / empty: p99 {full.p99_ms / empty.p99_ms:.2f}, a second {full.a_second / empty.a_second:.2f}, "
          f"processor {full.cpu_ms / empty.cpu_ms:.2f}")  # fmt: skip
    return verdict(caller, full)


def verdict(caller: Caller, full: Figures) -> int:
    missed = [f"{caller.fails} calls were not answered with 200"] if caller.fails else []
    if full.a_second < A_SECOND:
        missed.append(f"{full.a_second:.0f} a second, fewer than {A_SECOND}")
    if full.p99_ms > P99_MS:
        missed.append(f"p99 {full.p99_ms:.0f} ms at {A_SECOND} a second, more than {P99_MS:.0f}")
    print("\n".join(f"MISSED  {one}" for one in missed) or "All targets are met.")
    return 1 if missed else 0


def tell(name: str, figures: Figures) -> None:
    print(
        f"{name:6} at {A_SECOND} a second: p50 {figures.p50_ms:.1f} ms, p99 {figures.p99_ms:.1f} ms; "
        f"most {figures.a_second:.0f} a second; {figures.cpu_ms:.2f} ms of processor a call, "
        f"and {figures.caller_ms:.2f} ms to make it",
        flush=True,
    )


def measured(caller: Caller, folder: Path, seconds: float) -> Figures:
    took = asyncio.run(caller.even(seconds, A_SECOND))
    spent_s, own_s = cpu_s(folder), time.process_time()
    a_second = asyncio.run(caller.most(seconds))
    calls = a_second * seconds
    cpu_ms, caller_ms = (cpu_s(folder) - spent_s) * 1000 / calls, (time.process_time() - own_s) * 1000 / calls
    return Figures(took[len(took) // 2], took[int(len(took) * 0.99)], a_second, cpu_ms, caller_ms)


def cpu_s(folder: Path) -> float:
    """Return the processor time of everything that works for the portal here: web, PostgreSQL, Redis."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            command = (stat.parent / "cmdline").read_bytes()
            words = stat.read_text().rpartition(") ")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if str(folder).encode() in command or str(folder).encode() in _environment(stat.parent):
            ticks += int(words[11]) + int(words[12])
    return ticks / TICK_HZ


def _environment(process: Path) -> bytes:
    try:
        # PostgreSQL's processes write a title over their command line; what they all have is their folder.
        return (process / "environ").read_bytes() + os.readlink(process / "cwd").encode()
    except OSError:
        return b""


@contextmanager
def web(folder: Path) -> Iterator[Caller]:
    """Start the web processes as ./portal run does."""
    from door.run import answers, web_command

    port = free_port()
    settings = os.environ | {"PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with running(web_command(port), folder / "web.log", cwd=ROOT, env=settings) as process:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/healthz"), what="the portal", at_most_s=120)
        assert process.poll() is None
        yield Caller(port, "", count())


def make_clinic() -> str:
    """Make a clinic with RUNNING analyses under way; return the path the service calls."""
    from django.urls import reverse

    from accounts.models import Organization
    from analyses.models import ProviderAccount
    from subjects.models import Subject

    clinic = Organization.objects.create(name="Called clinic")
    account = ProviderAccount.objects.create(organization=clinic, kind="ochy", webhook_token="bench-token")
    Subject.objects.create(organization=clinic, name="Runner 1")
    write(RUNNING, status="running", remote_id=remote_id)
    return reverse("analyses:webhook", kwargs={"kind": account.kind, "token": account.webhook_token})


def fill(analyses: int) -> None:
    """Write so many finished analyses and as many earlier calls."""
    from django.utils import timezone

    from analyses.models import ProviderAccount, WebhookCall
    from coachportal.filling import Rows

    write(analyses, status="succeeded", remote_id=lambda number: f"old-{number}")
    account = ProviderAccount.objects.get()
    now = timezone.now()
    calls = Rows(WebhookCall)
    first = calls.first_key()
    calls.write(
        {
            "id": first + number,
            "organization_id": account.organization_id,
            "account_id": account.pk,
            "at": now - timedelta(minutes=number),
            "remote_id": f"old-{number}",
            "outcome": "asked",
        }
        for number in range(analyses)
    )


def write(amount: int, *, status: str, remote_id: Any) -> None:
    """Write so many films, each with an analysis."""
    from django.db import transaction
    from django.utils import timezone

    from analyses.models import Analysis, ProviderAccount
    from clips.models import Clip
    from coachportal.filling import Rows
    from subjects.models import Subject

    account, runner = ProviderAccount.objects.get(), Subject.objects.get()
    now = timezone.now()
    clips, rows = Rows(Clip), Rows(Analysis)
    first = max(clips.first_key(), rows.first_key())
    whose = {"organization_id": account.organization_id, "subject_id": runner.pk}
    facts = {"size_bytes": 1, "duration_s": 6.0, "fps": 60.0, "frame_count": 360, "width_px": 1080, "height_px": 1920}
    with transaction.atomic():
        clips.write(
            {
                "id": first + number,
                "folder": f"films/bench-{first + number}",
                "created_at": now,
                "status": "probed",
                "copy_status": "ready",
                **whose,
                **facts,
            }
            for number in range(amount)
        )
        rows.write(
            {
                "id": first + number,
                "clip_id": first + number,
                "account_id": account.pk,
                "view": "side_view",
                "height_m": 1.75,
                "weight_kg": 70.0,
                "ordered_at": now - timedelta(minutes=number),
                "status": status,
                "remote_id": remote_id(number),
                "due_at": now + timedelta(days=1),
                **whose,
            }
            for number in range(amount)
        )


if __name__ == "__main__":
    # What is left over by a signal ends with the servers' own `with` blocks.
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}\n{error.stderr}")

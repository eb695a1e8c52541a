"""./portal bench-uploads: how much memory twenty films of 30 MB take that come at once, and whether all arrive.

The portal's own web processes and three workers, on PostgreSQL, Redis and this machine's disk, so that every byte
passes through the web processes. Twenty browsers begin together; the workers make the copies meanwhile. Counted is what
the processes and all their children hold for themselves (PSS), at the highest and before: idle after a few
films, for a process that has just begun still lacks what it loads with its first request.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from door import ROOT
from storm.processes import family
from tests.services.servers import free_port, missing, postgresql, redis_server, running, wait_for

GROWS_AT_MOST_MB = 150.0
FILM_MB = 30
LOOK_EVERY_S = 0.2
WORKERS = 3
WARMED = 4  # films before the first look, so that both web processes have taken some
EMAIL, PASSWORD = "bench@example.com", "only for this measurement"
WIDTH, HEIGHT, FPS = 1080, 1920, 30


@dataclass
class Watch:
    """Looks at the memory of some processes until it is told to stop."""

    pids: list[int]
    highest_mb: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    def look(self) -> float:
        now_mb = sum(pss_mb(one) for pid in self.pids for one in family(pid))
        self.highest_mb = max(self.highest_mb, now_mb)
        return now_mb

    @contextmanager
    def all_the_time(self) -> Iterator[None]:
        def watch() -> None:
            while not self._stop.wait(LOOK_EVERY_S):
                self.look()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()


def pss_mb(pid: int) -> float:
    """Return what a process holds, shared pages by its share of them; 0 when it has ended."""
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", told, re.M)
    return int(found[1]) / 1024 if found else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="./portal bench-uploads", description=__doc__)
    parser.add_argument("--films", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=900, help="end after so long, whatever has arrived")
    options = parser.parse_args()
    if lacking := missing():
        print(f"Not installed: {', '.join(lacking)}", file=sys.stderr)
        return 1
    with ExitStack() as stack:
        made = stack.enter_context(tempfile.TemporaryDirectory(prefix="coachportal-bench-", ignore_cleanup_errors=True))
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "var").mkdir()
        port = free_port()
        os.environ |= {
            "DATABASE_URL": stack.enter_context(postgresql(folder / "postgresql")),
            "REDIS_URL": stack.enter_context(redis_server(folder / "redis")),
            "VAR": str(folder / "var"),
            "PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DEBUG": "0",
        }
        film = folder / "film.mp4"
        draw(film)
        print(f"each film {film.stat().st_size / 1e6:.1f} MB, {WIDTH} × {HEIGHT}", flush=True)
        return bench(stack, folder, film, options.films, options.seconds)


def draw(path: Path) -> None:
    """Write a film of noise, which nothing packs smaller, of about FILM_MB."""
    import av
    import numpy as np

    chance = np.random.default_rng(1)
    with av.open(str(path), "w") as film:
        stream = film.add_stream(
            "libx264", rate=FPS, options={"preset": "ultrafast", "tune": "zerolatency", "qp": "26"}
        )
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        written = largest = 0
        while written + 2 * largest < FILM_MB * 1e6:  # one more may be a little larger, and the index comes on top
            noise = chance.integers(0, 256, (HEIGHT * 3 // 2, WIDTH), dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(noise, format="yuv420p")):
                written += packet.size
                largest = max(largest, packet.size)
                film.mux(packet)
        film.mux(stream.encode())


def bench(stack: ExitStack, folder: Path, film: Path, films: int, seconds: float) -> int:
    """Send them all, wait for their copies, print what came of it; 1 when one is missing or too much was taken."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachportal.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from accounts import wall
    from accounts.models import Membership, Organization, User
    from clips.models import Clip

    wall.open_for("the bench counts the films")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    club = Organization.objects.create(name="Bench club")
    user = User.objects.create_user(EMAIL, PASSWORD, name="Bench")
    Membership.objects.create(organization=club, user=user, role=Membership.Role.ADMIN)
    watch = Watch(start(stack, folder))
    cookies = sign_in()
    send_at_once(cookies, film, WARMED)
    wait_for(lambda: not Clip.objects.filter(copy_status="pending").exists(), what="the first copies", at_most_s=120)
    first = list(Clip.objects.values_list("pk", flat=True))
    idle_mb = min(watch.look() for _ in range(5))
    watch.highest_mb = 0.0
    begun = time.monotonic()
    with watch.all_the_time():
        sent = send_at_once(cookies, film, films)
        arrived_s = time.monotonic() - begun
        clips = Clip.objects.exclude(pk__in=first)
        while clips.filter(copy_status="pending").exists() and time.monotonic() - begun < seconds:
            time.sleep(0.5)
    digest = hashlib.sha256(film.read_bytes()).hexdigest()
    whole = clips.filter(status="probed", sha256=digest).count()
    copied = clips.filter(copy_status="ready").count()
    grown_mb = watch.highest_mb - idle_mb
    print(f"{sent.count('')} of {films} were answered well, {whole} arrived whole after {arrived_s:.0f} s, "
          f"{copied} had their copy after {time.monotonic() - begun:.0f} s")  # fmt: skip
    print(f"idle {idle_mb:.0f} MB, highest {watch.highest_mb:.0f} MB, grown by {grown_mb:.0f} MB")
    missed = [problem for problem in sent if problem]
    missed += [f"{films - whole} did not arrive whole"] if whole < films else []
    missed += [f"{films - copied} have no copy"] if copied < films else []
    missed += [f"grown by {grown_mb:.0f} MB, more than {GROWS_AT_MOST_MB:.0f}"] if grown_mb > GROWS_AT_MOST_MB else []
    print("\n".join(f"MISSED  {one}" for one in missed) or "All targets are met.")
    return 1 if missed else 0


def start(stack: ExitStack, folder: Path) -> list[int]:
    """Start the web processes and the three workers as ./portal run does; return their ids."""
    from door.place import from_environment
    from door.run import answers, services

    place = from_environment()
    place.prepare_folders()
    pids = []
    for service in services(place, dict(os.environ)):
        if service.name == "web" or service.name.startswith("worker"):
            log = folder / f"{service.name}.log"
            pids.append(stack.enter_context(running(service.command, log, cwd=ROOT, env=dict(os.environ))).pid)
    wait_for(lambda: answers(f"{os.environ['PUBLIC_URL']}/healthz"), what="the portal", at_most_s=180)
    wait_for(workers_are_there, what="the workers", at_most_s=180)
    return pids


def workers_are_there() -> bool:
    import redis

    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        return client.scard("rq:workers") == WORKERS


def browser(cookies: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=os.environ["PUBLIC_URL"], cookies=cookies, timeout=600, trust_env=False)


def sign_in() -> dict[str, str]:
    with browser({}) as client:
        page = client.get("/accounts/login/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found is not None
        told = {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
        assert client.post("/accounts/login/", data=told).status_code == httpx.codes.FOUND
        assert client.get("/").status_code == httpx.codes.OK
        return dict(client.cookies)


def send_at_once(cookies: dict[str, str], film: Path, films: int) -> list[str]:
    """Send a film so many times at the same moment; return what went wrong with each."""
    with ThreadPoolExecutor(films) as browsers:
        return list(browsers.map(lambda number: send(cookies, film, number), range(films)))


def send(cookies: dict[str, str], film: Path, number: int) -> str:
    """Send one film as the page's script does; return what went wrong, empty when nothing did."""
    headers = {"X-CSRFToken": cookies["csrftoken"], "Referer": os.environ["PUBLIC_URL"]}
    asked = {"view": "side_view", "treadmill": "0"}
    claims = {
        "name": f"film-{number}.mp4",
        "size": str(film.stat().st_size),
        "width": str(WIDTH),
        "height": str(HEIGHT),
    }
    with browser(cookies) as client:
        begun = client.post("/films/begin/", data=claims | asked, headers=headers)
        if begun.status_code != httpx.codes.CREATED:
            return f"film {number} was not begun: {begun.status_code} {begun.text[:200]}"
        way = begun.json()
        with film.open("rb") as file:
            sent = client.post(way["own_url"], files={"file": (film.name, file)}, headers=headers)
        if sent.status_code != httpx.codes.NO_CONTENT:
            return f"film {number} was not taken: {sent.status_code} {sent.text[:200]}"
        done = client.post(way["finish_url"], data=asked, headers=headers)
        return "" if done.status_code == httpx.codes.OK else f"film {number}: {done.status_code} {done.text[:200]}"


if __name__ == "__main__":
    sys.exit(main())

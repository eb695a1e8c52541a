"""A portal of its own with a film that the engine really measured, for pictures of its pages and for timing them."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from door import ROOT
from door.run import web_command
from tests.services.servers import free_port, running, wait_for

if TYPE_CHECKING:
    from analyses.models import Analysis

PASSWORD = "only for these pictures"
HOW = ("--view", "side_view", "--treadmill")


@dataclass(frozen=True)
class Measured:
    """A drawn runner's film, the film the engine drew on, and its whole answer."""

    film: Path
    annotated: Path
    answer: Path


def measured(folder: Path) -> Measured:
    """Have the engine film and measure a drawn runner into `folder`, or take what lies there from an earlier time."""
    made = Measured(folder / "run.mp4", folder / "annotated.mp4", folder / "answer.json")
    if made.answer.exists():
        return made
    engine = [sys.executable, "-m", "engine"]
    film = ["film", str(made.film), *HOW, "--speed", "2.8", "--cadence", "164", "--fps", "60", "--seconds", "6"]
    subprocess.run([*engine, *film], cwd=ROOT, check=True, capture_output=True)
    read = ["measure", str(made.film), *HOW, "--pace", "5:57", "--json", "--raw", "--film", str(made.annotated)]
    answer = subprocess.run([*engine, *read], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    made.answer.write_bytes(answer)
    return made


def set_up(var: Path) -> None:
    """Make an empty portal with its data under `var`, for this process and for those it starts."""
    var.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "VAR": str(var),
        "DEBUG": "0",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "coachportal.settings",
    }
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    logging.disable(logging.WARNING)  # that an address answers no GET is asked of each, and no news
    from django.core.management import call_command

    from accounts import wall

    wall.open_for("pictures of every page")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def fill(made: Measured, *, runners: int, analyses: int) -> dict[str, Analysis]:
    """Fill an organisation; return its newest result and what goes with it: now, twin, before, failed, running."""
    from django.core.management import call_command

    from accounts.models import Organization
    from analyses.models import Analysis

    how = {"runners": runners, "analyses": analyses, "password": PASSWORD, "stdout": io.StringIO()}
    call_command("fill", str(made.answer), **how)
    organization = Organization.objects.get(name="Full clinic")
    rows = Analysis.objects.filter(organization=organization)
    newest = rows.filter(status="succeeded").order_by("-ordered_at")
    now = newest.filter(subject=newest.order_by("subject")[0].subject)[0]
    twin, before = newest.filter(subject=now.subject).exclude(pk=now.pk)[:2]
    running = newest.exclude(subject=now.subject)[0]
    rows.filter(pk=twin.pk).update(ordered_at=now.ordered_at - timedelta(minutes=1))
    rows.filter(pk=running.pk).update(status="running", percentage=45, reviewed_at=None)
    picked = {"now": now, "twin": twin, "before": before, "running": running, "failed": rows.filter(status="failed")[0]}
    for name in ("now", "twin", "before"):
        give_films(picked[name], made)
    for one in picked.values():
        one.refresh_from_db()
    return picked


def give_films(analysis: Analysis, made: Measured) -> None:
    """Lay the films and the key points where a result has them."""
    from analyses.models import Analysis, Result
    from clips import storage
    from clips.actions import make_review_copy, take_file

    clip = take_file(
        organization=analysis.organization, path=made.film, by=analysis.ordered_by, subject=analysis.subject
    )
    make_review_copy(clip=clip)
    Analysis.objects.filter(pk=analysis.pk).update(clip=clip)
    raw_key, film_key = f"results/{analysis.code}/raw.json", f"results/{analysis.code}/annotated.mp4"
    with made.annotated.open("rb") as film:
        storage.put(film_key, film)
    raw = json.loads(made.answer.read_text())["raw"]
    storage.put(raw_key, io.BytesIO(json.dumps(raw).encode()))
    Result.objects.filter(analysis=analysis).update(film_key=film_key, raw_key=raw_key)


@contextmanager
def serving(log: Path) -> Iterator[str]:
    """Serve the portal until the block ends, as `./portal run` does; give its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, *web_command(port)[1:]]

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    environment = {**os.environ, "PUBLIC_URL": address}
    with running(command, log, cwd=ROOT, env=environment):
        wait_for(answers, what="the portal")
        yield address

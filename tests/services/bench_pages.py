"""./portal bench-pages: how long the server takes for its pages when the tables are as full as after years of use.

On a PostgreSQL of its own, with the answer of a film that the engine really measured. Every page is asked for many
times, each time about another runner, as a signed-in coach and through all of the middleware; no network is in it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from tests.browser import house
from tests.services import servers

P95_MS, QUERIES, TIMES_EMPTY = 60.0, 12, 1.5
RESULT_JS_KB, OTHER_JS_KB = 60.0, 20.0
ASKED, WARMED = 60, 5
SAMPLE = 40  # runners and results that are looked at
# With so many each list, and what a search finds, fills its pages as it does with twenty times as many.
LISTED_RUNNERS, LISTED_ANALYSES = 500, 5_000
HEADING = (
    "| Page | p95 ms | median ms | CPU ms | with an empty database, p95 ms | times"
    " | with full lists, p95 ms | times | Queries |"
)
PASSWORD = "only for this measurement"


@dataclass(frozen=True)
class Pages:
    """How the addresses of each page are found; `hx` asks for a fragment, as the search does while one types."""

    name: str
    addresses: Callable[[], list[str]]
    hx: bool = False


@dataclass(frozen=True)
class Figures:
    p95_ms: float
    median_ms: float
    cpu_ms: float  # median of this process's own work: without the database, and whatever else the machine does
    queries: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="./portal bench-pages", description=__doc__)
    parser.add_argument("--runners", type=int, default=10_000)
    parser.add_argument("--analyses", type=int, default=100_000)
    parser.add_argument("--answer", type=Path, help="use this measured answer (JSON) instead of measuring a film first")
    options = parser.parse_args()
    if lacking := servers.missing():
        print(f"Not installed: {', '.join(lacking)}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="coachportal-bench-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)
        with servers.postgresql(folder / "postgresql") as url:
            (folder / "var").mkdir()
            os.environ |= {"DATABASE_URL": url, "VAR": str(folder / "var"), "LOG_LEVEL": "ERROR", "DEBUG": "0"}
            answer = options.answer or house.measured(folder).answer
            return bench(answer, options.runners, options.analyses)


def bench(answer: Path, runners: int, analyses: int) -> int:
    """Measure nearly empty, with full lists and full; print it all and say which targets are missed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachportal.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from accounts import wall

    wall.open_for("the bench looks at every page")
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    from coachportal.wsgi import settle

    settle()  # as every web process has by the time it answers, here with the bench's own code
    empty = measured("Small clinic", answer, 2, 8)
    listed = measured("Middle clinic", answer, LISTED_RUNNERS, LISTED_ANALYSES)
    full = measured("Full clinic", answer, runners, analyses)
    print(f"\n{HEADING}\n|{'---|' * (HEADING.count('|') - 1)}")
    missed = []
    for name, one in full.items():
        times, grown = one.p95_ms / empty[name].p95_ms, one.p95_ms / listed[name].p95_ms
        figures = [f"{ms:.1f}" for ms in (one.p95_ms, one.median_ms, one.cpu_ms, empty[name].p95_ms)]
        figures += [f"**{times:.2f}**" if times > TIMES_EMPTY else f"{times:.2f}"]
        figures += [f"{listed[name].p95_ms:.1f}", f"{grown:.2f}", str(one.queries)]
        print(f"| {' | '.join([name, *figures])} |")
        missed += [f"{name}: {one.p95_ms:.1f} ms, more than {P95_MS:.0f}"] if one.p95_ms > P95_MS else []
        missed += [f"{name}: {one.queries} queries, more than {QUERIES}"] if one.queries > QUERIES else []
        missed += [f"{name}: {times:.2f} × empty, more than {TIMES_EMPTY}"] if times > TIMES_EMPTY else []
    missed += scripts()
    print("\n" + ("\n".join(f"MISSED  {one}" for one in missed) or "All targets are met."))
    return 1 if missed else 0


def measured(clinic: str, answer: Path, runners: int, analyses: int) -> dict[str, Figures]:
    """Fill one more clinic and ask for its pages.

    It is filled by a process of its own: the one that answers is to be as a web process is, which never held all
    these rows.
    """
    from accounts.models import User

    for user in User.objects.all():  # every filling uses the same addresses for its people
        user.email = f"{user.pk}@earlier.example"
        user.save()
    size = ("--name", clinic, "--runners", str(runners), "--analyses", str(analyses), "--password", PASSWORD)
    subprocess.run([sys.executable, "manage.py", "fill", answer.resolve(), *size], cwd=house.ROOT, check=True)
    servers.settle()
    return {page.name: ask(page, clinic) for page in pages(clinic)}


def pages(clinic: str) -> list[Pages]:
    """The pages whose time has a target, with what each is about."""
    from django.urls import reverse

    from accounts.models import Organization
    from analyses.models import Analysis
    from subjects.models import Subject

    organization = Organization.objects.get(name=clinic)

    def runners() -> list[Subject]:
        rows = Subject.objects.filter(organization=organization).order_by("pk")
        step = max(1, rows.count() // SAMPLE)
        return list(rows[1::step][:SAMPLE])

    def results() -> list[Analysis]:
        rows = Analysis.objects.filter(
            organization=organization, status="succeeded", result__calculated__contains="house"
        )
        return list(rows.order_by("-pk")[:SAMPLE])

    def several() -> list[str]:
        first = Subject.objects.filter(organization=organization).order_by("pk")[0]
        return [reverse("subjects:detail", args=[first.code])]

    return [
        Pages("inbox", lambda: ["/", "/?show=new", "/?page=2"]),
        Pages("inbox, reviewed", lambda: ["/?show=reviewed"]),
        Pages("runners", lambda: ["/runners/", "/runners/?page=3", "/runners/?sort=recent"]),
        Pages("runners, search", lambda: [f"/runners/?q={one.name.split()[1]}" for one in runners()], hx=True),
        Pages("runner", lambda: [reverse("subjects:detail", args=[one.code]) for one in runners()]),
        Pages("runner with 500 films", several),
        Pages("result", lambda: [reverse("analyses:detail", args=[one.code]) for one in results()]),
        Pages("compare", lambda: [reverse("analyses:compare_newest", args=[one.code]) for one in results()]),
    ]


def ask(page: Pages, clinic: str) -> Figures:
    """Ask for the page again and again and return what it takes; any answer but a page ends the bench."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import Membership

    client = Client(SERVER_NAME="localhost", headers={"HX-Request": "true"} if page.hx else {})
    client.force_login(Membership.objects.get(organization__name=clinic, role="coach").user)
    # Where a page only leads on, as to the film that is compared with by itself, the one it leads to is measured.
    addresses = [client.get(one).headers.get("Location", one) for one in page.addresses()]

    def get(address: str) -> tuple[float, float]:
        began, worked = time.perf_counter(), time.process_time()
        answer = client.get(address)
        spent_ms, worked_ms = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        return spent_ms, worked_ms

    # The first look at a runner in a while is put on record; that is no part of showing the page.
    for address in addresses + addresses[:WARMED]:
        get(address)
    spent, worked = map(sorted, zip(*(get(address) for address in islice(cycle(addresses), ASKED)), strict=True))
    with CaptureQueriesContext(connection) as queries:
        client.get(addresses[0])
    return Figures(spent[int(ASKED * 0.95)], spent[ASKED // 2], worked[ASKED // 2], len(queries))


# ── scripts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def scripts() -> list[str]:
    """Weigh what each page loads, gzipped, and look for other hosts; print it and return what is too much."""
    from django.test import Client

    from accounts.models import Membership

    client = Client(SERVER_NAME="localhost")
    client.force_login(Membership.objects.get(organization__name="Full clinic", role="coach").user)
    looked_at = [(page.name, page.addresses()[0]) for page in pages("Full clinic")]
    looked_at += [(name, f"/{name}/") for name in ("upload", "reports")] + [("sign-in", "/accounts/login/")]
    missed = []
    print(f"\n{'page':28}{'JavaScript, gzipped':>20}")
    for name, address in looked_at:
        asker = Client(SERVER_NAME="localhost") if name == "sign-in" else client
        html = asker.get(address, follow=True).content.decode()
        foreign = re.findall(r"(?:src|href|action)=\"((?:https?:)?//[^\"]*)", html)
        size_kb = sum(path.stat().st_size for path in loaded(html)) / 1000
        print(f"{name:28}{size_kb:17.1f} kB", flush=True)
        most_kb = RESULT_JS_KB if name in ("result", "compare") else OTHER_JS_KB
        missed += [f"{name}: {size_kb:.1f} kB of JavaScript, more than {most_kb:.0f}"] if size_kb > most_kb else []
        missed += [f"{name}: loads from another host: {one}" for one in foreign]
    return missed


def loaded(html: str) -> Iterator[Path]:
    """Give the gzipped form of every script a page loads, and of what these import."""
    from django.conf import settings

    for path in scripts_of(html, lambda address: Path(settings.STATIC_ROOT) / address):
        packed = path.with_name(path.name + ".gz")
        # What is too small to gain from it is sent as it is.
        yield packed if packed.exists() else path


def scripts_of(html: str, find: Callable[[str], Path]) -> set[Path]:
    """Return every script a page loads, and what these import; `find` knows where one lies."""
    from django.conf import settings

    seen: set[Path] = set()
    wanted = [
        find(address.removeprefix(settings.STATIC_URL))
        for address in re.findall(r"<script[^>]* src=\"([^\"]+)\"", html)
    ]
    while wanted:
        path = wanted.pop()
        if path in seen:
            continue
        seen.add(path)
        imports = re.findall(r"(?:import|from)\s*[\"'](\.{1,2}/[^\"']+)[\"']", path.read_text())
        wanted += [(path.parent / one).resolve() for one in imports]
    return seen


if __name__ == "__main__":
    sys.exit(main())

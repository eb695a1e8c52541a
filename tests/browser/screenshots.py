"""./portal screenshots: every page, light and dark, on a phone and on a desktop, for people to look at.

A portal of its own with tables filled from an answer the engine really measured; pages are taken full, empty (an
organisation on its first day) and failing. Nothing here judges; looking does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.conftest import CHROMIUM, QUIET, SIZES
from tests.services.bench_pages import measured
from tests.services.servers import free_port, running, wait_for

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "only for these pictures"
SCHEMES = ("light", "dark")
ADDRESSES = """
from accounts.wall import open_for
open_for("pictures of every page")
from accounts.models import Organization
from analyses.models import Analysis
from subjects.models import Subject
full = Organization.objects.get(name="Full clinic")
runner = Subject.objects.filter(organization=full).order_by("pk")[0]
rows = Analysis.objects.filter(organization=full)
done = rows.filter(subject=runner, status="succeeded").first()
failed = rows.filter(status="failed").first()
under_way = rows.filter(status="succeeded").order_by("ordered_at").first()
Analysis.objects.filter(pk=under_way.pk).update(status="running", percentage=45, reviewed_at=None)
for name, address in (
    ("runner", f"/runners/{runner.code}/"), ("runner-numbers", f"/runners/{runner.code}/numbers/"),
    ("runner-edit", f"/runners/{runner.code}/edit/"), ("result", f"/analyses/{done.code}/"),
    ("compare", f"/analyses/{done.code}/compare/"), ("note", f"/analyses/{done.code}/note/?frame=12"),
    ("failed", f"/analyses/{failed.code}/"), ("running", f"/analyses/{under_way.code}/"),
):
    print("page", name, address)
"""
EVERYWHERE = {
    "inbox": "/",
    "inbox-reviewed": "/?show=reviewed",
    "runners": "/runners/",
    "runners-recent": "/runners/?sort=recent",
    "runners-none-match": "/runners/?q=zzzz",
    "runner-new": "/runners/new/",
    "groups": "/runners/groups/",
    "upload": "/upload/",
    "reports": "/reports/",
    "credits": "/credits/",
    "members": "/members/",
    "audit": "/members/audit/",
    "provider": "/settings/provider/",
}
OUTSIDE = {"sign-in": "/accounts/login/", "password-reset": "/accounts/password/reset/", "not-found": "/nowhere/"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./portal screenshots", description=__doc__)
    parser.add_argument("--into", type=Path, help="the folder for the pictures (VAR/screenshots)")
    parser.add_argument("--answer", type=Path, help="use this measured answer (JSON) instead of measuring a film first")
    parser.add_argument("--only", default="", help="only pages whose name has this in it")
    options = parser.parse_args()
    if CHROMIUM is None:
        print("Chromium is not installed. Debian, Ubuntu: apt-get install chromium", file=sys.stderr)
        return 1
    into = options.into or Path(os.environ.get("VAR", ROOT / "var")) / "screenshots"
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="coachportal-pictures-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        environment = {**os.environ, "VAR": str(folder / "var"), "DEBUG": "1", "LOG_LEVEL": "ERROR"}
        environment.pop("DATABASE_URL", None)
        (folder / "var").mkdir()
        about = fill(options.answer or measured(folder), environment)
        with server(environment, folder / "server.log") as address:
            wide = take(address, about, into, options.only)
    print(f"{len(list(into.glob('*.png')))} pictures in {into}")
    for name in wide:
        print(f"WIDER THAN THE SCREEN  {name}")
    return 1 if wide else 0


def fill(answer: Path, environment: dict[str, str]) -> dict[str, str]:
    """Make a full and an empty organisation; return the addresses of the pages that are about something."""

    def manage(*words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True, timeout=300
        ).stdout

    manage("migrate", "-v0")
    manage("fill", str(answer), "--runners", "60", "--analyses", "900", "--password", PASSWORD)
    manage("shell", "--command", EMPTY)
    said = [line.split() for line in manage("shell", "--command", ADDRESSES).splitlines()]
    return {words[1]: words[2] for words in said if words[:1] == ["page"]}


EMPTY = f"""
from accounts.actions import add_member
from accounts.models import Organization
from accounts.wall import open_for
open_for("an organisation on its first day")
first_day = Organization.objects.create(name="First day")
add_member(organization=first_day, email="admin@empty.example", name="Admin", role="admin", password="{PASSWORD}",
           by=None)
"""


@contextmanager
def server(environment: dict[str, str], log: Path) -> Iterator[str]:
    """Serve the portal until the block ends."""
    import urllib.error
    import urllib.request

    port = free_port()
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    command = [sys.executable, "manage.py", "runserver", "--noreload", str(port)]
    with running(command, log, cwd=ROOT, env=environment):
        wait_for(answers, what="the portal")
        yield address


def take(address: str, about: dict[str, str], into: Path, only: str) -> list[str]:
    """Take the pictures; return the names of those that are wider than their screen."""
    from playwright.sync_api import Browser, sync_playwright

    people = (
        ("", "", OUTSIDE),
        ("", "admin@full.example", EVERYWHERE | about),
        ("empty-", "admin@empty.example", EVERYWHERE),
    )
    wide: list[str] = []

    def pictures(browser: Browser, size: str, scheme: str) -> None:
        for prefix, person, addresses in people:
            wanted = {name: url for name, url in addresses.items() if only in prefix + name}
            if not wanted:
                continue
            context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, base_url=address)
            page = context.new_page()
            if person:
                page.goto("/accounts/login/")
                page.fill("[name=login]", person)
                page.fill("[name=password]", PASSWORD)
                page.keyboard.press("Enter")
                page.wait_for_selector(".shell")
            for name, url in wanted.items():
                page.goto(url)
                page.screenshot(path=into / f"{prefix}{name}-{size}-{scheme}.png", full_page=True)
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    wide.append(f"{prefix}{name}-{size}-{scheme}")
            context.close()

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for size in SIZES:
            for scheme in SCHEMES:
                pictures(browser, size, scheme)
        browser.close()
    return wide


if __name__ == "__main__":
    sys.exit(main())

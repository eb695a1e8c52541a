"""./portal screenshots: every page, light and dark, on a phone, a tablet and a desktop, for people to look at.

A portal of its own with tables filled from an answer the engine really measured; every address that is a page
(tests/browser/pages.py) is taken full, and empty for an organisation on its first day; the full ones on a phone in
German and in Japanese, and on a tablet in German, too. index.html shows all of them at once. What looking would miss is
judged by the browser and ends with 1: a page wider than its screen, words that are cut off, an error in the console, a
page that is not there.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from tests.browser import house
from tests.driving import CHROMIUM, CUT, QUIET, SIZES, session_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.pages import Page, Person

INDEX = """<!doctype html><meta charset="utf-8"><title>Every page</title>
<style>
  body {{ font: 14px sans-serif; margin: 1rem; background: #888 }}
  h2 {{ clear: both }} div {{ display: flex; flex-wrap: wrap; gap: 8px }}
  figure {{ margin: 0; width: {width}px }} figcaption {{ height: 2.6em; overflow-wrap: anywhere }}
  img {{ width: 100%; height: {height}px; object-fit: cover; object-position: top; display: block }}
</style>
<h2>{title}</h2><div>{figures}</div>"""


@dataclass(frozen=True)
class Way:
    """How a page is looked at: on which screen, by day or by night, in which language."""

    size: str
    scheme: str
    language: str = "en-GB"

    def __str__(self) -> str:
        return f"{self.size}-{self.scheme if self.language == 'en-GB' else self.language[:2]}"


SCREENS = SIZES | {"tablet": {"width": 768, "height": 1024}}
WAYS = [*(Way(size, scheme) for size in SIZES for scheme in ("light", "dark")), Way("tablet", "light")]
ABROAD = [*(Way("phone", "light", language) for language in ("de-DE", "ja-JP")), Way("tablet", "light", "de-DE")]


@dataclass
class Camera:
    """Takes the pictures and keeps what is wrong with them."""

    address: str
    into: Path
    only: str
    wrong: list[str] = field(default_factory=list)

    def take(self, browser: Browser, way: Way, session: str, pages: list[Page], prefix: str = "") -> None:
        """Take these pages as the one whose session it is, nobody's where it is empty."""
        context = browser.new_context(
            viewport=SCREENS[way.size], color_scheme=way.scheme, locale=way.language, base_url=self.address
        )
        if session:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": self.address}])
        page = context.new_page()
        name = ""
        page.on("pageerror", lambda error: self.wrong.append(f"{name}: {error}"))
        page.on("console", lambda said: self._hear(name, said))
        for one in pages:
            name = f"{prefix}{one.name}-{way}"
            if not re.search(self.only, name):
                continue
            answer = page.goto(one.url)
            page.screenshot(path=self.into / f"{name}.png", full_page=True)
            if answer.status != one.status:
                self.wrong.append(f"{name}: {one.url} answers {answer.status}")
            if page.url != self.address + one.url:
                self.wrong.append(f"{name}: {one.url} leads on to {page.url}")
            self.wrong += [f"{name}: {cut}" for cut in page.evaluate(CUT)]
        context.close()

    def _hear(self, name: str, said: Any) -> None:
        # A browser calls an answer of 404 an error, also the one that was asked for.
        if said.type == "error" and "Failed to load resource" not in said.text:
            self.wrong.append(f"{name}: {said.text}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./portal screenshots", description=__doc__)
    parser.add_argument("--into", type=Path, help="the folder for the pictures (VAR/screenshots)")
    parser.add_argument("--measured", type=Path, help="keep the measured film in this folder, or take it from there")
    parser.add_argument("--only", default="", help="only pictures in whose name this is found, such as upload|phone-de")
    options = parser.parse_args()
    if CHROMIUM is None:
        print("Chromium is not installed. Debian, Ubuntu: apt-get install chromium", file=sys.stderr)
        return 1
    into = options.into or Path(os.environ.get("VAR", house.ROOT / "var")) / "screenshots"
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="coachportal-pictures-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        house.set_up(folder / "var")
        pages, sessions = fill(options.measured or folder)
        with house.serving(folder / "server.log") as address:
            wrong = take(Camera(address, into, options.only), pages, sessions)
    index(into)
    print(f"{len(list(into.glob('*.png')))} pictures in {into}; {into / 'index.html'} shows them all")
    for one in wrong:
        print(f"WRONG  {one}")
    return 1 if wrong else 0


def fill(folder: Path) -> tuple[list[Page], dict[Person | None, str]]:
    """Make a full organisation and an empty one; return the pages of the full one, and everybody's session.

    None is the admin of the empty one.
    """
    from accounts.actions import add_member
    from accounts.models import Organization, User
    from tests.browser.pages import Person, every_page
    from tests.browser.rows import one_of_each, secure, signed_in

    def admin_of(organization: Organization, name: str, email: str) -> User:
        add_member(organization=organization, email=email, name=name, role="admin", password=house.PASSWORD, by=None)
        return User.objects.get(email=email)

    picked = house.fill(house.measured(folder), runners=60, analyses=900)
    full = picked["now"].organization
    admin = admin_of(full, "Ana Admin", "ana@full.example")
    secured = admin_of(full, "Sven Secured", "sven@full.example")
    empty = admin_of(Organization.objects.create(name="First day"), "Admin", "admin@empty.example")
    secure(secured)
    User.objects.filter(pk__in=[admin.pk, empty.pk]).update(is_staff=True)  # see what operators see, too
    running = picked.pop("running")
    pages = every_page(one_of_each(**picked, by=admin) | {"running": running})
    people = {Person.ADMIN: admin, Person.SECURED: secured, None: empty}
    return pages, {Person.NOBODY: "", **{who: session_of(signed_in(user)) for who, user in people.items()}}


def take(camera: Camera, pages: list[Page], sessions: dict[Person | None, str]) -> list[str]:
    """Take the pictures; return what is wrong with them."""
    from playwright.sync_api import sync_playwright

    from tests.browser.pages import Person

    on_first_day = [page for page in pages if page.person == Person.ADMIN and not page.is_about_a_row]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for way in [*WAYS, *ABROAD]:
            for person in Person:
                camera.take(browser, way, sessions[person], [page for page in pages if page.person == person])
            if way in WAYS:
                camera.take(browser, way, sessions[None], on_first_day, prefix="empty-")
        browser.close()
    return camera.wrong


def index(into: Path) -> None:
    """Write a page of all pictures for each way, and one that leads to them."""
    links = []
    for way in [*WAYS, *ABROAD]:
        figures = "".join(
            f'<figure><a href="{name}"><img src="{name}" loading="lazy" alt=""></a>'
            f"<figcaption>{html.escape(path.stem.removesuffix(f'-{way}'))}</figcaption></figure>"
            for path in sorted(into.glob(f"*-{way}.png"))
            for name in [html.escape(path.name)]
        )
        width, height = (195, 422) if way.size == "phone" else (320, 400)
        sheet = into / f"all-{way}.html"
        sheet.write_text(INDEX.format(title=way, figures=figures, width=width, height=height))
        links.append(f'<p><a href="{sheet.name}">{way}</a></p>')
    (into / "index.html").write_text(INDEX.format(title="Every page", figures="".join(links), width=0, height=0))


if __name__ == "__main__":
    sys.exit(main())

"""./portal bench-paint: how soon a browser shows the result page and the first picture of its film, and what moves.

A portal of its own, served as `./portal run` serves it, with a film that the engine really measured. The page is opened
as if for the first time, with nothing kept from before, on a phone's screen and on a desktop's; medians are printed. It
ends with 1 when a target is missed and names which.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from django.conf import settings

from tests.browser import house
from tests.driving import CHROMIUM, QUIET, SIZES, session_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TIMES = 5
LARGEST_MS, FILM_AFTER_PAGE_MS, SHIFT = 1000.0, 500.0, 0.02
# Begins with the document, so that nothing is missed; times are ms since the page was asked for.
WATCH = """
  window.seen = { page: 0, largest: 0, film: 0, shift: 0 };
  const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({ type, buffered: true });
  watch("paint", (entry) => { if (entry.name === "first-contentful-paint") seen.page = entry.startTime; });
  watch("largest-contentful-paint", (entry) => { seen.largest = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
  // As soon as it is there: a film that stands still shows its first picture once.
  new MutationObserver((_, observer) => {
    const video = document.querySelector("[data-player] video");
    if (!video) return;
    observer.disconnect();
    video.requestVideoFrameCallback((now) => { seen.film = now; });
  }).observe(document, { childList: true, subtree: true });
"""
# Given when both have come, and what moves in the second and a half after that.
SEEN = """() => new Promise((done) => {
  const ask = () => {
    if (seen.film && seen.largest) setTimeout(() => done(seen), 1500);
    else setTimeout(ask, 50);
  };
  ask();
})"""


@dataclass(frozen=True)
class Seen:
    """One opening of the page."""

    page_ms: float
    largest_ms: float
    film_after_page_ms: float
    shift: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="./portal bench-paint", description=__doc__)
    parser.add_argument("--measured", type=Path, help="keep the measured film in this folder, or take it from there")
    options = parser.parse_args()
    if CHROMIUM is None:
        print("Chromium is not installed. Debian, Ubuntu: apt-get install chromium", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="coachportal-paint-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        house.set_up(folder / "var")
        url, session = fill(options.measured or folder)
        with house.serving(folder / "server.log") as address:
            return tell({size: measure(size, address, url, session) for size in SIZES})


def fill(folder: Path) -> tuple[str, str]:
    """Return the address of a result, and the session of a coach who may see it."""
    from django.urls import reverse

    from tests.browser.rows import signed_in

    now = house.fill(house.measured(folder), runners=20, analyses=200)["now"]
    return reverse("analyses:detail", args=[now.code]), session_of(signed_in(now.ordered_by))


def measure(size: str, address: str, url: str, session: str) -> list[Seen]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        look(browser, size, address, url, session)  # the server's first answer takes longer than all later ones
        seen = [look(browser, size, address, url, session) for _ in range(TIMES)]
        browser.close()
    return seen


def look(browser: Browser, size: str, address: str, url: str, session: str) -> Seen:
    """Open the page in a window that has kept nothing."""
    context = browser.new_context(viewport=SIZES[size], has_touch=size == "phone", base_url=address)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(url)
    seen = page.evaluate(SEEN)
    context.close()
    return Seen(seen["page"], seen["largest"], seen["film"] - seen["page"], seen["shift"])


def tell(seen: dict[str, list[Seen]]) -> int:
    """Print the medians, then what is missed."""
    print(f"{'screen':10}{'page ms':>9}{'largest ms':>12}{'film after page ms':>20}{'shift':>8}")
    missed = []
    for size, times in seen.items():
        page_ms, largest_ms, film_ms, shift = (median(column) for column in zip(*map(astuple, times), strict=True))
        print(f"{size:10}{page_ms:9.0f}{largest_ms:12.0f}{film_ms:20.0f}{shift:8.3f}")
        missed += [f"{size}: largest paint after {largest_ms:.0f} ms"] if largest_ms > LARGEST_MS else []
        missed += [f"{size}: film {film_ms:.0f} ms after the page"] if film_ms > FILM_AFTER_PAGE_MS else []
        missed += [f"{size}: a layout shift of {shift:.3f}"] if shift > SHIFT else []
    print("\n" + ("\n".join(f"MISSED  {one}" for one in missed) or "All targets are met."))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

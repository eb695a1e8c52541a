"""A page in a real browser for a test whose rows are its own: signed in as somebody, in the browser's own thread."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 800}}
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"),
]
HANDS = [*SIZES, "keys"]  # a thumb, a mouse, and the keys alone on a desktop
MOST_TABS = 80  # through every control of the longest page of a journey
WAIT_MS = 120_000  # a busy machine is no fault of the page
AT_MOST_S = 600
MOST_SHIFTED = 0.02  # by the browser's own measure of layout shift
# What has moved on the page since it was opened; a browser tells it a moment later.
SHIFTED = """() => new Promise((done) => {
  let sum = 0;
  const add = (list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value; };
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 500);
})"""
# An answer whose address holds `window.slow` is read and kept back, until one of `window.held` lets it go.
HOLD = """window.held = [];
const read = Response.prototype.text;
Response.prototype.text = async function () {
  const words = await read.call(this);
  if (window.slow && this.url.includes(window.slow)) await new Promise((go) => window.held.push(go));
  return words;
};"""
# All rules are run; what they find right is neither collected nor sent over.
VIOLATIONS = 'axe.run({ resultTypes: ["violations"] }).then((found) => found.violations)'
# The words of what hides what does not fit, and how wide the page is. What is hidden from eyes for readers is 1 px; in
# a field one moves.
CUT = """() => {
  const cut = [];
  const name = (one) => one.localName + (one.id ? "#" + one.id : "") + [...one.classList].map((c) => "." + c).join("");
  for (const one of document.querySelectorAll("body *:not(input, select, textarea)")) {
    const hides = ["hidden", "clip"].includes(getComputedStyle(one).overflowX);
    const list = one.querySelector(":scope > .table.list"); // its lines' links run on beyond it, its words do not
    const needed = list ? list.offsetWidth : one.scrollWidth;
    if (!hides || one.clientWidth <= 1 || needed <= one.clientWidth + 1 || !one.checkVisibility()) continue;
    cut.push(`${name(one.parentElement)} > ${name(one)}: “${one.textContent.trim().slice(0, 60)}”`);
  }
  const wide = document.documentElement.scrollWidth;
  return wide > innerWidth ? [...cut, `the page is ${wide} px wide`] : cut;
}"""
# A label leads to the first of two fields that are called the same, whichever it stands beside.
TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  return ids.filter((id, place) => ids.indexOf(id) < place).map((id) => `two are called ${id}`);
}"""

# Safari zooms into a field of smaller letters as soon as a thumb is in it.
SMALL = """() => {
  const typed = "input:not([type=hidden], [type=checkbox], [type=radio], [type=range], [type=file]), select, textarea";
  const fields = matchMedia("(pointer: coarse)").matches ? [...document.querySelectorAll(typed)] : [];
  const small = fields.filter((one) => parseFloat(getComputedStyle(one).fontSize) < 16);
  return small.map((one) => `small letters in ${one.name}`);
}"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[ThreadPoolExecutor, Any]]:
    """A browser for all tests, and the thread it lives in: Playwright would keep Django off its rows in ours."""
    if CHROMIUM is None or not AXE.exists():
        pytest.skip("not installed: chromium" if CHROMIUM is None else "not installed: axe-core")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=WAIT_MS)
    with ThreadPoolExecutor(1) as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result(AT_MOST_S)
        browser = thread.submit(lambda: playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)).result(
            AT_MOST_S
        )
        yield thread, browser
        thread.submit(browser.close).result(AT_MOST_S)
        thread.submit(playwright.stop).result(AT_MOST_S)


def session_of(client: Any) -> str:
    """Return what the cookie of somebody's sign-in holds; nothing for nobody."""
    return client.cookies[settings.SESSION_COOKIE_NAME].value if client else ""


def open_pages(
    request: pytest.FixtureRequest, act: Callable[..., Any], *people: tuple[Any, str], at_most_s: float = AT_MOST_S
) -> Any:
    """Open one page for each of `people`, a signed-in client or None and a size; give them to `act`, return its answer.

    What goes wrong in a page's scripts fails the test.
    """
    thread, browser = request.getfixturevalue("chromium")
    # Asked for here and not above: the server must start after this test's own settings are made.
    address = request.getfixturevalue("live_server").url
    request.getfixturevalue("settings").PUBLIC_URL = address
    name = settings.SESSION_COOKIE_NAME
    cookies = [session_of(client) for client, _size in people]
    complaints: list[str] = []

    def in_thread() -> Any:
        pages = []
        for cookie, (_client, size) in zip(cookies, people, strict=True):
            context = browser.new_context(
                viewport=SIZES[size],
                base_url=address,
                has_touch=size == "phone",
                color_scheme="dark" if size == "phone" else "light",
                bypass_csp=True,  # for axe
            )
            if cookie:
                context.add_cookies([{"name": name, "value": cookie, "url": address}])
            page = context.new_page()
            page.set_default_timeout(WAIT_MS)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            pages.append(page)
        try:
            return act(*pages)
        finally:
            for context in browser.contexts:
                context.close()

    found = thread.submit(in_thread).result(timeout=at_most_s)
    assert complaints == []
    return found


def screen(kind: str) -> str:
    """Return the size of the screen that this kind of hand has before it."""
    return "desktop" if kind == "keys" else kind


class Hand:
    """Presses what a selector names, as its kind does, and counts."""

    def __init__(self, page, kind: str):
        self.page, self.kind, self.taps = page, kind, 0
        # Asked for only where it is waited for, the dialogue for files might be opened by the key before.
        page.on("filechooser", lambda chooser: None)

    def press(self, selector: str) -> None:
        self.taps += 1
        if self.kind == "keys":
            self.reach(selector)
            self.page.keyboard.press("Enter")
        elif self.kind == "phone":
            self.page.tap(selector)
        else:
            self.page.click(selector)

    def reach(self, selector: str) -> None:
        """Walk on with the tabulator until the focus is there."""
        for _ in range(MOST_TABS):
            if self.page.locator(selector).evaluate_all("all => all.includes(document.activeElement)"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no key leads to {selector}")

    def choose_film(self, path) -> None:
        """The one choice of a film; on a phone the camera's buttons come after it."""
        if self.kind == "keys":
            self.reach("[data-upload] [data-input]")
            with self.page.expect_file_chooser() as chooser:
                self.page.keyboard.press("Enter")
            chooser.value.set_files(str(path))
        else:
            self.page.set_input_files("[data-upload] [data-input]", str(path))
        self.taps += 1


class Held:
    """The questions to an address, held until they are let go."""

    def __init__(self, page, address):
        self.page = page
        self.asked = []
        self.holds = True
        page.route(address, lambda route: self.asked.append(route) if self.holds else route.continue_())

    def wait(self):
        while not self.asked:
            self.page.wait_for_timeout(50)

    def let_go(self):
        self.wait()
        self.holds = False
        for route in self.asked:
            route.continue_()


def faults(page) -> list[str]:
    """Return what keeps people out of a page: what axe finds, names given twice, words cut off, more than fits."""
    page.evaluate(AXE.read_text())
    found = [f"{one['id']}: {one['nodes'][0]['html']}" for one in page.evaluate(VIOLATIONS)]
    return [*found, *page.evaluate(TWICE), *page.evaluate(CUT), *page.evaluate(SMALL)]


def picture(page, name: str) -> None:
    """Take a picture into SCREENSHOTS, where that folder is named, for people to look at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

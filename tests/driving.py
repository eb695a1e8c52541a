"""A page in a real browser for a test whose rows are its own: signed in as somebody, in a thread of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = settings.BASE / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
WAIT_MS = 60_000  # a busy machine is no fault of the page


def open_pages(request: pytest.FixtureRequest, act: Callable[..., Any], *people: tuple[Any, str]) -> Any:
    """Open one page for each of `people`, a signed-in client or None and a size; give them to `act`, return its answer.

    What goes wrong in a page's scripts fails the test. A thread of its own, for Playwright would keep Django off its
    rows in ours.
    """
    if CHROMIUM is None or not AXE.exists():
        pytest.skip("not installed: chromium" if CHROMIUM is None else "not installed: axe-core")
    # Asked for here and not above: the server must start after this test's own settings are made.
    address = request.getfixturevalue("live_server").url
    request.getfixturevalue("settings").PUBLIC_URL = address
    name = settings.SESSION_COOKIE_NAME
    cookies = [client.cookies[name].value if client else "" for client, _size in people]
    complaints: list[str] = []

    def in_thread() -> Any:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            pages = []
            for cookie, (_client, size) in zip(cookies, people, strict=True):
                width, height = SIZES[size]
                context = browser.new_context(
                    viewport={"width": width, "height": height},
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
                browser.close()

    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(in_thread).result(timeout=300)
    assert complaints == []
    return found


def faults(page) -> list[str]:
    """Return what keeps people out of a page: what axe finds, and whether it is wider than the screen."""
    page.evaluate(AXE.read_text())
    found = [f"{one['id']}: {one['nodes'][0]['html']}" for one in page.evaluate("axe.run()")["violations"]]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return found + (["wider than the screen"] if wide else [])


def picture(page, name: str) -> None:
    """Take a picture into SCREENSHOTS, where that folder is named, for people to look at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

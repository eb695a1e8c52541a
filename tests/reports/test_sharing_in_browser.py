"""J4 on a phone: before and after to the runner by a link, in four taps from the result (product.md §2)."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.urls import reverse

from reports.models import ShareLink

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = settings.BASE / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 390, "height": 844}
TAPS_J4 = 4


@dataclass
class Seen:
    """What the coach did and the runner saw."""

    taps: int = 0
    films: int = 0
    text: str = ""
    width_px: int = 0
    cookies: list[dict] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


def test_before_and_after_reach_the_runner_in_four_taps(request, earlier, done, as_carol):
    if CHROMIUM is None or not AXE.exists():
        pytest.skip("not installed: chromium" if CHROMIUM is None else "not installed: axe-core")
    # Asked for here and not above: the server must start after this test's own settings are made.
    address = request.getfixturevalue("live_server").url
    request.getfixturevalue("settings").PUBLIC_URL = address
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": as_carol.cookies[settings.SESSION_COOKIE_NAME].value}
    # A thread of its own, for Playwright would keep Django off its rows in ours.
    with ThreadPoolExecutor(1) as thread:
        seen = thread.submit(_share, address, reverse("analyses:detail", args=[done.code]), cookie).result(timeout=120)
    assert seen.taps <= TAPS_J4
    assert seen.films == 2
    assert "Before, 3 Oct 2026" in seen.text
    assert "Now, 22 Nov 2026" in seen.text
    assert seen.width_px <= PHONE["width"]
    assert seen.cookies == []
    assert seen.violations == []
    assert ShareLink.objects.get().opened_count == 1


def _share(address: str, result: str, cookie: dict) -> Seen:
    from playwright.sync_api import sync_playwright

    seen = Seen()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "bypass_csp": True}
        coach = browser.new_context(**phone, base_url=address, permissions=["clipboard-read", "clipboard-write"])
        coach.add_cookies([{**cookie, "url": address}])
        page = coach.new_page()
        page.goto(result)
        for what in (
            "a:has-text('Share')",
            "label:has-text('Film of the earlier result')",
            "button:has-text('Make the link')",
            "[data-copy]",
        ):
            page.locator(what).first.tap()
            seen.taps += 1
        page.wait_for_selector("[data-copy] :text('Copied')")
        link = page.evaluate("navigator.clipboard.readText()")

        runner = browser.new_context(**phone)
        page = runner.new_page()
        page.goto(link)
        seen.films = page.locator("[data-film]").count()
        seen.text = page.inner_text("main")
        seen.width_px = page.evaluate("document.documentElement.scrollWidth")
        seen.cookies = runner.cookies()
        page.evaluate(AXE.read_text())
        seen.violations = [broken["id"] for broken in page.evaluate("axe.run()")["violations"]]
        browser.close()
    return seen

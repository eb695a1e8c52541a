"""J4 on a phone: before and after to the runner by a link, in four taps from the result (product.md §2)."""

from __future__ import annotations

import shutil

import pytest
from django.test import Client
from django.urls import reverse

from reports.models import ShareLink

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 390, "height": 844}
TAPS_J4 = 4


class Phone:
    """A phone's browser that counts the taps."""

    def __init__(self, page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: str) -> None:
        self.page.locator(what).first.tap()
        self.taps += 1


@pytest.fixture
def phone(live_server, carol, monkeypatch):
    if CHROMIUM is None:
        pytest.skip("not installed: chromium")
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    signed_in = Client()
    signed_in.force_login(carol)
    session = {"name": "sessionid", "value": signed_in.cookies["sessionid"].value, "url": live_server.url}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, base_url=live_server.url)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.add_cookies([session])
        yield Phone(context.new_page())
        context.close()
        browser.close()


def test_before_and_after_reach_the_runner_in_four_taps(phone, earlier, done, settings, live_server):
    settings.PUBLIC_URL = live_server.url
    phone.page.goto(reverse("analyses:detail", args=[done.code]))
    phone.tap("a:has-text('Share')")
    phone.tap("label:has-text('Film of the earlier result')")
    phone.tap("button:has-text('Make the link')")
    phone.tap("[data-copy]")
    assert phone.taps <= TAPS_J4
    phone.page.wait_for_selector("[data-copy] [data-said]:has-text('Copied')")

    address = phone.page.evaluate("navigator.clipboard.readText()")
    runner = phone.page.context.browser.new_context(viewport=PHONE, is_mobile=True)
    page = runner.new_page()
    page.goto(address)
    assert page.locator("[data-film]").count() == 2
    assert page.locator("text=Before, 3 Oct 2026").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert runner.cookies() == []
    runner.close()
    assert ShareLink.objects.get().opened_count == 1

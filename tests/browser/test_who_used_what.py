"""J9: who used how many credits this month, as CSV, in two taps from the inbox."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from credits import ledger
from credits.months import Month
from tests.browser.conftest import CHROMIUM, QUIET, SIZES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class Hand:
    """Taps on a page, and counts."""

    def __init__(self, page):
        self.page, self.taps = page, 0

    def tap(self, selector: str) -> None:
        self.taps += 1
        self.page.click(selector)


def fetch(address: str, cookie: dict, size: str) -> tuple[int, str, str]:
    """From the inbox to the table; return the taps, the file's name and what is in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(viewport=SIZES[size], base_url=address, has_touch=size == "phone")
        context.add_cookies([{**cookie, "url": address}])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto("/")
        hand = Hand(page)
        hand.tap("nav a[href='/credits/']:visible")
        with page.expect_download() as waiting:
            hand.tap("section:has(h2:has-text('Used this month')) a:has-text('CSV')")
        file = waiting.value
        text = Path(file.path()).read_text(encoding="utf-8-sig")
        browser.close()
    return hand.taps, file.suggested_filename, text


@pytest.mark.parametrize("size", SIZES)
def test_who_used_how_many_credits_this_month_is_two_taps_away(request, as_alice, alice, carol, organization, size):
    if CHROMIUM is None:
        pytest.skip("not installed: chromium")
    # Started here and not as an argument: the settings of this test stand by now.
    address = request.getfixturevalue("live_server").url
    ledger.give(organization=organization, amount=9, reason="Start", by=alice)
    for number in range(3):
        ledger.spend(organization=organization, amount=1, reference=f"analysis:{number}", by=carol)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": as_alice.cookies[name].value}
    # Playwright's loop would keep Django off the database in this thread.
    with ThreadPoolExecutor(1) as thread:
        taps, file_name, text = thread.submit(fetch, address, cookie, size).result(timeout=240)
    assert taps == 2
    month = str(Month.now())
    assert file_name == f"credits-used-{month}-by-person.csv"
    [row] = csv.DictReader(io.StringIO(text))
    assert row == {"month": month, "person": "Carol", "email": "carol@example.com", "orders": "3", "credits": "3"}

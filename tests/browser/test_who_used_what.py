"""Who used how many credits this month, as CSV, in two taps from the inbox."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from credits import ledger
from credits.months import Month
from tests.driving import SIZES, Hand, open_pages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TAPS = 2


@pytest.mark.parametrize("size", SIZES)
def test_who_used_how_many_credits_this_month_is_two_taps_away(request, as_alice, alice, carol, organization, size):
    ledger.give(organization=organization, amount=9, reason="Start", by=alice)
    for number in range(3):
        ledger.spend(organization=organization, amount=1, reference=f"analysis:{number}", by=carol)

    def fetch(page):
        page.goto("/")
        hand = Hand(page, size)
        hand.press("nav a[href='/credits/']:visible")
        with page.expect_download() as waiting:
            hand.press("section:has(h2:has-text('Used this month')) a:has-text('CSV')")
        file = waiting.value
        return hand.taps, file.suggested_filename, Path(file.path()).read_text(encoding="utf-8-sig")

    taps, file_name, text = open_pages(request, fetch, (as_alice, size))
    assert taps <= TAPS
    month = str(Month.now())
    assert file_name == f"credits-used-{month}-by-person.csv"
    [row] = csv.DictReader(io.StringIO(text))
    assert row == {"month": month, "person": "Carol", "email": "carol@example.com", "orders": "3", "credits": "3"}

"""Before and after to the runner by a link, in four taps from the result, on a phone and a desk."""

from __future__ import annotations

import pytest
from django.urls import reverse

from reports.models import ShareLink
from tests.driving import SIZES, Hand, faults, open_pages, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TAPS = 4


@pytest.mark.parametrize("size", SIZES)
def test_before_and_after_reach_the_runner_in_four_taps(request, earlier, done, as_carol, size):
    def share(coach, runner):
        coach.context.grant_permissions(["clipboard-read", "clipboard-write"])
        coach.goto(reverse("analyses:detail", args=[done.code]))
        hand = Hand(coach, size)
        hand.press("a:has-text('Share')")
        hand.press("label:has-text('Film of the earlier result')")
        hand.press("button:has-text('Make the link')")
        coach.wait_for_selector("[data-copy]")
        coach.wait_for_load_state()  # a tap before the script is there would go nowhere
        hand.press("[data-copy]")
        coach.wait_for_selector("[data-copy] :text('Copied')")
        runner.goto(coach.evaluate("navigator.clipboard.readText()"))
        picture(runner, f"shared-{size}")
        seen = {"films": runner.locator("[data-film]").count(), "text": runner.inner_text("main")}
        return hand.taps, seen, runner.context.cookies(), faults(runner)

    taps, seen, cookies, wrong = open_pages(request, share, (as_carol, size), (None, "phone"))
    assert taps <= TAPS
    assert seen["films"] == 2
    assert "Before, 3 Oct 2026" in seen["text"]
    assert "Now, 22 Nov 2026" in seen["text"]
    assert (cookies, wrong) == ([], [])
    assert ShareLink.objects.get().opened_count == 1


def test_a_link_is_copied_also_where_the_browser_gives_no_clipboard(request, done, as_carol):
    def share(coach):
        coach.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })")
        coach.goto(reverse("reports:share", args=[done.code]))
        coach.click("button:has-text('Make the link')")
        coach.wait_for_selector("[data-copy]")
        coach.wait_for_load_state()
        coach.focus("[data-copy]")
        coach.keyboard.press("Enter")
        coach.wait_for_selector("[data-copy]:focus :text('Copied')")
        coach.focus("[type=search]")
        coach.keyboard.press("Control+V")
        return coach.input_value("[type=search]"), coach.input_value("#address")

    pasted, address = open_pages(request, share, (as_carol, "desktop"))
    assert pasted == address

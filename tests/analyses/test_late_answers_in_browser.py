"""Answers that come late, in a real browser: what was asked for before the last question changes nothing."""

from __future__ import annotations

import pytest
from django.utils import timezone

from analyses.models import Analysis
from tests.driving import HOLD, open_pages

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHECKS = "[data-checks-of]"
# All that waits for the answer has run before the next turn of the clock.
LET_GO = "held.forEach((go) => go()); new Promise((done) => setTimeout(done))"


def test_a_line_just_reviewed_does_not_come_back(request, as_carol, order):
    first, second = order(), order()
    Analysis.objects.update(status="succeeded", total_score=0.6, finished_at=timezone.now())

    def act(page):
        page.add_init_script(HOLD)
        page.goto("/")
        page.evaluate("window.slow = '/'; document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_function("held.length === 1")
        page.evaluate("window.slow = ''")
        page.keyboard.press("j")
        page.keyboard.press("e")
        page.wait_for_function("document.querySelector('#filters .count').textContent === '1'")
        page.evaluate(LET_GO)
        return page.locator("[data-line]").evaluate_all("all => all.map((line) => line.dataset.line)")

    left = open_pages(request, act, (as_carol, "desktop"))
    assert left == [str(one.code) for one in (first, second) if not Analysis.objects.get(pk=one.pk).reviewed_at]
    assert len(left) == 1


def test_a_film_is_judged_for_the_view_that_was_chosen_last(request, as_carol, clip, runner, engine_account):
    def act(page):
        def choose(view):
            page.locator(f"input[name=view][value={view}]").check(force=True)

        def judged(view):
            with page.expect_response(lambda answer: f"view={view}" in answer.url):
                choose(view)
            page.wait_for_function(f"!document.querySelector('{CHECKS}').firstElementChild.old")
            return page.inner_text(CHECKS)

        page.add_init_script(HOLD)
        page.goto(f"/upload/?runner={runner.code}&clip={clip.code}&view=back_view")
        page.wait_for_selector(f"{CHECKS} li")
        page.evaluate("window.slow = 'view=side_view'")
        choose("side_view")
        page.wait_for_function("held.length === 1")
        page.evaluate(f"window.slow = ''; document.querySelector('{CHECKS}').firstElementChild.old = true")
        back = judged("back_view")
        page.evaluate(LET_GO)
        after = page.inner_text(CHECKS)
        page.evaluate(f"document.querySelector('{CHECKS}').firstElementChild.old = true")
        return back, after, judged("side_view")

    back, after, side = open_pages(request, act, (as_carol, "desktop"))
    assert after == back
    assert side != back

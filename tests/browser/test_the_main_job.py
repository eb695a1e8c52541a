"""The main job in a browser: a film of a new runner goes in, and the result page opens by itself."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.studio import CADENCE_SPM, PACE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MEASURED_WITHIN_MS = 240_000
RUNNER = "Runner of the main job"


@pytest.fixture(scope="module")
def results():
    """Addresses of result pages: a film is measured on one size of screen, and looked at on each."""
    return []


@pytest.fixture(scope="module")
def measured(page, studio_film, results):
    """Order the film of a new runner and wait for the result page; return its address."""
    if results:
        return results[0]
    page.goto("/upload/")
    page.set_input_files("[data-upload] [data-input]", str(studio_film))
    page.wait_for_selector("input[name=clip]", state="attached")
    page.click("label:has-text('Treadmill')")
    page.fill("input[name=pace]", PACE)
    page.fill(".runner-find input", RUNNER)
    page.click(f"#runner-choices label:has-text('{RUNNER}')")
    page.click("[data-send]")
    page.wait_for_selector("#status")
    page.wait_for_selector("[data-player]", timeout=MEASURED_WITHIN_MS)
    results.append(page.url)
    return page.url


def test_a_film_goes_in_and_the_result_page_opens_by_itself(page, measured):
    page.goto(measured)
    cadence = page.inner_text("tr:has(th:text-is('Cadence')) td.m")
    assert abs(float(cadence.split()[0]) - CADENCE_SPM) <= 1
    assert page.locator("article.part").count() == 6
    assert page.locator("ol.step-list li").count() >= 12


def test_the_annotated_film_plays_and_steps_by_one_frame(page, measured):
    page.goto(measured)
    page.wait_for_function("document.querySelector('[data-player] video').readyState >= 2")
    duration = page.evaluate("document.querySelector('[data-player] video').duration")
    assert abs(duration - 6) < 0.2
    before = page.evaluate("document.querySelector('[data-player] video').currentTime")
    page.click("[data-player] [data-step='1']")
    page.wait_for_function("before => document.querySelector('[data-player] video').currentTime > before", arg=before)
    stepped = page.evaluate("document.querySelector('[data-player] video').currentTime") - before
    assert stepped == pytest.approx(1 / 30, abs=0.02)


def test_the_new_runner_has_a_history_with_the_result(page, measured):
    page.goto("/runners/")
    page.click(f"a:has-text('{RUNNER}')")
    page.click(f"a[href^='{urlsplit(measured).path}']:visible >> nth=0")
    page.wait_for_selector("[data-player]")


def test_what_was_chosen_by_hand_is_not_undone_by_the_runner_s_last_film(page, measured):
    page.goto("/upload/")
    page.click(f"#runner-choices label:has-text('{RUNNER}')")
    assert page.input_value("input[name=pace]") == "5:57"

    page.goto("/upload/")
    page.click("label:has-text('Back view')")
    page.click("label:has-text('Treadmill')")
    page.fill("input[name=pace]", "5:30")
    page.click(f"#runner-choices label:has-text('{RUNNER}')")
    assert page.input_value("input[name=pace]") == "5:30"
    assert page.is_checked("input[name=view][value=back_view]")

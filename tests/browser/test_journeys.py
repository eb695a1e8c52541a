"""The journeys of a coach in the taps they may take, by a thumb on a phone, by a mouse, and by the keys alone.

A tap is one deliberate choice; the camera's own buttons and what a page does by itself are none. Other journeys are
walked in the rooms they are about.
"""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.urls import reverse

from analyses.models import Analysis
from clips import storage
from clips.models import Clip
from reports.models import Report
from tests.analyses import made_answer
from tests.analyses.finished import finish, give_answer
from tests.clips.films import write_film
from tests.driving import AT_MOST_S, HANDS, MOST_SHIFTED, SHIFTED, SIZES, Hand, screen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TAPS = {"result": 3, "report": 5, "frames": 1}
DAYS = 50  # since the first of October of the day a retest is finished, for `finish`


@pytest.mark.parametrize("kind", HANDS)
def test_a_clip_becomes_a_result_in_three_taps_and_a_retest_says_first_what_it_is_worth(
    drive, order, runner, tmp_path, kind
):
    """Both are one way: the second film of a runner is the retest of the first."""
    finish(order(), day=2, score=0.6)
    film = write_film(tmp_path / "run.mp4", seconds=2, fps=60, size=(480, 640))
    ordered = threading.Event()

    def journey(page):
        page.goto(reverse("subjects:detail", args=[runner.code]))
        hand = Hand(page, kind)
        hand.press(f"a.btn.primary[href*='runner={runner.code}']")
        page.wait_for_selector("[data-upload]")
        hand.choose_film(film)
        page.wait_for_selector("input[name=clip]", state="attached")
        hand.press("[data-send]")
        page.wait_for_selector("#status")
        ordered.set()
        page.wait_for_selector(".summary .n")
        first = page.inner_text(".summary .since")
        return hand.taps, " ".join(first.split()), page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    with ThreadPoolExecutor(1) as thread:
        walking = thread.submit(drive, screen(kind), journey)
        assert ordered.wait(AT_MOST_S), walking.exception(timeout=AT_MOST_S)
        retest = Analysis.objects.get(status="queued")
        # What was typed for the first film is remembered: nobody said it again.
        assert (retest.subject, retest.view, retest.treadmill, retest.pace_s_per_km) == (runner, "side_view", True, 360)
        finish(retest, day=DAYS, score=0.7)
        taps, first, fits = walking.result(timeout=AT_MOST_S)
    assert taps <= TAPS["result"]
    assert first == "▲ +10 since 3 Oct · real change"
    assert fits


@pytest.mark.parametrize("kind", SIZES)
def test_both_views_of_a_visit_become_one_report_in_five_taps(drive, order, kind):
    side, behind = order(), order(view="back_view", ticked=True)
    for one in (side, behind):
        give_answer(one, {}, {"total_score": 0.6, "analysis_content": {}})

    def journey(page):
        page.goto("/")
        hand = Hand(page, kind)
        hand.press(f"[data-line='{side.code}'] a.row-link")
        hand.press(f"a[href='{reverse('reports:new', args=[side.code])}']")
        hand.press("button:has-text('Make the PDF')")
        with page.expect_download() as download:
            hand.press("a:has-text('Download the PDF')")
        with open(download.value.path(), "rb") as file:
            return hand.taps, file.read(5)

    taps, begins = drive(kind, journey)
    assert taps <= TAPS["report"]
    assert begins == b"%PDF-"
    report = Report.objects.get()
    assert {report.analysis, report.other_view} == {side, behind}


@pytest.mark.parametrize("kind", HANDS)
def test_a_number_leads_to_its_frames_in_one_tap(drive, order, tmp_path, kind):
    analysis = order()
    film = write_film(tmp_path / "annotated.mp4", seconds=3.4, fps=30, size=(240, 320))
    storage.put("made/annotated.mp4", io.BytesIO(film.read_bytes()))
    Clip.objects.update(fps=30, duration_s=3.4, frame_count=102, width_px=240, height_px=320)
    give_answer(analysis, made_answer.calculated(), made_answer.results(), film_key="made/annotated.mp4")

    def journey(page):
        page.goto(reverse("analyses:detail", args=[analysis.code]))
        page.wait_for_function("document.querySelector('[data-player] video').readyState >= 2")
        shifted = page.evaluate(SHIFTED)
        hand = Hand(page, kind)
        hand.press("#row-overstride_deg td.m a.frames")
        page.wait_for_selector("#steps[data-about=overstride_deg]")
        # The first step strikes at 0.2 s: the sixth picture, whose middle is shown.
        page.wait_for_function("Math.abs(document.querySelector('[data-player] video').currentTime - 6.5 / 30) < 1e-3")
        film = page.evaluate("document.querySelector('[data-player]').getBoundingClientRect().toJSON()")
        return hand.taps, shifted, film["top"], film["bottom"], page.evaluate("innerHeight")

    taps, shifted, top, bottom, height = drive(screen(kind), journey)
    assert taps == TAPS["frames"]
    assert shifted <= MOST_SHIFTED  # nothing jumps away under the thumb while the film comes
    assert top >= -1  # the film is on the screen, whole
    assert bottom <= height + 40

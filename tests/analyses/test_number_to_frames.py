"""From a number to the steps it came from, and what happens when one of them is left out."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone

from analyses import actions
from analyses.landmarks import compact
from analyses.models import Analysis, Correction, Measurement, Result
from clips import storage
from providers.ochy import wire
from tests.analyses import made_answer
from tests.driving import open_pages
from tests.reading import text_of

OUTLIER = 8


@pytest.fixture
def measured(order, organization):
    analysis = order()
    Analysis.objects.filter(pk=analysis.pk).update(status="succeeded", finished_at=timezone.now())
    storage.put("results/raw.json", io.BytesIO(json.dumps(made_answer.raw()).encode()))
    Result.objects.create(
        organization=organization,
        analysis=analysis,
        results=json.dumps(made_answer.results()),
        calculated=json.dumps(made_answer.calculated()),
        raw_key="results/raw.json",
    )
    analysis.refresh_from_db()
    actions.read_again(analysis=analysis)
    return analysis


def at(analysis, name="detail", *more) -> str:
    return reverse(f"analyses:{name}", args=[analysis.code, *more])


def value(analysis, key, side="") -> float:
    return Measurement.objects.get(analysis=analysis, key=key, side=side, phase="").value


# ── number to frames ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_leads_to_where_the_film_shows_it(as_bob, measured):
    page = as_bob.get(at(measured)).content.decode()
    row = page[page.index('id="row-overstride_deg"') :].split("</tr>")[0]
    links = re.findall(r'href="\?about=overstride_deg#steps"[^>]*data-seek="([\d.]+)"', row)
    assert links == ["0.2", "0.56", "0.2"]  # left first strikes, then right; the mean leads to the first of both


def test_a_number_shows_the_steps_it_came_from(as_bob, measured):
    page = as_bob.get(at(measured), {"about": "trunk_lean_deg"}, headers={"HX-Target": "steps"})
    assert text_of(page).startswith("Trunk lean 4.5 ± ")
    assert "<html" not in page.content.decode()
    moments = re.findall(r'data-seek="([\d.]+)" data-until="([\d.]+)"', page.content.decode())
    assert len(moments) == 8
    assert moments[0] == ("0.2", "0.92")


def test_what_is_counted_from_strikes_leads_to_each_of_them(as_bob, measured):
    page = as_bob.get(at(measured), {"about": "cadence_spm"}, headers={"HX-Target": "steps"}).content.decode()
    assert page.count("167\xa0<small>") == 7  # 60 / 0.36 s; no step follows the last
    assert page.count("data-seek") == 8


def test_a_measure_that_is_none_shows_the_steps_alone(as_bob, measured):
    page = as_bob.get(at(measured), {"about": "<script>"}, headers={"HX-Target": "steps"})
    assert text_of(page).startswith("Steps press one and the film goes there")


def test_the_scripts_of_the_result_are_small_and_all_from_here(as_bob, measured):
    page = as_bob.get(at(measured)).content.decode()
    sources = re.findall(r'<script[^>]* src="([^"]+)"', page)
    assert len(sources) > 5
    assert all(source.startswith("/static/") for source in sources)
    files = [Path(finders.find(source.removeprefix("/static/"))) for source in sources]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 60 * 1024


# ── leaving a step out ──────────────────────────────────────────────────────────────────────────────────────────────


def leave_out(client, analysis, step=OUTLIER, why="hidden"):
    return client.post(at(analysis, "leave_out", step), {"why": why, "about": "overstride_deg"})


def test_a_step_is_left_out_and_everything_follows(as_carol, measured, carol):
    assert value(measured, "overstride_deg") == pytest.approx(23.75)
    answer = leave_out(as_carol, measured)
    assert answer["Location"] == at(measured) + "?about=overstride_deg#steps"
    measured.refresh_from_db()
    assert value(measured, "overstride_deg") == pytest.approx(22.5)
    assert measured.total_score == pytest.approx(1.0, abs=0.001)
    kept = Correction.objects.get()
    assert (kept.step, kept.side, kept.why, kept.by) == (OUTLIER, "right", "hidden", carol)
    page = text_of(as_carol.get(at(measured)))
    assert re.search(r"Step 8 was left out by Carol on [^:]+ 20\d\d: Badly seen\.", page)
    assert "The numbers are those of the other steps. The answer as received is kept." in page
    assert "These could not follow, because they are told for the whole film only: Cadence, Power." in page
    assert "Curves, joint angles and running style are of all steps." in page
    assert "Overstride: 24 ± 5°" not in page


def test_the_answer_as_received_stays_untouched(as_carol, measured):
    before = (measured.result.results, measured.result.calculated)
    leave_out(as_carol, measured)
    measured.result.refresh_from_db()
    assert (measured.result.results, measured.result.calculated) == before


def test_a_step_is_put_back_and_it_is_known_who_did(as_carol, as_alice, measured, alice):
    leave_out(as_carol, measured)
    as_alice.post(at(measured, "put_back", OUTLIER))
    measured.refresh_from_db()
    assert value(measured, "overstride_deg") == pytest.approx(23.75)
    assert measured.total_score == made_answer.results()["total_score"]
    assert Correction.objects.get().put_back_by == alice
    assert "left out" not in text_of(as_alice.get(at(measured)))
    leave_out(as_carol, measured)
    assert Correction.objects.standing().count() == 1


def test_left_out_twice_is_left_out_once(as_carol, measured):
    leave_out(as_carol, measured)
    leave_out(as_carol, measured, why="other")
    assert [row.why for row in Correction.objects.all()] == ["hidden"]


def test_four_steps_stay(as_carol, measured):
    for step in (1, 2, 3, 4):
        leave_out(as_carol, measured, step)
    leave_out(as_carol, measured, 5)
    assert Correction.objects.count() == 4
    assert "Four steps must stay: fewer give no mean worth telling." in text_of(as_carol.get(at(measured)))


def test_a_step_that_is_not_there_is_refused_in_words(as_carol, measured):
    leave_out(as_carol, measured, 99)
    assert "This step has no numbers that could be left out." in text_of(as_carol.get(at(measured)))
    assert as_carol.get(at(measured, "leave_out", 99)).status_code == 404


def test_why_is_asked_for(as_carol, measured):
    asked = text_of(as_carol.get(at(measured, "leave_out", OUTLIER)))
    assert "Leave step 8 out · right" in asked
    assert "Badly seen Marked at the wrong moment Not a usual step Another reason" in asked
    assert leave_out(as_carol, measured, why="").status_code == 422
    assert not Correction.objects.exists()


def test_a_reader_sees_what_was_left_out_and_changes_nothing(as_bob, as_carol, measured):
    leave_out(as_carol, measured)
    page = as_bob.get(at(measured)).content.decode()
    assert "was left out by Carol" in page
    assert "Put it back" not in page
    assert "leave-out/" not in page
    assert as_bob.get(at(measured, "leave_out", 1)).status_code == 403


# ── key points ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_key_points_come_small_and_packed(as_bob, measured):
    answer = as_bob.get(at(measured, "landmarks"), headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert "private" in answer["Cache-Control"]
    told = json.loads(gzip.decompress(answer.content))
    assert told["joints"] == ["left_ankle", "left_knee"]
    assert told["pictures"][5] == [105, 300, 110, 200]
    assert told["times"][30] == 1.0
    assert (told["width"], told["height"]) == (200, 400)


def test_key_points_that_are_not_there_are_not_found(as_bob, measured):
    storage.delete("results/raw.json")
    assert as_bob.get(at(measured, "landmarks")).status_code == 404


def test_a_picture_without_points_keeps_its_place():
    raw = {"video_input_information": {"fps": 25}, "frames": {"2": {"left_knee": {"x": 1, "y": 2}}}}
    told = compact(wire.parse_raw(raw))
    assert told["pictures"] == [[None, None], [None, None], [1, 2]]
    assert told["times"] == [0.0, 0.04, 0.08]


def test_times_that_do_not_rise_are_not_believed():
    raw = {"frames": [{"nose": {"x": 1, "y": 2}}] * 3, "times_s": [0, 0.2, 0.1]}
    assert compact(wire.parse_raw(raw))["times"] == []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_dialog_opens_with_its_answer_and_its_link_leads_on_where_none_comes(request, as_carol, measured):
    def ask(page):
        page.goto(at(measured))
        page.locator(".leave").nth(1).click()
        page.wait_for_selector("dialog[open] button:has-text('Leave it out')")
        page.click("#leave-out [data-close]")
        page.route("**/leave-out/", lambda route: route.abort(), times=1)
        page.locator(".leave").first.click()
        page.wait_for_url("**/steps/*/leave-out/")
        return page.inner_text("h1")

    assert "Leave step" in open_pages(request, ask, (as_carol, "phone"))

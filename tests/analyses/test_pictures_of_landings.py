"""A worker cuts a picture of every landing out of the film; the page shows them once they are there."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from botocore.exceptions import ClientError
from django.db import connection
from django.utils import timezone
from PIL import Image

from analyses import jobs
from analyses.actions import landings as making
from analyses.landings import PART_PX
from analyses.models import Analysis, Correction, Result
from clips import storage
from clips.models import Clip
from clips.probe import CopyBroke, NotAFilm
from clips.row import row
from tests.analyses.asking import page
from tests.analyses.finished import give_answer
from tests.clips.films import write_film

pytestmark = pytest.mark.django_db

FPS, SECONDS, FILM = 60, 1.0, (64, 48)
LANDINGS = {10.4: 10, 16.6: 17, 42.0: 42}  # between which pictures the foot lands: the nearest one
SHOWN_FROM_X, SHOWN_PX = 8, 48  # of the film's columns, as the legs below stand


@pytest.fixture
def calls(monkeypatch):
    """Cut in this process; kept is of which film."""
    made = []

    def cut(spec, picture):
        made.append(json.loads(spec.read_text())["film"])
        row(spec, picture)

    monkeypatch.setattr(making, "cut_row", cut)
    return made


@pytest.fixture
def hints(monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "send_hint", lambda step, *, queue, **row: sent.append((step.__name__, queue)) or True)
    return sent


@pytest.fixture
def landed(order, clip, tmp_path):
    """A result with three landings, and one of which no moment is told."""
    with write_film(tmp_path / "run.mp4", seconds=SECONDS, fps=FPS, size=FILM).open("rb") as film:
        storage.put(clip.original_key, film)
    Clip.objects.filter(pk=clip.pk).update(width_px=FILM[0], height_px=FILM[1], fps=FPS, duration_s=SECONDS)
    steps = [
        {"step": number, "foot": ("right", "left")[number % 2], "strike_s": at / FPS, "landing": "rearfoot"}
        | {"readings": {"overstride_deg": [20.0 + number, at / FPS]}}
        for number, at in enumerate(LANDINGS, start=1)
    ]
    steps.append({"step": 4, "foot": "right", "landing": "midfoot"})
    analysis = give_answer(order(), {"metrics": {}, "house": {"steps": steps}}, {"total_score": 0.7})
    leg = {
        f"{side}_{part}": {"x": 32, "y": y} for side in ("left", "right") for part, y in (("knee", 20), ("ankle", 44))
    }
    heels = {f"{side}_heel": {"x": 30, "y": 44} for side in ("left", "right")}
    raw = {
        "video_input_information": {"width": FILM[0], "height": FILM[1], "fps": FPS},
        "frames": {str(at): leg | heels for at in range(round(SECONDS * FPS))},
    }
    storage.put(analysis.result.raw_key, io.BytesIO(json.dumps(raw).encode()))
    return Analysis.objects.get(pk=analysis.pk)


def run_job(analysis) -> Result:
    jobs.picture_landings(analysis_id=analysis.pk)
    return Result.objects.get(analysis=analysis)


def files() -> list[str]:
    return [key for key in storage.every_key("results/") if "landings" in key]


def polled(client, analysis):
    return client.get(page(analysis), headers={"HX-Request": "true", "HX-Target": "step-list"})


def test_each_part_shows_the_picture_in_which_the_foot_landed(landed, calls):
    result = run_job(landed)
    assert result.landings_of == [1, 2, 3]
    with storage.open_file(result.landings_key) as file:
        strip = np.asarray(Image.open(file).convert("RGB"))
    assert strip.shape == (PART_PX[1], 3 * PART_PX[0], 3)
    for place, number in enumerate(LANDINGS.values()):
        part = strip[:, place * PART_PX[0] :][:, : PART_PX[0]]
        light = np.flatnonzero(part[14:26].mean(axis=(0, 2)) > 180)
        square = SHOWN_FROM_X + light[0] / PART_PX[0] * SHOWN_PX
        assert square == pytest.approx(2 * number % (FILM[0] - 8), abs=0.6)  # a picture is two columns


def test_the_page_leaves_room_until_they_are_there_and_shows_them_then(landed, calls, hints, as_bob):
    waits = as_bob.get(page(landed)).content.decode()
    assert hints == [("picture_landings", "films")]
    assert 'hx-trigger="every 3s"' in waits
    assert waits.count('<svg class="landing"') == 4
    assert "<use" not in waits
    assert polled(as_bob, landed).status_code == 204
    run_job(landed)
    shown = polled(as_bob, landed).content.decode()
    assert "hx-trigger" not in shown
    assert re.findall(r'viewBox="(\d+) 0 176 154"><use', shown) == ["0", "176", "352"]
    assert shown.count('<svg class="landing"') == 4  # no picture of the fourth, but its room
    assert f'width="{3 * PART_PX[0]}" height="{PART_PX[1]}"' in shown
    (link,) = re.findall(r'<image id="landings" data-src="([^"]+)"', shown)
    answer = as_bob.get(link)
    assert answer["Content-Type"] == "image/webp"
    assert b"".join(answer.streaming_content)[8:12] == b"WEBP"


def test_a_number_s_steps_have_their_pictures_too_and_one_left_out_keeps_it(landed, calls, alice, as_bob):
    run_job(landed)
    Correction.objects.create(organization=landed.organization, analysis=landed, step=2, why="hidden", by=alice)
    steps = as_bob.get(f"{page(landed)}?about=overstride_deg", headers={"HX-Target": "steps"}).content.decode()
    assert steps.count("<use") == 3
    out = steps[steps.index('<li class="out">') :].split("</li>")[0]
    assert 'viewBox="176 0' in out


def test_a_worker_of_before_that_knows_no_landings_still_writes_a_result(landed, order):
    known = [one.column for one in Result._meta.concrete_fields if not one.column.startswith("landings_")]
    own = {"id": landed.result.pk + 1, "analysis_id": order().pk, "code": f"'{uuid4().hex}'"}
    columns, values = ", ".join(known), ", ".join(str(own.get(column, column)) for column in known)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO analyses_result ({columns}) SELECT {values} FROM analyses_result")
    written = Result.objects.get(pk=landed.result.pk + 1)
    assert (written.landings_key, written.landings_of, written.landings_tries) == ("", [], 0)


def test_a_result_brings_its_pictures_with_it(landed, hints, service):
    Analysis.objects.filter(pk=landed.pk).update(status="running", remote_id="there")
    jobs.check_analysis(analysis_id=landed.pk)
    assert hints == []  # not measured yet
    Analysis.objects.filter(pk=landed.pk).update(status="succeeded")
    jobs.check_analysis(analysis_id=landed.pk)
    assert hints == [("picture_landings", "films")]


def test_made_once_they_are_not_made_again(landed, calls, hints, as_bob):
    run_job(landed)
    run_job(landed)
    as_bob.get(page(landed))
    assert (len(calls), hints) == (1, [])


def test_of_two_workers_one_makes_them(landed, calls):
    assert landed.result.lease_landings(seconds=60, max_tries=3)
    run_job(landed)
    assert calls == []
    Result.objects.update(landings_lease_until=timezone.now() + timedelta(hours=9))  # before the clock was set back
    assert run_job(landed).landings_key


def test_where_only_the_copy_is_kept_they_are_cut_from_it(landed, calls):
    storage.move(landed.clip.original_key, "films/copy.mp4")
    Clip.objects.update(original_removed_at=timezone.now(), review_key="films/copy.mp4")
    assert run_job(landed).landings_of == [1, 2, 3]
    assert calls[0].endswith("copy.mp4")


@pytest.mark.parametrize("gone", ["film", "points", "moments"])
def test_what_cannot_be_cut_stays_in_words(landed, calls, hints, as_bob, gone):
    if gone == "film":
        storage.delete(landed.clip.original_key)
    elif gone == "points":
        storage.delete(landed.result.raw_key)
    else:
        told = json.loads(landed.result.calculated)
        for step in told["house"]["steps"]:
            step.pop("strike_s", None)
            step.pop("readings", None)
        Result.objects.update(calculated=json.dumps(told))
    assert run_job(landed).landings_key == ""
    text = as_bob.get(page(landed)).content.decode()
    assert 'class="step-list"' in text
    assert "hx-trigger" not in text.split('id="steps"')[1].split("</section>")[0]
    assert 'class="landing"' not in text
    assert hints == []


def test_a_program_that_breaks_each_time_is_given_up(landed, monkeypatch, as_bob, hints):
    def broken(*_):
        raise CopyBroke("exit code 1")

    monkeypatch.setattr(making, "cut_row", broken)
    for tries in range(1, making.MAX_TRIES + 1):
        assert polled(as_bob, landed).status_code == 204
        assert run_job(landed).landings_tries == tries
    assert polled(as_bob, landed).status_code == 200
    assert len(hints) == making.MAX_TRIES


def test_a_film_that_is_refused_is_not_tried_again(landed, monkeypatch):
    def refuse(*_):
        raise NotAFilm("unreadable")

    monkeypatch.setattr(making, "cut_row", refuse)
    assert run_job(landed).landings_tries == making.MAX_TRIES


def test_a_store_that_does_not_answer_costs_no_try(landed, calls, monkeypatch):
    def refuse(*_):
        raise ClientError({"Error": {"Code": "503"}}, "PutObject")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "put", refuse)
        for _ in range(making.MAX_TRIES + 1):
            assert run_job(landed).landings_tries == 0
            Result.objects.update(landings_lease_until=None)
    assert run_job(landed).landings_key


@pytest.mark.parametrize("meanwhile", ["erased", "copies removed"])
def test_what_went_meanwhile_leaves_no_file(landed, monkeypatch, meanwhile):
    def cut(spec, picture):
        row(spec, picture)
        if meanwhile == "erased":
            Result.objects.all().delete()
        else:
            Clip.objects.update(copies_removed_at=timezone.now())

    monkeypatch.setattr(making, "cut_row", cut)
    jobs.picture_landings(analysis_id=landed.pk)
    assert files() == []


def test_once_the_copies_were_kept_long_enough_no_pictures_are_made(landed, calls, hints, as_bob):
    Clip.objects.update(copies_removed_at=timezone.now(), copies_kept_months=1)
    as_bob.get(page(landed))
    assert hints == []
    assert run_job(landed).landings_key == ""


def test_pictures_cost_the_page_no_query(landed, calls, as_bob, django_assert_max_num_queries):
    run_job(landed)
    as_bob.get(page(landed))  # the first look of a day is written down as well
    with django_assert_max_num_queries(10):
        as_bob.get(page(landed))

"""One tap makes the picture and the film of two visits."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from django.urls import reverse
from django.utils import timezone

from analyses import actions, jobs
from analyses.actions import beside as making
from analyses.actions.beside import FPS, LONGEST_S, SLOWER, moments
from analyses.alignment import Alignment, align
from analyses.models import Analysis, Beside
from analyses.steps import StepView
from clips import storage
from clips.models import Clip
from clips.probe import CopyBroke, NotAFilm
from tests.analyses.finished import finish

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(order, clip):
    """Before and now, with a film that a browser plays."""
    Clip.objects.filter(pk=clip.pk).update(review_key=clip.original_key, copy_status="ready", copy_fps=60)
    return [finish(order(), day=day, score=0.65 + day / 100) for day in (2, 8)]


@pytest.fixture
def made(monkeypatch):
    """Stand in for the program that draws; what it was asked for is kept here."""
    asked = []

    def draw(spec: Path, picture: Path, film: Path) -> None:
        asked.append(json.loads(spec.read_text()))
        picture.write_bytes(b"a picture")
        film.write_bytes(b"a film")

    monkeypatch.setattr(making, "lay_beside", draw)
    return asked


def address(pair, name="make_beside") -> str:
    return reverse(f"analyses:{name}", args=[pair[1].code, pair[0].code])


def run_job() -> Beside:
    row = Beside.objects.get()
    jobs.make_beside(beside_id=row.pk)
    row.refresh_from_db()
    return row


def test_one_tap_asks_for_both_and_the_page_follows(as_carol, pair, made):
    page = as_carol.get(address(pair, "compare")).content.decode()
    assert f'hx-post="{address(pair)}"' in page
    answer = as_carol.post(address(pair), headers={"HX-Request": "true"})
    assert "Making picture and film" in answer.content.decode()
    assert f'hx-get="{address(pair, "beside_state")}" hx-trigger="every 2s"' in answer.content.decode()
    row = run_job()
    assert row.status == "ready"
    done = as_carol.get(address(pair, "beside_state")).content.decode()
    assert "every 2s" not in done
    assert "2026-10-03-2026-10-09.png" in done
    assert "2026-10-03-2026-10-09.mp4" in done


def test_the_earlier_film_is_on_the_left_with_its_day_and_score(as_carol, pair, made):
    as_carol.post(address(pair))
    run_job()
    assert made[0]["labels"] == ["2026-10-03   67/100", "2026-10-09   73/100"]
    assert len(made[0]["films"]) == 2


def test_two_films_of_one_day_have_their_times_on_them(as_carol, pair, made):
    Analysis.objects.filter(pk=pair[0].pk).update(ordered_at=pair[1].ordered_at - timedelta(minutes=7))
    as_carol.post(address(pair))
    run_job()
    assert made[0]["labels"] == ["2026-10-09 07:53   67/100", "2026-10-09 08:00   73/100"]


def test_asked_twice_it_is_made_once(as_carol, pair, made):
    as_carol.post(address(pair))
    as_carol.post(address(list(reversed(pair))))
    row = run_job()
    jobs.make_beside(beside_id=row.pk)
    assert len(made) == 1
    with storage.open_file(row.picture_key) as picture:
        assert picture.read() == b"a picture"


def test_without_a_film_to_play_nothing_is_asked_for(as_carol, pair, clip):
    Clip.objects.filter(pk=clip.pk).update(review_key="")
    answer = as_carol.post(address(pair), follow=True)
    assert "A film is still being prepared. Try again in a minute." in answer.content.decode()
    assert not Beside.objects.exists()


def test_what_cannot_be_made_says_so_and_can_be_tried_again(as_carol, pair, monkeypatch, made):
    def refuse(*_):
        raise NotAFilm("unreadable")

    as_carol.post(address(pair))
    with monkeypatch.context() as patch:
        patch.setattr(making, "lay_beside", refuse)
        assert run_job().status == "failed"
    page = as_carol.get(address(pair, "beside_state")).content.decode()
    assert "It could not be made from these two films. You can try again." in page
    as_carol.post(address(pair))
    assert run_job().status == "ready"


def test_a_program_that_breaks_each_time_is_given_up(as_carol, pair, monkeypatch):
    def broken(*_):
        raise CopyBroke("exit code 1")

    monkeypatch.setattr(making, "lay_beside", broken)
    as_carol.post(address(pair))
    for _ in range(making.MAX_TRIES):
        assert run_job().status == "pending"
    assert run_job().status == "failed"


def test_a_store_that_does_not_answer_costs_no_try(as_carol, pair, made, monkeypatch):
    def refuse(*_):
        raise ClientError({"Error": {"Code": "503"}}, "HeadObject")

    as_carol.post(address(pair))
    with monkeypatch.context() as patch:
        patch.setattr(storage, "put", refuse)
        for _ in range(making.MAX_TRIES + 1):
            assert run_job().status == "pending"
            assert not Beside.objects.due(timezone.now()).exists()
            Beside.objects.update(lease_until=None)
    assert run_job().status == "ready"


def test_of_two_workers_one_makes_it(pair, made, alice):
    row = actions.ask_beside(now=pair[1], before=pair[0], by=alice)
    assert Beside.objects.get(pk=row.pk).lease(seconds=60, max_tries=3)
    actions.make_beside(beside=row)
    assert made == []


def test_what_nobody_made_yet_is_found_by_the_clock(pair, alice, monkeypatch):
    sent = []
    monkeypatch.setattr(jobs, "send_hint", lambda step, **row: sent.append((step.__name__, row["beside_id"])) or True)
    row = actions.ask_beside(now=pair[1], before=pair[0], by=alice)
    assert jobs.hint_besides() == 1
    assert sent == [("make_beside", row.pk)]
    Beside.objects.update(lease_until=timezone.now() + timedelta(minutes=1))  # with a worker
    assert jobs.hint_besides() == 0


def test_a_reader_sees_what_was_made_and_cannot_order_it(as_bob, as_carol, pair, made):
    assert as_bob.post(address(pair)).status_code == 403
    as_carol.post(address(pair))
    run_job()
    assert ".png" in as_bob.get(address(pair, "compare")).content.decode()


def test_a_stranger_reaches_none_of_it(as_charlie, pair):
    assert as_charlie.post(address(pair)).status_code == 404
    assert as_charlie.get(address(pair, "beside_state")).status_code == 404


# ── which moments are shown ─────────────────────────────────────────────────────────────────────────────────────────


def steps(side: str, *strikes: float) -> list[StepView]:
    return [StepView(number, side, strike_s=at) for number, at in enumerate(strikes, start=1)]


def test_between_two_strikes_both_films_go_on_by_the_share_of_the_stride():
    aligned = align(steps("left", 0.5, 1.2, 1.9), steps("left", 1.0, 1.8, 2.6), 3, 3)
    assert aligned.at(0.5) == (pytest.approx(0.85), pytest.approx(1.4))
    assert aligned.at(2.0) == (1.9, 2.6)


def test_the_foot_with_most_strides_in_both_films_ties_them():
    now = [*steps("left", 0.5, 1.2), *steps("right", 0.8, 1.5, 2.2)]
    before = [*steps("left", 0.4, 1.1, 1.8), *steps("right", 0.7, 1.4, 2.1)]
    assert (align(now, before, 3, 3).side, align(now, before, 3, 3).strides) == ("right", 2)


def test_before_the_first_strike_and_behind_the_last_both_films_stand_still():
    aligned = align(steps("left", 0.5, 1.2, 1.9), steps("left", 1.0, 1.8, 2.6), 3, 3)
    assert (aligned.at(-1.0), aligned.at(9.0)) == ((0.5, 1.0), (1.9, 2.6))


def test_a_long_run_is_shown_for_twelve_strides_and_with_as_many_of_both_the_right_foot_counts():
    both = [*steps("left", *range(20)), *steps("right", *range(20))]
    aligned = align(both, both, 20, 20)
    assert (aligned.side, aligned.strides, aligned.now_s[-1]) == ("right", 12, 12)


def test_strikes_without_a_time_or_too_far_apart_tie_nothing():
    untimed = [StepView(number=1, side="left"), *steps("left", 0.5)]
    assert align(untimed, untimed, 3, 3).by == "start"
    uneven = steps("left", 0.0, 1.0, 11.0)  # neither is near the middle of both
    assert align(uneven, uneven, 12, 12).by == "start"


def test_a_strike_that_was_not_seen_ends_the_chain():
    aligned = align(steps("left", 0.5, 1.2, 1.9, 3.3, 4.0), steps("left", 0.5, 1.2, 1.9, 2.6), 5, 5)
    assert aligned.now_s == (0.5, 1.2, 1.9)


def test_the_film_shows_whole_strides_slowly_and_stays_short():
    strikes = tuple(0.5 + 0.7 * number for number in range(9))
    shown = moments(Alignment("strike", "left", strikes, strikes))
    assert len(shown) / FPS <= LONGEST_S
    assert len(shown) == pytest.approx(4 * 0.7 * SLOWER * FPS, abs=4)
    assert shown == sorted(shown)


def test_films_without_strikes_start_together():
    aligned = align([], [], 6.0, 4.0)
    assert (aligned.by, aligned.now_s, aligned.before_s) == ("start", (0.0, 4.0), (0.0, 4.0))
    assert len(moments(aligned)) <= LONGEST_S * FPS
    assert align([], [], 0.0, 4.0).now_s == (0.0, 0.1)


def test_a_runner_erased_meanwhile_leaves_no_files(pair, alice, monkeypatch):
    row = actions.ask_beside(now=pair[1], before=pair[0], by=alice)

    def draw(spec: Path, picture: Path, film: Path) -> None:
        picture.write_bytes(b"a picture")
        film.write_bytes(b"a film")
        Beside.objects.filter(pk=row.pk).delete()

    monkeypatch.setattr(making, "lay_beside", draw)
    actions.make_beside(beside=row)
    assert not [key for key in storage.every_key("results/") if "beside" in key]
    assert Analysis.objects.count() == 2

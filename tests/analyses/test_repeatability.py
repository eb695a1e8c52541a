"""How far one's own films differ: two films of the same minute, and what follows for every verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from analyses.models import Analysis, Repeat
from analyses.repeats import Found, PairOfFilms, own_values
from clips.models import Clip
from tests.analyses.finished import finish
from tests.reading import shown

DAY = date(2026, 11, 22)


def pairs(*differences: float, usual: float | None = 5.0) -> list[PairOfFilms]:
    return [PairOfFilms(DAY, {"knee_at_strike_deg": Found(one, usual, 4.0)}) for one in differences]


def own(*differences: float, usual: float | None = 5.0) -> float:
    return own_values(pairs(*differences, usual=usual))["knee_at_strike_deg"].smallest_real_change


# ── the arithmetic ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_films_that_agree_by_luck_do_not_make_every_change_real():
    assert own(0.0) == pytest.approx(5.0 * (3 / 4) ** 0.5)


def test_films_that_differ_much_raise_what_a_change_must_exceed():
    assert own(6.0) == pytest.approx(((3 * 25 + 1.96**2 * 36) / 4) ** 0.5)
    assert own(6.0) > 5.0


def test_with_many_pairs_ones_own_figure_comes_through():
    # Films that differ by a standard deviation of 1 degree: 1.96 in the end.
    assert own(*[1.0, -1.0] * 50) == pytest.approx(1.96, rel=0.1)


def test_a_measure_without_a_usual_figure_waits_for_three_pairs():
    assert own_values(pairs(1.0, 1.0, usual=None)) == {}
    assert own(1.0, -1.0, 1.0, usual=None) == pytest.approx(1.96)


def test_the_newest_pair_gives_the_day():
    newer = [replace(pairs(1.0)[0], on=date(2026, 12, 1)), *pairs(2.0)]
    assert own_values(newer)["knee_at_strike_deg"].last_on == date(2026, 12, 1)


# ── on the pages ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def second_clip(db, clip):
    other = Clip.objects.get(pk=clip.pk)
    other.pk, other.code, other.folder = None, "00000000-0000-4000-8000-000000000002", "films/second"
    other.save()
    return other


@pytest.fixture
def minute(order, second_clip):
    """Two films of one minute: they differ by a degree at the knee although nothing had changed."""
    first = finish(order(), day=1)
    second = finish(order(clip=second_clip), day=1, measures={"knee_at_strike_deg": 15.0})
    return first, second


def post(client, minute, follow=True):
    first, second = minute
    return client.post(reverse("analyses:repeat", args=[second.code, first.code]), follow=follow)


def said(answer) -> str:
    return " ".join(strip_tags(shown(answer)).split())


def test_two_films_of_one_minute_are_kept_and_used_from_then_on(as_carol, minute, order):
    first, second = minute
    page = as_carol.get(reverse("analyses:compare", args=[second.code, first.code]))
    assert "Do these two films show the same minute?" in said(page)
    answer = post(as_carol, minute)
    assert "Kept. From now on changes are judged by what your own films differ by, too." in said(answer)
    assert "Side view · treadmill" in said(answer)
    assert "Ground contactOwn smallest real change12.2 msPublished figure14.0" in said(answer)
    later = finish(order(), day=9, measures={"knee_at_strike_deg": 19.0})
    html = said(as_carol.get(reverse("analyses:compare", args=[later.code, second.code])))
    assert "Own repeatability of 2 Oct 2026." in html
    assert "Knee at strike 15.0 ± 3.0 19.0 ± 3.0 +4.0 ° 4.4 ‡ could be noise" in html


def test_a_pair_with_a_measure_that_is_no_more_is_shown_without_it(as_carol, minute):
    post(as_carol, minute)
    kept = Repeat.objects.get()
    kept.differences["gone_deg"] = kept.differences["knee_at_strike_deg"]
    kept.save()
    assert "Knee at strike" in said(as_carol.get(reverse("analyses:repeatability")))


def test_kept_twice_it_is_kept_once(as_carol, minute):
    post(as_carol, minute)
    post(as_carol, minute)
    assert Repeat.objects.count() == 1


def test_films_of_two_days_show_no_same_minute(as_carol, order, second_clip):
    first, second = finish(order(), day=1), finish(order(clip=second_clip), day=2)
    page = as_carol.get(reverse("analyses:compare", args=[second.code, first.code]))
    assert "same minute?" not in said(page)
    answer = post(as_carol, (first, second))
    assert "Only two films of one runner, one day and the same conditions can show the same minute." in said(answer)
    assert not Repeat.objects.exists()


def test_one_film_measured_twice_says_nothing_about_films(as_carol, order):
    first, second = finish(order(), day=1), finish(order(), day=1)
    Analysis.objects.filter(pk=second.pk).update(ordered_at=first.ordered_at.replace(hour=9))
    post(as_carol, (first, second))
    assert not Repeat.objects.exists()


def test_forgotten_it_counts_no_more(as_carol, minute):
    post(as_carol, minute)
    kept = Repeat.objects.get()
    answer = as_carol.post(reverse("analyses:forget_repeat", args=[kept.code]), follow=True)
    assert "Forgotten. Nothing else was changed." in said(answer)
    assert "No pair of films yet" in said(answer)


def test_a_reader_reads_it_and_changes_nothing(as_bob, as_carol, minute):
    assert post(as_bob, minute, follow=False).status_code == 403
    post(as_carol, minute)
    assert "Runner 01 · 2 Oct 2026" in said(as_bob.get(reverse("analyses:repeatability")))
    assert as_bob.post(reverse("analyses:forget_repeat", args=[Repeat.objects.get().code])).status_code == 403


def test_others_never_see_it(as_charlie, as_carol, minute):
    post(as_carol, minute)
    assert "No pair of films yet" in said(as_charlie.get(reverse("analyses:repeatability")))

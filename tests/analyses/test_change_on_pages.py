"""What changed since last time, where results are read: on the result page and in the inbox."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from analyses.models import Analysis
from tests.analyses.finished import finish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_autumn(time_machine):
    """A day of this year is written without its year."""
    time_machine.move_to("2026-11-22T10:00Z")


@pytest.fixture
def before(order):
    return finish(order(), day=2, score=0.65)


@pytest.fixture
def now(order, before):
    return finish(order(), day=20, score=0.72, measures={"cadence_spm": 172.0})


def said(html: str) -> str:
    return " ".join(strip_tags(html).split())


def result(client, analysis, **headers) -> str:
    return client.get(reverse("analyses:detail", args=[analysis.code]), **headers).content.decode()


def test_the_change_stands_beside_the_score_and_leads_to_the_comparison(as_bob, now, before):
    html = result(as_bob, now)
    (line,) = re.findall(r'<p class="since">(.*?)</p>', html, re.DOTALL)
    assert said(line) == "▲ +7 since 3 Oct · real change"
    assert f'href="{reverse("analyses:compare", args=[now.code, before.code])}"' in line


def test_every_number_says_how_it_changed(as_bob, now):
    html = result(as_bob, now)
    assert "<th>Since 3 Oct</th>" in html
    cells = [said(cell) for cell in re.findall(r'<td class="since-cell">(.*?)</td>', html, re.DOTALL)]
    assert cells == ["▲ +8 real change", "±0 could be noise", "±0.0 could be noise"]


def test_a_change_that_is_none_says_why(as_bob, before, order):
    road = finish(order(treadmill=False, pace_s_per_km=None, ticked=True), day=20)
    (line,) = re.findall(r'<p class="since">(.*?)</p>', result(as_bob, road), re.DOTALL)
    assert said(line) == "Since 3 Oct · not comparable, because one was filmed on a treadmill and one over ground"


def test_of_two_films_of_one_day_the_time_is_said(as_bob, before, order):
    again = finish(order(), day=2, score=0.65)
    Analysis.objects.filter(pk=again.pk).update(ordered_at=again.ordered_at + timedelta(minutes=20))
    time = f"{timezone.localtime(before.ordered_at):%H:%M}"
    assert f"<th>Since {time}</th>" in result(as_bob, again)
    assert f"<th>Depuis {time}</th>" in result(as_bob, again, HTTP_ACCEPT_LANGUAGE="fr")  # and not "depuis le"


def test_a_first_result_speaks_of_no_change(as_bob, before):
    html = result(as_bob, before)
    assert 'class="since' not in html
    assert reverse("analyses:compare_newest", args=[before.code]) not in html


def test_the_inbox_shows_how_each_score_moved(as_bob, now, before):
    html = as_bob.get(reverse("analyses:inbox")).content.decode()
    points = [said(one) for one in re.findall(r'<div class="points">(.*?)</div>', html, re.DOTALL)]
    assert points == ["72 /100▲ +7 real change", "65 /100"]


def test_the_inbox_asks_no_more_with_more_films(as_bob, before, order, django_assert_max_num_queries):
    for day in range(30, 42):
        finish(order(), day=day)
    with django_assert_max_num_queries(12):
        as_bob.get(reverse("analyses:inbox"))


def test_the_result_asks_little_of_the_database(as_bob, now, django_assert_max_num_queries):
    result(as_bob, now)  # who looks for the first time is written down
    with django_assert_max_num_queries(12):
        result(as_bob, now)

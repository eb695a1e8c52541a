"""The page that holds two films against each other."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import AuditEntry, User
from analyses.models import Analysis, Correction
from subjects.models import Subject
from tests.analyses.finished import finish

pytestmark = pytest.mark.django_db

STEPS = [
    {"step": 1, "foot": "left", "strike_s": 0.5, "toe_off_s": 0.75, "contact_time_ms": 250, "landing": "rearfoot"},
    {"step": 2, "foot": "right", "strike_s": 0.85, "toe_off_s": 1.1, "contact_time_ms": 250, "landing": "rearfoot"},
    {"step": 3, "foot": "left", "strike_s": 1.2, "toe_off_s": 1.45, "contact_time_ms": 250, "landing": "rearfoot"},
    {"step": 4, "foot": "right", "strike_s": 1.55, "toe_off_s": 1.8, "contact_time_ms": 250, "landing": "rearfoot"},
    {"step": 5, "foot": "left", "strike_s": 1.9, "toe_off_s": 2.15, "contact_time_ms": 250, "landing": "rearfoot"},
]
CURVES = {"left": {"knee": {"mean": [10, 40, 90, 20], "sd": [1, 2, 3, 1]}}}


@pytest.fixture
def before(order):
    return finish(order(), day=2, score=0.65, steps=STEPS, curves=CURVES)


@pytest.fixture
def now(order, before):
    changed = {"cadence_spm": 172.0, "contact_time_ms": 245.0}
    return finish(order(), day=20, score=0.72, measures=changed, steps=STEPS[:4], curves=CURVES)


def page(client, *analyses: Analysis) -> str:
    answer = client.get(reverse("analyses:compare", args=[one.code for one in analyses]))
    assert answer.status_code == 200
    return answer.content.decode()


def rows(html: str) -> dict[str, str]:
    """The difference table: measure -> the rest of its row, as read out."""
    table = html[html.index('class="table fold differences"') :]
    found = {}
    for row in re.findall(r"<tr class=\"(?:real|noise|not_comparable)\">(.*?)</tr>", table, re.DOTALL):
        cells = [
            " ".join(strip_tags(cell).split()) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        found[cells[0]] = " | ".join(cells[1:])
    return found


def test_comparing_is_a_look_at_the_runner(as_bob, bob, now, before):
    page(as_bob, now, before)
    (look,) = AuditEntry.objects.of_runner(now.subject.code).filter(action=AuditEntry.Action.VIEWED)
    assert look.by == bob


def test_the_table_says_of_each_difference_what_it_is_worth(as_bob, now, before):
    shown = rows(page(as_bob, now, before))
    assert shown == {
        "Score": "65 | 72 | +7 | 6.0 | ▲ real change",
        "Cadence": "164 ± 1 | 172 ± 1 | +8 /min | 4.0 | ▲ real change",
        "Ground contact": "250 ± 10 | 245 ± 10 | −5 ms | 14.1 | could be noise",
        "Knee at strike": "14.0 ± 3.0 | 14.0 ± 3.0 | ±0.0 ° | 5.0 | could be noise",
    }


def test_each_difference_leads_to_what_its_measure_means(as_bob, now, before):
    text = page(as_bob, now, before)
    assert re.findall(r'href="/measures/(\w+)/"', text) == ["cadence_spm", "contact_time_ms", "knee_at_strike_deg"]


def test_the_first_line_says_what_really_changed(as_bob, now, before):
    html = page(as_bob, now, before)
    said = " ".join(strip_tags(html[html.index('id="did-it-change"') : html.index("data-pair")]).split())
    assert "Score ▲ +7 real change 1 of 3 measures really changed: ▲ Cadence +8&nbsp;/min" in said


def test_nothing_real_is_said_in_one_sentence(as_bob, before, order):
    again = finish(order(), day=3, score=0.66, steps=STEPS)
    assert "No measure really changed: every difference could be noise." in page(as_bob, again, before)


def test_what_is_compared_is_shared_as_it_stands(as_carol, as_bob, now, before):
    address = f"{reverse('reports:share', args=[now.code])}?before={before.code}"
    assert f'href="{address}"' in page(as_carol, now, before)
    assert address not in page(as_bob, now, before)  # who may only read shares nothing


def test_the_earlier_film_is_before_whichever_is_named_first(as_bob, now, before):
    assert rows(page(as_bob, now, before)) == rows(page(as_bob, before, now))


def test_films_that_do_not_compare_say_why_first_and_give_no_verdict(as_bob, now, order):
    road = finish(order(treadmill=False, pace_s_per_km=None, ticked=True), day=1)
    html = page(as_bob, now, road)
    assert "Not comparable, because one was filmed on a treadmill and one over ground." in html
    assert "real change</span>" not in html


def test_how_far_two_speeds_are_apart_is_said_in_the_reader_s_own_units(as_alice, alice, before, order):
    quicker = finish(order(pace_s_per_km=300), day=3)
    own_page = reverse("analyses:detail", args=[quicker.code])
    for units, apart in (("metric", "2.0\xa0km/h"), ("imperial", "1.2\xa0mph")):
        User.objects.filter(pk=alice.pk).update(units=units)
        both = page(as_alice, quicker, before)
        assert f"Not comparable, because the speeds differ by {apart}." in both
        assert f"Side view · not comparable, because the speeds differ by {apart}</small>" in both
        assert f"not comparable, because the speeds differ by {apart}" in as_alice.get(own_page).content.decode()


def test_the_films_are_tied_together_at_the_strikes_of_one_foot(as_bob, now, before):
    html = page(as_bob, now, before)
    # The newer film has two strikes of each foot, so one stride of the right foot in both.
    assert re.findall(r'data-moments="([^"]*)"', html) == ["0.85 1.55 ", "0.85 1.55 "]
    assert 'data-by="strike" data-side="right"' in html


def test_without_strikes_the_films_start_together_and_it_is_said(as_bob, order):
    first, second = finish(order(), day=1), finish(order(), day=2)
    html = page(as_bob, second, first)
    assert "No two strikes of one foot are known in both films, so they only start together." in html
    assert re.findall(r'data-moments="([^"]*)"', html) == ["0 6 ", "0 6 "]


def test_the_curves_lie_over_each_other_by_side(as_bob, now, before):
    html = page(as_bob, now, before)
    assert html.count('class="curve pair"') == 1
    assert len(re.findall(r'<path class="mean (?:before|now)"', html)) == 2


def test_a_step_left_out_of_a_result_is_left_out_here(as_bob, now, before, alice):
    Correction.objects.create(organization=now.organization, analysis=before, step=3, side="left", by=alice)
    assert re.findall(r'data-moments="([^"]*)"', page(as_bob, now, before))[0] == "0.85 1.55 "


def test_compare_leads_to_the_last_comparable_film(as_bob, now, before):
    answer = as_bob.get(reverse("analyses:compare_newest", args=[now.code]))
    assert answer["Location"] == reverse("analyses:compare", args=[now.code, before.code])


def test_a_first_film_says_that_there_is_nothing_to_compare_with_yet(as_bob, before):
    answer = as_bob.get(reverse("analyses:compare_newest", args=[before.code]))
    assert "Nothing to compare with yet" in answer.content.decode()


def test_a_film_compared_with_itself_is_compared_with_the_one_before(as_bob, now):
    answer = as_bob.get(reverse("analyses:compare", args=[now.code, now.code]))
    assert answer["Location"] == reverse("analyses:compare_newest", args=[now.code])


def test_two_films_of_one_day_are_told_apart_by_their_time(as_bob, now, order):
    other = finish(order(), day=20)
    Analysis.objects.filter(pk=other.pk).update(ordered_at=now.ordered_at - timedelta(minutes=7))
    html = page(as_bob, now, other)
    assert "<h1>21 Oct 2026, 07:53 and 08:00</h1>" in html
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", html, re.DOTALL)
    assert [" ".join(strip_tags(one).split()) for one in captions] == ["Before · 07:53 70", "Now · 08:00 72"]


def test_two_runners_are_never_compared(as_bob, now, order, organization):
    other = Subject.objects.create(organization=organization, name="Runner 02", height_m=1.8, weight_kg=70)
    theirs = finish(order(subject=other), day=3)
    assert as_bob.get(reverse("analyses:compare", args=[now.code, theirs.code])).status_code == 404


def test_what_is_not_finished_cannot_be_compared(as_bob, now, order):
    assert as_bob.get(reverse("analyses:compare", args=[now.code, order().code])).status_code == 404


def test_other_films_are_offered_those_that_compare_first(as_bob, now, before, order):
    finish(order(treadmill=False, pace_s_per_km=None, ticked=True), day=10)
    html = page(as_bob, now, before)
    menu = " ".join(strip_tags(html[html.index('class="menu films"') : html.index('id="did-it-change"')]).split())
    assert re.findall(r"(\d+ Oct) 2026", menu) == ["3 Oct", "11 Oct"]
    assert "Side view · not comparable, because one was filmed on a treadmill and one over ground" in menu


def test_the_page_asks_no_more_of_the_database_with_many_films(
    as_bob, now, before, order, django_assert_max_num_queries
):
    for day in range(30, 42):
        finish(order(), day=day, steps=STEPS)
    page(as_bob, now, before)  # the first look of an hour is written down as well
    with django_assert_max_num_queries(12):
        page(as_bob, now, before)

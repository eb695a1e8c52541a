"""A film that shows no part surely enough: the service's score says nothing of the runner, so none is shown."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from analyses.models import Analysis
from reports import actions
from reports.models import ShareLink
from tests.analyses.finished import give_answer
from tests.reports.test_reports import document, text_of

pytestmark = pytest.mark.django_db

LEG = {"score_number": 1.0, "range_good": [-2, 5.5], "range_okay": [-4, 7.5], "texts": {"position": "Level"}}
JUDGED = {"analysis_content": {"pelvic_drop": {"left": LEG, "right": LEG}}, "total_score": 1.0}


def measured(doubt_deg: float) -> dict:
    """Both legs inside the range of the pelvic drop, which is 7.5° wide."""
    number = {"value": 2.0, "unit": "°", "n": 7, "range_good": [-2, 5.5], "uncertainty_95": doubt_deg}
    return {"house": {"stance_peaks": {side: {"pelvic_drop_deg": number} for side in ("left", "right")}}}


@pytest.fixture
def unjudged(order) -> Analysis:
    return give_answer(order(), measured(9.0), JUDGED)


def said(response) -> str:
    return " ".join(strip_tags(response.content.decode()).split())


def test_the_page_says_why_in_place_of_a_score(as_bob, unjudged):
    text = said(as_bob.get(reverse("analyses:detail", args=[unjudged.code])))
    assert "In short – Not judged" in text
    assert "this film shows no part surely enough to judge it." in text
    assert "/100" not in text


@pytest.mark.parametrize("address", ["/", "history"])
def test_no_list_shows_one(as_bob, unjudged, address):
    page = reverse("subjects:detail", args=[unjudged.subject.code]) if address == "history" else address
    html = as_bob.get(page).content.decode()
    assert str(unjudged.code) in html
    assert "/100" not in html


def test_the_runner_is_shown_none(client, unjudged, alice):
    link = actions.share(analysis=unjudged, before=None, contents=[ShareLink.Content.SCORE], language="en", by=alice)
    text = said(client.get(reverse("reports:shared", kwargs={"token": link.token})))
    assert "Score – Not judged" in text
    assert "/100" not in text


def test_nor_does_the_report(unjudged):
    _, body = document(unjudged, kind="runner")
    assert "Not judged" in text_of(body)
    assert "/100" not in text_of(body)


def test_the_answer_itself_stays_as_it_came(unjudged):
    assert unjudged.total_score is None
    assert json.loads(unjudged.result.results) == JUDGED


def test_with_one_part_seen_surely_the_score_stands(as_bob, order):
    analysis = give_answer(order(), measured(3.0), JUDGED)
    assert analysis.total_score == 1.0
    assert "100/100 Good" in said(as_bob.get(reverse("analyses:detail", args=[analysis.code])))

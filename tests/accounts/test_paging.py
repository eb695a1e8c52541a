"""Long lists are counted so far as a page needs it."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from accounts import paging
from accounts.paging import Pages
from subjects.models import Subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def runners(organization, monkeypatch):
    """A function that makes so many runners, with pages of two and a "thousand" that is four."""
    monkeypatch.setattr(paging, "ENOUGH", 4)

    def make(count: int):
        Subject.objects.bulk_create(Subject(organization=organization, name=f"{n:02}") for n in range(count))
        return Subject.objects.order_by("name")

    return make


def said(page) -> str:
    html = render_to_string("components/_pager.html", {"page": page}, RequestFactory().get("/"))
    return html.partition("<span>")[2].partition("</span>")[0]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_what_ends_on_the_first_page_is_read_and_not_counted(runners, count, django_assert_num_queries):
    rows = runners(count)
    with django_assert_num_queries(1):
        page = Pages(rows, 2).get_page(None)
        assert (len(page), page.paginator.count, page.has_next()) == (count, count, False)


@pytest.mark.parametrize(
    ("count", "number", "text"),
    [
        (3, None, "1–2 of 3"),
        (4, "1", "1–2 of 4"),
        (5, "1", "1–2 of more than 4"),
        (5, "2", "3–4 of more than 4"),
        (5, "3", "5–5 of 5"),
        (12, "3", "5–6 of more than 8"),
        (12, "6", "11–12 of 12"),
        (12, "-2", "1–2 of more than 4"),
        (12, "all", "1–2 of more than 4"),
        (12, "9" * 30, "11–12 of 12"),
    ],
)
def test_a_list_says_how_long_it_is_as_far_as_it_was_counted(runners, count, number, text):
    assert said(Pages(runners(count), 2).get_page(number)) == text


def test_every_page_leads_to_the_next_to_the_very_end(runners):
    rows, names, number = runners(11), [], 1
    while number:
        page = Pages(rows, 2).get_page(str(number))
        names += [one.name for one in page]
        number = page.next_page_number() if page.has_next() else 0
    assert names == [one.name for one in rows]


def test_a_count_that_is_known_is_not_asked_for(runners, django_assert_num_queries):
    pages = Pages(runners(5), 2)
    pages.count = 5
    with django_assert_num_queries(1):
        assert said(pages.get_page("1")) == "1–2 of 5"

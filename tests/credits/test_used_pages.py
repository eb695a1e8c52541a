"""What credits were used for: narrowed in the ledger, summed by person, view, group and service, and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from credits import ledger, usage
from credits.models import Entry
from credits.months import Month
from subjects.models import Group

OCTOBER = datetime(2026, 10, 12, 9, tzinfo=UTC)


@pytest.fixture
def history(organization, alice, carol, spend, give_back):
    """Carol: two in October; this month a back view of a sprinter, a side view of both groups, one given back."""
    gift = ledger.give(organization=organization, amount=20, reason="Start", by=alice)
    Entry.objects.filter(pk=gift.pk).update(at=OCTOBER.replace(day=1))
    sprinters = Group.objects.create(organization=organization, name="Sprinters")
    masters = Group.objects.create(organization=organization, name="Masters")
    spend(carol, at=OCTOBER)
    spend(carol, at=OCTOBER)
    spend(carol, sprinters, view="back_view")
    spend(carol, sprinters, masters)
    spend(alice)
    give_back(spend(alice))


def table(answer):
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def amounts(answer):
    return [entry.amount for entry, _ in answer.context["lines"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, -1, -1, -1, -1, -1, -1, 20]),
        ("kind=gift", [20]),
        ("kind=nonsense", [1, -1, -1, -1, -1, -1, -1, 20]),
        ("month=2026-10", [-1, -1, 20]),
        ("month=2026-13", [1, -1, -1, -1, -1, -1, -1, 20]),
        ("view=back_view", [-1]),
        ("service=engine", []),
        ("group=Sprinters", [-1, -1]),
        ("group=Masters&view=side_view", [-1]),
        ("person=9999999", []),
    ],
)
def test_the_ledger_is_narrowed_by_its_address(as_alice, history, query, expected):
    assert amounts(as_alice.get(f"/credits/?{query}")) == expected


def test_what_came_back_belongs_to_who_had_spent_it(as_alice, alice, history):
    assert amounts(as_alice.get(f"/credits/?person={alice.pk}")) == [1, -1, -1, 20]


def test_the_balance_beside_a_line_is_that_of_the_whole_ledger(as_alice, history):
    lines = as_alice.get("/credits/?view=back_view").context["lines"]
    assert [after for _, after in lines] == [17]


def test_the_table_has_the_filters_of_the_page(as_alice, carol, history):
    rows = table(as_alice.get(f"/credits/ledger.csv?kind=spend&person={carol.pk}&group=Sprinters"))
    assert [(row["credits"], row["balance_after"], row["view"], row["groups"]) for row in rows] == [
        ("-1", "17", "back_view", "Sprinters"),
        ("-1", "16", "side_view", "Masters, Sprinters"),
    ]
    assert {row["email"] for row in rows} == {"carol@example.com"}


def test_the_whole_table_ends_with_the_balance(as_alice, organization, history):
    rows = table(as_alice.get("/credits/ledger.csv"))
    assert int(rows[-1]["balance_after"]) == ledger.balance(organization) == 15
    assert sum(int(row["credits"]) for row in rows) == 15


def test_a_reason_that_looks_like_a_formula_is_quoted(as_alice, alice, organization):
    ledger.give(organization=organization, amount=1, reason="=1+1", by=alice)
    assert table(as_alice.get("/credits/ledger.csv"))[0]["reason"] == "'=1+1"


def test_who_used_how_many_this_month_stands_beside_the_ledger_and_in_a_table(as_alice, history):
    page = as_alice.get("/credits/")
    assert [(line.name, line.credits) for line in page.context["used"]] == [("Carol", 2), ("Alice", 1)]
    month = Month.now()
    assert f'href="/credits/used.csv?month={month}"' in page.content.decode()
    rows = table(as_alice.get(f"/credits/used.csv?month={month}"))
    assert rows == [
        {"month": str(month), "person": "Carol", "email": "carol@example.com", "orders": "2", "credits": "2"},
        {"month": str(month), "person": "Alice", "email": "alice@example.com", "orders": "1", "credits": "1"},
    ]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("view", {"Side view": 2, "Back view": 1}),
        ("group", {"Sprinters": 2, "Masters": 1, "In no group": 1}),
        ("service", {"Ochy": 3}),
    ],
)
def test_use_is_summed_by_view_group_and_service(as_alice, history, by, expected):
    tables = {word: lines for word, _, lines in as_alice.get("/credits/used/").context["tables"]}
    assert {line.name: line.credits for line in tables[by]} == expected
    rows = table(as_alice.get(f"/credits/used.csv?by={by}"))
    assert {row[by]: int(row["credits"]) for row in rows} == expected


def test_another_month_is_one_press_away(as_alice, history):
    page = as_alice.get("/credits/used/?month=2026-10")
    assert page.context["total"] == 2
    assert "October 2026" in page.content.decode()
    assert "2 credits used" in page.content.decode()
    columns = {str(one.month): one.credits for one in page.context["columns"]}
    assert columns["2026-10"] == 2
    assert len(columns) == usage.MONTHS


def test_a_month_without_use_says_so(as_alice, history):
    text = as_alice.get("/credits/used/?month=2026-09").content.decode()
    assert "No credit was used in this month." in text
    assert "<figure" in text


def test_no_months_are_drawn_where_none_was_used(as_alice, organization):
    text = as_alice.get("/credits/used/").content.decode()
    assert "No credit was used in this month." in text
    assert "<figure" not in text


@pytest.mark.parametrize("by", usage.BY)
def test_every_sum_of_the_month_is_offered_as_a_table(as_alice, history, by):
    text = as_alice.get("/credits/used/?month=2026-10").content.decode()
    assert f'href="/credits/used.csv?month=2026-10&amp;by={by}"' in text


def test_a_filter_that_fits_nothing_says_so(as_alice, history):
    assert "No entry fits." in as_alice.get("/credits/?service=engine").content.decode()


@pytest.mark.parametrize("url", ["/credits/ledger.csv", "/credits/used.csv", "/credits/used/", "/credits/rules/"])
def test_only_an_admin_sees_use_and_rules(as_carol, as_bob, url):
    assert as_carol.get(url).status_code == as_bob.get(url).status_code == 403


def test_another_organisation_s_use_is_not_in_the_sums(as_charlie, history):
    assert table(as_charlie.get("/credits/ledger.csv")) == []
    assert as_charlie.get("/credits/used/").context["total"] == 0


def test_a_month_begins_and_ends_with_the_portal_s_clock(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Europe/Berlin"):
        month = Month(2026, 3)
        assert month.begins.astimezone(UTC) == datetime(2026, 2, 28, 23, tzinfo=UTC)
        assert month.ends.astimezone(UTC) == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_use_takes_the_same_few_queries_for_many(as_alice, alice, organization, spend, django_assert_num_queries):
    ledger.give(organization=organization, amount=60, reason="Start", by=alice)
    for _ in range(30):
        spend(alice)
    with django_assert_num_queries(12):
        as_alice.get("/credits/used/")


@pytest.mark.parametrize(
    ("word", "stands"),
    [
        *[("2026-01", True), ("2026-12", True), ("2000-01", True), ("9998-12", True)],
        *[("2026-00", False), ("2026-13", False), ("1999-12", False), ("9999-01", False), ("2026-1", False)],
    ],
)
def test_a_month_is_read_where_it_can_be_one(word, stands):
    assert str(Month.read(word)) == (word if stands else "None")

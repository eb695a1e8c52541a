"""The statement of a month: it begins where the last one ended, and says what moved the balance."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from accounts.models import AuditEntry
from credits import ledger
from credits.models import Entry
from credits.months import Month
from reports.pdf import statement

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)


@pytest.fixture
def autumn(organization, alice, carol, spend, give_back):
    """Ten given in September, three spent; in October two spent, one of them given back, one taken."""

    def at(entry, day):
        Entry.objects.filter(pk=entry.pk).update(at=day)

    at(ledger.give(organization=organization, amount=10, reason="Start", by=alice), datetime(2026, 9, 1, tzinfo=UTC))
    for day in (10, 11, 12):
        spend(carol, at=datetime(2026, 9, day, tzinfo=UTC))
    spend(carol, at=datetime(2026, 10, 3, tzinfo=UTC))
    at(give_back(spend(alice, at=datetime(2026, 10, 4, tzinfo=UTC))), datetime(2026, 10, 5, tzinfo=UTC))
    at(
        ledger.take(organization=organization, amount=1, reason="Typed wrong", by=alice),
        datetime(2026, 10, 6, tzinfo=UTC),
    )


def text_of(organization, month):
    """The letters a page sets, in order. The embedded font keeps ASCII codes, so no reader of PDF is needed."""
    entries = Entry.objects.filter(organization=organization)
    made = statement.make_statement(
        organization=organization, entries=entries, month=month, language="en", compressed=False
    )
    pieces = re.findall(rb"\(((?:\\.|[^()\\])*)\) Tj", made.read())
    return b" | ".join(re.sub(rb"\\([()\\])", rb"\1", piece) for piece in pieces).decode("latin-1")


def test_each_month_begins_where_the_one_before_ended(organization, autumn):
    entries = Entry.objects.filter(organization=organization)
    september, october = (statement.sums_of(entries, month) for month in (SEPTEMBER, OCTOBER))
    assert (september.before, september.after) == (0, 7)
    assert (october.before, october.after) == (7, 5)
    assert october.by_kind == {"gift": 0, "take": -1, "spend": -2, "give_back": 1}
    assert october.after == ledger.balance(organization)


def test_it_says_what_moved_the_balance_and_who_used_what(organization, autumn):
    text = text_of(organization, OCTOBER)
    for words in ("Track club", "Credits, October 2026", "Balance before | 7 |", "Balance after | 5 |"):
        assert words in text
    # Alice's one came back: only Carol used any.
    assert "By person | Carol | 1 |" in text
    assert "By service | Ochy | 1 |" in text
    assert "Typed wrong | Alice |" in text


def test_it_is_fetched_as_a_pdf_and_that_is_on_record(as_alice, autumn):
    answer = as_alice.get("/credits/statement.pdf?month=2026-10")
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert 'filename="credits-2026-10.pdf"' in answer["Content-Disposition"]
    assert AuditEntry.objects.get(action="exported").about == "statement of credits, 2026-10"


def test_a_month_without_entries_says_so(organization, autumn):
    assert "No entry in this month." in text_of(organization, Month(2025, 10))


def test_a_month_with_very_many_entries_points_to_the_table(organization, autumn, monkeypatch):
    monkeypatch.setattr(statement, "MOST_ENTRIES", 3)
    assert "The 4 entries are in the CSV of this month." in text_of(organization, OCTOBER)


@pytest.mark.parametrize("month", ["2026-13", "next", "9000-01"])
def test_a_month_to_come_or_no_month_is_not_there(as_alice, month):
    assert as_alice.get(f"/credits/statement.pdf?month={month}").status_code == 404


def test_only_an_admin_gets_it(as_carol, as_bob):
    assert as_carol.get("/credits/statement.pdf").status_code == as_bob.get("/credits/statement.pdf").status_code == 403


def test_another_organisation_s_entries_are_not_in_it(charlie, autumn):
    [member] = charlie.memberships.all()
    assert "No entry in this month." in text_of(member.organization, OCTOBER)

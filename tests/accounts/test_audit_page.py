"""The record as an admin reads it: by person, by deed, by runner, and as a table."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8

import pytest

from accounts.actions import record
from accounts.models import AuditEntry
from accounts.record import pseudonym

AUDIT = "/members/audit/"


@pytest.fixture
def deeds(organization, alice, carol, runner):
    record(organization=organization, by=alice, action=AuditEntry.Action.EXPORTED, about="numbers", runner=runner.code)
    record(organization=organization, by=carol, action=AuditEntry.Action.SHARED, about="=1+1")


def told(answer):
    return " ".join(answer.content.decode().split())


def rows(answer):
    table = answer.getvalue()
    assert table.startswith(BOM_UTF8), "else a spreadsheet reads é as Ã©"
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))


def test_it_names_the_runner(as_alice, deeds, runner):
    page = told(as_alice.get(AUDIT))
    assert f'<a href="?runner={pseudonym(runner.code)}">Runner 01</a>' in page


def test_a_runner_who_was_erased_has_no_name(as_alice, deeds, runner):
    runner.delete()
    page = told(as_alice.get(AUDIT))
    assert ">erased</a>" in page
    assert "Runner 01" not in page


def test_it_is_narrowed_to_a_person_a_deed_and_a_runner(as_alice, deeds, carol, runner):
    assert "numbers" not in told(as_alice.get(f"{AUDIT}?by={carol.pk}"))
    assert "numbers" not in told(as_alice.get(f"{AUDIT}?action=shared"))
    page = told(as_alice.get(f"{AUDIT}?runner={pseudonym(runner.code)}"))
    assert "numbers" in page
    assert "=1+1" not in page


@pytest.mark.parametrize("asked", ["by=x", "by=", f"by={'9' * 30}", "action=nonsense", "runner=%00", "page=x"])
def test_nonsense_in_the_address_narrows_nothing(as_alice, deeds, asked):
    assert "numbers" in told(as_alice.get(f"{AUDIT}?{asked}"))


def test_the_table_can_be_checked_and_runs_no_formula(as_alice, deeds, runner):
    table = rows(as_alice.get("/members/audit.csv"))
    assert [(row["number"], row["what"], row["about"]) for row in table] == [
        ("1", "exported", "numbers"),
        ("2", "shared", "'=1+1"),
        ("3", "exported", "the record of deeds as CSV"),
    ]
    assert table[0]["runner"] == pseudonym(runner.code)
    assert [row["digest"] for row in table] == list(
        AuditEntry.objects.order_by("number").values_list("digest", flat=True)
    )


def test_the_table_is_narrowed_as_the_page_is(as_alice, deeds, carol):
    assert [row["who"] for row in rows(as_alice.get(f"/members/audit.csv?by={carol.pk}"))] == ["carol@example.com"]


def test_only_an_admin_reads_it(as_carol, as_bob):
    for client in (as_carol, as_bob):
        assert client.get(AUDIT).status_code == 403
        assert client.get("/members/audit.csv").status_code == 403

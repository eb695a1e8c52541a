"""The audit log: it can only grow, a change of it shows, and it holds no runner in the clear."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts import append_only
from accounts.actions import record
from accounts.models import AuditEntry
from accounts.record import AppendOnly, pseudonym, verify

EXPORTED = AuditEntry.Action.EXPORTED


@pytest.fixture
def entries(organization, alice, runner):
    for number in range(1, 6):
        record(organization=organization, by=alice, action=EXPORTED, about=f"file {number}", runner=runner.code)
    return list(AuditEntry.objects.order_by("number"))


@pytest.fixture
def unguarded(db):
    """What the owner of a database could do: take the guard away first."""
    with connection.cursor() as cursor:
        append_only.remove_from_sqlite(cursor)


def change(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def said(*options):
    out = io.StringIO()
    call_command("verify_audit", *options, stdout=out)
    return out.getvalue()


def test_entries_are_numbered_in_a_chain(entries, organization):
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in entries[1:]] == [entry.digest for entry in entries[:-1]]
    found = verify(organization)
    assert (found.count, found.head, found.faults) == (5, entries[-1].digest, [])


def test_each_organisation_has_its_own_chain(entries, charlie):
    other = charlie.memberships.get().organization
    assert record(organization=other, by=charlie, action=EXPORTED).number == 1


def test_the_model_refuses_every_change(entries):
    entry = entries[0]
    entry.about = "something else"
    for deed in (
        entry.save,
        entry.delete,
        lambda: AuditEntry.objects.update(about=""),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.filter(pk=entry.pk).update(by=None),
    ):
        with pytest.raises(AppendOnly):
            deed()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET about = 'another' WHERE number = 2",
        "UPDATE accounts_auditentry SET about = '', salt = '', action = 'viewed' WHERE number = 2",
        "UPDATE accounts_auditentry SET about = '' WHERE number = 2 AND salt > ''",
        "DELETE FROM accounts_auditentry WHERE number = 2",
        "DELETE FROM accounts_auditentry",
    ],
)
def test_the_database_refuses_every_change(entries, statement):
    with pytest.raises(DatabaseError, match="The record can only be added to"), transaction.atomic():
        change(statement)


def test_the_command_says_that_all_is_well(entries, organization):
    assert said() == (
        f"Track club: 5 entries, 0 with their words taken out\n  digest of the newest: {entries[-1].digest}\n"
    )


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE accounts_auditentry SET action = 'viewed' WHERE number = 2", "Entry 2 was changed."),
        ("UPDATE accounts_auditentry SET by_id = NULL WHERE number = 2", "Entry 2 was changed."),
        ("UPDATE accounts_auditentry SET at = '2020-01-01 00:00:00' WHERE number = 2", "Entry 2 was changed."),
        ("UPDATE accounts_auditentry SET about = 'other' WHERE number = 2", "The words of entry 2 were changed."),
        ("DELETE FROM accounts_auditentry WHERE number = 2", "Entries before 3 are missing: 2 was expected."),
        (
            "UPDATE accounts_auditentry SET about = '', salt = '' WHERE number = 2",
            "The words of entry 2 were taken out, and no entry says by whom.",
        ),
    ],
)
def test_what_was_changed_behind_the_guard_shows(entries, unguarded, statement, fault, organization):
    change(statement)
    assert fault in verify(organization).faults
    with pytest.raises(CommandError, match=r"faults\. Keep this database as it is, and compare with a backup\."):
        said()


def test_a_cut_off_end_shows_by_the_digest_that_was_noted(entries, unguarded, organization):
    change("DELETE FROM accounts_auditentry WHERE number = 5")
    assert verify(organization).faults == []
    assert verify(organization, head=entries[3].digest).faults == []
    assert verify(organization, head=entries[4].digest).faults == [
        "The digest that was noted is not in the chain: entries were cut off or replaced."
    ]


def test_a_missing_guard_is_named(entries, unguarded):
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 faults"):
        call_command("verify_audit", stdout=out)
    assert out.getvalue().startswith("The database does not guard the record. Run manage.py migrate.\n")


def test_words_are_struck_out_on_record_and_the_chain_holds(entries, organization, alice, runner):
    with transaction.atomic():
        numbers = AuditEntry.objects.filter(number__in=[2, 4]).strike_out()
        record(
            organization=organization, by=alice, action=AuditEntry.Action.ERASED, runner=runner.code, strikes=numbers
        )
    assert list(AuditEntry.objects.order_by("number").values_list("about", flat=True)) == [
        "file 1",
        "",
        "file 3",
        "",
        "file 5",
        "",
    ]
    found = verify(organization)
    assert (found.faults, found.struck) == ([], 2)


def test_an_entry_names_its_runner_only_by_a_pseudonym(entries, runner):
    assert {entry.subject_key for entry in entries} == {pseudonym(runner.code)}
    assert str(runner.code) not in pseudonym(runner.code)
    assert AuditEntry.objects.of_runner(runner.code).count() == 5


def test_an_organisation_that_is_not_there_is_told(db):
    with pytest.raises(CommandError, match=r"There is no organisation “Nowhere”\. Check its spelling\."):
        said("--organization", "Nowhere")


def looks(runner):
    return list(AuditEntry.objects.of_runner(runner.code).filter(action="viewed").values_list("by__name", flat=True))


def test_who_looks_at_a_runner_is_on_record_once_an_hour(as_alice, as_bob, runner, time_machine_at_nine):
    for _ in range(3):
        as_alice.get(f"/runners/{runner.code}/")
    as_bob.get(f"/runners/{runner.code}/")
    assert sorted(looks(runner)) == ["Alice", "Bob"]
    time_machine_at_nine.shift(3601)
    as_alice.get(f"/runners/{runner.code}/")
    assert sorted(looks(runner)) == ["Alice", "Alice", "Bob"]


def test_who_looks_at_an_analysis_has_looked_at_its_runner(as_alice, order, runner):
    analysis = order()
    as_alice.get(f"/analyses/{analysis.code}/")
    as_alice.get(f"/runners/{runner.code}/")
    assert looks(runner) == ["Alice"]


def test_who_changes_a_runner_is_on_record_with_the_fields_and_not_their_words(as_carol, carol, runner):
    as_carol.post(f"/runners/{runner.code}/edit/", {"name": "Another Name", "height_m": "1.80", "weight_kg": "68"})
    as_carol.post(f"/runners/{runner.code}/archive/")
    as_carol.post(f"/runners/{runner.code}/restore/")
    changes = AuditEntry.objects.of_runner(runner.code).filter(action="changed").order_by("number")
    assert list(changes.values_list("by", "about")) == [
        (carol.pk, "name, height_m"),
        (carol.pk, "put aside"),
        (carol.pk, "taken back"),
    ]


def test_a_stranger_who_is_kept_out_has_not_looked(as_charlie, runner):
    assert as_charlie.get(f"/runners/{runner.code}/").status_code == 404
    assert looks(runner) == []


@pytest.fixture
def time_machine_at_nine():
    from datetime import UTC, datetime

    import time_machine
    from django.core.cache import cache

    cache.clear()
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), tick=False) as traveller:
        yield traveller

"""PostgreSQL itself guards what can only be added to: the record of deeds, and the ledger."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg
import pytest

from accounts import append_only as of_record
from credits import append_only as of_ledger

pytestmark = pytest.mark.services


@contextlib.contextmanager
def guarded(address: str, table: str, columns: str, guard: str) -> Iterator[psycopg.Connection]:
    """A table in a schema of its own, guarded as the portal guards it."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA guarded")
        connection.execute("SET search_path TO guarded")
        connection.execute(f"CREATE TABLE {table} ({columns})")
        connection.execute(guard)
        connection.execute(guard)  # every migration puts it in place anew
        yield connection
        with contextlib.suppress(psycopg.Error):
            connection.execute("DROP SCHEMA guarded CASCADE")


@pytest.fixture
def record(postgresql):
    columns = "id serial PRIMARY KEY, action text, about text, salt text, digest text"
    with guarded(postgresql, of_record.TABLE, columns, of_record.POSTGRESQL) as connection:
        row = "(action, about, salt, digest) VALUES ('shared', 'words', 's', 'd')"
        connection.execute(f"INSERT INTO {of_record.TABLE} {row}")
        yield connection


@pytest.fixture
def ledger(postgresql):
    columns = "organization_id int, kind text, amount int, returns_id int, reason text"
    with guarded(postgresql, of_ledger.TABLE, columns, of_ledger.POSTGRESQL) as connection:
        connection.execute(f"INSERT INTO {of_ledger.TABLE} VALUES (1, 'gift', 5, NULL, 'words')")
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET about = 'other'",
        "UPDATE {} SET about = '', salt = '', action = 'viewed'",
        "UPDATE {} SET about = ''",
        "DELETE FROM {}",
    ],
)
def test_every_change_of_the_record_is_refused(record, statement):
    with pytest.raises(psycopg.errors.RaiseException, match=r"The record can only be added to\."):
        record.execute(statement.format(of_record.TABLE))


def test_words_may_be_struck_out_of_the_record(record):
    record.execute(f"UPDATE {of_record.TABLE} SET about = '', salt = ''")
    row = record.execute(f"SELECT action, about, salt, digest FROM {of_record.TABLE}").fetchone()
    assert row == ("shared", "", "", "d")


@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = 100", "UPDATE {} SET kind = 'take'", "DELETE FROM {}"])
def test_every_change_of_what_an_entry_of_the_ledger_moves_is_refused(ledger, statement):
    with pytest.raises(psycopg.errors.RaiseException, match=r"The ledger can only be added to\."):
        ledger.execute(statement.format(of_ledger.TABLE))


def test_words_may_be_taken_out_of_the_ledger(ledger):
    ledger.execute(f"UPDATE {of_ledger.TABLE} SET reason = ''")
    assert ledger.execute(f"SELECT amount, reason FROM {of_ledger.TABLE}").fetchone() == (5, "")

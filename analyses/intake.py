"""A provider's call taken in one statement to the database, written by hand.

A provider with many films calls hundreds of times a second, and putting questions together through the models took a
third of the time of a call. It is asked past the wall between organisations: the secret says whose call it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from analyses.models import Analysis, ProviderAccount, WebhookCall
from providers.results import Event

log = structlog.get_logger(__name__)
Outcome = WebhookCall.Outcome
_ACCOUNTS, _ANALYSES, _CALLS = (model._meta.db_table for model in (ProviderAccount, Analysis, WebhookCall))
LONGEST_ID, LONGEST_KIND = 64, 40  # what a WebhookCall holds


def _listed(statuses: Iterable[Analysis.Status]) -> str:
    return ", ".join(f"'{status.value}'" for status in statuses)


# `remote_id <> ''` stands wherever an analysis is looked for: the index of remote ids holds no empty ones, and
# PostgreSQL takes it only where it need not. Organisations that share a key share its address: the one that has the
# analysis goes first.
_NOTE = f"""
INSERT INTO "{_CALLS}" (code, at, remote_id, kind, sequence, organization_id, account_id, outcome)
SELECT %s, %s, %s, %s, %s, a.organization_id, a.id,
       CASE WHEN %s THEN '{Outcome.TEST.value}' WHEN n.id IS NULL THEN '{Outcome.UNKNOWN.value}'
            WHEN n.status IN ({_listed(Analysis.Status.finished())}) THEN '{Outcome.LATE.value}'
            ELSE '{Outcome.ASKED.value}' END
  FROM "{_ACCOUNTS}" a
  LEFT JOIN "{_ANALYSES}" n ON n.account_id = a.id AND n.remote_id = %s AND n.remote_id <> ''
 WHERE a.kind = %s AND (a.webhook_token = %s
       OR (a.former_token = %s AND (a.former_token_until IS NULL OR a.former_token_until > %s)))
 ORDER BY n.id IS NULL, a.id
 LIMIT 1
RETURNING account_id, remote_id, outcome,
          (SELECT seen.webhook_seen_at > %s FROM "{_ACCOUNTS}" seen WHERE seen.id = account_id) AS was_seen
"""  # noqa: S608 - our own names
# A row that is due already is left alone: to write it again would write all its indexes. One that a worker has is
# written, for what it is told by the service may be older than this call. One that was given up on is looked at again;
# a start without an answer, which a person decides about, has no remote id.
_MAKE_DUE = f"""
UPDATE "{_ANALYSES}" SET due_at = %s, needs_person = FALSE
 WHERE (account_id, remote_id) IN (SELECT account_id, remote_id FROM noted WHERE outcome = '{Outcome.ASKED.value}')
   AND status IN ({_listed(Analysis.Status.unfinished())}) AND remote_id <> ''
   AND (due_at > %s OR lease_until > %s OR needs_person)
"""  # noqa: S608 - our own names
_ABOUT = f"""
SELECT noted.*, n.id, n.status, n.code FROM noted LEFT JOIN "{_ANALYSES}" n
    ON n.account_id = noted.account_id AND n.remote_id = noted.remote_id AND n.remote_id <> ''
   AND noted.outcome = '{Outcome.ASKED.value}'
"""  # noqa: S608 - our own names
_ALL = f"WITH noted AS ({_NOTE}), due AS ({_MAKE_DUE} RETURNING id) {_ABOUT}"
_NOTED = "WITH noted AS (SELECT %s AS account_id, %s AS remote_id, %s AS outcome, %s AS was_seen)"


@dataclass(frozen=True)
class Noted:
    """A call that was noted: what is made of it, and what it is about."""

    outcome: str
    was_seen: bool  # that this address is called was noted lately
    asked: tuple[int, str, uuid.UUID] | None  # number, status and code of the analysis that is to be looked at now


def note(*, kind: str, token: str, event: Event, now: datetime, seen_since: datetime) -> Noted | None:
    """Note a call of the account at this secret address, and have the analysis it is about looked at now.

    All of it or nothing; None, and nothing noted, for an unknown address.
    """
    if not token or "\x00" in token:  # who has no address yet is not called, and PostgreSQL takes no such character
        return None
    at, since = (connection.ops.adapt_datetimefield_value(moment) for moment in (now, seen_since))
    code = WebhookCall._meta.get_field("code").get_db_prep_value(uuid.uuid4(), connection)
    remote_id = event.remote_id or ""
    sequence = event.sequence if event.sequence is not None and abs(event.sequence) < 2**31 else None
    call = [code, at, remote_id[:LONGEST_ID], event.kind[:LONGEST_KIND], sequence, event.is_test]
    call += [remote_id, kind, token, token, at, since]
    row = _in_one(call, at) if connection.vendor == "postgresql" else _in_steps(call, at)
    if row is None:
        return None
    _account, _remote_id, outcome, was_seen, pk, status, found = row
    return Noted(outcome, bool(was_seen), None if pk is None else (pk, status, uuid.UUID(str(found))))


def _in_one(call: list[Any], at: Any) -> Any:
    """One statement is one transaction and one way to the server and back, which is what a call costs most."""
    if connection.in_atomic_block:
        return _ask(call, at)
    # To look first whether the connection still stands is a second way there and back; it is asked again instead.
    connection.health_check_done = True  # type: ignore[attr-defined] # Django's own, since 4.1
    try:
        return _ask(call, at)
    except (OperationalError, InterfaceError) as error:
        log.warning("webhook_asked_again", error=type(error).__name__)
        connection.close()
        return _ask(call, at)


def _ask(call: list[Any], at: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(_ALL, [*call, at, at, at])
        return cursor.fetchone()


def _in_steps(call: list[Any], at: Any) -> Any:
    """SQLite lets no statement write two tables."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NOTE, call)
        noted = cursor.fetchone()
        if noted is None:
            return None
        cursor.execute(_NOTED + _MAKE_DUE, [*noted, at, at, at])
        cursor.execute(_NOTED + _ABOUT, noted)
        return cursor.fetchone()

"""Whose call it is and what about: one question to the database, written by hand.

A provider with many films calls hundreds of times a second; putting the same two questions together through the models
took a third of the time of a call. They are asked past the wall between organisations: the secret says whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from analyses.models import Analysis, ProviderAccount

_ACCOUNTS, _ANALYSES = ProviderAccount._meta.db_table, Analysis._meta.db_table
_QUESTION = f"""
SELECT a.id, a.organization_id, a.webhook_seen_at > %s, n.id, n.status
  FROM "{_ACCOUNTS}" a
  LEFT JOIN "{_ANALYSES}" n ON n.account_id = a.id AND n.remote_id = %s AND n.remote_id <> ''
 WHERE a.kind = %s AND (a.webhook_token = %s
       OR (a.former_token = %s AND (a.former_token_until IS NULL OR a.former_token_until > %s)))
 ORDER BY a.id
"""  # noqa: S608 - our own names


@dataclass(frozen=True)
class Called:
    """An account whose address was called, and the analysis of it that the call is about."""

    account: int
    organization: int
    was_seen: bool  # lately
    analysis: Analysis | None  # what is needed of it here: its number and its state


def find(*, kind: str, token: str, remote_id: str, now: datetime, seen_since: datetime) -> list[Called]:
    """Return every account at this secret address with the analysis called `remote_id`; none for an unknown one."""
    if not token:  # who has no address yet is not called
        return []
    since, at = (connection.ops.adapt_datetimefield_value(moment) for moment in (seen_since, now))
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION, [since, remote_id, kind, token, token, at])
        return [_called(*row) for row in cursor.fetchall()]


def _called(account: int, organization: int, was_seen: bool | None, pk: int | None, status: str) -> Called:
    analysis = None if pk is None else Analysis(pk=pk, status=status, account_id=account, organization_id=organization)
    return Called(account, organization, bool(was_seen), analysis)

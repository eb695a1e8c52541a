"""The audit log as a chain: every entry holds the digest of the one before, so that a change shows.

Nothing about a runner stands in an entry in the clear: the runner is named by a pseudonym, and the words of an entry
enter the chain only as their salted digest. So a runner can be erased, and words about them struck out, while every
digest still holds; an entry that strikes words out names the numbers of the entries it took them from.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from accounts.tables import table

if TYPE_CHECKING:
    from accounts.models import AuditEntry, Organization

COLUMNS = ("number", "when", "who", "what", "runner", "about", "digest")
START = ""  # what stands where the first entry of an organisation holds the digest of the one before


class AppendOnly(Exception):
    """Entries of the record are added; they are neither changed nor removed."""


def pseudonym(code: UUID | str) -> str:
    """Return the name of a runner in the record: it leads from the code to the entries, and never back.

    A code holds 122 random bits, so a plain digest of it cannot be guessed, and needs no key that might be lost.
    """
    return hashlib.sha256(f"coachportal runner {code}".encode()).hexdigest()[:40]


def digest_of_words(salt: str, words: str) -> str:
    return hashlib.sha256(f"{salt}:{words}".encode()).hexdigest()


def digest_of(entry: AuditEntry, organization: Organization) -> str:
    """Return the digest of everything in `entry` but its words, which stand in it as their own digest."""
    told = [
        str(organization.code),
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.by_id,
        entry.action,
        entry.subject_key,
        entry.words_digest,
        entry.strikes,
        entry.previous,
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass
class Verdict:
    """What looking through one organisation's chain found; `faults` are sentences for an operator."""

    count: int = 0
    head: str = START  # the digest of the newest entry: noted elsewhere, it proves later that no entry was cut off
    struck: int = 0
    faults: list[str] = field(default_factory=list)


def verify(organization: Organization, *, head: str = "") -> Verdict:
    """Follow the chain from its first entry to its last. With `head`, that digest must still be in it."""
    from accounts.models import AuditEntry

    verdict, expected, seen_head = Verdict(), 1, False
    struck: set[int] = set()
    explained: set[int] = set()
    for entry in AuditEntry.objects.filter(organization=organization).order_by("number").iterator(chunk_size=1000):
        verdict.faults += _faults_of(entry, organization, expected, verdict.head)
        if entry.is_struck:
            struck.add(entry.number)
        explained |= set(numbers_in(entry.strikes))
        seen_head = seen_head or entry.digest == head
        verdict.count, verdict.head, expected = verdict.count + 1, entry.digest, entry.number + 1
    verdict.struck = len(struck)
    verdict.faults += [
        f"The words of entry {number} were taken out, and no entry says by whom."
        for number in sorted(struck - explained)
    ]
    if head and not seen_head:
        verdict.faults.append("The digest that was noted is not in the chain: entries were cut off or replaced.")
    return verdict


def _faults_of(entry: AuditEntry, organization: Organization, expected: int, previous: str) -> Iterator[str]:
    if entry.number != expected:
        yield f"Entries before {entry.number} are missing: {expected} was expected."
    elif entry.previous != previous:
        yield f"Entry {entry.number} does not follow the one before it."
    if digest_of(entry, organization) != entry.digest:
        yield f"Entry {entry.number} was changed."
    if not entry.is_struck and digest_of_words(entry.salt, entry.about) != entry.words_digest:
        yield f"The words of entry {entry.number} were changed."


def csv_lines(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """Yield the entries as lines of a table."""
    return table(COLUMNS, map(_row, entries.iterator(chunk_size=1000)))


def _row(entry: AuditEntry) -> tuple[object, ...]:
    when = entry.at.astimezone(UTC).isoformat(timespec="seconds")
    who = entry.by.email if entry.by else ""
    return (entry.number, when, who, entry.action, entry.subject_key, entry.about, entry.digest)


def numbers_in(strikes: str) -> list[int]:
    """Return the numbers of "3,7,12"."""
    return [int(number) for number in re.findall(r"\d+", strikes)]

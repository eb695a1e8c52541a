"""The ledger and what was used, as tables for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC

from accounts.tables import table
from credits.models import Entry
from credits.months import Month
from credits.usage import Line

LEDGER = (
    "at",
    "kind",
    "person",
    "email",
    "credits",
    "balance_after",
    "view",
    "service",
    "groups",
    "reason",
    "reference",
)


def ledger_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield entries, oldest first, as lines of a table; each has `after` from `with_balance`."""
    return table(LEDGER, map(_row, entries))


def _row(entry: Entry) -> tuple[object, ...]:
    who = entry.whose
    groups = (entry.returns or entry).group_uses.all()
    return (
        entry.at.astimezone(UTC).isoformat(timespec="seconds"),
        entry.kind,
        who.name if who else "",
        who.email if who else "",
        entry.amount,
        entry.after,  # type: ignore[attr-defined]
        entry.view,
        entry.service,
        ", ".join(sorted(one.name for one in groups)),
        entry.reason,
        entry.reference,
    )


def used_lines(month: Month, by: str, lines: Iterable[Line]) -> Iterator[str]:
    """Yield what was used in a month, as lines of a table."""
    also = ("email",) if by == "person" else ()
    rows = ((month, line.name, *(getattr(line, name) for name in also), line.orders, line.credits) for line in lines)
    return table(("month", by, *also, "orders", "credits"), rows)

"""The second wall between organisations: outside one's scope no row of a customer can be asked for.

The gate (access.py) is what a view has to remember; this is what happens when it does not. Every query on rows that
belong to an organisation, begun inside `only(...)`, is narrowed to that organisation by itself; begun anywhere else it
raises NoScope when it is run. A request begins with nothing in sight; `access.member_required` enters the member's
organisation; whoever has a reason to look further says it: `everything("why")`.

Where coaches see only their groups, their requests are narrowed once more, to those groups' runners and all that hangs
on them (`OrgOwned.seen_by`). `only(...)` within such a request has the whole organisation in sight: for what does not
depend on who asks, such as the end of the record's chain or how far two films of a minute differ here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final


class NoScope(Exception):
    """A query on rows of organisations was run where none was entered: it could show anybody's."""


class _Everything:
    """All organisations are in sight."""


EVERYTHING: Final = _Everything()


@dataclass(frozen=True)
class Sight:
    """One organisation by its number; with `coach`, a membership's, only what hangs on the runners of its groups."""

    organization: int
    coach: int | None = None


# None: nothing is in sight.
_scope: ContextVar[Sight | _Everything | None] = ContextVar("organization in sight", default=None)


def current() -> Sight | _Everything | None:
    return _scope.get()


def in_sight() -> Sight | None:
    """What a query begun now is narrowed to; None where nothing or everything is in sight."""
    scope = _scope.get()
    return scope if isinstance(scope, Sight) else None


def check(begun_in: Sight | None, table: str) -> None:
    """Let a query run that was begun within `begun_in`. Raises NoScope."""
    scope = _scope.get()
    if isinstance(scope, _Everything) or (scope is not None and scope == begun_in):
        return
    raise NoScope(
        f"{table} is asked for outside its organisation. A view for members takes @member_required; any other place "
        'enters accounts.wall.only(organization.pk), or says why it looks at all: accounts.wall.everything("...").'
    )


@contextmanager
def only(organization_id: int) -> Iterator[None]:
    """Have the rows of one organisation in sight, and no others."""
    with seeing(Sight(organization_id)):
        yield


@contextmanager
def everything(reason: str) -> Iterator[None]:
    """Have all organisations in sight; `reason` tells whoever reads the code why that is right here."""
    if not reason:
        raise ValueError("Say why all organisations must be in sight.")
    with seeing(EVERYTHING):
        yield


@contextmanager
def nothing() -> Iterator[None]:
    """Have no organisation in sight until one is entered: how every request begins."""
    with seeing(None):
        yield


def enter(organization_id: int, *, coach: int | None = None) -> None:
    """Have one organisation in sight until the end of the `nothing()` around this: its error pages included.

    `coach` is the membership whose groups' runners alone are in sight; without it all are.
    """
    _scope.set(Sight(organization_id, coach))


def open_for(reason: str) -> None:
    """Have all organisations in sight for as long as this process lives: commands, workers, tests."""
    if not reason:
        raise ValueError("Say why all organisations must be in sight.")
    _scope.set(EVERYTHING)


@contextmanager
def seeing(scope: Sight | _Everything | None) -> Iterator[None]:
    """Have in sight what `current` told, or stand-ins for it (questions.py)."""
    before = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(before)

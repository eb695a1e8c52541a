"""The second wall between organisations: outside one's scope no row of a customer can be asked for.

The gate (access.py) is what a view has to remember; this is what happens when it does not. Every query on rows that
belong to an organisation, begun inside `only(...)`, is narrowed to that organisation by itself; begun anywhere else it
raises NoScope when it is run. A request begins with nothing in sight; `access.member_required` enters the member's
organisation; whoever has a reason to look further says it: `everything("why")`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class NoScope(Exception):
    """A query on rows of organisations was run where none was entered: it could show anybody's."""


class _Everything:
    """All organisations are in sight."""


EVERYTHING: Final = _Everything()
# The number of the organisation in sight; None: nothing is.
_scope: ContextVar[int | _Everything | None] = ContextVar("organization in sight", default=None)


def current() -> int | _Everything | None:
    return _scope.get()


def organization_in_sight() -> int | None:
    """What a query begun now is narrowed to; None where nothing or everything is in sight."""
    scope = _scope.get()
    return scope if isinstance(scope, int) else None


def check(begun_in: int | None, table: str) -> None:
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
    with _set(organization_id):
        yield


@contextmanager
def everything(reason: str) -> Iterator[None]:
    """Have all organisations in sight; `reason` tells whoever reads the code why that is right here."""
    if not reason:
        raise ValueError("Say why all organisations must be in sight.")
    with _set(EVERYTHING):
        yield


@contextmanager
def nothing() -> Iterator[None]:
    """Have no organisation in sight until one is entered: how every request begins."""
    with _set(None):
        yield


def enter(organization_id: int) -> None:
    """Have one organisation in sight until the end of the `nothing()` around this: its error pages included."""
    _scope.set(organization_id)


def open_for(reason: str) -> None:
    """Have all organisations in sight for as long as this process lives: commands, workers, tests."""
    if not reason:
        raise ValueError("Say why all organisations must be in sight.")
    _scope.set(EVERYTHING)


@contextmanager
def _set(scope: int | _Everything | None) -> Iterator[None]:
    before = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(before)

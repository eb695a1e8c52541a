"""The addresses of pages, looked up once: they change no more, but for the prefix a server may put before them."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.urls import get_script_prefix, reverse

from accounts.access import NOBODY


def address(name: str, code: UUID | str | None = None) -> str:
    """Return the address of a page, or of one about a row or a measure; `reverse` anew takes ten times as long."""
    if code is None:
        return _fixed(name, get_script_prefix())
    before, after = _around_code(name, get_script_prefix())
    return f"{before}{code}{after}"


@lru_cache
def _fixed(name: str, _prefix: str) -> str:
    return reverse(name)


@lru_cache
def _around_code(name: str, _prefix: str) -> tuple[str, str]:
    before, after = reverse(name, args=[NOBODY]).split(str(NOBODY))
    return before, after

"""Lists in pages that do not shift: each page says where the next begins, in a word that means nothing to others.

A page is asked for by the last row of the one before, never by counting rows off: what is added or removed meanwhile
neither repeats a row nor skips one, and the thousandth page costs what the first does.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from cryptography.fernet import InvalidToken
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field

from accounts.sealed import seal, unseal
from api.problems import Problem

MOST = 100
USUAL = 25

Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


class Paged(Schema):
    """Which part of a list."""

    limit: int = Field(USUAL, ge=1, le=MOST)
    cursor: str = Field("", max_length=500, pattern=r"^[A-Za-z0-9_=-]*$", description="`next` of the page before")


class Page(Schema, Generic[Item]):
    """Some rows of a list, and how to ask for those after them."""

    items: list[Item]
    next: str | None = Field(description="The cursor of the next page; null on the last one")


def page_of(rows: QuerySet[Row], asked: Paged, *, newest_first: bool = True) -> dict[str, Any]:
    """Return one page of `rows`, which must come from the gate, in the order in which they were made."""
    name = rows.model._meta.model_name
    if asked.cursor:
        last = _opened(asked.cursor, str(name))
        rows = rows.filter(pk__lt=last) if newest_first else rows.filter(pk__gt=last)
    found = list(rows.order_by("-pk" if newest_first else "pk")[: asked.limit + 1])
    there_is_more = len(found) > asked.limit
    found = found[: asked.limit]
    return {"items": found, "next": seal(f"{name}:{found[-1].pk}") if there_is_more else None}


def _opened(cursor: str, name: str) -> int:
    """The row a cursor of ours names; sealed, so that nobody counts our rows by it or makes one up."""
    try:
        kind, _colon, pk = unseal(cursor).partition(":")
    except InvalidToken:
        kind, pk = "", ""
    if kind != name:
        text = _("This cursor is not one of this list. Begin without one.")
        raise Problem(422, "not_a_cursor", text)
    return int(pk)

"""The balance, and every entry that made it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from accounts import access
from api.gate import as_member, may
from api.models import Scope
from api.operations.answers import answers
from api.paging import Page, Paged, page_of
from api.schemas import BalanceOut, EntryOut
from credits.ledger import balance
from credits.models import Entry

router = Router(tags=["credits"])


@router.get("", response=answers(BalanceOut, listed=True), auth=may(Scope.CREDITS, "writer"))
def read_balance(request: HttpRequest) -> Any:
    """Read how many credits are left. Coaches may, for they see it when they order."""
    return {"balance_credits": balance(as_member(request).member.organization)}


@router.get("/entries", response=answers(Page[EntryOut], listed=True), auth=may(Scope.CREDITS, "admin"))
def list_entries(request: HttpRequest, asked: Query[Paged]) -> Any:
    """List the ledger, the newest entry first. For admins."""
    return page_of(access.rows(as_member(request), Entry).select_related("by"), asked)

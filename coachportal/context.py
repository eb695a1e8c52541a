"""What every page of the shell shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from credits.ledger import balance


def shell(request: HttpRequest) -> dict[str, Any]:
    """The member, their organisations and the balance; nothing for somebody who is not signed in."""
    member = getattr(request, "member", None)
    if member is None:
        return {}
    return {"member": member, "organization": member.organization, "balance": balance(member.organization)}

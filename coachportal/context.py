"""What every page of the shell shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from analyses.inbox import needs_somebody
from credits.ledger import balance


def shell(request: HttpRequest) -> dict[str, Any]:
    """The member, their organisations, the balance and what waits in the inbox; nothing without a sign-in.

    A fragment shows none of it, so those that ask the database wait until a template names them.
    """
    member = getattr(request, "member", None)
    if member is None:
        return {}
    organization = member.organization
    return {
        "member": member,
        "organization": organization,
        "manner": request.manner,  # type: ignore[attr-defined]
        "balance": SimpleLazyObject(lambda: balance(organization)),
        "memberships": request.memberships,  # type: ignore[attr-defined]
        "waiting": SimpleLazyObject(lambda: needs_somebody(organization)),
    }

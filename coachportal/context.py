"""What every page of the shell shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from credits.ledger import balance


def shell(request: HttpRequest) -> dict[str, Any]:
    """The member, their organisations and the balance; nothing for somebody who is not signed in.

    A fragment shows none of it, so the two that ask the database wait until a template names them.
    """
    member = getattr(request, "member", None)
    if member is None:
        return {}
    organization = member.organization
    return {
        "member": member,
        "organization": organization,
        "balance": SimpleLazyObject(lambda: balance(organization)),
        "memberships": member.user.memberships.select_related("organization"),
    }

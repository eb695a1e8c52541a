"""What the sign-in library asks us."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody opens an account alone: an admin of an organisation adds its people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

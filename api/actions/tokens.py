"""Make a token, find who holds one, end it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import wall
from accounts.actions import record
from accounts.models import AuditEntry, Membership, User
from accounts.sealed import digest_of_token
from api.models import Token


@transaction.atomic
def make_token(*, membership: Membership, name: str, scopes: list[str], days: int) -> tuple[Token, str]:
    """Let a program act as this member for so many days; return the token and its secret, which is shown once."""
    token = Token(
        organization=membership.organization,
        membership=membership,
        name=name,
        scopes=scopes,
        expires_at=timezone.now() + timedelta(days=days),
    )
    secret = token.make_secret()
    token.save()
    _record(token, membership.user, f"made · {', '.join(scopes)} · {days} days")
    return token, secret


@transaction.atomic
def end_token(*, token: Token, by: User) -> bool:
    """Let the token open nothing any more; False if it was ended before."""
    if not Token.objects.filter(pk=token.pk, ended_at=None).update(ended_at=timezone.now()):
        return False
    _record(token, by, f"ended · of {token.membership.user.email}")
    return True


def token_behind(*, secret: str) -> Token | None:
    """Return the token with this secret, whatever has become of it, and note that it was used."""
    with wall.everything("the secret names its organisation; nothing else of the request does"):
        found = Token.objects.select_related("membership__organization", "membership__user")
        token = found.filter(digest=digest_of_token(secret)).first()
        now = timezone.now()
        if token and token.stands and (token.used_at is None or now - token.used_at > Token.USED_WITHIN):
            Token.objects.filter(pk=token.pk).update(used_at=now)
    return token


def _record(token: Token, by: User, what: str) -> None:
    about = f"{token.name} · {what}"
    record(organization=token.organization, by=by, action=AuditEntry.Action.TOKEN_CHANGED, about=about)

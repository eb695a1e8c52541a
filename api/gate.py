"""Who asks: the token, the member it acts as, how often, and whether it may. Behind it stands the portal's own gate.

After `may(...)` a request is what accounts.access expects: `request.member`, and that organisation alone in sight.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, cast

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from accounts import access
from accounts.access import MemberRequest
from accounts.limits import Limit, caller
from api import problems
from api.actions import token_behind
from api.models import Scope, Token
from api.problems import Problem

WINDOW_S = 60
GUESSES_A_MINUTE = 60  # ours: many programs may stand behind one address, and one of them with an old token
Role = Literal["reader", "writer", "admin"]


class AccessToken(HttpBearer):
    """Let in who brings a token with this scope whose member has this role."""

    def __init__(self, scope: Scope, role: Role) -> None:
        super().__init__()
        self.scope, self.role = scope, role

    def __call__(self, request: HttpRequest) -> Any:
        found = super().__call__(request)
        guesses = Limit("api-guesses", GUESSES_A_MINUTE, WINDOW_S)
        # Only who guesses waits: a good token from the same address is not held up by a neighbour's old one.
        if found is None and not guesses.passes(caller(request)):
            raise too_often(guesses)
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        found = token_behind(secret=token)
        if found is None:
            return None
        _count(request, found)
        _refuse_who_is_out(found)
        member = found.membership
        asking = as_member(request)
        asking.user, asking.member, asking.memberships = member.user, member, [member]
        access.enter(member)
        if self.scope not in found.scopes:
            text = _("This token may not do that. Make one that may: %(scope)s.") % {"scope": self.scope.label}
            raise Problem(403, "scope_missing", text)
        if (self.role == "writer" and not member.can_write) or (self.role == "admin" and not member.is_admin):
            raise problems.not_allowed()
        return found


def may(scope: Scope, role: Role = "reader") -> AccessToken:
    return AccessToken(scope, role)


def as_member(request: HttpRequest) -> MemberRequest:
    """Return a request that was let in as what it has become: one that knows its member."""
    return cast(MemberRequest, request)


def _refuse_who_is_out(token: Token) -> None:
    member = token.membership
    if token.ended_at is not None:
        raise _dead("token_ended", _("This token was ended. Make a new one."))
    if token.is_expired:
        raise _dead("token_expired", _("This token has expired. Make a new one."))
    if member.suspended_at is not None or not member.user.is_active:
        raise _dead("suspended", _("The person this token belongs to is not let in just now. Ask an admin."))
    if member.organization.needs_second_factor and not is_mfa_enabled(member.user):
        text = _("%(club)s asks for a second factor. Set one up in the portal; the token works from then on.")
        raise _dead("second_factor", text % {"club": member.organization})


def _dead(code: str, text: str) -> Problem:
    return Problem(401, code, text, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


# ── how often ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _count(request: HttpRequest, token: Token) -> None:
    limit = Limit("api", settings.API_CALLS_A_MINUTE, WINDOW_S)
    tries = limit.count(str(token.pk))
    request.rate_limit = {  # type: ignore[attr-defined]
        "RateLimit-Limit": str(limit.amount),
        "RateLimit-Remaining": str(max(0, limit.amount - tries)),
        "RateLimit-Reset": str(limit.retry_after_s),
    }
    if tries > limit.amount:
        raise too_often(limit)


def too_often(limit: Limit) -> Problem:
    wait_s = limit.retry_after_s
    text = _("Too many requests. Go on in %(seconds)s s.") % {"seconds": wait_s}
    return Problem(429, "too_often", text, headers={"Retry-After": str(wait_s)})


def tell_limits(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Add to every answer how many requests are left, as RateLimit-Limit, -Remaining and -Reset (in s) say it."""

    @wraps(run)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = run(request, *args, **kwargs)
        for name, value in getattr(request, "rate_limit", {}).items():
            response[name] = value
        response.setdefault("Cache-Control", "no-store")
        return response

    return told

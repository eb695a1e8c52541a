"""Access tokens: make one, see what became of them, end one."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access
from accounts.access import MemberRequest, member_required
from api import actions
from api.forms import TokenForm
from api.models import Token

PAGE = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def tokens(request: MemberRequest) -> HttpResponse:
    """List a member's tokens, an admin everybody's; a POST makes one and shows its secret this once.

    Whoever finds a browser left open must not take a token away from it: who makes one has just shown who they are.
    """
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        token, secret = actions.make_token(membership=request.member, **form.cleaned_data)
        return render(request, "api/token_made.html", {"token": token, "secret": secret}, status=201)
    page = Paginator(_rows(request), PAGE).get_page(request.GET.get("page"))
    return render(request, "api/tokens.html", {"form": form, "page": page}, status=422 if form.is_bound else 200)


@require_POST
@member_required
def end_token(request: MemberRequest, code: UUID) -> HttpResponse:
    """End one's own token; an admin may end anybody's."""
    token = get_object_or_404(_rows(request), code=code)
    if actions.end_token(token=token, by=request.user):
        messages.success(request, _("%(name)s no longer opens anything.") % {"name": token})
    return redirect("api:tokens")


def _rows(request: MemberRequest) -> QuerySet[Token]:
    found = access.rows(request, Token).select_related("membership__user", "organization")
    return cast("QuerySet[Token]", found if request.member.is_admin else found.filter(membership=request.member))

"""What the service calls us about, and the secret address it calls."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import DurationField, ExpressionWrapper, F, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses import actions, jobs
from analyses.models import Analysis, WebhookCall
from analyses.remote import account_of, sentence_of
from providers.base import ProviderError

PAGE = 50
REPLAYED_DAYS = 7


@require_safe
@member_required(admin=True)
def calls(request: MemberRequest) -> HttpResponse:
    """Show every call with what came of it, and how long after it the result was here."""
    about = access.rows(request, Analysis).filter(account=OuterRef("account"), remote_id=OuterRef("remote_id"))
    ended = Subquery(about.values("finished_at")[:1])
    listed = access.rows(request, WebhookCall).annotate(
        lag=ExpressionWrapper(ended - F("at"), output_field=DurationField())
    )
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    account = account_of(request.member.organization)
    shown = {"page": page, "account": account, "days": REPLAYED_DAYS, "can_be_called": actions.can_be_called(account)}
    return render(request, "analyses/calls.html", shown)


@require_POST
@member_required(admin=True)
def register(request: MemberRequest) -> HttpResponse:
    """Have the service call us."""
    account = account_of(request.member.organization)
    if not actions.can_be_called(account):
        messages.error(request, _("A service calls only a public https address. Set PUBLIC_URL; until then we ask."))
        return redirect("analyses:provider")
    try:
        actions.register_webhook(account=account)
    except ProviderError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, _("%(service)s calls us from now on.") % {"service": account})
    return redirect("analyses:provider")


@require_POST
@member_required(admin=True)
def rotate(request: MemberRequest) -> HttpResponse:
    """Give the service a new secret address."""
    account = account_of(request.member.organization)
    if account.webhook_registered_at is None:
        messages.error(request, _("There is no address to change yet. Have the service call us first."))
        return redirect("analyses:calls")
    try:
        actions.rotate_webhook(account=account, by=request.user)
    except ProviderError as error:
        text = _("The address is new here, but %(service)s could not be told: %(error)s Both are good; we try again.")
        messages.error(request, text % {"service": account, "error": sentence_of(error)})
    else:
        messages.success(request, _("The address is new. Calls to the former one are taken for one more day."))
    return redirect("analyses:calls")


@require_POST
@member_required(admin=True)
def replay(request: MemberRequest) -> HttpResponse:
    """Ask again about everything that was called about lately and has not ended."""
    found = list(actions.replay_calls(organization=request.member.organization, days=REPLAYED_DAYS))
    for analysis in found:
        jobs.hint(analysis)
    told = ngettext("We ask again about %(count)d analysis.", "We ask again about %(count)d analyses.", len(found)) % {
        "count": len(found)
    }
    messages.success(request, told if found else _("Everything the service called about has ended."))
    return redirect("analyses:calls")

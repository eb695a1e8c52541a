"""Who measures for this organisation, and whether it answers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses import actions
from analyses.forms import ServiceForm
from analyses.models import ProviderAccount
from analyses.remote import account_of

CALLS = 20


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def provider(request: MemberRequest) -> HttpResponse:
    """Show who measures; a POST chooses and stores a key."""
    organization = request.member.organization
    account = account_of(organization)
    form = ServiceForm(request.POST or None, initial={"kind": account.kind})
    if request.method == "POST" and form.is_valid():
        chosen = actions.choose_service(organization=organization, by=request.user, **form.cleaned_data)
        messages.success(request, _("%(service)s measures from now on.") % {"service": chosen})
        return redirect("analyses:provider")
    shown = {
        "form": form,
        "account": account,
        "has_key": bool(account.key),
        "can_be_called": actions.can_be_called(account),
        "calls": account.calls.all()[:CALLS],
    }
    return render(request, "analyses/provider.html", shown, status=422 if form.is_bound else 200)


@require_POST
@member_required(admin=True)
def test_provider(request: MemberRequest) -> HttpResponse:
    """Ask the service with our key; nothing is spent."""
    result = actions.test_service(account=account_of(request.member.organization))
    (messages.success if result.works else messages.error)(request, result.sentence)
    return redirect("analyses:provider")


@require_POST
@member_required(admin=True)
def continue_orders(request: MemberRequest) -> HttpResponse:
    """Send again what waited for credits or a key; the clock finds it within seconds."""
    paused = access.rows(request, ProviderAccount).exclude(paused_at=None)
    continued = [actions.continue_orders(account=one, by=request.user) for one in paused]
    if any(continued):
        messages.success(request, _("Orders go on; what waited is sent now."))
    return redirect("analyses:provider")

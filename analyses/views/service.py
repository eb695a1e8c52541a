"""Who measures for this organisation, and whether it answers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses import actions
from analyses.forms import ExceptionForm, ServiceForm
from analyses.leaving import account_for_groups
from analyses.models import ProviderAccount, ServiceChoice
from analyses.remote import account_of
from subjects.models import Group, Subject

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
        if form.cleaned_data["only_key"]:
            messages.success(request, _("The key of %(service)s is kept.") % {"service": chosen})
        else:
            messages.success(request, _("%(service)s measures from now on.") % {"service": chosen})
        return redirect("analyses:provider")
    shown = {
        "form": form,
        "account": account,
        "has_key": bool(account.key),
        "can_be_called": actions.can_be_called(account),
        "calls": account.calls.all()[:CALLS],
        "exceptions": access.rows(request, ServiceChoice)
        .select_related("account", "group", "subject")
        .order_by("subject__name", "group__name", "pk"),
    }
    return render(request, "analyses/provider.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def of_group(request: MemberRequest, code: UUID) -> HttpResponse:
    """Say who measures the runners of a group."""
    group = access.row(request, Group, code)
    return _exception(request, group, account_of(request.member.organization))


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def of_runner(request: MemberRequest, code: UUID) -> HttpResponse:
    """Say who measures one runner."""
    runner = access.row(request, Subject, code)
    groups = runner.groups.values_list("pk", flat=True)
    return _exception(request, runner, account_for_groups(groups, account_of(request.member.organization)))


def _exception(request: MemberRequest, whom: Subject | Group, usually: ProviderAccount) -> HttpResponse:
    chosen: ServiceChoice | None = getattr(whom, "service_choice", None)
    initial = {"kind": chosen.account.kind if chosen else ""}
    form = ExceptionForm(request.POST or None, usually=usually, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.choose_service_for(whom=whom, kind=form.cleaned_data["kind"], by=request.user)
        messages.success(request, _("Saved %(name)s.") % {"name": whom})
        return redirect("analyses:provider")
    shown = {"form": form, "whom": whom, "runner": whom if isinstance(whom, Subject) else None}
    return render(request, "analyses/exception.html", shown, status=422 if form.is_bound else 200)


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

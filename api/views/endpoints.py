"""Webhooks: whom we call, what came of it, and once more."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access
from accounts.access import MemberRequest, member_required
from api import actions, jobs
from api.forms import EndpointForm
from api.models import Delivery, Endpoint

PAGE = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def endpoints(request: MemberRequest) -> HttpResponse:
    """List whom we call; a POST adds an address and shows the secret that signs, this once."""
    found = access.rows(request, Endpoint)
    form = EndpointForm(request.POST or None, others=found)
    if request.method == "POST" and form.is_valid():
        endpoint, secret = actions.add_endpoint(
            organization=request.member.organization, by=request.user, **form.cleaned_data
        )
        return render(request, "api/endpoint_secret.html", {"endpoint": endpoint, "secret": secret}, status=201)
    return render(
        request, "api/endpoints.html", {"form": form, "endpoints": found}, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def endpoint(request: MemberRequest, code: UUID) -> HttpResponse:
    """Show one address and its calls; a POST changes it."""
    found = access.row(request, Endpoint, code)
    others = access.rows(request, Endpoint).exclude(pk=found.pk)
    form = EndpointForm(request.POST or None, others=others, initial={"url": found.url, "events": found.events})
    if request.method == "POST" and form.is_valid():
        actions.change_endpoint(endpoint=found, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("api:endpoint", found.code)
    calls = access.rows(request, Delivery).filter(endpoint=found).select_related("analysis__subject")
    page = Paginator(calls, PAGE).get_page(request.GET.get("page"))
    shown = {"endpoint": found, "form": form, "page": page}
    return render(request, "api/endpoint.html", shown, status=422 if form.is_bound else 200)


@never_cache
@require_POST
@member_required(admin=True)
def rotate(request: MemberRequest, code: UUID) -> HttpResponse:
    found = access.row(request, Endpoint, code, write=True)
    secret = actions.rotate_secret(endpoint=found, by=request.user)
    return render(request, "api/endpoint_secret.html", {"endpoint": found, "secret": secret, "is_new": True})


@require_POST
@member_required(admin=True)
def test(request: MemberRequest, code: UUID) -> HttpResponse:
    found = access.row(request, Endpoint, code, write=True)
    actions.send_test(endpoint=found)
    jobs.hint(found)
    messages.success(request, _("A test is on its way. What came of it stands below in a moment."))
    return redirect("api:endpoint", found.code)


@require_POST
@member_required(admin=True)
def switch(request: MemberRequest, code: UUID) -> HttpResponse:
    found = access.row(request, Endpoint, code, write=True)
    if request.POST.get("on") == "1":
        actions.switch_on(endpoint=found, by=request.user)
        jobs.hint(found)
        messages.success(request, _("%(address)s is called again.") % {"address": found})
    else:
        actions.switch_off(endpoint=found, by=request.user)
        messages.success(request, _("%(address)s is no longer called.") % {"address": found})
    return redirect("api:endpoint", found.code)


@require_POST
@member_required(admin=True)
def remove(request: MemberRequest, code: UUID) -> HttpResponse:
    found = access.row(request, Endpoint, code, write=True)
    actions.remove_endpoint(endpoint=found, by=request.user)
    messages.success(request, _("%(address)s is forgotten, with its secret and its calls.") % {"address": found})
    return redirect("api:endpoints")


@require_POST
@member_required(admin=True)
def replay_missed(request: MemberRequest, code: UUID) -> HttpResponse:
    """Tell again what this address missed lately."""
    found = access.row(request, Endpoint, code, write=True)
    count = actions.replay_failed(endpoint=found)
    jobs.hint(found)
    said = ngettext("%(count)s call is made again.", "%(count)s calls are made again.", count) % {"count": count}
    messages.success(request, said if count else _("Nothing was missed."))
    return redirect("api:endpoint", found.code)


@require_POST
@member_required(admin=True)
def replay(request: MemberRequest, code: UUID) -> HttpResponse:
    """Make one call once more."""
    delivery = access.row(request, Delivery, code, write=True)
    actions.replay(delivery=delivery)
    jobs.hint(delivery.endpoint)
    messages.success(request, _("The call is made once more."))
    return redirect("api:endpoint", delivery.endpoint.code)

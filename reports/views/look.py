"""An organisation's logo and colour: chosen by an admin, shown on reports and shared pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, member_required
from clips import storage
from reports import actions, colour
from reports.forms import AccentForm, LogoForm
from reports.models import Look


@require_safe
@member_required(admin=True)
def look(request: MemberRequest) -> HttpResponse:
    return _page(request)


@require_POST
@member_required(admin=True)
def logo(request: MemberRequest) -> HttpResponse:
    """Take a logo, or with `remove` take it away."""
    ours = request.member.organization
    if "remove" in request.POST:
        actions.set_logo(organization=ours, logo=None, by=request.user)
        messages.success(request, _("The logo is removed. Reports made earlier keep it."))
        return redirect("reports:look")
    form = LogoForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, logo=form)
    actions.set_logo(organization=ours, logo=form.cleaned_data["logo"], by=request.user)
    messages.success(
        request, _("The logo is kept. It stands on reports made from now on, and on shared pages at once.")
    )
    return redirect("reports:look")


@require_POST
@member_required(admin=True)
def accent(request: MemberRequest) -> HttpResponse:
    """Take a colour, or with `remove` go back to the portal's own."""
    form = AccentForm({"accent": ""} if "remove" in request.POST else request.POST)
    if not form.is_valid():
        return _page(request, accent=form)
    actions.set_accent(organization=request.member.organization, by=request.user, **form.cleaned_data)
    messages.success(request, _("The colour is kept."))
    return redirect("reports:look")


@require_safe
@member_required(admin=True)
def try_out(request: MemberRequest) -> HttpResponse:
    """The two samples' colours, as a stylesheet: the content policy allows none on the page."""
    return stylesheet(Look.of(request.member.organization), "reports/look_samples.css")


def stylesheet(look: Look, template: str) -> HttpResponse:
    shades = {"day": colour.by_day(look.accent), "night": colour.by_night(look.accent)} if look.accent else {}
    response = render(None, template, shades, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "private, no-cache"
    return response


def _page(request: MemberRequest, **forms: LogoForm | AccentForm) -> HttpResponse:
    kept = Look.of(request.member.organization)
    shown = {
        "look": kept,
        "logo_url": storage.link(kept.logo_key, content_type="image/png"),
        "logo_form": forms.get("logo") or LogoForm(),
        "accent_form": forms.get("accent") or AccentForm(initial={"accent": kept.accent or colour.OURS}),
    }
    return render(request, "reports/look.html", shown, status=422 if forms else 200)

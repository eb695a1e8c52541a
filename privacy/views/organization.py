"""The house's own rules, and what waits for somebody."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.scoping import OrgOwnedQuerySet
from privacy import actions
from privacy.forms import RulesForm
from privacy.models import Tombstone
from subjects.models import Consent, Subject

PAGE = 50
WAITING = 50


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def rules(request: MemberRequest) -> HttpResponse:
    """Show and set for what consent is asked; list who wants to be erased, and who was."""
    organization = request.member.organization
    initial = {"consent_for": organization.consent_for, "consent_age": organization.consent_age}
    form = RulesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.set_rules(organization=organization, by=request.user, **form.cleaned_data)
        messages.success(request, _("The rules are kept."))
        return redirect("privacy:rules")
    erased = access.rows(request, Tombstone).select_related("erased_by")
    shown = {
        "form": form,
        "to_erase": _to_erase(request)[:WAITING],
        "page": Paginator(erased, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "privacy/rules.html", shown, status=422 if form.is_bound else 200)


def _to_erase(request: MemberRequest) -> OrgOwnedQuerySet[Subject]:
    """Return whose consent to be measured was taken back and does not stand again."""
    said = access.rows(request, Consent).filter(purpose=Consent.Purpose.MEASURING)
    taken_back, stands = said.exclude(ended_at=None), said.filter(ended_at=None)
    runners = access.rows(request, Subject).filter(pk__in=taken_back.values("subject"))
    return runners.exclude(pk__in=stands.values("subject"))

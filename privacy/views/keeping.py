"""How long the organisation keeps films, copies and numbers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import MemberRequest, member_required
from privacy import actions
from privacy.actions import Going
from privacy.forms import KeepingForm
from privacy.models import Retention

NAMES = ("originals_months", "copies_months", "numbers_months")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def keeping(request: MemberRequest) -> HttpResponse:
    """Show and set the times; what would go at once has to be ticked."""
    organization = request.member.organization
    kept = Retention.of(organization)
    form = KeepingForm(request.POST or None, initial={name: getattr(kept, name) for name in NAMES})
    today = going = actions.what_goes(kept, now=timezone.now())
    if form.is_bound and form.is_valid():
        going = _going(request, form)
        # What the times that stand take anyway needs no second tick.
        if going.is_within(today) or form.cleaned_data["sure"]:
            actions.set_retention(organization=organization, by=request.user, **form.times)
            messages.success(request, _("The times are kept."))
            return redirect("privacy:keeping")
        form.add_error("sure", _("Tick that these may be removed for good."))
    shown = {"form": form, "kept": kept, "going": going, "is_to_come": kept.starts_at > timezone.now()}
    return render(request, "privacy/keeping.html", shown, status=422 if form.is_bound else 200)


@require_GET
@member_required(admin=True)
def what_goes(request: MemberRequest) -> HttpResponse:
    """Say what would go with the times that are chosen; nothing is kept or removed."""
    form = KeepingForm(request.GET)
    going = _going(request, form) if form.is_valid() else Going()
    return render(request, "privacy/_what_goes.html", {"form": form, "going": going})


def _going(request: MemberRequest, form: KeepingForm) -> Going:
    asked = Retention(organization=request.member.organization, **form.times)
    return actions.what_goes(asked, now=timezone.now())

"""How an organisation films as a rule, as an admin sets it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import MemberRequest, member_required
from accounts.models import Organization
from analyses import actions
from analyses.forms import BELT, OVER_GROUND, HabitForm
from analyses.models import Habit


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(admin=True)
def habit(request: MemberRequest) -> HttpResponse:
    """Show and set what order forms begin with."""
    ours = request.member.organization
    form = HabitForm(request.POST or None, units=request.manner.units, initial=initial_of(ours))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        actions.set_habit(
            organization=ours,
            view=given["view"],
            treadmill=given["treadmill"] == BELT,
            pace_s_per_km=given["pace"],
            by=request.user,
        )
        messages.success(request, _("The settings are kept."))
        return redirect("analyses:habit")
    return render(request, "analyses/habit.html", {"form": form}, status=422 if form.is_bound else 200)


def initial_of(organization: Organization) -> dict[str, Any]:
    """Return the habit as the fields of a form have it."""
    usual = Habit.of(organization)
    surface = BELT if usual.treadmill else OVER_GROUND
    return {"view": usual.view, "treadmill": surface, "pace": usual.pace_s_per_km or ""}

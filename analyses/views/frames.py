"""From a number to its frames: the key points a browser draws, and the steps that are left out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses import actions
from analyses.landmarks import compact
from analyses.measures import MEASURES
from analyses.models import Analysis, Correction
from analyses.readout import points_of, readout

KEEP_S = 24 * 3600  # key points of a result never change


class WhyForm(forms.Form):
    why = forms.ChoiceField(choices=Correction.Why.choices)


@require_safe
@member_required
@gzip_page
def landmarks(request: MemberRequest, code: UUID) -> HttpResponse:
    """Give the key points of every picture, to be drawn over the film."""
    result = getattr(access.row(request, Analysis, code), "result", None)
    found = points_of(result) if result else None
    if found is None:
        raise Http404
    response = JsonResponse(compact(found), json_dumps_params={"separators": (",", ":")})
    response["Cache-Control"] = f"private, max-age={KEEP_S}"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def leave_out(request: MemberRequest, code: UUID, step: int) -> HttpResponse:
    """Ask why a step is left out, then leave it out."""
    analysis = access.row(request, Analysis, code, write=True)
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.leave_step_out(analysis=analysis, step=step, why=form.cleaned_data["why"], by=request.user)
        except actions.CorrectionRefused as refused:
            messages.error(request, str(refused))
        return redirect(_back(request, analysis))
    shown: dict[str, Any] = {
        "analysis": analysis,
        "runner": analysis.subject,
        "step": _step(analysis, step),
        "whys": Correction.Why.choices,
        "about": _about(request),
        "form": form,
    }
    shown["in_dialog"] = bool(request.headers.get("HX-Request"))
    template = "analyses/_leave_out.html" if shown["in_dialog"] else "analyses/leave_out.html"
    return render(request, template, shown, status=422 if request.method == "POST" else 200)


@require_POST
@member_required(write=True)
def put_back(request: MemberRequest, code: UUID, step: int) -> HttpResponse:
    """Count a step again."""
    analysis = access.row(request, Analysis, code, write=True)
    actions.put_step_back(analysis=analysis, step=step, by=request.user)
    return redirect(_back(request, analysis))


def _step(analysis: Analysis, number: int) -> Any:
    if not hasattr(analysis, "result"):
        raise Http404
    found = next((step for step in readout(analysis).steps if step.number == number and step.counts), None)
    if found is None:
        raise Http404
    return found


def _about(request: MemberRequest) -> str:
    about = request.POST.get("about") or request.GET.get("about", "")
    return about if about in MEASURES else ""


def _back(request: MemberRequest, analysis: Analysis) -> str:
    about = _about(request)
    return reverse("analyses:detail", args=[analysis.code]) + (f"?about={about}#steps" if about else "#steps")

"""PDF reports: write one, find it again, remove it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses.languages import settings_language
from analyses.models import Analysis
from analyses.readout import readout
from clips import storage
from reports import actions
from reports.forms import ReportForm
from reports.models import Report
from reports.shared import points_of
from reports.views.finding import chosen_runner, finished_or_404

PAGE = 50
ONE_VISIT = timedelta(hours=12)


@require_safe
@member_required
def documents(request: MemberRequest) -> HttpResponse:
    """List the reports, of one runner where the address names one."""
    runner = chosen_runner(request)
    found = access.rows(request, Report).select_related("subject", "analysis", "made_by")
    found = found.filter(subject=runner) if runner else found
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/list.html", {"page": page, "runner": runner})


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def new(request: MemberRequest, code: UUID) -> HttpResponse:
    """Choose and edit what a report says; a POST makes it. The clinic's readers may: it changes nothing measured."""
    analysis = finished_or_404(request, code)
    others = _other_views(request, analysis)
    form = ReportForm(request.POST or None, others=others, initial=_initial(request, analysis, others))
    if request.method == "POST" and form.is_valid():
        report = actions.make_report(analysis=analysis, by=request.user, **form.cleaned_data)
        messages.success(request, _("The report is made."))
        return redirect(f"{request.path_info}?made={report.code}")
    shown = {"form": form, "analysis": analysis, "runner": analysis.subject, "made": _made(request)}
    return render(request, "reports/new.html", shown, status=422 if form.is_bound else 200)


@require_safe
@member_required
def file(request: MemberRequest, code: UUID) -> HttpResponse:
    """Lead to the PDF itself by a link that is signed and expires."""
    report = access.row(request, Report, code)
    return redirect(storage.link(report.key, content_type="application/pdf", filename=report.filename))


@require_POST
@member_required(write=True)
def delete(request: MemberRequest, code: UUID) -> HttpResponse:
    actions.delete_report(report=access.row(request, Report, code, write=True))
    messages.success(request, _("The report is removed. The result stays."))
    return redirect("reports:list")


def _made(request: MemberRequest) -> Report | None:
    if "made" not in request.GET:
        return None
    made = access.rows(request, Report).filter(code=access.code_of(request.GET["made"]))
    return made.select_related("subject", "analysis").first()


def _other_views(request: MemberRequest, analysis: Analysis) -> list[Analysis]:
    """The finished films of the same visit from the other side, the nearest in time first."""
    near = (analysis.ordered_at - ONE_VISIT, analysis.ordered_at + ONE_VISIT)
    found = access.rows(request, Analysis).filter(
        subject=analysis.subject, status=Analysis.Status.SUCCEEDED, ordered_at__range=near
    )
    others = found.exclude(view=analysis.view).select_related("subject", "result", "account", "clip")
    return sorted(others, key=lambda one: abs(one.ordered_at - analysis.ordered_at))


def _initial(request: MemberRequest, analysis: Analysis, others: list[Analysis]) -> dict[str, Any]:
    language = analysis.organization.language or settings_language(analysis.language)
    both = [analysis, *others[:1]]
    with override(language):
        title = _("Running analysis")
        findings = "\n".join(line for one in both for line in _findings(one, titled=len(both) > 1))
    return {
        "kind": Report.Kind.RUNNER if request.member.can_write else Report.Kind.CLINIC,
        "other_view": str(others[0].code) if others else "",
        "title": title,
        "findings": findings,
        "language": language,
        "paper": Report.Paper.A4,
    }


def _findings(analysis: Analysis, *, titled: bool) -> list[str]:
    sides = {"left": _("left"), "right": _("right")}
    lines = []
    shown = readout(analysis)
    for number, point in enumerate(points_of(shown), start=1):
        side = f" ({sides[point.side]})" if point.side in sides else ""
        lines.append(f"{number}. {point.title}{side} – {point.text} {point.cue}".strip())
    lines = lines or [shown.nothing_found]
    return [f"{analysis.get_view_display()}:", *lines] if titled else lines

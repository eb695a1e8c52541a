"""Links for runners: make one, see what became of it, end it."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses.actions import FilmNotReady, ask_beside
from analyses.jobs import hint_beside
from analyses.languages import settings_language
from analyses.models import Analysis, AnalysisQuerySet
from reports import actions
from reports.forms import FOR_A_RUNNER, FOR_TWO, WITH_CHANGE, ShareForm
from reports.models import ShareLink
from reports.views.finding import chosen_runner, finished_or_404
from subjects.consents import those_not_agreed, why_not
from subjects.models import Consent

PAGE = 50
EARLIER = 20  # results offered to be compared with


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def share(request: MemberRequest, code: UUID) -> HttpResponse:
    """Choose what a link shows; a POST makes it and leads to it."""
    analysis = finished_or_404(request, code, write=True)
    earlier = _earlier(request, analysis)
    form = ShareForm(request.POST or None, earlier=earlier, initial=_initial(request, analysis, earlier))
    not_agreed = why_not(analysis.subject, Consent.Purpose.SHARING)
    if request.method == "POST" and form.is_valid() and not not_agreed and _has_picture(request, analysis, form):
        link = actions.share(analysis=analysis, by=request.user, **form.cleaned_data)
        return redirect("reports:link", link.code)
    shown = {"form": form, "analysis": analysis, "runner": analysis.subject, "not_agreed": not_agreed}
    return render(request, "reports/share.html", shown, status=422 if form.is_bound else 200)


@require_safe
@member_required
def links(request: MemberRequest) -> HttpResponse:
    """List the links, of one runner where the address names one."""
    runner = chosen_runner(request)
    found = access.rows(request, ShareLink).select_related("subject__organization", "analysis", "made_by")
    found = found.filter(subject=runner) if runner else found
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    shut = those_not_agreed({link.subject for link in page}, Consent.Purpose.SHARING)
    return render(request, "reports/links.html", {"page": page, "runner": runner, "shut": shut})


@never_cache
@require_safe
@member_required
def link(request: MemberRequest, code: UUID) -> HttpResponse:
    """Show one link: what it shows, whether it was opened, and to those who may share the address itself."""
    link = access.row(request, ShareLink, code)
    open_address = link.is_open and request.member.can_write
    address = f"{settings.PUBLIC_URL}{reverse('reports:shared', args=[link.token])}" if open_address else ""
    not_agreed = why_not(link.subject, Consent.Purpose.SHARING) if link.is_open else ""
    shown = {
        "link": link,
        "runner": link.subject,
        "analysis": link.analysis,
        "address": "" if not_agreed else address,
        "not_agreed": not_agreed,
        "shut": [link.subject_id] if not_agreed else [],
    }
    return render(request, "reports/link.html", shown)


@require_POST
@member_required(write=True)
def end_link(request: MemberRequest, code: UUID) -> HttpResponse:
    link = access.row(request, ShareLink, code, write=True)
    if actions.revoke(link=link, by=request.user):
        messages.success(request, _("The link has ended. Whoever opens it now sees nothing."))
    if request.POST.get("back") == "list":
        return redirect("reports:links")
    return redirect("reports:link", link.code)


def _has_picture(request: MemberRequest, analysis: Analysis, form: ShareForm) -> bool:
    """Have the picture of both made where it is to be shown; say on the form that it cannot be made yet."""
    if ShareLink.Content.BESIDE not in form.cleaned_data["contents"]:
        return True
    try:
        asked = ask_beside(now=analysis, before=form.cleaned_data["before"], by=request.user)
    except FilmNotReady:
        form.add_error("contents", _("A film is still being prepared. Try again in a minute."))
        return False
    hint_beside(asked)
    return True


def _earlier(request: MemberRequest, analysis: Analysis) -> list[Analysis]:
    """The runner's earlier results of the same view, the newest first."""
    found = access.rows(request, Analysis).filter(
        subject=analysis.subject,
        view=analysis.view,
        status=Analysis.Status.SUCCEEDED,
        ordered_at__lt=analysis.ordered_at,
    )
    # Without their answers, 70 kB each: of the one that is chosen the film is asked for, and no number.
    found = found.select_related("subject", "clip", "result").defer("result__results", "result__calculated")
    newest = list(found[:EARLIER])
    # Who comes from comparing with an older one shares that one.
    asked = request.POST.get("before") or request.GET.get("before", "")
    if asked and asked not in {str(one.code) for one in newest}:
        newest += found.filter(code=access.code_of(asked))
    return newest


def _initial(request: MemberRequest, analysis: Analysis, earlier: list[Analysis]) -> dict[str, Any]:
    asked = access.named(earlier, request.GET.get("before"))
    before = asked or _last_alike(request, analysis)
    contents = FOR_TWO if asked else WITH_CHANGE if before else FOR_A_RUNNER
    language = analysis.organization.language or settings_language(analysis.language)
    return {"contents": contents, "before": str(before.code) if before else "", "language": language}


def _last_alike(request: MemberRequest, analysis: Analysis) -> Analysis | None:
    """The last film that compares with this one: what changed since then is worth telling."""
    rows = cast(AnalysisQuerySet, access.rows(request, Analysis))
    return rows.last_alike(analysis)

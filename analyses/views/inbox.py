"""What needs me."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.paging import Pages
from accounts.questions import Asked
from analyses import actions
from analyses import inbox as box
from analyses.changes import score_changes
from analyses.models import Analysis, ProviderAccount
from clips import storage
from subjects.models import Site

PAGE = 25


@require_safe
@member_required
def inbox(request: MemberRequest) -> HttpResponse:
    sites = access.every(request, Site)
    at = access.named(sites, request.GET.get("site"))
    show = box.chosen_filter(request.GET.get("show", ""))
    counts = box.counts(request.member.organization, at)
    pages = Pages(Asked(box.filtered, show, *([at.pk] if at else [])), PAGE)
    if show in counts:
        pages.count = counts[show]  # counted already, with the others in one question
    page = pages.get_page(request.GET.get("page"))
    accounts = access.every(request, ProviderAccount)
    changes = score_changes(page)
    filters = [(word, label, counts.get(word)) for word, (label, _) in box.FILTERS.items()]
    shown = {
        "page": page,
        "lines": [
            {"analysis": one, "still": storage.link(one.clip.thumbnail_key), "change": changes.get(one.pk)}
            for one in page
        ],
        "show": show,
        "filters": filters,
        "under_way": counts["running"],
        "sites": sites,
        "at": at,
        "accounts": accounts,
        "few_credits": box.few_credits(request.member.organization, accounts),
    }
    if at is None:
        shown["waiting"] = counts["waiting"]  # of the whole organisation: the shell need not count it again
    return render(request, "analyses/inbox.html", shown)


@require_POST
@member_required(write=True)
def review(request: MemberRequest, code: UUID) -> HttpResponse:
    """Take it out of the inbox; a script that asked gets no page."""
    actions.mark_reviewed(analysis=access.row(request, Analysis, code, write=True))
    return HttpResponse(status=204) if request.headers.get("HX-Request") else redirect("analyses:inbox")

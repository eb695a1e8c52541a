"""What is added to a history from the side of the films: notes at a frame, pooled passes, the charts' table."""

from __future__ import annotations

from datetime import date
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from analyses import actions, history
from analyses.models import Analysis, AnalysisQuerySet, Pool
from analyses.pools import table_of
from subjects.forms import NoteForm
from subjects.models import Note, Subject

PAGE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def note(request: MemberRequest, code: UUID) -> HttpResponse:
    """Ask for a note about an analysis, or about the frame in the address; everybody may write one."""
    rows = access.rows(request, Analysis).select_related("subject", "account", "clip")
    analysis = access.row(request, rows, code)
    typed = request.GET.get("frame", "")
    number = access.number_of(typed)
    frame = number if number is not None and number < (analysis.clip.frame_count or 0) else None
    own = Note(subject=analysis.subject, organization=analysis.organization)
    form = NoteForm(request.POST or None, instance=own)
    if request.method == "POST" and form.is_valid():
        actions.pin_note(analysis=analysis, text=form.cleaned_data["text"], frame=frame, by=request.user)
        return redirect("subjects:detail", analysis.subject.code)
    shown = {"analysis": analysis, "runner": analysis.subject, "form": form, "frame": frame}
    return render(request, "analyses/note.html", shown, status=422 if form.is_bound else 200)


@require_safe
@member_required
def trend_table(request: MemberRequest, code: UUID) -> HttpResponse:
    """Show the numbers behind a runner's charts, a line for each film."""
    runner = access.row(request, Subject, code)
    films = cast(AnalysisQuerySet, access.rows(request, Analysis)).filter(subject=runner).finished()
    page = Paginator(films.select_related("account"), PAGE).get_page(request.GET.get("page"))
    columns, lines = history.table(page.object_list)
    shown = {"runner": runner, "page": page, "columns": columns, "lines": lines}
    return render(request, "analyses/trends.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def pool_day(request: MemberRequest, code: UUID, day: str) -> HttpResponse:
    """Offer the finished passes of a day to be read as one; a POST does it with those that were ticked."""
    runner = access.row(request, Subject, code, write=True)
    try:
        on = date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    of_day = access.rows(request, Analysis).filter(subject=runner, ordered_at__date=on)
    passes = list(cast(AnalysisQuerySet, of_day).finished().select_related("subject", "account", "clip"))
    if not passes:
        raise Http404
    if request.method == "POST":
        ticked = set(request.POST.getlist("pass"))
        try:
            pool = actions.pool_passes(passes=[one for one in passes if str(one.code) in ticked], by=request.user)
        except actions.NotPooled as refused:
            messages.error(request, str(refused))
        else:
            return redirect("analyses:pool", pool.code)
    first = passes[0]
    alike = {one.pk for one in passes if (one.view, one.treadmill) == (first.view, first.treadmill)}
    lines = [(history.line_of(one), one.pk in alike) for one in passes]
    shown = {"runner": runner, "day": on, "lines": lines}
    return render(request, "analyses/pool_day.html", shown, status=422 if request.method == "POST" else 200)


@require_safe
@member_required
def pool(request: MemberRequest, code: UUID) -> HttpResponse:
    """Show the numbers of several passes read as one."""
    pool = access.row(request, Pool, code)
    passes = list(pool.analyses.select_related("clip", "account", "result").order_by("ordered_at"))
    shown = {"pool": pool, "runner": pool.subject, "passes": passes, "groups": table_of(passes)}
    return render(request, "analyses/pool.html", shown)


@require_POST
@member_required(write=True)
def remove_pool(request: MemberRequest, code: UUID) -> HttpResponse:
    pool = access.row(request, Pool, code, write=True)
    runner = pool.subject
    actions.remove_pool(pool=pool)
    return redirect("subjects:detail", runner.code)

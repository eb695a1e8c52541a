"""Lists of runners from a file: choose it, look at every line, import, and undo within a week."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.tables import BOM, as_csv, csv_line
from accounts.writing import in_turn
from subjects import imports
from subjects.forms import ColumnsForm, ListForm
from subjects.imports import columns
from subjects.models import Group, RunnerImport, Subject, SubjectQuerySet

PAGE = 50
SAMPLES = 3
LABELS = {
    "email": gettext_lazy("E-mail"),
    "birth_year": gettext_lazy("Year of birth"),
    "sex": gettext_lazy("Sex"),
    "height_m": gettext_lazy("Height"),
    "weight_kg": gettext_lazy("Weight"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def choose(request: MemberRequest) -> HttpResponse:
    """Take a file in, and lead to its lines; below it the imports there were."""
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = imports.begin_import(
                organization=request.member.organization,
                file_name=file.name,
                data=file.read(),
                group=_first_group(request),
                by=request.user,
            )
        except imports.NotATable as error:
            form.add_error("file", str(error))
        else:
            return redirect("subjects:import", run.code)
    mine = _runs(request).select_related("by").defer("sealed_text")
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    status = 422 if form.is_bound else 200
    return render(request, "subjects/import_choose.html", {"form": form, "page": page}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def one(request: MemberRequest, code: UUID) -> HttpResponse:
    """Show what becomes of each line, or what became of them; a POST says what the columns mean."""
    run = _run(request, code)
    if run.status != RunnerImport.Status.WAITING:
        return render(request, "subjects/import_done.html", _done(request, run))
    table = imports.table_of(run)
    form = ColumnsForm(
        request.POST or None,
        width=len(table.rows[0]),
        groups=access.rows(request, Group),
        needs_group=request.member.sees_groups_only,
        initial={"has_headings": run.has_headings, "group": run.group_id, "columns": run.columns},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with suppress(imports.TooLate):  # imported in another window: the page shows that
            imports.set_columns(
                run=run, meanings=form.meanings, has_headings=given["has_headings"], group=given.get("group")
            )
        return redirect("subjects:import", run.code)
    shown = {"run": run, "form": form, "columns": _columns(form, table.rows, run), **_preview(request, run)}
    return render(request, "subjects/import.html", shown, status=422 if form.is_bound else 200)


@require_POST
@member_required(write=True)
def carry_out(request: MemberRequest, code: UUID) -> HttpResponse:
    run = _run(request, code)
    if request.member.sees_groups_only and run.group_id is None:
        messages.error(request, _("Choose a group. You see only the runners of your groups."))
        return redirect("subjects:import", run.code)
    try:
        run = imports.carry_out(
            run=run,
            among=_runners(request),
            groups=access.rows(request, Group),
            makes_groups=_makes_groups(request),
            by=request.user,
        )
    except imports.NoName:
        messages.error(request, _("Say which column holds the name."))
    except imports.TooLate:
        messages.info(request, _("This list was imported before."))
    else:
        count = run.counts["new"] + run.counts["changes"]
        said = ngettext("%(count)s runner imported.", "%(count)s runners imported.", count)
        messages.success(request, said % {"count": count})
    return redirect("subjects:import", run.code)


@require_POST
@member_required(write=True)
def undo(request: MemberRequest, code: UUID) -> HttpResponse:
    run = _run(request, code)
    try:
        run = imports.undo(run=run, by=request.user)
    except imports.TooLate:
        messages.error(request, _("This import can no longer be undone."))
    else:
        messages.success(request, _("The import is undone."))
    return redirect("subjects:import", run.code)


@require_POST
@member_required(write=True)
def discard(request: MemberRequest, code: UUID) -> HttpResponse:
    imports.discard(run=_run(request, code))
    messages.success(request, _("The list is forgotten. Nothing was imported."))
    return redirect("subjects:imports")


@require_GET
@member_required(write=True)
def left_out(request: MemberRequest, code: UUID) -> StreamingHttpResponse:
    """Give the lines that will not be imported, with the reason behind each, to be put right and imported later."""
    run = _run(request, code)
    if run.status != RunnerImport.Status.WAITING:
        raise Http404
    try:
        lines = _judged(request, run).lines
    except imports.NoName as error:
        raise Http404 from error
    fates = (imports.Fate.TWICE, imports.Fate.WRONG)
    why = {line.number: in_turn(line.sentences) for line in lines if line.fate in fates}
    return as_csv(_left_out(run, why), "left-out.csv")


def _left_out(run: RunnerImport, why: dict[int, str]) -> Iterator[str]:
    table = imports.table_of(run)
    yield BOM
    if run.has_headings:
        yield csv_line([*table.rows[0], _("Why")])
    for number, row in zip(table.numbers, table.rows, strict=True):
        if number in why:
            yield csv_line([*row, why[number]])


def _runs(request: MemberRequest) -> Any:
    """Return one's own imports; an admin's are all, for a list names people."""
    runs = access.rows(request, RunnerImport)
    return runs if request.member.is_admin else runs.filter(by=request.user)


def _run(request: MemberRequest, code: UUID) -> RunnerImport:
    run = access.row(request, RunnerImport, code, write=True)
    if run.by_id != request.user.pk and not request.member.is_admin:
        raise Http404
    return run


def _first_group(request: MemberRequest) -> Group | None:
    """Return where new runners go unless said otherwise: a coach who sees only their groups has to see them there."""
    return access.rows(request, Group).order_by("name", "pk").first() if request.member.sees_groups_only else None


def _runners(request: MemberRequest) -> SubjectQuerySet:
    return cast(SubjectQuerySet, access.rows(request, Subject))


def _judged(request: MemberRequest, run: RunnerImport) -> imports.Judged:
    groups = access.rows(request, Group)
    return imports.lines_of(run, among=_runners(request), groups=groups, makes_groups=_makes_groups(request))


def _makes_groups(request: MemberRequest) -> bool:
    """Where groups are a wall, those inside it make none (views/groups.py)."""
    return not request.member.sees_groups_only


def _preview(request: MemberRequest, run: RunnerImport) -> dict[str, Any]:
    """Return the lines of one fate, or all, a page at a time, and how many there are of each."""
    try:
        judged = _judged(request, run)
    except imports.NoName:
        return {"no_name": True}
    fate = request.GET.get("show", "")
    lines = judged.of(fate) if fate in list(imports.Fate) else judged.lines
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    shown = [(line, _changes(line), _groups(line, judged.groups)) for line in page]
    button = ngettext("Import %(count)s runner", "Import %(count)s runners", judged.importable)
    return {
        "page": page,
        "lines": shown,
        "fate": fate,
        "counts": judged.counts,
        "all": len(judged.lines),
        "importable": judged.importable,
        "button": button % {"count": judged.importable},
        "has_groups": columns.GROUP in run.columns,
        "new_groups": [judged.groups.label(plain) for plain in judged.new_groups],
    }


def _changes(line: imports.Line) -> list[dict[str, Any]]:
    return [
        {"name": name, "label": LABELS[name], "before": before, "after": line.values[name]}
        for name, before in line.before.items()
    ]


def _groups(line: imports.Line, groups: imports.Groups) -> dict[str, list[str]]:
    """Return the groups a line names, and those its runner joins by it."""
    return {"named": [groups.label(one) for one in line.groups], "joined": [groups.label(one) for one in line.joins]}


def _columns(form: ColumnsForm, rows: list[list[str]], run: RunnerImport) -> list[dict[str, Any]]:
    """Return each column's heading, what stands below it, and the field that says what it means."""
    below = rows[int(run.has_headings) :]
    return [
        {
            "heading": rows[0][column] if run.has_headings else "",
            "samples": [row[column] for row in below[:PAGE] if row[column]][:SAMPLES],
            "field": form[f"column_{column}"],
        }
        for column in range(len(rows[0]))
    ]


def _done(request: MemberRequest, run: RunnerImport) -> dict[str, Any]:
    stayed = run.runners.exclude(stayed="").select_related("subject").order_by("subject__name", "pk")
    page = Paginator(stayed, PAGE).get_page(request.GET.get("page"))
    return {"run": run, "page": page, "left_out": run.counts["twice"] + run.counts["wrong"]}

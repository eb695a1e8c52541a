"""Runners: find, write down, put aside; and notes about them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.models import User
from accounts.paging import Pages
from accounts.questions import Asked, Word
from accounts.writing import in_turn
from subjects import actions, consents
from subjects.forms import PAIN_LEVELS, MarkForm, NoteForm, SubjectForm
from subjects.groups import groups_of, groups_of_runner
from subjects.listing import SORTS, listed
from subjects.models import Group, Mark, Note, Site, Subject, SubjectQuerySet, words_of

PAGE = 25


@require_safe
@member_required
def runners(request: MemberRequest) -> HttpResponse:
    """List the runners that match; a search as one types gets the list alone.

    The search above every page says `go`: when one runner matches, theirs is the page that was wanted.
    """
    words, archived = request.GET.get("q", "").strip(), "archived" in request.GET
    sort = request.GET.get("sort", "") if request.GET.get("sort") in SORTS else ""
    groups = access.every(request, Group)
    chosen = access.named(groups, request.GET.get("group"))
    sites = access.every(request, Site)
    at = access.named(sites, request.GET.get("site"))
    runs_out = request.GET.get("consent") == "ending"
    wanted = [Word(one) for one in words_of(words)]
    found: SubjectQuerySet | Asked = Asked(listed, archived, sort, *wanted)
    if chosen or at or runs_out:
        found = listed(archived, sort, *wanted)
        found = found.filter(groups=chosen) if chosen else found
        found = found.at_site(at) if at else found
        if runs_out:
            found = found.filter(pk__in=consents.running_out(request.member.organization).values("subject"))
    page = Pages(found, PAGE).get_page(request.GET.get("page"))
    if "go" in request.GET and words and page.paginator.count == 1:
        return redirect("subjects:detail", page[0].code)
    page.object_list = list(page.object_list)
    shown: dict[str, Any] = {"page": page, "words": words, "archived": archived, "sort": sort}
    shown["groups_of"] = groups_of(page.object_list, groups)
    shown |= {"groups": groups, "chosen": chosen, "sites": sites, "at": at, "runs_out": runs_out}
    fragment = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    response = render(request, "subjects/_list.html" if fragment else "subjects/list.html", shown)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def new(request: MemberRequest) -> HttpResponse:
    subject = Subject(organization=request.member.organization, name=request.GET.get("name", "")[:120])
    return _edit(request, subject, _("%(name)s is on the list."))


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def edit(request: MemberRequest, code: UUID) -> HttpResponse:
    return _edit(request, access.row(request, Subject, code, write=True), _("Saved %(name)s."))


def _edit(request: MemberRequest, subject: Subject, said: str) -> HttpResponse:
    groups, needs_group = access.rows(request, Group), request.member.sees_groups_only
    units = request.manner.units
    form = SubjectForm(request.POST or None, instance=subject, groups=groups, units=units, needs_group=needs_group)
    if request.method == "POST" and form.is_valid():
        _keep(form, request.user)
        messages.success(request, said % {"name": subject})
        return redirect("subjects:detail", subject.code)
    status = 422 if form.is_bound else 200
    return render(request, "subjects/edit.html", {"form": form, "runner": subject}, status=status)


def _keep(form: SubjectForm, by: User) -> None:
    """Write a new runner, or of one that is there what was changed."""
    subject = form.instance
    if subject.pk is None:
        form.save()
        actions.note_change(subject=subject, what=form.changed_data, by=by)
    elif form.changed_data:
        try:
            actions.change_subject(subject=subject, what=form.changed_data, by=by)
        except actions.Erased:
            raise Http404 from None
        form.save(commit=False)
        form.save_m2m()


@require_safe
@member_required
def detail(request: MemberRequest, code: UUID) -> HttpResponse:
    runner = consents.runner_with_ending(request.member.organization, code)
    return _detail(request, access.row(request, runner, code), NoteForm())


def _detail(request: MemberRequest, subject: Subject, form: NoteForm, status: int = 200) -> HttpResponse:
    shown = {"runner": subject, "form": form, "mark_form": MarkForm(), "groups": groups_of_runner(subject)}
    if request.member.can_write and not subject.archived_at and getattr(subject, "consent_runs_out", True):
        shown["running_out"] = consents.running_out(request.member.organization).filter(subject=subject)
    return render(request, "subjects/detail.html", shown | {"pain_levels": PAIN_LEVELS}, status=status)


@require_POST
@member_required
def note(request: MemberRequest, code: UUID) -> HttpResponse:
    """Add a note; this is the one thing everybody may write."""
    subject = access.row(request, Subject, code)
    form = NoteForm(request.POST, instance=Note(subject=subject, organization=subject.organization))
    if not form.is_valid():
        return _detail(request, subject, form, status=422)
    given = form.cleaned_data
    actions.write_note(subject=subject, text=given["text"], on=given["on"], by=request.user)
    return redirect("subjects:detail", subject.code)


@require_POST
@member_required(write=True)
def mark(request: MemberRequest, code: UUID) -> HttpResponse:
    """Put a mark on the history, on the day of the form."""
    subject = access.row(request, Subject, code, write=True)
    form = MarkForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        kind, level = given["mark"]
        actions.set_mark(subject=subject, kind=kind, level=level, on=given["on"], text=given["text"], by=request.user)
    else:
        messages.error(request, in_turn(error for errors in form.errors.values() for error in errors))
    return redirect("subjects:detail", subject.code)


@require_POST
@member_required(write=True)
def remove_mark(request: MemberRequest, code: UUID) -> HttpResponse:
    mark = access.row(request, Mark, code, write=True)
    actions.remove_mark(mark=mark)
    messages.success(request, _("The mark is gone."))
    return redirect("subjects:detail", mark.subject.code)


@require_POST
@member_required(write=True)
def archive(request: MemberRequest, code: UUID) -> HttpResponse:
    subject = access.row(request, Subject, code, write=True)
    actions.archive_subject(subject=subject, by=request.user)
    messages.success(request, _("%(name)s is put aside. Nothing is lost.") % {"name": subject})
    return redirect("subjects:detail", subject.code)


@require_POST
@member_required(write=True)
def restore(request: MemberRequest, code: UUID) -> HttpResponse:
    subject = access.row(request, Subject, code, write=True)
    actions.restore_subject(subject=subject, by=request.user)
    messages.success(request, _("%(name)s is on the list again.") % {"name": subject})
    return redirect("subjects:detail", subject.code)

"""Pages about groups: which there are, who is in one, who looks after it, and at which place it is."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.models import Membership
from accounts.scoping import OrgOwnedQuerySet
from accounts.writing import in_turn
from subjects import groups
from subjects.forms import CoachesForm, GroupForm, SiteForm
from subjects.models import Group, Site, Subject, SubjectQuerySet

PAGE = 50
CHOICES = 20


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(write=True)
def overview(request: MemberRequest) -> HttpResponse:
    """List the groups; a POST adds one."""
    form = _group_form(request, Group(organization=request.member.organization))
    if request.method == "POST":
        _may_arrange(request)
        if form.is_valid():
            groups.save_group(group=form.save(commit=False), by=request.user)
            return redirect("subjects:groups")
    return _overview(request, form, SiteForm(others=access.rows(request, Site)), 422 if form.is_bound else 200)


def _overview(request: MemberRequest, form: GroupForm, site_form: SiteForm, status: int) -> HttpResponse:
    size = Count("subjects", filter=Q(subjects__archived_at=None), distinct=True)
    listed = access.rows(request, Group).annotate(size=size).select_related("site")
    page = Paginator(listed.prefetch_related("members__user").order_by("name", "pk"), PAGE)
    shown = {
        "form": form,
        "site_form": site_form,
        "page": page.get_page(request.GET.get("page")),
        "sites": access.rows(request, Site).annotate(size=Count("groups")).order_by("name", "pk"),
        "may_arrange": not request.member.sees_groups_only,
        "left_out": _coaches_without_group(request) if request.member.is_admin else [],
    }
    return render(request, "subjects/groups.html", shown, status=status)


@require_safe
@member_required(write=True)
def group(request: MemberRequest, code: UUID) -> HttpResponse:
    found = access.row(request, Group, code)
    return _group_page(request, found, _group_form(request, found), status=200)


@require_POST
@member_required(write=True)
def rename(request: MemberRequest, code: UUID) -> HttpResponse:
    """Give a group another name or place."""
    found = _arranged(request, code)
    form = _group_form(request, found)
    if not form.is_valid():
        return _group_page(request, access.row(request, Group, code), form, status=422)
    groups.save_group(group=form.save(commit=False), by=request.user)
    messages.success(request, _("Saved %(name)s.") % {"name": found})
    return redirect("subjects:group", found.code)


@require_POST
@member_required(write=True)
def delete(request: MemberRequest, code: UUID) -> HttpResponse:
    found = _arranged(request, code)
    groups.delete_group(group=found, by=request.user)
    messages.success(request, _("The group %(name)s is gone; its runners stay.") % {"name": found})
    return redirect("subjects:groups")


@require_POST
@member_required(admin=True)
def coaches(request: MemberRequest, code: UUID) -> HttpResponse:
    """Say who looks after a group."""
    found = access.row(request, Group, code, write=True)
    form = CoachesForm(request.POST, people=_people(request))
    if not form.is_valid():
        messages.error(request, _("One of these people is no longer a member. Look again."))
    else:
        groups.set_coaches(group=found, members=form.cleaned_data["members"], by=request.user)
        messages.success(request, _("Saved %(name)s.") % {"name": found})
    return redirect("subjects:group", found.code)


@require_POST
@member_required(write=True)
def put_in(request: MemberRequest, code: UUID) -> HttpResponse:
    """Put the ticked runners into a group."""
    found = _arranged(request, code)
    chosen = [access.code_of(word) for word in request.POST.getlist("runner")]
    count = groups.put_into_group(
        group=found, subjects=access.rows(request, Subject).filter(code__in=chosen), by=request.user
    )
    said = ngettext("%(n)s runner added.", "%(n)s runners added.", count)
    messages.success(request, said % {"n": count})
    return redirect("subjects:group", found.code)


@require_POST
@member_required(write=True)
def take_out(request: MemberRequest, code: UUID) -> HttpResponse:
    """Take one runner out of a group."""
    found = _arranged(request, code)
    runner = access.row(request, Subject, request.POST.get("runner", ""), write=True)
    groups.take_out_of_group(group=found, subject=runner, by=request.user)
    messages.success(request, _("%(name)s is no longer in this group.") % {"name": runner})
    return redirect("subjects:group", found.code)


@require_POST
@member_required(admin=True)
def add_site(request: MemberRequest) -> HttpResponse:
    mine = Site(organization=request.member.organization)
    form = SiteForm(request.POST, instance=mine, others=access.rows(request, Site))
    if not form.is_valid():
        return _overview(request, _group_form(request, Group(), bound=False), form, status=422)
    groups.save_site(site=form.save(commit=False), by=request.user)
    return redirect("subjects:groups")


@require_POST
@member_required(admin=True)
def rename_site(request: MemberRequest, code: UUID) -> HttpResponse:
    site = access.row(request, Site, code, write=True)
    form = SiteForm(request.POST, instance=site, others=access.rows(request, Site))
    if form.is_valid():
        groups.save_site(site=form.save(commit=False), by=request.user)
        messages.success(request, _("Saved %(name)s.") % {"name": site})
    else:
        messages.error(request, in_turn(form.errors["name"]))
    return redirect("subjects:groups")


@require_POST
@member_required(admin=True)
def delete_site(request: MemberRequest, code: UUID) -> HttpResponse:
    site = access.row(request, Site, code, write=True)
    groups.delete_site(site=site, by=request.user)
    messages.success(request, _("The place %(name)s is gone; its groups stay.") % {"name": site})
    return redirect("subjects:groups")


@require_POST
@member_required(admin=True)
def keep_to_groups(request: MemberRequest) -> HttpResponse:
    """Say whether coaches see all runners or those of their groups."""
    wanted = request.POST.get("wanted") == "1"
    groups.keep_coaches_to_groups(organization=request.member.organization, wanted=wanted, by=request.user)
    said = _("Coaches see only the runners of their groups now.") if wanted else _("Coaches see all runners now.")
    messages.success(request, said)
    return redirect("subjects:groups")


def _group_page(request: MemberRequest, found: Group, form: GroupForm, status: int) -> HttpResponse:
    runners = cast(SubjectQuerySet, access.rows(request, Subject)).active()
    words = request.GET.get("q", "").strip()
    inside = runners.filter(groups=found).order_by("name", "pk")
    shown = {
        "group": found,
        "form": form,
        "page": Paginator(inside, PAGE).get_page(request.GET.get("page")),
        "words": words,
        "others": runners.exclude(pk__in=inside.values("pk")).matching(words).order_by("name", "pk")[:CHOICES]
        if words
        else [],
        "coaches": CoachesForm(initial={"members": found.members.all()}, people=_people(request)),
        "members": found.members.select_related("user"),
        "may_arrange": not request.member.sees_groups_only,
    }
    return render(request, "subjects/group.html", shown, status=status)


def _group_form(request: MemberRequest, found: Group, *, bound: bool = True) -> GroupForm:
    others, sites = access.rows(request, Group), access.rows(request, Site)
    given = request.POST if bound and request.method == "POST" else None
    return GroupForm(given, instance=found, others=others, sites=sites)


def _arranged(request: MemberRequest, code: UUID) -> Group:
    """Return the group to be changed; 404 for a stranger's, 403 for whoever may not."""
    found = access.row(request, Group, code, write=True)
    _may_arrange(request)
    return found


def _may_arrange(request: MemberRequest) -> None:
    # Where groups are a wall, those inside it do not move it.
    if request.member.sees_groups_only:
        raise PermissionDenied


def _people(request: MemberRequest) -> OrgOwnedQuerySet[Membership]:
    people = request.member.organization.memberships.select_related("user").order_by("user__name", "pk")
    return cast("OrgOwnedQuerySet[Membership]", people)


def _coaches_without_group(request: MemberRequest) -> list[str]:
    alone = _people(request).filter(role=Membership.Role.COACH, groups=None, suspended_at=None)
    return [str(one.user) for one in alone]

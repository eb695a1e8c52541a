"""Members, what was done by whom, the switch between organisations, and the page for what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django.views.defaults import page_not_found

from accounts import access, actions
from accounts.access import MemberRequest, member_required
from accounts.forms import ChangeRole, Invite, YouForm
from accounts.manner import manner_at_home, manner_of, set_manner
from accounts.models import AuditEntry, AuditQuerySet, Invitation, InvitationQuerySet, Membership
from accounts.record import csv_lines
from accounts.scoping import OrgOwnedQuerySet
from accounts.tables import as_csv

PAGE = 50


@require_safe
@member_required(admin=True)
def members(request: MemberRequest) -> HttpResponse:
    form = Invite(organization=request.member.organization, groups=groups_to_look_after(request))
    return members_page(request, form)


def groups_to_look_after(request: MemberRequest) -> OrgOwnedQuerySet[Any]:
    """The groups of runners, which a room above this one keeps: known here by the invitations to them."""
    groups: Any = Invitation._meta.get_field("groups").related_model
    return access.rows(request, groups).order_by("name", "pk")


@require_POST
@member_required(admin=True)
def change_role(request: MemberRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    form = ChangeRole(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the three roles."))
        return redirect("accounts:members")
    with _an_admin_stays(request):
        actions.change_role(membership=membership, role=form.cleaned_data["role"], by=request.user)
        said = _("%(name)s is %(role)s now.") % {"name": membership.user, "role": membership.get_role_display()}
        messages.success(request, said)
    return _back(request, membership)


@require_POST
@member_required(admin=True)
def remove_member(request: MemberRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    with _an_admin_stays(request):
        actions.remove_member(membership=membership, by=request.user)
        messages.success(request, _("%(name)s is no longer a member.") % {"name": membership.user})
    return _back(request, membership)


@require_POST
@member_required(admin=True)
def suspend(request: MemberRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    with _an_admin_stays(request):
        actions.suspend(membership=membership, by=request.user)
        said = _("%(name)s sees nothing here until you readmit them.") % {"name": membership.user}
        messages.success(request, said)
    return _back(request, membership)


@require_POST
@member_required(admin=True)
def readmit(request: MemberRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    actions.readmit(membership=membership, by=request.user)
    messages.success(request, _("%(name)s is let in again.") % {"name": membership.user})
    return redirect("accounts:members")


@require_POST
@member_required
def leave(request: MemberRequest) -> HttpResponse:
    """Go by one's own wish."""
    with _an_admin_stays(request):
        actions.leave(membership=request.member)
        messages.success(request, _("You have left %(club)s.") % {"club": request.member.organization})
    return redirect("/")


@require_POST
@member_required(admin=True)
def second_factor(request: MemberRequest) -> HttpResponse:
    """Say whether members need a second factor to be let in."""
    needed = request.POST.get("needed") == "1"
    actions.ask_for_second_factor(organization=request.member.organization, needed=needed, by=request.user)
    said = (
        _("Everybody needs a second factor from now on.") if needed else _("A second factor is everybody's own choice.")
    )
    messages.success(request, said)
    return redirect("accounts:members")


@require_GET
@member_required(admin=True)
def audit(request: MemberRequest) -> HttpResponse:
    """List what was done: all, or one person's, one kind's, or what was done with one runner (by its pseudonym)."""
    page = Paginator(_entries(request), PAGE).get_page(request.GET.get("page"))
    people = request.member.organization.memberships.select_related("user").order_by("user__name", "pk")
    shown = {"page": page, "people": people, "actions": AuditEntry.Action.choices, "chosen": request.GET}
    return render(request, "accounts/audit.html", shown)


@require_GET
@member_required(admin=True)
def audit_csv(request: MemberRequest) -> StreamingHttpResponse:
    """Give the same list as a table, oldest first, with the digests by which it can be checked."""
    entries = _entries(request).order_by("number")
    actions.record(
        organization=request.member.organization,
        by=request.user,
        action=AuditEntry.Action.EXPORTED,
        about="the record of deeds as CSV",
    )
    return as_csv(csv_lines(entries), "record.csv")


def _entries(request: MemberRequest) -> AuditQuerySet:
    entries = cast(AuditQuerySet, access.rows(request, AuditEntry)).select_related("by")
    chosen = request.GET
    if (person := access.number_of(chosen.get("by", ""))) is not None:
        entries = entries.filter(by=person)
    if chosen.get("action") in AuditEntry.Action.values:
        entries = entries.filter(action=chosen["action"])
    if runner := chosen.get("runner", "").replace("\x00", ""):  # a character no database takes
        entries = entries.filter(subject_key=runner)
    return entries


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def you(request: MemberRequest) -> HttpResponse:
    """Show and set how a person is called, and in which language and units they read, on whatever device."""
    user = request.user
    initial = {"name": user.name, "language": user.language, "units": user.units}
    form = YouForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.change_name(user=user, name=form.cleaned_data.pop("name"))
        set_manner(user=user, **form.cleaned_data)
        browser = translation.get_language_from_request(request)
        # What is said next is said in the language just chosen.
        access.speak(request, manner_of(user, request.member.organization, browser=browser).language)
        messages.success(request, _("The settings are kept."))
        return redirect("accounts:you")
    return render(request, "accounts/you.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@member_required
def switch(request: MemberRequest, code: UUID) -> HttpResponse:
    access.choose_organization(request, code)
    return redirect("/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here, in the language of who is signed in.

    An address that leads nowhere passes neither our gate nor the middleware that decides for other pages.
    """
    try:
        if request.resolver_match is None and request.user.is_authenticated:
            access.speak(request, manner_at_home(request.user, browser=translation.get_language() or "").language)
    except DatabaseError:
        # The page for a mistyped address asks nobody for more: it stands by itself.
        return HttpResponseNotFound(render_to_string("404.html"))
    return page_not_found(request, exception)


def _member(request: MemberRequest, pk: int) -> Membership:
    return get_object_or_404(request.member.organization.memberships.select_related("user", "organization"), pk=pk)


@contextmanager
def _an_admin_stays(request: MemberRequest) -> Iterator[None]:
    """Say so where a deed would have left nobody to manage the organisation, and changed nothing."""
    try:
        yield
    except actions.LastAdmin:
        messages.error(request, _("Somebody has to be admin here. Make another person admin first."))


def _back(request: MemberRequest, membership: Membership) -> HttpResponse:
    # Who took their own admin role away may not see the list any more.
    return redirect(
        "/" if membership.user_id == request.user.pk and not _is_admin_still(request) else "accounts:members"
    )


def _is_admin_still(request: MemberRequest) -> bool:
    return request.member.organization.memberships.filter(
        user=request.user, role=Membership.Role.ADMIN, suspended_at=None
    ).exists()


def members_page(request: MemberRequest, form: Invite, status: int = 200) -> HttpResponse:
    """The members, who is invited, and the form to invite somebody."""
    people = request.member.organization.memberships.select_related("user").order_by("user__name", "pk")
    people = people.annotate(second_factors=Count("user__authenticator")).prefetch_related("groups")
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    invited = cast(InvitationQuerySet, access.rows(request, Invitation)).open().prefetch_related("groups")
    shown = {"page": page, "form": form, "roles": Membership.Role.choices, "invited": invited}
    return render(request, "accounts/members.html", shown, status=status)

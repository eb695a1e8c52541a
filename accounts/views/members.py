"""The members of an organisation: who they are, what they may, and that they can go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import access, actions
from accounts.access import MemberRequest, member_required
from accounts.forms import InviteForm, RoleForm
from accounts.models import Invitation, InvitationQuerySet, Membership
from accounts.scoping import OrgOwnedQuerySet

PAGE = 50


@require_safe
@member_required(admin=True)
def members(request: MemberRequest) -> HttpResponse:
    form = InviteForm(organization=request.member.organization, groups=groups_to_look_after(request))
    return members_page(request, form)


def groups_to_look_after(request: MemberRequest) -> OrgOwnedQuerySet[Any]:
    """The groups of runners, which a room above this one keeps: known here by the invitations to them."""
    groups: Any = Invitation._meta.get_field("groups").related_model
    return access.rows(request, groups).order_by("name", "pk")


@require_POST
@member_required(admin=True)
def change_role(request: MemberRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the three roles."))
        return redirect("accounts:members")
    with _an_admin_stays(request):
        actions.change_role(membership=membership, role=form.cleaned_data["role"], by=request.user)
        said = _("%(name)s is %(role)s now.") % {"name": membership.user, "role": membership.get_role_display()}
        messages.success(request, said)
    return _back(request)


@require_POST
@member_required(admin=True)
def remove_member(request: MemberRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    with _an_admin_stays(request):
        actions.remove_member(membership=membership, by=request.user)
        messages.success(request, _("%(name)s is no longer a member.") % {"name": membership.user})
    return _back(request)


@require_POST
@member_required(admin=True)
def suspend(request: MemberRequest, pk: int) -> HttpResponse:
    membership = _member(request, pk)
    with _an_admin_stays(request):
        actions.suspend(membership=membership, by=request.user)
        said = _("%(name)s sees nothing here until you readmit them.") % {"name": membership.user}
        messages.success(request, said)
    return _back(request)


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
        _("Everybody needs a second factor from now on.") if needed else _("A second factor is everybody’s own choice.")
    )
    messages.success(request, said)
    return redirect("accounts:members")


def _member(request: MemberRequest, pk: int) -> Membership:
    return get_object_or_404(request.member.organization.memberships.select_related("user", "organization"), pk=pk)


@contextmanager
def _an_admin_stays(request: MemberRequest) -> Iterator[None]:
    """Say so where a deed would have left nobody to manage the organisation, and changed nothing."""
    try:
        yield
    except actions.LastAdmin:
        messages.error(request, _("Somebody has to be admin here. Make another person admin first."))


def _back(request: MemberRequest) -> HttpResponse:
    # Who took their own admin role away may not see the list any more.
    is_admin_still = request.member.organization.memberships.admins().filter(user=request.user).exists()
    return redirect("accounts:members" if is_admin_still else "/")


def members_page(request: MemberRequest, form: InviteForm, status: int = 200) -> HttpResponse:
    """The members, who is invited, and the form to invite somebody."""
    people = request.member.organization.memberships.select_related("user").order_by("user__name", "pk")
    people = people.annotate(second_factors=Count("user__authenticator")).prefetch_related("groups")
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    invited = cast(InvitationQuerySet, access.rows(request, Invitation)).open().prefetch_related("groups")
    shown = {"page": page, "form": form, "roles": Membership.Role.choices, "invited": invited}
    return render(request, "accounts/members.html", shown, status=status)

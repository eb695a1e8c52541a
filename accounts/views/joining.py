"""How somebody becomes a member: an admin invites, a link is followed, an account is made or used."""

from __future__ import annotations

from smtplib import SMTPException
from typing import cast
from uuid import UUID

import structlog
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import access, actions, wall
from accounts.access import MemberRequest, member_required
from accounts.forms import InviteForm, JoinForm
from accounts.manner import manner_of
from accounts.models import Invitation, User
from accounts.views.members import groups_to_look_after, members_page

log = structlog.get_logger(__name__)

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_POST
@member_required(admin=True)
def invite(request: MemberRequest) -> HttpResponse:
    """Invite by e-mail, and show the link this once for the case that mail does not arrive."""
    organization = request.member.organization
    form = InviteForm(request.POST, organization=organization, groups=groups_to_look_after(request))
    if not form.is_valid():
        return members_page(request, form, status=422)
    invitation, token = actions.invite(organization=organization, by=request.user, **form.cleaned_data)
    return _invited(request, invitation, token, status=201)


@require_POST
@member_required(admin=True)
def invite_again(request: MemberRequest, code: UUID) -> HttpResponse:
    """Make a new link for an invitation that got lost or too old."""
    invitation = access.row(request, Invitation, code, write=True)
    if invitation.accepted_at or invitation.withdrawn_at:
        messages.error(request, _("This invitation is settled already."))
        return redirect("accounts:members")
    return _invited(request, invitation, actions.invite_again(invitation=invitation))


@require_POST
@member_required(admin=True)
def withdraw(request: MemberRequest, code: UUID) -> HttpResponse:
    invitation = access.row(request, Invitation, code, write=True)
    actions.withdraw(invitation=invitation)
    messages.success(request, _("The link of %(email)s no longer works.") % {"email": invitation.email})
    return redirect("accounts:members")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What an invited person sees: who invites, and either a form for a new account or one button for a known one."""
    invitation = actions.invitation_behind(token=token)
    if invitation is None:
        return render(request, "accounts/join_dead.html", status=404)
    known = User.objects.filter(email__iexact=invitation.email).first()
    if known is None:
        return _join_anew(request, invitation)
    if not request.user.is_authenticated:
        return redirect(f"{reverse(settings.LOGIN_URL)}?next={request.path}")
    if request.user.pk != known.pk:
        return render(request, "accounts/join_other.html", {"invitation": invitation}, status=403)
    if request.method != "POST":
        return render(request, "accounts/join.html", {"invitation": invitation})
    return _accept(request, invitation, user=known)


def _join_anew(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        return _accept(request, invitation, user=None, **form.cleaned_data)
    shown = {"invitation": invitation, "form": form}
    return render(request, "accounts/join.html", shown, status=422 if form.is_bound else 200)


def _accept(request: HttpRequest, invitation: Invitation, *, user: User | None, **new: str) -> HttpResponse:
    with wall.only(invitation.organization_id):
        membership = actions.accept(invitation=invitation, user=user, **new)
    if membership is None:  # the same link, pressed twice
        return render(request, "accounts/join_dead.html", status=404)
    if user is None:
        # The password was typed this minute: the way to a second factor does not ask for it again.
        record_authentication(request, membership.user, method="password", reauthenticated=True)
        login(request, membership.user, backend=BACKEND)
    access.choose_organization(cast(MemberRequest, request), invitation.organization.code)
    messages.success(request, _("Welcome to %(club)s.") % {"club": invitation.organization})
    return redirect("/")


def _invited(request: MemberRequest, invitation: Invitation, token: str, status: int = 200) -> HttpResponse:
    link = settings.PUBLIC_URL + reverse("accounts:join", args=[token])
    sent = _send(request, invitation, link)
    return render(
        request, "accounts/invited.html", {"invitation": invitation, "link": link, "sent": sent}, status=status
    )


def _send(request: MemberRequest, invitation: Invitation, link: str) -> bool:
    """Send the link; False where mail cannot be sent, which is no reason to fail: the page shows the link."""
    told = {"invitation": invitation, "link": link, "by": request.user, "organization": request.member.organization}
    known = User.objects.filter(email__iexact=invitation.email).first()
    manner = manner_of(known, request.member.organization, browser=request.manner.language)
    with translation.override(manner.language):
        subject = render_to_string("emails/invitation.subject.txt", told).strip()
        text = render_to_string("emails/invitation.txt", told)
    try:
        send_mail(subject, text, None, [invitation.email])
    except (SMTPException, OSError) as error:
        log.warning("invitation_not_mailed", error=type(error).__name__)
        return False
    return True

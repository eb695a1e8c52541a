"""The only gate between a request and the rows of an organisation.

A stranger's row does not exist (404); a right that is missing is refused (403). Views and forms ask here and never
name a model's manager. Behind this gate stands a second wall (wall.py) for the view that forgets to ask.

Where an organisation wants it, coaches see only the runners of their groups and all that hangs on them; everybody
else's runners are strangers to them. Admins see all, for they put people into groups; so do the clinic's readers, who
meet whoever comes through the door and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast, overload
from uuid import UUID

import structlog
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import questions, wall
from accounts.manner import Manner, manner_of
from accounts.models import Membership, Organization, User
from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from accounts.watch import note_look

log = structlog.get_logger(__name__)
SESSION_KEY = "organization"
NOBODY = UUID(int=0)
Row = TypeVar("Row", bound=OrgOwned)
View = Callable[..., HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request by a person who works for `member.organization`."""

    user: User
    member: Membership
    memberships: list[Membership]
    manner: Manner  # in which language and units this person reads


def current_member(request: HttpRequest) -> Membership | None:
    """The membership this session works under: the chosen organisation, else the first.

    Sets `request.memberships` to all there are, for the switch between them.
    """
    user = cast(User, request.user)
    memberships = cast(MemberRequest, request).memberships = questions.rows(_memberships, user.pk)
    for one in memberships:
        one.user = user  # known, so that nobody reads them a second time
    chosen = request.session.get(SESSION_KEY)
    there = [one for one in memberships if str(one.organization.code) == chosen]
    return next(iter(there or memberships), None)


def _memberships(user: int) -> QuerySet[Membership]:
    mine = Membership.objects.filter(user=user, suspended_at=None)
    return mine.select_related("organization").order_by("organization__name")


def _note_seen(member: Membership) -> None:
    """Remember roughly when a member was last here: one write in ten minutes, and not worth the page if it fails."""
    now = timezone.now()
    if member.seen_at is None or now - member.seen_at > Membership.SEEN_WITHIN:
        try:
            Membership.objects.filter(pk=member.pk).update(seen_at=now)
        except DatabaseError as error:
            log.warning("not_noted_as_seen", error=str(error))


@overload
def member_required(view: View) -> View: ...
@overload
def member_required(*, write: bool = False, admin: bool = False) -> Callable[[View], View]: ...
def member_required(view: View | None = None, *, write: bool = False, admin: bool = False) -> Any:
    """Let only members in; with `write` no read-only ones, with `admin` only admins. Sets `request.member`."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            member = current_member(request)
            if member is None:
                return render(request, "accounts/no_organization.html", status=403)
            manner = manner_of(member.user, member.organization, browser=getattr(request, "LANGUAGE_CODE", ""))
            cast(MemberRequest, request).manner = manner
            speak(request, manner.language)
            if (admin and not member.is_admin) or (write and not member.can_write):
                raise PermissionDenied
            if member.organization.needs_second_factor and not is_mfa_enabled(member.user):
                messages.warning(
                    request,
                    _("%(club)s asks for a second factor. Set one up to go on.") % {"club": member.organization},
                )
                return redirect("mfa_index")
            cast(MemberRequest, request).member = member
            enter(member)
            _note_seen(member)
            return view(request, *args, **kwargs)

        return gate

    return decorate(view) if view else decorate


def speak(request: HttpRequest, language: str) -> None:
    """Answer the rest of this request in this language; the next one begins with its browser's again."""
    translation.activate(language)
    request.LANGUAGE_CODE = language


def enter(member: Membership) -> None:
    """Have in sight what this member may see, until the end of the request."""
    wall.enter(member.organization_id, coach=member.pk if member.sees_groups_only else None)


def rows(request: MemberRequest, model: type[Row]) -> OrgOwnedQuerySet[Row]:
    """All rows of `model` that this member may see."""
    return cast("OrgOwnedQuerySet[Row]", model._default_manager.all()).visible_to(request.member)


def every(request: MemberRequest, model: type[Row]) -> list[Row]:
    """All rows of `model` that this member may see, as a list: what a page asks each time is put together once."""
    return questions.rows(_every, model, request.member.organization_id)


def _every(model: type[Row], organization: int) -> QuerySet[Row]:
    return model._default_manager.filter(organization=organization)


def row(
    request: MemberRequest,
    of: type[Row] | OrgOwnedQuerySet[Row] | questions.Asked,
    code: UUID | str,
    *,
    write: bool = False,
) -> Row:
    """The one row with this code; 404 for a stranger's, 403 when it may be read but not written.

    `of` is the model, or what `rows` gave with what a page needs beside the row, or a question about this very code.
    That a member looked at a runner is on record from here.
    """
    code = code_of(code) if isinstance(code, str) else code
    if isinstance(of, questions.Asked):
        found = next(iter(of[:1]), None)
        if found is None or found.organization_id != request.member.organization_id:
            raise Http404
    else:
        found = get_object_or_404(rows(request, of) if isinstance(of, type) else of, code=code)
    if write and not request.member.can_write:
        raise PermissionDenied
    note_look(request.member, found)
    return found


def code_of(word: str) -> UUID:
    """Return the code that stands in an address or a form; nobody's for a word that is none."""
    try:
        return UUID(word)
    except ValueError:
        return NOBODY


def named(found: Iterable[Row], word: str | None) -> Row | None:
    """Return the one of these rows whose code stands in an address or a form; None where none of them is named."""
    return next((one for one in found if str(one.code) == word), None)


def number_of(word: str) -> int | None:
    """Return the number that stands in an address or a form; None for a word that is no row's."""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 18 else None


def choose_organization(request: MemberRequest, code: UUID) -> Organization:
    """Work for another of this person's organisations from now on; 404 where they have no role."""
    membership = get_object_or_404(Membership, user=request.user, organization__code=code, suspended_at=None)
    request.session[SESSION_KEY] = str(membership.organization.code)
    return membership.organization

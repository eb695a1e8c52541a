"""Runners and the notes about them."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from accounts import access
from accounts.models import Membership
from api.gate import as_member, may
from api.models import Scope
from api.operations.answers import answers
from api.paging import Page, Paged, page_of
from api.problems import Problem, not_found
from api.schemas import NoteIn, NoteOut, RunnerChange, RunnerIn, RunnerOut, Text
from subjects import actions
from subjects.models import Group, Note, Subject, SubjectQuerySet

router = Router(tags=["runners"])


class Which(Paged):
    search: Text(200) = Field("", description="Every word is in the name or the e-mail address")  # type: ignore[valid-type]
    group: UUID | None = Field(None, description="Only of this group")
    archived: bool = Field(False, description="Those put aside, in place of the others")


@router.get("", response=answers(Page[RunnerOut], listed=True), auth=may(Scope.READ))
def list_runners(request: HttpRequest, asked: Query[Which]) -> Any:
    """List runners in the order in which they were made."""
    found = cast(SubjectQuerySet, access.rows(as_member(request), Subject)).matching(asked.search)
    found = found.filter(archived_at__isnull=not asked.archived)
    if asked.group:
        found = found.filter(groups__in=_groups(request, [asked.group]))
    return page_of(found.prefetch_related("groups"), asked, newest_first=False)


@router.post("", response=answers(RunnerOut, 400, 409, status=201, listed=True), auth=may(Scope.WRITE, "writer"))
def create_runner(request: HttpRequest, payload: RunnerIn) -> Any:
    """Write a runner down. Only the name is needed; height and weight make the numbers better."""
    asking = as_member(request)
    given = payload.dict(exclude={"groups"})
    with transaction.atomic():
        groups = _groups(request, payload.groups)
        subject = Subject(organization=asking.member.organization, **given)
        subject.save()
        subject.groups.set(groups)
        if not groups:
            _place(subject, asking.member)
        actions.note_change(subject=subject, what=sorted(payload.dict(exclude_unset=True)), by=asking.user)
    return Status(201, subject)


@router.get("/{code}", response=answers(RunnerOut), auth=may(Scope.READ))
def read_runner(request: HttpRequest, code: UUID) -> Any:
    """Read one runner."""
    return access.row(as_member(request), Subject, code)


@router.patch("/{code}", response=answers(RunnerOut, 400), auth=may(Scope.WRITE, "writer"))
def change_runner(request: HttpRequest, code: UUID, payload: RunnerChange) -> Any:
    """Change what is named and leave the rest."""
    asking = as_member(request)
    subject = access.row(asking, Subject, code, write=True)
    given = payload.dict(exclude_unset=True)
    if nothing := [name for name in ("name", "email", "sex", "notes", "groups") if given.get(name, "") is None]:
        text = _("Leave out what is not to be changed: %(names)s cannot be null.") % {"names": ", ".join(nothing)}
        raise Problem(422, "not_null", text)
    with transaction.atomic():
        if "groups" in given:
            groups = _groups(request, given.pop("groups"))
            if not groups and asking.member.sees_groups_only:
                raise Problem(422, "no_group_left", _("Choose a group. You see only the runners of your groups."))
            subject.groups.set(groups)
        for name, value in given.items():
            setattr(subject, name, value)
        try:
            actions.change_subject(subject=subject, what=sorted(payload.dict(exclude_unset=True)), by=asking.user)
        except actions.Erased:
            raise not_found() from None
    return subject


@router.post("/{code}/archive", response=answers(RunnerOut), auth=may(Scope.WRITE, "writer"))
def archive_runner(request: HttpRequest, code: UUID) -> Any:
    """Put a runner aside: out of the lists, nothing lost."""
    asking = as_member(request)
    subject = access.row(asking, Subject, code, write=True)
    actions.archive_subject(subject=subject, by=asking.user)
    return subject


@router.post("/{code}/restore", response=answers(RunnerOut), auth=may(Scope.WRITE, "writer"))
def restore_runner(request: HttpRequest, code: UUID) -> Any:
    """Take a runner back into the lists."""
    asking = as_member(request)
    subject = access.row(asking, Subject, code, write=True)
    actions.restore_subject(subject=subject, by=asking.user)
    return subject


@router.get("/{code}/notes", response=answers(Page[NoteOut]), auth=may(Scope.READ))
def list_notes(request: HttpRequest, code: UUID, asked: Query[Paged]) -> Any:
    """List the notes about a runner, those written last first."""
    subject = access.row(as_member(request), Subject, code)
    return page_of(access.rows(as_member(request), Note).filter(subject=subject).select_related("by"), asked)


@router.post("/{code}/notes", response=answers(NoteOut, 400, status=201), auth=may(Scope.WRITE))
def write_note(request: HttpRequest, code: UUID, payload: NoteIn) -> Any:
    """Add a note; everybody may, the clinic's readers as well."""
    asking = as_member(request)
    subject = access.row(asking, Subject, code)
    return Status(201, actions.write_note(subject=subject, text=payload.text, on=payload.on, by=asking.user))


def _place(subject: Subject, member: Membership) -> None:
    try:
        actions.place_runner(subject=subject, member=member)
    except actions.NoGroup:
        text = _("You see only the runners of your groups, and have none. Ask an admin.")
        raise Problem(409, "no_group", text) from None


def _groups(request: HttpRequest, codes: list[UUID]) -> QuerySet[Group]:
    """Return these groups. Raises a problem for a code that names none that may be seen."""
    found = access.rows(as_member(request), Group).filter(code__in=codes)
    if len(found) != len(set(codes)):
        raise Problem(422, "no_such_group", _("One of the groups is not here."))
    return found

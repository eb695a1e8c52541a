"""The audit log, as a page and as a table."""

from __future__ import annotations

from typing import cast

from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import access, actions
from accounts.access import MemberRequest, member_required
from accounts.models import AuditEntry, AuditQuerySet
from accounts.record import csv_lines
from accounts.tables import as_csv

PAGE = 50


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

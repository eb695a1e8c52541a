"""A month of credits as a PDF."""

from __future__ import annotations

from typing import cast

from django.http import FileResponse, Http404
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import MemberRequest, member_required
from accounts.actions import record
from accounts.models import AuditEntry
from credits.models import Entry, EntryQuerySet
from credits.months import Month
from reports.pdf.statement import make_statement


@require_safe
@member_required(admin=True)
def statement(request: MemberRequest) -> FileResponse:
    """Answer the statement of the month in the address, of this one where none is named; 404 for one to come."""
    month = Month.read(request.GET["month"]) if "month" in request.GET else Month.now()
    if month is None or month > Month.now():
        raise Http404
    organization = request.member.organization
    about = f"statement of credits, {month}"
    record(organization=organization, by=request.user, action=AuditEntry.Action.EXPORTED, about=about)
    entries = cast(EntryQuerySet, access.rows(request, Entry))
    file = make_statement(organization=organization, entries=entries, month=month, language=get_language() or "en")
    return FileResponse(file, as_attachment=True, filename=f"credits-{month}.pdf", content_type="application/pdf")

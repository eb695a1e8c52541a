"""What these pages ask for in the same way."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404

from accounts import access
from accounts.access import MemberRequest
from analyses.models import Analysis
from subjects.models import Subject


def finished_or_404(request: MemberRequest, code: UUID, *, write: bool = False) -> Analysis:
    """Return a finished analysis with all it takes to show it."""
    rows = access.rows(request, Analysis).select_related("organization", "subject", "clip", "account", "result")
    analysis = access.row(request, rows, code, write=write)
    if analysis.status != Analysis.Status.SUCCEEDED:
        raise Http404
    return analysis


def chosen_runner(request: MemberRequest) -> Subject | None:
    """Return the runner the address names; None where it names none."""
    named = request.GET.get("runner", "")
    return access.row(request, Subject, named) if named else None

"""What credits were used for: by person, view, group and service, month by month."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, member_required
from accounts.tables import as_csv
from credits import exports, usage
from credits.months import Month
from credits.views.ledger import entries_of, note_export


@require_safe
@member_required(admin=True)
def used(request: MemberRequest) -> HttpResponse:
    now = Month.now()
    month = Month.read(request.GET.get("month", "")) or now
    entries = entries_of(request)
    there = entries.used().during(month)
    last = month if month > now else min(now, month.later(usage.MONTHS // 2))
    columns = usage.by_month(entries, last)
    shown = {
        "month": month,
        "before": month.later(-1),
        "after": month.later(1) if month < now else None,
        "total": -there.total(),
        "tables": [(word, label, sum_up(there)) for word, (label, sum_up) in usage.BY.items()],
        "columns": columns if any(one.credits for one in columns) else [],
    }
    return render(request, "credits/used.html", shown)


@require_safe
@member_required(admin=True)
def used_csv(request: MemberRequest) -> StreamingHttpResponse:
    """Answer one month's use as a table, by person unless the address names another choice."""
    month = Month.read(request.GET.get("month", "")) or Month.now()
    by = request.GET.get("by", "")
    by = by if by in usage.BY else "person"
    note_export(request, f"credits used in {month} by {by} as CSV")
    lines = usage.BY[by][1](entries_of(request).used().during(month))
    return as_csv(exports.used_lines(month, by, lines), f"credits-used-{month}-by-{by}.csv")

"""What a measure means."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, member_required
from analyses.explaining import explanation, in_our_language
from analyses.figure import GROUND_Y, HEIGHT, WIDTH, figure
from analyses.measures import GROUPS, MEASURES, REAL_CHANGES


@require_safe
@member_required
def measure(request: MemberRequest, key: str) -> HttpResponse:
    """Say what a measure is, how it is read, how sure it is, and what it does not say."""
    shown, told = MEASURES.get(key), explanation(key)
    if shown is None or told is None:
        raise Http404
    change = REAL_CHANGES.get(key)
    others = [one for one in MEASURES.values() if one.group == shown.group and one.key != key]
    return render(
        request,
        "analyses/measure.html",
        {
            "measure": shown,
            "told": in_our_language(told),
            "group": GROUPS[shown.group],
            "others": others,
            "figure": figure(key),
            "size": (WIDTH, HEIGHT, GROUND_Y),
            "change": change,
            "percent": change.fast * 100 if change and change.relative else None,
        },
    )

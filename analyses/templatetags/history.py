"""What was measured of a runner, for the runner's own page, which lies in a lower package."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.template.context import RequestContext

from analyses.measures import TRENDS
from analyses.models import Analysis, Measurement
from analyses.trends import Value, charts
from clips import storage
from subjects.models import Subject

register = template.Library()

PAGE = 20
DRAWN = 60  # the newest; a chart of more points than these is a smear at its size
WHOLE = ("", "mean", "stance_mean")


@register.inclusion_tag("analyses/_history.html", takes_context=True)
def runner_history(context: RequestContext, runner: Subject) -> dict[str, Any]:
    """Show the runner's analyses, newest first, and a chart of each measure that has two values or more."""
    rows = Analysis.objects.filter(subject=runner).select_related("subject", "clip", "account")
    page = Paginator(rows, PAGE).get_page(context["request"].GET.get("page"))
    lines = [
        {"analysis": one, "still": storage.link(one.clip.thumbnail_key) if one.clip.thumbnail_key else ""}
        for one in page
    ]
    shown = {name: context.get(name) for name in ("request", "member", "csrf_token")}
    return {**shown, "runner": runner, "page": page, "lines": lines, "charts": charts(_values(runner))}


def _values(runner: Subject) -> list[Value]:
    newest = list(
        Analysis.objects.filter(subject=runner).finished().select_related("account").order_by("-ordered_at")[:DRAWN]
    )
    numbers: dict[int, dict[str, list[Measurement]]] = defaultdict(lambda: defaultdict(list))
    wanted = Measurement.objects.filter(analysis__in=newest, key__in=[*TRENDS, "speed_m_s"], phase__in=WHOLE)
    for number in wanted:
        numbers[number.analysis_id][number.key].append(number)
    return [value for analysis in newest for value in _of(analysis, numbers[analysis.pk])]


def _of(analysis: Analysis, numbers: dict[str, list[Measurement]]) -> list[Value]:
    speed = next((one.value for one in numbers.get("speed_m_s", [])), None)
    kind = (analysis.view, analysis.treadmill, analysis.account.kind)
    values = []
    for key in TRENDS:
        if own := numbers.get(key):
            whole = next((one for one in own if not one.side), None)
            mean = whole.value if whole else sum(one.value for one in own) / len(own)
            unsure = whole.uncertainty_95 if whole else None
            values.append(Value(key, analysis.ordered_at, mean, kind, unsure, speed, str(analysis.code)))
    return values

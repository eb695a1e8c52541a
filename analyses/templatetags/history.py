"""What was measured of a runner, for the runner's own pages, which lie in a lower package."""

from __future__ import annotations

from typing import Any, cast

from django import template
from django.core.paginator import Page
from django.template.context import RequestContext
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.numbers import number
from analyses import history
from analyses.history import Spark
from analyses.trends import Chart
from subjects.models import Subject

register = template.Library()

# The table behind the charts is the keyboard's way to these links.
_LINK = '<a href="%%(href)s" tabindex="-1">%s<title>%%(title)s</title>%s</a>'
GROUND = _LINK % ('<circle class="dot" cx="%(x)s" cy="%(y)s" r="4.5">', "</circle>")
BELT = _LINK % ('<path class="dot belt" d="M%(x)s %(y)sm-4-4h8v8h-8z">', "</path>")
GRID = (
    '<line class="grid" x1="0" x2="240" y1="%(y)s" y2="%(y)s"/>'
    '<text x="-6" y="%(y)s" dy="3.5" text-anchor="end">%(value)s</text>'
)

PASSED_ON = ("request", "member", "organization", "csrf_token", "mark_form", "pain_levels")


@register.inclusion_tag("analyses/_history.html", takes_context=True)
def runner_history(context: RequestContext, runner: Subject) -> dict[str, Any]:
    """Show how it is going: a chart of each measure that matters, then what happened, day by day, newest first."""
    shown = {name: context.get(name) for name in PASSED_ON}
    return {**shown, "runner": runner, **history.of_runner(runner, page=context["request"].GET.get("page"))}


@register.simple_tag
def with_sparks(page: Page[Subject]) -> list[tuple[Subject, Spark]]:
    """Return the runners of a page, each with the way of their score and what waits to be done."""
    return history.sparks(list(page.object_list))


@register.simple_tag
def trend_grid(chart: Chart) -> SafeString:
    """Draw the lines across a chart with the numbers at their ends."""
    decimals = chart.measure.decimals
    lines = [GRID % {"y": y, "value": number(value, decimals)} for y, value in chart.ticks]
    return mark_safe("".join(lines))  # noqa: S308 - numbers alone


@register.simple_tag
def trend_points(chart: Chart) -> SafeString:
    """Draw the values of a chart, each leading to its analysis: by hand, for a template takes 50 ms for 500 of them."""
    unit, decimals = chart.measure.unit, chart.measure.decimals
    parts = []
    for point in chart.points:
        value = cast(history.Shown, point.value)
        shape = BELT if value.is_belt else GROUND
        title = escape(f"{value.day}: {number(value.value, decimals)} {unit}")
        parts.append(shape % {"href": escape(value.href), "x": point.x, "y": point.y, "title": title})
    return mark_safe("".join(parts))  # noqa: S308 - every text in it is escaped above

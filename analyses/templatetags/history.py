"""What was measured of a runner, for the runner's own pages, which lie in a lower package."""

from __future__ import annotations

from typing import Any, cast

from django import template
from django.core.paginator import Page
from django.template.context import RequestContext
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.addresses import address
from accounts.numbers import number, with_unit
from accounts.writing import COLON, date_format
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
FLAG = '<path class="flag" d="M%(x)s 96l4 7h-8z"><title>%(name)s</title></path>'

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
def trend_figure(chart: Chart) -> SafeString:
    """Draw a chart by hand: a template takes 50 ms for 500 points, and for what is around them as long as its page."""
    measure, decimals = chart.measure, chart.measure.decimals
    label, unit = escape(str(measure.label)), escape(measure.unit)
    page = address("analyses:measure", measure.key)
    ends = [timezone.localtime(at) for at in (chart.first_at, chart.last_at)]
    is_one_day = ends[0].date() == ends[1].date()
    first, last = (date_format(at, "H:i" if is_one_day else "DATE_FORMAT") for at in ends)
    told = _("%(name)s: %(n)s values from %(first)s to %(last)s")
    about = told % {"name": label, "n": len(chart.points), "first": first, "last": last}
    grid = "".join(GRID % {"y": y, "value": number(value, decimals)} for y, value in chart.ticks)
    flags = "".join(FLAG % {"x": x, "name": escape(name)} for x, name in chart.marks)
    return mark_safe(  # noqa: S308 - every text in it is ours or escaped
        f'<figure class="trend">\n<figcaption><a href="{page}">{label}</a> <span class="quiet">{unit}</span>'
        f" <strong>{number(chart.last, decimals)}</strong></figcaption>\n"
        f'<svg viewBox="-36 -8 296 128" role="group" aria-label="{about}">\n'
        f"{_path('typical', chart.bands)}{grid}\n"
        f'<text x="0" y="116">{first}</text><text x="240" y="116" text-anchor="end">{last}</text>\n'
        f"{flags}{_bar(chart)}{_path('unsure', chart.unsure)}{_path('join', chart.lines)}\n"
        f"{_points(chart)}\n</svg>\n</figure>"
    )


def _path(kind: str, drawn: str) -> str:
    return f'<path class="{kind}" d="{drawn}"/>' if drawn else ""


def _bar(chart: Chart) -> str:
    """Draw how much the smallest real change is, beside the plot."""
    if (bar := chart.bar) is None:
        return ""
    size = with_unit(number(bar.unit_value, chart.measure.decimals), escape(chart.measure.unit))
    ends = f"M249 {bar.y1}h8M253 {bar.y1}V{bar.y2}M249 {bar.y2}h8"
    return f'<g class="bar"><title>{_("smallest real change")}{COLON}{size}</title><path d="{ends}"/></g>'


def _points(chart: Chart) -> str:
    """Draw the values, each leading to its analysis."""
    unit, decimals, colon = str(chart.measure.unit), chart.measure.decimals, str(COLON)  # once for all points
    parts = []
    for point in chart.points:
        value = cast(history.Shown, point.value)
        shape = BELT if value.is_belt else GROUND
        title = escape(f"{value.day}{colon}{with_unit(number(value.value, decimals), unit)}")
        parts.append(shape % {"href": escape(value.href), "x": point.x, "y": point.y, "title": title})
    return "".join(parts)

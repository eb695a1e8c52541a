"""The figures of a table of numbers, drawn by hand: a result has a hundred of them."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from analyses.changes import SinceLast
from analyses.curves import Drawing
from analyses.readout import Gauge, Row
from coachportal.templatetags.lines import change_mark
from coachportal.templatetags.portal import NONE, icon, number, unlocalized

register = template.Library()


@register.simple_tag
def number_rows(rows: Iterable[Row], since: SinceLast | None = None) -> SafeString:
    """Draw the measures of one group as rows of the table of numbers; `since` adds what changed since a film before."""
    changes = since.by_key if since else {}
    before, _dash, after = reverse("analyses:measure", args=["-"]).rpartition("-")
    drawn = []
    for row in rows:
        key, label = row.measure.key, escape(str(row.measure.label))
        about = _("What %(name)s means") % {"name": label}
        source = f' title="{escape(row.source)}"' if row.source else ""
        bar = f"<span{source}>{gauge_bar(row.gauge)}</span>" if row.gauge else ""
        moved = f'<td class="since-cell">{change_mark(changes.get(key))}</td>' if since else ""
        drawn.append(
            f'<tr id="row-{key}"><th scope="row">{label} '
            f'<a class="what" href="{before}{key}{after}" aria-label="{about}">{icon("info", 14)}</a></th>'
            f'<td class="l wide-only">{measured(row, "left")}</td><td class="r wide-only">{measured(row, "right")}</td>'
            f'<td class="m">{measured(row)}</td><td class="in-range">{bar}</td>'
            f'<td class="num second wide-only">{NONE if row.steps is None else row.steps}</td>{moved}</tr>'
        )
    return mark_safe("".join(drawn))  # noqa: S308 - every text in it is ours or escaped


@register.simple_tag
def glance(rows: Iterable[Row]) -> SafeString:
    """Write measures with their typical ranges as the lines of a list; those without a range are left out."""
    lines = [
        f'<li><span>{escape(str(row.measure.label))}</span> <span class="value">{measured(row)}</span>'
        f" {gauge_bar(row.gauge)}</li>"
        for row in rows
        if row.gauge
    ]
    return mark_safe("".join(lines))  # noqa: S308 - every text in it is ours or escaped


@register.filter
def side_word(side: str | None) -> str:
    """Say which leg; nothing for what is of both."""
    return {"left": _("left"), "right": _("right")}.get(side or "", "")


def measured(row: Row, which: str = "mean") -> SafeString:
    """Write the mean of a measure with its doubt and unit, or what one side gave: "left", "right".

    Where steps are behind it, it opens them and leads the film to the first. Nothing for a side that gave nothing.
    """
    value: float | None = getattr(row, which)
    if value is None and which != "mean":
        return SafeString("")
    decimals = row.measure.decimals
    shown = number(value, decimals)
    if which == "mean" and row.uncertainty_95 is not None:
        shown += f" ± {number(row.uncertainty_95, decimals)}"
    if which == "mean" and row.measure.unit:
        shown += f" <small>{escape(row.measure.unit)}</small>"
    seek_s = row.first_s[("mean", "left", "right").index(which)]
    if seek_s is None:
        return mark_safe(shown)  # noqa: S308 - numbers, and the unit escaped above
    about = f"?about={row.measure.key}"
    # The mean is the keyboard's way to the steps, of both sides.
    way = f'title="{_("Show it in the film")}"' if which == "mean" else 'tabindex="-1"'
    asks = f'href="{about}#steps" hx-get="{about}" hx-target="#steps" hx-swap="outerHTML"'
    link = f'<a class="frames" {asks} data-seek="{unlocalized(seek_s)}" {way}>{shown}</a>'
    return mark_safe(link)  # noqa: S308 - as above; the key is our own


@register.simple_tag
def gauge_bar(gauge: Gauge) -> SafeString:
    """Draw a value and its doubt over the typical range; good, okay and bad have shapes as well as colours."""
    told = {"unknown": _("not sure"), "good": _("inside"), "okay": _("a little outside")}
    range_text = _("Typical %(low)s to %(high)s") % {"low": number(gauge.low, -1), "high": number(gauge.high, -1)}
    x = unlocalized(gauge.value_x)
    if gauge.verdict in ("unknown", "good"):
        dot = f'<circle class="dot {gauge.verdict}" cx="{x}" cy="8" r="5"/>'
    else:
        kind, turned = ("okay", " rotate(45)") if gauge.verdict == "okay" else ("bad", "")
        square = 'x="-4.5" y="-4.5" width="9" height="9"'
        dot = f'<rect class="dot {kind}" {square} transform="translate({x} 8){turned}"/>'
    typical = f'x="{unlocalized(gauge.typical_x)}" y="4" width="{unlocalized(gauge.typical_width)}" height="8" rx="4"'
    unsure = f'x1="{unlocalized(gauge.unsure_x1)}" x2="{unlocalized(gauge.unsure_x2)}" y1="8" y2="8"'
    svg = (
        f'<svg class="range" viewBox="0 0 150 16" role="img"'
        f' aria-label="{range_text}: {told.get(gauge.verdict) or _("outside")}">'
        f'<line class="axis" x1="0" x2="150" y1="8" y2="8"/><rect class="typical" {typical}/>'
        f'<line class="unsure" {unsure}/>{dot}</svg>'
    )
    return mark_safe(svg)  # noqa: S308 - numbers and our own words


@register.simple_tag
def curve_rows(drawing: Drawing) -> SafeString:
    """Write the lines of a drawing as rows of a table: percent of the span, then mean ± SD of each."""
    rows = [
        f'<tr><th scope="row">{percent}</th>{"".join(_cell(mean, sd) for mean, sd in values)}</tr>'
        for percent, values in drawing.table
    ]
    return mark_safe("".join(rows))  # noqa: S308 - numbers


def _cell(mean: float | None, sd: float | None) -> str:
    spread = "" if sd is None else f" ± {number(sd, 1)}"
    return f'<td class="num">{number(mean, 1)}{spread}</td>'

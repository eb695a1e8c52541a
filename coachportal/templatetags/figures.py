"""What a result has by the dozen, drawn by hand: numbers, steps, joint angles, differences."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.addresses import address
from accounts.numbers import NBSP, NONE, between, number, signed, with_unit
from accounts.writing import COLON
from analyses.changes import SinceLast
from analyses.compare import Comparison, Difference, Value
from analyses.explaining import runners_behind
from analyses.gauges import Gauge, Limits
from analyses.landings import PART_PX
from analyses.measures import MEASURES
from analyses.models import Analysis
from analyses.readout import JointRow, Row
from analyses.steps import Mark, Tile
from coachportal.templatetags.lines import change_mark
from coachportal.templatetags.portal import icon, unlocalized

register = template.Library()


@register.simple_tag
def number_rows(rows: Iterable[Row], since: SinceLast | None = None) -> SafeString:
    """Draw the measures of one group as rows of the table of numbers; `since` adds what changed since a film before."""
    changes = since.by_key if since else {}
    drawn = []
    for row in rows:
        key = row.measure.key
        bar = gauge_bar(row.gauge) if row.gauge else ""
        if bar and row.source:
            page = address("analyses:measure", key)
            bar = f'<a href="{page}#range" tabindex="-1" title="{_behind(row.source, get_language())}">{bar}</a>'
        moved = f'<td class="since-cell">{change_mark(changes.get(key))}</td>' if since else ""
        drawn.append(
            f'<tr id="row-{key}"><th scope="row">{_named(key)}</th>'
            f'<td class="l wide-only">{measured(row, "left")}</td><td class="r wide-only">{measured(row, "right")}</td>'
            f'<td class="m">{measured(row)}</td><td class="in-range">{bar}</td>'
            f'<td class="num second wide-only">{NONE if row.steps is None else row.steps}</td>{moved}</tr>'
        )
    return mark_safe("".join(drawn))  # noqa: S308 - every text in it is ours or escaped


@lru_cache(maxsize=512)  # as the names below
def _behind(source: str, _language: str | None) -> str:
    """Say who ran for a typical range, or where it comes from."""
    return escape("\n".join(f"{one}{COLON}{who}" for one, who in runners_behind(source)) or source)


def _named(key: str) -> str:
    """Name a measure and lead to the page about it."""
    return "".join(_name_and_way(key, address("analyses:measure", key), get_language()))


@lru_cache(maxsize=1024)  # every page of numbers names the same thirty
def _name_and_way(key: str, page: str, _language: str | None) -> tuple[str, str]:
    name = escape(str(MEASURES[key].label))
    about = _("What %(name)s means") % {"name": name}
    return name, f'<a class="what" href="{page}" aria-label="{about}">{icon("info", 14)}</a>'


@register.simple_tag
def what_it_means(row: Row | None) -> SafeString:
    """Lead to the page that says what a measure means; nothing where there is none."""
    if row is None:
        return SafeString("")
    key = row.measure.key
    _name, way = _name_and_way(key, address("analyses:measure", key), get_language())
    return mark_safe(way)  # noqa: S308 - our own words


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
    return _("left") if side == "left" else _("right") if side == "right" else ""


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
        shown += f"{NBSP}<small>{escape(row.measure.unit)}</small>"
    seek_s = row.first_s[("mean", "left", "right").index(which)]
    if seek_s is None:
        return mark_safe(shown)  # noqa: S308 - numbers, and the unit escaped above
    about = f"?about={row.measure.key}"
    # The mean is the keyboard's way to the steps, of both sides.
    way = f'title="{_("Show it in the film")}"' if which == "mean" else 'tabindex="-1"'
    asks = f'href="{about}#steps" hx-get="{about}" hx-target="#steps" hx-swap="outerHTML" hx-sync="#steps:replace"'
    link = f'<a class="frames" {asks} data-seek="{unlocalized(seek_s)}" {way}>{shown}</a>'
    return mark_safe(link)  # noqa: S308 - as above; the key is our own


@register.filter
def typical_range(limits: Limits, unit: str = "") -> str:
    """Say in words what is typical."""
    low, high = ("" if limit is None else with_unit(number(limit, -1), unit) for limit in limits)
    if low and high:
        return _("Typical %(low)s to %(high)s") % {"low": low, "high": high}
    return _("Typical at most %(high)s") % {"high": high} if high else _("Typical at least %(low)s") % {"low": low}


@register.filter
def limits(of: Gauge, decimals: int) -> str:
    """Write its typical range as a table has it."""
    return between(of.low, of.high, decimals)


@register.simple_tag
def gauge_bar(gauge: Gauge) -> SafeString:
    """Draw a value and its doubt over the typical range; good, okay and bad have shapes as well as colours."""
    range_text = typical_range((gauge.low, gauge.high))
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
        f' aria-label="{range_text}{COLON}{_place(gauge.verdict)}">'
        f'<line class="axis" x1="0" x2="150" y1="8" y2="8"/><rect class="typical" {typical}/>'
        f'<line class="unsure" {unsure}/>{dot}</svg>'
    )
    return mark_safe(svg)  # noqa: S308 - numbers and our own words


def _place(verdict: str) -> str:
    """Say where a value lies. Each word is looked up only where it is said: a page has thirty such bars."""
    if verdict == "unknown":
        return _("not sure")
    if verdict == "good":
        return _("inside")
    return _("a little outside") if verdict == "okay" else _("outside")


@register.simple_tag(takes_context=True)
def step_tiles(context: Context, tiles: Iterable[Tile], analysis: Analysis, about: Row | None) -> SafeString:
    """Draw the steps as the items of a list: each leads the film to it, with what it gave of the measure in question.

    Who may write can leave one out that enters the means.
    """
    asked = f"?about={about.measure.key}" if about else ""
    before, _nought, after = reverse("analyses:leave_out", args=[analysis.code, 0]).rpartition("0")
    pictured = bool(context.get("landings") or context.get("landings_due"))
    drawn = []
    for tile in tiles:
        leave = ""
        if context["member"].can_write and tile.step.counts and not tile.left_out:
            no = tile.step.number
            to, label = f"{before}{no}{after}{asked}", _("Leave step %(n)s out") % {"n": no}
            opens = 'hx-target="#leave-out" hx-swap="innerHTML" hx-sync="#leave-out:replace"'
            leave = f'<a class="leave" href="{to}" hx-get="{to}" {opens} aria-label="{label}">{icon("x", 14)}</a>'
        opening = '<li class="out">' if tile.left_out else "<li>"
        drawn.append(f"{opening}{_step(tile, analysis, about, pictured)} {leave}</li>")
    return mark_safe("\n".join(drawn))  # noqa: S308 - every text in it is ours or escaped


@register.simple_tag
def contacts(marks: Iterable[Mark]) -> SafeString:
    """Draw the contacts as bars on the strip under the film: those of the left foot above, of the right below."""
    drawn = []
    for mark in marks:
        x, width = unlocalized(mark.x), unlocalized(mark.width)
        bar_y, strike_y = (2, 0) if mark.side == "left" else (11, 9)
        drawn.append(
            f'<g class="{mark.side}{" out" if mark.left_out else ""}">'
            f'<rect x="{x}" y="{bar_y}" width="{width}" height="7"/>'
            f'<rect class="strike" x="{x}" y="{strike_y}" width="3" height="11"/></g>'
        )
    return mark_safe("".join(drawn))  # noqa: S308 - numbers and our own words


def _landing(place: int | None) -> str:
    """Draw one part of the row of pictures that stands above the steps; room for it where there is none."""
    width_px, height_px = PART_PX
    seen = "" if place is None else f' viewBox="{place * width_px} 0 {width_px} {height_px}"'
    shown = "" if place is None else '<use href="#landings"/>'
    return f'<svg class="landing" aria-hidden="true" focusable="false"{seen}>{shown}</svg>'


def _step(tile: Tile, analysis: Analysis, about: Row | None, pictured: bool) -> str:
    step, gave, when = tile.step, "", ""
    if about:
        value = number(tile.value, about.measure.decimals)
        gave = value if tile.value is None else f"{value}{NBSP}<small>{escape(about.measure.unit)}</small>"
    elif step.landing or analysis.view == Analysis.View.SIDE:
        gave = escape(str(step.landing)) if step.landing else NONE
    if tile.left_out:
        when = _("left out")
    elif about and tile.seek_s is not None:
        when = with_unit(number(tile.seek_s, 2), "s")
    elif step.contact_time_ms is not None:
        when = with_unit(number(step.contact_time_ms), "ms")
    told = f'<span class="side">{step.number} {side_word(step.side)}</span>'
    told += f" <strong>{gave}</strong>" if gave else ""
    told += f' <span class="small quiet">{when}</span>' if when else ""
    kind = f'class="step {step.side}"'
    if pictured:
        told = _landing(tile.picture) + told
    if tile.seek_s is None:
        return f"<div {kind}>{told}</div>"
    until = "" if tile.until_s is None else f' data-until="{unlocalized(tile.until_s)}"'
    return f'<button type="button" {kind} data-seek="{unlocalized(tile.seek_s)}"{until}>{told}</button>'


@register.simple_tag
def joint_rows(rows: Iterable[JointRow], moments: Iterable[str]) -> SafeString:
    """Draw the joint angles as rows of a table; each angle leads the film to where it was."""
    names = [f'<span class="narrow-only">{escape(str(moment))}</span>' for moment in moments]
    drawn = []
    for row in rows:
        side = f'<span class="{row.side[:1]}">{side_word(row.side)}</span>'
        cells = "".join(
            f'<td class="num">{name}{_angle(*angle)}</td>' for name, angle in zip(names, row.angles, strict=True)
        )
        drawn.append(f'<tr><th scope="row">{escape(str(row.joint))} {side}</th>{cells}</tr>')
    return mark_safe("".join(drawn))  # noqa: S308 - numbers, our own words, and the joint escaped


def _angle(angle: float | None, seek_s: float | None) -> str:
    shown = number(angle)
    if angle is None or seek_s is None:
        return shown
    return f'<button type="button" class="frames" data-seek="{unlocalized(seek_s)}">{shown}</button>'


@register.simple_tag
def difference_row(row: Difference, comparison: Comparison) -> SafeString:
    """Draw a measure of two films as a row of a table: before, now, by how much they differ, whether that is real."""
    key, decimals = row.measure.key, row.measure.decimals
    # The score is explained by its parts.
    name = _named(key) if key in MEASURES else escape(str(row.measure.label))
    unit = "" if row.difference is None else f"{NBSP}<small>{escape(row.measure.unit)}</small>"
    limit = NONE
    if row.smallest_real_change is not None:
        sign = "‡" if row.own_on else "" if row.published else "†"
        limit = number(row.smallest_real_change, row.measure.change_decimals)
        limit += f" <small>{sign}</small>" if sign else ""
    return mark_safe(  # noqa: S308 - every text in it is ours or escaped
        f'<tr class="{row.verdict}"><th scope="row">{name}</th>\n'
        f'<td class="num was">{_with_doubt(row.before, decimals)}</td>\n'
        f'<td class="num is">{_with_doubt(row.now, decimals)}</td>\n'
        f'<td class="num by"><strong>{signed(row.difference, decimals)}</strong>{unit}</td>\n'
        f'<td class="num limit wide-only">{limit}</td>\n'
        f'<td class="word">{_verdict(row, comparison)}</td></tr>'
    )


def _with_doubt(value: Value | None, decimals: int) -> str:
    if value is None:
        return NONE
    doubt = value.uncertainty_95
    return number(value.mean, decimals) + ("" if doubt is None else f" <small>± {number(doubt, decimals)}</small>")


def _verdict(row: Difference, comparison: Comparison) -> str:
    word = escape(str(row.word))
    if row.is_real:
        arrow = "▲" if (row.difference or 0) > 0 else "▼"
        return f'<span class="pill accent"><span aria-hidden="true">{arrow}</span> {word}</span>'
    if not row.reason:
        return f'<span class="quiet">{word}</span>'
    reason = escape(str(row.reason))
    if not comparison.reasons:
        return f"<small>{reason}</small>"
    # Why nothing compares is said above the table, once for whoever sees it.
    return f'<small><span class="quiet">{word}</span><span class="visually-hidden">{COLON}{reason}</span></small>'

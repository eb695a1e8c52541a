"""Curves as figures, drawn by hand: on the result, over each other in a comparison, and behind a link."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.addresses import address
from accounts.numbers import number
from accounts.writing import COLON
from analyses.curves import Drawing
from analyses.explaining import runners_behind
from analyses.readout import Readout
from coachportal.templatetags.figures import side_word
from coachportal.templatetags.portal import unlocalized

register = template.Library()


@register.simple_tag
def curve_to_move(drawing: Drawing, result: Readout) -> SafeString:
    """Draw a curve that moves the film and is moved by it, with its numbers as a table."""
    label = escape(str(drawing.label))
    cursors = "".join(
        f'<line class="cursor {line.side}" data-cursor="{line.side}" x1="0" x2="0" y1="0" y2="120"'
        f' visibility="hidden"/>'
        for line in drawing.lines
    )
    as_table = _("As a table")
    moves = _("%(name)s: move the film to this share of the cycle") % {"name": label}
    heads = "".join(f'<th class="num {line.side[:1]}">{side_word(line.side)}</th>' for line in drawing.lines)
    return mark_safe(  # noqa: S308 - every text in it is ours or escaped
        f'<figure class="curve" data-curve="{"stance" if result.over_stance else "stride"}">\n'
        f'<figcaption>{label} <span class="quiet">°</span>'
        f' <output data-read aria-hidden="true"></output></figcaption>\n'
        f'<div class="plot">{_plot(drawing, _left_and_right(drawing), cursors, to_move=True)}\n'
        f'<input type="range" min="0" max="100" value="0" step="1" data-cycle aria-label="{moves}"></div>\n'
        f'<details class="small"><summary>{as_table}</summary>\n'
        f'<table class="table tight"><thead><tr><th>%</th>{heads}</tr></thead><tbody>{_rows(drawing)}</tbody></table>\n'
        f"{_typical(drawing, result)}</details></figure>"
    )


@register.simple_tag
def curve_to_see(drawing: Drawing) -> SafeString:
    """Draw a curve for somebody who has no film to move by it."""
    caption = f'{escape(str(drawing.label))} <span class="quiet">°</span>'
    figure = (
        f'<figure class="curve"><figcaption>{caption}</figcaption>{_plot(drawing, _left_and_right(drawing))}</figure>'
    )
    return mark_safe(figure)  # noqa: S308 - as above


@register.simple_tag
def curve_pair(drawing: Drawing) -> SafeString:
    """Draw a joint of one side in two films; the cursor is moved by the films."""
    told = _("%(name)s, before and now, between %(low)s° and %(high)s°") % _ends(drawing)
    cursor = '<line class="cursor" data-cursor x1="0" x2="0" y1="0" y2="120" visibility="hidden"/>'
    return mark_safe(  # noqa: S308 - as above
        f'<figure class="curve pair" data-curve="{drawing.of}">\n'
        f"<figcaption>{escape(str(drawing.label))} · {side_word(drawing.of)}"
        f' <span class="quiet">°</span></figcaption>\n{_plot(drawing, told, cursor)}</figure>'
    )


def _left_and_right(drawing: Drawing) -> str:
    return _("%(name)s, left and right, between %(low)s° and %(high)s°") % _ends(drawing)


def _ends(drawing: Drawing) -> dict[str, str]:
    return {"name": escape(str(drawing.label)), "low": number(drawing.low), "high": number(drawing.high)}


def _plot(drawing: Drawing, label: str, cursors: str = "", *, to_move: bool = False) -> str:
    """Draw grid, toe-off and lines; `to_move`: also the typical ranges, and each mean for the script that reads it."""
    bands = "".join(
        f'<rect class="band" x="{band.x:g}" y="{band.y:g}" width="{band.width:g}" height="{band.height:g}" rx="3"/>'
        for band in (drawing.bands if to_move else ())
    )
    toe_off = ""
    if drawing.toe_off_x is not None:
        x, word = unlocalized(drawing.toe_off_x), _("toe-off")
        toe_off = f'<line class="toe-off" x1="{x}" x2="{x}" y1="0" y2="120"/>'
        toe_off += f'<text x="{x}" dx="4" y="8">{word}</text>'
    spreads = "".join(f'<path class="spread {line.side}" d="{line.area}"/>' for line in drawing.lines if line.area)
    means = "".join(
        f'<path class="mean {line.side}" d="{line.path}"'
        + (f' data-side="{line.side}" data-mean="{line.told}"/>' if to_move else "/>")
        for line in drawing.lines
    )
    opening = f'<svg viewBox="-34 -8 342 150" role="img" aria-label="{label}">'
    return f"{opening}{bands}{_scale(drawing)}{toe_off}{spreads}{means}{cursors}</svg>"


def _scale(drawing: Drawing) -> str:
    """Draw the grid with its degrees, and the percent of the span below it."""
    lines = []
    for at, degrees in drawing.ticks:
        y = unlocalized(at)
        line = f'<line class="grid" x1="0" x2="300" y1="{y}" y2="{y}"/>'
        lines.append(f'{line}<text x="-6" y="{y}" dy="3.5" text-anchor="end">{number(degrees)}</text>')
    ends = '<text x="0" y="137">0&nbsp;%</text><text x="150" y="137" text-anchor="middle">50&nbsp;%</text>'
    ends += '<text x="300" y="137" text-anchor="end">100&nbsp;%</text>'
    return "".join(lines) + ends


def _rows(drawing: Drawing) -> str:
    """Write the lines as rows of a table: percent of the span, then mean ± SD of each."""
    return "".join(
        f'<tr><th scope="row">{percent}</th>{"".join(_cell(mean, sd) for mean, sd in values)}</tr>'
        for percent, values in drawing.table
    )


def _cell(mean: float | None, sd: float | None) -> str:
    spread = "" if sd is None else f" ± {number(sd, 1)}"
    return f'<td class="num">{number(mean, 1)}{spread}</td>'


def _typical(drawing: Drawing, result: Readout) -> str:
    """Say whose typical ranges stand on the curve, and where they come from."""
    if not drawing.bands:
        return ""
    rows, head = result.by_key, _("Typical")
    said = []
    for band in drawing.bands:
        row = rows[band.measure]
        source = " · ".join(source for source, _who in runners_behind(row.source)) or row.source
        page = address("analyses:measure", band.measure)
        label = f'<a href="{page}#range">{escape(str(row.measure.label))}</a>'
        said.append(f"{label} {number(band.low)}–{number(band.high)}°" + (f" ({escape(source)})" if source else ""))
    return f'<p class="quiet">{head}{COLON}{" · ".join(said)}</p>'

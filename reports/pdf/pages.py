"""What stands on the pages, top to bottom."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from reportlab.lib.utils import ImageReader
from reportlab.platypus import CondPageBreak, Image, PageBreak, Paragraph, Spacer, Table

from accounts import units
from accounts.models import Organization
from accounts.numbers import between, number, signed, with_unit
from accounts.writing import COLON, COMMA, date_format
from analyses.changes import Change, SinceLast, since_last
from analyses.compare import Difference
from analyses.models import Analysis
from analyses.readout import Readout, Row, readout
from clips import storage
from reports.models import Look
from reports.pdf.drawn import CurvePlot, GaugeBar, VerdictMark
from reports.pdf.sheet import Sheet
from reports.shared import poster_key

KEY_ROWS = 7  # numbers on the runner's page
KEY_MEASURES = (
    *("cadence_spm", "contact_time_ms", "overstride_deg", "trunk_lean_deg", "oscillation_cm", "knee_stance_peak_deg"),
    *("pelvic_drop_deg", "knee_adduction_deg", "pronation_deg", "hip_adduction_deg", "step_width_cm", "flight_time_ms"),
)
PICTURE_PT = (150.0, 150.0)
LOGO_PT = (113.0, 34.0)  # 40 by 12 mm
CURVES_A_ROW = 2
CELL_PT = 6.0  # what stays free at the right of a cell
PLAIN_TABLE: list[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), CELL_PT),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
TOP = ("VALIGN", (0, 0), (-1, -1), "TOP")


@dataclass(frozen=True)
class View:
    """One analysis with what it shows, and how it compares with the one before."""

    analysis: Analysis
    shown: Readout
    since: SinceLast | None

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(chain.from_iterable(rows for _label, rows in self.shown.groups))

    @property
    def changes(self) -> dict[str, Difference]:
        return self.since.by_key if self.since is not None and self.since.comparison.is_comparable else {}


def view_of(analysis: Analysis) -> View:
    """Read an analysis for paper. A few queries: its corrections, and the film to compare it with."""
    rows = Analysis.objects.filter(organization=analysis.organization_id)
    known = rows.select_related("subject", "clip", "account", "result").get(pk=analysis.pk)
    shown = readout(known)
    return View(known, shown, since_last(known, shown, rows, units=analysis.organization.units))


def foot_texts(analysis: Analysis) -> tuple[str, str]:
    """Return the two lines at the foot of every page."""
    return (
        f"{analysis.organization.name} · {analysis.subject.name}",
        _("Not a medical device; for coaching and documentation."),
    )


# ── one page ────────────────────────────────────────────────────────────────────────────────────────────────────────


def for_the_runner(views: Sequence[View], sheet: Sheet) -> list[Any]:
    """Score, picture, what stands out, a handful of numbers, what changed."""
    return [
        *_front(views, sheet),
        *(part for view in views for part in _few_numbers(view, sheet)),
        *(part for view in views for part in _changed(view, sheet)),
    ]


def _front(views: Sequence[View], sheet: Sheet) -> list[Any]:
    """What both documents begin with."""
    first = views[0].analysis
    scores = [part for view in views for part in _score(view, sheet)]
    words = [sheet.text(_("What stands out"), "head"), *_lines(sheet.words.findings, sheet)]
    if sheet.words.remarks.strip():
        words += [sheet.text(_("Remarks"), "head"), *_lines(sheet.words.remarks, sheet)]
    return [
        _letterhead(first.organization, sheet),
        sheet.text(sheet.words.title, "title"),
        sheet.text(f"{first.subject.name} · {_date(first.ordered_at)}", "text", colour="second"),
        Spacer(1, 6),
        _beside(scores, _picture(views[0].analysis), sheet),
        *words,
    ]


def _letterhead(organization: Organization, sheet: Sheet) -> Any:
    """Whose report it is: the name, under the logo where there is one."""
    name = sheet.text(organization.name, "small", colour="accent")
    logo = _stored_picture(Look.of(organization).logo_key, LOGO_PT)
    if logo is None:
        return name
    look = [*PLAIN_TABLE, ("BOTTOMPADDING", (0, 0), (-1, -1), 6)]
    return Table([[logo], [name]], colWidths=[sheet.width_pt], style=look, hAlign="LEFT")


def _beside(left: list[Any], picture: Image | None, sheet: Sheet) -> Any:
    if picture is None:
        return Table([[left]], colWidths=[sheet.width_pt], style=[*PLAIN_TABLE, TOP], hAlign="LEFT")
    widths = [sheet.width_pt - PICTURE_PT[0] - 12, PICTURE_PT[0] + 12]
    look = [*PLAIN_TABLE, TOP, ("ALIGN", (1, 0), (1, 0), "RIGHT")]
    return Table([[left, picture]], colWidths=widths, style=look, hAlign="LEFT")


def _score(view: View, sheet: Sheet) -> list[Any]:
    shown = view.shown
    points = "–" if shown.score is None else f"{number(shown.score * 100)}/100"
    verdict = [[VerdictMark(shown.verdict, sheet), sheet.text(_verdict(shown.verdict), colour=shown.verdict)]]
    parts = [
        sheet.text(_conditions(view.analysis), "small"),
        sheet.text(points, "score"),
        Table(verdict, colWidths=[14, 180], style=PLAIN_TABLE, hAlign="LEFT"),
    ]
    if view.since and view.since.comparison.score.difference is not None:
        parts.append(sheet.text(_moved_since(view.since.change), "small"))
    return [*parts, Spacer(1, 4)]


def _moved_since(change: Change) -> str:
    """Say how the score moved; what is not comparable has no number, as on the page."""
    if change.score.reason:
        return f"{capfirst(change.since_when)} · {change.score.sentence}"
    return _("%(change)s since %(day)s: %(verdict)s") % {
        "change": signed(change.score.difference),
        "day": _date(change.since),
        "verdict": change.score.sentence,
    }


def _few_numbers(view: View, sheet: Sheet) -> list[Any]:
    by_key = {row.measure.key: row for row in view.rows}
    few = [by_key[key] for key in KEY_MEASURES if key in by_key][:KEY_ROWS]
    if not few:
        return []
    widths = [sheet.width_pt * share for share in (0.36, 0.24, 0.40)]
    head = [sheet.text(text, "quiet") for text in (pgettext("quantity", "Measure"), _("Mean"), _("Typical range"))]
    rows = [
        [sheet.text(row.measure.label, "cell"), _mean(row, sheet), _gauge(row, widths[2] - 70, sheet)] for row in few
    ]
    return [
        sheet.text(f"{_('Numbers')} · {view.analysis.get_view_display()}", "head"),
        Table([head, *rows], colWidths=widths, style=[*PLAIN_TABLE, sheet.rule], hAlign="LEFT"),
    ]


def _changed(view: View, sheet: Sheet) -> list[Any]:
    """Say what really changed; nothing where there is no film to compare with."""
    if view.since is None:
        return []
    comparison, day = view.since.comparison, _date(view.since.change.since)
    since = _("What changed since %(day)s") % {"day": day}
    title = sheet.text(f"{since} · {view.analysis.get_view_display()}", "head")
    if not comparison.is_comparable:
        return [title, *(sheet.text(_sentence(reason)) for reason in comparison.reasons)]
    if not comparison.real:
        return [title, sheet.text(_("No number moved by more than what could be noise."))]
    return [title, *(sheet.two(row.measure.label, _moved(row)) for row in comparison.real)]


def _moved(row: Difference) -> str:
    decimals, unit = row.measure.decimals, row.measure.unit
    before, now = (number(value.mean if value else None, decimals) for value in (row.before, row.now))
    return f"{before} – {with_unit(now, unit)} ({signed(row.difference, decimals)}){COLON}{row.sentence}"


# ── three pages ─────────────────────────────────────────────────────────────────────────────────────────────────────


def for_the_clinic(views: Sequence[View], sheet: Sheet) -> list[Any]:
    """Findings; numbers; curves, method and limits."""
    return [
        *_front(views, sheet),
        *(part for view in views for part in _changed(view, sheet)),
        PageBreak(),
        *(part for view in views for part in _numbers(view, sheet)),
        PageBreak(),
        *(part for view in views for part in _curves(view, sheet)),
        *_method(views, sheet),
    ]


def _numbers(view: View, sheet: Sheet) -> list[Any]:
    """Every number of one view in one table."""
    changes = view.changes
    shares = (0.23, 0.06, 0.06, 0.15, 0.23, 0.06, 0.21) if changes else (0.30, 0.08, 0.08, 0.18, 0.28, 0.08)
    heads = [
        pgettext("quantity", "Measure"),
        _("Left"),
        _("Right"),
        _("Mean"),
        _("Typical range"),
        _("Steps"),
        pgettext("difference", "Change"),
    ]
    head = [sheet.text(text, "quiet") for text in heads[: len(shares)]]
    widths = _widths(head, shares, sheet)
    lines: list[list[Any]] = [head]
    look: list[tuple[Any, ...]] = [*PLAIN_TABLE, sheet.rule]
    for label, rows in view.shown.groups:
        look.append(("NOSPLIT", (0, len(lines)), (-1, len(lines) + 1)))  # no heading without its first row
        look.append(("SPAN", (0, len(lines)), (-1, len(lines))))
        lines.append([sheet.text(label, "bold-cell"), *[""] * (len(widths) - 1)])
        lines += [_number_line(row, changes.get(row.measure.key), widths, sheet) for row in rows]
    title = f"{_('Numbers')} · {_conditions(view.analysis)}"
    table = Table(lines, colWidths=widths, style=look, repeatRows=1, hAlign="LEFT")
    return [sheet.text(title, "head"), table, *_gaps(view, sheet)] if view.shown.groups else []


def _widths(head: Sequence[Paragraph], shares: Sequence[float], sheet: Sheet) -> list[float]:
    """Return the columns' widths, pt: none is narrower than the longest word of its heading, those with room give way.

    "Schritte" and "izquierda" are twice as long as "Steps" and "Left", and a word broken in two reads like two.
    """
    shared = [sheet.width_pt * share for share in shares]
    # A hair more than the word, or its width in the sum of all is rounded below it.
    needed = [text.minWidth() + CELL_PT + 0.1 for text in head]
    spare = [max(0.0, width - least) for width, least in zip(shared, needed, strict=True)]
    missing = sum(max(0.0, least - width) for width, least in zip(shared, needed, strict=True))
    given = missing / sum(spare)
    return [max(width, least) - given * room for width, least, room in zip(shared, needed, spare, strict=True)]


def _number_line(row: Row, change: Difference | None, widths: list[float], sheet: Sheet) -> list[Any]:
    decimals = row.measure.decimals
    line = [
        sheet.text(row.measure.label, "cell"),
        sheet.text("" if row.left is None else number(row.left, decimals), "cell", colour="left"),
        sheet.text("" if row.right is None else number(row.right, decimals), "cell", colour="right"),
        _mean(row, sheet),
        _gauge(row, widths[4] - 72, sheet),
        sheet.text(number(row.steps), "cell", colour="second"),
    ]
    if len(widths) > len(line):
        line.append(_change(change, sheet))
    return line


def _mean(row: Row, sheet: Sheet) -> Any:
    decimals = row.measure.decimals
    unsure = "" if row.uncertainty_95 is None else f" ± {number(row.uncertainty_95, decimals)}"
    return sheet.two(f"{number(row.mean, decimals)}{unsure}", row.measure.unit, "cell")


def _gauge(row: Row, width_pt: float, sheet: Sheet) -> Any:
    if row.gauge is None:
        return ""
    limits = between(row.gauge.low, row.gauge.high, row.measure.decimals)
    bar = GaugeBar(row.gauge, width_pt, sheet)
    return Table([[bar, sheet.text(limits, "quiet")]], colWidths=[width_pt + 6, 62], style=PLAIN_TABLE, hAlign="LEFT")


def _change(change: Difference | None, sheet: Sheet) -> Any:
    if change is None or change.difference is None:
        return ""
    return sheet.two(signed(change.difference, change.measure.decimals), change.word, "cell")


def _gaps(view: View, sheet: Sheet) -> list[Any]:
    """Say what was not measured, what could not follow a step left out, and why."""
    # A measure without a name here would be a code that nobody can read.
    lines = [f"{label}{COLON}{why}" for label, why in view.shown.missing if not isinstance(label, str)]
    if view.shown.unchanged:
        lines.insert(0, view.shown.unchanged)
    return [Spacer(1, 4), *(sheet.text(line, "small") for line in lines)]


def _curves(view: View, sheet: Sheet) -> list[Any]:
    if not view.shown.curves:
        return []
    width = sheet.width_pt / CURVES_A_ROW - 10
    cells = [
        [sheet.text(f"{drawing.label} (°)", "bold-cell"), CurvePlot(drawing, width, sheet)]
        for drawing in view.shown.curves
    ]
    cells += [""] * (-len(cells) % CURVES_A_ROW)  # type: ignore[list-item]
    lines = [cells[at : at + CURVES_A_ROW] for at in range(0, len(cells), CURVES_A_ROW)]
    over = _("While the foot is on the ground") if view.shown.over_stance else _("Over the gait cycle")
    key = _("left dashed, right solid; mean ± SD; the dotted line is toe-off")
    return [
        sheet.text(f"{over} · {view.analysis.get_view_display()}", "head"),
        sheet.text(key, "small"),
        Table(lines, colWidths=[sheet.width_pt / CURVES_A_ROW] * CURVES_A_ROW, style=[*PLAIN_TABLE, TOP]),
    ]


def _method(views: Sequence[View], sheet: Sheet) -> list[Any]:
    """How it was measured, what the signs mean, and where it ends."""
    general = [
        _("Joints were found in every picture by a model; angles are those seen in the plane of the picture."),
        _("± is what we are unsure of: the uncertainty of the mean (95 %)."),
        _("Typical ranges are what studies saw in runners. They are no limits of health."),
        _("A change is real when it is larger than the smallest real change and than what both films leave unsure."),
        _("One camera sees one plane: clothing, light and where the camera stands move the numbers."),
    ]
    sources = dict.fromkeys(row.source for view in views for row in view.rows if row.source and row.gauge)
    cautions = dict.fromkeys(text for view in views for text in _cautions(view.shown))
    lines: Iterable[str] = [*(_filmed(view) for view in views), *general, *cautions]
    parts = [CondPageBreak(120), sheet.text(_("Method and limits"), "head")]
    parts += [sheet.text(line, "small") for line in lines]
    if sources:
        parts.append(sheet.text(_("Typical ranges from: %(sources)s") % {"sources": " · ".join(sources)}, "small"))
    return parts


def _filmed(view: View) -> str:
    film, clip, steps = view.analysis, view.analysis.clip, len(view.shown.steps)
    seen = ngettext("%(n)s step seen", "%(n)s steps seen", steps) % {"n": steps}
    service = f"{film.account} {film.engine_version}".strip()
    rate = f"{number(clip.fps)} {_('frames a second')}"
    size = (
        f"{units.height(film.height_m, film.organization.units)}, "
        f"{units.weight(film.weight_kg, film.organization.units)}."
    )
    return f"{_conditions(film)}{COMMA}{_date(film.ordered_at)}{COLON}{' · '.join([service, rate, seen, size])}"


def _cautions(shown: Readout) -> list[str]:
    return [*(warning.text or warning.code for warning in shown.warnings), *([shown.caution] if shown.caution else [])]


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _lines(text: str, sheet: Sheet) -> list[Any]:
    return [sheet.text(line) for line in text.splitlines() if line.strip()]


def _verdict(verdict: str) -> str:
    return {"good": _("Good"), "okay": _("Okay"), "bad": _("Off")}.get(verdict, _("Not judged"))


def _conditions(analysis: Analysis) -> str:
    if not analysis.treadmill or analysis.pace_s_per_km is None:
        return f"{analysis.get_view_display()}{COMMA}{_('over ground')}"
    pace = units.pace(analysis.pace_s_per_km, analysis.organization.units)
    return f"{analysis.get_view_display()}{COMMA}{_('treadmill')} {pace}"


def _sentence(reason: object) -> str:
    text = str(reason)
    return f"{text[:1].upper()}{text[1:]}."


def _date(at: datetime) -> str:
    return date_format(localtime(at), "DATE_FORMAT")


def _picture(analysis: Analysis) -> Image | None:
    """The film's still within PICTURE_PT; None where there is none that can be read."""
    return _stored_picture(poster_key(analysis), PICTURE_PT)


def _stored_picture(key: str, within_pt: tuple[float, float]) -> Image | None:
    if not key:
        return None
    try:
        with storage.open_file(key) as file:
            # A copy in memory: it is read once more when the page is drawn, after the file was closed.
            stored = file.read()
        wide, high = ImageReader(io.BytesIO(stored)).getSize()
    except OSError:
        # Gone, or no picture after all: the report says everything without it.
        return None
    scale = min(within_pt[0] / wide, within_pt[1] / high)
    return Image(io.BytesIO(stored), width=wide * scale, height=high * scale, mask="auto")

"""What is drawn in lines rather than written: ranges and curves, from the geometry the result page uses."""

from __future__ import annotations

import re
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from accounts.numbers import number, with_unit
from analyses.curves import HEIGHT, WIDTH, Drawing
from analyses.gauges import GAUGE_PX, Gauge
from reports.pdf.fonts import PLAIN, plain_width
from reports.pdf.sheet import Sheet

POINT = re.compile(r"([ML])(-?[\d.]+) (-?[\d.]+)")
GAUGE_HEIGHT_PT = 9.0
AXIS_PT = 20.0  # to the left of a curve, for its degrees
LABEL_PT = 10.0  # below it, for its percentages
SPREAD = 0.14  # opacity of mean ± SD


class GaugeBar(Flowable):  # type: ignore[misc]
    """A value and its uncertainty over the typical range; the mark's shape says what its colour says."""

    def __init__(self, gauge: Gauge, width_pt: float, sheet: Sheet) -> None:
        super().__init__()
        self.gauge, self.width, self.height, self.sheet = gauge, width_pt, GAUGE_HEIGHT_PT, sheet

    def draw(self) -> None:
        canvas: Canvas = self.canv
        gauge, scale, middle = self.gauge, self.width / GAUGE_PX, self.height / 2
        canvas.setStrokeColor(self.sheet.colour("line"))
        canvas.line(0, middle, self.width, middle)
        canvas.setFillColor(self.sheet.colour("accent"), alpha=0.22)
        canvas.roundRect(gauge.typical_x * scale, middle - 2.5, gauge.typical_width * scale, 5, 2, stroke=0, fill=1)
        canvas.setStrokeColor(self.sheet.colour("ink"))
        canvas.line(gauge.unsure_x1 * scale, middle, gauge.unsure_x2 * scale, middle)
        canvas.setFillColor(self.sheet.colour(gauge.verdict), alpha=1)
        mark(canvas, gauge.verdict, gauge.value_x * scale, middle, 3)


def mark(canvas: Any, verdict: str, x: float, y: float, size: float) -> None:
    """Draw a dot for good, a diamond for okay, a square for the rest, in the colour that is set."""
    if verdict == "good":
        canvas.circle(x, y, size, stroke=0, fill=1)
        return
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(45 if verdict == "okay" else 0)
    canvas.rect(-size * 0.9, -size * 0.9, size * 1.8, size * 1.8, stroke=0, fill=1)
    canvas.restoreState()


class VerdictMark(Flowable):  # type: ignore[misc]
    """The mark of a verdict alone."""

    def __init__(self, verdict: str, sheet: Sheet) -> None:
        super().__init__()
        self.verdict, self.sheet, self.width, self.height = verdict, sheet, 10.0, 10.0

    def draw(self) -> None:
        self.canv.setFillColor(self.sheet.colour(self.verdict))
        mark(self.canv, self.verdict, 5, 5, 4)


class CurvePlot(Flowable):  # type: ignore[misc]
    """One joint over the cycle: left dashed, right solid, mean ± SD, degrees at the side, toe-off as a line."""

    def __init__(self, drawing: Drawing, width_pt: float, sheet: Sheet) -> None:
        super().__init__()
        self.drawing, self.sheet = drawing, sheet
        self.scale = (width_pt - AXIS_PT) / WIDTH
        self.width, self.height = width_pt, HEIGHT * self.scale + LABEL_PT + 4

    def draw(self) -> None:
        canvas: Canvas = self.canv
        canvas.setFont(PLAIN, 6)
        for y, degrees in self.drawing.ticks:
            canvas.setStrokeColor(self.sheet.colour("line"))
            canvas.line(*self._at(0, y), *self._at(WIDTH, y))
            canvas.setFillColor(self.sheet.colour("quiet"))
            canvas.drawRightString(AXIS_PT - 4, self._at(0, y)[1] - 2, number(degrees))
        for percent in (0, 50, 100):
            shown = with_unit(str(percent), "%")
            middle = self._at(WIDTH * percent / 100, HEIGHT)[0] - plain_width(shown, 6) * percent / 100
            canvas.drawString(middle, 1, shown)
        if self.drawing.toe_off_x is not None:
            canvas.setStrokeColor(self.sheet.colour("quiet"))
            canvas.setDash(1.5, 2)
            canvas.line(*self._at(self.drawing.toe_off_x, 0), *self._at(self.drawing.toe_off_x, HEIGHT))
        for line in self.drawing.lines:
            self._line(canvas, line.side, line.path, line.area)

    def _line(self, canvas: Canvas, side: str, path: str, area: str) -> None:
        colour = self.sheet.colour(side)
        if area:
            canvas.setFillColor(colour, alpha=SPREAD)
            canvas.drawPath(self._path(canvas, area), stroke=0, fill=1)
        canvas.setStrokeColor(colour)
        canvas.setLineWidth(1.1)
        canvas.setDash([4, 2] if side == "left" else [])
        canvas.drawPath(self._path(canvas, path), stroke=1, fill=0)
        canvas.setLineWidth(0.5)
        canvas.setDash([])

    def _path(self, canvas: Canvas, path: str) -> Any:
        """Turn a path of M and L, as the page's SVG has it, into one of this canvas."""
        drawn = canvas.beginPath()
        for deed, x, y in _points(path):
            (drawn.moveTo if deed == "M" else drawn.lineTo)(*self._at(x, y))
        if path.endswith("Z"):
            drawn.close()
        return drawn

    def _at(self, x: float, y: float) -> tuple[float, float]:
        # An SVG's y points down, a page's up.
        return AXIS_PT + x * self.scale, LABEL_PT + (HEIGHT - y) * self.scale


def _points(path: str) -> list[tuple[str, float, float]]:
    return [(deed, float(x), float(y)) for deed, x, y in POINT.findall(path)]

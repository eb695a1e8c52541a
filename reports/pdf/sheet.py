"""What every document begins with, and what each part of a page needs: language, width, styles and colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from reports.pdf.fonts import BOLD, PLAIN, markup, write

# The light scheme of static/css/tokens.css: paper is white.
COLOURS = {
    "ink": "#16191c",
    "second": "#4c545b",
    "quiet": "#636b72",
    "line": "#dedfdb",
    "sunken": "#efefec",
    "accent": "#0d5c63",
    "good": "#1b7a43",
    "okay": "#8a5b00",
    "bad": "#b3261e",
    "unknown": "#636b72",
    "left": "#0072b2",
    "right": "#b84a08",
    "white": "#ffffff",
}
MARGIN_PT = 40
PADDING_PT = 12  # of a frame, left and right or above and below together; it belongs to the margin
FOOT_PT, FOOT_LINE_PT = 26, 10  # the room of two lines
NO_SPACES = ("ja", "zh-hans")  # lines break between any two letters
STYLES: dict[str, dict[str, Any]] = {
    "title": {"fontName": BOLD, "fontSize": 17, "leading": 21},
    "head": {"fontName": BOLD, "fontSize": 11, "leading": 14, "spaceBefore": 11, "spaceAfter": 4},
    "text": {"fontSize": 9, "leading": 12.5, "spaceAfter": 3},
    "small": {"fontSize": 7.5, "leading": 10, "spaceAfter": 2, "colour": "second"},
    "quiet": {"fontSize": 7.5, "leading": 10, "colour": "quiet"},
    "cell": {"fontSize": 7.5, "leading": 9.5},
    "bold-cell": {"fontName": BOLD, "fontSize": 7.5, "leading": 9.5},
    "score": {"fontName": BOLD, "fontSize": 34, "leading": 38},
}


def blank(file: BinaryIO, **how: Any) -> SimpleDocTemplate:
    """Begin a document with our margins and the room for its foot."""
    bottom_pt = MARGIN_PT + FOOT_PT
    return SimpleDocTemplate(
        file, leftMargin=MARGIN_PT, rightMargin=MARGIN_PT, topMargin=MARGIN_PT, bottomMargin=bottom_pt, **how
    )


def foot_of(lines: Sequence[str], sheet: Sheet) -> Any:
    """Return what draws these lines at the foot of a page, its number behind the first."""

    def draw(canvas: Canvas, document: Any) -> None:
        canvas.saveState()
        canvas.setFillColor(sheet.colour("quiet"))
        for at, line in enumerate([f"{lines[0]} · {document.page}", *lines[1:]], start=1):
            y = MARGIN_PT + 4 + FOOT_LINE_PT * (len(lines) - at)
            write(canvas, line, document.leftMargin + PADDING_PT / 2, y, sheet.language)
        canvas.restoreState()

    return draw


@dataclass(frozen=True)
class Words:
    """What a person may write before the document is made."""

    title: str
    findings: str
    remarks: str = ""


@dataclass(frozen=True)
class Sheet:
    """One document's language, the width of its text in points, its colour, and what a person wrote."""

    language: str
    width_pt: float
    words: Words
    accent: str = ""  # #rrggbb; empty: the portal's own

    @cached_property
    def _styles(self) -> dict[str, ParagraphStyle]:
        wrap = {"wordWrap": "CJK"} if self.language in NO_SPACES else {}
        made = {}
        for name, given in STYLES.items():
            look = {"fontName": PLAIN, "textColor": self.colour(given.get("colour", "ink"))} | given
            look.pop("colour", None)
            made[name] = ParagraphStyle(name, **look, **wrap)
        return made

    def colour(self, name: str) -> Color:
        return HexColor(self._hex(name))

    def _hex(self, name: str) -> str:
        return self.accent if name == "accent" and self.accent else COLOURS[name]

    @property
    def rule(self) -> tuple[Any, ...]:
        """A thin line below every row of a table."""
        return ("LINEBELOW", (0, 0), (-1, -1), 0.4, self.colour("line"))

    def text(self, text: object, style: str = "text", *, colour: str = "") -> Paragraph:
        """Set a plain text, whatever letters it has."""
        shown = markup(str(text), self.language)
        return Paragraph(f'<font color="{self._hex(colour)}">{shown}</font>' if colour else shown, self._styles[style])

    def number(self, text: str, style: str = "cell") -> Paragraph:
        """Set a figure against the right edge, so that a column of them is read at a glance."""
        to_the_right = ParagraphStyle(f"{style}-number", parent=self._styles[style], alignment=TA_RIGHT)
        return Paragraph(markup(text, self.language), to_the_right)

    def two(self, strong: object, rest: object, style: str = "text") -> Paragraph:
        """Set a text whose beginning is bold."""
        shown = f"<b>{markup(str(strong), self.language)}</b> {markup(str(rest), self.language)}"
        return Paragraph(shown, self._styles[style])

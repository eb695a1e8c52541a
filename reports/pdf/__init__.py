"""A result on paper: one page for the runner, three for the clinic's file. Rows in, a PDF out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils import translation
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepInFrame, SimpleDocTemplate

from analyses.models import Analysis
from reports.models import Look, Report
from reports.pdf import fonts, pages
from reports.pdf.sheet import Sheet, Words

__all__ = ["Made", "Words", "make"]

SIZES = {Report.Paper.A4: A4, Report.Paper.LETTER: LETTER}
MARGIN_PT = 40
FOOT_PT = 26
SLACK_PT = 14  # a frame's own padding, and one point so that what just fits is not pushed on


@dataclass(frozen=True)
class Made:
    """A finished document, from its beginning."""

    file: BinaryIO
    size_bytes: int
    page_count: int


def make(
    *,
    analyses: Sequence[Analysis],
    kind: Report.Kind,
    paper: Report.Paper,
    language: str,
    words: Words,
    compressed: bool = True,
) -> Made:
    """Lay out one result, or two views of one visit, in one of the nine languages."""
    file = io.BytesIO()
    with translation.override(language):
        document = SimpleDocTemplate(
            file,
            pagesize=SIZES[paper],
            leftMargin=MARGIN_PT,
            rightMargin=MARGIN_PT,
            topMargin=MARGIN_PT,
            bottomMargin=MARGIN_PT + FOOT_PT,
            title=words.title,
            author=analyses[0].organization.name,
            lang=language,
            pageCompression=int(compressed),
        )
        # The frame's own padding of 6 points on either side belongs to the margin.
        accent = Look.of(analyses[0].organization).accent
        sheet = Sheet(language=language, width_pt=document.width - 12, words=words, accent=accent)
        foot = _foot(analyses[0], sheet)
        document.build(_story(analyses, kind, document, sheet), onFirstPage=foot, onLaterPages=foot)
    size = file.tell()
    file.seek(0)
    return Made(file, size, document.page)


def _story(analyses: Sequence[Analysis], kind: Report.Kind, document: Any, sheet: Sheet) -> list[Any]:
    views = [pages.view_of(analysis) for analysis in analyses]
    if kind == Report.Kind.CLINIC:
        return pages.for_the_clinic(views, sheet)
    # One page is promised, so what somebody wrote at length is set smaller rather than on a second one.
    story = pages.for_the_runner(views, sheet)
    return [KeepInFrame(sheet.width_pt, document.height - SLACK_PT, story, mode="shrink")]


def _foot(analysis: Analysis, sheet: Sheet) -> Any:
    left, right = pages.foot_texts(analysis)

    def draw(canvas: Canvas, document: Any) -> None:
        canvas.saveState()
        canvas.setFillColor(sheet.colour("quiet"))
        y = MARGIN_PT + 4
        fonts.write(canvas, f"{left} · {document.page}", document.leftMargin + 6, y + 10, sheet.language)
        fonts.write(canvas, right, document.leftMargin + 6, y, sheet.language)
        canvas.restoreState()

    return draw

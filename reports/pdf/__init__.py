"""A result on paper: one page for the runner, three for the clinic's file. Rows in, a PDF out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils import translation
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.platypus import KeepInFrame

from analyses.models import Analysis
from reports.models import Look, Report
from reports.pdf import pages
from reports.pdf.sheet import PADDING_PT, Sheet, Words, blank, foot_of

__all__ = ["Made", "Words", "make"]

SIZES = {Report.Paper.A4: A4, Report.Paper.LETTER: LETTER}
SLACK_PT = PADDING_PT + 2  # and two points so that what just fits is not pushed on


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
    organization = analyses[0].organization
    with translation.override(language):
        document = blank(
            file,
            pagesize=SIZES[paper],
            title=words.title,
            author=organization.name,
            lang=language,
            pageCompression=int(compressed),
        )
        sheet = Sheet(language, document.width - PADDING_PT, words, accent=Look.of(organization).accent)
        foot = foot_of(pages.foot_texts(analyses[0]), sheet)
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

"""Letters for a PDF: Bitstream Vera, which reportlab brings and which is embedded, and for what it has no letter the
reader's own East Asian fonts, which every PDF reader knows by name (ISO 32000-1, 9.7.5.2).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from html import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from accounts.numbers import NBSP

PLAIN, BOLD = "Vera", "VeraBd"
EAST_ASIAN = {"ja": "HeiseiKakuGo-W5", "zh-hans": "STSong-Light", "ko": "HYGothic-Medium"}
# Kanji, kana, Greek and Cyrillic are all in it: what stands in for a letter nobody has.
OTHERWISE = EAST_ASIAN["ja"]
HANGUL = ("\uac00", "\ud7a3")


@cache
def _known() -> frozenset[int]:
    """Register the fonts once a process; return the characters of the embedded ones."""
    plain, bold = TTFont(PLAIN, "Vera.ttf"), TTFont(BOLD, "VeraBd.ttf")
    for font in (plain, bold, *map(UnicodeCIDFont, EAST_ASIAN.values())):
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return frozenset(plain.face.charToGlyph) & frozenset(bold.face.charToGlyph)


def markup(text: str, language: str) -> str:
    """Return `text` for a reportlab paragraph: escaped, and with a font that has each of its letters."""
    pieces: list[str] = []
    for font, run in runs(text, language):
        shown = escape(run, quote=False)
        pieces.append(f'<font name="{font}">{shown}</font>' if font else shown)
    return "".join(pieces)


def runs(text: str, language: str) -> list[tuple[str, str]]:
    """Cut `text` where the font changes: (font, piece); the font is empty for the embedded one."""
    found: list[tuple[str, str]] = []
    for letter in text:
        font, shown = _font_of(letter, language)
        if found and found[-1][0] == font:
            found[-1] = (font, found[-1][1] + shown)
        else:
            found.append((font, shown))
    return found


def _font_of(letter: str, language: str) -> tuple[str, str]:
    known = _known()
    if letter.isspace():
        return "", letter if letter == NBSP else " "
    if unicodedata.category(letter).startswith("C"):
        return "", ""
    if ord(letter) in known:
        return "", letter
    if unicodedata.name(letter, "").startswith("LATIN"):
        # Of ő the embedded font has the o: better than a gap in somebody's name.
        bare = "".join(part for part in unicodedata.normalize("NFKD", letter) if ord(part) in known)
        if bare:
            return "", bare
    if HANGUL[0] <= letter <= HANGUL[1]:
        return EAST_ASIAN["ko"], letter
    return EAST_ASIAN.get(language, OTHERWISE), letter


def plain_width(text: str, size: float) -> float:
    """Return how wide a text of the embedded font's letters is, in points."""
    _known()
    return float(pdfmetrics.stringWidth(text, PLAIN, size))


def write(canvas: Canvas, text: str, x: float, y: float, language: str, size: float = 7) -> None:
    """Write a line straight onto a page, each letter in a font that has it."""
    line = canvas.beginText(x, y)
    for font, run in runs(text, language):
        line.setFont(font or PLAIN, size)
        line.textOut(run)
    canvas.drawText(line)

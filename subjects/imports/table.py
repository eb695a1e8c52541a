"""A file of a table programme, read into rows of cells, however that programme wrote it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

import charset_normalizer
from django.utils.translation import gettext as _

MAX_BYTES = 5_000_000
MAX_ROWS = 10_000
MAX_COLUMNS = 100  # ours: a list of runners has ten; a thousand would make the page unreadable
DELIMITERS = (",", ";", "\t", "|")
SAMPLE_ROWS = 50
# What table programmes write without saying so, for the portal's nine languages. The central European page differs
# from the western one in a few letters only, and would often be guessed for it.
WESTERN = "cp1252"
LEGACY = [WESTERN, "mac_roman", "cp932", "gb18030", "cp949"]
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
ZIPPED = b"PK\x03\x04"  # what an .xlsx or .ods begins with
OLD_OFFICE = b"\xd0\xcf\x11\xe0"


class NotATable(Exception):
    """The file cannot be read as a table; the sentence says why, and what to do. Nothing was kept."""


@dataclass(frozen=True)
class Table:
    """Rows of equally many cells, without those that are empty; `numbers` are their lines as the programme counts."""

    rows: list[list[str]]
    numbers: list[int]


def read_table(data: bytes) -> Table:
    """Read the bytes of a file. Raises NotATable."""
    if not data.strip():
        raise NotATable(_("The file is empty. Choose another one."))
    if len(data) > MAX_BYTES:
        raise NotATable(_("The file is larger than 5 MB. Split it and import the parts."))
    if data.startswith((ZIPPED, OLD_OFFICE)):
        raise NotATable(_("This is a workbook. Save the sheet as CSV and choose that file."))
    return rows_of(text_of(data))


def text_of(data: bytes) -> str:
    """Decode a file by its mark, as UTF-8, or as the code page its letters speak for. Raises NotATable."""
    try:
        for mark, encoding in MARKS.items():
            if data.startswith(mark):
                return data.decode(encoding)
        return data.decode(_unmarked_utf16(data) or "utf-8")
    except UnicodeDecodeError:
        pass
    if b"\0" in data:
        raise NotATable(_("This file is not a table. Save the table as CSV and choose that file."))
    best = charset_normalizer.from_bytes(data, cp_isolation=LEGACY).best()
    return str(best) if best else data.decode(WESTERN, errors="replace")


def _unmarked_utf16(data: bytes) -> str:
    """Which half of each pair is zero tells the order of the bytes, in any script that has ASCII signs as well."""
    even, odd = data[:2000:2].count(0), data[1:2000:2].count(0)
    if max(even, odd) < len(data[:2000]) / 8:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def rows_of(text: str) -> Table:
    """Split a text into cells at the sign that splits it best. Raises NotATable."""
    if "\0" in text:
        raise NotATable(_("This file is not a table. Save the table as CSV and choose that file."))
    lines = _split(text, _delimiter(text))
    filled = [(number, line) for number, line in enumerate(lines, start=1) if any(line)]
    if not filled:
        raise NotATable(_("The file is empty. Choose another one."))
    if len(filled) > MAX_ROWS + 1:
        raise NotATable(_("The file has more than 10,000 lines. Split it and import the parts."))
    width = max(len(line) for _number, line in filled)
    if width > MAX_COLUMNS:
        raise NotATable(_("This file is not a table. Save the table as CSV and choose that file."))
    rows = [line + [""] * (width - len(line)) for _number, line in filled]
    return Table(rows, [number for number, _line in filled])


def _split(text: str, delimiter: str, at_most: int | None = None) -> list[list[str]]:
    found: list[list[str]] = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True):
            found.append([" ".join(cell.split()) for cell in line])
            if len(found) == at_most:
                break
    except csv.Error as error:
        raise NotATable(_("This file is not a table. Save the table as CSV and choose that file.")) from error
    return found


def _delimiter(text: str) -> str:
    """Return the sign that gives most lines the same number of cells, and more than one.

    Excel says it in the first line: "sep=;".
    """
    best, most = DELIMITERS[0], 0
    for delimiter in DELIMITERS:
        widths = Counter(len(line) for line in _split(text, delimiter, SAMPLE_ROWS) if any(line))
        width, lines = max(widths.items(), key=lambda one: (one[1] * (one[0] > 1), one[0]), default=(1, 0))
        if width > 1 and lines * width > most:
            best, most = delimiter, lines * width
    return best

"""Tables for other programs: CSV that a spreadsheet reads as it was written, and runs nothing of."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

# What a table programme would run. It takes the wide signs of Chinese and Japanese keyboards as well, and where a
# semicolon parts cells, as in most of Europe, one within a text begins another cell.
FORMULA = re.compile(r"^(?=[=+\-@\t\r\n|%＝＋－＠])|(?<=[;\t])(?=[=+\-@＝＋－＠])")
BOM = "\ufeff"  # at the beginning: without it a spreadsheet reads é as Ã©


def table(columns: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield a table line by line."""
    yield BOM + csv_line(columns)
    yield from map(csv_line, rows)


def csv_line(values: Iterable[object]) -> str:
    """Return one line of a table; what a table programme would run as a formula becomes text (OWASP, CSV Injection)."""
    out = io.StringIO()
    safe = [FORMULA.sub("'", value) if isinstance(value, str) else value for value in values]
    csv.writer(out).writerow(safe)
    return out.getvalue()


def as_csv(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    """Answer a table as a file of this name."""
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response

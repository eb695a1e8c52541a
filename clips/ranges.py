"""Answer a request for a film, whole or in part (RFC 9110 §14): what makes a browser's player able to seek."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe

BLOCK_BYTES = 64 * 1024
# A player asks for "the rest" and then stops reading: each answer ends here, so that it frees its worker soon.
MAX_PART_BYTES = 1024 * 1024
ONE_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})$")


@dataclass(frozen=True)
class Part:
    """The bytes from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class NothingThere(Exception):
    """The range begins behind the end of the file."""


def film_response(
    request: HttpRequest, path: Path, *, content_type: str, filename: str, max_age_s: int
) -> HttpResponseBase:
    """Answer 200, 206, 304 or 416 for the file at `path`; as a download when it has a `filename`.

    Raises FileNotFoundError.
    """
    file = path.open("rb")
    stat = os.fstat(file.fileno())
    etag, changed_at = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"', int(stat.st_mtime)
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Last-Modified": http_date(changed_at),
        "Cache-Control": f"private, max-age={max_age_s}",
        "X-Content-Type-Options": "nosniff",
        # The bytes came from outside: whatever they are, they run nothing here.
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if filename:
        headers["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    try:
        part = _part(request, stat.st_size, etag, changed_at)
    except NothingThere:
        file.close()
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{stat.st_size}"})
    unchanged = get_conditional_response(request, etag=etag, last_modified=changed_at)
    if unchanged is not None:
        file.close()
        for name, value in headers.items():
            unchanged[name] = value
        return unchanged
    if part is not None:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{stat.st_size}"
    sent = part or Part(0, stat.st_size - 1)
    headers["Content-Length"] = str(sent.length)
    return StreamingHttpResponse(
        _Blocks(file, sent), status=206 if part else 200, content_type=content_type, headers=headers
    )


def _part(request: HttpRequest, size: int, etag: str, changed_at: int) -> Part | None:
    """The part asked for, cut to MAX_PART_BYTES; None for the whole. Raises NothingThere.

    Several ranges in one request, or one we cannot read, get the whole file, as the RFC allows.
    """
    asked = ONE_RANGE.match(request.headers.get("Range", ""))
    if not asked or asked[1] == asked[2] == "" or not _still_same(request, etag, changed_at):
        return None
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2]) if asked[2] else size - 1, size - 1)
        if asked[2] and int(asked[2]) < first:
            return None  # not a range at all: the RFC says to ignore it
    else:
        first, last = max(0, size - int(asked[2])), size - 1
    if first > last:
        raise NothingThere
    return Part(first, min(last, first + MAX_PART_BYTES - 1))


def _still_same(request: HttpRequest, etag: str, changed_at: int) -> bool:
    """If-Range: a part only of the very file the browser has begun, else the whole new one."""
    condition = request.headers.get("If-Range")
    return condition is None or condition == etag or parse_http_date_safe(condition) == changed_at


class _Blocks:
    """A part of an open file, block by block. A generator would leave it open when nobody begins to read."""

    def __init__(self, file: BinaryIO, part: Part) -> None:
        file.seek(part.first)
        self._file = file
        self._left = part.length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = self._file.read(min(BLOCK_BYTES, self._left))
        if not block:
            raise StopIteration
        self._left -= len(block)
        return block

    def close(self) -> None:
        self._file.close()

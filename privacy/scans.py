"""A consent on paper, photographed or scanned: what may be kept of an uploaded file."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024
# Told by its first bytes, whatever it was named: nothing a browser would run is ever given back.
KINDS = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class NotAScan(Exception):
    """Neither a PDF nor a picture."""


@dataclass(frozen=True)
class Scan:
    """A file that may be kept."""

    content: bytes
    content_type: str


def read_scan(content: bytes) -> Scan:
    """Return what this file is. Raises NotAScan."""
    for beginning, content_type in KINDS:
        if content.startswith(beginning):
            return Scan(content=content, content_type=content_type)
    raise NotAScan

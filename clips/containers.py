"""Which container a file is, by its first bytes, and whether all of it arrived."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
PHOTOGRAPHS = (b"heic", b"heix", b"mif1", b"avif")  # phones keep them in the boxes of an MP4, without a film's index
EBML = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"


class Refused(Exception):
    """This is no film that could be used; the text is one of the codes in probe.py."""


def reader_of(path: Path) -> str:
    """Return the name of the reader (FFmpeg's word) for this file. Raises Refused: no film, or its end is missing."""
    end = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(16)
        if not head:
            raise Refused("empty")
        if head[4:8] == b"ftyp" and head[8:12] in PHOTOGRAPHS:
            raise Refused("too_few_pictures")
        if head[4:8] in MP4_BOXES:
            complete, reader = _boxes_complete(file, end), "mov"
        elif head[:4] == b"RIFF" and head[8:12] == b"AVI ":
            complete, reader = 8 + struct.unpack("<I", head[4:8])[0] <= end + 1, "avi"
        elif head[:4] == EBML:
            complete, reader = _segment_complete(file, end), "matroska"
        else:
            raise Refused("not_a_film")
    if not complete:
        raise Refused("incomplete")
    return reader


def _boxes_complete(file: BinaryIO, end: int) -> bool:
    """Whether the index is there and every top-level box ends inside the file; a broken upload ends within one."""
    position, has_index = 0, False
    while position + 8 <= end:
        file.seek(position)
        size, name = struct.unpack(">I4s", file.read(8))
        has_index = has_index or name == b"moov"
        if size == 1:
            long_size = file.read(8)
            size = struct.unpack(">Q", long_size)[0] if len(long_size) == 8 else end + 1
        if size < 8:  # 0: the box reaches to the end, whatever that is; else it is padding behind the last one
            return has_index
        position += size
    return has_index and position <= end


def _segment_complete(file: BinaryIO, end: int) -> bool:
    """Whether a Matroska or WEBM segment ends inside the file; one of unknown length (a live recording) may."""
    file.seek(4)
    header_size = _variable_number(file)
    if header_size is None:
        return False
    file.seek(header_size, 1)
    if file.read(4) != SEGMENT:
        return True  # something optional stands before it; the decoder will tell
    size = _variable_number(file)
    return size is None or file.tell() + size <= end


def _variable_number(file: BinaryIO) -> int | None:
    """Read one EBML length; None when it is missing or says "unknown" (all ones)."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    extra = 8 - first[0].bit_length()
    rest = file.read(extra)
    value = (first[0] & (0x7F >> extra)) << (8 * extra) | int.from_bytes(rest, "big")
    unknown = (1 << (7 * (extra + 1))) - 1
    return None if len(rest) < extra or value == unknown else value

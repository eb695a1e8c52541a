"""Find and change the boxes of an MP4 or MOV and the headers of an AVI, byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"meta")
HEADER = 8


def walk(film: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, bytes]]:
    """Yield (position, size, name) of every box, the outer before the inner."""
    end = len(film) if end is None else end
    while start + HEADER <= end:
        size, name = struct.unpack_from(">I4s", film, start)
        if size < HEADER or start + size > end:
            return
        yield start, size, name
        if name in CONTAINERS:
            yield from walk(film, start + HEADER, start + size)
        start += size


def find(film: bytes, name: bytes) -> int | None:
    """Where the content of the first box of that name begins."""
    return next((position + HEADER for position, _, found in walk(film) if found == name), None)


def write(film: bytes, box: bytes, offset: int, layout: str, *values: int) -> bytes:
    """Overwrite numbers within a box; the film as it was where there is no such box, or it is too short."""
    position = find(film, box)
    if position is None or position + offset + struct.calcsize(layout) > len(film):
        return film
    changed = bytearray(film)
    struct.pack_into(layout, changed, position + offset, *values)
    return bytes(changed)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + HEADER, name) + content


FTYP = box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2mp41")


def nested(depth: int) -> bytes:
    """A film that is nothing but boxes in boxes."""
    content = b""
    for number in range(depth):
        content = box(b"moov" if number == depth - 1 else b"udta", content)
    return FTYP + content


def packed_index(claimed_bytes: int, real_bytes: int) -> bytes:
    """A film whose index is packed with zlib and grows a thousandfold when it is read."""
    packed = zlib.compress(bytes(real_bytes), 9)
    index = box(b"dcom", b"zlib") + box(b"cmvd", struct.pack(">I", claimed_bytes) + packed)
    return FTYP + box(b"moov", box(b"cmov", index))


# Offsets within a version 0 box, its version and flags included (ISO/IEC 14496-12, 8.2.2, 8.3.2, 8.4.2, 8.6.1.2).
def with_duration(film: bytes, seconds: int) -> bytes:
    """Claim another length in all three headers."""
    for name, clock_at in ((b"mvhd", 12), (b"mdhd", 12)):
        position = find(film, name)
        if position is not None:
            clock = struct.unpack_from(">I", film, position + clock_at)[0]
            film = write(film, name, clock_at + 4, ">I", min(seconds * clock, 2**32 - 1))
    return write(film, b"tkhd", 20, ">I", min(seconds * 1000, 2**32 - 1))


def with_steps(film: bytes, step: int, clock: int | None = None) -> bytes:
    """Show every picture so many ticks after the one before it, of a clock with so many ticks a second."""
    film = write(film, b"stts", 12, ">I", step)
    return film if clock is None else write(film, b"mdhd", 12, ">I", clock)


def with_size(film: bytes, width: int, height: int) -> bytes:
    """Claim other pictures in the track and in the description of its coding."""
    film = write(film, b"tkhd", 76, ">II", min(width, 65535) << 16, min(height, 65535) << 16)
    return write(film, b"stsd", 8 + HEADER + 24, ">HH", min(width, 65535), min(height, 65535))


# AVI: numbers behind the names of its two headers (AVI RIFF File Reference: AVISTREAMHEADER, BITMAPINFOHEADER).
def avi_with_rate(film: bytes, scale: int, rate: int) -> bytes:
    return _behind(film, b"strh", 4 + 20, "<II", scale, rate)


def avi_with_size(film: bytes, width: int, height: int) -> bytes:
    return _behind(film, b"strf", 4 + 4, "<ii", width, height)


def avi_with_length(film: bytes, pictures: int) -> bytes:
    return _behind(_behind(film, b"strh", 4 + 32, "<I", pictures), b"avih", 4 + 16, "<I", pictures)


def _behind(film: bytes, name: bytes, offset: int, layout: str, *values: int) -> bytes:
    position = film.find(name)
    if position < 0:
        return film
    changed = bytearray(film)
    struct.pack_into(layout, changed, position + 4 + offset, *values)
    return bytes(changed)

"""Every kind of damage and malice, from a random generator and the good films: the same seed, the same file."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from random import Random

from clips.fuzz import boxes
from clips.fuzz.films import KINDS

Films = Mapping[str, bytes]
Mutation = Callable[[Random, Films], bytes]
MP4S = ("mp4", "mp4 with sound", "mov")
WRONG_SIZES = (0, 1, 7, 8, 9, 2**31 - 1, 2**31, 2**32 - 1)


def _any(random: Random, films: Films) -> bytes:
    return films[random.choice(tuple(KINDS))]


def _mp4(random: Random, films: Films) -> bytes:
    return films[random.choice(MP4S)]


def bit_flips(random: Random, films: Films) -> bytes:
    film = bytearray(_any(random, films))
    for _ in range(random.choice((1, 2, 8, 64, 512))):
        film[random.randrange(len(film))] ^= 1 << random.randrange(8)
    return bytes(film)


def flips_in_the_index(random: Random, films: Films) -> bytes:
    """The index decides where the decoder looks and how much memory it asks for."""
    film = bytearray(_mp4(random, films))
    start = bytes(film).find(b"moov")
    for _ in range(random.choice((1, 4, 16))):
        film[random.randrange(start, len(film))] = random.randrange(256)
    return bytes(film)


def truncation(random: Random, films: Films) -> bytes:
    film = _any(random, films)
    return film[: random.randrange(len(film))]


def wrong_boxes(random: Random, films: Films) -> bytes:
    film = bytearray(_mp4(random, films))
    found = list(boxes.walk(bytes(film)))
    for _ in range(random.choice((1, 2, 5))):
        position, _, _ = random.choice(found)
        if random.random() < 0.6:
            struct.pack_into(">I", film, position, random.choice(WRONG_SIZES))
        else:
            film[position + 4 : position + 8] = random.choice(found)[2]
    return bytes(film)


def wrong_counts(random: Random, films: Films) -> bytes:
    """Tables that claim four thousand million entries."""
    name = random.choice((b"stts", b"stsz", b"stsc", b"stco", b"ctts", b"stss", b"elst"))
    at = 8 if name == b"stsz" else 4
    return boxes.write(_mp4(random, films), name, at, ">I", random.choice((2**32 - 1, 2**31, 2**24, 0)))


def spliced(random: Random, films: Films) -> bytes:
    one, other = _any(random, films), _any(random, films)
    return one[: random.randrange(len(one))] + other[random.randrange(len(other)) :]


def packed_bomb(random: Random, films: Films) -> bytes:
    kind = random.randrange(4)
    if kind == 0:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("film.mp4", bytes(5_000_000))
        return held.getvalue()
    if kind == 1:
        return gzip.compress(bytes(5_000_000), mtime=0)
    claimed = random.choice((2**32 - 1, 2**31 - 1, 2**30, 100))
    return boxes.packed_index(claimed, 4_000_000 if kind == 2 else 1000)


def giant_pictures(random: Random, films: Films) -> bytes:
    side = random.choice((1_000_000, 2**31 - 1, 65_535, -1))
    if random.random() < 0.5:
        return boxes.avi_with_size(films["avi"], side, side)
    return boxes.with_size(_mp4(random, films), abs(side), abs(side))


def large_pictures(random: Random, films: Films) -> bytes:
    """8K as a camera might: little to send, much to decode."""
    return films["large"] + boxes.box(b"free", random.randbytes(8))


def a_day_long(random: Random, films: Films) -> bytes:
    if random.random() < 0.3:
        return boxes.avi_with_length(films["avi"], random.choice((86_400 * 30, 2**32 - 1)))
    film = boxes.with_duration(_mp4(random, films), 86_400)
    return boxes.with_steps(film, 86_400 // 24, 1) if random.random() < 0.5 else film


def no_rate(random: Random, films: Films) -> bytes:
    if random.random() < 0.5:
        return boxes.avi_with_rate(films["avi"], *random.choice(((0, 0), (1, 0), (0, 30), (2**32 - 1, 1))))
    return boxes.with_steps(_mp4(random, films), 0, random.choice((None, 0, 1)))


def extreme_rate(random: Random, films: Films) -> bytes:
    if random.random() < 0.5:
        return boxes.avi_with_rate(films["avi"], 1, random.choice((100_000, 2**32 - 1, 1001)))
    return boxes.with_steps(_mp4(random, films), 1, random.choice((100_000, 2**31 - 1)))


def an_hour_of_sound(random: Random, films: Films) -> bytes:
    return films["hour of sound"] + boxes.box(b"free", random.randbytes(8))


def polyglot(random: Random, films: Films) -> bytes:
    """A film that is something else too: a browser must never be talked into running it."""
    page = b"<!doctype html><script>alert(document.domain)</script>"
    film = _mp4(random, films)
    front = random.choice(
        (
            boxes.box(b"free", page),
            boxes.box(b"ftyp", b"isom\x00\x00\x02\x00" + page),
            b"\xff\xd8\xff\xe0" + film[4:16],
            b"GIF89a" + page,
            b"%PDF-1.7\n",
            b"#!/bin/sh\n",
            b"\x7fELF",
            b"",
        )
    )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("index.html", page)
    return front + film + random.choice((page, held.getvalue(), b"<?php system($_GET[0]);", b""))


def no_film(random: Random, films: Films) -> bytes:
    """Texts that make a careless reader open other files, pictures, noise, nothing."""
    return random.choice(
        (
            b"",
            b"\x00",
            b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
            b"ffconcat version 1.0\nfile /etc/passwd\n",
            b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
            b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1/</BaseURL></MPD>",
            b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n",
            boxes.FTYP,
            boxes.FTYP + boxes.box(b"moov", b""),
            boxes.nested(random.choice((100, 5_000, 20_000))),
            random.randbytes(random.choice((1, 100, 10_000))),
            boxes.FTYP + random.randbytes(2_000),
        )
    )


def unharmed(random: Random, films: Films) -> bytes:
    """What should pass, so that a portal which refuses everything does not look safe."""
    return _any(random, films)


MUTATIONS: dict[str, Mutation] = {
    "bit flips": bit_flips,
    "flips in the index": flips_in_the_index,
    "truncated": truncation,
    "wrong boxes": wrong_boxes,
    "wrong counts": wrong_counts,
    "spliced": spliced,
    "packed bomb": packed_bomb,
    "10⁶ × 10⁶ pixels": giant_pictures,
    "8K": large_pictures,
    "24 h": a_day_long,
    "0 fps": no_rate,
    "10⁵ fps": extreme_rate,
    "1 h of sound": an_hour_of_sound,
    "polyglot": polyglot,
    "no film": no_film,
    "unharmed": unharmed,
}
# How often each is drawn: those that cost a second of decoding seldom.
SHARES = {"8K": 1, "1 h of sound": 1}
USUAL_SHARE = 8

NAMES = (
    "run.mp4",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\run.mp4",
    "/dev/null",
    "run\x00.mp4",
    "run\r\nSet-Cookie: a=b.mp4",
    "\x1b[2J\x07run.mp4",
    "run\u202e4pm.exe",
    "<script>alert(1)</script>.mp4",
    "'; DROP TABLE clips_clip; --.mp4",
    "{{ settings.SECRET_KEY }}.mp4",
    "n" * 4096 + ".mp4",
    "🏃" * 1024,
    "\ufffe\U000e0041.mp4",
    ".",
    "",
)


def draw(seed: int, number: int, films: Films) -> tuple[str, str, bytes]:
    """Return kind, name and bytes of the file with this number: the same for the same seed, whatever came before."""
    random = Random(f"{seed}:{number}")  # noqa: S311 - to be repeated, not to be secret
    kinds = tuple(MUTATIONS)
    kind = random.choices(kinds, [SHARES.get(kind, USUAL_SHARE) for kind in kinds])[0]
    return kind, random.choice(NAMES), MUTATIONS[kind](random, films)

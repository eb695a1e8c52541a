"""The small real films that are damaged: one of each container, a large one, one with an hour of sound."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np

PICTURES = 24
# name: codec, container, width, height, pictures, seconds of sound
KINDS = {
    "mp4": ("libx264", "mp4", 64, 48, PICTURES, 0),
    "mp4 with sound": ("libx264", "mp4", 64, 48, PICTURES, 1),
    "mov": ("mpeg4", "mov", 64, 48, PICTURES, 0),
    "avi": ("mpeg4", "avi", 64, 48, PICTURES, 0),
    "webm": ("libvpx", "webm", 64, 48, PICTURES, 0),
    "mkv": ("libx264", "matroska", 64, 48, PICTURES, 0),
}
LARGE = ("mpeg4", "mp4", 7680, 4320, 3, 0)  # 8K of one colour: 30 kB that become 100 MB of pictures
HOUR_OF_SOUND = ("libx264", "mp4", 64, 48, PICTURES, 3600)


EVERYTHING = {**KINDS, "large": LARGE, "hour of sound": HOUR_OF_SOUND}


def make_films(folder: Path) -> dict[str, bytes]:
    """Have all films written into `folder` by a process of its own; return their bytes by name."""
    subprocess.run([sys.executable, "-m", "clips.fuzz.films", str(folder)], check=True, timeout=120)
    return {name: (folder / f"{number}.film").read_bytes() for number, name in enumerate(EVERYTHING)}


def _write(path: Path, codec: str, container: str, width: int, height: int, pictures: int, sound_s: int) -> None:
    with av.open(str(path), "w", format=container) as out:
        stream = cast(av.VideoStream, out.add_stream(codec, rate=30))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        voice = out.add_stream("aac", rate=8000) if sound_s else None
        for picture in _pictures(width, height, pictures):
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
        if voice is not None:
            for piece in _silence(sound_s):
                out.mux(voice.encode(piece))
            out.mux(voice.encode(None))


def _pictures(width: int, height: int, count: int) -> Iterator[av.VideoFrame]:
    for number in range(count):
        picture = np.full((height, width, 3), 90, np.uint8)
        left = 2 * number % (width - 8)
        picture[8:16, left : left + 8] = 255
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 30)
        yield frame


def _silence(seconds: int) -> Iterator[av.AudioFrame]:
    for number in range(seconds * 8000 // 1024):
        piece = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        piece.sample_rate, piece.pts = 8000, number * 1024
        yield piece


if __name__ == "__main__":
    for number, kind in enumerate(EVERYTHING.values()):
        _write(Path(sys.argv[1]) / f"{number}.film", *kind)

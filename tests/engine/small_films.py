"""Films of a few pictures, made on the spot: a bright square wanders over a dull ground."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

GROUND, SQUARE = 60, 220


def picture(index: int, width: int, height: int) -> np.ndarray:
    """Grey picture (h, w, 3) whose bright square of 16 px starts at the top left and moves 4 px a picture."""
    image = np.full((height, width, 3), GROUND, np.uint8)
    image[8:24, 8 + 4 * index : 24 + 4 * index] = SQUARE
    return image


def make_film(
    path: Path,
    *,
    pictures: int = 20,
    fps: int = 30,
    size: tuple[int, int] = (160, 96),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rotation: int = 0,
    ticks: list[int] | None = None,
    sound: bool = False,
    options: dict[str, str] | None = None,
    encoder: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Write a film; `ticks` are presentation times in 1/1000 s for a film of variable rate."""
    kept = {"movflags": "use_metadata_tags"} if metadata else {}
    with av.open(str(path), "w", options=options or kept) as file:
        file.metadata.update(metadata or {})
        stream = file.add_stream(codec, rate=fps, options=encoder or {})
        stream.width, stream.height, stream.pix_fmt = size[0], size[1], pixels
        if rotation:
            stream.set_display_rotation(rotation)
        if ticks:
            stream.codec_context.time_base = Fraction(1, 1000)
        hum = file.add_stream("aac", rate=44100, layout="mono") if sound else None
        for index in range(pictures):
            frame = av.VideoFrame.from_ndarray(picture(index, *size), format="rgb24")
            if ticks:
                frame.pts, frame.time_base = ticks[index], Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if hum:
            _hum(file, hum)
    return path


def codec_of(path: Path) -> str:
    """How the pictures of a film are encoded."""
    with av.open(str(path)) as file:
        return file.streams.video[0].codec_context.name


def turn(path: Path, across: tuple[int, int], down: tuple[int, int]) -> Path:
    """Rewrite how an MP4 is to be shown: where a step to the right and a step down in the stored picture lead."""
    film = bytearray(path.read_bytes())
    # In a track header (version 0) the matrix stands 44 bytes after the name begins; 16.16, its last column 2.30.
    at = film.index(b"tkhd") + 44
    matrix = [*(65536 * way for way in across), 0, *(65536 * way for way in down), 0, 0, 0, 1 << 30]
    struct.pack_into(">9i", film, at, *matrix)
    path.write_bytes(film)
    return path


def make_sound(path: Path) -> Path:
    """Write an MP4 without any picture."""
    with av.open(str(path), "w") as file:
        _hum(file, file.add_stream("aac", rate=44100, layout="mono"))
    return path


def _hum(file, stream) -> None:
    for index in range(20):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 44100, index * 1024
        file.mux(stream.encode(frame))
    file.mux(stream.encode(None))

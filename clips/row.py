"""Cut small parts out of a film as one row of pictures. Only inside a process of its own (sandbox.py)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from clips.beside import DARK, Picture, timed, upright
from clips.containers import Refused
from clips.film import opened

QUALITIES = (75, 60, 45, 30, 15)  # of WebP: the first that is small enough, or the last
FINER = 2  # lines are drawn so many times larger, for smooth edges
LINE_PX, EDGE_PX = 3, 5
MAX_PX = 6_000  # of a side of the whole picture: what is asked for may be wrong by any factor

Point = tuple[float, float]  # shares of the film's width and height, as it is looked at


def row(spec: Path, picture: Path) -> dict[str, Any]:
    """Write what the JSON at `spec` asks for; return how many pictures it holds. Raises Refused.

    `film`: its path. `size_px`: width and height of each part. `box`: the share of the film's width and height it
    shows. `parts`: for each, never going back, `time_s` after the film's first picture, `corner` of the box, `lines` of
    points to be drawn, and their `colour`. What lies outside the film is dark. `max_bytes` of the file, if it can be.
    """
    asked = json.loads(spec.read_text())
    width, height = asked["size_px"]
    whole = round(width / asked["box"][0]), round(height / asked["box"][1])
    if max(whole) > MAX_PX:
        raise Refused("unreadable")
    parts = asked["parts"]
    strip = np.empty((height, width * len(parts), 3), np.uint8)
    with opened(Path(asked["film"])) as film:
        for place, (frame, mirrored) in enumerate(_nearest(timed(film), [part["time_s"] for part in parts])):
            part = parts[place]
            cut = _cut(upright(frame, whole, mirrored), part["corner"], (width, height))
            strip[:, place * width : (place + 1) * width] = _drawn(cut, whole, part)
    _save(Image.fromarray(strip), picture, asked["max_bytes"])
    return {"parts": len(parts)}


def _nearest(pictures: Iterable[tuple[float, Any, bool]], times_s: list[float]) -> Iterator[tuple[Any, bool]]:
    """Give the picture taken nearest to each of the times, as the player does: of two equally near the earlier."""
    waiting = iter(times_s)
    wanted = next(waiting, None)
    before: tuple[float, Any, bool] | None = None
    for shown in pictures:
        while wanted is not None and shown[0] >= wanted:
            near = before if before and wanted - before[0] <= shown[0] - wanted else shown
            yield near[1:]
            wanted = next(waiting, None)
        if wanted is None:
            return
        before = shown
    if before is None:
        raise Refused("unreadable")
    for _ in (wanted, *waiting):
        yield before[1:]


def _cut(whole: Picture, corner: Point, size: tuple[int, int]) -> Picture:
    """Return the part of the picture at the corner, dark where it goes beyond an edge."""
    part = np.empty((size[1], size[0], 3), np.uint8)
    part[:] = DARK
    left, top = round(corner[0] * whole.shape[1]), round(corner[1] * whole.shape[0])
    seen = whole[max(top, 0) : max(top + size[1], 0), max(left, 0) : max(left + size[0], 0)]
    down, across = max(-top, 0), max(-left, 0)
    part[down : down + seen.shape[0], across : across + seen.shape[1]] = seen
    return part


def _drawn(cut: Picture, whole: tuple[int, int], part: dict[str, Any]) -> Picture:
    """Draw the lines over a part, each on a dark edge that keeps it apart from whatever lies below."""
    picture = Image.fromarray(cut)
    drawing = Image.new("RGBA", (picture.width * FINER, picture.height * FINER))
    pen = ImageDraw.Draw(drawing)
    left, top = part["corner"]
    lines = [[((x - left) * whole[0] * FINER, (y - top) * whole[1] * FINER) for x, y in line] for line in part["lines"]]
    for colour, width in (("#0c0e1080", EDGE_PX), (part["colour"], LINE_PX)):
        for line in lines:
            pen.line(line, fill=colour, width=width * FINER, joint="curve")
    drawing = drawing.resize(picture.size, Image.Resampling.BOX)
    picture.paste(drawing, mask=drawing)
    return np.asarray(picture)


def _save(strip: Image.Image, path: Path, max_bytes: int) -> None:
    for quality in QUALITIES:
        strip.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= max_bytes:
            return

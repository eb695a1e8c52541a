"""Write two films as one, beside each other: a picture and a film. Only inside a process of its own (sandbox.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from clips.containers import Refused
from clips.film import decoded, is_mirrored, opened, pictures_of, rotation_deg
from clips.fitting import GAP_PX, fitted, joined
from clips.tone import WIDE, usual

if TYPE_CHECKING:
    from av.container import InputContainer

LABEL_PX = 26
LABEL_LEFT_PX, LABEL_TOP_PX, LABEL_ROOM_PX = 14, 12, 8
QUALITY = "21"  # x264's constant rate factor: good to look at
LIGHT, DARK = (255, 255, 255), (12, 14, 16)
TURNS = {0: 0, 90: 1, 180: 2, 270: 3}

Picture = NDArray[np.uint8]  # height × width × red, green, blue


def beside(spec: Path, picture: Path, film: Path) -> dict[str, Any]:
    """Write what the JSON at `spec` asks for; return the size and the number of pictures. Raises Refused.

    `films`: two paths, left to right. `labels`: a line for each, of digits and signs. `moments`: for every picture of
    the film one time for each, in seconds after its first picture, never going back. `fps` of the film. `still`: the
    place in `moments` the picture is made of.
    """
    asked = json.loads(spec.read_text())
    moments, still = asked["moments"], asked["still"]
    sides = [
        _at(Path(path), [pair[place] for pair in moments], label)
        for place, (path, label) in enumerate(zip(asked["films"], asked["labels"], strict=True))
    ]
    size = _write(zip(*sides, strict=True), film, Fraction(asked["fps"]), picture, still)
    return {"width_px": size[0], "height_px": size[1], "frame_count": len(moments)}


def _at(path: Path, times_s: list[float], label: str) -> Iterator[Picture]:
    """Give the picture shown at each of the times, the last one for times after the end, with its label."""
    with opened(path) as container:
        pictures = timed(container)
        shown = next(pictures, None)
        if shown is None:
            raise Refused("unreadable")
        following = next(pictures, None)
        stamp = _label(label)
        made: Picture | None = None
        for time_s in times_s:
            while following is not None and following[0] <= time_s + 1e-6:
                shown, made = following, None
                following = next(pictures, None)
            if made is None:
                made = _stamped(_fitted(*shown[1:]), stamp)
            yield made


def timed(container: InputContainer) -> Iterator[tuple[float, Any, bool]]:
    """Give every picture with its seconds after the first, and whether the film is mirrored."""
    first: float | None = None
    mirrored = False
    for frame in decoded(container, pictures_of(container)):
        if frame.time is None:
            continue
        if first is None:
            first, mirrored = frame.time, is_mirrored(frame)
        yield frame.time - first, frame, mirrored


def _fitted(frame: Any, mirrored: bool) -> Picture:
    """Return a picture upright, in the size it is drawn in."""
    turned = rotation_deg(frame) % 180 != 0
    return upright(frame, fitted((frame.height, frame.width) if turned else (frame.width, frame.height)), mirrored)


def upright(frame: Any, size: tuple[int, int], mirrored: bool) -> Picture:
    """Return a picture as it is to be looked at, so many pixels wide and high."""
    turn_deg = rotation_deg(frame)
    stored = size[::-1] if turn_deg % 180 else size
    rgb: Picture = frame.reformat(width=stored[0], height=stored[1], format="rgb24").to_ndarray()
    if frame.color_trc in WIDE:
        rgb = _usual(frame.color_trc)[rgb]
    if mirrored:
        rgb = rgb[::-1]
    return np.ascontiguousarray(np.rot90(rgb, TURNS[turn_deg]))


@cache
def _usual(transfer: int) -> Picture:
    """For each value of 0-255 the one for the same light in a usual film."""
    return np.array([round(255 * usual(value / 255, transfer)) for value in range(256)], np.uint8)


def _label(text: str) -> Picture:
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(LABEL_PX)
    left, top, right, bottom = font.getbbox(text)
    room = LABEL_ROOM_PX
    plate = Image.new("RGB", (round(right - left) + 2 * room, round(bottom - top) + 2 * room), DARK)
    ImageDraw.Draw(plate).text((room - left, room - top), text, font=font, fill=LIGHT)
    return np.asarray(plate)


def _stamped(picture: Picture, stamp: Picture) -> Picture:
    room = picture[LABEL_TOP_PX:, LABEL_LEFT_PX:]
    height, width = min(stamp.shape[0], room.shape[0]), min(stamp.shape[1], room.shape[1])
    room[:height, :width] = stamp[:height, :width]
    return picture


def _joined(left: Picture, right: Picture) -> Picture:
    """Lay two pictures beside each other on a dark ground, the lower one in the middle of its height."""
    width, height = joined((left.shape[1], left.shape[0]), (right.shape[1], right.shape[0]))
    both = np.empty((height, width, 3), np.uint8)
    both[:] = DARK
    for picture, start in ((left, 0), (right, left.shape[1] + GAP_PX)):
        top = (height - picture.shape[0]) // 2
        both[top : top + picture.shape[0], start : start + picture.shape[1]] = picture
    return both


def _write(
    pairs: Iterator[tuple[Picture, ...]], film: Path, rate: Fraction, picture: Path, still: int
) -> tuple[int, int]:
    """Encode the pairs as MP4 and the one numbered `still` as PNG; return width and height."""
    import av
    from PIL import Image

    size = (0, 0)
    with av.open(str(film), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        target = out.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": QUALITY, "threads": "2"})
        target.pix_fmt = "yuv420p"
        for index, (left, right) in enumerate(pairs):
            both = _joined(left, right)
            if index == 0:
                size = (both.shape[1], both.shape[0])
                target.width, target.height = size
            if index == still:
                Image.fromarray(both).save(picture, "PNG", optimize=True)
            frame = av.VideoFrame.from_ndarray(both, format="rgb24")
            frame.pts, frame.time_base = index, 1 / rate
            out.mux(target.encode(frame))
        out.mux(target.encode(None))
    return size

"""The film with the runner's skeleton drawn on it, and its thumbnail.

Left is blue and right is orange, as everywhere in the portal; the leg nearer to the camera is drawn stronger; a foot
on the ground gets a bar under it. Drawing happens on the video planes themselves, so that no picture is turned into
colours and back.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from engine.ahead import ahead
from engine.film_writing import Copies, FilmWriter
from engine.measure.track import AT, PAIRED, SIDES, Array
from engine.video import U8, Picture, Probe

SHORT_SIDE_PX = 720
THUMBNAIL_SHORT_SIDE_PX = 360
AHEAD = 4  # copies read while one is drawn on
SUBPIXEL = 4  # bits: lines move smoothly between pixels

Colour = tuple[float, float, float]  # Y, U, V in video range
LIMBS = (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
FOOT = (("ankle", "heel"), ("heel", "toe"), ("ankle", "toe"))


def _colour(red: int, green: int, blue: int) -> Colour:
    """BT.709, video range."""
    r, g, b = red / 255, green / 255, blue / 255
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    return 16 + 219 * luma, 128 + 224 * (b - luma) / 1.8556, 128 + 224 * (r - luma) / 1.5748


# The portal's side colours, #0072b2 and #c2500a, each lighter for the leg behind; white for what belongs to no side.
NEAR: dict[str, Colour] = {"left": _colour(0x00, 0x84, 0xD1), "right": _colour(0xE0, 0x5E, 0x0C)}
FAR: dict[str, Colour] = {"left": _colour(0x6C, 0xB8, 0xE6), "right": _colour(0xF4, 0xA2, 0x69)}
WHITE, INK = _colour(0xFF, 0xFF, 0xFF), _colour(0x10, 0x14, 0x18)


@dataclass(frozen=True)
class Contact:
    """One foot on the ground, from frame to frame (both included)."""

    side: str  # left or right
    first_frame: int
    last_frame: int


@dataclass(frozen=True)
class Skeleton:
    """What is drawn: points (n, joints, 2) in film pixels, NaN where nothing is; ground contacts; the near side."""

    points_px: Array
    contacts: tuple[Contact, ...] = ()
    near_side: str | None = None  # None from behind, where no leg is nearer

    def standing(self, frame: int) -> set[str]:
        """The sides whose foot is on the ground in this frame."""
        return {contact.side for contact in self.contacts if contact.first_frame <= frame <= contact.last_frame}


def write_film(
    path: Path, copies: Copies, film: Probe, skeleton: Skeleton, threads: int, on_picture: Callable[[Picture], None]
) -> None:
    """Draw the skeleton on every copy and write the film; `on_picture` sees each picture as it is written."""
    with FilmWriter(path, film, *copies.size_px, threads) as writer:
        for picture in ahead(copies, AHEAD):
            draw(picture, skeleton, film.width_px)
            writer.write(picture)
            on_picture(picture)


def write_thumbnail(path: Path, picture: Picture) -> None:
    """One small JPEG of a picture, drawn on or not."""
    width, height = picture.size_px
    scale = min(1.0, THUMBNAIL_SHORT_SIDE_PX / min(width, height))
    size = (round(width * scale), round(height * scale))
    small = cv2.resize(cv2.cvtColor(picture.rgb(), cv2.COLOR_RGB2BGR), size, interpolation=cv2.INTER_AREA)
    if not cv2.imwrite(str(path), small, [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise OSError(f"The thumbnail could not be written to {path}.")


def draw(picture: Picture, skeleton: Skeleton, film_width_px: int) -> None:
    """Draw the skeleton of the picture's own frame onto the picture, in place."""
    if picture.index >= len(skeleton.points_px):
        return
    points = skeleton.points_px[picture.index] * (picture.size_px[0] / film_width_px)
    known = points[np.isfinite(points).all(1)]
    if len(known) < 4:
        return
    pen = _Pen(picture, max(2.0, float(np.ptp(known[:, 1])) / 130))
    standing = skeleton.standing(picture.index)
    near = skeleton.near_side or "left"
    far = SIDES[1 - SIDES.index(near)]
    for side in (far, near):  # the near side last, on top
        strong = skeleton.near_side is None or side == near
        _draw_side(pen, points, side, NEAR[side] if strong else FAR[side], 1.0 if strong else 0.8, side in standing)
        if side == far:
            _draw_trunk(pen, points)


def _draw_trunk(pen: _Pen, points: Array) -> None:
    shoulders, hips, ears = (points[[AT[f"{side}_{part}"] for side in SIDES]] for part in ("shoulder", "hip", "ear"))
    for left, right in (shoulders, hips):
        pen.line(left, right, WHITE, 0.6)
    pen.line(shoulders.mean(0), hips.mean(0), WHITE, 0.8)
    pen.line(shoulders.mean(0), ears.mean(0), WHITE, 0.6)


def _draw_side(pen: _Pen, points: Array, side: str, colour: Colour, strength: float, standing: bool) -> None:
    for one, other in (*LIMBS, *FOOT):
        thin = 0.7 if (one, other) in LIMBS[:2] or (one, other) in FOOT else 1.0
        pen.line(points[AT[f"{side}_{one}"]], points[AT[f"{side}_{other}"]], colour, thin * strength)
    for joint in PAIRED:
        pen.dot(points[AT[f"{side}_{joint}"]], colour, strength)
    if standing:
        pen.ground(points[AT[f"{side}_heel"]], points[AT[f"{side}_toe"]], colour)


class _Pen:
    """Draws on the three planes of one picture; widths are multiples of `width_px`."""

    def __init__(self, picture: Picture, width_px: float) -> None:
        self._planes: tuple[tuple[U8, float], ...] = ((picture.y, 1.0), (picture.u, 0.5), (picture.v, 0.5))
        self._width = width_px

    def line(self, start: Array, end: Array, colour: Colour, width: float) -> None:
        """A line with a dark rim, readable on any background; nothing when an end is unknown."""
        if np.isfinite(start).all() and np.isfinite(end).all():
            self._stroke(start, end, INK, self._width * width + 2)
            self._stroke(start, end, colour, self._width * width)

    def dot(self, place: Array, colour: Colour, size: float) -> None:
        """A joint: white disc with a coloured rim."""
        if np.isfinite(place).all():
            for radius, fill in ((1.25, colour), (0.7, WHITE)):
                self._disc(place, fill, self._width * radius * size)

    def ground(self, heel: Array, toe: Array, colour: Colour) -> None:
        """A bar under a foot that stands."""
        if np.isfinite(heel).all() and np.isfinite(toe).all():
            low = max(heel[1], toe[1]) + 2.2 * self._width
            reach = 0.35 * (toe[0] - heel[0])
            start, end = np.array([heel[0] - reach, low]), np.array([toe[0] + reach, low])
            if abs(end[0] - start[0]) < 6 * self._width:  # from behind the foot has no length
                middle = (start[0] + end[0]) / 2
                start[0], end[0] = middle - 3 * self._width, middle + 3 * self._width
            self.line(start, end, colour, 1.0)

    def _stroke(self, start: Array, end: Array, colour: Colour, width: float) -> None:
        for (plane, scale), value in zip(self._planes, colour, strict=True):
            thickness = max(1, math.ceil(width * scale - 0.25))
            cv2.line(plane, _fixed(start, scale), _fixed(end, scale), value, thickness, cv2.LINE_AA, SUBPIXEL)

    def _disc(self, place: Array, colour: Colour, radius: float) -> None:
        for (plane, scale), value in zip(self._planes, colour, strict=True):
            size = max(1, round(radius * scale * 2**SUBPIXEL))
            cv2.circle(plane, _fixed(place, scale), size, value, cv2.FILLED, cv2.LINE_AA, SUBPIXEL)


def _fixed(place: Array, scale: float) -> tuple[int, int]:
    """A point in a plane's own pixels as OpenCV's fixed-point numbers; chroma centres lie half a pixel apart."""
    shift = 0.0 if scale == 1 else -0.25
    # Plain numbers: called some 300 times a picture, where an array of two costs ten times as much.
    x, y = (min(max(value * scale + shift, -4000.0), 12000.0) * 2**SUBPIXEL for value in place.tolist())
    return round(x), round(y)

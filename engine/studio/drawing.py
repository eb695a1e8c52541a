"""The picture: a body of rounded, shaded shapes, drawn larger than shown and shrunk, in front of a plain room.

Every shape is a row of sections, each an outline of a few points in space; between two neighbours the hull of both
is filled. Filling it again and again, smaller and towards the light, makes it look round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.measure.track import Array
from engine.studio.camera import Look
from engine.studio.figure import Body, on_shoe
from engine.studio.leg import Build
from engine.studio.scene import SIDES, Scene, Side

Picture = NDArray[np.uint8]
Colour = tuple[float, float, float]  # blue, green, red, 0-255

OVERSAMPLING = 2
LAYERS = 6
OUTLINE_POINTS = 18
FAR_LIMB_LIGHT = 0.86
_SUBPIXEL_BITS = 4

Profile = tuple[tuple[float, float], ...]  # (share of the way, radius as a share of body height)
THIGH_PROFILE: Profile = ((0, 0.047), (0.45, 0.044), (0.8, 0.033), (1, 0.030))
CALF_PROFILE: Profile = ((0.3, 0.034), (0.62, 0.026), (0.92, 0.0195))
UPPER_ARM_PROFILE: Profile = ((0, 0.027), (0.4, 0.026), (1, 0.020))
FOREARM_PROFILE: Profile = ((0.3, 0.021), (1, 0.0138), (1.2, 0.018), (1.36, 0.015))  # and the hand
# Outlines of the shoe, on both of its sides: along it from the heel, height, half width; shares of its length.
Outline = tuple[tuple[float, float, float], ...]
SHOE_BACK: Outline = (
    (0.0, 0.06, 0.10),
    (0.01, 0.22, 0.09),
    (0.03, 0.33, 0.08),
    (0.26, 0.34, 0.1),
    (0.5, 0.25, 0.13),
    (0.74, 0.07, 0.16),
    (0.74, 0.17, 0.14),
)
SHOE_FRONT: Outline = (
    (0.5, 0.06, 0.15),
    (0.5, 0.25, 0.13),
    (0.74, 0.17, 0.15),
    (0.9, 0.13, 0.12),
    (0.985, 0.08, 0.07),
    (0.74, 0.06, 0.16),
)
SOLE: Outline = ((0.0, 0.02, 0.11), (0.02, 0.0, 0.10), (0.0, 0.095, 0.11), (0.74, 0.075, 0.17), (0.74, 0.0, 0.16))
SOLE_TIP: Outline = ((0.74, 0.0, 0.16), (0.74, 0.075, 0.17), (0.95, 0.0, 0.09), (1.0, 0.05, 0.05), (0.99, 0.075, 0.06))
# Parts of the head: ahead of the middle of the ears, up and to the right of it, and radius; shares of body height.
Balls = tuple[tuple[float, float, float, float], ...]
FACE: Balls = ((0.012, 0.008, 0, 0.056), (0.026, -0.032, 0, 0.036), (0.03, -0.046, 0, 0.026))
HAIR: Balls = (
    (0.030, 0.050, 0, 0.020),
    (-0.004, 0.038, 0, 0.045),
    (-0.018, 0.020, 0, 0.053),
    (-0.034, -0.010, 0, 0.032),
)
FRINGE: Balls = ((0.030, 0.050, 0, 0.022), (-0.004, 0.038, 0, 0.045))
HAIR_BEHIND: Balls = ((-0.012, 0.02, 0, 0.060), (-0.015, -0.01, 0, 0.05))
NOSE: Balls = ((0.052, 0.008, 0, 0.008), (0.067, -0.010, 0, 0.0095))
MOUTH: Balls = ((0.060, -0.036, 0, 0.004), (0.052, -0.038, 0, 0.004))
LIPS, EYE, IRIS = (96.0, 96.0, 178.0), (245.0, 245.0, 245.0), (30.0, 25.0, 25.0)

_CIRCLE = np.linspace(0, 2 * np.pi, OUTLINE_POINTS, endpoint=False)
_COS, _SIN = np.cos(_CIRCLE), np.sin(_CIRCLE)


@dataclass(frozen=True)
class Colours:
    """What one runner wears."""

    skin: Colour = (138, 172, 222)
    hair: Colour = (28, 38, 58)
    shirt: Colour = (62, 66, 196)
    shorts: Colour = (66, 46, 40)
    sock: Colour = (232, 232, 236)
    shoe: Colour = (58, 204, 240)
    sole: Colour = (236, 238, 240)


FIRST = Colours()
SECOND = Colours(skin=(92, 120, 168), hair=(20, 24, 30), shirt=(150, 110, 50), shorts=(90, 90, 90), shoe=(80, 80, 220))


@dataclass(frozen=True)
class Shape:
    """Sections (k, m, 3) in m, one colour, how far away it is (for the order of drawing), and how round it looks."""

    sections: Array
    colour: Colour
    depth_m: float
    roundness: float = 1.0


def _ball(centre: Array, radius: float, look: Look) -> Array:
    """The outline of a ball as the camera sees it, (OUTLINE_POINTS, 3)."""
    right, down = look.axes[0, 0], look.axes[0, 1]
    return np.asarray(centre + radius * (_COS[:, None] * right + _SIN[:, None] * down))


def _ring(centre: Array, half_across: Array, half_ahead: Array) -> Array:
    """An ellipse in space, (OUTLINE_POINTS, 3)."""
    return np.asarray(centre + _COS[:, None] * half_across + _SIN[:, None] * half_ahead)


class Figure:
    """Draws one runner; widths are shares of body height."""

    def __init__(self, scene: Scene, colours: Colours) -> None:
        self.h, self.colours, self.build = scene.height_m, colours, Build(scene.height_m)

    def shapes(self, body: Body, index: int, look: Look) -> list[Shape]:
        """Every shape of one instant, far ones first."""
        p = {name: point[index] for name, point in body.points.items()}
        depth = {name: float((point - look.position) @ look.axes[0, 2]) for name, point in p.items()}
        groups = [*self._legs(p, body, index, look, depth), *self._arms(p, look, depth)]
        groups += [self._torso(p, body, index, depth), Head(p, look, self.h, self.colours).shapes()]
        groups.sort(key=lambda group: -group[0].depth_m)
        return [shape for group in groups for shape in group]

    def _limb(self, parts: tuple[tuple[Array, Array, Profile], ...], colour: Colour, depth: float, look: Look) -> Shape:
        """A limb in one piece, so that no seam shows where its parts meet."""
        rows = [_ball(start + t * (end - start), r * self.h, look) for start, end, profile in parts for t, r in profile]
        return Shape(np.stack(rows), colour, depth)

    def _lights(self, left_m: float, right_m: float) -> Iterator[tuple[Side, float]]:
        """How light each side's limb is, by its distance: the one behind is darker, where one is behind."""
        level = abs(left_m - right_m) < 0.3 * self.build.hip_half
        for side, behind in zip(SIDES, (left_m > right_m, right_m > left_m), strict=True):
            yield side, FAR_LIMB_LIGHT if behind and not level else 1.0

    def _legs(
        self, p: dict[str, Array], body: Body, index: int, look: Look, depth: dict[str, float]
    ) -> list[list[Shape]]:
        groups = []
        for side, light in self._lights(depth["left_hip"], depth["right_hip"]):
            hip, knee, ankle = (p[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
            # Seen from behind, the shank of a swinging leg comes towards the camera and hides the other leg.
            near = min(depth[f"{side}_hip"], depth[f"{side}_ankle"] + 0.1)
            skin, shorts, sock = (
                _dim(colour, light) for colour in (self.colours.skin, self.colours.shorts, self.colours.sock)
            )
            leg = ((hip, knee, THIGH_PROFILE), (knee, ankle, CALF_PROFILE))
            groups.append(
                [
                    self._limb(leg, skin, near, look),
                    self._limb(((knee, ankle, ((0.8, 0.0225), (1, 0.0225))),), sock, near, look),
                    *self._shoe(body, side, index, light, near),
                    self._limb(((hip, knee, ((-0.04, 0.052), (0.25, 0.054), (0.52, 0.051))),), shorts, near, look),
                ]
            )
        return groups

    def _shoe(self, body: Body, side: Side, index: int, light: float, depth: float) -> list[Shape]:
        foot, length = body.feet[side], self.build.shoe
        one = foot.at(slice(index, index + 1))

        def outline(points: Outline) -> Array:
            along, height, half_width = np.array(points).T
            both = [on_shoe(one, length, along, height * length, side * half_width * length) for side in (-1, 1)]
            return np.concatenate(both, axis=1)

        upper, sole = _dim(self.colours.shoe, light), _dim(self.colours.sole, light)
        return [
            Shape(outline(SHOE_BACK), upper, depth, 0.5),
            Shape(outline(SHOE_FRONT), upper, depth, 0.5),
            Shape(outline(SOLE), sole, depth, 0.3),
            Shape(outline(SOLE_TIP), sole, depth, 0.3),
        ]

    def _arms(self, p: dict[str, Array], look: Look, depth: dict[str, float]) -> list[list[Shape]]:
        groups = []
        for side, light in self._lights(depth["left_shoulder"], depth["right_shoulder"]):
            shoulder, elbow, wrist = (p[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
            skin, shirt = _dim(self.colours.skin, light), _dim(self.colours.shirt, light)
            near = min(depth[f"{side}_shoulder"], depth[f"{side}_wrist"])
            arm = ((shoulder, elbow, UPPER_ARM_PROFILE), (elbow, wrist, FOREARM_PROFILE))
            sleeve = ((shoulder, elbow, ((0, 0.031), (0.5, 0.030))),)
            groups.append([self._limb(arm, skin, near, look), self._limb(sleeve, shirt, near, look)])
        return groups

    def _torso(self, p: dict[str, Array], body: Body, index: int, depth: dict[str, float]) -> list[Shape]:
        h = self.h
        hips, chest = (p["left_hip"] + p["right_hip"]) / 2, (p["left_shoulder"] + p["right_shoulder"]) / 2
        across0, across1 = _unit(p["right_hip"] - p["left_hip"]), _unit(p["right_shoulder"] - p["left_shoulder"])
        up = _unit(chest - hips)

        def ring(t: float, half_width: float, half_depth: float) -> Array:
            across = _unit(across0 + t * (across1 - across0))
            ahead = np.cross(up, across)
            return _ring(hips + t * (chest - hips), half_width * h * across, half_depth * h * ahead)

        shirt = [
            ring(t, w, d)
            for t, w, d in (
                (0.02, 0.088, 0.060),
                (0.3, 0.082, 0.057),
                (0.65, 0.098, 0.066),
                (0.92, 0.100, 0.060),
                (1.06, 0.052, 0.036),
            )
        ]
        shorts = [ring(t, w, d) for t, w, d in ((-0.14, 0.078, 0.054), (0.0, 0.094, 0.065), (0.1, 0.090, 0.062))]
        at = (depth["left_hip"] + depth["right_hip"] + depth["left_shoulder"] + depth["right_shoulder"]) / 4
        return [Shape(np.stack(shorts), self.colours.shorts, at), Shape(np.stack(shirt), self.colours.shirt, at)]


class Head:
    """One runner's head at one instant, looking ahead."""

    def __init__(self, p: dict[str, Array], look: Look, height_m: float, colours: Colours) -> None:
        self.p, self.look, self.h, self.colours = p, look, height_m, colours
        self.centre = (p["left_ear"] + p["right_ear"]) / 2
        self.across = _unit(p["right_ear"] - p["left_ear"])
        nose = p["nose"] - self.centre
        self.ahead = _unit(nose - (nose @ self.across) * self.across)
        self.up = np.cross(self.across, self.ahead)
        self.depth_m = float((self.centre - look.position) @ look.axes[0, 2])

    def shapes(self) -> list[Shape]:
        """What of it the camera sees, the neck first and what lies on top last."""
        skin, hair = self.colours.skin, self.colours.hair
        chest = (self.p["left_shoulder"] + self.p["right_shoulder"]) / 2
        neck = self._balls([(chest + 0.01 * self.h * self.up, 0.034), (self._spot(-0.006, -0.045, 0), 0.031)], skin)
        face, mouth = self._part(FACE, skin), self._part(MOUTH, LIPS)
        nose = self._part(NOSE, _dim(skin, 0.97))
        to_camera = _unit(self.look.position - self.centre)
        facing, turned = float(self.ahead @ to_camera), float(self.across @ to_camera)
        features = [
            shape for side, sign in zip(SIDES, (-1, 1), strict=True) for shape in self._half(side, sign, facing, turned)
        ]
        if facing > 0.3:
            return [neck, self._part(HAIR, hair), face, self._part(FRINGE, hair), nose, *features, mouth]
        if facing < -0.3:
            return [neck, face, *features, self._part(HAIR_BEHIND, hair)]
        return [neck, face, nose, mouth, self._part(HAIR, hair), *features]

    def _half(self, side: Side, sign: int, facing: float, turned: float) -> list[Shape]:
        """Ear, eye and brow of one side, as far as they are seen; `turned`: how far the right side faces the camera."""
        p, h, shapes = self.p, self.h, []
        if sign * turned > -0.2:
            ear = p[f"{side}_ear"]
            shapes.append(
                self._balls(
                    [(ear + 0.008 * h * self.up, 0.012), (ear - 0.01 * h * self.up, 0.008)],
                    _dim(self.colours.skin, 0.8),
                )
            )
        if sign * turned + facing > 0.1:
            eye = p[f"{side}_eye"]
            for centre, radius, colour in ((eye, 0.0075, EYE), (eye + 0.003 * h * self.ahead, 0.0052, IRIS)):
                shapes.append(Shape(_ball(centre, radius * h, self.look)[None], colour, self.depth_m, 0.4))
            brow = ((0.05, 0.026, sign * 0.012, 0.003), (0.044, 0.027, sign * 0.026, 0.003))
            shapes.append(self._part(brow, self.colours.hair))
        return shapes

    def _spot(self, ahead: float, up: float, right: float) -> Array:
        return np.asarray(self.centre + self.h * (ahead * self.ahead + up * self.up + right * self.across))

    def _part(self, balls: Balls, colour: Colour) -> Shape:
        return self._balls([(self._spot(*place), radius) for *place, radius in balls], colour)

    def _balls(self, balls: list[tuple[Array, float]], colour: Colour) -> Shape:
        """Balls in one piece; radii are shares of body height."""
        rows = [_ball(centre, radius * self.h, self.look) for centre, radius in balls]
        return Shape(np.stack(rows), colour, self.depth_m)


def _dim(colour: Colour, light: float) -> Colour:
    return (colour[0] * light, colour[1] * light, colour[2] * light)


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


_SHARES = np.arange(LAYERS) / LAYERS
_TONES_ROUND, _TONES_FLAT = 0.60 + 0.46 * np.sqrt(_SHARES), 0.86 + 0.14 * _SHARES
# Light from above and from the left of the picture: each smaller layer moves that way and is brighter.
_TOWARDS_LIGHT = np.array([-0.22, -0.30])


def paint(picture: Picture, shapes: list[Shape], look: Look, scale: float, origin: tuple[float, float]) -> None:
    """Fill the shapes, in their order, into a picture that shows the window at `origin` enlarged by `scale`."""
    for shape in shapes:
        points, _ = look.project(shape.sections[None])
        outline = (points[0] - np.array(origin)) * (scale * (1 << _SUBPIXEL_BITS))
        centre = outline.mean(axis=1, keepdims=True)
        radius = np.abs(outline - centre).max(axis=(1, 2), keepdims=True)
        share = _SHARES[:, None, None, None] * shape.roundness
        rings = (centre + (outline - centre) * (1 - share) + _TOWARDS_LIGHT * radius * share).astype(np.int32)
        tones = _TONES_ROUND if shape.roundness > 0.35 else _TONES_FLAT
        for ring, tone in zip(rings, tones, strict=True):
            _fill(picture, ring, tuple(min(255.0, channel * float(tone)) for channel in shape.colour))


def _fill(picture: Picture, rings: NDArray[np.int32], colour: tuple[float, ...]) -> None:
    if len(rings) == 1:
        cv2.fillConvexPoly(picture, cv2.convexHull(rings[0]), colour, cv2.LINE_8, _SUBPIXEL_BITS)
        return
    for both in np.concatenate([rings[:-1], rings[1:]], axis=1):
        cv2.fillConvexPoly(picture, cv2.convexHull(both), colour, cv2.LINE_8, _SUBPIXEL_BITS)

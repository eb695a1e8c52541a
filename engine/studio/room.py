"""The room around the runner: wall, floor, a treadmill whose belt really moves, a shadow, and the sensor's grain."""

from __future__ import annotations

import cv2
import numpy as np

from engine.measure.track import Array
from engine.studio.camera import Look
from engine.studio.drawing import Picture
from engine.studio.scene import Scene

WALL_BEHIND_M, WALL_AHEAD_M = 2.2, 12.0  # behind the path in side view; ahead of the runner in back view
FLOOR_LIGHT = 0.55
BELT_HALF_WIDTH_M, BELT_BACK_M, BELT_FRONT_M = 0.28, -0.95, 0.95
STRIPE_EVERY_M, STRIPE_M = 0.62, 0.03
GRAIN, GRAIN_IN_THE_DARK = 1.3, 7.0  # grey levels in a bright room, and how many more without light
_TILE = 256


class Room:
    """The background of one scene; `behind(look, time)` gives the picture without a runner."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.moving = scene.pan or scene.shake_deg > 0
        self.rng = np.random.default_rng(scene.seed + 3)
        w, h = scene.width_px, scene.height_px
        ramp = np.linspace(222, 196, h, dtype=np.float32)[:, None, None] * np.array([0.97, 0.985, 1.0], np.float32)
        self.wall = np.broadcast_to(ramp.astype(np.uint8), (h, w, 3))
        cloud, fine = (self._noise((h // cell, w // cell), (w, h)) for cell in (40, 3))
        # Plaster. A camera that moves would have to carry it along; there, marks on wall and floor do its work.
        self.plaster = cv2.merge([(2.2 * cloud + 2.0 * fine).astype(np.int16)] * 3)
        sigma = GRAIN + GRAIN_IN_THE_DARK * (1 - scene.light)
        grain = np.clip(np.round(self.rng.normal(0, sigma, (h + _TILE, w + _TILE))), -120, 120).astype(np.int16)
        self.grain = cv2.merge([grain] * 3)
        self.marks = self._marks(80 if self.moving else 14)
        self._still: Picture | None = None

    def _noise(self, cells: tuple[int, int], size: tuple[int, int]) -> Array:
        coarse = self.rng.normal(0, 1, (max(2, cells[0]), max(2, cells[1]))).astype(np.float32)
        return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), dtype=float)

    def _marks(self, number: int) -> list[tuple[Array, float]]:
        """Patches on the wall and, for a moving camera, on the floor: corners and brightness."""
        rng, marks = self.rng, []
        x = np.linspace(-13, 13, number) + rng.uniform(-0.4, 0.4, number)
        for at, up, a, b in zip(x, rng.uniform(0.5, 2.6, number), *rng.uniform(0.2, 0.6, (2, number)), strict=True):
            marks.append((self._on_wall(at, up, a, b), float(rng.uniform(0.86, 0.96))))
            if self.moving:
                near = float(rng.uniform(-1.8, 1.8))
                corners = np.array([[at, 0, near], [at + a, 0, near], [at + a, 0, near + b], [at, 0, near + b]])
                marks.append((corners, float(rng.uniform(0.50, 0.58))))
        return marks

    def behind(self, look: Look, time_s: float) -> Picture:
        """Wall, floor and belt as this camera sees them; for a camera that stands still, drawn once."""
        if self.moving or self._still is None:
            self._still = self._draw(look)
        picture = self._still.copy()
        if self.scene.treadmill:
            self._stripes(picture, look, time_s)
        return picture

    def _draw(self, look: Look) -> Picture:
        picture = self.wall.copy()
        wall = [mark for mark in self.marks if mark[0][:, 1].max() > 0]
        floor = [mark for mark in self.marks if mark[0][:, 1].max() == 0]
        for corners, light in (*wall, (self._floor(), FLOOR_LIGHT), *floor):
            _fill(picture, look, corners, light)
        if self.scene.treadmill:
            half = BELT_HALF_WIDTH_M
            _fill(picture, look, self._flat(BELT_BACK_M - 0.08, BELT_FRONT_M + 0.25, half + 0.09), 0.42)
            _fill(picture, look, self._flat(BELT_BACK_M, BELT_FRONT_M, half), 0.17)
        if not self.moving:
            picture = np.asarray(cv2.add(picture, self.plaster, dtype=cv2.CV_8U), np.uint8)
        return picture

    def _on_wall(self, x: float, y: float, a: float, b: float) -> Array:
        corners = np.array([[x, y], [x + a, y], [x + a, y + b], [x, y + b]])
        if self.scene.view == "back_view":
            return np.stack([np.full(4, WALL_AHEAD_M), corners[:, 1], corners[:, 0]], axis=1)
        side = -1.0 if self.scene.faces == "right" else 1.0
        return np.stack([corners[:, 0], corners[:, 1], np.full(4, side * WALL_BEHIND_M)], axis=1)

    def _floor(self) -> Array:
        if self.scene.view == "back_view":
            far, near = WALL_AHEAD_M, -0.7 * self.scene.distance
            return np.array([[far, 0, -30], [far, 0, 30], [near, 0, 30], [near, 0, -30]])
        side = -1.0 if self.scene.faces == "right" else 1.0
        near, far = -side * 0.7 * self.scene.distance, side * WALL_BEHIND_M
        return np.array([[-30.0, 0, far], [30, 0, far], [30, 0, near], [-30, 0, near]])

    @staticmethod
    def _flat(x0: float, x1: float, half: float) -> Array:
        return np.array([[x0, 0, -half], [x1, 0, -half], [x1, 0, half], [x0, 0, half]])

    def _stripes(self, picture: Picture, look: Look, time_s: float) -> None:
        moved = (self.scene.speed_m_s * time_s) % STRIPE_EVERY_M
        for x in np.arange(BELT_BACK_M, BELT_FRONT_M + STRIPE_EVERY_M, STRIPE_EVERY_M) - moved:
            if BELT_BACK_M <= x <= BELT_FRONT_M - STRIPE_M:
                _fill(picture, look, self._flat(x, x + STRIPE_M, BELT_HALF_WIDTH_M), 0.50)

    def shadow(self, picture: Picture, look: Look, x_m: float, z_m: float, height_m: float) -> None:
        """A soft dark patch on the floor under the runner; it pales as he rises."""
        ring = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        patch = np.stack([x_m + 0.34 * np.cos(ring), 0 * ring, z_m + 0.15 * np.sin(ring)], axis=1)
        points, depth = look.project(patch[None])
        if depth.min() <= 0.2:
            return
        low, high = np.floor(points[0].min(0)).astype(int) - 8, np.ceil(points[0].max(0)).astype(int) + 8
        x0, y0 = max(low[0], 0), max(low[1], 0)
        x1, y1 = min(high[0], picture.shape[1]), min(high[1], picture.shape[0])
        if x1 - x0 < 4 or y1 - y0 < 4:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.float32)
        cv2.fillPoly(mask, [((points[0] - [x0, y0]) * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
        mask = cv2.GaussianBlur(mask, (0, 0), max(1.0, (high[1] - low[1]) / 14))
        strength = 0.45 * max(0.35, 1 - 4 * height_m)
        part = picture[y0:y1, x0:x1]
        part[:] = (part * (1 - strength * mask)[..., None]).astype(np.uint8)

    def develop(self, picture: Picture) -> Picture:
        """The light and the grain of the sensor: another piece of the same noise for every frame."""
        y, x = self.rng.integers(0, _TILE, 2)
        grain = self.grain[y : y + picture.shape[0], x : x + picture.shape[1]]
        if self.scene.light < 1:
            picture = np.asarray(cv2.convertScaleAbs(picture, alpha=self.scene.light), np.uint8)
        return np.asarray(cv2.add(picture, grain, dtype=cv2.CV_8U), np.uint8)


def _fill(picture: Picture, look: Look, corners: Array, light: float) -> None:
    """Fill a flat patch in space with a grey of this brightness."""
    points = _clipped(look, corners)
    if len(points) >= 3:
        fixed = np.clip(points * 16, -2e8, 2e8).astype(np.int32)
        grey = (222 * light * 0.97, 222 * light * 0.985, 222 * light)
        cv2.fillConvexPoly(picture, cv2.convexHull(fixed), grey, cv2.LINE_AA, 4)


def _clipped(look: Look, corners: Array) -> Array:
    """Corners in front of the camera, in px; edges that pass behind it are cut at 0.3 m."""
    axes, out = look.axes[0], []
    seen = (corners - look.position) @ axes.T
    for first, second in zip(seen, np.roll(seen, -1, axis=0), strict=True):
        if first[2] > 0.3:
            out.append(first)
        if (first[2] > 0.3) != (second[2] > 0.3):
            t = (0.3 - first[2]) / (second[2] - first[2])
            out.append(first + t * (second - first))
    if not out:
        return np.empty((0, 2))
    kept = np.array(out)
    return np.asarray(kept[:, :2] / kept[:, 2:] * look.focal_px + np.array(look.centre_px))

"""The room around the runner: wall, floor, a treadmill whose belt really moves, a shadow, and the sensor's grain."""

from __future__ import annotations

import cv2
import numpy as np

from engine.studio.camera import Look
from engine.studio.drawing import Picture
from engine.studio.scene import Scene
from engine.studio.stride import Array

WALL_DISTANCE_M = 2.2  # behind the path, side view; 9 m ahead in back view
BELT_HALF_WIDTH_M, BELT_BACK_M, BELT_FRONT_M = 0.28, -0.95, 0.95
STRIPE_EVERY_M, STRIPE_M = 0.62, 0.03
GRAIN = 1.3  # grey levels in a bright room; grows as light falls
_TILE = 256


class Room:
    """Backgrounds of one scene. Built once; `behind(look, time)` gives the picture without a runner."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        rng = np.random.default_rng(scene.seed + 3)
        w, h = scene.width_px, scene.height_px
        ramp = np.linspace(222, 196, h, dtype=np.float32)[:, None, None] * np.array([0.97, 0.985, 1.0], np.float32)
        cloud = cv2.resize(
            rng.normal(0, 1, (max(2, h // 40), max(2, w // 40), 1)).astype(np.float32),
            (w, h),
            interpolation=cv2.INTER_CUBIC,
        )
        fine = cv2.resize(rng.normal(0, 1, (h // 3, w // 3)).astype(np.float32), (w, h), interpolation=cv2.INTER_LINEAR)
        self.texture = (2.2 * cloud + 2.0 * fine)[..., None]
        self.ramp = ramp
        noise = rng.normal(0, 1, (h + _TILE, w + _TILE)).astype(np.float32)
        sigma = GRAIN + 7 * (1 - scene.light)
        self.grain = cv2.merge([np.clip(np.round(noise * sigma), -120, 120).astype(np.int16)] * 3)
        self.rng = rng
        self._still: Picture | None = None
        # Marks on the wall, so that a panning camera has something to pan over: (x, y, width, height) m.
        self.marks = [
            (float(x), float(y), float(a), float(b))
            for x, y, a, b in zip(
                np.arange(-12, 12.1, 1.7) + rng.uniform(-0.4, 0.4, 15),
                rng.uniform(0.9, 2.3, 15),
                rng.uniform(0.25, 0.6, 15),
                rng.uniform(0.2, 0.5, 15),
                strict=True,
            )
        ]

    def behind(self, look: Look, time_s: float) -> Picture:
        """Wall, floor and belt as this camera sees them; a still camera's wall and floor are drawn once."""
        moving = self.scene.pan or self.scene.shake_deg > 0
        if moving or self._still is None:
            self._still = self._draw(look)
        picture = self._still.copy()
        if self.scene.treadmill:
            self._stripes(picture, look, time_s)
        return picture

    def _draw(self, look: Look) -> Picture:
        base = np.empty((self.scene.height_px, self.scene.width_px, 3), np.float32)
        base[:] = self.ramp
        for x, y, a, b in self.marks:
            self._quad(base, look, self._wall(x, y, a, b), 0.94)
        self._quad(base, look, self._floor_points(), 0.62)
        if self.scene.treadmill:
            half = BELT_HALF_WIDTH_M
            self._quad(base, look, self._flat(BELT_BACK_M - 0.08, BELT_FRONT_M + 0.25, half + 0.09), 0.72)
            self._quad(base, look, self._flat(BELT_BACK_M, BELT_FRONT_M, half), 0.45)
        base += self.texture
        return np.clip(base, 0, 255).astype(np.uint8)

    def _wall(self, x: float, y: float, a: float, b: float) -> Array:
        corners = np.array([[x, y], [x + a, y], [x + a, y + b], [x, y + b]])
        if self.scene.view == "back_view":
            return np.stack([np.full(4, 9.0), corners[:, 1], corners[:, 0]], axis=1)
        side = -1.0 if self.scene.faces == "right" else 1.0
        return np.stack([corners[:, 0], corners[:, 1], np.full(4, side * WALL_DISTANCE_M)], axis=1)

    def _floor_points(self) -> Array:
        if self.scene.view == "back_view":
            return np.array([[9.0, 0, -30], [9.0, 0, 30], [-3.2, 0, 30], [-3.2, 0, -30]])
        side = -1.0 if self.scene.faces == "right" else 1.0
        near = -side * min(self.scene.distance_m * 0.7, 4.0)
        far = side * WALL_DISTANCE_M
        return np.array([[-30.0, 0, far], [30, 0, far], [30, 0, near], [-30, 0, near]])

    @staticmethod
    def _flat(x0: float, x1: float, half: float) -> Array:
        return np.array([[x0, 0, -half], [x1, 0, -half], [x1, 0, half], [x0, 0, half]])

    def _quad(self, base: Array | np.ndarray, look: Look, corners: Array, light: float) -> None:
        points = _clipped(look, corners)
        if len(points) >= 3:
            mask = np.zeros(base.shape[:2], np.uint8)
            fixed = np.clip(points * 16, -2e8, 2e8).astype(np.int32)
            cv2.fillConvexPoly(mask, cv2.convexHull(fixed), 255, cv2.LINE_AA, 4)
            base *= (1 - (1 - light) * (mask.astype(np.float32) / 255))[..., None]

    def _stripes(self, picture: Picture, look: Look, time_s: float) -> None:
        moved = (self.scene.speed_m_s * time_s) % STRIPE_EVERY_M
        for x in np.arange(BELT_BACK_M, BELT_FRONT_M + STRIPE_EVERY_M, STRIPE_EVERY_M) - moved:
            if BELT_BACK_M <= x <= BELT_FRONT_M - STRIPE_M:
                points, _ = look.project(self._flat(x, x + STRIPE_M, BELT_HALF_WIDTH_M)[None])
                fixed = (points[0] * 16).astype(np.int32)
                cv2.fillConvexPoly(picture, cv2.convexHull(fixed), (128, 126, 124), cv2.LINE_AA, 4)

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

"""From space to picture: a pinhole camera beside or behind the path; still, panning, trembling, or off the square."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.measure.track import Array
from engine.studio.scene import Scene

EYE_HEIGHT_SIDE, EYE_HEIGHT_BACK = 0.55, 0.60  # over body height: about the hip, as a coach is told to film
BODY_CENTRE = 0.53  # of the shown body, over body height: where the picture's middle points
SHAKE_HZ = 3.0  # how fast a hand trembles; ours
FOLLOWS_AFTER_S = 0.125  # whoever turns a camera after a runner; ours
UP = np.array([0.0, 1, 0])


@dataclass(frozen=True)
class Look:
    """Where the camera looks at n instants: axes (n, 3, 3) are the rows right, down, ahead; position in m."""

    position: Array
    axes: Array
    focal_px: float
    centre_px: tuple[float, float]

    def project(self, points: Array) -> tuple[Array, Array]:
        """Points (n, ..., 3) in m -> pixels (n, ..., 2) and depth (n, ...) in m."""
        gap = points - self.position
        seen = np.einsum("nij,n...j->n...i", self.axes, gap)
        depth = seen[..., 2]
        scale = self.focal_px / depth
        return np.stack([self.centre_px[0] + seen[..., 0] * scale, self.centre_px[1] + seen[..., 1] * scale], -1), depth

    def frame(self, index: int) -> Look:
        """The same camera at one instant."""
        return Look(self.position, self.axes[index : index + 1], self.focal_px, self.centre_px)


class Camera:
    """The camera of a scene; `start_m` is where the runner is at the first frame."""

    def __init__(self, scene: Scene, start_m: float) -> None:
        self.scene, self.start_m = scene, start_m
        height = scene.height_m
        self.focal_px = scene.share * scene.height_px * scene.distance / height
        yaw = np.deg2rad(scene.yaw_deg)
        if scene.view == "side_view":
            # Facing right in the picture means that the camera sees the runner's right side.
            side = 1.0 if scene.faces == "right" else -1.0
            ground = np.array([np.sin(yaw) * side, np.cos(yaw) * side]) * scene.distance
            self.position = np.array([ground[0], EYE_HEIGHT_SIDE * height, ground[1]])
        else:
            ground = np.array([-np.cos(yaw), np.sin(yaw)]) * scene.distance
            self.position = np.array([ground[0], EYE_HEIGHT_BACK * height, ground[1]])
        self.ahead = -np.array([ground[0], 0, ground[1]]) / scene.distance
        self.right = np.cross(UP, -self.ahead)
        # The picture's middle shows BODY_CENTRE; the feet slide out below by crop_feet.
        raised = (self.position[1] - BODY_CENTRE * height) / scene.distance * self.focal_px
        crop = scene.crop_feet * scene.height_px
        if crop:
            crop += (1 - scene.share) / 2 * scene.height_px
        self.centre_px = (scene.width_px / 2, scene.height_px / 2 - raised + crop)

    def turn_rad(self, time_s: Array) -> Array:
        """How far the camera is turned to its right to follow the runner, (n,)."""
        if not self.scene.pan or self.scene.treadmill:
            return np.zeros_like(time_s)
        x = self.start_m + self.scene.speed_m_s * (time_s - FOLLOWS_AFTER_S)
        gap = np.stack([x - self.position[0], 0 * x, 0 * x - self.position[2]], axis=1)
        return np.asarray(np.arctan2(gap @ self.right, gap @ self.ahead))

    def shake_rad(self, time_s: Array) -> Array:
        """Pointing error of a trembling hand, (n, 2): to the right and up."""
        if not self.scene.shake_deg:
            return np.zeros((len(time_s), 2))
        rng = np.random.default_rng(self.scene.seed + 7)
        waves = rng.uniform(0.3, 1.7, (2, 5)) * SHAKE_HZ
        shift = rng.uniform(0, 2 * np.pi, (2, 5))
        angle = 2 * np.pi * time_s[:, None, None] * waves + shift
        return np.asarray(np.deg2rad(self.scene.shake_deg) * np.sqrt(2 / 5) * np.sin(angle).sum(axis=2))

    def at(self, time_s: Array) -> Look:
        """The camera at these instants of real time."""
        shake = self.shake_rad(time_s)
        turn = self.turn_rad(time_s) + shake[:, 0]
        ahead = np.cos(turn)[:, None] * self.ahead + np.sin(turn)[:, None] * self.right
        right = np.cos(turn)[:, None] * self.right - np.sin(turn)[:, None] * self.ahead
        lift = shake[:, 1][:, None]
        ahead, top = np.cos(lift) * ahead + np.sin(lift) * UP, np.cos(lift) * UP - np.sin(lift) * ahead
        roll = np.deg2rad(self.scene.tilt_deg)
        down = -top
        axes = np.stack(
            [np.cos(roll) * right + np.sin(roll) * down, np.cos(roll) * down - np.sin(roll) * right, ahead], 1
        )
        return Look(self.position, axes, self.focal_px, self.centre_px)

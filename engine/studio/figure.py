"""The whole runner in space: joint centres at every instant, and the same points seen by the camera, undrawn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.measure.track import JOINTS, Array, Track
from engine.studio.camera import Camera
from engine.studio.leg import BALL_ALONG, Build, Foot, Leg, LegPose
from engine.studio.scene import SIDES, Scene, Side
from engine.studio.stride import Clockwork

# Shares of body height, Winter 2009, or ours where he gives none (head and half widths).
TRUNK, UPPER_ARM, FOREARM = 0.288, 0.172, 0.146
SHOULDER_HALF = 0.105
EAR_UP, EAR_HALF, NOSE_AHEAD, NOSE_UP, EYE_AHEAD, EYE_UP, EYE_HALF = 0.118, 0.043, 0.066, 0.108, 0.055, 0.124, 0.018

SHOULDER_TURN_DEG = 8.0  # against the pelvis; ours
ABDUCTION_DEG, HANDS_IN_DEG = 13.0, 24.0  # how far the elbow stands out, and the forearm turns in; ours
ARM_MEAN_DEG = -14.0  # the upper arm swings around a line behind the trunk; ours
# (share of the shoe's length, height in m): where pose models mark them, inside it; the tip is 3 cm farther.
HEEL_MARK, TOE_MARK = (0.07, 0.025), (0.89, 0.025)


@dataclass(frozen=True)
class Body:
    """One runner at n instants: joint centres (n, 3) in m by the names of JOINTS, and what the drawing needs."""

    points: dict[str, Array]
    feet: dict[Side, Foot]

    def at(self, index: int) -> Body:
        """The same body at one of the instants."""
        one = slice(index, index + 1)
        feet = {side: foot.at(one) for side, foot in self.feet.items()}
        points = {name: point[one] for name, point in self.points.items()}
        return Body(points, feet)


class Runner:
    """A runner on his path; `head_start_m` and `beside_m` put a second one somewhere else."""

    def __init__(self, scene: Scene, real_seconds: float, head_start_m: float = 0.0, beside_m: float = 0.0) -> None:
        self.scene = scene
        self.clock = Clockwork(scene, real_seconds)
        self.legs: dict[Side, Leg] = {side: Leg(scene, self.clock, side) for side in SIDES}
        self.build = Build(scene.height_m)
        self.offset = np.array([head_start_m, 0.0, beside_m])

    def body(self, time_s: Array) -> Body:
        """The body at these instants of real time; over ground it moves along x."""
        legs = {side: leg.pose(time_s) for side, leg in self.legs.items()}
        travel = np.zeros((len(time_s), 3))
        if not self.scene.treadmill:
            travel[:, 0] = self.scene.speed_m_s * time_s
        travel += self.offset
        turn = -np.deg2rad(SHOULDER_TURN_DEG) * np.cos(np.pi * self.clock.phase(time_s))
        points: dict[str, Array] = {}
        feet: dict[Side, Foot] = {}
        for side, pose in legs.items():
            points |= self._leg_points(side, pose)
            feet[side] = _moved(pose.foot, travel)
        middle = (points["left_hip"] + points["right_hip"]) / 2
        lean = np.deg2rad(self.scene.trunk_lean_deg + 1.2 * np.cos(2 * np.pi * self.clock.phase(time_s)))
        points |= self._upper_points(middle, lean, turn, time_s)
        moved = {name: point + travel for name, point in points.items()}
        return Body(moved, feet)

    def _leg_points(self, side: Side, pose: LegPose) -> dict[str, Array]:
        heel = on_shoe(pose.foot, self.build.shoe, *HEEL_MARK)
        toe = on_shoe(pose.foot, self.build.shoe, *TOE_MARK)
        parts = {"hip": pose.hip, "knee": pose.knee, "ankle": pose.ankle, "heel": heel, "toe": toe}
        return {f"{side}_{name}": point for name, point in parts.items()}

    def _upper_points(self, middle: Array, lean: Array, turn: Array, time_s: Array) -> dict[str, Array]:
        h = self.scene.height_m
        up = _column(np.sin(lean), np.cos(lean), 0 * lean)
        ahead = _column(np.cos(lean), -np.sin(lean), 0 * lean)
        chest = middle + TRUNK * h * up
        right = _column(-np.sin(turn), 0 * turn, np.cos(turn))
        points: dict[str, Array] = {}
        # The head rides half as far forward as the trunk and looks straight on.
        head_up, head_ahead = _column(np.sin(lean / 2), np.cos(lean / 2), 0 * lean), np.array([1.0, 0, 0])
        across = np.array([0.0, 0, 1])
        neck = chest + 0.012 * h * head_ahead
        points["nose"] = neck + h * (NOSE_UP * head_up + NOSE_AHEAD * head_ahead)
        for side, sign in zip(SIDES, (-1, 1), strict=True):
            points[f"{side}_eye"] = neck + h * (EYE_UP * head_up + EYE_AHEAD * head_ahead + sign * EYE_HALF * across)
            points[f"{side}_ear"] = neck + h * (EAR_UP * head_up + sign * EAR_HALF * across)
            shoulder = chest + sign * SHOULDER_HALF * h * right
            points[f"{side}_shoulder"] = shoulder
            points |= self._arm(side, sign, shoulder, lean, (up, ahead), time_s)
        return points

    def _arm(
        self, side: Side, sign: int, shoulder: Array, lean: Array, trunk: tuple[Array, Array], time_s: Array
    ) -> dict[str, Array]:
        scene, h = self.scene, self.scene.height_m
        # The arm goes with the other leg: the left arm is foremost near the right strike.
        forward = sign * np.cos(np.pi * self.clock.phase(time_s) + 0.25)
        reach = 16.0 if scene.walk else 26.0 + 5 * (scene.speed_m_s - 3)
        swing = np.deg2rad((-4.0 if scene.walk else ARM_MEAN_DEG) + reach * forward)
        bend = np.deg2rad(scene.elbow + 10.0 * forward)
        up, ahead = trunk
        out, turned = np.deg2rad(ABDUCTION_DEG), np.deg2rad(HANDS_IN_DEG)
        across = np.array([0.0, 0, 1])
        swing, bend = swing[:, None], bend[:, None]
        upper = np.sin(swing) * np.cos(out) * ahead - np.cos(swing) * np.cos(out) * up + sign * np.sin(out) * across
        front = np.cos(swing) * ahead + np.sin(swing) * up
        lower = np.cos(bend) * upper + np.sin(bend) * (np.cos(turned) * front - sign * np.sin(turned) * across)
        elbow = shoulder + UPPER_ARM * h * upper
        return {f"{side}_elbow": elbow, f"{side}_wrist": elbow + FOREARM * h * lower}


def on_shoe(
    foot: Foot, shoe_m: float, along: Array | float, height_m: Array | float, beside_m: Array | float = 0.0
) -> Array:
    """Points of the shoe, (n, 3), or (n, m, 3) for m points given as arrays.

    Each is `along` the shoe's length (0 heel, 1 tip), over its sole, and to the runner's right of its middle.
    """
    share = np.asarray(along, dtype=float)

    def row(values: Array) -> Array:
        return values[:, None] if share.ndim else values

    pitch, toe_pitch = row(foot.pitch), row(foot.toe_pitch)
    rear, front = np.minimum(share, BALL_ALONG) * shoe_m, np.maximum(share - BALL_ALONG, 0.0) * shoe_m
    angle = np.where(share > BALL_ALONG, toe_pitch, pitch)
    x = rear * np.cos(pitch) + front * np.cos(toe_pitch) - height_m * np.sin(angle)
    y = rear * np.sin(pitch) + front * np.sin(toe_pitch) + height_m * np.cos(angle)
    # The heel tips with the ankle; towards the toes the tilt is spent.
    tilt = np.tan(row(foot.eversion)) * np.maximum(0.0, 1 - share / BALL_ALONG)
    inwards = -np.sign(foot.turn) * height_m * tilt
    return np.stack(
        [row(foot.heel_x) + x, row(foot.heel_y) + y, row(foot.heel_z) + x * foot.turn + inwards + beside_m], axis=-1
    )


def _moved(foot: Foot, travel: Array) -> Foot:
    return replace(foot, heel_x=foot.heel_x + travel[:, 0], heel_z=foot.heel_z + travel[:, 2])


def _column(x: Array, y: Array, z: Array) -> Array:
    return np.stack([x, y, z], axis=1)


class Performance:
    """A scene laid out in time and space: the runners, the camera, and the instants of the frames."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.frames = max(1, round(scene.duration_s * scene.fps))
        self.real_seconds = self.frames / scene.fps / scene.slow_motion
        # Over ground the runner crosses the picture: x = 0 is passed in the middle of the film.
        crossing = scene.view == "side_view" and not scene.treadmill
        start = -scene.speed_m_s * self.real_seconds / 2 if crossing else 0.0
        self.runners = [Runner(scene, self.real_seconds, start)]
        if scene.people == 2:
            beside_m = -1.1 if scene.view == "side_view" and scene.faces == "right" else 1.1
            self.runners.append(Runner(_partner(scene), self.real_seconds, start - 0.55, beside_m))
        self.camera = Camera(scene, start)

    @cached_property
    def time_s(self) -> Array:
        """Real time of each frame, s; as played it is `slow_motion` times as long."""
        return np.arange(self.frames) / self.scene.fps / self.scene.slow_motion

    @cached_property
    def bodies(self) -> list[Body]:
        """Every runner at every frame; the first is the one to be measured."""
        return [runner.body(self.time_s) for runner in self.runners]

    @property
    def px_per_mm(self) -> float:
        """Scale of the picture at the runner's path."""
        return self.camera.focal_px / self.scene.distance / 1000

    def track(self) -> Track:
        """The first runner's exact key points in the picture, as if a perfect pose model had seen every one of them."""
        look = self.camera.at(self.time_s)
        points = np.stack([look.project(self.bodies[0].points[name])[0] for name in JOINTS], axis=1)
        # What a still wall far away does in the picture.
        far = look.position + 1000 * self.camera.ahead
        wall = look.project(np.broadcast_to(far, (self.frames, 3)))[0]
        moves = self.scene.pan or self.scene.shake_deg > 0
        return Track(
            time_s=self.time_s * self.scene.slow_motion,
            points_px=points,
            score=np.ones(points.shape[:2]),
            width_px=self.scene.width_px,
            height_px=self.scene.height_px,
            camera_px=wall - wall[0] if moves else None,
            person_score=np.ones(self.frames),
        )


def _partner(scene: Scene) -> Scene:
    return replace(
        scene, seed=scene.seed + 1000, height_m=scene.height_m * 0.96, cadence_spm=scene.cadence * 1.03, people=1
    )

"""A runner made of formulas: every strike, toe-off and length is known because it was put there."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from engine.measure import measure
from engine.measure.track import AT, JOINTS, Track
from engine.order import Order

THIGH_M, SHANK_M, FOOT_M, ANKLE_M = 0.43, 0.43, 0.25, 0.08
TRUNK_M, HEAD_M = 0.50, 0.24
PX_PER_M = 400.0
# Where a foot lands it does not yet go back as fast as the ground does (Clark 2023, J Hum Kinet 87:1), but at 0.35 to
# 0.84 of the running speed, 0.57 on average, by the unfiltered markers of the runs in test_force_plates.py.
LANDS_AT = 0.57


@dataclass
class Made:
    """A run and what is true of it."""

    fps: float = 60.0
    seconds: float = 6.0
    step_s: float = 0.36
    contact_s: float = 0.25
    right_contact_s: float | None = None
    speed_m_s: float = 3.0
    belt: bool = True
    heads_right: bool = True
    pitch_deg: float = 15.0
    lean_deg: float = 6.0
    rise_m: float = 0.04  # half of the way up and down
    noise_px: float = 0.0
    px_per_m: float = PX_PER_M
    height_m: float = 1.72
    strikes: dict[str, list[float]] = field(default_factory=lambda: {"left": [], "right": []})
    toe_offs: dict[str, list[float]] = field(default_factory=lambda: {"left": [], "right": []})

    def contact(self, side: str) -> float:
        return self.right_contact_s if side == "right" and self.right_contact_s else self.contact_s

    def track(self, **changes: object) -> Track:
        """The key points as a film would show them; the truth is written anew."""
        self.strikes, self.toe_offs = {"left": [], "right": []}, {"left": [], "right": []}
        time_s = np.arange(int(self.seconds * self.fps)) / self.fps
        points = {}
        hip = self._hip(time_s)
        for offset, side in enumerate(("left", "right")):
            points.update(self._leg(time_s, hip, side, 0.1 + offset * self.step_s))
            points.update(self._arm(time_s, hip, side, offset))
        lean = np.radians(self.lean_deg)
        up = np.array([np.sin(lean), np.cos(lean)])
        shoulder = hip + TRUNK_M * up
        ear = shoulder + HEAD_M * 0.9 * up
        for side in ("left", "right"):
            points[f"{side}_hip"], points[f"{side}_shoulder"], points[f"{side}_ear"] = hip, shoulder, ear
            points[f"{side}_eye"] = ear + np.array([0.09, 0.02])
        points["nose"] = ear + np.array([0.12, -0.01])
        return self._project(time_s, points, changes)

    def _hip(self, time_s):
        # Lowest in mid-stance: the hips fall fastest a quarter of a step before.
        phase = 2 * np.pi * (time_s - 0.1 - self.contact_s / 2) / self.step_s
        return np.column_stack([np.zeros_like(time_s), 0.86 - self.rise_m * np.cos(phase)])

    def _leg(self, time_s, hip, side, first):
        stride, contact = 2 * self.step_s, self.contact(side)
        reach = self.speed_m_s * contact * 0.42
        heel, toe = np.zeros((len(time_s), 2)), np.zeros((len(time_s), 2))
        for number in range(-1, int(self.seconds / stride) + 2):
            strike = first + number * stride
            off = strike + contact
            if strike >= 0 and off < self.seconds:
                self.strikes[side].append(strike)
                self.toe_offs[side].append(off)
            standing = (time_s >= strike) & (time_s < off)
            heel[standing], toe[standing] = self._stance((time_s[standing] - strike) / contact, contact, reach)
            swinging = (time_s >= off) & (time_s < strike + stride)
            share = (time_s[swinging] - off) / (stride - contact)
            heel[swinging], toe[swinging] = self._swing(share, contact, reach, stride - contact)
        ankle = heel + 0.2 * (toe - heel) + np.column_stack([np.zeros_like(time_s), np.full_like(time_s, ANKLE_M)])
        knee = _knee(hip, ankle)
        return {f"{side}_heel": heel, f"{side}_toe": toe, f"{side}_ankle": ankle, f"{side}_knee": knee}

    def _pitch(self, share):
        """Foot against the ground through stance: down by an eighth, flat, and up over the toe at the end."""
        landing = self.pitch_deg * np.clip(1 - share / 0.12, 0, 1)
        push = -55 * np.clip((share - 0.5) / 0.5, 0, 1) ** 2
        return np.radians(landing + push)

    def _stance(self, share, contact, reach):
        pitch = self._pitch(share)
        back = reach - self.speed_m_s * share * contact
        return _foot(back, np.zeros_like(back), pitch)

    def _swing(self, share, contact, reach, lasts):
        edge = 1e-3
        (h0, _), (h1, _) = (
            self._stance(np.array([1 - edge]), contact, reach),
            self._stance(np.array([0.0]), contact, reach),
        )
        leaves, lands = np.array([-self.speed_m_s, 1.6]), np.array([-LANDS_AT * self.speed_m_s, -0.6])
        heel = _hermite(h0[0], h1[0], leaves, lands, share, lasts)
        heel[:, 1] += 0.30 * np.sin(np.pi * share) ** 2 * (1 - share)
        start, end = np.radians(-55), np.radians(self.pitch_deg)
        pitch = start + (end - start) * (3 * share**2 - 2 * share**3)
        return heel, heel + FOOT_M * np.column_stack([np.cos(pitch), np.sin(pitch)])

    def _arm(self, time_s, hip, side, offset):
        lean = np.radians(self.lean_deg)
        shoulder = hip + TRUNK_M * np.array([np.sin(lean), np.cos(lean)])
        swing = np.radians(-10 + 25 * np.sin(np.pi * (time_s - 0.1) / self.step_s + np.pi * offset))
        elbow = shoulder + 0.3 * np.column_stack([np.sin(swing), -np.cos(swing)])
        fore = swing + np.radians(90)
        wrist = elbow + 0.26 * np.column_stack([np.sin(fore), -np.cos(fore)])
        return {f"{side}_elbow": elbow, f"{side}_wrist": wrist}

    def _project(self, time_s, points, changes):
        rng = np.random.default_rng(7)
        way = np.zeros_like(time_s) if self.belt else self.speed_m_s * time_s
        width = int((3.0 if self.belt else self.speed_m_s * self.seconds + 3.0) * self.px_per_m)
        px = np.full((len(time_s), len(JOINTS), 2), np.nan)
        for name, path in points.items():
            x, y = (path[:, 0] + way + 1.5) * self.px_per_m, (2.0 - path[:, 1]) * self.px_per_m
            px[:, AT[name]] = np.column_stack([x if self.heads_right else width - x, y])
        px += self.noise_px * rng.standard_normal(px.shape)
        return Track(
            **{
                "time_s": time_s,
                "points_px": px,
                "score": np.ones(px.shape[:2]),
                "width_px": width,
                "height_px": int(2.4 * self.px_per_m),
                "from_film": False,
                "toe_is_tip": False,
                **changes,
            }
        )


def run(made, **changes):
    """Measure the made runner from the side, ordered as it was made."""
    track = made.track(**changes)
    pace = 1000 / made.speed_m_s if made.belt else None
    return measure(track, Order("side_view", treadmill=made.belt, pace_s_per_km=pace, height_m=made.height_m))


def _foot(x, floor, pitch):
    """Heel and toe of a foot that touches the floor with its lower end; x is where the flat heel would be."""
    along = FOOT_M * np.column_stack([np.cos(pitch), np.sin(pitch)])
    heel = np.column_stack([x, floor])
    on_toe = pitch < 0
    heel[on_toe] = np.column_stack([x + FOOT_M, floor])[on_toe] - along[on_toe]
    return heel, heel + along


def _hermite(p0, p1, v0, v1, share, lasts):
    s = share[:, None]
    return (
        (2 * s**3 - 3 * s**2 + 1) * p0
        + (s**3 - 2 * s**2 + s) * lasts * v0
        + (3 * s**2 - 2 * s**3) * p1
        + (s**3 - s**2) * lasts * v1
    )


def _knee(hip, ankle):
    """The knee in front of the line hip-ankle, by the law of cosines."""
    line = ankle - hip
    length = np.clip(np.linalg.norm(line, axis=1), 0.2, 0.995 * (THIGH_M + SHANK_M))
    angle = np.arccos(np.clip((THIGH_M**2 + length**2 - SHANK_M**2) / (2 * THIGH_M * length), -1, 1))
    towards = np.arctan2(line[:, 0], -line[:, 1]) + angle
    return hip + THIGH_M * np.column_stack([np.sin(towards), -np.cos(towards)])

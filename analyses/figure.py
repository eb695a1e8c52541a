"""A drawing for every measure: a stick figure at the moment it is read, with what is measured drawn on it. Pure.

Everything is in the drawing's own units, y down; the runner heads to the right, or is seen from behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians, sin

Point = tuple[float, float]
WIDTH, HEIGHT = 200.0, 210.0
GROUND_Y = 190.0
ARC = 26.0  # radius of an angle's mark
UPRIGHT = 62.0  # length of the vertical that an angle is read from
ELBOW_AHEAD = (119.0, 80.0)  # where the elbow of the standing pose swings to in front

# Near leg and arm, then what is behind them.
_UPPER = {"head": (112, 30), "shoulder": (106, 54), "elbow": (92, 80), "wrist": (112, 94)}
POSES: dict[str, dict[str, Point]] = {
    "strike": {**_UPPER, "hip": (100, 104), "knee": (121, 139), "ankle": (134, 176), "heel": (128, 185),
               "toe": (154, 176), "far_knee": (92, 144), "far_ankle": (56, 150), "far_toe": (46, 168)},
    "stance": {**_UPPER, "hip": (98, 108), "knee": (116, 143), "ankle": (98, 178), "heel": (90, 187),
               "toe": (120, 187), "far_knee": (104, 148), "far_ankle": (70, 158), "far_toe": (62, 176)},
    "toe_off": {**_UPPER, "hip": (102, 102), "knee": (88, 141), "ankle": (60, 170), "heel": (48, 166),
                "toe": (64, 188), "far_knee": (134, 128), "far_ankle": (122, 166), "far_toe": (142, 174)},
    "swing": {**_UPPER, "hip": (100, 104), "knee": (124, 138), "ankle": (88, 150), "heel": (78, 146),
              "toe": (86, 168), "far_knee": (108, 146), "far_ankle": (96, 180), "far_toe": (118, 187)},
    "behind": {"head": (101, 28), "shoulder": (126, 56), "far_shoulder": (76, 54), "elbow": (138, 84),
               "far_elbow": (64, 82), "hip": (116, 104), "far_hip": (84, 110), "knee": (107, 146),
               "ankle": (112, 177), "heel": (117, 189), "toe": (119, 190), "far_knee": (86, 146),
               "far_ankle": (90, 168), "far_toe": (88, 182)},
}  # fmt: skip
BONES = (
    ("head", "shoulder"), ("shoulder", "elbow"), ("elbow", "wrist"), ("shoulder", "hip"), ("hip", "knee"),
    ("knee", "ankle"), ("ankle", "heel"), ("heel", "toe"), ("ankle", "toe"),
)  # fmt: skip
BEHIND = (("hip", "far_knee"), ("far_knee", "far_ankle"), ("far_ankle", "far_toe"))
FROM_BEHIND = (
    ("shoulder", "far_shoulder"), ("hip", "far_hip"), ("shoulder", "elbow"), ("hip", "knee"), ("knee", "ankle"),
    ("ankle", "heel"),
)  # fmt: skip
FAR_FROM_BEHIND = (("far_shoulder", "far_elbow"), ("far_hip", "far_knee"), ("far_knee", "far_ankle"))

# What is drawn on which pose, as engine/measure reads it: a line against the vertical, the level, or what is square to
# the sole or to the hips; or against the line before it, carried on: that is how far a joint bends.
ANGLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "overstride_deg": ("strike", "vertical", ("hip", "ankle")),
    "foot_strike_angle_deg": ("strike", "level", ("heel", "toe")),
    "tibia_at_strike_deg": ("strike", "vertical", ("knee", "ankle")),
    "knee_at_strike_deg": ("strike", "line", ("hip", "knee", "ankle")),
    "knee_stance_peak_deg": ("stance", "line", ("hip", "knee", "ankle")),
    "knee_swing_peak_deg": ("swing", "line", ("hip", "knee", "ankle")),
    "dorsiflexion_peak_deg": ("stance", "sole", ("ankle", "knee")),
    "thigh_lift_peak_deg": ("swing", "vertical", ("hip", "knee")),
    "thigh_extension_toe_off_deg": ("toe_off", "vertical", ("hip", "knee")),
    "push_angle_deg": ("toe_off", "vertical", ("hip", "toe")),
    "trunk_lean_deg": ("stance", "vertical", ("hip", "shoulder")),
    "head_forward_deg": ("stance", "line", ("hip", "shoulder", "head")),
    "elbow_flexion_deg": ("stance", "line", ("shoulder", "elbow", "wrist")),
    "arm_swing_deg": ("stance", "swing", ("shoulder", "elbow")),
    "pelvic_drop_deg": ("behind", "level", ("hip", "far_hip")),
    "hip_adduction_deg": ("behind", "hips", ("hip", "knee")),
    "knee_adduction_deg": ("behind", "line", ("hip", "knee", "ankle")),
    "pronation_deg": ("behind", "line", ("knee", "ankle", "heel")),
    "step_width_cm": ("behind", "across", ("ankle",)),
}
RISES = ("oscillation_cm", "vertical_ratio_percent", "mean_height_m")
LOADS = ("peak_force_bw", "leg_stiffness_kn_m", "vertical_stiffness_kn_m", "power_w_kg")
# Rhythm is drawn as contacts on a line of time: left, right, left, right; from and to in its units.
CONTACTS = ((0, 34), (50, 84), (100, 134), (150, 184))
SPANS: dict[str, tuple[tuple[float, float], ...]] = {
    "cadence_spm": ((0, 50),),
    "contact_time_ms": ((0, 34),),
    "flight_time_ms": ((34, 50),),
    "duty_factor": ((0, 34),),
    "stride_time_ms": ((0, 100),),
    "contact_asymmetry_percent": ((0, 34), (50, 84)),
    "speed_m_s": ((0, 100),),
    "step_length_m": ((0, 50),),
    "stride_length_m": ((0, 100),),
}


@dataclass(frozen=True)
class Figure:
    """Lines by what they are (bone, far, told, aid), an arc of the told angle, contacts and spans of time."""

    lines: tuple[tuple[str, float, float, float, float], ...] = ()
    head: Point | None = None
    arc: str = ""
    contacts: tuple[tuple[str, float, float], ...] = ()  # side, x, width
    spans: tuple[tuple[float, float], ...] = ()


def figure(key: str) -> Figure | None:
    """Return the drawing of a measure; None for one that has none."""
    if key in SPANS:
        sides = ("left", "right")
        contacts = tuple((sides[n % 2], start + 8, stop - start) for n, (start, stop) in enumerate(CONTACTS))
        return Figure(contacts=contacts, spans=tuple((start + 8, stop + 8) for start, stop in SPANS[key]))
    if key in ANGLES:
        pose, kind, names = ANGLES[key]
        return _angle(POSES[pose], kind, [POSES[pose][name] for name in names], from_behind=pose == "behind")
    if key in RISES:
        return _rise()
    if key in LOADS:
        points = POSES["stance"]
        force = (("told", 100.0, GROUND_Y, 100.0, 120.0), ("told", 100.0, 120.0, 94.0, 132.0),
                 ("told", 100.0, 120.0, 106.0, 132.0))  # fmt: skip
        return Figure((*_bones(points), *force), points["head"])
    return None


def _bones(points: dict[str, Point], *, from_behind: bool = False) -> list[tuple[str, float, float, float, float]]:
    near, far = (FROM_BEHIND, FAR_FROM_BEHIND) if from_behind else (BONES[1:], BEHIND)
    lines = [("far", *points[one], *points[other]) for one, other in far]
    return lines + [("bone", *points[one], *points[other]) for one, other in near if one in points and other in points]


def _angle(points: dict[str, Point], kind: str, told: list[Point], *, from_behind: bool) -> Figure:
    lines = _bones(points, from_behind=from_behind)
    if kind == "across":
        middle = (points["hip"][0] + points["far_hip"][0]) / 2
        aid = ("aid", middle, 60.0, middle, GROUND_Y)
        lines += [aid, ("told", middle, told[0][1] + 6, told[0][0], told[0][1] + 6)]
        return Figure(tuple(lines), points["head"])
    lines += [("told", *one, *other) for one, other in pairwise(told)]
    at, one = told[-2:]
    if kind == "swing":  # from one end of the way to the other
        lines.append(("told", *at, *ELBOW_AHEAD))
        return Figure(tuple(lines), points["head"], _arc(at, ELBOW_AHEAD, one))
    if kind == "sole":
        lines.append(("told", *points["heel"], *points["toe"]))
    x, y = _read_from(points, kind, told)
    length = (UPRIGHT / 2.2 if kind == "line" else UPRIGHT) / hypot(x, y)
    base = (at[0] + x * length, at[1] + y * length)
    lines.append(("aid", *at, *base))
    return Figure(tuple(lines), points["head"], _arc(at, base, one))


def _read_from(points: dict[str, Point], kind: str, told: list[Point]) -> Point:
    """The way of the line that an angle is read from."""
    at, one = told[-2:]
    if kind == "vertical":
        return (0.0, one[1] - at[1])
    if kind == "level":
        return (one[0] - at[0], 0.0)
    if kind == "line":
        return _way(*told[:2])
    x, y = _way(points["heel"], points["toe"]) if kind == "sole" else _way(points["hip"], points["far_hip"])
    return (y, -x)  # square to it


def _way(start: Point, stop: Point) -> Point:
    return (stop[0] - start[0], stop[1] - start[1])


def _rise() -> Figure:
    points = POSES["stance"]
    y, x = points["hip"][1], 152.0
    arrow = [("told", x, y - 20, x, y + 8), ("told", x - 5, y - 14, x, y - 20), ("told", x + 5, y - 14, x, y - 20)]
    aids = [("aid", 70.0, y - 20, x + 10, y - 20), ("aid", 70.0, y + 8, x + 10, y + 8)]
    return Figure((*_bones(points), *aids, *arrow), points["head"])


def _arc(at: Point, base: Point, other: Point) -> str:
    """A sector's edge from one direction to the other, the short way round."""
    start, stop = (degrees(atan2(end[1] - at[1], end[0] - at[0])) for end in (base, other))
    sweep = 1 if (stop - start) % 360 < 180 else 0
    ends = [(at[0] + ARC * cos(radians(turn)), at[1] + ARC * sin(radians(turn))) for turn in (start, stop)]
    (x1, y1), (x2, y2) = ends
    return f"M{x1:.1f} {y1:.1f}A{ARC:g} {ARC:g} 0 0 {sweep} {x2:.1f} {y2:.1f}"

"""The exact numbers of a scene: events, measures and angles, taken from the figure in space and never from the picture.

Angles follow the engine's conventions (docs/measures.md): degrees, zero in upright standing, flexion positive, in the
plane of running; frontal angles in the plane across it. A foot's zero is the flat shoe. Times are those of the film as
played; durations, cadence and speed are the runner's own, so they differ in slow motion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from engine.measure.mass import HEAD, LIMBS, TRUNK, TRUNK_CENTRE
from engine.measure.track import JOINTS, Array
from engine.studio.figure import Body, Performance
from engine.studio.scene import SIDES, Side
from engine.studio.stride import Contact

FINE_S = 0.002  # the body is looked at this often for peaks and means
JOINT_ANGLES = ("knee", "hip", "ankle", "shoulder", "elbow")


@dataclass(frozen=True)
class Event:
    """One contact. Frames may be fractions; None where it lies outside the film."""

    foot: Side
    strike_s: float | None
    strike_frame: float | None
    toe_off_s: float | None
    toe_off_frame: float | None
    contact_time_ms: float
    foot_angle_at_strike_deg: float
    landing: str


@dataclass(frozen=True)
class Truth:
    """Everything that is known of a studio film."""

    scene: dict[str, Any]
    frame_count: int
    fps: float
    duration_s: float
    events: list[Event]
    measures: dict[str, float]
    per_foot: dict[str, dict[str, float]]
    # By side and joint: strike, mid_stance, toe_off, mid_swing, min, max, mean, range.
    angles: dict[str, dict[str, dict[str, float]]]
    series: dict[str, list[float]]  # per frame, degrees
    key_points_px: dict[str, list[list[float]]]  # per frame, x right and y down


def truth_of(performance: Performance) -> Truth:
    """Work out the truth of the first runner of a performance."""
    scene = performance.scene
    contacts = [
        contact
        for contact in performance.runners[0].clock.contacts
        if contact.toe_off_s > 0 and contact.strike_s < performance.real_seconds
    ]
    track = performance.track()
    return Truth(
        scene=asdict(scene),
        frame_count=performance.frames,
        fps=scene.fps,
        duration_s=performance.frames / scene.fps,
        events=[_event(performance, contact) for contact in contacts],
        measures=_measures(performance),
        per_foot={side: _per_foot(performance, side) for side in SIDES},
        angles={side: _joint_angles(performance, side) for side in SIDES},
        series={name: [round(float(v), 2) for v in row] for name, row in angle_series(performance.bodies[0]).items()},
        key_points_px={
            name: [[round(float(x), 1), round(float(y), 1)] for x, y in track.points_px[:, index]]
            for index, name in enumerate(JOINTS)
        },
    )


def angle_series(body: Body) -> dict[str, Array]:
    """Every angle of the body at each of its instants, (n,) degrees, by name."""
    p = body.points
    hips, chest = (p["left_hip"] + p["right_hip"]) / 2, (p["left_shoulder"] + p["right_shoulder"]) / 2
    lean = np.arctan2(chest[:, 0] - hips[:, 0], chest[:, 1] - hips[:, 1])
    ears = (p["left_ear"] + p["right_ear"]) / 2
    rows: dict[str, Array] = {
        "trunk_lean": lean,
        "head_forward": np.arctan2(ears[:, 0] - chest[:, 0], ears[:, 1] - chest[:, 1]) - lean,
        "pelvic_tilt_right_down": _frontal(p["left_hip"] - p["right_hip"]),
    }
    for side, out in zip(SIDES, (-1.0, 1.0), strict=True):
        hip, knee, ankle = (p[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
        shoulder, elbow, wrist = (p[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
        thigh, shank = _forward(knee - hip), _forward(ankle - knee)
        upper_arm = _forward(elbow - shoulder)
        rows |= {
            f"{side}_thigh": thigh,
            f"{side}_shank": shank,
            f"{side}_foot": body.feet[side].pitch,
            f"{side}_knee": thigh - shank,
            # Leaning forward closes the hip: the thigh against the trunk line.
            f"{side}_hip": thigh + lean,
            f"{side}_ankle": body.feet[side].pitch - shank,
            f"{side}_shoulder": upper_arm + lean,
            f"{side}_elbow": np.mod(_forward(wrist - elbow) - upper_arm, 2 * np.pi),
            f"{side}_leg": _forward(ankle - hips),
            f"{side}_push": _forward(p[f"{side}_toe"] - hips),
            f"{side}_femur_in": out * np.arctan2(hip[:, 2] - knee[:, 2], hip[:, 1] - knee[:, 1]),
            f"{side}_eversion": body.feet[side].eversion,
        }
    return {name: np.rad2deg(row) for name, row in rows.items()}


def _forward(segment: Array) -> Array:
    """Angle of a hanging segment from straight down, distal end forward, rad."""
    return np.asarray(np.arctan2(segment[:, 0], -segment[:, 1]))


def _frontal(line: Array) -> Array:
    """Tilt of a line from right to left hip, rad: positive when the right end is lower."""
    return np.asarray(np.arctan2(line[:, 1], -line[:, 2]))


def _at(performance: Performance, time_s: Array) -> dict[str, Array]:
    return angle_series(performance.runners[0].body(time_s))


def _whole(performance: Performance, side: Side | None = None) -> list[Contact]:
    """Contacts that lie in the film from strike to toe-off; in a film too short for any, those around it."""
    clock = performance.runners[0].clock
    every = [contact for contact in clock.contacts if side in (None, contact.side)]
    inside = [c for c in every if c.strike_s >= 0 and c.toe_off_s < performance.real_seconds]
    return inside or [c for c in every if c.toe_off_s > 0][:1]


def _event(performance: Performance, contact: Contact) -> Event:
    scene = performance.scene
    end_s = performance.frames / scene.fps
    foot = float(_at(performance, np.array([contact.strike_s]))[f"{contact.side}_foot"][0])

    def played(real_s: float) -> tuple[float | None, float | None]:
        at = real_s * scene.slow_motion
        return (round(at, 5), round(at * scene.fps, 3)) if 0 <= at < end_s else (None, None)

    strike, toe_off = played(contact.strike_s), played(contact.toe_off_s)
    landing = "walking" if scene.walk else scene.landing
    return Event(contact.side, *strike, *toe_off, round(1000 * contact.contact_s, 2), round(foot, 2), landing)


def _measures(performance: Performance) -> dict[str, float]:
    scene, clock = performance.scene, performance.runners[0].clock
    contacts = _whole(performance)
    strikes = np.array([c.strike_s for c in clock.contacts if 0 <= c.strike_s < performance.real_seconds])
    step_s = float(np.polyfit(np.arange(len(strikes)), strikes, 1)[0]) if len(strikes) > 1 else scene.step_s
    contact_s = float(np.mean([c.contact_s for c in contacts]))
    following = {c.strike_s: after for c, after in zip(clock.contacts, clock.contacts[1:], strict=False)}
    flight_s = float(np.mean([following[c.strike_s].strike_s - c.toe_off_s for c in contacts]))
    fine = np.arange(contacts[0].strike_s, max(contacts[-1].toe_off_s, contacts[0].strike_s + 2 * step_s), FINE_S)
    body = performance.runners[0].body(fine)
    rise = _mass_height_m(body)
    swings = [np.ptp(rise[(fine >= c.strike_s) & (fine < following[c.strike_s].strike_s)]) for c in contacts[:-1]]
    series = angle_series(body)
    return {
        "cadence_spm": 60 / step_s,
        "contact_time_ms": 1000 * contact_s,
        "flight_time_ms": 1000 * flight_s,
        "duty_factor": contact_s / (2 * step_s),
        "speed_m_s": scene.speed_m_s,
        "step_length_m": scene.speed_m_s * step_s,
        "oscillation_cm": 100 * float(np.mean(swings or [np.ptp(rise)])),
        "trunk_lean_deg": float(np.mean(series["trunk_lean"])),
        "head_forward_deg": float(np.mean(series["head_forward"])),
        "elbow_flexion_deg": float(np.mean([np.mean(series[f"{side}_elbow"]) for side in SIDES])),
        "arm_swing_deg": float(np.mean([np.ptp(series[f"{side}_shoulder"]) for side in SIDES])),
        "overstride_deg": float(np.mean([_per_foot(performance, side)["overstride_deg"] for side in SIDES])),
        "feet_apart_cm": 100 * scene.step_width_m,
    }


def _mass_height_m(body: Body) -> Array:
    """The height of the body's centre of mass at each of its instants, (n,) m, by the segments the engine weighs."""

    def middle(name: str) -> Array:
        return np.asarray((body.points[f"left_{name}"][:, 1] + body.points[f"right_{name}"][:, 1]) / 2)

    moment = HEAD * middle("ear") + TRUNK * (middle("shoulder") + TRUNK_CENTRE * (middle("hip") - middle("shoulder")))
    for first, second, share, at in LIMBS:
        moment = moment + 2 * share * (middle(first) + at * (middle(second) - middle(first)))
    return np.asarray(moment / (HEAD + TRUNK + 2 * sum(share for _, _, share, _ in LIMBS)))


def _strides(performance: Performance, side: Side) -> Iterator[tuple[Contact, dict[str, Array], int]]:
    """Each whole contact of a foot, every angle from its strike to the next, FINE_S apart, and the index of toe-off."""
    of_side = performance.runners[0].clock.of(side)
    for contact in _whole(performance, side):
        after = of_side[of_side.index(contact) + 1]
        fine = np.arange(contact.strike_s, after.strike_s, FINE_S)
        yield contact, _at(performance, fine), int(np.searchsorted(fine, contact.toe_off_s))


def _per_foot(performance: Performance, side: Side) -> dict[str, float]:
    """The measures of one foot, under the engine's own names, as means over its contacts in the film."""
    rows: dict[str, list[float]] = {}
    for contact, series, lift in _strides(performance, side):
        for name, value in _one_stride(series, side, lift).items():
            rows.setdefault(name, []).append(value)
        rows.setdefault("contact_time_ms", []).append(1000 * contact.contact_s)
    return {name: float(np.mean(values)) for name, values in rows.items()}


def _one_stride(series: dict[str, Array], side: Side, lift: int) -> dict[str, float]:
    """The measures of one stride that begins with a strike and leaves the ground at index `lift`."""
    knee, thigh = series[f"{side}_knee"], series[f"{side}_thigh"]
    drop = (1.0 if side == "left" else -1.0) * series["pelvic_tilt_right_down"]
    loaded = slice(int(0.2 * lift), int(0.7 * lift))
    eversion = series[f"{side}_eversion"][:lift]
    return {
        "foot_strike_angle_deg": float(series[f"{side}_foot"][0]),
        "tibia_at_strike_deg": float(series[f"{side}_shank"][0]),
        "overstride_deg": float(series[f"{side}_leg"][0]),
        "knee_at_strike_deg": float(knee[0]),
        "knee_stance_peak_deg": float(knee[:lift].max()),
        "knee_swing_peak_deg": float(knee[lift:].max()),
        "dorsiflexion_peak_deg": float(series[f"{side}_ankle"][:lift].max()),
        "thigh_extension_toe_off_deg": -float(thigh[min(lift, len(thigh) - 1)]),
        "push_angle_deg": -float(series[f"{side}_push"][min(lift, len(thigh) - 1)]),
        "thigh_lift_peak_deg": float(thigh.max()),
        "pelvic_drop_deg": float(drop[loaded].max()),
        "hip_adduction_deg": float((series[f"{side}_femur_in"] + drop)[loaded].max()),
        "pronation_deg": float(eversion.max() - eversion[0]),
    }


def _joint_angles(performance: Performance, side: Side) -> dict[str, dict[str, float]]:
    """Each joint at strike, mid-stance and mid-swing (the most bent knee) and toe-off, and over the whole stride."""
    snapshots: dict[str, dict[str, list[float]]] = {joint: {} for joint in JOINT_ANGLES}

    def note(joint: str, name: str, value: float) -> None:
        snapshots[joint].setdefault(name, []).append(value)

    for _, series, lift in _strides(performance, side):
        knee = series[f"{side}_knee"]
        moments = {
            "strike": 0,
            "mid_stance": int(knee[:lift].argmax()),
            "toe_off": min(lift, len(knee) - 1),
            "mid_swing": lift + int(knee[lift:].argmax()),
        }
        for joint in JOINT_ANGLES:
            row = series[f"{side}_{joint}"]
            for name, index in moments.items():
                note(joint, name, float(row[index]))
            for name, value in (("min", row.min()), ("max", row.max()), ("mean", row.mean()), ("range", np.ptp(row))):
                note(joint, name, float(value))
    return {joint: {name: float(np.mean(values)) for name, values in rows.items()} for joint, rows in snapshots.items()}

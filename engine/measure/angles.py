"""Joint and segment angles, degrees. Flexion is positive everywhere; zero is upright standing.

Segments are read from the vertical: thigh and shank + with the lower end ahead, trunk and head + with the upper end
ahead; the foot from the horizontal, + toes up. Hip: thigh ahead of the trunk's line. Knee: 0 straight. Ankle: 0 with
the foot square to the shank, + toes towards the shin. Shoulder: upper arm ahead of the trunk. Elbow: 0 straight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.measure.body import Runner
from engine.measure.events import Step
from engine.measure.track import SIDES, Array

JOINT_ANGLES = ("ankle", "knee", "hip", "shoulder", "elbow")
SEGMENTS = ("thigh", "shank", "foot")
FLAT_FROM, FLAT_TO = 0.20, 0.35  # of stance: the foot lies flat; its reading then is its zero (ours)
# Under load in running, markers on heel and metatarsal read this much more toes-down than in standing, to which the
# limits of landing refer: mean of 14 feet of seven runners of the reference data, SD 2.2 (ours).
MARKERS_UNDER_LOAD_DEG = 3.8


@dataclass(frozen=True)
class Angles:
    """Angles on the runner's fine clock, (m,) degrees; NaN where a joint was not seen."""

    joint: dict[tuple[str, str], Array]  # (side, one of JOINT_ANGLES or SEGMENTS)
    trunk_lean_deg: Array
    head_forward_deg: Array  # ear over shoulder, against the trunk's line

    def of(self, side: str, name: str) -> Array:
        """One angle of one side, (m,) degrees."""
        return self.joint[side, name]


def ahead_deg(lower: Array, upper: Array) -> Array:
    """Angle from the vertical of the line between two points (m, 2), + when the first is ahead and below."""
    return np.asarray(np.degrees(np.arctan2(lower[:, 0] - upper[:, 0], upper[:, 1] - lower[:, 1])))


def all_angles(runner: Runner, steps: list[Step], *, toe_is_tip: bool) -> Angles:
    """Compute every angle of both sides; feet are zeroed on their own flat stance."""
    under_load = 0.0 if toe_is_tip else MARKERS_UNDER_LOAD_DEG
    hips, shoulders = runner.middle("hip"), runner.middle("shoulder")
    lean = -ahead_deg(hips, shoulders)
    ears = runner.middle("ear")
    head = -ahead_deg(shoulders, ears) - lean
    joint: dict[tuple[str, str], Array] = {}
    for side in SIDES:
        hip, knee, ankle, heel, toe, shoulder, elbow, wrist = (
            runner.at(f"{side}_{part}")
            for part in ("hip", "knee", "ankle", "heel", "toe", "shoulder", "elbow", "wrist")
        )
        thigh, shank = ahead_deg(knee, hip), ahead_deg(ankle, knee)
        foot = np.degrees(np.arctan2(toe[:, 1] - heel[:, 1], toe[:, 0] - heel[:, 0]))
        foot = _wrap(foot - _flat_foot_deg(runner, foot, side, steps) - under_load)
        upper_arm, forearm = ahead_deg(elbow, shoulder), ahead_deg(wrist, elbow)
        joint.update(
            {
                (side, "thigh"): thigh,
                (side, "shank"): shank,
                (side, "foot"): foot,
                (side, "hip"): _wrap(thigh + lean),
                # 180° less the angle hip-knee-ankle, as marker laboratories tell it: one camera cannot tell a knee
                # that is straight from one that bends back by a degree or two.
                (side, "knee"): np.abs(_wrap(thigh - shank)),
                (side, "ankle"): _wrap(foot - shank),
                (side, "shoulder"): _wrap(upper_arm + lean),
                (side, "elbow"): _wrap(forearm - upper_arm, centre=90),
            }
        )
    return Angles(joint, lean, head)


def _flat_foot_deg(runner: Runner, foot: Array, side: str, steps: list[Step]) -> float:
    """The foot line's own reading when the sole lies flat, degrees; 0 when no stance was seen.

    Heel and toe points do not lie parallel to the sole; the flat part of stance replaces the standing trial that
    Altman & Davis (2012, Gait Posture 35:298) subtract.
    """
    flat = []
    for step in steps:
        if step.side == side and step.whole:
            start, stop = (int(runner.index(step.strike_s + share * step.contact_s)) for share in (FLAT_FROM, FLAT_TO))
            part = foot[max(start, 0) : max(stop, 0)]
            if len(part) and np.isfinite(part).all():
                flat.append(float(np.median(part)))
    return float(np.median(flat)) if flat else 0.0


def _wrap(angle: Array, centre: float = 0.0) -> Array:
    """Bring angles into the half-turn on either side of `centre`, degrees."""
    return np.asarray((angle - centre + 180) % 360 - 180 + centre)

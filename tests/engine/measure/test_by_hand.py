"""What docs/measures.md says, followed by hand on a table of points, gives what the engine gives.

Nothing of the engine is used but its strikes and toe-offs, so that words and code cannot part unnoticed. The trials lie
beside the repository (../shared/data) and are not part of it; without them these tests say so.
"""

from __future__ import annotations

import csv
import json
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, filtfilt

from engine.keypoints_file import read_keypoints
from engine.measure import measure
from engine.order import Order

DATA = Path(__file__).parents[4] / "shared" / "data"
TRIALS = sorted([*DATA.glob("mocap_rbds/*/"), *DATA.glob("mocap_fullbody/*/")])
OTHER = {"left": "right", "right": "left"}
MARKERS_UNDER_LOAD_DEG = 3.8

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not TRIALS, reason="not run: the marker trials of ../shared/data are absent"),
]


class Points:
    """The points of a table, x ahead or to the runner's right, y up, read between its rows by straight lines."""

    def __init__(self, path, *, mirrored):
        rows = list(csv.DictReader(path.read_text().splitlines()))
        self.time_s = np.array([float(row["time_s"]) for row in rows])
        self.paths = {}
        for name in (column[:-2] for column in rows[0] if column.endswith("_x")):
            path_px = np.array([[float(row[f"{name}_x"]), -float(row[f"{name}_y"])] for row in rows])
            cutoff_hz = 8 if name.split("_")[-1] in ("knee", "ankle", "heel", "toe") else 6
            # Run forwards and back: of a Butterworth filter's two passes each lets a little less through.
            filter_ = butter(2, cutoff_hz / 0.802 * 2 * np.median(np.diff(self.time_s)))
            self.paths[name] = filtfilt(*filter_, path_px, axis=0) * [-1 if mirrored else 1, 1]

    def at(self, name, moments_s):
        if name.startswith("mid_"):
            return (self.at(f"left_{name[4:]}", moments_s) + self.at(f"right_{name[4:]}", moments_s)) / 2
        return np.column_stack([np.interp(moments_s, self.time_s, self.paths[name][:, axis]) for axis in (0, 1)])

    def lean_deg(self, upper, lower, moments_s):
        """The angle from the vertical of the line between two points, + with the lower one ahead."""
        x, y = (self.at(lower, moments_s) - self.at(upper, moments_s)).T
        return np.degrees(np.arctan2(x, -y))

    def rise_deg(self, start, stop, moments_s):
        """The angle from the level of the line between two points, + with the second one higher."""
        x, y = (self.at(stop, moments_s) - self.at(start, moments_s)).T
        return np.degrees(np.arctan2(y, x))

    def bend_deg(self, side, moments_s):
        """180° minus the angle hip-knee-ankle."""
        hip, knee, ankle = (self.at(f"{side}_{part}", moments_s) for part in ("hip", "knee", "ankle"))
        up, down = hip - knee, ankle - knee
        cosine = (up * down).sum(axis=1) / np.linalg.norm(up, axis=1) / np.linalg.norm(down, axis=1)
        return 180 - np.degrees(np.arccos(cosine))


def of(trial, view):
    """A trial's points, what the engine measured of them, its whole contacts, and the runner's height."""
    truth = json.loads((trial / "truth.json").read_text())
    height_m = (truth["source"].get("height_cm") or 180) / 100
    path = trial / f"keypoints2d_{view}_60fps.csv"
    order = Order("back_view", height_m=height_m)
    if view == "side":
        order = Order("side_view", treadmill=True, pace_s_per_km=1000 / truth["speed_m_s"], height_m=height_m)
    report = measure(read_keypoints(path, f"{view}_view"), order)
    points = Points(path, mirrored=report.direction == -1)
    return points, report, [step for step in report.steps if step.toe_off_s is not None], height_m


def during(step, share, until):
    """Moments of a contact between two shares of it."""
    contact_s = step.toe_off_s - step.strike_s
    return np.linspace(step.strike_s + share * contact_s, step.strike_s + until * contact_s, 150)


def of_a_step(p, step, following, flat_deg):
    """What one contact gives of each measure; `following` is the foot's next, or None."""
    hip, knee, ankle, heel, toe = (f"{step.foot}_{part}" for part in ("hip", "knee", "ankle", "heel", "big_toe"))
    strike, toe_off, contact = [step.strike_s], [step.toe_off_s], during(step, 0, 1)

    def foot_deg(moments_s):
        return p.rise_deg(heel, toe, moments_s) - flat_deg - MARKERS_UNDER_LOAD_DEG

    read = {
        "contact_time_ms": 1000 * (step.toe_off_s - step.strike_s),
        "overstride_deg": p.lean_deg("mid_hip", ankle, strike)[0],
        "tibia_at_strike_deg": p.lean_deg(knee, ankle, strike)[0],
        "knee_at_strike_deg": p.bend_deg(step.foot, strike)[0],
        "foot_strike_angle_deg": foot_deg(strike)[0],
        "knee_stance_peak_deg": p.bend_deg(step.foot, during(step, 0.20, 0.75)).max(),
        "dorsiflexion_peak_deg": (foot_deg(contact) - p.lean_deg(knee, ankle, contact)).max(),
        "thigh_extension_toe_off_deg": -p.lean_deg(hip, knee, toe_off)[0],
        "push_angle_deg": -p.lean_deg("mid_hip", toe, toe_off)[0],
    }
    if following:
        swing = np.linspace(step.toe_off_s, following.strike_s, 200)
        read["knee_swing_peak_deg"] = p.bend_deg(step.foot, swing).max()
        read["thigh_lift_peak_deg"] = p.lean_deg(hip, knee, swing).max()
    return read


def by_models(told, height_m):
    """What follows from the engine's contact, flight, cadence and speed."""
    contact_s, flight_s, speed = told["contact_time_ms"] / 1000, told["flight_time_ms"] / 1000, told["speed_m_s"]
    mass_kg = told["peak_force_n"] / told["peak_force_bw"] / 9.81
    force_n = mass_kg * 9.81 * np.pi / 2 * (flight_s / contact_s + 1)
    sinks_m = force_n * contact_s**2 / (mass_kg * np.pi**2) - 9.81 * contact_s**2 / 8
    leg_m = 0.53 * height_m
    return {
        "duty_factor": contact_s / (2 * 60 / told["cadence_spm"]),
        "step_length_m": speed * 60 / told["cadence_spm"],
        "stride_time_ms": 120000 / told["cadence_spm"],
        "peak_force_bw": force_n / (mass_kg * 9.81),
        "vertical_stiffness_kn_m": force_n / sinks_m / 1000,
        "leg_stiffness_kn_m": force_n / (leg_m - sqrt(leg_m**2 - (speed * contact_s / 2) ** 2) + sinks_m) / 1000,
        "power_w_kg": 0.98 * speed,
    }


def from_the_side(trial):
    """Each measure by hand, and what the engine says."""
    p, report, steps, height_m = of(trial, "side")
    told = {key: number.value for key, number in report.measures.items()}
    feet = {}
    for side in OTHER:
        own = [step for step in steps if step.foot == side]
        lying = [p.rise_deg(f"{side}_heel", f"{side}_big_toe", during(step, 0.20, 0.35)) for step in own]
        flat_deg = np.median([np.median(angle) for angle in lying])
        read = [of_a_step(p, *pair, flat_deg) for pair in zip(own, [*own[1:], None], strict=True)]
        feet[side] = {key: np.mean([one[key] for one in read if key in one]) for key in read[0]}
    found = {key: (feet["left"][key] + feet["right"][key]) / 2 for key in feet["left"]}
    shorter, longer = sorted(feet[side]["contact_time_ms"] for side in OTHER)
    found["contact_asymmetry_percent"] = 100 * (longer - shorter) / found["contact_time_ms"]
    return found | by_models(told, height_m), told


def from_behind(trial):
    """Each measure by hand, and what the engine says."""
    p, report, steps, _ = of(trial, "back")
    legs = []
    for side, outside in (("left", -1), ("right", 1)):
        curves = {}
        for step in (step for step in steps if step.foot == side):
            if not p.time_s[0] <= step.strike_s < step.toe_off_s < p.time_s[-1]:
                continue
            moments_s = np.linspace(step.strike_s, step.toe_off_s, 51)
            x, y = (p.at(f"{side}_hip", moments_s) - p.at(f"{OTHER[side]}_hip", moments_s)).T
            drop = np.degrees(np.arctan2(y, np.abs(x)))
            chain = [f"{side}_{part}" for part in ("hip", "knee", "ankle", "heel")]
            thigh, shank, rear = (outside * p.lean_deg(*chain[n : n + 2], moments_s) for n in range(3))
            own = {
                "pelvic_drop_deg": drop,
                "hip_adduction_deg": drop - thigh,
                "knee_adduction_deg": thigh - shank,
                "pronation_deg": rear - shank,
            }
            for key, curve in own.items():
                curves.setdefault(key, []).append(curve)
        mean = {key: np.mean(own, axis=0) for key, own in curves.items()}
        leg = {key: curve[10:36].max() for key, curve in mean.items()}
        leg["knee_adduction_deg"] = mean["knee_adduction_deg"][10:36].mean()
        leg["pronation_deg"] -= mean["pronation_deg"][:3].mean()
        legs.append(leg)
    found = {key: (legs[0][key] + legs[1][key]) / 2 for key in legs[0]}
    return found, {key: number.value for key, number in report.measures.items()}


# Points are read here by straight lines between pictures and there by a cubic: where a foot turns fast that shows.
ALLOWED = {
    "foot_strike_angle_deg": 0.8,
    "tibia_at_strike_deg": 0.6,
    "contact_time_ms": 1.0,
    "contact_asymmetry_percent": 0.6,
    "stride_time_ms": 2.0,
}


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
@pytest.mark.parametrize("by_hand", [from_the_side, from_behind])
def test_the_words_of_the_document_give_the_engine_s_numbers(by_hand, trial):
    found, told = by_hand(trial)
    for key, value in found.items():
        allowed = ALLOWED.get(key, 0.4 if key.endswith("_deg") else 0.003 * value)
        assert value == pytest.approx(told[key], abs=allowed), key

"""Marker trials with force plates: the arithmetic without a pose model.

The markers' positions are brought to a film's frame rate at a random phase, seen by the camera named in the trial's
truth.json, and shaken by the noise of a pose model: white, or correlated from frame to frame as tracking errors are.
Contacts are judged against the 20 N threshold of the force plate. Data: see ../shared/data/README.md.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from engine.measure import measure
from engine.measure.angles import ahead_deg
from engine.measure.body import SHANK, THIGH
from engine.measure.report import Report
from engine.measure.track import AT, JOINTS, SIDES, Array, Track
from engine.order import Order, Refused, View
from engine.validation.noise import unit_noise
from engine.validation.readings import Reading, Step, StepErrors, compare_steps, joint_numbers_of, numbers_of

EDGE_S = 0.5  # contacts nearer to the ends of a trial are not judged: their stride is cut


@dataclass(frozen=True)
class Trial:
    """One trial: joints (n, 3) in m by the names of engine.measure.track, and its truth."""

    name: str
    time_s: Array
    joints: dict[str, Array]
    truth: dict[str, Any]

    @property
    def runner(self) -> str:
        """Trials of one runner belong together."""
        return self.name.split("_")[0]

    @property
    def height_m(self) -> float:
        """Body height: as recorded, else from the legs, as for one trial."""
        recorded = self.truth["source"].get("height_cm")
        if recorded:
            return float(recorded) / 100
        legs = [
            np.linalg.norm(self.joints[f"{side}_{a}"] - self.joints[f"{side}_{b}"], axis=1)
            for side in SIDES
            for a, b in (("hip", "knee"), ("knee", "ankle"))
        ]
        return float(np.nanmedian(legs[0] + legs[1]) + np.nanmedian(legs[2] + legs[3])) / 2 / (THIGH + SHANK)

    @property
    def steps(self) -> list[Step]:
        """The force plate's contacts."""
        return [
            Step(event["foot"], event["ic_s"], event.get("to_s"))
            for event in self.truth["events"]["threshold_20N"]
            if event.get("ic_s") is not None
        ]


@dataclass(frozen=True)
class Condition:
    """How a trial is seen."""

    fps: float
    noise_mm: float
    correlated: bool
    seed: int = 0

    def __str__(self) -> str:
        kind = "correlated" if self.correlated else "white"
        return f"{self.fps:g} fps, {self.noise_mm:g} mm {kind}"


def trials(data: Path) -> list[Trial]:
    """Every marker trial below the data folder, by name."""
    return [_load(path.parent) for path in sorted(data.glob("mocap_*/*/truth.json"))]


def _load(folder: Path) -> Trial:
    (table,) = folder.glob("keypoints3d_*.csv")
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([float(row[name]) if row[name] else np.nan for row in rows]) for name in rows[0]}
    joints = {}
    for joint in JOINTS:
        # The head of the first metatarsal stands for the toe; measuring knows that it is not the tip.
        source = joint.replace("_toe", "_big_toe")
        if f"{source}_x" in columns:
            joints[joint] = np.stack([columns[f"{source}_{axis}"] for axis in "xyz"], axis=1) / 1000
    return Trial(folder.name, columns["time_s"], joints, json.loads((folder / "truth.json").read_text()))


def seen(trial: Trial, view: View, condition: Condition) -> Track:
    """The trial's key points as a pose model would have found them in a film."""
    rng = np.random.default_rng([condition.seed, round(condition.fps), round(condition.noise_mm * 10)])
    first = trial.time_s[0] + rng.uniform(0, 1 / condition.fps)
    time_s = np.arange(first, trial.time_s[-1], 1 / condition.fps)
    camera = trial.truth["cameras"]["side" if view == "side_view" else "back"]
    points = np.full((len(time_s), len(JOINTS), 2), np.nan)
    for name, path in trial.joints.items():
        whole = np.isfinite(path).all(axis=1)
        resampled = CubicSpline(trial.time_s[whole], path[whole])(time_s)
        points[:, AT[name]] = _project(resampled, camera)
    px_per_mm = camera["f_px"] / np.linalg.norm(np.array(camera["position_m"])[[0, 2]]) / 1000
    points += condition.noise_mm * px_per_mm * unit_noise(rng, points.shape, correlated=condition.correlated)
    score = np.isfinite(points).all(axis=2).astype(float)
    width, height = camera["width"], camera["height"]
    return Track(time_s, points, score, width, height, toe_is_tip=False, from_film=False)


def _project(points: Array, camera: dict[str, Any]) -> Array:
    x, y, z = (points - np.array(camera["position_m"])).T
    right, depth = {"left": (-x, z), "right": (x, -z), "back": (z, x)}[camera["view"]]
    return np.stack([camera["cx"] + camera["f_px"] * right / depth, camera["cy"] - camera["f_px"] * y / depth], axis=1)


@dataclass
class Outcome:
    """What measuring one trial under one condition gave."""

    trial: Trial
    condition: Condition
    view: View
    readings: list[Reading]
    steps: StepErrors
    landings: tuple[bool, ...] = ()  # a step each: rightly called rearfoot or not
    refused: str | None = None


def run(trial: Trial, view: View, condition: Condition) -> Outcome:
    """Measure one trial and put every number beside its truth."""
    pace = 1000 / trial.truth["speed_m_s"]
    order = Order(view, treadmill=True, pace_s_per_km=pace, height_m=trial.height_m)
    track = seen(trial, view, condition)
    window = (float(trial.time_s[0]) + EDGE_S, float(trial.time_s[-1]) - EDGE_S)
    try:
        report = measure(track, order)
    except Refused as refused:
        lost = compare_steps([], trial.steps, *window)
        return Outcome(trial, condition, view, [], lost, refused=refused.code)
    measured = [Step(step.foot, step.strike_s, step.toe_off_s) for step in report.steps]
    steps = compare_steps(measured, trial.steps, *window)
    return Outcome(
        trial, condition, view, list(_readings(trial, view, condition, report)), steps, _landings(trial, report)
    )


def _landings(trial: Trial, report: Report) -> tuple[bool, ...]:
    """Judge each step by the data set's label of its foot; feet whose label and marker angle disagree are left out."""
    checks = trial.truth.get("foot_strike_check") or {}
    rear = {
        side: checks[side]["published"] == "Rearfoot"
        for side in SIDES
        if side in checks
        and (checks[side]["published"] == "Rearfoot") == (checks[side]["class_from_angle"] == "Rearfoot")
    }
    return tuple(
        (step.landing.kind == "rearfoot") == rear[step.foot]
        for step in report.steps
        if step.landing and step.foot in rear
    )


def _readings(trial: Trial, view: View, condition: Condition, report: Report) -> Iterator[Reading]:
    numbers = numbers_of(report) | joint_numbers_of(report)
    truth = _side_truth(trial) | _leg_truth(trial) if view == "side_view" else _back_truth(trial)
    for name, true in truth.items():
        if name in numbers and np.isfinite(true):
            value, doubt = numbers[name]
            yield Reading(trial.name, name, value, true, doubt, str(condition))


def _side_truth(trial: Trial) -> dict[str, float]:
    """The published means of a trial under the engine's own names; the feet weigh the same."""
    metrics = trial.truth["metrics"]
    feet = {side: metrics["per_foot"][side] for side in SIDES}
    truth = {
        "cadence_spm": metrics["cadence_spm"],
        "flight_time_ms": metrics["flight_time_ms_20N"]["mean"],
        "duty_factor": metrics["duty_factor"],
        "step_length_m": metrics["step_length_m"],
        "oscillation_cm": metrics["vertical_oscillation_hip_mid_cm"]["mean"],
    }
    per_foot = {
        "contact_time_ms": ("ground_contact_time_ms_20N", 1),
        "knee_at_strike_deg": ("knee_flexion_at_ic_deg", 1),
        "knee_stance_peak_deg": ("knee_flexion_max_stance_deg", 1),
        "tibia_at_strike_deg": ("shank_angle_at_ic_deg", -1),  # theirs counts the knee ahead of the ankle
        "foot_strike_angle_deg": ("foot_angle_at_ic_deg", 1),
    }
    for name, (published, sign) in per_foot.items():
        values = {side: sign * feet[side][published]["mean"] for side in SIDES if published in feet[side]}
        truth |= {f"{name}.{side}": value for side, value in values.items()}
        if len(values) == 2:
            truth[name] = sum(values.values()) / 2
    return truth


def _leg_truth(trial: Trial) -> dict[str, float]:
    """Thigh and ankle of a trial, from its joint centres without camera or noise, at the plate's strikes and toe-offs.

    The trials hold no trunk, so that the hip is told by its thigh. A foot's zero is the published one, from standing.
    """
    truth: dict[str, float] = {}
    for side in SIDES:
        hip, knee, ankle, heel, toe = (
            trial.joints[f"{side}_{part}"][:, :2] for part in ("hip", "knee", "ankle", "heel", "toe")
        )
        thigh, shank = ahead_deg(knee, hip), ahead_deg(ankle, knee)
        own = [step for step in trial.steps if step.foot == side]
        strikes = np.interp([step.strike_s for step in own], trial.time_s, np.arange(len(trial.time_s)))
        line = np.degrees(np.arctan2(toe[:, 1] - heel[:, 1], toe[:, 0] - heel[:, 0]))
        published = trial.truth["metrics"]["per_foot"][side]["foot_angle_at_ic_deg"]["mean"]
        bend = line - (np.nanmean(_between(line, strikes)) - published) - shank
        truth[f"thigh.strike.{side}"] = float(np.nanmean(_between(thigh, strikes)))
        truth[f"ankle.strike.{side}"] = float(np.nanmean(_between(bend, strikes)))
        peaks: dict[str, list[float]] = {"thigh_lift_peak_deg": [], "dorsiflexion_peak_deg": []}
        for step, after in pairwise(own):
            if step.toe_off_s is not None:
                stance = (trial.time_s >= step.strike_s) & (trial.time_s <= step.toe_off_s)
                swing = (trial.time_s > step.toe_off_s) & (trial.time_s < after.strike_s)
                peaks["dorsiflexion_peak_deg"].append(float(bend[stance].max()))
                peaks["thigh_lift_peak_deg"].append(float(thigh[swing].max()))
        truth |= {f"{name}.{side}": float(np.nanmean(values)) for name, values in peaks.items()}
    for name in ("thigh.strike", "ankle.strike", "thigh_lift_peak_deg", "dorsiflexion_peak_deg"):
        truth[name] = (truth[f"{name}.left"] + truth[f"{name}.right"]) / 2
    return truth


def _between(series: Array, places: Array) -> Array:
    """A series read at fractional places."""
    return np.interp(places, np.arange(len(series)), series)


def _back_truth(trial: Trial) -> dict[str, float]:
    """Pelvic drop and hip adduction of a trial, from its joint centres without camera or noise."""
    line = trial.joints["left_hip"] - trial.joints["right_hip"]
    right_down = np.rad2deg(np.arctan2(line[:, 1], -line[:, 2]))
    peaks: dict[str, list[float]] = {}
    # The standing asymmetry of the markers is nobody's drop: the mean tilt is taken off, as from a film.
    right_down = right_down - np.nanmean(right_down)
    for side, sign in zip(SIDES, (1, -1), strict=True):
        hip, knee = trial.joints[f"{side}_hip"], trial.joints[f"{side}_knee"]
        inwards = -sign * np.rad2deg(np.arctan2(hip[:, 2] - knee[:, 2], hip[:, 1] - knee[:, 1]))
        for step in trial.steps:
            if step.foot == side and step.toe_off_s is not None:
                u = (trial.time_s - step.strike_s) / (step.toe_off_s - step.strike_s)
                loaded = (u > 0.2) & (u < 0.7)
                drop = sign * right_down[loaded]
                if np.isfinite(drop).any():
                    peaks.setdefault(f"pelvic_drop_deg.{side}", []).append(float(np.nanmax(drop)))
                    both = drop + inwards[loaded]
                    peaks.setdefault(f"hip_adduction_deg.{side}", []).append(float(np.nanmax(both)))
    truth = {name: float(np.mean(values)) for name, values in peaks.items()}
    for name in ("pelvic_drop_deg", "hip_adduction_deg"):
        truth[name] = (truth[f"{name}.left"] + truth[f"{name}.right"]) / 2
    return truth | {"cadence_spm": trial.truth["metrics"]["cadence_spm"]}

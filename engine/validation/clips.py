"""Real films with hand-marked contacts. They are never made or changed here; see ../shared/data/README.md.

A pace is needed for a treadmill and none is recorded for the clip: measures that follow from it are not judged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.order import Order, Refused
from engine.validation.followed import Followed, house_of
from engine.validation.readings import Reading, Step, StepErrors, compare_steps, numbers_of_answer

UNKNOWN_PACE_S_PER_KM = 360.0  # what the clip's runner most likely does; nothing that is judged depends on it


@dataclass(frozen=True)
class Clip:
    """One clip, how it is ordered, and the refusals that are right for it (empty: it must be measured)."""

    name: str
    order: Order
    right_refusals: tuple[str, ...] = ()


CLIPS = (
    Clip("treadmill_side_portrait", Order("side_view", treadmill=True, pace_s_per_km=UNKNOWN_PACE_S_PER_KM)),
    Clip("overground_side_landscape", Order("side_view")),
    Clip("overground_back_landscape", Order("back_view")),
    Clip("walk_side_two_people", Order("side_view"), ("walking", "two_people")),
)


@dataclass
class Outcome:
    """What measuring one clip gave."""

    clip: Clip
    readings: list[Reading]
    steps: StepErrors
    fps: float
    steps_measured: int = 0
    warnings: tuple[str, ...] = ()
    refused: str | None = None


def run(clip: Clip, folder: Path, followed: Followed) -> Outcome:
    """Measure one clip and put events and cadence beside the hand marks."""
    truth = json.loads((folder / f"{clip.name}.truth.json").read_text())
    fps = float(truth["fps"])
    marked = _steps(truth, fps)
    window = _whole_view(truth, fps)
    try:
        house = house_of(followed.film(folder / f"{clip.name}.mp4"), clip.order)
    except Refused as refused:
        return Outcome(clip, [], compare_steps([], marked, *window), fps, refused=refused.code)
    found = [Step(step["foot"], step["strike_s"], step["toe_off_s"]) for step in house["steps"]]
    numbers = numbers_of_answer(house)
    readings = []
    cadence = truth["cadence"]["spm"]
    value, doubt = numbers["cadence_spm"]
    # The mark's own doubt belongs to the comparison, not to the engine.
    readings.append(Reading(clip.name, "cadence_spm", value, cadence, doubt + truth["cadence"]["uncertainty"]))
    contact = truth.get("ground_contact_time_ms") or {}
    for side in ("left", "right", "both"):
        name = "contact_time_ms" if side == "both" else f"contact_time_ms.{side}"
        if side in contact and name in numbers:
            value, doubt = numbers[name]
            true = contact[side]
            readings.append(Reading(clip.name, name, value, true["value"], doubt + true.get("uncertainty", 0)))
    codes = tuple(warning["code"] for warning in house["warnings"])
    steps = compare_steps(found, marked, *window)
    return Outcome(clip, readings, steps, fps, len(found), codes)


def _steps(truth: dict[str, Any], fps: float) -> list[Step]:
    """The marked contacts; a toe-off belongs to the strike of its foot before it."""
    offs = truth.get("toe_offs") or []
    steps = []
    for mark in truth["initial_contacts"]:
        later = [off["frame"] for off in offs if off["foot"] == mark["foot"] and 0 < off["frame"] - mark["frame"] < fps]
        steps.append(Step(mark["foot"], mark["frame"] / fps, min(later) / fps if later else None))
    return steps


def _whole_view(truth: dict[str, Any], fps: float) -> tuple[float, float]:
    """From when to when a strike must be found: the whole runner in view, and its stride not cut by the film's end."""
    first, last = truth.get("runner_wholly_in_view_frames", (0, truth["frames"] - 1))
    return (first + 0.1 * fps) / fps, (last - 0.4 * fps) / fps

"""Where a film shows each foot landing: the moment, the part of the picture, the lines along the leg. Pure.

Every landing is shown at the same scale, with the ground at the same height and the foot at the same place, so that
two of them can be compared at a glance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import dist
from statistics import median

from analyses.landmarks import TOES, moments
from analyses.steps import StepView
from providers.results import Landmarks

Point = tuple[float, float]
Points = dict[str, Point]

PART_PX = (176, 154)  # twice what a page shows, for fine screens
MOST = 40  # ten seconds hold some thirty steps
NEAR = 0.75  # of the time between two pictures: key points taken further from a landing are not of its picture
SAME_SHAPE = 0.02  # by how much the key points' picture may differ in shape from the film's
# Ours, by looking: in lengths of the shank how much of the film is shown, and in shares of it where the foot stands.
HEIGHT, FOOT_X, GROUND_Y = 1.75, 0.6, 0.9
ANKLE_HEIGHT = 0.25  # above the sole, in shanks, for a service that gives no more of a foot than the ankle
LINES = (("hip", "knee", "ankle"), ("ankle", "heel", "toe", "ankle"))


@dataclass(frozen=True)
class Leg:
    """The leg that lands: its step, when, and its key points in the pixels they were given in."""

    step: StepView
    time_s: float
    points: Points

    @property
    def shank(self) -> float:
        return dist(self.points["knee"], self.points["ankle"])

    @property
    def ground_y(self) -> float:
        below = [self.points[part][1] for part in ("heel", "toe") if part in self.points]
        return max(below) if below else self.points["ankle"][1] + ANKLE_HEIGHT * self.shank

    @property
    def lines(self) -> list[list[Point]]:
        drawn = [[self.points[part] for part in line if part in self.points] for line in LINES]
        return [line for line in drawn if len(set(line)) > 1]


@dataclass(frozen=True)
class Cut:
    """What is shown of the film at each landing; places are shares of the film's width and height."""

    box: Point
    legs: tuple[Leg, ...]
    corners: tuple[Point, ...]
    lines: tuple[list[list[Point]], ...]


def cut(found: Landmarks, steps: Iterable[StepView], film: tuple[int, int]) -> Cut | None:
    """Return what to show of a film of that width and height.

    None where no landing can be found in it: a service may give no moments, no key points, or those of another picture.
    """
    size = found.width_px or film[0], found.height_px or film[1]
    if abs(size[0] / size[1] / (film[0] / film[1]) - 1) > SAME_SHAPE:
        return None
    legs = legs_of(found, steps)
    shank = median(leg.shank for leg in legs) if legs else 0.0
    if not shank:
        return None
    height = HEIGHT * shank
    width, foot_x = height * PART_PX[0] / PART_PX[1], _foot_x(legs)
    corners = [(leg.points["ankle"][0] - foot_x * width, leg.ground_y - GROUND_Y * height) for leg in legs]

    def share(point: Point) -> Point:
        return point[0] / size[0], point[1] / size[1]

    return Cut(
        share((width, height)),
        legs,
        tuple(map(share, corners)),
        tuple([[share(point) for point in line] for line in leg.lines] for leg in legs),
    )


def legs_of(found: Landmarks, steps: Iterable[StepView]) -> tuple[Leg, ...]:
    """Return the legs whose knee and ankle are known in the picture taken nearest to their landing, in time's order."""
    seen = dict(found.frames)
    times_s = moments(found, max([*seen, len(found.cleaned) - 1]) + 1)
    usual_s = (times_s[-1] - times_s[0]) / (len(times_s) - 1) if len(times_s) > 1 else 0.0
    legs = []
    for step in steps:
        if step.strike_s is None or not step.side or not times_s:
            continue
        away_s = [abs(time_s - step.strike_s) for time_s in times_s]
        frame = away_s.index(min(away_s))
        if away_s[frame] > NEAR * usual_s:
            continue
        # What was measured is more exact than what was found, but is not told of every leg that another hides.
        told = found.cleaned[frame] if frame < len(found.cleaned) else {}
        points = _leg(step.side, seen.get(frame, {})) | _leg(step.side, told)
        if {"knee", "ankle"} <= points.keys():
            legs.append(Leg(step, step.strike_s, points))
    return tuple(sorted(legs, key=lambda leg: leg.time_s))[:MOST]


def _leg(side: str, points: Points) -> Points:
    found = {part: points[f"{side}_{part}"] for part in ("hip", "knee", "ankle", "heel") if f"{side}_{part}" in points}
    toe = next((points[f"{side}_{name}"] for name in TOES if f"{side}_{name}" in points), None)
    return found if toe is None else found | {"toe": toe}


def _foot_x(legs: tuple[Leg, ...]) -> float:
    """Return where the foot stands: beyond the middle in the direction it points to, in it where it points nowhere."""
    feet = [leg for leg in legs if {"heel", "toe"} <= leg.points.keys()]
    if not feet:
        return 0.5
    ahead = median(leg.points["toe"][0] - leg.points["heel"][0] for leg in feet) / median(leg.shank for leg in feet)
    return 0.5 + (FOOT_X - 0.5) * max(-1.0, min(1.0, 3 * ahead))

"""One measured number beside its truth, and what many of them say together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from engine.measure.report import Report

MATCH_S = 0.1  # a measured strike this far from any true one is an invented one


@dataclass(frozen=True)
class Reading:
    """One measure of one case."""

    case: str
    measure: str
    measured: float
    truth: float
    uncertainty_95: float | None = None
    group: str = ""  # what the case has in common with others: a noise level, a knob

    @property
    def error(self) -> float:
        """Measured minus true."""
        return self.measured - self.truth


@dataclass(frozen=True)
class Summary:
    """Many readings of one measure: bias, SD and 95 % limits of the error, and how often the stated doubt held."""

    n: int
    bias: float
    sd: float
    coverage: float | None  # share of readings within their own stated 95 % uncertainty
    errors: tuple[float, ...]
    told: float | None  # the middle one of the stated 95 % uncertainties

    @property
    def limits(self) -> tuple[float, float]:
        """Where 95 of 100 errors lie if they are spread normally."""
        return self.bias - 1.96 * self.sd, self.bias + 1.96 * self.sd

    def within(self, limit: float) -> float:
        """The share of readings whose error is at most `limit`."""
        return float(np.mean(np.abs(self.errors) <= limit))


def summarise(readings: Iterable[Reading]) -> Summary | None:
    """Sum up readings of one measure; None without any."""
    kept = [reading for reading in readings if np.isfinite(reading.error)]
    if not kept:
        return None
    errors = np.array([reading.error for reading in kept])
    stated = [(abs(r.error), r.uncertainty_95) for r in kept if r.uncertainty_95 is not None]
    covered = float(np.mean([error <= doubt for error, doubt in stated])) if stated else None
    sd = float(errors.std(ddof=1)) if len(errors) > 1 else 0.0
    told = float(np.median([doubt for _, doubt in stated])) if stated else None
    return Summary(len(errors), float(errors.mean()), sd, covered, tuple(errors.tolist()), told)


@dataclass(frozen=True)
class Step:
    """One contact, seconds."""

    foot: str | None  # None when the truth does not say which
    strike_s: float
    toe_off_s: float | None


@dataclass
class StepErrors:
    """What became of the true contacts of one case: errors in ms, and what was missed or invented."""

    strike_ms: list[float] = field(default_factory=list)
    toe_off_ms: list[float] = field(default_factory=list)
    true: int = 0
    missed: int = 0
    invented: int = 0
    wrong_foot: int = 0

    @classmethod
    def of_all(cls, cases: Iterable[StepErrors]) -> StepErrors:
        """Those of several cases together."""
        whole = cls()
        for case in cases:
            for one in fields(cls):
                setattr(whole, one.name, getattr(whole, one.name) + getattr(case, one.name))
        return whole


def compare_steps(measured: list[Step], true: list[Step], from_s: float, to_s: float) -> StepErrors:
    """Match contacts by their strikes; only those with a true (or invented) strike in the window count."""
    out = StepErrors()
    free = list(measured)
    for step in true:
        near = min(free, key=lambda one: abs(one.strike_s - step.strike_s), default=None)
        hit = near is not None and abs(near.strike_s - step.strike_s) <= MATCH_S
        if near is not None and hit:
            free.remove(near)
        if not from_s <= step.strike_s <= to_s:
            continue
        out.true += 1
        if near is None or not hit:
            out.missed += 1
            continue
        out.strike_ms.append(1000 * (near.strike_s - step.strike_s))
        if step.toe_off_s is not None and near.toe_off_s is not None:
            out.toe_off_ms.append(1000 * (near.toe_off_s - step.toe_off_s))
        out.wrong_foot += step.foot is not None and step.foot != near.foot
    out.invented = sum(from_s <= step.strike_s <= to_s for step in free)
    return out


def numbers_of(report: Report) -> dict[str, tuple[float, float]]:
    """Value and stated 95 % uncertainty of every measure of a report; of one side under `name.left`, `name.right`."""
    out = {}
    for name, measure in report.measures.items():
        out[name] = (measure.value, measure.uncertainty_95)
        for side in ("left", "right"):
            one = measure.side(side)
            if one is not None:
                out[f"{name}.{side}"] = (one.value, one.uncertainty_95)
    return out


def numbers_of_answer(house: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """The same from the `house` object of an answer."""
    out = {}
    for name, measure in house["measures"].items():
        if measure.get("value") is None:
            continue
        out[name] = (measure["value"], measure["uncertainty_95"])
        for side in ("left", "right"):
            if measure.get(side):
                out[f"{name}.{side}"] = (measure[side]["value"], measure[side]["uncertainty_95"])
    return out


def joint_numbers_of(report: Report) -> dict[str, tuple[float, float]]:
    """Value and doubt of every angle of a side view: `knee.strike.left`, and the mean of both sides, `knee.strike`."""
    view = report.side.view if report.side else None
    sides = {
        f"{joint}.{moment}.{side}": (number.value, number.uncertainty_95)
        for (side, joint), numbers in (view.joints.items() if view else ())
        for moment, number in numbers.items()
    }
    return sides | _means(sides)


def joint_numbers_of_answer(house: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """The same from the `house` object of an answer."""
    sides = {
        f"{joint}.{moment}.{side}": (number["value"], number["uncertainty_95"])
        for side, joints in house.get("joint_numbers", {}).items()
        for joint, numbers in joints.items()
        for moment, number in numbers.items()
    }
    return sides | _means(sides)


def _means(sides: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """The mean of both sides where both are known, as unsure as the less sure one."""
    out = {}
    for name, (left, doubt) in sides.items():
        stem = name.removesuffix(".left")
        if stem != name and f"{stem}.right" in sides:
            right, other = sides[f"{stem}.right"]
            out[stem] = ((left + right) / 2, max(doubt, other))
    return out

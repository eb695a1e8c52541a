"""How a runner's measures went over time: small charts, like with like joined. Pure: points in, geometry out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from analyses.measures import MEASURES, TRENDS, Measure

WIDTH, HEIGHT = 320.0, 96.0  # of the plot, in the drawing's own units
SAME_SPEED_M_S = 0.5 / 3.6  # ± 0.5 km/h: product.md §3
MARGIN = 1.15
LEAST_SPAN = 0.08  # of the value: ours, so that a change of half a per cent does not look like a mountain


@dataclass(frozen=True)
class Value:
    """One measure of one analysis; `kind` holds what must agree for two to be compared."""

    key: str
    at: datetime
    value: float
    kind: tuple[str, bool, str]  # view, treadmill, service
    uncertainty_95: float | None = None
    speed_m_s: float | None = None
    code: str = ""


@dataclass(frozen=True)
class Point:
    """A value on the chart."""

    x: float
    y: float
    low_y: float
    high_y: float
    value: Value


@dataclass(frozen=True)
class Chart:
    """One measure over time: `lines` join what is alike; `ticks` are (y, value)."""

    measure: Measure
    points: tuple[Point, ...]
    lines: tuple[str, ...]
    ticks: tuple[tuple[float, float], ...]
    first_at: datetime
    last_at: datetime
    last: float
    mixed: bool  # treadmill and over ground are both here


def charts(values: Iterable[Value]) -> list[Chart]:
    """Return a chart for every measure of TRENDS that was measured twice or more."""
    by_key: dict[str, list[Value]] = defaultdict(list)
    for value in values:
        by_key[value.key].append(value)
    return [_chart(MEASURES[key], sorted(by_key[key], key=_when)) for key in TRENDS if len(by_key[key]) > 1]


def _when(value: Value) -> datetime:
    return value.at


def _chart(measure: Measure, values: list[Value]) -> Chart:
    low, high = _span(values)
    first, last = values[0].at, values[-1].at
    duration = (last - first).total_seconds() or 1.0

    def y(of: float) -> float:
        return round(HEIGHT - (min(max(of, low), high) - low) / (high - low) * HEIGHT, 1)

    points = tuple(
        Point(
            x=round((value.at - first).total_seconds() / duration * WIDTH, 1),
            y=y(value.value),
            low_y=y(value.value - (value.uncertainty_95 or 0)),
            high_y=y(value.value + (value.uncertainty_95 or 0)),
            value=value,
        )
        for value in values
    )
    ticks = tuple((y(at), at) for at in (low, (low + high) / 2, high))
    mixed = len({value.kind[1] for value in values}) > 1
    return Chart(measure, points, _lines(points), ticks, first, last, values[-1].value, mixed)


def _span(values: list[Value]) -> tuple[float, float]:
    # What we are unsure of belongs to the picture: a change smaller than it must look smaller than it.
    low = min(one.value - (one.uncertainty_95 or 0) for one in values)
    high = max(one.value + (one.uncertainty_95 or 0) for one in values)
    middle = (low + high) / 2
    span = max((high - low) * MARGIN, abs(middle) * LEAST_SPAN, 1e-6)
    return middle - span / 2, middle + span / 2


def _lines(points: tuple[Point, ...]) -> tuple[str, ...]:
    """Return the paths that join neighbours of the same kind and speed."""
    last: dict[tuple[str, bool, str], Point] = {}
    lines = []
    for point in points:
        before = last.get(point.value.kind)
        if before and _same_speed(before.value, point.value):
            lines.append(f"M{before.x:g} {before.y:g}L{point.x:g} {point.y:g}")
        last[point.value.kind] = point
    return tuple(lines)


def _same_speed(one: Value, other: Value) -> bool:
    # Where a service gives no speed, as in a back view, the surface is all that can be compared.
    if one.speed_m_s is None or other.speed_m_s is None:
        return True
    return abs(one.speed_m_s - other.speed_m_s) <= SAME_SPEED_M_S

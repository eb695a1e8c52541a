"""How a runner's measures went over time: small charts, like with like joined. Pure: points in, geometry out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from analyses.compare import Side, not_alike
from analyses.measures import MEASURES, REAL_CHANGES, TRENDS, Measure

WIDTH, HEIGHT = 240.0, 96.0  # of the plot, in the drawing's own units
MARGIN = 1.15
LEAST_SPAN = 0.08  # of the value: ours, so that a change of half a per cent does not look like a mountain
ROOM_FOR_THE_BAR = 1.6  # the picture is at least so many smallest real changes high, so that their bar fits beside it
LONE_PX = 6.0  # half the width of the band under a point that is joined to none

Kind = tuple[str, bool, str]  # view, treadmill, service: each has a line of its own


@dataclass(frozen=True)
class Value:
    """One measure of one analysis, and the conditions of its film."""

    key: str
    value: float
    film: Side
    uncertainty_95: float | None = None
    typical: tuple[float, float] | None = None

    @property
    def at(self) -> datetime:
        return self.film.at

    @property
    def kind(self) -> Kind:
        return (self.film.view, self.film.treadmill, self.film.service)

    @property
    def is_belt(self) -> bool:
        return self.film.treadmill


@dataclass(frozen=True)
class Point:
    """A value on the chart; the coordinates are written for the drawing, a point as their decimal sign."""

    x: str
    y: str
    value: Value


@dataclass(frozen=True)
class Bar:
    """The smallest real change, drawn as tall as it is; `unit_value` is in the measure's unit."""

    y1: str
    y2: str
    unit_value: float


@dataclass(frozen=True)
class Chart:
    """One measure over time, as drawn: `lines` join what is alike over `bands`, the typical range.

    `unsure` goes through each point. `ticks` are (y, value), `marks` are (x, what).
    """

    measure: Measure
    points: tuple[Point, ...]
    lines: str
    bands: str
    unsure: str
    bar: Bar | None
    ticks: tuple[tuple[str, float], ...]
    marks: tuple[tuple[str, str], ...]
    first_at: datetime
    last_at: datetime
    last: float


def charts(values: Iterable[Value], *, marked: Iterable[tuple[datetime, str]] = ()) -> list[Chart]:
    """Return a chart for every measure of TRENDS that was measured twice or more; `marked` is marked below the plot."""
    by_key: dict[str, list[Value]] = defaultdict(list)
    for value in values:
        by_key[value.key].append(value)
    days, when = list(marked), attrgetter("at")
    return [_chart(MEASURES[key], sorted(by_key[key], key=when), days) for key in TRENDS if len(by_key[key]) > 1]


def _chart(measure: Measure, values: list[Value], marked: list[tuple[datetime, str]]) -> Chart:
    newest = values[-1]
    figure = REAL_CHANGES.get(measure.key)
    smallest = figure.of(newest.value, newest.film.fps) if figure else None
    low, high = _span(values, smallest)
    first, last = values[0].at, values[-1].at
    duration = (last - first).total_seconds() or 1.0

    def x(of: datetime) -> str:
        return f"{(of - first).total_seconds() / duration * WIDTH:.1f}"

    def y(of: float) -> str:
        return f"{HEIGHT - (min(max(of, low), high) - low) / (high - low) * HEIGHT:.1f}"

    points = tuple(Point(x(value.at), y(value.value), value) for value in values)
    chains = _chains(points)
    return Chart(
        measure=measure,
        points=points,
        lines="".join(_line(chain) for chain in chains),
        bands="".join(_band(chain, y) for chain in chains),
        unsure="".join(
            f"M{point.x} {y(point.value.value - doubt)}V{y(point.value.value + doubt)}"
            for point in points
            if (doubt := point.value.uncertainty_95)
        ),
        bar=_bar(newest.value, smallest, low, high),
        ticks=tuple((y(at), at) for at in (low, (low + high) / 2, high)),
        marks=tuple((x(at), what) for at, what in marked if first <= at <= last),
        first_at=first,
        last_at=last,
        last=newest.value,
    )


def _span(values: list[Value], smallest: float | None) -> tuple[float, float]:
    # What we are unsure of belongs to the picture: a change smaller than it must look smaller than it.
    low = min(one.value - (one.uncertainty_95 or 0) for one in values)
    high = max(one.value + (one.uncertainty_95 or 0) for one in values)
    middle = (low + high) / 2
    span = max((high - low) * MARGIN, abs(middle) * LEAST_SPAN, (smallest or 0) * ROOM_FOR_THE_BAR, 1e-6)
    return middle - span / 2, middle + span / 2


def _chains(points: tuple[Point, ...]) -> list[list[Point]]:
    """Return the runs of neighbours that are alike; each kind has its own, whatever lies between in time."""
    open_chain: dict[Kind, list[Point]] = {}
    chains = []
    for point in points:
        chain = open_chain.get(point.value.kind)
        if chain is None or not_alike(chain[-1].value.film, point.value.film):
            chain = open_chain[point.value.kind] = []
            chains.append(chain)
        chain.append(point)
    return chains


def _line(chain: list[Point]) -> str:
    return "M" + "L".join(f"{point.x} {point.y}" for point in chain) if len(chain) > 1 else ""


def _band(chain: list[Point], y: Callable[[float], str]) -> str:
    """Return the typical range under a chain, clipped to the plot; "" where the service gave none."""
    edges = [(float(point.x), *point.value.typical) for point in chain if point.value.typical]
    if not edges:
        return ""
    if len(edges) == 1:
        x, low, high = edges[0]
        edges = [(max(0.0, x - LONE_PX), low, high), (min(WIDTH, x + LONE_PX), low, high)]
    top = [f"{x:.1f} {y(high)}" for x, _low, high in edges]
    bottom = [f"{x:.1f} {y(low)}" for x, low, _high in reversed(edges)]
    return "M" + "L".join(top + bottom) + "Z"


def _bar(last: float, smallest: float | None, low: float, high: float) -> Bar | None:
    """Stand the smallest real change beside the newest value, inside the plot."""
    if not smallest:
        return None
    tall = smallest / (high - low) * HEIGHT
    middle = HEIGHT - (last - low) / (high - low) * HEIGHT
    top = min(max(middle - tall / 2, 0.0), HEIGHT - tall)
    return Bar(f"{top:.1f}", f"{top + tall:.1f}", smallest)

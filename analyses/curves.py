"""Joint angles over the gait cycle as small drawings. Pure: the service's curves in, geometry out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.results import Curve, Side

WIDTH, HEIGHT = 300.0, 120.0  # of the plot, in the drawing's own units
STEPS_DEG = (5, 10, 20, 50)  # between grid lines
MOST_LINES = 4
SIDES: tuple[Side, ...] = ("left", "right")

# The curves that are drawn, in this order, where the service gives them.
DRAWN: dict[str, Promise] = {
    "knee_deg": _("Knee"),
    "hip_deg": _("Hip"),
    "ankle_deg": _("Ankle"),
    "pelvic_drop_deg": _("Pelvic drop"),
    "knee_adduction_deg": _("Knee alignment"),
    "pronation_deg": _("Pronation"),
}


@dataclass(frozen=True)
class Line:
    """One side, or one of two films: its mean as a path, mean ± SD as an area; in pieces where there are gaps."""

    side: str
    path: str
    area: str


@dataclass(frozen=True)
class Drawing:
    """One joint over the cycle; `ticks` are (y, degrees)."""

    label: str | Promise
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, float], ...]
    toe_off_x: float | None
    low: float
    high: float
    of: str = ""  # the side, where the lines are two films


def drawings(curves: Iterable[Curve], toe_off_percent: float | None) -> tuple[Drawing, ...]:
    """Draw the curves of DRAWN, both sides in one; `toe_off_percent` of the span, where it has one."""
    by_key: dict[str, list[Curve]] = {}
    for curve in curves:
        if curve.key in DRAWN and curve.side and sum(point is not None for point in curve.mean) > 1:
            by_key.setdefault(curve.key, []).append(curve)
    toe_off_x = None if toe_off_percent is None else round(toe_off_percent / 100 * WIDTH, 1)
    return tuple(_drawing(DRAWN[key], _named(by_key[key]), toe_off_x) for key in DRAWN if key in by_key)


def over_each_other(now: Iterable[Curve], before: Iterable[Curve]) -> tuple[Drawing, ...]:
    """Draw the curves that both films have, one drawing for each joint and side; its lines are "before" and "now"."""
    found = [{(curve.key, curve.side): curve for curve in curves} for curves in (before, now)]
    made = []
    for key, label in DRAWN.items():
        for side in SIDES:
            both = [curves.get((key, side)) for curves in found]
            known = [curve for curve in both if curve and sum(point is not None for point in curve.mean) > 1]
            if len(known) == len(both):
                named = list(zip(("before", "now"), known, strict=True))
                made.append(replace(_drawing(label, named, None), of=side))
    return tuple(made)


def _named(curves: list[Curve]) -> list[tuple[str, Curve]]:
    return [(curve.side or "left", curve) for curve in curves]


def _drawing(label: str | Promise, named: list[tuple[str, Curve]], toe_off_x: float | None) -> Drawing:
    curves = [curve for _, curve in named]
    values = [value for curve in curves for value in (*_edge(curve, -1), *_edge(curve, 1)) if value is not None]
    step = next((size for size in STEPS_DEG if (max(values) - min(values)) / size <= MOST_LINES), STEPS_DEG[-1])
    low = min(values) // step * step
    high = -(-max(values) // step) * step
    high = high if high > low else low + step

    def y(value: float) -> float:
        return round(HEIGHT - (value - low) / (high - low) * HEIGHT, 1)

    def points(values: tuple[float | None, ...]) -> list[tuple[float, float] | None]:
        last = len(values) - 1
        return [None if value is None else (round(at / last * WIDTH, 1), y(value)) for at, value in enumerate(values)]

    lines = []
    for name, curve in named:
        area = _area(points(_edge(curve, 1)), points(_edge(curve, -1))) if curve.sd else ""
        lines.append(Line(name, _path(points(curve.mean)), area))
    ticks = tuple((y(low + step * at), low + step * at) for at in range(round((high - low) / step) + 1))
    return Drawing(label, tuple(lines), ticks, toe_off_x, min(values), max(values))


def _edge(curve: Curve, sign: int) -> tuple[float | None, ...]:
    """The mean, moved by one SD where there is one."""
    sd = curve.sd if len(curve.sd) == len(curve.mean) else (None,) * len(curve.mean)
    return tuple(
        None if mean is None else mean + sign * (spread or 0.0) for mean, spread in zip(curve.mean, sd, strict=True)
    )


def _path(points: list[tuple[float, float] | None]) -> str:
    pieces = []
    pen_down = False
    for point in points:
        if point is not None:
            pieces.append(f"{'L' if pen_down else 'M'}{point[0]:g} {point[1]:g}")
        pen_down = point is not None
    return "".join(pieces)


def _area(upper: list[tuple[float, float] | None], lower: list[tuple[float, float] | None]) -> str:
    # A gap in one edge is a gap in both; the area closes over it, which the line above shows as missing.
    edge = [point for point in [*upper, *reversed(lower)] if point is not None]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in edge) + "Z"

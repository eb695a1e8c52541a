"""Joint angles over the gait cycle as small drawings. Pure: the service's curves in, geometry out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.results import Curve, Number, Side

WIDTH, HEIGHT = 300.0, 120.0  # of the plot, in the drawing's own units
STEPS_DEG = (5, 10, 20, 50)  # between grid lines
MOST_LINES = 4
SIDES: tuple[Side, ...] = ("left", "right")
WHOLE_NUMBER = re.compile(r"\.0(?=[LMZ]|$)")  # in a path, what nobody needs to read

Values = tuple[float | None, ...]

# The curves that are drawn, in this order, where the service gives them.
DRAWN: dict[str, Promise] = {
    "knee_deg": _("Knee"),
    "hip_deg": _("Hip"),
    "ankle_deg": _("Ankle"),
    "trunk_deg": _("Trunk lean"),
    "pelvic_drop_deg": _("Pelvic drop"),
    "knee_adduction_deg": _("Knee alignment"),
    "pronation_deg": _("Pronation"),
}


# The typical ranges that are about one moment of a curve: where on it they stand, as shares of the time to toe-off or
# beyond. A peak is looked for over a stretch, so its range is drawn over all of it.
STANCE, SWING, WHOLE = (0.2, 0.75), (1.15, 1.75), (0.0, inf)
BANDS: dict[str, tuple[tuple[str, tuple[float, float]], ...]] = {
    "knee_deg": (
        ("knee_at_strike_deg", (0.0, 0.1)),
        ("knee_stance_peak_deg", STANCE),
        ("knee_swing_peak_deg", SWING),
    ),
    "ankle_deg": (("dorsiflexion_peak_deg", (0.35, 0.9)),),
    "trunk_deg": (("trunk_lean_deg", WHOLE),),
    "pelvic_drop_deg": (("pelvic_drop_deg", (0.2, 0.7)),),
    "knee_adduction_deg": (("knee_adduction_deg", (0.2, 0.7)),),
}
TABLE_EVERY = 10  # percent


@dataclass(frozen=True)
class Typical:
    """A measure's typical range, and the stretch of its curve that it is about."""

    measure: str
    span: tuple[float, float]
    ends: tuple[float, float]


@dataclass(frozen=True)
class Band:
    """A typical range over a stretch of a curve, in the drawing's units; `measure` is whose range it is."""

    measure: str
    x: float
    width: float
    y: float
    height: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """One side, or one of two films: its mean as a path, mean ± SD as an area; in pieces where there are gaps."""

    side: str
    path: str
    area: str
    mean: Values = ()  # degrees, evenly over the span
    sd: Values = ()

    @property
    def told(self) -> str:
        """The mean for the script that reads it under the cursor: a hundred degrees in one attribute."""
        return ",".join("" if value is None else f"{value:g}" for value in self.mean)


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
    bands: tuple[Band, ...] = ()

    @property
    def table(self) -> list[tuple[int, list[tuple[float | None, float | None]]]]:
        """The same in numbers: percent of the span, then mean and SD of each line."""
        return [
            (percent, [(_at(line.mean, percent), _at(line.sd, percent)) for line in self.lines])
            for percent in range(0, 101, TABLE_EVERY)
        ]


def _at(values: Values, percent: int) -> float | None:
    return values[round((len(values) - 1) * percent / 100)] if values else None


def drawings(
    curves: Iterable[Curve], toe_off_percent: float | None, ranges: Mapping[str, Number] | None = None
) -> tuple[Drawing, ...]:
    """Draw the curves of DRAWN, both sides in one; `toe_off_percent` of the span, where it has one.

    `ranges` are the measures whose typical ranges stand on the curves, by key.
    """
    by_key: dict[str, list[Curve]] = {}
    for curve in curves:
        if curve.key in DRAWN and curve.side and sum(point is not None for point in curve.mean) > 1:
            by_key.setdefault(curve.key, []).append(curve)
    toe_off_x = None if toe_off_percent is None else round(toe_off_percent / 100 * WIDTH, 1)
    return tuple(
        _drawing(DRAWN[key], _named(by_key[key]), toe_off_x, _ranges(key, ranges or {}))
        for key in DRAWN
        if key in by_key
    )


def _ranges(key: str, ranges: Mapping[str, Number]) -> list[Typical]:
    return [
        Typical(measure, span, found.range_good)
        for measure, span in BANDS.get(key, ())
        if (found := ranges.get(measure)) and found.range_good
    ]


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


@dataclass(frozen=True)
class _Scale:
    """The degrees at the bottom and the top of a drawing, and between its grid lines."""

    low: float
    high: float
    step: float

    @classmethod
    def around(cls, least: float, most: float) -> _Scale:
        """Return whole steps around these, MOST_LINES of them at most where a step is large enough."""
        step = next((size for size in STEPS_DEG if (most - least) / size <= MOST_LINES), STEPS_DEG[-1])
        low, high = least // step * step, -(-most // step) * step
        return cls(low, high if high > low else low + step, step)

    def y(self, value: float) -> float:
        return round(HEIGHT - (value - self.low) / (self.high - self.low) * HEIGHT, 1)

    def line(self, values: Values) -> str:
        """Return a path through the values, in pieces where there are gaps."""
        return self._filled(_line(_known(values)), values)

    def area(self, upper: Values, lower: Values) -> str:
        """Return a path around what lies between two edges, which have their gaps in the same places."""
        return self._filled(_area(_known(upper)), (*upper, *reversed(lower)))

    def _filled(self, path: str, values: Values) -> str:
        """Write the heights of the values into a path, by the hundred at once: y() for each takes far longer."""
        low, span = self.low, self.high - self.low
        heights = [HEIGHT - (value - low) / span * HEIGHT for value in values if value is not None]
        return WHOLE_NUMBER.sub("", path % tuple(heights))

    @property
    def ticks(self) -> tuple[tuple[float, float], ...]:
        count = round((self.high - self.low) / self.step) + 1
        return tuple((self.y(self.low + self.step * at), self.low + self.step * at) for at in range(count))


def _drawing(
    label: str | Promise, named: list[tuple[str, Curve]], toe_off_x: float | None, ranges: Iterable[Typical] = ()
) -> Drawing:
    edges = [(_edge(curve, 1), _edge(curve, -1)) for _, curve in named]
    values = [value for both in edges for edge in both for value in edge if value is not None]
    least, most = min(values), max(values)
    scale = _Scale.around(least, most)
    lines = []
    for (name, curve), (upper, lower) in zip(named, edges, strict=True):
        area = scale.area(upper, lower) if curve.sd else ""
        lines.append(Line(name, scale.line(curve.mean), area, curve.mean, curve.sd))
    # Over the stance alone the contact is the whole width.
    contact_x = WIDTH if toe_off_x is None else toe_off_x
    # A range that lies beyond the drawing is told in the table alone.
    bands = [_band(one, contact_x, scale) for one in ranges if one.ends[0] < scale.high and one.ends[1] > scale.low]
    return Drawing(label, tuple(lines), scale.ticks, toe_off_x, least, most, bands=tuple(bands))


def _band(typical: Typical, contact_x: float, scale: _Scale) -> Band:
    """Return where a range lies; it ends where the drawing does."""
    (start, stop), (low, high) = typical.span, typical.ends
    x, top = start * contact_x, scale.y(min(high, scale.high))
    width = min(stop * contact_x, WIDTH) - x
    height = round(scale.y(max(low, scale.low)) - top, 1)
    return Band(typical.measure, round(x, 1), round(width, 1), top, height, low, high)


def _edge(curve: Curve, sign: int) -> Values:
    """The mean, moved by one SD where there is one."""
    sd = curve.sd if len(curve.sd) == len(curve.mean) else (None,) * len(curve.mean)
    return tuple(
        None if mean is None else mean + sign * (spread or 0.0) for mean, spread in zip(curve.mean, sd, strict=True)
    )


@lru_cache(maxsize=4)  # of one service all curves have as many points
def _across(count: int) -> tuple[str, ...]:
    """Return where so many points lie across the drawing."""
    return tuple(f"{round(at / (count - 1) * WIDTH, 1):g}" for at in range(count))


def _known(values: Values) -> tuple[bool, ...]:
    return tuple([value is not None for value in values])


@lru_cache(maxsize=64)  # most curves have no gaps
def _line(known: tuple[bool, ...]) -> str:
    """Return the path of a line through those points that are known, their heights to be filled in."""
    ways = ("L" if before else "M" for before in (False, *known))
    points = zip(ways, _across(len(known)), known, strict=False)
    return "".join(f"{way}{x} %.1f" for way, x, is_known in points if is_known)


@lru_cache(maxsize=64)
def _area(known: tuple[bool, ...]) -> str:
    """Return the path of an area, there and back; it closes over gaps, which the line above shows as missing."""
    there = [x for x, is_known in zip(_across(len(known)), known, strict=True) if is_known]
    return "M" + "L".join(f"{x} %.1f" for x in [*there, *reversed(there)]) + "Z"

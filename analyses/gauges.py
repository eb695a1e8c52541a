"""A value on a bar, over its typical range."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from providers.results import Range

GAUGE_PX = 150

Limits = tuple[float | None, float | None]  # of a range; None where nothing is lost beyond it


@dataclass(frozen=True)
class Gauge:
    """A value in its typical range, in pixels of a bar GAUGE_PX wide; `verdict` is good, okay, bad or unknown.

    An end beyond which nothing is lost is None: the range reaches to the end of the bar.
    """

    typical_x: float
    typical_width: float
    value_x: float
    unsure_x1: float
    unsure_x2: float
    verdict: str
    low: float | None
    high: float | None


def limits_of(of: Range, open_ends: Collection[str]) -> Limits:
    """Return the limits of a range as a service tells it: at an open end it tells only where a gauge would end."""
    return (None if "low" in open_ends else of[0], None if "high" in open_ends else of[1])


def gauge(value: float, unsure: float, good: Range, okay: Range | None, *, open_ends: Collection[str] = ()) -> Gauge:
    """Draw a value and how unsure it is over its range: the range fills the middle half unless the value is outside."""
    low, high = good
    margin = (high - low) / 2 or 1.0
    left = min(low - margin, value - unsure)
    right = max(high + margin, value + unsure)

    def x(of: float) -> float:
        return round((of - left) / (right - left) * GAUGE_PX, 1)

    from_x = 0.0 if "low" in open_ends else x(low)
    to_x = GAUGE_PX if "high" in open_ends else x(high)
    limits = limits_of(good, open_ends)
    return Gauge(
        typical_x=from_x,
        typical_width=round(to_x - from_x, 1),
        value_x=x(value),
        unsure_x1=x(value - unsure),
        unsure_x2=x(value + unsure),
        verdict=_in_range(value, unsure, good, okay, open_ends),
        low=limits[0],
        high=limits[1],
    )


def _in_range(value: float, unsure: float, good: Range, okay: Range | None, open_ends: Collection[str]) -> str:
    """Judge kindly, as the engine's scores do: half of what we are unsure of is not held against the runner."""

    def inside(of: Range | None) -> bool:
        if of is None:
            return False
        low, high = limits_of(of, open_ends)
        return (low is None or low - unsure / 2 <= value) and (high is None or value <= high + unsure / 2)

    if unsure > good[1] - good[0] and inside(good):
        return "unknown"  # "in its range" says nothing where the doubt is wider than the range
    return "good" if inside(good) else "okay" if inside(okay) else "bad"

"""Numbers as JSON holds them: rounded, bounded, never infinite."""

from __future__ import annotations

from math import isfinite
from typing import Any

from engine.measure.bands import Band
from engine.measure.numbers import Measure
from engine.measure.track import SIDES, Array

DECIMALS = {"s": 4, "m/s": 3, "m": 3, "": 4, "W/kg": 2, "body weight": 2, "kN/m": 2}


def rounded(value: float | None, digits: int) -> float | None:
    """A number rounded for JSON; None for what is missing or not finite."""
    return round(float(value), digits) if value is not None and isfinite(value) else None


def score(value: float | None) -> float | None:
    """A score, 0-1."""
    return None if value is None else round(min(max(float(value), 0.0), 1.0), 3)


def pair(limits: tuple[float, float]) -> list[float]:
    """The two ends of a range."""
    return [round(float(limits[0]), 1), round(float(limits[1]), 1)]


def curve_points(mean: Array, sd: Array) -> dict[str, list[float]]:
    """A mean course and its spread."""
    return {"mean": [round(float(v), 1) for v in mean], "sd": [round(float(v), 1) for v in sd]}


def measure_numbers(measure: Measure, band: Band | None = None) -> dict[str, Any]:
    """One measure with what is known of its trust, its sides and, with a band, its ranges."""
    digits = DECIMALS.get(measure.unit, 2)
    out: dict[str, Any] = {
        "value": rounded(measure.value, digits),
        "unit": measure.unit,
        "uncertainty_95": rounded(measure.uncertainty_95, digits),
        "sd": rounded(measure.sd, digits),
        "n": measure.n,
        "confidence": rounded(measure.confidence, 2),
    }
    if band:
        out["range_good"], out["range_okay"] = pair(band.finite("good")), pair(band.finite("okay"))
        out["source"] = band.source
        # A range may cost nothing on one side; its end there is only where a gauge ends.
        out["range_open"] = [end for end, limit in zip(("low", "high"), band.good, strict=True) if not isfinite(limit)]
    for name in SIDES:
        own = measure.side(name)
        if own:
            out[name] = {key: value for key, value in measure_numbers(own).items() if key != "unit"}
    return out

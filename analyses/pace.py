"""A treadmill's pace as people type it."""

from __future__ import annotations

import re

from accounts.units import IMPERIAL, KM_PER_MILE

S_PER_HOUR = 3600

_MINUTES = re.compile(r"(\d{1,2})[:.'′](\d{2})(?:\s*(?:min)?\s*/\s*(km|mi|mile))?", re.IGNORECASE)
_SPEED = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)\s*(km\s*/?\s*h|mph|mi\s*/\s*h)", re.IGNORECASE)


def read_pace(typed: str, units: str) -> int | None:
    """Return seconds per km from "5:30", "8:51 /mi", or the belt's own "10.9 km/h" or "6.8 mph"; None for others.

    Minutes and seconds alone are for the reader's own kilometre or mile.
    """
    text = typed.strip()
    if found := _MINUTES.fullmatch(text):
        minutes, seconds = int(found[1]), int(found[2])
        miles = _is_mile(found[3]) if found[3] else units == IMPERIAL
        return round((minutes * 60 + seconds) / _km(miles)) if seconds < 60 else None
    if found := _SPEED.fullmatch(text):
        speed_kmh = float(found[1].replace(",", ".")) * _km(_is_mile(found[2]))
        return round(S_PER_HOUR / speed_kmh) if speed_kmh else None
    return None


def _is_mile(unit: str) -> bool:
    return unit.lower().startswith("m")


def _km(miles: bool) -> float:
    return KM_PER_MILE if miles else 1

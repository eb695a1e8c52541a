"""A treadmill's pace as people type it."""

from __future__ import annotations

import re

from accounts.units import KM_PER_MILE

S_PER_HOUR = 3600

_MINUTES = re.compile(r"(\d{1,2})[:.'′](\d{2})(?:\s*(?:min)?\s*/\s*(km|mi|mile))?", re.IGNORECASE)
_SPEED = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)\s*(km\s*/?\s*h|mph|mi\s*/\s*h)", re.IGNORECASE)


def _km(unit: str | None) -> float:
    return KM_PER_MILE if (unit or "").lower().startswith("m") else 1


def read_pace(typed: str) -> int | None:
    """Return seconds per km from "5:30", "8:51 /mi", or the belt's own "10.9 km/h" or "6.8 mph"; None for others."""
    text = typed.strip()
    if found := _MINUTES.fullmatch(text):
        minutes, seconds = int(found[1]), int(found[2])
        return round((minutes * 60 + seconds) / _km(found[3])) if seconds < 60 else None
    if found := _SPEED.fullmatch(text):
        speed_kmh = float(found[1].replace(",", ".")) * _km(found[2])
        return round(S_PER_HOUR / speed_kmh) if speed_kmh else None
    return None


def write_pace(s_per_km: int) -> str:
    """Write seconds per km as `read_pace` reads them: 360 is 6:00."""
    return f"{s_per_km // 60}:{s_per_km % 60:02d}"

"""A treadmill's pace as people type it."""

from __future__ import annotations

import re

S_PER_HOUR = 3600

_MINUTES = re.compile(r"(\d{1,2})[:.'′](\d{2})(?:\s*(?:min)?\s*/\s*km)?")
_SPEED = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)\s*km\s*/?\s*h", re.IGNORECASE)


def read_pace(typed: str) -> int | None:
    """Return seconds per km from "5:30", "5:30 /km" or the belt's own "10.9 km/h"; None for anything else."""
    text = typed.strip()
    if found := _MINUTES.fullmatch(text):
        minutes, seconds = int(found[1]), int(found[2])
        return minutes * 60 + seconds if seconds < 60 else None
    if found := _SPEED.fullmatch(text):
        speed_kmh = float(found[1].replace(",", "."))
        return round(S_PER_HOUR / speed_kmh) if speed_kmh else None
    return None

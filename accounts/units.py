"""Sizes and paces as an organisation reads and types them. Everything kept and computed is metric."""

from __future__ import annotations

import re

from django.utils.formats import number_format

from accounts.models import Organization

# International yard and pound agreement of 1959: an inch is 25.4 mm, a mile 63,360 inches, a pound 0.45359237 kg.
M_PER_INCH = 0.0254
KM_PER_MILE = 63_360 * M_PER_INCH / 1000
KG_PER_LB = 0.45359237
IMPERIAL = Organization.Units.IMPERIAL

_FEET = re.compile(r"(\d)\s*(?:ft|'|′|feet)\s*(?:(\d{1,2}(?:\.\d)?)\s*(?:in|\"|″|inches|'')?)?", re.IGNORECASE)
_POUNDS = re.compile(r"(\d{2,3}(?:\.\d)?)\s*(?:lb|lbs|pounds)", re.IGNORECASE)


def pace(s_per_km: float, units: str) -> str:
    """Write 360 s per km as "6:00 /km" or "9:39 /mi"."""
    miles = units == IMPERIAL
    minutes, seconds = divmod(round(s_per_km * (KM_PER_MILE if miles else 1)), 60)
    return f"{minutes}:{seconds:02d} /{'mi' if miles else 'km'}"


def speed(s_per_km: float, units: str) -> str:
    """Write 360 s per km as "10.0 km/h" or "6.2 mph"."""
    kmh = 3600 / s_per_km
    return f"{_number(kmh / KM_PER_MILE, 1)} mph" if units == IMPERIAL else f"{_number(kmh, 1)} km/h"


def height(metres: float, units: str) -> str:
    """Write 1.75 as "1.75 m" or "5 ft 9 in"."""
    if units != IMPERIAL:
        return f"{_number(metres, 2)} m"
    feet, inches = divmod(round(metres / M_PER_INCH), 12)
    return f"{feet} ft {inches} in"


def weight(kilograms: float, units: str, decimals: int = 0) -> str:
    """Write 68 as "68 kg" or "150 lb"."""
    if units == IMPERIAL:
        return f"{_number(kilograms / KG_PER_LB, decimals)} lb"
    return f"{_number(kilograms, decimals)} kg"


def read_height(typed: str) -> float | None:
    """Return metres from "5 ft 9", "5'9\\"" or "6 ft"; None for anything else."""
    found = _FEET.fullmatch(typed.strip())
    inches = float(found[2] or 0) if found else 12.0
    return round((int(found[1]) * 12 + inches) * M_PER_INCH, 3) if found and inches < 12 else None


def read_weight(typed: str) -> float | None:
    """Return kilograms from "150 lb"; None for anything else."""
    found = _POUNDS.fullmatch(typed.strip())
    return round(float(found[1]) * KG_PER_LB, 1) if found else None


def _number(value: float, decimals: int = 0) -> str:
    return str(number_format(f"{value:.{decimals}f}", decimals))

"""Sizes and paces as people read and type them. Everything kept and computed is metric."""

from __future__ import annotations

import re

from django.utils.formats import number_format

from accounts.models import Units
from accounts.numbers import NBSP, with_unit

# International yard and pound agreement of 1959: an inch is 25.4 mm, a mile 63,360 inches, a pound 0.45359237 kg.
M_PER_INCH = 0.0254
KM_PER_MILE = 63_360 * M_PER_INCH / 1000
KG_PER_LB = 0.45359237
IMPERIAL = Units.IMPERIAL

_FEET = re.compile(r"(\d)\s*(?:ft|'|′|feet)\s*(?:(\d{1,2}(?:[.,]\d)?)\s*(?:in|\"|″|inches|'')?)?", re.IGNORECASE)
_METRES = re.compile(r"([012][.,]\d{1,3})\s*m", re.IGNORECASE)
_CENTIMETRES = re.compile(r"(\d{2,3})\s*cm", re.IGNORECASE)
_POUNDS = re.compile(r"(\d{2,3}(?:[.,]\d)?)\s*(?:lb|lbs|pounds)", re.IGNORECASE)
_KILOGRAMS = re.compile(r"(\d{2,3}(?:[.,]\d{1,2})?)\s*kg", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}(?:[.,]\d{0,6})?")
# A bare number in feet-and-inches country: nobody is so many metres tall, or so few inches.
_INCHES = (20, 99)


def pace(s_per_km: float, units: str) -> str:
    """Write 360 s per km as "6:00 /km" or "9:39 /mi"."""
    miles = units == IMPERIAL
    minutes, seconds = divmod(round(s_per_km * (KM_PER_MILE if miles else 1)), 60)
    return with_unit(f"{minutes}:{seconds:02d}", "/mi" if miles else "/km")


def speed(s_per_km: float, units: str) -> str:
    """Write 360 s per km as "10.0 km/h" or "6.2 mph"."""
    kmh = 3600 / s_per_km
    return with_unit(_number(kmh / KM_PER_MILE, 1), "mph") if units == IMPERIAL else with_unit(_number(kmh, 1), "km/h")


def height(metres: float, units: str) -> str:
    """Write 1.75 as "1.75 m" or "5 ft 9 in"."""
    if units != IMPERIAL:
        return with_unit(_number(metres, 2), "m")
    feet, inches = divmod(round(metres / M_PER_INCH), 12)
    return f"{feet}{NBSP}ft{NBSP}{inches}{NBSP}in"


def weight(kilograms: float, units: str, decimals: int = 0) -> str:
    """Write 68 as "68 kg" or "150 lb"."""
    if units == IMPERIAL:
        return with_unit(_number(kilograms / KG_PER_LB, decimals), "lb")
    return with_unit(_number(kilograms, decimals), "kg")


def typed_height(metres: float, units: str) -> str:
    """Write 1.753 as a field for it has it: "1.753" or "5 ft 9 in"."""
    return height(metres, units).replace(NBSP, " ") if units == IMPERIAL else _typed(metres)


def typed_weight(kilograms: float, units: str) -> str:
    """Write 68 as a field for it has it, its unit beside it: "68" or "149.9"."""
    return _typed(round(kilograms / KG_PER_LB, 1) if units == IMPERIAL else kilograms)


def typed_pace(s_per_km: float, units: str) -> str:
    """Write 360 s per km as a field for it has it, its unit beside it: "6:00" or "9:39"."""
    return pace(s_per_km, units).partition(NBSP)[0]


def read_height(typed: str, units: str) -> float | None:
    """Return metres from "1.75 m", "175 cm", "5 ft 9" or "5'9\""; None for what is no height.

    A number alone is metres; to whoever reads feet, one that cannot be is inches.
    """
    text = typed.strip()
    if found := _FEET.fullmatch(text):
        inches = _number_of(found[2] or "0")
        return round((int(found[1]) * 12 + inches) * M_PER_INCH, 3) if inches < 12 else None
    if found := _CENTIMETRES.fullmatch(text):
        return int(found[1]) / 100
    if found := _METRES.fullmatch(text):
        return _number_of(found[1])
    if not _NUMBER.fullmatch(text):
        return None
    value = _number_of(text)
    return round(value * M_PER_INCH, 3) if units == IMPERIAL and _INCHES[0] <= value <= _INCHES[1] else value


def read_weight(typed: str, units: str) -> float | None:
    """Return kilograms from "68 kg", "150 lb", or a number alone in the reader's own unit; None for what is neither."""
    text = typed.strip()
    if found := _KILOGRAMS.fullmatch(text):
        return _number_of(found[1])
    found = _POUNDS.fullmatch(text)
    if found or (units == IMPERIAL and _NUMBER.fullmatch(text)):
        return round(_number_of(found[1] if found else text) * KG_PER_LB, 1)
    return _number_of(text) if _NUMBER.fullmatch(text) else None


def _typed(value: float) -> str:
    return str(number_format(f"{value:g}"))


def _number_of(text: str) -> float:
    return float(text.replace(",", "."))


def _number(value: float, decimals: int = 0) -> str:
    return str(number_format(f"{value:.{decimals}f}", decimals))

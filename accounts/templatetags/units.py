"""Sizes and paces in the units of whoever reads the page."""

from __future__ import annotations

from collections.abc import Callable

from django import template
from django.template import Context

from accounts import units
from accounts.manner import manner_of
from accounts.numbers import NONE

register = template.Library()


@register.simple_tag(takes_context=True)
def pace_of(context: Context, s_per_km: float | None) -> str:
    return _written(context, units.pace, s_per_km)


@register.simple_tag(takes_context=True)
def speed_of(context: Context, s_per_km: float | None) -> str:
    return _written(context, units.speed, s_per_km)


@register.simple_tag(takes_context=True)
def height_of(context: Context, metres: float | None) -> str:
    return _written(context, units.height, metres)


@register.simple_tag(takes_context=True)
def weight_of(context: Context, kilograms: float | None, decimals: int = 0) -> str:
    return _written(context, lambda value, unit: units.weight(value, unit, decimals), kilograms)


@register.simple_tag(takes_context=True)
def typed_height(context: Context, metres: float | None) -> str:
    """Write a height as a field has it."""
    return units.typed_height(metres, units_of(context)) if metres else ""


@register.simple_tag(takes_context=True)
def typed_weight(context: Context, kilograms: float | None) -> str:
    """Write a weight as a field has it, its unit beside it."""
    return units.typed_weight(kilograms, units_of(context)) if kilograms else ""


@register.simple_tag(takes_context=True)
def typed_pace(context: Context, s_per_km: float | None) -> str:
    """Write a pace as a field has it, its unit beside it."""
    return units.typed_pace(s_per_km, units_of(context)) if s_per_km else ""


@register.simple_tag(takes_context=True)
def field_units(context: Context) -> dict[str, str]:
    """Return what stands beside the fields; feet and inches stand within theirs."""
    imperial = units_of(context) == units.IMPERIAL
    return {"height": "", "weight": "lb", "pace": "/mi"} if imperial else {"height": "m", "weight": "kg", "pace": "/km"}


def _written(context: Context, write: Callable[[float, str], str], value: float | None) -> str:
    return write(value, units_of(context)) if value else NONE


def units_of(context: Context) -> str:
    """Return in which units a page is read."""
    # A page without the shell is read by no member; it names its organisation itself.
    manner = context.get("manner") or manner_of(None, context["organization"])
    return str(manner.units)

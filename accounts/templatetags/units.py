"""Sizes and paces in the units of the organisation whose page it is."""

from __future__ import annotations

from collections.abc import Callable

from django import template
from django.template import Context

from accounts import units
from accounts.models import Organization

register = template.Library()

NONE = "–"


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


def _written(context: Context, write: Callable[[float, str], str], value: float | None) -> str:
    # A page without the shell names its organisation itself.
    organization: Organization = context["organization"]
    return write(value, organization.units) if value else NONE

"""Settings as a list: its sections, and whether a page is one of them."""

from __future__ import annotations

from django import template

from accounts.places import SECTIONS, Place, Section, is_inside

register = template.Library()


@register.simple_tag
def settings_sections() -> tuple[Section, ...]:
    return SECTIONS


@register.filter
def holds(place: Place, view_name: str) -> bool:
    """Whether the list marks this place while the page `view_name` is open."""
    return place.holds(view_name)


@register.filter
def in_settings(view_name: str | None) -> bool:
    return is_inside(view_name or "")

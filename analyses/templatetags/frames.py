"""From a number to where the film shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(table: Mapping[Any, Any], key: object) -> Any:
    """Return what a table has under a key, None when it has nothing."""
    return table.get(key)

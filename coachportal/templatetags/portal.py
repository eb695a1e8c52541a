"""What templates of every room need: icons, numbers and times as people read them, a look into a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.forms import BoundField
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.numbers import NONE, number, signed
from coachportal import icons

register = template.Library()
register.filter("number", number)
register.filter("signed", signed)


@register.simple_tag
def icon(name: str, size: int = 18, css: str = "") -> SafeString:
    """Draw one icon of the open set; it is decoration, so a word or a label always goes with it."""
    return _drawn(name, size, css)


@lru_cache(maxsize=512)  # a list draws the same few by the hundred
def _drawn(name: str, size: int, css: str) -> SafeString:
    svg = icons.drawn(name, size, **{"aria-hidden": "true", "focusable": "false", "class": f"icon {css}".strip()})
    return mark_safe(svg)  # noqa: S308 -- the package's own drawing with our own attribute values


@register.filter
def points(share: float | None) -> str:
    """Write a score of 0–1 as 0–100."""
    return number(None if share is None else share * 100)


@register.filter
def clock(seconds: float | None) -> str:
    """Write a span of time as 0:07, 12:30 or 1:02:03."""
    if seconds is None:
        return NONE
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@register.filter
def initials(name: object) -> str:
    """Write the first letters of the first and the last word of a name; of "Runner 07" the number tells more."""
    words = str(name).split()
    if not words:
        return ""
    if words[-1].isdigit():
        return words[-1][-2:]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


@register.simple_tag
def options(rows: Iterable[Any], chosen: Any) -> SafeString:
    """Draw what a menu offers, rows by code and name: 40 of them as nodes of a template take a tenth of a page."""
    drawn = (
        f'<option value="{one.code}"{" selected" if one == chosen else ""}>{escape(one.name)}</option>' for one in rows
    )
    return mark_safe("".join(drawn))  # noqa: S308 - names are escaped


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """Return this page's query with `changes` made to it; an empty value leaves the word out."""
    kept = context["request"].GET.dict() | changes
    return "?" + urlencode({key: value for key, value in kept.items() if value not in (None, "")})


@register.filter
def of(table: Mapping[Any, Any], key: object) -> Any:
    """Return what a table has under a key, None when it has nothing."""
    return table.get(key)


@register.filter
def bare(field: BoundField) -> BoundField:
    """Without the placeholder of allauth's own forms: it repeats the label, where ours show an example."""
    if any(kind.__module__.startswith("allauth.") for kind in type(field.form).__mro__):
        field.field.widget.attrs.pop("placeholder", None)
    return field


@register.filter
def unlocalized(value: float) -> str:
    """Write a number for a machine: a point whatever the language."""
    return f"{value:g}"

"""Days, colons and lists as the page's language sets them, built into every template: `date` is no longer Django's."""

from __future__ import annotations

from datetime import date

from django import template

from accounts.writing import COLON, COMMA, date_format, gap, listed

register = template.Library()
register.filter("listed", listed)


@register.filter("date", expects_localtime=True)
def written(value: date | None, form: str = "DATE_FORMAT") -> str:
    return date_format(value, form) if value else ""


@register.simple_tag
def colon() -> str:
    return str(COLON)


@register.simple_tag
def comma() -> str:
    return str(COMMA)


register.simple_tag(gap)

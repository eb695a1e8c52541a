"""Django's filter `date`, with our way of writing a day: built into every template."""

from __future__ import annotations

from datetime import date

from django import template

from accounts.writing import date_format

register = template.Library()


@register.filter("date", expects_localtime=True)
def written(value: date | None, form: str = "DATE_FORMAT") -> str:
    return date_format(value, form) if value else ""

"""How a language sets days, colons, lists and sentences, on a page and on paper alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from django.utils import formats
from django.utils.translation import get_language, pgettext_lazy

# How a language counts the first of a month, which none of Django's forms of a day can say.
FIRST = {"fr": "1er", "it": "1º", "pt": "1º"}
COLON = pgettext_lazy("between what and how it is", ": ")
COMMA = pgettext_lazy("between two of a list", ", ")


def date_format(value: date, form: str = "DATE_FORMAT") -> str:
    """Write a day, a time or both as Django does, and the first of a month as the language counts it."""
    return _written(value, form) if isinstance(value, datetime) else _day(value, form, get_language())


@lru_cache(maxsize=4096)  # lists and charts show the same few hundred days
def _day(on: date, form: str, _language: str | None) -> str:
    return _written(on, form)


def _written(value: date, form: str) -> str:
    written = formats.date_format(value, form)
    first = FIRST.get(get_language() or "") if written.startswith("1 ") else None
    return f"{first}{written[1:]}" if first else written


def listed(words: Iterable[object]) -> str:
    """Write several one after the other."""
    return str(COMMA).join(map(str, words))


def gap() -> str:
    """What stands between two sentences: nothing where their full stop is as wide as a letter."""
    return "" if (get_language() or "").startswith(("ja", "zh")) else " "


def in_turn(sentences: Iterable[object]) -> str:
    """Write several sentences one after the other; an empty one leaves nothing behind."""
    return gap().join(filter(None, map(str, sentences)))

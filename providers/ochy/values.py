"""Take single values out of JSON nobody promised: what is not of the wanted type is absent, and nothing raises."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

MAX_TEXT = 20_000  # characters; the longest published text has some forty
MAX_ITEMS = 2_000  # of a list or an object; a film of ten seconds has some thirty steps
MAX_NAME = 32  # characters of a key or unit; the longest of ours has 27

# PostgreSQL stores no NUL, UTF-8 has no lone surrogates; JSON can spell both.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def mapping(value: Any) -> dict[str, Any]:
    """Return an object's keys and values; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Return a list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return a string without what a database cannot store; an empty one for anything else."""
    if not isinstance(value, str):
        return ""
    return (value if value.isascii() and "\0" not in value else _UNSTORABLE.sub("", value))[:MAX_TEXT]


def name_or_none(value: Any) -> str | None:
    """Return a short, clean word such as a key or a unit; None for what only a hostile answer holds."""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_NAME and not _UNSTORABLE.search(value) else None


def texts(value: Any) -> tuple[str, ...]:
    """Return the non-empty strings of a list, or of a single string."""
    several = value if isinstance(value, list) else [value]
    return tuple(line for line in map(text, several) if line)


def number(value: Any) -> float | None:
    """Return a finite number; a truth value and a string of digits are none."""
    if type(value) is float:  # nearly all, by the thousand in an answer
        return value if math.isfinite(value) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        real = float(value)
    except OverflowError:
        return None
    return real if math.isfinite(real) else None


def whole(value: Any) -> int | None:
    """Return a whole number that fits a database column, else None."""
    real = number(value)
    return int(real) if real is not None and real == int(real) and abs(real) < 2**53 else None


def share(value: Any) -> float | None:
    """Return a score or probability, 0–1."""
    real = number(value)
    return real if real is not None and 0 <= real <= 1 else None


def percent(value: Any) -> float | None:
    """Return a percentage, held within 0–100."""
    real = number(value)
    return None if real is None else min(max(real, 0.0), 100.0)


def interval(value: Any) -> tuple[float, float] | None:
    """Return [low, high] in ascending order."""
    if not isinstance(value, list) or len(value) != 2:  # most have none
        return None
    one, other = number(value[0]), number(value[1])
    return None if one is None or other is None else (min(one, other), max(one, other))


def intervals(value: Any) -> tuple[tuple[float, float], ...]:
    """Return one pair or several: which of both `range_bad` holds is not published."""
    one = interval(value)
    return (one,) if one else tuple(pair for pair in map(interval, sequence(value)) if pair)


def moment(value: Any) -> datetime | None:
    """Return an ISO 8601 time; UTC where it names no zone.

    The first and the last year there are stand for no time at all, and cannot be told in every zone.
    """
    try:
        parsed = datetime.fromisoformat(text(value))
        told = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return told if MINYEAR < told.year < MAXYEAR else None


def identifier(body: Any, *names: str) -> str | None:
    """Return the first id under any of `names`, opaque and, by our own bound, at most 64 characters."""
    for name in names:
        value = mapping(body).get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value) if abs(value) < 10**18 else None
        if isinstance(value, str) and 0 < len(value.strip()) <= 64 and text(value) == value:
            return value.strip()
    return None


def rows(body: Any, name: str) -> list[Any]:
    """Return the list of a bare list, under `name`, or the one list an object holds."""
    if isinstance(body, list):
        return body
    held = mapping(body)
    if isinstance(held.get(name), list):
        return sequence(held[name])
    lists = [value for value in held.values() if isinstance(value, list)]
    return lists[0] if len(lists) == 1 else []


def leaves(value: Any, path: tuple[str, ...] = (), depth: int = 6) -> Iterator[tuple[tuple[str, ...], float]]:
    """Give every number below `value` with the keys that lead to it; lists are not entered."""
    real = number(value)
    if real is not None:
        yield path, real
    elif isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield from leaves(inner, (*path, text(key)), depth - 1)

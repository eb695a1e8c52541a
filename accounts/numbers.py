"""Numbers as people read them, on a page and on paper alike."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from django.utils.formats import get_format

NONE = "–"
NBSP = "\N{NO-BREAK SPACE}"
# As many digits as a float can have in front of its point, and then some.
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
# A float holds any 15 digits: nine in front of the point and five behind it are fewer.
MANY, MANY_PLACES = 1e9, 6


def number(value: float | None, decimals: int = 0) -> str:
    """Write a number with so many decimals, a real minus sign, and a dash where there is none.

    With −1 it is one decimal, but none where that would be a 0. A page has hundreds: Django's floatformat, which says
    the same, takes thrice as long.
    """
    if value is None or not math.isfinite(value):
        return NONE
    places = 0 if decimals < 0 and value == int(value) else abs(decimals)
    written = f"{value:.{places}f}" if _rounds_alike(value, places) else _rounded(value, places)
    # A measured −0.04 with one decimal is 0.0, and a sign in front of nothing would say more than is known.
    written = written.replace("-", "−") if written.strip("-0.") else written.lstrip("-")
    return written.replace(".", get_format("DECIMAL_SEPARATOR")) if places else written


def _rounds_alike(value: float, places: int) -> bool:
    """Say whether the number as the machine keeps it and as it is written round to the same.

    Not a tie as written, a 5 that is the first digit to go: the machine's own number lies a little beside it. Nor one
    of so many digits that the machine's own show beyond those that are written.
    """
    told = str(value)
    is_tie = told.endswith("5") and told[-places - 2 : -places - 1] == "."
    return isinstance(value, float) and abs(value) < MANY and places < MANY_PLACES and not is_tie and "e" not in told


def _rounded(value: float, places: int) -> str:
    return f"{Decimal(str(value)).quantize(Decimal((0, (1,), -places)), context=_EXACT):f}"


def with_unit(written: str, unit: str) -> str:
    """Write a unit behind its number, never on the next line: degrees close up, all others after a gap."""
    return f"{written}{'' if unit in ('', '°') else NBSP}{unit}"


def between(low: float | None, high: float | None, decimals: int = 0) -> str:
    """Write a range, which may be open at one end."""
    if low is not None and high is not None:
        return f"{number(low, decimals)} – {number(high, decimals)}"
    return f"≥ {number(low, decimals)}" if high is None else f"≤ {number(high, decimals)}"


def signed(value: float | None, decimals: int = 0) -> str:
    """Write a change with its sign, whichever it is: a change of nothing, which a bare 0 would not say, has both."""
    written = number(value, decimals)
    if value is None or written == NONE or written.startswith("−"):
        return written
    return f"+{written}" if any(digit in written for digit in "123456789") else f"±{written}"

"""Numbers as people read them, on a page and on paper alike."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from django.utils.formats import get_format

NONE = "–"
# As many digits as a float can have in front of its point, and then some.
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)


def number(value: float | None, decimals: int = 0) -> str:
    """Write a number with so many decimals, a real minus sign, and a dash where there is none.

    With −1 it is one decimal, but none where that would be a 0. A page has hundreds: Django's floatformat, which says
    the same, takes four times as long.
    """
    if value is None or not math.isfinite(value):
        return NONE
    exact = Decimal(str(value))
    places = 0 if decimals < 0 and exact == exact.to_integral_value() else abs(decimals)
    written = f"{exact.quantize(Decimal((0, (1,), -places)), context=_EXACT):f}"
    if places:
        written = written.replace(".", get_format("DECIMAL_SEPARATOR"))
    # A measured −0.04 with one decimal is 0.0, and a sign in front of nothing would say more than is known.
    return written.replace("-", "−") if any(digit in written for digit in "123456789") else written.lstrip("-")


def signed(value: float | None, decimals: int = 0) -> str:
    """Write a change with its sign, whichever it is: a change of nothing, which a bare 0 would not say, has both."""
    written = number(value, decimals)
    if value is None or written == NONE or written.startswith("−"):
        return written
    return f"+{written}" if any(digit in written for digit in "123456789") else f"±{written}"

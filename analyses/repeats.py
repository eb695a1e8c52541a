"""One's own repeatability: from films of the same minute to the smallest change that is real here. Pure.

Nothing had changed between two films of one minute, so their difference d is noise. From k such pairs the smallest real
change is 1.96·√(Σd²/k), as MDC95 = 2.77 standard errors. Two films may agree by luck, so the usual limit counts as
PRIOR_PAIRS pairs more: √((PRIOR_PAIRS·usual² + 1.96²·Σd²) / (PRIOR_PAIRS + k)). A measure without a usual limit waits
for as many pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import fmean

from analyses.compare import Comparison, Difference, OwnValue, together

PRIOR_PAIRS = 3  # ours: with one pair the own value cannot fall below 0.87, with ten below 0.48 of the usual limit
NORMAL_95 = 1.96


@dataclass(frozen=True)
class Found:
    """One measure of one pair of films: what they differ by, the usual limit, and what both are unsure of."""

    difference: float
    usual: float | None = None
    unsure: float | None = None


@dataclass(frozen=True)
class PairOfFilms:
    """Two films of the same minute."""

    on: date
    found: Mapping[str, Found]


def found_in(comparison: Comparison) -> dict[str, Found]:
    """Return what two films of the same minute differ by, measure for measure; the comparison knows no own values."""
    rows = [row for row in (comparison.score, *comparison.rows) if row.difference is not None]
    return {row.key: Found(row.difference or 0.0, row.smallest_real_change, _unsure(row)) for row in rows}


def own_values(pairs: Iterable[PairOfFilms]) -> dict[str, OwnValue]:
    """Return the organisation's own smallest real change of every measure its pairs tell enough of."""
    by_key: dict[str, list[tuple[date, Found]]] = defaultdict(list)
    for pair in pairs:
        for key, found in pair.found.items():
            by_key[key].append((pair.on, found))
    values = {key: _value(rows) for key, rows in by_key.items()}
    return {key: value for key, value in values.items() if value}


def _value(rows: list[tuple[date, Found]]) -> OwnValue | None:
    squares = NORMAL_95**2 * sum(found.difference**2 for _, found in rows)
    usual = [found.usual for _, found in rows if found.usual is not None]
    if usual:
        size = sqrt((PRIOR_PAIRS * fmean(usual) ** 2 + squares) / (PRIOR_PAIRS + len(rows)))
    elif len(rows) >= PRIOR_PAIRS:
        size = sqrt(squares / len(rows))
    else:
        return None
    unsure = [found.unsure for _, found in rows if found.unsure is not None]
    return OwnValue(size, fmean(unsure) if unsure else None, max(on for on, _ in rows))


def _unsure(row: Difference) -> float | None:
    if row.now is None or row.before is None:
        return None
    return together(row.now.uncertainty_95, row.before.uncertainty_95)

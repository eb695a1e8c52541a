"""Two films as one: which moments of one belong to which of the other. Pure: steps in, times out.

The films are tied together at every strike of one foot, stride by stride; between two strikes they go on by the share
of the stride, so that neither frame rates nor step rates need agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from analyses.steps import StepView

# A stride this much longer or shorter than the usual one has a strike missing or too many: the chain ends there.
STRIDE = (0.6, 1.5)
MOST_STRIDES = 12


@dataclass(frozen=True)
class Alignment:
    """The same number of moments in both films, in seconds from the first picture, that are shown at the same time."""

    by: Literal["strike", "start"]
    side: str  # whose strikes they are; empty where no strikes are known
    now_s: tuple[float, ...]
    before_s: tuple[float, ...]

    @property
    def strides(self) -> int:
        return len(self.now_s) - 1

    def at(self, strides: float) -> tuple[float, float]:
        """Return the moment of each film so many strides after the first strike: (now, before)."""
        whole = min(max(int(strides), 0), self.strides - 1)
        share = min(max(strides - whole, 0.0), 1.0)
        now, before = (
            moments[whole] + share * (moments[whole + 1] - moments[whole]) for moments in (self.now_s, self.before_s)
        )
        return now, before


def align(now: Iterable[StepView], before: Iterable[StepView], now_end_s: float, before_end_s: float) -> Alignment:
    """Tie two films together by the foot that gives most strides in both; without strikes, at their beginnings."""
    now, before = tuple(now), tuple(before)
    best: Alignment | None = None
    for side in ("right", "left"):
        chains = chain(now, side), chain(before, side)
        count = min(len(chains[0]), len(chains[1]), MOST_STRIDES + 1)
        if count > 1 and (best is None or count - 1 > best.strides):
            best = Alignment("strike", side, chains[0][:count], chains[1][:count])
    if best:
        return best
    end = max(min(now_end_s, before_end_s), 0.1)
    return Alignment("start", "", (0.0, end), (0.0, end))


def chain(steps: Iterable[StepView], side: str) -> tuple[float, ...]:
    """Return the longest row of one foot's strikes without a gap, in seconds."""
    strikes = sorted(step.strike_s for step in steps if step.side == side and step.strike_s is not None)
    if len(strikes) < 2:
        return ()
    usual = median(later - earlier for earlier, later in pairwise(strikes))
    rows = [[strikes[0]]]
    for earlier, later in pairwise(strikes):
        if STRIDE[0] * usual <= later - earlier <= STRIDE[1] * usual:
            rows[-1].append(later)
        else:
            rows.append([later])
    longest = max(rows, key=len)
    return tuple(longest)

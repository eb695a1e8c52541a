"""A measured number: its value, its spread, how many steps stand behind it, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.measure.track import Array

# A reading further than this many standard deviations from the median counts as lying just there (winsorised): one
# step on which a point was lost must not carry the mean of eight. Ours; of evenly scattered steps 3 in 1000 lie beyond.
FAR_OFF = 3.0
MAD_TO_SD = 1.4826  # of normally spread readings
STEPS_PER_MINUTE = "steps/min"  # the unit of cadence; advice writes it in the coach's language


@dataclass(frozen=True)
class Measure:
    """One number with its unit and its 95 % uncertainty; `left` and `right` hold the same for each side."""

    value: float
    unit: str
    uncertainty_95: float  # the true value lies within value ± this in 95 of 100 films
    sd: float  # from step to step
    n: int  # steps, strides or contacts behind the value
    confidence: float = 1.0  # 0-1; below 0.4 a measure is shown but not scored
    left: Measure | None = None
    right: Measure | None = None

    def side(self, name: str) -> Measure | None:
        """The number of one side, None when that side gave none."""
        return self.left if name == "left" else self.right


@dataclass(frozen=True)
class Reading:
    """What one step gave of a measure, and where in the film: a moment, or all from `start_s` to `end_s`."""

    value: float
    start_s: float
    end_s: float | None = None


def summarise(
    values: Iterable[float], unit: str, *, bias: float, noise: float = 0.0, confidence: float = 1.0
) -> Measure | None:
    """Turn readings of single steps into a Measure; None when there is none.

    `bias` is the standard error that no averaging removes, `noise` the least standard error of one reading, both in
    the measure's unit; the 95 % uncertainty is twice the root of bias² + spread²/n. Readings far off the others are
    drawn in.
    """
    kept = np.array([value for value in values if np.isfinite(value)], dtype=np.float64)
    if not len(kept):
        return None
    kept = _drawn_in(kept, noise)
    sd = float(kept.std(ddof=1)) if len(kept) > 1 else 0.0
    spread = max(sd, noise)
    error = float(np.sqrt(bias**2 + spread**2 / len(kept)))
    return Measure(float(kept.mean()), unit, 2 * error, sd, len(kept), confidence)


def _drawn_in(values: Array, noise: float) -> Array:
    """The readings (n,) with those far off the median put at the limit; `noise` is the least SD of one reading."""
    middle = float(np.median(values))
    usual = max(noise, MAD_TO_SD * float(np.median(np.abs(values - middle))))
    return np.clip(values, middle - FAR_OFF * usual, middle + FAR_OFF * usual)


def both_sides(
    left: Iterable[float],
    right: Iterable[float],
    unit: str,
    *,
    bias: float,
    noise: float,
    confidence: tuple[float, float] = (1.0, 1.0),
) -> Measure | None:
    """Sum up a measure taken on each side; the whole is the mean of the two sides, or the one there is.

    Both sides have the bias in common: in that their mean is no surer than each.
    """
    one = summarise(left, unit, bias=bias, noise=noise, confidence=confidence[0])
    two = summarise(right, unit, bias=bias, noise=noise, confidence=confidence[1])
    if one is None or two is None:
        only = one or two
        if only is None:
            return None
        return Measure(only.value, unit, only.uncertainty_95, only.sd, only.n, only.confidence, one, two)
    shared = 4 * bias**2
    random = (one.uncertainty_95**2 - shared + two.uncertainty_95**2 - shared) / 4
    uncertainty = float(np.sqrt(max(random, 0.0) + shared))
    pooled = float(np.sqrt((one.sd**2 + two.sd**2) / 2))
    whole = (one.value + two.value) / 2
    return Measure(whole, unit, uncertainty, pooled, one.n + two.n, sum(confidence) / 2, one, two)


def reading(series: Array, index: float) -> float:
    """The value of a series between two samples; NaN outside."""
    if not np.isfinite(index) or not 0 <= index <= len(series) - 1:
        return float("nan")
    low = int(index)
    high = min(low + 1, len(series) - 1)
    return float(series[low] + (index - low) * (series[high] - series[low]))

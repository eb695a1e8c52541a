"""Several passes of one visit read as one. Pure: readings in, one number out.

Value: the mean over all steps, x = Σ wᵢ·xᵢ with wᵢ = nᵢ / Σ n.
Uncertainty, from the law of propagation (JCGM 100:2008, "GUM", §5.1.2 and, for what is shared, §5.2.2):

    u² = (Σ wᵢ·bᵢ)² + max(Σ wᵢ²·rᵢ², s²)        rᵢ = 2·sdᵢ/√nᵢ,  bᵢ² = uᵢ² − rᵢ²

r is the scatter from step to step, which more steps make smaller. b is what is left of the stated uncertainty: the
camera, the pose model, the place; every pass shares it, so pooling must not shrink it. s is how much the passes differ
among themselves, 2·√(Σ wᵢ·(xᵢ − x)² / (k − 1)): passes that disagree by more than their scatter allows are no surer for
being several (Birge 1932, Phys Rev 40:207). All are 95 %, that is twice the standard error, as the engine states them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_PASSES = 2


@dataclass(frozen=True)
class Reading:
    """One measure of one pass; `sd` is from step to step, `steps` how many stand behind the value."""

    value: float
    uncertainty_95: float | None = None
    sd: float | None = None
    steps: int | None = None


@dataclass(frozen=True)
class Pooled:
    """The measure over all passes; without steps, scatter or uncertainty in one of them those stay unsaid."""

    value: float
    uncertainty_95: float | None
    steps: int | None


def pool(readings: Sequence[Reading]) -> Pooled:
    """Return the pooled measure of two passes or more."""
    counts = [one.steps for one in readings if one.steps]
    counted = len(counts) == len(readings)
    steps = sum(counts) if counted else None
    weights = [count / sum(counts) for count in counts] if counted else [1 / len(readings)] * len(readings)
    mean = sum(weight * one.value for weight, one in zip(weights, readings, strict=True))
    return Pooled(mean, _uncertainty(readings, weights, mean), steps)


def _uncertainty(readings: Sequence[Reading], weights: Sequence[float], mean: float) -> float | None:
    lasting, scatter, between = 0.0, 0.0, 0.0
    for weight, one in zip(weights, readings, strict=True):
        if one.uncertainty_95 is None:
            return None
        # A service that does not say how much the steps scatter gets no credit for their number.
        random = 2 * one.sd / math.sqrt(one.steps) if one.sd is not None and one.steps else 0.0
        random = min(random, one.uncertainty_95)
        lasting += weight * math.sqrt(one.uncertainty_95**2 - random**2)
        scatter += (weight * random) ** 2
        between += 4 * weight * (one.value - mean) ** 2 / (len(readings) - 1)
    return math.sqrt(lasting**2 + max(scatter, between))

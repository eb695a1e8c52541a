"""Which part of the foot lands first, step by step, and how likely each answer is."""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np

from engine.measure.track import Array

CLASSES = ("forefoot", "midfoot", "rearfoot")
# Limits of the foot strike angle, degrees: Altman & Davis 2012, Gait Posture 35:298 (rearfoot above 8, forefoot below
# -1.6); Mo 2023 re-estimated 7.4 and -0.8.
FOREFOOT_BELOW, REARFOOT_ABOVE = -1.6, 8.0
LEAST_OWN = 0.2  # of its distance from the mean a step always keeps; ours
SURE_FROM = 0.6  # a class less likely than this is told as uncertain; ours


@dataclass(frozen=True)
class Landing:
    """The landing of one step."""

    angle_deg: float  # foot against its flat stance at strike, + toes up
    probability: dict[str, float]  # of each class, summing to 1

    @property
    def kind(self) -> str:
        """The likeliest class."""
        return max(CLASSES, key=lambda name: self.probability[name])

    @property
    def sure(self) -> bool:
        """Whether the likeliest class is likely enough to be told without a question mark."""
        return self.probability[self.kind] >= SURE_FROM


def classify(angle_deg: float, error_deg: float) -> Landing:
    """Place one foot strike angle among the classes, given its standard error in degrees."""

    def below(limit: float) -> float:
        return 0.5 * (1 + erf((limit - angle_deg) / (error_deg * sqrt(2))))

    fore, not_rear = below(FOREFOOT_BELOW), below(REARFOOT_ABOVE)
    return Landing(angle_deg, {"forefoot": fore, "midfoot": not_rear - fore, "rearfoot": 1 - not_rear})


def calm(angles_deg: Array, noise_deg: float) -> Array:
    """Draw the foot strike angles of one foot towards their mean by the share of their spread that noise explains.

    Runners repeat their landing within about 1° (reference trials); a single reading scatters by more.
    """
    known = angles_deg[np.isfinite(angles_deg)]
    if len(known) < 3:
        return angles_deg
    variance = float(known.var(ddof=1))
    own = min(max(1 - noise_deg**2 / variance, LEAST_OWN), 1.0) if variance > 0 else 1.0
    return np.asarray(known.mean() + own * (angles_deg - known.mean()))


def usual(landings: list[Landing]) -> str | None:
    """The class the steps share, by their summed probability; None without steps."""
    if not landings:
        return None
    return max(CLASSES, key=lambda name: sum(landing.probability[name] for landing in landings))

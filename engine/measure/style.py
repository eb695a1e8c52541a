"""Running style: where a run lies between the five styles of van Oeveren 2021, by step rate and duty factor.

No style is better: runners of low and of high duty factor spend the same energy (Lussiana 2019). The places of the five
styles and the widths are ours; the two axes are the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from engine.measure.bands import usual_cadence_spm, usual_duty_factor

RATE_WIDTH, DUTY_WIDTH = 0.05, 0.025  # one unit on each axis: 5 % of the usual rate, 0.025 of duty factor
SOFTNESS = 0.8
MIXED_BELOW = 0.45
PLACES = {"bounce": (0.0, 1.5), "stick": (0.0, -1.5), "hop": (1.5, 0.4), "push": (-1.5, -0.5), "sit": (0.0, 0.0)}


@dataclass(frozen=True)
class Style:
    """How close a run is to each style."""

    shares: dict[str, float]  # sums to 1
    rate: float  # steps against what is usual at this speed and height; + faster
    flight: float  # duty factor against usual; + more time in the air

    @property
    def name(self) -> str:
        """The nearest style."""
        return max(self.shares, key=lambda name: self.shares[name])

    @property
    def mixed(self) -> bool:
        """Whether no style stands out."""
        return self.shares[self.name] < MIXED_BELOW


def find_style(
    cadence_spm: float, duty_factor: float, speed_m_s: float, height_m: float, knee_at_strike_deg: float | None
) -> Style:
    """Place a run among the styles; a bent knee at strike speaks for `sit`."""
    usual = usual_cadence_spm(speed_m_s, height_m)
    rate = (cadence_spm - usual) / (RATE_WIDTH * usual)
    flight = (usual_duty_factor(speed_m_s, height_m) - duty_factor) / DUTY_WIDTH
    closeness = {}
    for name, (x, y) in PLACES.items():
        distance = ((rate - x) ** 2 + (flight - y) ** 2) ** 0.5
        if name == "sit" and knee_at_strike_deg is not None:
            distance *= 0.85 if knee_at_strike_deg > 20 else 1.15 if knee_at_strike_deg < 10 else 1.0
        closeness[name] = -(distance**2) / (2 * SOFTNESS**2)
    best = max(closeness.values())
    weights = {name: exp(value - best) for name, value in closeness.items()}
    total = sum(weights.values())
    return Style({name: weight / total for name, weight in weights.items()}, rate, flight)

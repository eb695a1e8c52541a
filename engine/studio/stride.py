"""When each foot lands and leaves, and how the pelvis moves between: the clockwork of the figure.

Axes everywhere in the studio: x forward in running direction, y up, z to the runner's right; metres, seconds, radians.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.measure.track import Array
from engine.studio.scene import SIDES, Scene, Side

GRAVITY_M_S2 = 9.81
LEAD_IN_S = 2.5  # strides made before and after the film, so that its ends are in full motion
PELVIS_TURN_DEG = 6.0  # half range of the pelvis about the vertical; ours, in the usual 4-8
SWAY_M = 0.012  # half range of the pelvis towards the standing foot; ours
WALK_RISE_M = 0.018  # half of the pelvis' rise and fall in walking; ours, usual 3-5 cm in all


@dataclass(frozen=True)
class Contact:
    """One foot on the ground, from strike to toe-off, in seconds of real time (before any slow motion)."""

    side: Side
    strike_s: float
    toe_off_s: float

    @property
    def contact_s(self) -> float:
        """Time on the ground, s."""
        return self.toe_off_s - self.strike_s


class Clockwork:
    """All contacts around a film of `real_seconds`, and the pelvis that goes with them."""

    def __init__(self, scene: Scene, real_seconds: float) -> None:
        self.scene = scene
        rng = np.random.default_rng(scene.seed)
        steps = int(np.ceil((real_seconds + 2 * LEAD_IN_S) / scene.step_s)) + 2
        # Two SD at most: an odd step may not ask more of the leg than it has.
        wobble = np.clip(rng.normal(0, 1, (steps, 2)), -2, 2) * scene.variability_ms / 1000
        first = -LEAD_IN_S + rng.uniform(0, scene.step_s)  # the film opens anywhere in the stride
        strikes = first + scene.step_s * np.arange(steps) + wobble[:, 0] - wobble[:, 0].mean()
        half_s = scene.asymmetry_contact_ms / 2000
        self.contacts: list[Contact] = []
        for index, strike in enumerate(strikes):
            side = SIDES[index % 2]
            contact = scene.contact_s + (half_s if side == "right" else -half_s) + wobble[index, 1] / 2
            self.contacts.append(Contact(side, float(strike), float(strike + contact)))

    def of(self, side: Side) -> list[Contact]:
        """The contacts of one foot, in order."""
        return [contact for contact in self.contacts if contact.side == side]

    def phase(self, time_s: Array) -> Array:
        """Steps since the first left strike; even whole numbers are left strikes, odd ones right."""
        strikes = [contact.strike_s for contact in self.contacts]
        return np.asarray(np.interp(time_s, strikes, np.arange(len(strikes))), dtype=float)

    def turn_rad(self, time_s: Array) -> Array:
        """Pelvis about the vertical: positive brings the left hip forward, most at the left strike."""
        return np.asarray(np.deg2rad(PELVIS_TURN_DEG) * np.cos(np.pi * self.phase(time_s)))

    def sway_m(self, time_s: Array) -> Array:
        """Pelvis to the side, towards the standing foot: negative (left) in the middle of left stance."""
        middle = 0.5 * self.scene.contact_s / self.scene.step_s  # of stance, in steps after the strike
        return -SWAY_M * np.cos(np.pi * (self.phase(time_s) - middle))

    def drop_rad(self, time_s: Array) -> Array:
        """Tilt of the hip line: positive puts the right hip lower (the swing side of left stance)."""
        total = np.zeros_like(time_s)
        for contact in self.contacts:
            if contact.toe_off_s < time_s.min() or contact.strike_s > time_s.max():
                continue
            u = (time_s - contact.strike_s) / contact.contact_s
            sign = 1 if contact.side == "left" else -1
            peak = self.scene.pelvic_drop_deg - sign * self.scene.asymmetry_drop_deg / 2
            inside = (u > 0) & (u < 1)
            total[inside] += sign * np.deg2rad(peak) * np.sin(np.pi * u[inside]) ** 2
        return total

    def rise_m(self, time_s: Array) -> Array:
        """Height of the mid-hip over its height at strike, m: a thrown ball in flight, a spring on the ground."""
        if self.scene.walk:
            middle = 0.5 * self.scene.contact_s / self.scene.step_s
            return WALK_RISE_M * np.cos(2 * np.pi * (self.phase(time_s) - middle))
        total = np.zeros_like(time_s)
        for arc in self._arcs:
            if arc.end_s < time_s.min() or arc.start_s > time_s.max():
                continue
            inside = (time_s >= arc.start_s) & (time_s < arc.end_s)
            total[inside] = arc.height_m(time_s[inside])
        return total

    @cached_property
    def _arcs(self) -> list[_Spring | _Throw]:
        arcs: list[_Spring | _Throw] = []
        nominal = self.scene.step_s - self.scene.contact_s
        for index, contact in enumerate(self.contacts):
            after = self.contacts[index + 1].strike_s - contact.toe_off_s if index + 1 < len(self.contacts) else nominal
            before = contact.strike_s - self.contacts[index - 1].toe_off_s if index else nominal
            arcs.append(_Spring(contact.strike_s, contact.toe_off_s, before, after))
            arcs.append(_Throw(contact.toe_off_s, contact.toe_off_s + after))
        return arcs


@dataclass(frozen=True)
class _Throw:
    """Flight: height 0 at both ends, gravity between."""

    start_s: float
    end_s: float

    def height_m(self, time_s: Array) -> Array:
        t = time_s - self.start_s
        return 0.5 * GRAVITY_M_S2 * t * (self.end_s - self.start_s - t)


@dataclass(frozen=True)
class _Spring:
    """Stance: height 0 at both ends, met and left at the speeds of the flights around it.

    Acceleration a sin(pi u) + b sin(2 pi u) - g: the half sine of Morin 2005, and a second for unequal flights.
    """

    start_s: float
    end_s: float
    flight_before_s: float
    flight_after_s: float

    def height_m(self, time_s: Array) -> Array:
        span = self.end_s - self.start_s
        t = time_s - self.start_s
        u = t / span
        down = GRAVITY_M_S2 * self.flight_before_s / 2
        up = GRAVITY_M_S2 * self.flight_after_s / 2
        push = (down + up + GRAVITY_M_S2 * span) * np.pi / (2 * span)
        # No height gained over the stance: -down T + a T²/pi + b T²/(2 pi) - g T²/2 = 0.
        skew = (down / span + GRAVITY_M_S2 / 2 - push / np.pi) * 2 * np.pi
        first = push * (span / np.pi) ** 2 * (np.pi * u - np.sin(np.pi * u))
        second = skew * (span / (2 * np.pi)) ** 2 * (2 * np.pi * u - np.sin(2 * np.pi * u))
        return np.asarray(-down * t + first + second - GRAVITY_M_S2 * t**2 / 2)

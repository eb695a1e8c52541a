"""Forces, stiffness and power that follow from timing, speed and body by simple models: estimates, never scored."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, degrees, pi, sqrt

import numpy as np

from engine.measure.numbers import Measure

GRAVITY_M_S2 = 9.81
LEG_SHARE = 0.53  # leg length over height: Winter 2009
COST_J_KG_M = 0.98  # energy cost of running, kJ/kg/km; van Dijk & van Megen, The Secret of Running
AIR_KG_M = 0.5 * 1.2 * 0.24  # half of air density times drag area; same source
# Standard errors of the models themselves, share; that of the angle is ours.
MODEL_FORCE, MODEL_STIFFNESS, MODEL_POWER, MODEL_ANGLE = 0.075, 0.10, 0.05, 0.02


@dataclass(frozen=True)
class Inputs:
    """What the models need, SI units."""

    contact_s: float
    flight_s: float
    speed_m_s: float
    height_m: float
    weight_kg: float
    treadmill: bool


def peak_force_n(of: Inputs) -> float:
    """Peak vertical force of a half-sine contact: Morin 2005, J Appl Biomech 21:167."""
    return of.weight_kg * GRAVITY_M_S2 * pi / 2 * (of.flight_s / of.contact_s + 1)


def sink_m(of: Inputs) -> float:
    """How far the body sinks during contact, m (Morin 2005)."""
    return peak_force_n(of) * of.contact_s**2 / (of.weight_kg * pi**2) - GRAVITY_M_S2 * of.contact_s**2 / 8


def rise_m(contact_s: float, flight_s: float) -> float:
    """How far the body rises and falls in a step, m: it sinks in contact and flies (Morin 2005)."""
    of = Inputs(contact_s, flight_s, speed_m_s=0.0, height_m=1.0, weight_kg=1.0, treadmill=True)  # none of them counts
    return sink_m(of) + GRAVITY_M_S2 * flight_s**2 / 8


def leg_stiffness_kn_m(of: Inputs) -> float:
    """Peak force over the leg's shortening, kN/m (Morin 2005); level ground and even speed only."""
    leg = LEG_SHARE * of.height_m
    half = min(of.speed_m_s * of.contact_s / 2, 0.95 * leg)
    shortening = leg - sqrt(leg**2 - half**2) + sink_m(of)
    return peak_force_n(of) / shortening / 1000


def vertical_stiffness_kn_m(of: Inputs) -> float:
    """Peak force over the body's sinking, kN/m (Morin 2005)."""
    return peak_force_n(of) / max(sink_m(of), 0.005) / 1000


def power_w(of: Inputs) -> float:
    """Power to run at this speed, W: a model of speed and mass, with air over ground and without on a belt."""
    air = 0.0 if of.treadmill else AIR_KG_M * of.speed_m_s**3
    return COST_J_KG_M * of.weight_kg * of.speed_m_s + air


def stride_angle_deg(of: Inputs) -> float:
    """The angle at which the body leaves the ground, degrees, by its flight time and speed."""
    return degrees(atan(GRAVITY_M_S2 * of.flight_s / (2 * of.speed_m_s)))


def bounce(measures: dict[str, Measure]) -> float:
    """The rise and fall seen over the one that contact and flight allow: about 1 at true speed; NaN without all three.

    A film played k times too fast shows k² times as much as its times allow.
    """
    rise, contact, flight = (measures.get(key) for key in ("oscillation_cm", "contact_time_ms", "flight_time_ms"))
    if not rise or not contact or not flight:
        return float("nan")
    return rise.value / 100 / rise_m(contact.value / 1000, max(flight.value, 0.0) / 1000)


def estimate(measures: dict[str, Measure], height_m: float, weight_kg: float, *, treadmill: bool) -> dict[str, Measure]:
    """Every model's number with an uncertainty that follows from contact, flight and speed; empty without them."""
    contact, flight, speed = (measures.get(key) for key in ("contact_time_ms", "flight_time_ms", "speed_m_s"))
    if not contact or not flight or not speed or flight.value <= 0 or speed.value <= 0:
        return {}

    def inputs(contact_ms: float, speed_m_s: float) -> Inputs:
        # Contact and flight share the step: what one gains the other loses.
        flight_ms = max(flight.value - (contact_ms - contact.value), 1.0)
        return Inputs(contact_ms / 1000, flight_ms / 1000, speed_m_s, height_m, weight_kg, treadmill)

    out = {}
    for key, unit, model, own in (
        ("peak_force_n", "N", peak_force_n, MODEL_FORCE),
        ("leg_stiffness_kn_m", "kN/m", leg_stiffness_kn_m, MODEL_STIFFNESS),
        ("vertical_stiffness_kn_m", "kN/m", vertical_stiffness_kn_m, MODEL_STIFFNESS),
        ("power_w", "W", power_w, MODEL_POWER),
        ("stride_angle_deg", "°", stride_angle_deg, MODEL_ANGLE),
    ):
        value = model(inputs(contact.value, speed.value))
        by_contact = model(inputs(contact.value + contact.uncertainty_95, speed.value)) - value
        by_speed = model(inputs(contact.value, speed.value + speed.uncertainty_95)) - value
        out[key] = Measure(
            value, unit, float(np.sqrt(by_contact**2 + by_speed**2 + (2 * own * value) ** 2)), 0.0, contact.n
        )
    force, power = out["peak_force_n"], out["power_w"]
    out["peak_force_bw"] = _scaled(force, 1 / (weight_kg * GRAVITY_M_S2), "body weight")
    out["power_w_kg"] = _scaled(power, 1 / weight_kg, "W/kg")
    return out


def _scaled(measure: Measure, by: float, unit: str) -> Measure:
    return Measure(measure.value * by, unit, measure.uncertainty_95 * by, measure.sd * by, measure.n)

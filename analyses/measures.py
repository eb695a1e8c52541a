"""One row per measure: what it is called, with how many decimals it is written, and where it stands on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Group = Literal["rhythm", "legs", "body", "back", "load"]

GROUPS: dict[Group, Promise] = {
    "rhythm": _("Rhythm"),
    "legs": _("Legs"),
    "body": _("Trunk, head and arms"),
    "back": _("Seen from behind"),
    "load": _("Force and effort, estimated"),
}
# The measures that get a trend chart, where they were measured (product.md §3).
TRENDS = (
    "cadence_spm",
    "contact_time_ms",
    "flight_time_ms",
    "overstride_deg",
    "trunk_lean_deg",
    "oscillation_cm",
    "pelvic_drop_deg",
    "knee_adduction_deg",
    "pronation_deg",
)


@dataclass(frozen=True)
class Measure:
    """A measure's name and written form; its formula and source stand in docs/measures.md."""

    key: str
    label: str | Promise
    unit: str
    decimals: int
    group: Group


_ROWS = (
    Measure("cadence_spm", _("Cadence"), "/min", 0, "rhythm"),
    Measure("contact_time_ms", _("Ground contact"), "ms", 0, "rhythm"),
    Measure("flight_time_ms", _("Flight"), "ms", 0, "rhythm"),
    Measure("duty_factor", _("Share of the stride on the ground"), "", 2, "rhythm"),
    Measure("stride_time_ms", _("Stride time"), "ms", 0, "rhythm"),
    Measure("contact_asymmetry_percent", _("Difference of contact, left to right"), "%", 1, "rhythm"),
    Measure("speed_m_s", _("Speed"), "m/s", 2, "rhythm"),
    Measure("step_length_m", _("Step length"), "m", 2, "rhythm"),
    Measure("stride_length_m", _("Stride length"), "m", 2, "rhythm"),
    Measure("overstride_deg", _("Overstride"), "°", 1, "legs"),
    Measure("foot_strike_angle_deg", _("Foot at strike"), "°", 1, "legs"),
    Measure("tibia_at_strike_deg", _("Shin at strike"), "°", 1, "legs"),
    Measure("knee_at_strike_deg", _("Knee at strike"), "°", 1, "legs"),
    Measure("knee_stance_peak_deg", _("Knee bend on the ground"), "°", 1, "legs"),
    Measure("knee_swing_peak_deg", _("Knee bend in the swing"), "°", 1, "legs"),
    Measure("dorsiflexion_peak_deg", _("Ankle bend on the ground"), "°", 1, "legs"),
    Measure("thigh_lift_peak_deg", _("Thigh lift"), "°", 1, "legs"),
    Measure("thigh_extension_toe_off_deg", _("Thigh behind at toe-off"), "°", 1, "legs"),
    Measure("push_angle_deg", _("Push angle"), "°", 1, "legs"),
    Measure("trunk_lean_deg", _("Trunk lean"), "°", 1, "body"),
    Measure("oscillation_cm", _("Vertical movement"), "cm", 1, "body"),
    Measure("vertical_ratio_percent", _("Vertical movement per step length"), "%", 1, "body"),
    Measure("mean_height_m", _("Height of the hips"), "m", 2, "body"),
    Measure("head_forward_deg", _("Head forward"), "°", 1, "body"),
    Measure("elbow_flexion_deg", _("Elbow bend"), "°", 0, "body"),
    Measure("arm_swing_deg", _("Arm swing"), "°", 0, "body"),
    Measure("pelvic_drop_deg", _("Pelvic drop"), "°", 1, "back"),
    Measure("hip_adduction_deg", _("Hip adduction"), "°", 1, "back"),
    Measure("knee_adduction_deg", _("Knee alignment"), "°", 1, "back"),
    Measure("pronation_deg", _("Pronation"), "°", 1, "back"),
    Measure("step_width_cm", _("Step width"), "cm", 1, "back"),
    Measure("peak_force_bw", _("Peak force"), "BW", 1, "load"),
    Measure("leg_stiffness_kn_m", _("Leg stiffness"), "kN/m", 1, "load"),
    Measure("vertical_stiffness_kn_m", _("Vertical stiffness"), "kN/m", 1, "load"),
    Measure("power_w_kg", _("Power"), "W/kg", 1, "load"),
)

MEASURES: dict[str, Measure] = {row.key: row for row in _ROWS}
JOINTS: dict[str, Promise] = {
    "hip": _("Hip"),
    "knee": _("Knee"),
    "ankle": _("Ankle"),
    "shoulder": _("Shoulder"),
    "elbow": _("Elbow"),
}
MOMENTS: dict[str, Promise] = {
    "strike": _("Strike"),
    "mid_stance": _("Mid-stance"),
    "toe_off": _("Toe-off"),
    "mid_swing": _("Mid-swing"),
    "min": _("Least"),
    "max": _("Most"),
}
LANDINGS: dict[str, Promise] = {
    "rearfoot": _("rearfoot"),
    "midfoot": _("midfoot"),
    "forefoot": _("forefoot"),
    "uncertain": _("not sure"),
}

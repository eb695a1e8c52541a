"""One row per measure: what it is called, with how many decimals it is written, and where it stands on the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Group = Literal["rhythm", "legs", "body", "back", "load"]

GROUPS: dict[Group, Promise] = {
    "rhythm": _("Rhythm"),
    "legs": _("Legs"),
    "body": _("Trunk, head and arms"),
    "back": _("Seen from behind"),
    "load": _("Force and effort, estimated"),
}
# The measures that get a trend chart, where they were measured.
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

    @property
    def change_decimals(self) -> int:
        """Decimals of a limit for its changes: of 4.2 steps a minute the 0.2 decides."""
        return max(1, self.decimals)


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
    Measure("mean_height_m", _("Height of the centre of mass"), "m", 2, "body"),
    Measure("head_forward_deg", _("Head forward"), "°", 1, "body"),
    Measure("elbow_flexion_deg", _("Elbow bend"), "°", 0, "body"),
    Measure("arm_swing_deg", _("Arm swing"), "°", 0, "body"),
    Measure("pelvic_drop_deg", _("Pelvic drop"), "°", 1, "back"),
    Measure("hip_adduction_deg", _("Hip adduction"), "°", 1, "back"),
    Measure("knee_adduction_deg", _("Knee alignment"), "°", 1, "back"),
    Measure("pronation_deg", _("Pronation"), "°", 1, "back"),
    Measure("step_width_cm", _("Ankle to midline"), "cm", 1, "back"),
    Measure("peak_force_bw", _("Peak force"), "BW", 1, "load"),
    Measure("leg_stiffness_kn_m", _("Leg stiffness"), "kN/m", 1, "load"),
    Measure("vertical_stiffness_kn_m", _("Vertical stiffness"), "kN/m", 1, "load"),
    Measure("power_w_kg", _("Power"), "W/kg", 1, "load"),
)

MEASURES: dict[str, Measure] = {row.key: row for row in _ROWS}
SCORE = Measure("score", _("Score"), "", 0, "rhythm")  # of 0–100, beside the measures and not among them

# The phases that stand for the whole of a measure, the better said first; and as a Measurement keeps them.
WHOLE = (None, "mean", "stance_mean")
WHOLE_KEPT = tuple(phase or "" for phase in WHOLE)
# Below so many pictures a second times are less sure, so films on the two sides of it are not compared.
FAST_FPS = 50.0


@dataclass(frozen=True)
class RealChange:
    """The smallest difference between two films of one runner that is not noise: MDC95 = 2.77 standard errors.

    In the measure's unit or, `relative`, as a share of the earlier value; `slow` holds below FAST_FPS.
    """

    fast: float
    source: Promise  # a publication, or "ours" and the reason; docs/measures.md says it at more length
    slow: float | None = None
    relative: bool = False

    def of(self, before: float, fps: float | None) -> float:
        """Return it in the measure's unit for films of so many pictures a second; unknown counts as slow."""
        size = self.fast
        if self.slow is not None and (fps is None or fps < FAST_FPS):
            size = self.slow
        return size * abs(before) if self.relative else size


_RATE = pgettext_lazy("measure", "ours: a runner’s step rate varies little; 4 of 165 steps a minute")
_TIMES = pgettext_lazy(
    "measure", "ours: how far one picture and the way of landing move a contact, from simulated landings"
)
_SPEED = pgettext_lazy(
    "measure", "2D film by hand: 0.09 m/s, 2.1 % between raters (University of Waikato, 155 videos); and the scale"
)
_HAND = pgettext_lazy(
    "measure", "2D film by hand: 2.2–4.8° (Dingenen 2018, doi:10.1016/j.ptsp.2018.06.009); and what a pose model adds"
)
_FOOT = pgettext_lazy(
    "measure", "2D film by hand: error 2.5°, so 6.9° for one step (University of Waikato); a mean of steps is surer"
)
_DROP = pgettext_lazy(
    "measure", "2D film by hand: 2.7–2.8° (Dingenen 2018, doi:10.1016/j.ptsp.2018.06.009); and what a pose model adds"
)
_RISE = pgettext_lazy(
    "measure", "0.7 cm at random (Gullstrand 2009, doi:10.1016/j.gaitpost.2009.03.001); and the scale"
)

# What is not here has no such figure: there the uncertainties stated with the two results decide alone.
REAL_CHANGES: dict[str, RealChange] = {
    "score": RealChange(6, pgettext_lazy("measure", "ours: what the smallest changes of its parts come to")),
    "cadence_spm": RealChange(4, _RATE),
    "stride_time_ms": RealChange(0.024, _RATE, relative=True),
    "contact_time_ms": RealChange(14, _TIMES, slow=24),
    "flight_time_ms": RealChange(14, _TIMES, slow=24),
    "duty_factor": RealChange(0.020, _TIMES, slow=0.035),
    "speed_m_s": RealChange(0.05, _SPEED, relative=True),
    "step_length_m": RealChange(0.05, _SPEED, relative=True),
    "stride_length_m": RealChange(0.05, _SPEED, relative=True),
    "power_w_kg": RealChange(
        0.05, pgettext_lazy("measure", "follows from the speed it is estimated from"), relative=True
    ),
    "overstride_deg": RealChange(4, pgettext_lazy("measure", "ours: as of the shin, of a longer line")),
    "foot_strike_angle_deg": RealChange(6, _FOOT, slow=8),
    "tibia_at_strike_deg": RealChange(5, _HAND),
    "knee_at_strike_deg": RealChange(5, _HAND),
    "knee_stance_peak_deg": RealChange(5, _HAND),
    "knee_swing_peak_deg": RealChange(5, _HAND),
    "dorsiflexion_peak_deg": RealChange(5, _HAND),
    "trunk_lean_deg": RealChange(3, pgettext_lazy("measure", "ours: the body’s longest line, averaged over strides")),
    "oscillation_cm": RealChange(1.2, _RISE),
    "pelvic_drop_deg": RealChange(3.5, _DROP),
    "hip_adduction_deg": RealChange(5, _HAND),
}
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

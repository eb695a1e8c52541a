"""What is usual: the good and okay ranges of every scored measure, some of them moving with speed and height.

Good is about the mean ± 1 SD of uninjured runners, okay ± 2 SD, widened by what film adds; `source` says from whom, and
"ours" marks limits set by judgement until there are enough runs to set them by data. They rate form, they do not
predict injury: prospective links are weak (Peterson 2022, Willwacher 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

VERSION = "2026-11-22"


@dataclass(frozen=True)
class Band:
    """Good and okay limits of one measure; an infinite limit means that side costs nothing."""

    good: tuple[float, float]
    okay: tuple[float, float]
    shown: tuple[float, float]  # finite outer limits for a gauge, in place of infinite ones
    source: str

    def finite(self, which: str) -> tuple[float, float]:
        """The good or okay range with finite ends, as the contract wants it."""
        low, high = self.good if which == "good" else self.okay
        return (low if low > -inf else self.shown[0], high if high < inf else self.shown[1])

    def score(self, value: float) -> float:
        """1 inside good, 0.5 at the okay limit, 0 as far again beyond it; straight lines between."""
        for limit, edge, outside in (
            (self.good[0], self.okay[0], value < self.good[0]),
            (self.good[1], self.okay[1], value > self.good[1]),
        ):
            if outside:
                return max(0.0, 1 - 0.5 * abs(value - limit) / max(abs(edge - limit), 1e-9))
        return 1.0

    def score_kindly(self, value: float, uncertainty_68: float) -> float:
        """The score at the best point of value ± uncertainty: noise alone never costs points."""
        nearest = min(max(value, self.good[0]), self.good[1])
        moved = min(abs(nearest - value), uncertainty_68)
        return self.score(value + moved if nearest > value else value - moved)

    def verdict(self, value: float) -> str:
        """`low`, `high` or `good`: on which side of the good range the value lies."""
        return "low" if value < self.good[0] else "high" if value > self.good[1] else "good"


def usual_cadence_spm(speed_m_s: float, height_m: float) -> float:
    """Usual step rate: 164 at 2.8 m/s (Malisoux 2023), 7.5 more per m/s, less for the tall (leg as a pendulum)."""
    return (164 + 7.5 * (speed_m_s - 2.8)) * sqrt(1.72 / height_m)


def usual_contact_ms(speed_m_s: float) -> float:
    """Usual contact time: a power law through van Oeveren 2021 (340 ms at 8 km/h, 180 at 20), SD 8 %."""
    return float(591 * max(speed_m_s, 0.5) ** -0.693)


def usual_duty_factor(speed_m_s: float, height_m: float) -> float:
    """Usual duty factor, from usual contact and cadence."""
    return usual_contact_ms(speed_m_s) * usual_cadence_spm(speed_m_s, height_m) / 120000


def _around(middle: float, good: float, okay: float, source: str) -> Band:
    return Band((middle - good, middle + good), (middle - okay, middle + okay), (middle - okay, middle + okay), source)


def side_bands(speed_m_s: float, height_m: float) -> dict[str, Band]:
    """The bands of the side view at one speed for one height."""
    over = speed_m_s - 3
    reach = 16 + 1.9 * over
    cadence = usual_cadence_spm(speed_m_s, height_m)
    contact = usual_contact_ms(speed_m_s)
    lieberman = "Lieberman 2015, J Exp Biol 218:3406 (upright shank advised); limits ours"
    bramah = "Bramah 2018, Am J Sports Med 46:3023"
    return {
        "overstride_deg": Band(
            (-inf, reach + 3.5), (-inf, reach + 7), (0, 40), "slope: Patoz 2022, Front Physiol 13:1044363; level ours"
        ),
        "tibia_at_strike_deg": Band((-2, 10), (-5, 15), (-5, 15), lieberman),
        "knee_at_strike_deg": Band((6, 20), (2, 28), (2, 28), bramah),
        "cadence_spm": Band(
            (cadence - 5, cadence + 18),
            (cadence - 13, cadence + 28),
            (cadence - 13, cadence + 28),
            "Malisoux 2023; Heiderscheit 2011, Med Sci Sports Exerc 43:296; limits ours",
        ),
        "thigh_lift_peak_deg": _around(30 + 6 * over, 10, 18, "ours"),
        "thigh_extension_toe_off_deg": Band((15, 30), (8, 38), (8, 38), "ours; Moore 2016, Sports Med 46:793"),
        "knee_swing_peak_deg": _around(90 + 10 * over, 15, 28, "Novacheck 1998, Gait Posture 7:77; limits ours"),
        "contact_asymmetry_percent": Band(
            (-inf, 4), (-inf, 8), (0, 20), "Girard 2019, Front Sports Act Living 1:36; limits ours"
        ),
        "contact_time_ms": Band(
            (-inf, contact * 1.08), (-inf, contact * 1.16), (100, 500), "van Oeveren 2021, Sports Biomech; limits ours"
        ),
        "foot_strike_angle_deg": Band(
            (-inf, 20), (-inf, 28), (-15, 40), "Souza 2016, Phys Med Rehabil Clin 27:217; limits ours"
        ),
        "dorsiflexion_peak_deg": Band((17, 28), (12, 33), (12, 33), bramah),
        "knee_stance_peak_deg": Band((28, 48), (23, 55), (23, 55), bramah),
        "trunk_lean_deg": Band((3, 12), (0, 17), (0, 17), bramah + "; Teng & Powers 2015, Med Sci Sports Exerc 47:625"),
        "oscillation_cm": Band(
            (-inf, 9), (-inf, 11), (3, 16), "Malisoux 2023; van Oeveren 2021, Sports Biomech; limits ours"
        ),
        "elbow_flexion_deg": Band((75, 110), (55, 130), (55, 130), "ours"),
        "arm_swing_deg": Band((30, 75), (20, 95), (20, 95), "ours; Arellano & Kram 2014, J Exp Biol 217:2456"),
        "head_forward_deg": Band((-5, 15), (-12, 25), (-12, 25), "ours"),
    }


def back_bands() -> dict[str, Band]:
    """The bands of the back view; the same for both legs."""
    bramah = "Bramah 2018, Am J Sports Med 46:3023"
    return {
        "pelvic_drop_deg": Band((-inf, 5.5), (-inf, 7.5), (-2, 15), bramah),
        # 15 and 19 for women (4 m/s, 2020); the order does not name the sex, so the wider limits hold for all.
        "hip_adduction_deg": Band((-inf, 15), (-inf, 19), (-2, 28), bramah + "; widened by what women show"),
        "knee_adduction_deg": Band((-5, 2), (-8, 5), (-8, 5), bramah),
        "pronation_deg": Band((5, 16), (2, 21), (2, 21), bramah + " (excursion from strike to peak)"),
        "step_width_cm": Band(
            (0, inf), (-2, inf), (-2, 20), "Iskandar 2023, Front Bioeng Biotechnol 11:1210049; limits ours"
        ),
    }

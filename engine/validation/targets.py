"""What must be met, measure by measure, and whether it is. A target is never loosened: a missed one is called MISSED.

A bare limit is met when at least 90 of 100 trials (or films) lie within it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.validation import clips, mocap, sweeps
from engine.validation.readings import Reading, StepErrors, summarise
from engine.validation.repeat import Repeat

MOST = 0.90
JOINTS_OF_TARGET = (
    "knee_at_strike_deg",
    "knee_stance_peak_deg",
    "knee_swing_peak_deg",
    "thigh_lift_peak_deg",
    "thigh_extension_toe_off_deg",
    "dorsiflexion_peak_deg",
)
ANGLES_OF_TARGET = (("hip at strike", "hip.strike"), ("hip, peak", "hip.max"), ("ankle at strike", "ankle.strike"))
FRAMES_OFF = 1.5
SAME = 1e-6  # ° and ms: what sums in another order may differ by


@dataclass(frozen=True)
class Target:
    """One line of the table: what was wanted, what came out. `met` is None when there was nothing to judge by."""

    source: str
    measure: str
    wanted: str
    found: str
    met: bool | None

    @property
    def verdict(self) -> str:
        """As it stands in the table."""
        return "not judged" if self.met is None else "met" if self.met else "**MISSED**"


def judge_mocap(outcomes: list[mocap.Outcome]) -> list[Target]:
    """The targets for marker key points at 60 frames a second and 8 mm noise."""
    judged = [o for o in outcomes if o.condition.fps == 60 and o.condition.noise_mm == 8]
    side = [o for o in judged if o.view == "side_view"]
    back = [o for o in judged if o.view == "back_view"]
    readings = [r for o in side for r in o.readings]
    source = "marker key points, 8 mm, 60 fps"
    targets = [
        _limit(source, "cadence", readings, "cadence_spm", 0.5, "steps/min"),
        *_events(source, [o.steps for o in side], bias_ms=5, sd_ms=11),
        _contact(source, readings, bias_ms=5, within_ms=15),
        _limit(source, "flight time", readings, "flight_time_ms", 20, "ms"),
        _limit(source, "duty factor", readings, "duty_factor", 0.025, ""),
        _limit(source, "knee at strike", readings, "knee_at_strike_deg", 4, "°"),
        _limit(source, "knee, peak in stance", readings, "knee_stance_peak_deg", 4, "°"),
        _limit(source, "hip at strike (thigh)", readings, "thigh.strike", 4, "°"),
        _limit(source, "hip, peak (thigh lift)", readings, "thigh_lift_peak_deg", 4, "°"),
        _limit(source, "ankle at strike", readings, "ankle.strike", 4, "°"),
        _limit(source, "ankle, peak in stance", readings, "dorsiflexion_peak_deg", 4, "°"),
        _limit(source, "pelvic drop", [r for o in back for r in o.readings], "pelvic_drop_deg", 2, "°"),
        _limit(source, "hip adduction", [r for o in back for r in o.readings], "hip_adduction_deg", 2, "°"),
        _landing_by_angle(source, side),
        _coverage(source, [r for o in judged for r in o.readings], MOST, 0.99),
    ]
    refused = [o for o in judged if o.refused]
    found = f"{len(refused)} of {len(judged)}"
    return [*targets, Target(source, "good runs refused", "0", found, not refused)] if judged else []


def judge_asymmetry(readings: list[Reading]) -> list[Target]:
    """A known asymmetry of contact must be found, on the right side."""
    if not readings:
        return []
    found = [r.measured * r.truth > 0 and abs(r.measured) > (r.uncertainty_95 or 0) for r in readings]
    text = ", ".join(f"{r.measured:+.0f} for {r.truth:+.0f} ms" for r in readings)
    source = "studio key points, 8 mm, 60 fps"
    return [Target(source, "asymmetry of contact 27 ms", "found, right side", text, all(found))]


def judge_repeat(encoded: Sequence[Repeat], mirror: dict[str, Repeat]) -> list[Target]:
    """The same films encoded again, and the same run in a mirror."""
    targets = []
    if encoded:
        source = f"studio film, {len(encoded)} of them"
        each = ", ".join(f"{apart.angles_deg:.1f}° and {apart.times_ms:.1f} ms" for apart in encoded)
        met = all(apart.angles_deg <= 1 and apart.times_ms <= 5 for apart in encoded)
        targets.append(Target(source, "encoded again", "angles ≤ 1°, times ≤ 5 ms", f"at most {each}", met))
        held = min(apart.within_doubt for apart in encoded)
        wanted = "no further apart than the stated doubt, ≥ 95 %"
        targets.append(
            Target(source, "encoded again", wanted, f"{100 * held:.0f} % of each film's numbers", held >= 0.95)
        )
    for view, apart in mirror.items():
        found = f"{apart.angles_deg:.2g}° and {apart.times_ms:.2g} ms apart"
        same = apart.angles_deg < SAME and apart.times_ms < SAME
        wanted = "identical after side swap"
        targets.append(
            Target("studio key points, 6 mm", f"in the mirror, {view.replace('_', ' ')}", wanted, found, same)
        )
    return targets


def judge_clips(outcomes: list[clips.Outcome]) -> list[Target]:
    """The targets for real film."""
    source = "real film"
    targets = []
    for outcome in outcomes:
        name = outcome.clip.name
        if outcome.clip.right_refusals:
            said = outcome.refused or "measured"
            wanted = "refused: " + " or ".join(outcome.clip.right_refusals)
            targets.append(
                Target(source, f"{name}: gate", wanted, said, outcome.refused in outcome.clip.right_refusals)
            )
            continue
        if outcome.refused:
            targets.append(Target(source, f"{name}: measured", "not refused", outcome.refused, False))
            continue
        for reading in outcome.readings:
            if reading.measure == "cadence_spm":
                limit = 1.0 if outcome.steps_measured >= 8 else 2.0
                found = f"{reading.measured:.1f} for {reading.truth:.1f}"
                met = abs(reading.error) <= limit
                targets.append(Target(source, f"{name}: cadence", f"±{limit:g} steps/min", found, met))
        targets.append(_marked(source, outcome))
    return targets


def _marked(source: str, outcome: clips.Outcome) -> Target:
    """Strikes against hand marks: close, none missed, none invented."""
    steps = outcome.steps
    close = float(np.mean(np.abs(steps.strike_ms) <= 1000 * FRAMES_OFF / outcome.fps)) if steps.strike_ms else 0.0
    return _strikes(source, f"{outcome.clip.name}: strikes", close, steps)


def _strikes(source: str, title: str, close: float, steps: StepErrors) -> Target:
    wanted = f"≥ 90 % within {FRAMES_OFF:g} frames, 0 missed, 0 invented, 0 on the wrong foot"
    strays = f"{steps.missed} missed, {steps.invented} invented, {steps.wrong_foot} on the wrong foot"
    met = close >= MOST and not steps.missed and not steps.invented and not steps.wrong_foot
    return Target(source, title, wanted, f"{100 * close:.0f} % of {steps.true}, {strays}", met)


def judge_sweeps(outcomes: list[sweeps.Outcome]) -> list[Target]:
    """The targets for studio film: measures on the films taken as a coach is told to, gates on all."""
    if not outcomes:
        return []
    good = [o for o in outcomes if o.case.good]
    side = [o for o in good if o.case.scene.view == "side_view"]
    readings = [r for o in side for r in o.readings]
    back = [r for o in good if o.case.scene.view == "back_view" for r in o.readings]
    ground = [r for o in side if not o.case.scene.treadmill for r in o.readings]
    source = "studio film"
    right, named = sum(o.landings[0] for o in side), sum(o.landings[1] for o in side)
    gates = [o for o in outcomes if o.case.refusals or o.case.warnings]
    wrong = [o.case.name for o in gates if not o.right]
    refused = [o.case.name for o in good if o.refused]
    return [
        _cadence_from_film(source, side),
        _frames(source, [(o.steps, o.case.scene.fps) for o in side]),
        _contact_from_film(source, side),
        _limit(source, "flight time", readings, "flight_time_ms", 25, "ms"),
        _limit(source, "duty factor", readings, "duty_factor", 0.035, ""),
        _limit(source, "speed over ground", _relative(ground, "speed_m_s"), "speed_m_s", 6, "%"),
        _limit(source, "step length over ground", _relative(ground, "step_length_m"), "step_length_m", 6, "%"),
        *(_limit(source, name.removesuffix("_deg"), readings, name, 5, "°") for name in JOINTS_OF_TARGET),
        *(_limit(source, title, readings, name, 5, "°") for title, name in ANGLES_OF_TARGET),
        _share(source, "landing, rearfoot or not", right, named, 0.85),
        _limit(source, "pelvic drop", back, "pelvic_drop_deg", 3, "°"),
        _limit(source, "hip adduction", back, "hip_adduction_deg", 3, "°"),
        _coverage(source, [*readings, *back], MOST, 1.0),
        _coverage(source, readings, MOST, 1.0, of="joints through the stride"),
        Target(
            source,
            "gates",
            "all right",
            "; wrong: ".join([f"{len(gates) - len(wrong)} of {len(gates)}", *wrong]),
            not wrong,
        ),
        Target(source, "good films refused", "0", "; ".join([f"{len(refused)} of {len(good)}", *refused]), not refused),
    ]


def _limit(source: str, title: str, readings: Iterable[Reading], measure: str, limit: float, unit: str) -> Target:
    summary = summarise(r for r in readings if r.measure == measure)
    wanted = f"±{limit:g} {unit}".strip()
    if summary is None:
        return Target(source, title, wanted, "nothing measured", None)
    share = summary.within(limit)
    digits = 3 if limit < 0.1 else 1
    found = f"{100 * share:.0f} % within; bias {summary.bias:+.{digits}f}, SD {summary.sd:.{digits}f}, n {summary.n}"
    return Target(source, title, wanted, found, share >= MOST)


def _events(source: str, steps: list[StepErrors], *, bias_ms: float, sd_ms: float) -> list[Target]:
    every = StepErrors.of_all(steps)
    targets = []
    for title, errors in (("initial contact", every.strike_ms), ("toe-off", every.toe_off_ms)):
        wanted = f"bias ≤ {bias_ms:g} ms, SD ≤ {sd_ms:g} ms a step, none missed"
        if not errors:
            targets.append(Target(source, title, wanted, "nothing measured", None))
            continue
        bias, sd = float(np.mean(errors)), float(np.std(errors, ddof=1))
        found = f"bias {bias:+.1f}, SD {sd:.1f}, {every.missed} of {every.true} missed, {every.invented} invented"
        met = abs(bias) <= bias_ms and sd <= sd_ms and not every.missed and not every.invented
        targets.append(Target(source, title, wanted, found, met))
    return targets


def _contact(source: str, readings: list[Reading], *, bias_ms: float, within_ms: float) -> Target:
    summary = summarise(r for r in readings if r.measure == "contact_time_ms")
    wanted = f"bias ≤ {bias_ms:g} ms, 90 % within {within_ms:g} ms"
    if summary is None:
        return Target(source, "contact time", wanted, "nothing measured", None)
    share = summary.within(within_ms)
    found = f"bias {summary.bias:+.1f}, SD {summary.sd:.1f}, {100 * share:.0f} % within, n {summary.n}"
    return Target(source, "contact time", wanted, found, abs(summary.bias) <= bias_ms and share >= MOST)


def _cadence_from_film(source: str, outcomes: list[sweeps.Outcome]) -> Target:
    errors = [(r.error, o) for o in outcomes for r in o.readings if r.measure == "cadence_spm"]
    wanted = "±1 steps/min, ±2 below 8 steps"
    if not errors:
        return Target(source, "cadence", wanted, "nothing measured", None)
    share = float(np.mean([abs(error) <= (1 if o.steps_measured >= 8 else 2) for error, o in errors]))
    bias, sd = float(np.mean([error for error, _ in errors])), float(np.std([error for error, _ in errors], ddof=1))
    found = f"{100 * share:.0f} % within; bias {bias:+.1f}, SD {sd:.1f}, n {len(errors)}"
    return Target(source, "cadence", wanted, found, share >= MOST)


def _contact_from_film(source: str, outcomes: list[sweeps.Outcome]) -> Target:
    close = [
        abs(r.error) <= (25 if o.case.scene.fps >= 50 else 35)
        for o in outcomes
        for r in o.readings
        if r.measure == "contact_time_ms"
    ]
    wanted = "≥ 80 % within 25 ms at 60 fps, 35 ms at 30 fps"
    if not close:
        return Target(source, "contact time", wanted, "nothing measured", None)
    share = float(np.mean(close))
    return Target(source, "contact time", wanted, f"{100 * share:.0f} % of {len(close)}", share >= 0.8)


def _frames(source: str, steps: list[tuple[StepErrors, float]]) -> Target:
    close = [abs(ms) <= 1000 * FRAMES_OFF / fps for one, fps in steps for ms in one.strike_ms]
    every = StepErrors.of_all(one for one, _ in steps)
    return _strikes(source, "strikes", float(np.mean(close)) if close else 0.0, every)


def _landing_by_angle(source: str, outcomes: list[mocap.Outcome]) -> Target:
    """The class against the data set's own label, where its foot angle agrees with the label."""
    hits = [hit for o in outcomes for hit in o.landings]
    return _share(source, "landing, rearfoot or not", sum(hits), len(hits), MOST)


def _share(source: str, title: str, hits: int, of: int, least: float) -> Target:
    wanted = f"≥ {100 * least:.0f} %"
    if not of:
        return Target(source, title, wanted, "nothing measured", None)
    return Target(source, title, wanted, f"{100 * hits / of:.0f} % of {of}", hits / of >= least)


def _coverage(source: str, readings: list[Reading], least: float, most: float, of: str = "") -> Target:
    """How often the doubt held: of the measures, or of the joints' angles, which are told side by side."""
    dots = 2 if of else 0
    summary = summarise(r for r in readings if r.measure.count(".") == dots)
    title = f"stated 95 % uncertainty, {of}" if of else "stated 95 % uncertainty"
    wanted = f"holds in {100 * least:.0f}–{100 * most:.0f} %" if most < 1 else f"holds in ≥ {100 * least:.0f} %"
    if summary is None or summary.coverage is None:
        return Target(source, title, wanted, "nothing measured", None)
    met = least <= summary.coverage <= most
    found = f"{100 * summary.coverage:.0f} % of {summary.n} numbers"
    return Target(source, title, wanted, found, met)


def _relative(readings: list[Reading], measure: str) -> list[Reading]:
    """The same readings in percent of the truth."""
    return [
        Reading(r.case, r.measure, 100 * r.measured / r.truth, 100.0, None, r.group)
        for r in readings
        if r.measure == measure
    ]

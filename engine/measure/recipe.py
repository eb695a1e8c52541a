"""The recipe of a measuring, top to bottom: from a track of key points to a report, or to a refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.measure import gates
from engine.measure.angles import all_angles
from engine.measure.back import (
    Leg,
    find_steps_behind,
    lifts_after_highest_deg,
    measure_leg,
    seen_from_behind,
    stride_period_s,
)
from engine.measure.bands import back_bands, side_bands
from engine.measure.body import APART, BELT_ERROR, Runner, direction_votes, find_scale, growth, stand_up
from engine.measure.conditioning import Motion, condition
from engine.measure.events import Step, backwards_share, find_steps, period_s
from engine.measure.gates import Warnings
from engine.measure.landing import usual
from engine.measure.mass import lowest_in_step
from engine.measure.mechanics import bounce, estimate
from engine.measure.numbers import Measure
from engine.measure.precision import Precision
from engine.measure.report import BackResult, Report, SideResult, StepReport
from engine.measure.scores import BACK_WEIGHTS, Part, score_part, score_side
from engine.measure.side import SideView, measure_side
from engine.measure.speed import STANDS_M, FootSpeed, ground_tilt_deg, resting_feet, way_past_camera
from engine.measure.style import find_style
from engine.measure.timing import Timing, flights_ms, measure_timing
from engine.measure.track import AT, JOINTS, SIDES, Array, Track
from engine.order import Order

# Over ground a tilted path in the picture is a tilted camera, and is levelled. On a belt it may as well be an incline:
# it is only told. Feet that roll feign up to 3° on level belts (reference trials).
MIN_TILT_DEG, TOLD_TILT_DEG = 1.0, 4.0
USUAL_STRIDE_S = 0.72  # 167 steps a minute
# Standard errors of the speed by the way past the camera and by resting feet, a share (the scale's comes on top). A
# panning camera sees the runner from the side only in passing, and few films of one were tried; ours.
WAY_ERROR, PANNED_WAY_ERROR, FEET_ERROR = 0.012, 0.03, 0.03
UNSTEADY = 0.10  # change of the speed across the film, a share; ours, as are those that follow
MAX_TRAVEL_ON_BELT, MIN_TRAVEL_OVER_GROUND = 1.5, 0.5  # of the hips past the camera, body heights
CAMERA_KNOWN = 0.5  # of camera_confidence: below, a runner who seems to go nowhere may do so by a camera not followed
SOME_SWAPPED = 0.15  # of the frames had left and right mixed up
FAR_LEG_SEEN = 0.7  # of the leg behind
SLOW_MOTION_DUTY = 0.46  # of the stride; runners stay under 0.45 down to 8 km/h, walkers over 0.55
FAR_TRUST = 0.75  # of the near leg's; ours


def measure(track: Track, order: Order) -> Report:
    """Measure one film. Raise Refused, with its reason in the order's language, when it cannot be measured."""
    warnings = Warnings()
    gates.check_order(order)
    gates.check_track(track, order, warnings)
    motion = condition(track, side_view=order.view == "side_view")
    gates.check_picture(track, motion, order, warnings)
    gates.check_view(motion, order)
    gates.check_trembling(track.camera_px, track.fps, motion.body_px, order, warnings)
    if order.view == "side_view":
        return _measure_side(track, motion, order, warnings)
    return _measure_back(track, motion, order, warnings)


def _measure_side(track: Track, motion: Motion, order: Order, warnings: Warnings) -> Report:
    runner, every, stride_s = _stand_and_step(track, motion, order, warnings)
    precision = Precision(track.by_model, track.fps, runner.ground_deg)
    steps = [step for step in every if not step.edge]
    gates.check_steps(steps, order, warnings)
    # On a belt the runner is whole in the picture to the last frame; over ground the first and last strikes lie where
    # the body enters and leaves it, and would bend the cadence.
    timing = measure_timing(steps, precision, every if order.treadmill else None, stride_s)
    gates.check_running(
        timing.measures["cadence_spm"].value, timing.measures["duty_factor"].value, _known(timing.flights_ms), order
    )
    measures = dict(timing.measures)
    measures.update(_speeds(track, runner, steps, timing, order, warnings))
    angles = all_angles(runner, steps, toe_is_tip=track.toe_is_tip)
    trust = _leg_trust(track, motion, runner.near, warnings)
    view = measure_side(runner, angles, steps, timing.step_time_s, precision, trust)
    measures.update(view.measures)
    gates.check_fall(measures["cadence_spm"].value, bounce(measures), order, warnings)
    measures.update(_vertical_ratio(measures))
    measures.update(estimate(measures, order.height_m, order.weight_kg, treadmill=order.treadmill))
    speed = measures["speed_m_s"].value
    bands = side_bands(speed, order.height_m)
    parts, total = score_side(measures, bands)
    knee = measures.get("knee_at_strike_deg")
    style = find_style(
        measures["cadence_spm"].value,
        measures["duty_factor"].value,
        speed,
        order.height_m,
        knee.value if knee else None,
    )
    landing = usual([landing for landing in view.landings if landing])
    return Report(
        measures=measures,
        bands=bands,
        steps=_step_reports(motion, every, flights_ms(every, timing.step_time_s), precision, view),
        total_score=total,
        warnings=tuple(warnings.codes),
        points_px=_for_drawing(track, motion),
        direction=runner.direction,
        near_side=runner.near,
        px_per_m=runner.scale.px_per_m,
        tilt_deg=runner.tilt_deg + runner.ground_deg,
        notes={"eversion_velocity_deg_s": "eversion_velocity"},
        side=SideResult(view, angles, parts, style, landing, runner.time_s),
    )


def _stand_and_step(track: Track, motion: Motion, order: Order, warnings: Warnings) -> tuple[Runner, list[Step], float]:
    """Find direction, scale, tilt, steps and stride time; the first steps tell scale and tilt for the second round."""
    middle = _picture_middle(track, motion)
    direction = _direction(track, motion, middle, order)
    growing = None if order.treadmill else growth(motion)
    if growing is not None:
        _check_square(growing, motion, order, warnings)
    scale = find_scale(motion, order.height_m)
    runner = stand_up(motion, middle, direction, scale, 0.0, growing)
    stride_s = period_s(runner)
    gates.check_rhythm(motion, stride_s, order)
    gates.check_forward(backwards_share(runner, stride_s, order.height_m), order)
    gates.check_tempo(stride_s, order)
    gates.check_turned(motion, stride_s, order, warnings)
    if 120 / stride_s < gates.SLOW_MOTION_SPM:
        _refuse_slow(track, stride_s, direction, order)
    steps = find_steps(runner, stride_s, toe_is_tip=track.toe_is_tip)
    gates.check_bounce(lowest_in_step(runner, steps, stride_s), order)
    feet = resting_feet(runner, steps)
    if order.belt_speed_m_s and np.isfinite(feet.in_picture_m_s):
        if abs(-feet.in_picture_m_s / order.belt_speed_m_s - 1) > APART:
            warnings.add("pace_mismatch")
        belt_px_s = abs(feet.in_picture_m_s) * scale.px_per_m
        scale = find_scale(motion, order.height_m, belt_px_s / order.belt_speed_m_s)
    if scale.disagreement > APART:
        warnings.add("scale_mismatch")
    tilt = ground_tilt_deg(runner, steps, stride_s, treadmill=order.treadmill, by_model=track.by_model)
    if order.treadmill:
        runner = replace(stand_up(motion, middle, direction, scale, 0.0, growing), ground_deg=tilt)
    else:
        runner = stand_up(motion, middle, direction, scale, tilt if abs(tilt) >= MIN_TILT_DEG else 0.0, growing)
    steps = find_steps(runner, stride_s, toe_is_tip=track.toe_is_tip)
    if abs(tilt) > TOLD_TILT_DEG:
        warnings.add("tilted")
    if motion.renamed_share > SOME_SWAPPED:
        warnings.add("swapped")
    return runner, steps, stride_s


def _direction(track: Track, motion: Motion, middle_px: Array, order: Order) -> int:
    """Which way the runner heads in the picture, +1 right, -1 left; refuse a film that does not tell, or tells that it
    was ordered as the wrong one of belt and ground."""
    hips = motion.middle("hip")[:, 0] - middle_px[:, 0]
    seen = hips[np.isfinite(hips)]
    travel = float(seen[-1] - seen[0])
    votes = direction_votes(motion, travel)
    heading = sum(votes.values())
    if len(votes) < 2 or abs(heading) < len(votes) / 2:
        gates.refuse("direction_unclear", order)
    _check_mode(track, motion, travel, order)
    return 1 if heading > 0 else -1


def _refuse_slow(track: Track, stride_s: float, direction: int, order: Order) -> None:
    """Refuse legs too slow for running: sped up to a usual rate they show flights (slow motion) or none (walking)."""
    faster = replace(track, time_s=track.time_s * USUAL_STRIDE_S / stride_s)
    motion = condition(faster, side_view=True)
    scale = find_scale(motion, order.height_m)
    runner = stand_up(motion, _picture_middle(faster, motion), direction, scale, 0.0)
    steps = find_steps(runner, USUAL_STRIDE_S, toe_is_tip=track.toe_is_tip)
    gates.check_bounce(lowest_in_step(runner, steps, USUAL_STRIDE_S), order)
    contact_s = float(np.nanmedian([step.contact_s for step in steps])) if steps else USUAL_STRIDE_S
    gates.refuse("slow_motion" if contact_s < SLOW_MOTION_DUTY * USUAL_STRIDE_S else "walking", order)


def _picture_middle(track: Track, motion: Motion) -> Array:
    """Where the middle of the first picture lies on the motion's clock, (n, 2) px: it goes as the background goes.

    A runner who comes nearer grows about this point, and about no other.
    """
    if track.camera_px is None:
        return np.tile(track.middle_px, (len(motion.time_s), 1))
    moved = [np.interp(motion.time_s, track.time_s, track.camera_px[:, axis]) for axis in (0, 1)]
    return np.asarray(track.middle_px + np.column_stack(moved))


def _check_mode(track: Track, motion: Motion, travel_px: float, order: Order) -> None:
    """Refuse a treadmill on which the runner travels, and a run over ground that goes nowhere."""
    heights = abs(travel_px) / motion.body_px
    if order.treadmill and heights > MAX_TRAVEL_ON_BELT:
        gates.refuse("mode_treadmill", order)
    if not order.treadmill and heights < MIN_TRAVEL_OVER_GROUND and track.camera_confidence > CAMERA_KNOWN:
        gates.refuse("mode_over_ground", order)


def _check_square(growing: Array, motion: Motion, order: Order, warnings: Warnings) -> None:
    known = np.isfinite(motion.joint("left_hip")[:, 0])
    change = float(np.ptp(growing[known]))
    if change > gates.MAX_OBLIQUE:
        gates.refuse("oblique", order)
    if change > gates.SOME_OBLIQUE:
        warnings.add("oblique")


def _speeds(
    track: Track, runner: Runner, steps: list[Step], timing: Timing, order: Order, warnings: Warnings
) -> dict[str, Measure]:
    """Speed, step length and what follows from them."""
    feet = resting_feet(runner, steps)
    if order.belt_speed_m_s:
        speed, share = order.belt_speed_m_s, BELT_ERROR
    else:
        speed, share = _speed_over_ground(track, runner, feet, timing.step_time_s, order, warnings)
        share = float(np.hypot(share, runner.scale.error))
    n = len(steps)
    step_m = speed * timing.step_time_s
    return {
        "speed_m_s": Measure(speed, "m/s", 2 * share * speed, 0.0, n),
        "step_length_m": Measure(step_m, "m", 2 * share * step_m, 0.0, n),
        "stride_length_m": Measure(2 * step_m, "m", 4 * share * step_m, 0.0, n),
        "pace_s_per_km": Measure(1000 / speed, "s/km", 2 * share * 1000 / speed, 0.0, n),
    }


def _speed_over_ground(
    track: Track, runner: Runner, feet: FootSpeed, step_s: float, order: Order, warnings: Warnings
) -> tuple[float, float]:
    """The running speed, m/s, and its own standard error as a share (the scale's comes on top)."""
    way, change = way_past_camera(runner, step_s)
    if abs(change) > UNSTEADY:
        warnings.add("unsteady")
    if abs(feet.drift_m) <= STANDS_M and way > 0:
        return way, WAY_ERROR if track.camera_px is None else PANNED_WAY_ERROR
    if feet.contacts < 3 or not feet.under_hips_m_s > 0:
        gates.refuse("camera_shake", order)
    warnings.add("camera_moved")
    return feet.under_hips_m_s, FEET_ERROR


def _vertical_ratio(measures: dict[str, Measure]) -> dict[str, Measure]:
    """Vertical ratio: rise and fall against step length, percent."""
    rise, step = measures.get("oscillation_cm"), measures.get("step_length_m")
    if not rise or not step:
        return {}
    value = rise.value / step.value
    error = value * float(np.hypot(rise.uncertainty_95 / rise.value, step.uncertainty_95 / step.value))
    return {"vertical_ratio_percent": Measure(value, "%", error, rise.sd / step.value, rise.n)}


def _leg_trust(track: Track, motion: Motion, near: str, warnings: Warnings) -> dict[str, float]:
    """Confidence in each leg: how much of it was seen, and less for the one behind the other."""
    trust = {}
    for side in SIDES:
        columns = [AT[f"{side}_{part}"] for part in ("knee", "ankle", "heel", "toe")]
        hips = motion.believed[:, AT[f"{side}_hip"]]
        seen = float(motion.believed[hips][:, columns].mean()) if hips.any() else 0.0
        trust[side] = seen if side == near or not track.by_model else FAR_TRUST * seen
        if side != near and seen < FAR_LEG_SEEN:
            warnings.add("far_leg")
    return trust


def _known(flights_ms: tuple[float, ...]) -> Array:
    flights = np.array(flights_ms)
    return np.asarray(flights[np.isfinite(flights)])


def _step_reports(
    motion: Motion, steps: list[Step], flights: tuple[float, ...], precision: Precision, view: SideView | None
) -> tuple[StepReport, ...]:
    """Every contact with its moments in the film's own frames."""
    inner = [step for step in steps if not step.edge]
    landings = dict(zip(inner, view.landings, strict=True)) if view else {}
    readings = dict(zip(inner, view.readings, strict=True)) if view else {}

    def frame(moment_s: float) -> float:
        return float(np.interp(moment_s, motion.time_s, motion.frame))

    own_ms = float(np.hypot(precision.bias("event_ms"), precision.event_noise_ms))
    out = []
    for number, (step, flight) in enumerate(zip(steps, flights, strict=True), start=1):
        # Half of what the detectors are apart, mean of strike and toe-off.
        spread_ms = 1000 * (step.strike_spread_s + step.toe_off_spread_s) / 4
        out.append(
            StepReport(
                number=number,
                foot=step.side,
                strike_s=step.strike_s,
                strike_frame=frame(step.strike_s),
                toe_off_s=step.toe_off_s if step.whole else None,
                toe_off_frame=frame(step.toe_off_s) if step.whole else None,
                contact_time_ms=step.contact_s * 1000 if step.whole else None,
                flight_time_ms=flight if np.isfinite(flight) else None,
                uncertainty_95_ms=2 * float(np.hypot(own_ms, spread_ms)),
                confidence=step.confidence,
                landing=landings.get(step),
                readings=readings.get(step, {}),
            )
        )
    return tuple(out)


def _for_drawing(track: Track, motion: Motion) -> Array:
    """The cleaned points on the film's own frames, (n, joints, 2) px; NaN where they are not to be believed."""
    smooth = np.where(motion.believed[:, :, None], motion.points_px, np.nan)
    if len(motion.time_s) == len(track.time_s):
        return smooth
    out = np.full_like(track.points_px, np.nan)
    nearest = np.abs(track.time_s[:, None] - motion.time_s[None, :]).argmin(axis=1)
    for joint in range(len(JOINTS)):
        for axis in (0, 1):
            known = np.isfinite(motion.points_px[:, joint, axis])
            if known.any():
                values = np.interp(track.time_s, motion.time_s[known], motion.points_px[known, joint, axis])
                out[:, joint, axis] = np.where(motion.believed[nearest, joint], values, np.nan)
    return out


def _measure_back(track: Track, motion: Motion, order: Order, warnings: Warnings) -> Report:
    precision = Precision(track.by_model, track.fps)
    behind = seen_from_behind(motion, track.middle_px, order.height_m, level=not track.by_model)
    stride_s = stride_period_s(behind)
    gates.check_rhythm(motion, stride_s, order)
    gates.check_tempo(stride_s, order)
    gates.check_lift(*lifts_after_highest_deg(behind, stride_s), order)
    steps = find_steps_behind(behind, stride_s)
    gates.check_steps(steps, order, warnings)
    timing = measure_timing(steps, precision, stride_s=stride_s)
    cadence = timing.measures["cadence_spm"]
    if cadence.value < gates.SLOW_MOTION_SPM:
        gates.refuse("slow_motion", order)
    bands = back_bands()
    weights = BACK_WEIGHTS if order.full_body else {"pronation_deg": 1.0}
    legs = {side: measure_leg(behind, steps, side, precision, weights) for side in SIDES}
    parts: dict[str, Part] = {side: score_part(leg.peak, bands, weights, 0.5) for side, leg in legs.items()}
    scores = [part.score for part in parts.values() if part.score is not None]
    return Report(
        measures={"cadence_spm": cadence, **_leg_means(legs)},
        bands=bands,
        steps=_step_reports(motion, steps, timing.flights_ms, precision, None),
        total_score=float(np.mean(scores)) if scores else None,
        warnings=tuple(warnings.codes),
        points_px=_for_drawing(track, motion),
        direction=None,
        near_side=None,
        px_per_m=None,
        tilt_deg=behind.roll_deg,
        back=BackResult(legs, parts),
    )


def _leg_means(legs: dict[str, Leg]) -> dict[str, Measure]:
    """Each frontal measure of both legs as one Measure with its sides."""
    out = {}
    for key in legs["left"].peak:
        left, right = legs["left"].peak[key], legs["right"].peak.get(key)
        if right:
            value = (left.value + right.value) / 2
            error = (left.uncertainty_95 + right.uncertainty_95) / 2
            trust = (left.confidence + right.confidence) / 2
            out[key] = Measure(value, left.unit, error, (left.sd + right.sd) / 2, left.n + right.n, trust, left, right)
    return out

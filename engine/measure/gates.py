"""What cannot be measured, and what can only with care: every refusal and warning of the arithmetic, by its code.

Texts stand in engine/texts; limits are ours unless a source is named, and are put where the studio's sweeps show the
numbers going wrong (docs/validation.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from engine.measure.conditioning import Motion
from engine.measure.events import Step
from engine.measure.track import AT, SIDES, Array, Track
from engine.order import Order
from engine.texts import refused

MIN_SECONDS = 1.2  # of a person in view; the shortest crossing that still holds four steps
MIN_PERSON = 0.5
MIN_HEIGHT_PX, SMALL_HEIGHT_PX = 220, 350
MIN_HEIGHT_SHARE = 0.20  # of the picture's short side
MAX_CROPPED = 0.30  # of the frames
MIN_FPS, LOW_FPS = 24.0, 50.0
# Of white, around the runner. Real films in daylight and in a room read 0.76-0.79; the studio's at half, a third, a
# quarter and a seventh of its light 0.42, 0.31, 0.22 and 0.15, and at a quarter legs are confused and strikes late.
DARK = 0.28
SIDE_MAX_WIDTH, BACK_MIN_WIDTH = 0.45, 0.35  # shoulder width over trunk length
# Without shoulders, the hips' distance across in body heights: markers read 0.00-0.01 from the side, 0.09-0.12 from
# behind (eight trials).
HIPS_FROM_BEHIND = 0.06
# The same as a mean of whole strides, with its sign: at most 0.004 square to the path, 0.026-0.031 at 15° (eight
# trials). From 20° on a bend of the knee reads 3° too small.
HIPS_OFF_SQUARE = 0.03
MIN_STEPS_SIDE, FEW_STEPS_SIDE = 4, 8
MIN_STEPS_BACK, FEW_STEPS_BACK = 6, 14
SLOW_MOTION_SPM = 110.0
# Sprinters reach 4.4-4.9 steps a second (Salo 2011, Med Sci Sports Exerc 43:1055), 300 a minute at most. Between
# QUICK_SPM and that, the fall tells: bodies in the air fall as bodies do, so that contact and flight say how far a run
# rises and falls (Morin 2005). Runs at their true speed show 1.06-1.37 of it from markers and 0.74-1.37 on film, 1.25
# times as fast 1.64-2.13 and 1.08-1.96, 1.5 times 2.3-2.9 (eight trials at 30-120 fps and 4-12 mm of noise, two real
# films and 23 of the studio). A body height given too tall does the same. The lower limit lies half-way on markers.
FAST_MOTION_SPM, QUICK_SPM, SOME_BOUNCE, MAX_BOUNCE = 310.0, 200.0, 1.5, 2.0
WALKING_DUTY = 0.5
# When in the step a runner's hips are lowest, as a share of it; half-way between runs (0.28-0.39) and walks (0.0-0.1).
LOWEST_FROM, LOWEST_TO = 0.20, 0.60
# From behind: where in the step, from the hips' highest point, the ankles are furthest apart in height, degrees. Runs
# read 104-180 either way (eight marker trials, a real film, five of the studio's), walks 0-35.
WALKING_LIFT_DEG = 70.0
OTHER_PERSON_SHARE = 0.20
# Left minus right shoulder over the trunk's length, mean of whole strides: arms swing it to and fro, a camera off the
# square shows it to one side. Studio films at 25° read 0.23-0.28, at 15° 0.07-0.15, at 0° 0.05; a real one taken almost
# squarely 0.17. Hips, which arms do not swing, must agree.
MAX_TURNED, SOME_TURNED, HIPS_AGREE = 0.27, 0.12, 0.08
# How far the camera trembles about its own smooth path, RMS in body heights: studio films trembling by 0.2, 0.5, 1 and
# 2° read 0.02, 0.05, 0.11 and 0.20; from 2° on steps were lost.
MAX_TREMBLING, SOME_TREMBLING = 0.15, 0.04
SMOOTH_PATH_S = 0.5
# Legs that swing this far apart (body heights) but so slowly (body heights a second, 95th percentile) are a runner's
# in slow motion: running legs pass each other at 2.7-4.2, walking ones at 2.7, four and eight times slowed at 1.2, 0.9.
WIDE_STRIDE, SLOW_LEGS_PER_S = 0.3, 1.3
MAX_BACKWARDS = 0.10  # of the strides; none in any good run, half of them in a film that goes forward and back. Ours
MAX_OBLIQUE, SOME_OBLIQUE = 0.15, 0.08  # change of the runner's size across the film


@dataclass
class Warnings:
    """The warnings of one film, each code once, in the order they were found."""

    codes: list[str] = field(default_factory=list)

    def add(self, code: str) -> None:
        """Note a warning."""
        if code not in self.codes:
            self.codes.append(code)


def refuse(code: str, order: Order) -> NoReturn:
    """Refuse the film with the text of the order's language."""
    raise refused(code, order.language)


def check_order(order: Order) -> None:
    """Refuse what cannot be measured whatever the film shows."""
    if order.treadmill and not order.pace_s_per_km:
        refuse("pace_missing", order)


def check_track(track: Track, order: Order, warnings: Warnings) -> None:
    """Refuse a film without one whole, large enough runner at a usable frame rate."""
    hips = np.isfinite(track.points_px[:, [AT["left_hip"], AT["right_hip"]]]).all(axis=(1, 2))
    sure = track.fresh & hips
    if track.person_score is not None:
        sure &= track.person_score >= MIN_PERSON
    if sure.sum() / track.fps < MIN_SECONDS:
        too_short = track.duration_s < MIN_SECONDS and sure.any()
        refuse("too_few_steps" if too_short else "no_runner", order)
    if track.fps < MIN_FPS * 0.98:
        refuse("fps_low", order)
    if track.fps < LOW_FPS and track.from_film:
        warnings.add("low_fps")
    if track.second_person_share > OTHER_PERSON_SHARE or track.identity_switches > 0:
        refuse("two_people", order)
    if track.light is not None and track.light < DARK:
        warnings.add("dark")


def check_picture(track: Track, motion: Motion, order: Order, warnings: Warnings) -> None:
    """Refuse a runner who is too small or cut off; only films have a picture to judge."""
    if not np.isfinite(motion.body_px) or not _trunk_and_a_leg(motion):
        refuse("no_runner", order)
    _check_upright(motion, order)
    if not track.from_film:
        return
    # Of the short side: bars above and below, or a phone held upright beside a track, make nobody smaller.
    if motion.body_px < max(MIN_HEIGHT_PX, MIN_HEIGHT_SHARE * min(track.width_px, track.height_px)):
        # To fill half of the picture is what we ask for; where even that is too few pixels, moving closer is no cure.
        if track.height_px < 2 * MIN_HEIGHT_PX:
            refuse("too_few_pixels", order)
        refuse("runner_too_small", order)
    if motion.body_px < SMALL_HEIGHT_PX:
        if track.height_px < 2 * SMALL_HEIGHT_PX:
            warnings.add("few_pixels")
        else:
            warnings.add("small")
    side_view = order.view == "side_view"
    passing = side_view and not order.treadmill
    if _cropped_share(track, whole_body=side_view or order.full_body, passing=passing) > MAX_CROPPED:
        refuse("cropped", order)


def _check_upright(motion: Motion, order: Order) -> None:
    """Refuse a runner who lies in the picture or hangs upside down: a film's turn may be lost when it is copied."""
    legs = np.vstack([motion.joint(f"{side}_ankle") - motion.joint(f"{side}_hip") for side in SIDES])
    across, down = np.nanmedian(legs, axis=0)
    if down < abs(across):
        refuse("not_upright", order)


def _trunk_and_a_leg(motion: Motion) -> bool:
    """Whether both hips, and a knee and an ankle of one side, could be followed: less is no body to measure."""
    known = np.asarray(np.isfinite(motion.points_px).all(axis=2))
    hips = known[:, AT["left_hip"]] & known[:, AT["right_hip"]]
    return any((hips & known[:, AT[f"{side}_knee"]] & known[:, AT[f"{side}_ankle"]]).any() for side in SIDES)


def _cropped_share(track: Track, *, whole_body: bool, passing: bool) -> float:
    """The share of frames with a person in which feet (or head) lie outside the picture or were not seen."""
    names = [f"{side}_{part}" for side in SIDES for part in ("ankle", "heel", "toe")]
    present = np.isfinite(track.points_px[:, [AT["left_hip"], AT["right_hip"]]]).any(axis=(1, 2))
    if not present.any():
        return 1.0
    points = track.points_px[present]
    feet = points[:, [AT[name] for name in names]]
    outside = _outside(feet, track).sum(axis=1) >= 2
    if whole_body:
        head = points[:, [AT["left_ear"], AT["right_ear"], AT["nose"]]]
        outside |= _outside(head, track).all(axis=1)
    if passing:
        # Who crosses the picture is cut by its sides on the way in and out: only what stands whole in it is judged.
        with np.errstate(invalid="ignore"):
            x = points[:, :, 0]
            outside = outside[~((x < 0) | (x >= track.width_px)).any(axis=1)]
    return float(outside.mean()) if len(outside) else 1.0


def _outside(points: Array, track: Track) -> Array:
    """Which points (n, k, 2) lie beyond the picture's edge or are missing, (n, k)."""
    x, y = points[..., 0], points[..., 1]
    with np.errstate(invalid="ignore"):
        inside = (x >= 0) & (x < track.width_px) & (y >= 0) & (y < track.height_px)
    return np.asarray(~inside)


def _shoulder_width(motion: Motion) -> float:
    """Median shoulder width over trunk length: near 0 from the side, about 0.7 from behind; NaN when not seen."""
    across = motion.joint("left_shoulder")[:, 0] - motion.joint("right_shoulder")[:, 0]
    trunk = np.linalg.norm(motion.middle("shoulder") - motion.middle("hip"), axis=1)
    ratio = np.abs(across) / trunk
    return float(np.nanmedian(ratio)) if np.isfinite(ratio).any() else float("nan")


def check_view(motion: Motion, order: Order) -> None:
    """Refuse a film taken from another side than was ordered."""
    width = _shoulder_width(motion)
    hips = motion.joint("right_hip")[:, 0] - motion.joint("left_hip")[:, 0]
    from_behind = from_side = False
    if np.isfinite(width):
        from_behind, from_side = width > SIDE_MAX_WIDTH, width < BACK_MIN_WIDTH
    elif np.isfinite(hips).any():
        from_behind = float(np.nanmedian(np.abs(hips))) > HIPS_FROM_BEHIND * motion.body_px
        from_side = not from_behind
    if order.view == "side_view":
        if from_behind:
            refuse("wrong_view_side", order)
        return
    if from_side:
        refuse("wrong_view_back", order)
    if np.isfinite(hips).any() and np.nanmedian(hips) < 0:
        refuse("wrong_view_front", order)


def _across_px(motion: Motion, part: str, stride_s: float) -> float:
    """Left minus right shoulder or hip, px, as the mean of whole strides; 0 square to the path."""
    across = (motion.joint(f"left_{part}") - motion.joint(f"right_{part}"))[:, 0]
    across = across[np.isfinite(across)]
    stride = round(stride_s * motion.rate_hz)
    whole = len(across) // stride * stride if stride else 0
    return float(across[: whole or len(across)].mean())


def check_turned(motion: Motion, stride_s: float, order: Order, warnings: Warnings) -> None:
    """Refuse a side view taken far from square to the running path; warn of one that is a little off."""
    hips = _across_px(motion, "hip", stride_s)
    if not (motion.has("left_shoulder") and motion.has("right_shoulder")):
        if abs(hips) > HIPS_OFF_SQUARE * motion.body_px:
            warnings.add("oblique")
        return
    trunk = float(np.nanmedian(np.linalg.norm(motion.middle("shoulder") - motion.middle("hip"), axis=1)))
    shoulders = _across_px(motion, "shoulder", stride_s) / trunk
    if abs(shoulders) > MAX_TURNED and hips / trunk * np.sign(shoulders) > HIPS_AGREE:
        refuse("oblique", order)
    if abs(shoulders) > SOME_TURNED:
        warnings.add("oblique")


def check_trembling(camera_px: Array | None, rate_hz: float, body_px: float, order: Order, warnings: Warnings) -> None:
    """Refuse a camera that shakes hard, warn of one that trembles; a smooth pan is neither."""
    if camera_px is None:
        return
    window = max(3, round(SMOOTH_PATH_S * rate_hz)) | 1
    if len(camera_px) <= window:
        return
    ends = np.pad(camera_px, ((window // 2, window // 2), (0, 0)), mode="reflect", reflect_type="odd")
    sums = np.cumsum(np.vstack([np.zeros(2), ends]), axis=0)
    smooth = (sums[window:] - sums[:-window]) / window
    trembling = float(np.sqrt(((camera_px - smooth) ** 2).sum(axis=1).mean())) / body_px
    if trembling > MAX_TREMBLING:
        refuse("camera_shake", order)
    if trembling > SOME_TREMBLING:
        warnings.add("shaky")


def check_rhythm(motion: Motion, stride_s: float, order: Order) -> None:
    """Refuse a film whose legs do not repeat, telling those that merely swing very slowly by name."""
    if np.isfinite(stride_s):
        return
    sway = (motion.joint("left_ankle") - motion.joint("right_ankle"))[:, 0] / motion.body_px
    known = sway[np.isfinite(sway)]
    if len(known) > 2 and np.ptp(known) > WIDE_STRIDE:
        pace = float(np.percentile(np.abs(np.diff(known)), 95)) * motion.rate_hz
        if pace < SLOW_LEGS_PER_S:
            refuse("slow_motion", order)
    refuse("too_few_steps", order)


def check_steps(steps: list[Step], order: Order, warnings: Warnings) -> None:
    """Refuse too few steps, none that was seen to its end, and those of one foot alone: without the other they would
    look like a walk; warn of few."""
    least, few = (MIN_STEPS_SIDE, FEW_STEPS_SIDE) if order.view == "side_view" else (MIN_STEPS_BACK, FEW_STEPS_BACK)
    whole = any(step.whole for step in steps)
    if len(steps) < least or len({step.side for step in steps}) < len(SIDES) or not whole:
        refuse("too_few_steps", order)
    if len(steps) < few:
        warnings.add("few_steps")


def check_forward(backwards_share: float, order: Order) -> None:
    """Refuse a film that is played in reverse, or forward and back."""
    if backwards_share > MAX_BACKWARDS:
        refuse("backwards", order)


def check_tempo(stride_s: float, order: Order) -> None:
    """Refuse legs faster than any runner's: the film is played too fast."""
    if 120 / stride_s > FAST_MOTION_SPM:
        refuse("fast_motion", order)


def check_fall(cadence_spm: float, bounce: float, order: Order, warnings: Warnings) -> None:
    """Refuse quick steps with a rise and fall, over what contact and flight allow, that gravity cannot give; warn of
    one that it hardly can."""
    if cadence_spm > QUICK_SPM and bounce > MAX_BOUNCE:
        refuse("fast_motion", order)
    if bounce > SOME_BOUNCE:
        warnings.add("fall_mismatch")


def check_bounce(lowest_share: float, order: Order) -> None:
    """Refuse walking by its bounce: a walker is not lowest over the standing leg."""
    if np.isfinite(lowest_share) and not LOWEST_FROM < lowest_share < LOWEST_TO:
        refuse("walking", order)


def check_lift(apart_deg: float, mean_deg: float, order: Order) -> None:
    """Refuse walking seen from behind: a walker is highest, not lowest, while one foot is lifted past the other.

    A camera that looks down steeply sees the foot in front higher, so that a runner's ankles are furthest apart when
    both reach out; their mean stays where it was.
    """
    if abs(apart_deg) < WALKING_LIFT_DEG and mean_deg < 0:
        refuse("walking", order)


def check_running(cadence_spm: float, duty_factor: float, flights_ms: Array, order: Order) -> None:
    """Refuse walking, and slow motion that would be read as very slow running."""
    airborne = float(np.mean(flights_ms > 0)) if len(flights_ms) else 0.0
    if duty_factor >= WALKING_DUTY or airborne < 0.5:
        refuse("walking", order)
    if cadence_spm < SLOW_MOTION_SPM:
        refuse("slow_motion", order)

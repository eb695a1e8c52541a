"""A runner seen from behind, made of formulas: the frontal angles are known because they were put there."""

from __future__ import annotations

import numpy as np

from engine.measure.track import AT, JOINTS, Track

PX_PER_M = 500.0
STEP_S, CONTACT_S, FIRST_S = 0.36, 0.25, 0.1
RISES_S = 0.172  # after strike: so the ankle stands 0.13 m higher at toe-off
OWN = {"left": -1, "right": 1}  # x to the runner's right


def behind(
    fps=60,
    seconds=8.0,
    drop_deg=5.0,
    extra_right_deg=0.0,
    roll_deg=0.0,
    width_m=0.04,
    eversion_deg=10.0,
    noise=0.0,
    **changes,
):
    """The key points of a film: standing legs tilt the pelvis by `drop_deg` at mid-stance; `noise` in px."""
    time_s = np.arange(int(seconds * fps)) / fps
    fall = 0.04 * np.cos(2 * np.pi * (time_s - FIRST_S - CONTACT_S / 2) / STEP_S)
    hips = np.column_stack([np.zeros_like(time_s), 0.88 - fall])
    points, tilt_deg = {"nose": hips + np.array([0, 0.74])}, np.zeros_like(time_s)
    for number, (side, own) in enumerate(OWN.items()):
        bump, foot_y = _stance_and_swing(time_s - FIRST_S - number * STEP_S)
        tilt_deg += own * (drop_deg + (extra_right_deg if side == "right" else 0.0)) * bump
        points |= _foot(side, np.full_like(time_s, own * width_m), 0.09 + foot_y, np.radians(eversion_deg * bump))
    for side in OWN:
        points |= _above_the_foot(side, hips, tilt_deg, points[f"{side}_ankle"])
    px = _projected(points, len(time_s), np.radians(roll_deg))
    px += noise * np.random.default_rng(3).standard_normal(px.shape)
    score = np.where(np.isfinite(px).all(axis=2), 1.0, 0.0)
    seen = {"time_s": time_s, "points_px": px, "score": score, "width_px": 1080, "height_px": 1920}
    return Track(**{**seen, "toe_is_tip": False, **changes})


def _stance_and_swing(since_strike_s):
    """How far the leg is in its stance, 0 to 1 and back to 0, and how high its ankle is lifted, m."""
    phase = since_strike_s % (2 * STEP_S)
    share = phase / CONTACT_S
    bump = np.where(share < 1, np.sin(np.pi * np.clip(share, 0, 1)), 0.0)
    swing = np.clip((phase - RISES_S) / (2 * STEP_S - RISES_S), 0, 1)
    return bump, 0.3 * np.sin(np.pi * swing)


def _foot(side, x, ankle_y, eversion):
    return {
        f"{side}_ankle": np.column_stack([x, ankle_y]),
        f"{side}_heel": np.column_stack([x + OWN[side] * 0.07 * np.sin(eversion), ankle_y - 0.07 * np.cos(eversion)]),
        f"{side}_toe": np.column_stack([x, ankle_y - 0.09]),
    }


def _above_the_foot(side, hips, tilt_deg, ankle):
    own, tilt = OWN[side], np.radians(tilt_deg)
    hip = hips + own * 0.09 * np.column_stack([np.cos(tilt), np.sin(tilt)])
    return {
        f"{side}_hip": hip,
        f"{side}_knee": (hip + ankle) / 2,
        f"{side}_shoulder": hips + np.array([own * 0.19, 0.5]),
        f"{side}_ear": hips + np.array([own * 0.07, 0.75]),
    }


def _projected(points, frames, roll):
    """The points in the picture of a camera that is rolled, (frames, joints, 2) px; NaN for what was not made."""
    rotate = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    px = np.full((frames, len(JOINTS), 2), np.nan)
    for name, path in points.items():
        turned = path @ rotate.T
        px[:, AT[name]] = np.column_stack([540 + turned[:, 0] * PX_PER_M, 1500 - turned[:, 1] * PX_PER_M])
    return px

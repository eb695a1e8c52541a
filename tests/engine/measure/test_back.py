"""The back view on a figure whose frontal angles are known."""

from dataclasses import replace

import numpy as np
import pytest
from made_behind import behind

from engine.measure import measure
from engine.measure.track import AT
from engine.order import Order, Refused
from engine.studio.figure import Performance
from engine.studio.scene import Scene
from engine.studio.truth import truth_of

pytestmark = pytest.mark.slow


def run(track, **order):
    return measure(track, Order("back_view", height_m=1.70, **order))


def test_every_step_is_found_on_its_foot():
    report = run(behind())
    assert len(report.steps) == pytest.approx(21, abs=1)
    for step in report.steps:
        phase = (step.strike_s - 0.1 - (0.36 if step.foot == "right" else 0)) % 0.72
        assert min(phase, 0.72 - phase) < 0.03
    assert report.measures["cadence_spm"].value == pytest.approx(60 / 0.36, abs=0.5)


def test_toe_offs_are_found_although_the_toe_is_hidden_from_behind():
    performance = Performance(Scene(view="back_view", fps=30, seconds=6))
    track = performance.track()
    score = track.score.copy()
    score[:, [AT["left_toe"], AT["right_toe"]]] = 0.1
    report = measure(replace(track, score=score), Order("back_view", height_m=1.75))
    true = [event for event in truth_of(performance).events if event.toe_off_s is not None]
    inner = [step for step in report.steps if 0.5 < step.strike_s < 5]
    assert len(inner) >= 11
    for step in inner:
        near = min((one for one in true if one.foot == step.foot), key=lambda one: abs(one.toe_off_s - step.toe_off_s))
        assert step.toe_off_s == pytest.approx(near.toe_off_s, abs=0.035)


@pytest.mark.parametrize("noise", [0, 4])  # 8 mm
def test_pelvic_drop_of_each_leg(noise):
    report = run(behind(drop_deg=5, extra_right_deg=3, noise=noise, from_film=False))
    left, right = (report.back.legs[side].peak["pelvic_drop_deg"] for side in ("left", "right"))
    assert left.value == pytest.approx(5, abs=1)
    assert right.value == pytest.approx(8, abs=1)
    assert right.n >= 8


@pytest.mark.parametrize("found", [{"from_film": True}, {"from_film": False, "toe_is_tip": True}])
def test_a_rolled_camera_is_levelled_where_a_pose_model_found_the_points(found):
    report = run(behind(roll_deg=4, **found))
    for side in ("left", "right"):
        assert report.back.legs[side].peak["pelvic_drop_deg"].value == pytest.approx(5, abs=1)
    assert report.tilt_deg == pytest.approx(4, abs=0.7)


def test_hip_adduction_is_drop_plus_the_thighs_slant():
    report = run(behind(drop_deg=5, width_m=0.04, from_film=False))
    thigh = np.degrees(np.arctan2(0.05, 0.80))
    assert report.back.legs["left"].peak["hip_adduction_deg"].value == pytest.approx(5 + thigh, abs=1.2)


def test_pronation_is_the_way_from_strike_to_peak():
    report = run(behind(eversion_deg=12, from_film=False))
    for side in ("left", "right"):
        assert report.back.legs[side].peak["pronation_deg"].value == pytest.approx(12, abs=2.5)


@pytest.mark.parametrize(("width", "verdict"), [(0.04, "good"), (-0.05, "low")])
def test_feet_that_cross_the_middle(width, verdict):
    report = run(behind(width_m=width, from_film=False))
    leg = report.back.legs["right"]
    assert leg.peak["step_width_cm"].value == pytest.approx(100 * width, abs=1)
    mark = next(mark for mark in report.back.parts["right"].marks if mark.key == "step_width_cm")
    assert mark.verdict == verdict


def test_a_runner_who_runs_away_keeps_the_size_of_every_step():
    track = behind(width_m=0.06, from_film=False)
    smaller = np.linspace(1.2, 0.8, len(track.time_s))[:, None, None]
    middle_px = np.array([540, 960])
    report = run(replace(track, points_px=middle_px + (track.points_px - middle_px) * smaller))
    widths_cm = [row["step_width_cm"] for row in report.back.legs["right"].steps if "step_width_cm" in row]
    assert len(widths_cm) >= 8
    assert widths_cm == pytest.approx([6] * len(widths_cm), abs=0.8)


def test_feet_alone_give_pronation_alone():
    report = run(behind(), full_body=False)
    assert list(report.back.legs["left"].peak) == ["pronation_deg"]
    assert report.total_score is not None


def test_a_runner_seen_from_the_front_is_refused():
    track = behind()
    mirrored = track.points_px.copy()
    mirrored[:, :, 0] = 1080 - mirrored[:, :, 0]
    with pytest.raises(Refused) as caught:
        run(behind(points_px=mirrored))
    assert caught.value.code == "wrong_view_front"
    assert caught.value.text == "This looks like a front view. Film the runner from behind."

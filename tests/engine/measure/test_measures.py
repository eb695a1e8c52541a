"""The numbers of the side view on a runner whose every angle and length is known."""

import numpy as np
import pytest
from made_runner import Made, run

from engine.measure import speed
from engine.measure.numbers import summarise
from engine.measure.precision import Precision
from engine.measure.track import AT, FACE, JOINTS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def report():
    return run(Made(noise_px=2))


@pytest.mark.parametrize(
    ("key", "truth", "within"),
    [
        ("cadence_spm", 60 / 0.36, 0.3),
        ("speed_m_s", 3.0, 0.001),
        ("step_length_m", 1.08, 0.005),
        ("trunk_lean_deg", 6, 0.5),
        ("elbow_flexion_deg", 90, 1),
        ("arm_swing_deg", 50, 2),
        ("head_forward_deg", 0, 1),
    ],
)
def test_what_was_put_in_comes_out(report, key, truth, within):
    measured = report.measures[key]
    assert measured.value == pytest.approx(truth, abs=within)
    assert abs(measured.value - truth) <= measured.uncertainty_95


@pytest.mark.parametrize(
    ("key", "truth", "within"),
    [("contact_time_ms", 250, 20), ("flight_time_ms", 110, 20), ("duty_factor", 250 / 720, 0.028)],
)
def test_contact_and_flight_of_formulas_are_near(report, key, truth, within):
    assert report.measures[key].value == pytest.approx(truth, abs=within)


def test_a_trunk_that_leans_more_reads_more():
    assert run(Made(lean_deg=14)).measures["trunk_lean_deg"].value == pytest.approx(14, abs=0.5)


def test_speed_over_ground_comes_from_the_way():
    report = run(Made(belt=False, height_m=1.0 * (0.43 + 0.43) / 0.491))
    speed = report.measures["speed_m_s"]
    assert speed.value == pytest.approx(3.0, rel=0.03)
    assert report.measures["step_length_m"].value == pytest.approx(speed.value * 0.36, rel=0.01)


@pytest.mark.parametrize(("pitch", "landing"), [(18, "rearfoot"), (-9, "forefoot")])
def test_landing_on_heel_and_forefoot(pitch, landing):
    report = run(Made(pitch_deg=pitch, noise_px=2), toe_is_tip=True)
    assert report.side.landing == landing
    whole = [step.landing.kind for step in report.steps if step.landing]
    assert np.mean([kind == landing for kind in whole]) >= 0.9


def test_without_an_upper_body_what_needs_it_is_missing_and_the_rest_stays():
    made = Made(noise_px=2)
    track = made.track()
    points, score = track.points_px.copy(), track.score.copy()
    for name in JOINTS:
        if name in FACE or name.split("_")[1] in ("shoulder", "elbow", "wrist"):
            points[:, AT[name]], score[:, AT[name]] = np.nan, 0
    report = run(made, points_px=points, score=score)
    for key in ("trunk_lean_deg", "elbow_flexion_deg", "arm_swing_deg", "head_forward_deg"):
        assert key not in report.measures
    assert report.measures["knee_swing_peak_deg"].n > 10
    assert report.measures["cadence_spm"].value == pytest.approx(60 / 0.36, abs=0.3)
    assert not report.side.view.body_mass_path


def test_the_score_hardly_depends_on_the_frame_rate():
    assert run(Made(fps=30)).total_score == pytest.approx(run(Made(fps=60)).total_score, abs=0.07)


def test_one_step_on_which_a_point_lay_elsewhere_hardly_moves_the_mean(report):
    knees = np.array([step.readings["knee_stance_peak_deg"].value for step in report.steps if step.readings])
    knees[3] += 50
    told = summarise(knees, "°", bias=1.6, noise=1.0)
    assert told.value == pytest.approx(np.delete(knees, 3).mean(), abs=0.5)
    assert told.uncertainty_95 < 4
    assert told.n == len(knees)


def test_two_readings_far_apart_are_both_believed():
    assert summarise([10.0, 40.0], "°", bias=1.0).value == 25


@pytest.mark.parametrize("by_model", [False, True])
def test_a_line_of_the_body_is_as_unsure_as_the_picture_s_vertical(by_model):
    level, sloping = (Precision(by_model, 60, ground_deg=slope) for slope in (0, 6))
    assert sloping.bias("segment_deg") == pytest.approx(np.hypot(level.bias("segment_deg"), 3))
    assert sloping.bias("angle_deg") == level.bias("angle_deg")


@pytest.mark.parametrize(
    ("toe", "heel", "markers", "film"),
    [(5, 7, 5, 5), (5, 1, 3.2, 1), (5, -1, 3.2, 0), (-5, 0.1, -3.2, 0), (1.5, -2, 0, 0), (-1, -4, -1, -1)],
)
def test_a_slope_is_told_by_toe_and_heel_and_by_no_more_than_a_toe_rolls(monkeypatch, toe, heel, markers, film):
    rises = {"toe": np.tan(np.radians(toe)), "heel": np.tan(np.radians(heel))}
    monkeypatch.setattr(speed, "_rest_slope", lambda runner, steps, stride_s, part: rises[part])
    for by_model, slope in ((False, markers), (True, film)):
        assert speed.ground_tilt_deg(None, [], 0.7, treadmill=True, by_model=by_model) == pytest.approx(slope)


def test_an_angle_at_an_event_is_as_unsure_as_the_event():
    """A strike found early is read early on every step; the figures of the foot and of film hold that already."""
    markers, film = Precision(by_model=False, fps=60), Precision(by_model=True, fps=60)
    assert markers.at_event("angle_deg", 3.0) == pytest.approx((1.6**2 + 3.0**2) ** 0.5)
    assert markers.at_event("foot_angle_deg", 3.0) == markers.bias("foot_angle_deg")
    assert film.at_event("angle_deg", 3.0) == film.bias("angle_deg")
    measures = run(Made(noise_px=2), from_film=False).measures
    assert measures["tibia_at_strike_deg"].uncertainty_95 > 1.3 * measures["trunk_lean_deg"].uncertainty_95


@pytest.mark.parametrize(
    ("key", "joint", "moment"),
    [
        ("knee_at_strike_deg", "knee", "strike"),
        ("tibia_at_strike_deg", "shank", "strike"),
        ("knee_swing_peak_deg", "knee", "mid_swing"),
    ],
)
@pytest.mark.parametrize("from_film", [False, True])
def test_a_number_told_among_the_joints_too_is_told_as_unsure_there(key, joint, moment, from_film):
    told = run(Made(noise_px=2), from_film=from_film)
    own = told.side.view.joints["left", joint][moment]
    assert own.value == pytest.approx(told.measures[key].left.value)
    assert own.uncertainty_95 == pytest.approx(told.measures[key].left.uncertainty_95, rel=0.15)


def test_what_a_film_hides_or_turns_slowly_is_told_less_sure():
    """The far arm lies behind the body; the knee's most bent moment is flat, and other joints move on through it."""
    report = run(Made(noise_px=2), from_film=True)
    joints = report.side.view.joints
    assert report.near_side == "right"
    assert joints["left", "elbow"]["mean"].uncertainty_95 > 20
    assert joints["left", "elbow"]["min"].uncertainty_95 >= 60 <= joints["left", "elbow"]["range"].uncertainty_95
    assert joints["left", "elbow"]["max"].uncertainty_95 < 30 > joints["left", "shoulder"]["min"].uncertainty_95
    assert joints["right", "elbow"]["mean"].uncertainty_95 < 15
    assert joints["right", "hip"]["mid_stance"].uncertainty_95 > 1.5 * joints["right", "hip"]["strike"].uncertainty_95
    assert joints["right", "knee"]["mid_stance"].uncertainty_95 < 10


def test_curves_cover_the_stride_and_agree_with_the_peaks(report):
    mean, sd = report.side.view.curves["right", "knee"]
    assert mean.shape == sd.shape == (101,)
    assert mean.max() == pytest.approx(report.measures["knee_swing_peak_deg"].right.value, abs=2)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_trunk_has_a_curve_over_the_strides_of_either_leg(report, side):
    mean, sd = report.side.view.curves[side, "trunk"]
    assert mean.shape == sd.shape == (101,)
    assert mean.mean() == pytest.approx(report.measures["trunk_lean_deg"].value, abs=0.5)


def test_the_points_for_drawing_lie_on_the_films_frames(report):
    track = Made().track()
    assert report.points_px.shape == track.points_px.shape
    knee = AT["right_knee"]
    assert np.abs(report.points_px[30:-30, knee] - track.points_px[30:-30, knee]).max() < 12


def test_a_few_lost_frames_change_little():
    made = Made(noise_px=2)
    track = made.track()
    score = track.score.copy()
    score[100:104] = 0
    report, whole = run(made, score=score), run(made)
    assert report.measures["contact_time_ms"].value == pytest.approx(whole.measures["contact_time_ms"].value, abs=5)
    assert len(report.steps) == len(whole.steps)

"""The drawn runner moves as physics and his feet demand."""

from dataclasses import replace

import numpy as np
import pytest

from engine.measure.track import AT, JOINTS
from engine.studio.figure import Performance, on_shoe
from engine.studio.leg import CREEP_S
from engine.studio.scene import SIDES, BadScene, Scene
from engine.studio.truth import angle_series, truth_of

pytestmark = pytest.mark.slow

RUNS = [
    Scene(),
    Scene(speed_m_s=2.5),
    Scene(speed_m_s=4.5, landing="forefoot"),
    Scene(landing="midfoot", asymmetry_contact_ms=20),
    Scene(height_m=1.55, cadence_spm=180),
]
IDS = ["usual", "slow", "fast on the forefoot", "limping", "small and quick"]


def sole(body, build, side):
    """Every corner of the sole, (n, 3 points, 3)."""
    return on_shoe(body.feet[side], build.shoe, np.array([0.0, 0.74, 1.0]), np.zeros(3))


@pytest.mark.parametrize("scene", RUNS, ids=IDS)
def test_a_point_of_the_sole_stands_still_on_the_belt_once_the_foot_has_settled(scene):
    runner = Performance(scene).runners[0]
    for side in SIDES:
        contact = runner.clock.of(side)[4]
        time_s = np.linspace(contact.strike_s + CREEP_S, contact.toe_off_s - 1e-6, 200)
        points = sole(runner.body(time_s), runner.build, side)
        speed = np.diff(points[..., [0, 1]], axis=0) / np.diff(time_s)[:, None, None]
        against_belt = np.linalg.norm(speed + np.array([scene.speed_m_s, 0]), axis=-1)
        # At every moment some corner is at rest; where one hands over to the next, a step sees a little of both.
        assert np.quantile(against_belt.min(axis=1), 0.97) < 1e-6
        assert points[..., 1].min() > -1e-9


@pytest.mark.parametrize("scene", RUNS, ids=IDS)
def test_no_shoe_goes_into_the_ground_and_no_bone_changes_length(scene):
    runner = Performance(scene).runners[0]
    body = runner.body(np.arange(0, 2, 0.002))
    for side in SIDES:
        assert sole(body, runner.build, side)[..., 1].min() > -0.012  # a scuffing toe bends by a centimetre at most
        hip, knee, ankle = (body.points[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
        np.testing.assert_allclose(np.linalg.norm(knee - hip, axis=1), runner.build.thigh, rtol=1e-9)
        np.testing.assert_allclose(np.linalg.norm(ankle - knee, axis=1), runner.build.shank, rtol=1e-9)


@pytest.mark.parametrize("scene", RUNS, ids=IDS)
def test_the_body_falls_freely_in_flight(scene):
    clock = Performance(scene).runners[0].clock
    before, after = clock.contacts[6], clock.contacts[7]
    time_s = np.linspace(before.toe_off_s + 1e-4, after.strike_s - 1e-4, 30)
    curvature = 2 * np.polyfit(time_s - time_s[0], clock.rise_m(time_s), 2)[0]
    assert curvature == pytest.approx(-9.81, abs=0.01)


@pytest.mark.parametrize("scene", RUNS, ids=IDS)
def test_the_body_never_jumps(scene):
    runner = Performance(scene).runners[0]
    body = runner.body(np.arange(0, 2, 0.001))
    for name in JOINTS:
        steps = np.linalg.norm(np.diff(body.points[name], axis=0), axis=1)
        assert steps.max() < 0.016, name  # m in a millisecond: no point of a runner exceeds 16 m/s


def test_the_gait_looks_like_running():
    truth = truth_of(Performance(Scene(speed_m_s=3.0)))
    assert truth.measures["cadence_spm"] == pytest.approx(164, abs=2)
    assert truth.measures["contact_time_ms"] == pytest.approx(276, abs=3)
    assert 6 < truth.measures["oscillation_cm"] < 9
    assert truth.measures["step_length_m"] == pytest.approx(60 * 3.0 / truth.measures["cadence_spm"])
    knee = truth.angles["left"]["knee"]
    assert 8 < knee["strike"] < 20
    assert 35 < knee["mid_stance"] < 50
    assert knee["max"] == pytest.approx(90, abs=1)
    assert 4 < truth.per_foot["left"]["pelvic_drop_deg"] < 5
    assert 6 < truth.per_foot["left"]["hip_adduction_deg"] < 14


@pytest.mark.parametrize(("landing", "low", "high"), [("rearfoot", 12, 22), ("midfoot", 0, 7), ("forefoot", -14, -3)])
def test_the_foot_lands_as_asked(landing, low, high):
    events = truth_of(Performance(Scene(landing=landing, seconds=2))).events
    assert all(low < event.foot_angle_at_strike_deg < high for event in events)


def test_an_asymmetry_of_contact_is_there_to_the_millisecond():
    feet = truth_of(Performance(Scene(asymmetry_contact_ms=20, variability_ms=0))).per_foot
    assert feet["right"]["contact_time_ms"] - feet["left"]["contact_time_ms"] == pytest.approx(20, abs=1e-6)


def test_the_pelvis_drops_on_the_swing_side_by_the_degrees_asked():
    scene = Scene(pelvic_drop_deg=6, asymmetry_drop_deg=4, view="back_view")
    feet = truth_of(Performance(scene)).per_foot
    assert feet["left"]["pelvic_drop_deg"] == pytest.approx(4, abs=0.05)
    assert feet["right"]["pelvic_drop_deg"] == pytest.approx(8, abs=0.05)


def test_walking_has_both_feet_on_the_ground_for_a_while():
    truth = truth_of(Performance(Scene(walk=True, speed_m_s=1.35)))
    assert truth.measures["flight_time_ms"] < -50
    assert truth.measures["duty_factor"] > 0.55


def test_slow_motion_stretches_the_film_but_not_the_runner():
    usual, slow = (truth_of(Performance(Scene(slow_motion=k, seconds=4, variability_ms=0))) for k in (1, 4))
    assert slow.measures["cadence_spm"] == pytest.approx(usual.measures["cadence_spm"])
    strikes = [event.strike_s for event in slow.events if event.strike_s is not None]
    assert np.diff(strikes).mean() == pytest.approx(4 * 60 / usual.measures["cadence_spm"], rel=1e-3)


def test_over_ground_the_runner_crosses_the_picture_at_his_speed():
    scene = Scene(treadmill=False, width_px=1920, height_px=1080, seconds=2)
    body = Performance(scene).bodies[0]
    hip = body.points["left_hip"][:, 0]
    assert np.polyfit(np.arange(len(hip)) / scene.fps, hip, 1)[0] == pytest.approx(3.0, abs=0.02)


def test_a_runner_facing_left_is_the_other_one_in_the_mirror():
    right, left = Performance(Scene(seconds=1)).track(), Performance(Scene(seconds=1, faces="left")).track()
    ahead_right = right.joint("right_toe")[:, 0] - right.joint("right_heel")[:, 0]
    ahead_left = left.joint("left_toe")[:, 0] - left.joint("left_heel")[:, 0]
    assert np.median(ahead_right) > 0 > np.median(ahead_left)


def test_key_points_keep_to_the_picture_and_their_order():
    track = Performance(Scene(seconds=1)).track()
    assert track.points_px.shape == (60, len(JOINTS), 2)
    assert np.all((track.points_px > 0) & (track.points_px < [720, 1280]))
    assert np.all(track.points_px[:, AT["nose"], 1] < track.points_px[:, AT["left_hip"], 1])


def test_a_panning_camera_holds_the_runner_and_says_how_it_moved():
    scene = Scene(treadmill=False, pan=True, width_px=1920, height_px=1080, seconds=3)
    panning, still = Performance(scene).track(), Performance(replace(scene, pan=False)).track()
    travel = [np.ptp(track.joint("left_hip")[:, 0]) for track in (panning, still)]
    assert travel[0] < 0.35 * travel[1]
    assert panning.camera_px is not None
    assert np.ptp(panning.camera_px[:, 0]) > 1000


def test_the_same_seed_gives_the_same_runner_and_another_a_different_one():
    one, same, other = (Performance(Scene(seconds=0.5, seed=seed)).track().points_px for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 5


def test_angles_do_not_depend_on_the_camera():
    straight, crooked = (Performance(scene).bodies[0] for scene in (Scene(seconds=1), Scene(seconds=1, yaw_deg=20)))
    for name, row in angle_series(straight).items():
        np.testing.assert_allclose(row, angle_series(crooked)[name], err_msg=name)


@pytest.mark.parametrize(
    ("knobs", "text"),
    [
        ({"fps": 5}, "fps is 5. Choose a value from 10 to 240."),
        ({"width_px": 721}, "A film of 721x1280 cannot be made. Choose even numbers from 64 to 4000."),
        (
            {"contact_time_ms": 380},
            "Contact of 380 ms leaves no flight at 164 steps a minute. "
            "Choose a shorter contact, a lower cadence or walking.",
        ),
    ],
)
def test_an_impossible_scene_says_which_knob_to_turn(knobs, text):
    with pytest.raises(BadScene) as error:
        Scene(**knobs)
    assert str(error.value) == text


def test_legs_too_short_for_the_stride_are_refused():
    with pytest.raises(BadScene) as error:
        Performance(Scene(speed_m_s=6.5, contact_time_ms=280, cadence_spm=160, height_m=1.4)).track()
    assert str(error.value) == (
        "Legs of a 1.40 m runner do not reach over a contact of 1.82 m. Choose a shorter contact or a lower speed."
    )

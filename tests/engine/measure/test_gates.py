"""What is refused or warned about, for the right reason and with its exact text."""

from dataclasses import replace

import numpy as np
import pytest
from made_runner import Made

from engine.measure import measure
from engine.measure.events import Step
from engine.measure.gates import Warnings, check_steps
from engine.measure.track import AT, SIDES
from engine.order import Order, Refused
from engine.studio.figure import Performance
from engine.studio.scene import Scene
from engine.studio.truth import truth_of

pytestmark = pytest.mark.slow

TREADMILL = Order("side_view", treadmill=True, pace_s_per_km=1000 / 3, height_m=1.72)
ROAD = Order("side_view", height_m=1.72)


def refused(track, order=TREADMILL):
    with pytest.raises(Refused) as caught:
        measure(track, order)
    return caught.value


def filmed(made=None, **changes):
    """A track as from a film, so that the gates about the picture apply."""
    return (made or Made(noise_px=2)).track(from_film=True, **changes)


def test_a_good_run_passes_without_a_word():
    assert measure(filmed(), TREADMILL).warnings == ()


def test_a_treadmill_without_pace():
    error = refused(filmed(), Order("side_view", treadmill=True))
    assert error.code == "pace_missing"
    assert error.text == "The treadmill pace is missing. Enter the pace in minutes and seconds per kilometre."


def test_nobody():
    track = filmed()
    error = refused(filmed(points_px=np.full_like(track.points_px, np.nan), score=np.zeros_like(track.score)))
    assert (error.code, error.text) == ("no_runner", "No runner was found. Film the whole body, in good light.")


def test_an_unsure_person_is_nobody():
    assert refused(filmed(person_score=np.full(360, 0.3))).code == "no_runner"


def test_a_runner_in_view_for_less_than_four_steps():
    assert refused(filmed(Made(seconds=1.0))).code == "too_few_steps"
    assert refused(filmed(Made(seconds=1.0), person_score=np.full(60, 0.3))).code == "no_runner"
    points = filmed().points_px.copy()
    points[60:] = np.nan
    assert refused(filmed(points_px=points)).code == "no_runner"  # of six seconds


def test_two_people():
    error = refused(filmed(second_person_share=0.3))
    assert (error.code, error.text) == ("two_people", "More than one person is in view. Film one runner only.")
    assert refused(filmed(identity_switches=1)).code == "two_people"
    measure(filmed(second_person_share=0.1), TREADMILL)


def test_too_small():
    error = refused(filmed(Made(px_per_m=100), height_px=1080))
    assert error.code == "runner_too_small"
    assert error.text == (
        "The runner is too small. Move closer or zoom so the body fills at least half of the picture height."
    )


@pytest.mark.parametrize("from_film", [True, False])
@pytest.mark.parametrize("turn", ["upside down", "on the left side", "on the right side", "rows counted from below"])
def test_a_runner_who_does_not_stand_upright(turn, from_film):
    track = Made(noise_px=2).track(from_film=from_film)
    x, y = track.points_px[..., 0], track.points_px[..., 1]
    width, height = track.width_px, track.height_px
    turned = {
        "upside down": (width - x, height - y),
        "on the left side": (y, width - x),
        "on the right side": (height - y, x),
        "rows counted from below": (x, height - y),
    }[turn]
    error = refused(replace(track, points_px=np.stack(turned, axis=-1), width_px=height, height_px=width))
    assert error.code == "not_upright"
    assert error.text == "The runner does not stand upright in the picture. Turn the film upright and send it again."


def test_a_small_runner_is_measured_with_a_warning():
    assert "small" in measure(filmed(Made(px_per_m=170), height_px=1080), TREADMILL).warnings


def test_a_picture_too_small_for_a_runner_who_fills_it():
    error = refused(filmed(Made(px_per_m=100)))
    assert error.code == "too_few_pixels"
    assert error.text == "The film has too few pixels. Send it as the camera recorded it, in 1080p."
    warnings = measure(filmed(Made(px_per_m=170)), TREADMILL).warnings
    assert "few_pixels" in warnings
    assert "small" not in warnings


def test_cropped_feet_and_head():
    track = filmed()
    for part, outside in ((("ankle", "heel", "toe"), track.height_px + 20), (("ear",), -30)):
        points = track.points_px.copy()
        for name in part:
            points[:, [AT[f"{side}_{name}"] for side in SIDES], 1] = outside
        if part == ("ear",):
            points[:, AT["nose"], 1] = outside
        error = refused(filmed(points_px=points))
        assert error.code == "cropped"
        assert error.text == "The feet or head are cut off. Keep the whole body in the picture."


def test_a_runner_who_crosses_the_picture_is_not_cropped():
    made = Made(belt=False, seconds=5)
    track = filmed(made, width_px=int(9 * made.px_per_m))  # leaves the picture before the end
    assert measure(track, ROAD).direction == 1


def test_a_dark_picture_is_told():
    assert measure(filmed(light=0.25), TREADMILL).warnings == ("dark",)
    assert measure(filmed(light=0.40), TREADMILL).warnings == ()


def test_low_frame_rates():
    error = refused(filmed(Made(fps=20)))
    assert error.code == "fps_low"
    assert error.text == "The frame rate is too low. Record at 60 frames per second, at least 30."
    assert measure(filmed(Made(fps=30)), TREADMILL).warnings == ("low_fps",)
    assert measure(filmed(Made(fps=23.976)), TREADMILL).warnings == ("low_fps",)  # as the cinema counts 24
    assert measure(filmed(Made(fps=50)), TREADMILL).warnings == ()
    assert measure(Made(fps=30).track(), TREADMILL).warnings == ()  # key points without a film


def test_too_few_steps_and_few_steps():
    error = refused(filmed(Made(seconds=1.6)))
    assert error.code == "too_few_steps"
    assert error.text == "Too few steps are visible. Film at least 4 full steps (8 or more is better)."
    assert "few_steps" in measure(filmed(Made(seconds=2.6)), TREADMILL).warnings


def wide(track, share):
    points = track.points_px.copy()
    points[:, AT["left_shoulder"], 0] -= share * 200
    return points


def test_a_body_turned_to_the_camera_is_no_side_view():
    error = refused(filmed(points_px=wide(filmed(), 0.7)))
    assert error.code == "wrong_view_side"
    assert error.text == ("This looks like a back or front view. Choose the back view analysis or film from the side.")


def test_a_side_is_no_back_view():
    error = refused(filmed(), Order("back_view"))
    assert error.code == "wrong_view_back"
    assert error.text == "This looks like a side view. Choose the side view analysis or film from behind."


def test_walking():
    error = refused(filmed(Made(step_s=0.55, contact_s=0.70, speed_m_s=1.3, rise_m=0.02, seconds=8)))
    assert error.code == "walking"
    assert error.text == "This looks like walking. The analysis needs running with both feet off the ground."


def test_fast_walking_at_a_runners_rate():
    made = Made(step_s=0.36, contact_s=0.40, speed_m_s=1.9, rise_m=0.02)
    assert refused(filmed(made), Order("side_view", treadmill=True, pace_s_per_km=526, height_m=1.72)).code == "walking"


def test_a_body_that_vaults_over_its_leg_walks_even_if_it_seems_to_fly():
    assert refused(filmed(Made(rise_m=-0.02))).code == "walking"


@pytest.mark.parametrize("slower", [2, 4])
def test_slow_motion(slower):
    made = Made(seconds=10, step_s=0.36 * slower, contact_s=0.25 * slower, speed_m_s=3.0 / slower)
    error = refused(filmed(made))
    assert error.code == "slow_motion"
    assert error.text == "This looks like slow motion. Send the film at its true speed."


@pytest.mark.parametrize(
    ("view", "faster"), [*(("side_view", times) for times in (1.5, 2, 3, 4)), ("back_view", 2), ("back_view", 4)]
)
def test_a_film_played_too_fast(view, faster):
    track = Performance(Scene(seconds=12, fps=30, view=view)).track()
    order = replace(TREADMILL, height_m=1.75) if view == "side_view" else Order("back_view", height_m=1.75)
    error = refused(replace(track, time_s=track.time_s / faster), order)
    assert (error.code, error.text) == ("fast_motion", "This looks sped up. Send the film at its true speed.")


def _reversed(track):
    return replace(track, points_px=track.points_px[::-1], score=track.score[::-1])


def _there_and_back(track):
    there = len(track.time_s) // 2
    order = np.concatenate([np.arange(there), np.arange(len(track.time_s) - there)[::-1]])
    return replace(track, points_px=track.points_px[order], score=track.score[order])


@pytest.mark.parametrize("played", [_reversed, _there_and_back])
@pytest.mark.parametrize("made", [Made(noise_px=2), Made(noise_px=2, heads_right=False, contact_s=0.30, speed_m_s=2.2)])
def test_a_film_played_backwards_or_there_and_back(played, made):
    order = replace(TREADMILL, pace_s_per_km=1000 / made.speed_m_s)
    track = filmed(made)
    measure(track, order)
    error = refused(played(track), order)
    assert error.code == "backwards"
    assert error.text == "The legs move as in a film played backwards. Send the film as it was recorded."


def test_contacts_of_which_none_was_seen_to_end_are_too_few():
    strikes = [Step(side, at * 0.36, float("nan"), 0, 0, 1) for at in range(5) for side in [SIDES[at % 2]]]
    with pytest.raises(Refused) as caught:
        check_steps(strikes, TREADMILL, Warnings())
    assert caught.value.code == "too_few_steps"


def test_a_film_played_a_little_too_fast_is_told():
    track, true = Performance(Scene(seconds=12, fps=30)).track(), replace(TREADMILL, height_m=1.75)
    assert "fall_mismatch" not in measure(track, true).warnings
    assert "fall_mismatch" in measure(replace(track, time_s=track.time_s / 1.3), true).warnings


def test_a_sprinter_is_not_played_too_fast():
    sprint = filmed(Made(step_s=0.22, contact_s=0.11, speed_m_s=8.0, rise_m=0.022, noise_px=2, fps=120))
    order = Order("side_view", treadmill=True, pace_s_per_km=1000 / 8, height_m=1.72)
    report = measure(sprint, order)
    assert report.measures["cadence_spm"].value == pytest.approx(60 / 0.22, abs=1)
    assert "fall_mismatch" not in report.warnings


def test_a_treadmill_the_runner_leaves_and_a_road_he_stays_on():
    error = refused(filmed(Made(belt=False)))
    assert error.code == "mode_treadmill"
    assert error.text == "The runner crosses the picture, but a treadmill was stated. Switch the treadmill setting off."
    error = refused(filmed(), ROAD)
    assert error.code == "mode_over_ground"
    assert (
        error.text == "The runner stays in place, but running over ground was stated. Switch the treadmill setting on."
    )


def test_a_path_oblique_to_the_camera():
    made = Made(belt=False, seconds=4)
    track = filmed(made)
    size = np.linspace(0.85, 1.15, len(track.time_s))[:, None, None]
    middle = np.array([track.width_px / 2, track.height_px / 2])
    error = refused(filmed(made, points_px=middle + (track.points_px - middle) * size), ROAD)
    assert error.code == "oblique"
    assert error.text == "The camera is not square to the running path. Stand at right angles, about 5 to 10 m away."


def drawn(**knobs):
    """The drawn runner's own key points, as from a film, and how it is ordered."""
    scene = Scene(seconds=4, fps=30, **knobs)
    order = Order("side_view", treadmill=True, pace_s_per_km=1000 / scene.speed_m_s, height_m=scene.height_m)
    return Performance(scene), order


@pytest.mark.parametrize(("yaw_deg", "told"), [(22, ("oblique",)), (-22, ("oblique",)), (0, ())])
def test_a_camera_off_the_square_is_told_without_shoulders(yaw_deg, told):
    performance, order = drawn(yaw_deg=yaw_deg)
    track = performance.track()
    points = np.array(track.points_px)
    points[:, [index for name, index in AT.items() if name.endswith(("shoulder", "elbow", "wrist"))]] = np.nan
    report = measure(replace(track, points_px=points, from_film=False), order)
    assert tuple(code for code in report.warnings if code == "oblique") == told


@pytest.mark.parametrize("yaw_deg", [35, -35])
def test_a_camera_far_off_the_square_is_refused(yaw_deg):
    performance, order = drawn(yaw_deg=yaw_deg)
    error = refused(performance.track(), order)
    assert error.code == "oblique"
    assert error.text == "The camera is not square to the running path. Stand at right angles, about 5 to 10 m away."


def test_a_camera_a_little_off_the_square_is_told():
    performance, order = drawn(yaw_deg=12)
    assert "oblique" in measure(performance.track(), order).warnings
    performance, order = drawn(yaw_deg=3)
    assert "oblique" not in measure(performance.track(), order).warnings


@pytest.mark.parametrize("tilt_deg", [8, -6])
def test_a_tilted_camera_is_told_and_does_not_bend_the_contact(tilt_deg):
    performance, order = drawn(tilt_deg=tilt_deg)
    report = measure(performance.track(), order)
    assert "tilted" in report.warnings
    true_ms = truth_of(performance).measures["contact_time_ms"]
    assert report.measures["contact_time_ms"].value == pytest.approx(true_ms, abs=20)


def trembling(share):
    """A camera that shakes at 3 Hz by this share of the body's height (RMS)."""
    made = Made(belt=False, seconds=4)
    track = filmed(made)
    sway = share * made.px_per_m * 1.72 * np.sqrt(2) * np.sin(2 * np.pi * 3 * track.time_s)
    shift = np.column_stack([sway, np.zeros_like(sway)])
    return filmed(made, points_px=track.points_px + shift[:, None], camera_px=shift)


def test_a_camera_that_shakes_hard_is_refused():
    error = refused(trembling(0.2), ROAD)
    assert (error.code, error.text) == ("camera_shake", "The camera moved too much. Hold it still or use a stand.")


def test_a_camera_that_trembles_is_told():
    assert "shaky" in measure(trembling(0.06), ROAD).warnings
    assert "shaky" not in measure(trembling(0.02), ROAD).warnings


def test_slow_motion_so_slow_that_no_stride_ends():
    performance, order = drawn(slow_motion=10)
    error = refused(performance.track(), order)
    assert (error.code, error.text) == ("slow_motion", "This looks like slow motion. Send the film at its true speed.")


def test_a_wrong_pace_is_told():
    wrong = Order("side_view", treadmill=True, pace_s_per_km=1000 / 2.2, height_m=1.72)
    assert "pace_mismatch" in measure(filmed(), wrong).warnings


def test_a_panning_camera_is_taken_out():
    made = Made(belt=False, seconds=4)
    track = filmed(made)
    shift = np.column_stack([-0.9 * 3.0 * made.px_per_m * track.time_s, np.zeros_like(track.time_s)])
    panned = filmed(made, points_px=track.points_px + shift[:, None], camera_px=shift)
    assert measure(panned, ROAD).measures["speed_m_s"].value == pytest.approx(3.0, rel=0.04)


def test_a_panning_camera_nobody_tracked_is_seen_by_the_resting_feet():
    made = Made(belt=False, seconds=4)
    track = filmed(made)
    shift = np.column_stack([-0.5 * 3.0 * made.px_per_m * track.time_s, np.zeros_like(track.time_s)])
    report = measure(filmed(made, points_px=track.points_px + shift[:, None]), ROAD)
    assert "camera_moved" in report.warnings
    assert report.measures["speed_m_s"].value == pytest.approx(3.0, rel=0.06)


def test_the_far_leg_hidden_is_told_and_trusted_less():
    score = filmed().score.copy()
    for part in ("knee", "ankle", "heel", "toe"):
        score[60:180, AT[f"left_{part}"]] = 0.1
    report = measure(filmed(score=score), TREADMILL)
    assert report.warnings == ("far_leg",)
    knee = report.measures["knee_swing_peak_deg"]
    assert knee.left.confidence < knee.right.confidence


def test_a_runner_whose_legs_change_names_for_long_is_no_walker():
    points = filmed().points_px.copy()
    legs = [[AT[f"{side}_{part}"] for part in ("knee", "ankle", "heel", "toe")] for side in SIDES]
    mixed = slice(130, 250)  # two seconds
    points[mixed, legs[0] + legs[1]] = points[mixed, legs[1] + legs[0]]
    report, plain = measure(filmed(points_px=points), TREADMILL), measure(filmed(), TREADMILL)
    assert report.warnings == ("swapped",)
    for key in ("cadence_spm", "contact_time_ms", "knee_at_strike_deg"):
        assert report.measures[key].value == pytest.approx(plain.measures[key].value, rel=0.01)


def test_legs_that_were_mixed_up_for_long_are_told():
    points = filmed().points_px.copy()
    legs = [[AT[f"{side}_{part}"] for part in ("knee", "ankle", "heel", "toe")] for side in SIDES]
    mixed = np.arange(len(points)) % 60 < 15
    points[np.ix_(mixed, legs[0] + legs[1])] = points[np.ix_(mixed, legs[1] + legs[0])]
    assert measure(filmed(points_px=points), TREADMILL).warnings == ("swapped",)


def test_a_runner_who_gets_faster_is_told():
    made = Made(belt=False, seconds=4)
    track = filmed(made)
    ahead = 0.06 * made.px_per_m * (track.time_s - 2) ** 2
    points = track.points_px + np.column_stack([ahead, np.zeros_like(ahead)])[:, None]
    assert measure(filmed(made, points_px=points), ROAD).warnings == ("unsteady",)


def test_a_height_that_the_legs_do_not_show_is_told():
    short = replace(TREADMILL, height_m=1.45)
    assert "scale_mismatch" in measure(filmed(), short).warnings

"""Tracks as strangers' films give them: rounded and lost pictures, pictures shown twice, points never seen."""

from dataclasses import replace

import numpy as np
import pytest
from made_behind import behind
from made_runner import Made

from engine.measure import measure
from engine.measure.body import growth
from engine.measure.conditioning import condition
from engine.measure.track import AT, JOINTS, Track
from engine.order import Order, Refused
from engine.studio.figure import Performance
from engine.studio.scene import Scene
from engine.validation.noise import shaken

TREADMILL = Order("side_view", treadmill=True, pace_s_per_km=1000 / 3, height_m=1.72)
ROAD = Order("side_view", height_m=1.72)
BEHIND = Order("back_view", height_m=1.72)
FPS = 30


def made(**changes):
    return Made(fps=FPS, seconds=6, noise_px=2, **changes).track(from_film=True)


def only(track: Track, frames, time_s=None, **changes) -> Track:
    """The track of some of its frames, in this order."""
    rows = {"points_px": track.points_px[frames], "score": track.score[frames]}
    return replace(track, time_s=track.time_s[frames] if time_s is None else time_s, **rows, **changes)


def unseen(track: Track, *names: str) -> Track:
    score = track.score.copy()
    score[:, [AT[name] for name in names]] = 0
    return replace(track, score=score)


def numbers(track: Track, order: Order = TREADMILL) -> dict[str, float]:
    return {name: found.value for name, found in measure(track, order).measures.items()}


def refused(track: Track, order: Order = TREADMILL) -> str:
    with pytest.raises(Refused) as caught:
        measure(track, order)
    return caught.value.code


def test_times_rounded_to_milliseconds_leave_the_points_as_they_are():
    """WEBM writes whole milliseconds: 33, 33, 34."""
    track = made()
    rounded = condition(replace(track, time_s=np.round(track.time_s, 3)), side_view=True)
    assert rounded.points_px == pytest.approx(condition(track, side_view=True).points_px, abs=1e-3, nan_ok=True)
    assert rounded.rate_hz == pytest.approx(FPS, rel=1e-4)


def test_lost_pictures_are_holes_that_are_believed_while_they_are_short():
    track = made()
    lost = [*range(50, 52), *range(100, 118)]
    motion = condition(only(track, np.delete(np.arange(180), lost)), side_view=True)
    assert len(motion.time_s) == 180
    assert motion.frame[[49, 52, 118]] == pytest.approx([49, 50, 98])
    assert motion.believed[50:52].all()
    assert not motion.believed[102:116].any()


def test_a_film_of_uneven_times_is_read_between_its_pictures():
    rng = np.random.default_rng(3)
    even = Made(fps=FPS, seconds=6)
    true = condition(even.track(), side_view=True)
    shifted = np.sort(even.track().time_s + rng.uniform(-0.3, 0.3, 180) / FPS)
    fine = Made(fps=3000, seconds=6).track()
    nearest = np.clip(np.rint(shifted * 3000).astype(int), 0, len(fine.time_s) - 1)
    motion = condition(only(fine, nearest, shifted), side_view=True)
    hips = [AT["left_hip"], AT["right_hip"]]
    inner = np.interp(true.time_s[10:170], motion.time_s, motion.points_px[:, hips[0], 1])
    assert inner == pytest.approx(true.points_px[10:170, hips[0], 1], abs=1.0)  # px, of 690 the body is tall
    assert motion.believed[5:-5].all()


def test_pictures_shown_twice_are_measured_once():
    track = made()
    frames = np.repeat(np.arange(180), 2)
    double = only(track, frames, np.arange(360) / (2 * FPS), repeated=np.arange(360) % 2 == 1)
    assert double.fps == pytest.approx(FPS)
    one, two = condition(track, side_view=True), condition(double, side_view=True)
    assert two.points_px == pytest.approx(one.points_px, abs=1e-6, nan_ok=True)
    assert two.frame == pytest.approx(2 * one.frame)


@pytest.mark.slow
def test_a_film_of_15_pictures_a_second_shown_twice_is_too_slow():
    track = made()
    frames = np.arange(180) // 2 * 2
    assert refused(only(track, frames, track.time_s, repeated=np.arange(180) % 2 == 1)) == "fps_low"


@pytest.mark.slow
def test_a_film_shown_twice_is_drawn_on_every_picture():
    track = made()
    frames = np.repeat(np.arange(180), 2)
    double = only(track, frames, np.arange(360) / (2 * FPS), repeated=np.arange(360) % 2 == 1)
    report = measure(double, TREADMILL)
    assert report.points_px.shape == (360, len(JOINTS), 2)
    assert np.isfinite(report.points_px[:-1]).all()
    assert numbers(double)["cadence_spm"] == pytest.approx(numbers(track)["cadence_spm"], abs=0.01)
    assert report.steps[3].strike_frame == pytest.approx(2 * measure(track, TREADMILL).steps[3].strike_frame, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("lost", [[40, 41], list(range(60, 70)), list(range(5, 180, 11))])
def test_lost_pictures_do_not_change_the_rhythm(lost):
    found = numbers(only(made(), np.delete(np.arange(180), lost)))
    assert found["cadence_spm"] == pytest.approx(60 / 0.36, abs=0.7)
    assert found["contact_time_ms"] == pytest.approx(numbers(made())["contact_time_ms"], abs=8)


@pytest.mark.slow
def test_a_runner_who_is_in_the_picture_for_a_third_of_the_film_is_measured():
    run = made(belt=False)
    alone = run.points_px.copy()
    alone[:60], alone[130:] = np.nan, np.nan
    crossing = replace(run, points_px=alone, score=np.where(np.isfinite(alone[..., 0]), 1.0, 0.0))
    assert numbers(crossing, ROAD)["cadence_spm"] == pytest.approx(60 / 0.36, abs=2)
    growing = growth(condition(crossing, side_view=True))
    assert growing == pytest.approx(np.ones(len(growing)), abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("order", [TREADMILL, ROAD, BEHIND])
@pytest.mark.parametrize("names", [("left_hip",), ("left_hip", "right_hip"), ("left_knee", "right_ankle")])
def test_a_body_without_hips_or_without_a_whole_leg_is_no_runner(order, names):
    assert refused(unseen(made(belt=order.treadmill), *names), order) == "no_runner"


@pytest.mark.slow
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_run_of_which_one_foot_is_never_seen_is_not_called_a_walk(side):
    parts = ("knee", "ankle", "heel", "toe")
    assert refused(unseen(made(), *(f"{side}_{part}" for part in parts))) == "too_few_steps"


@pytest.mark.slow
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_toe_that_is_never_seen_makes_no_contact_too_long(side):
    assert refused(unseen(made(), f"{side}_toe")) == "too_few_steps"


@pytest.mark.slow
def test_no_step_is_told_across_a_second_in_which_nothing_was_seen():
    track = made()
    score = track.score.copy()
    score[80:110] = 0
    steps = measure(replace(track, score=score), TREADMILL).steps
    assert not [step for step in steps if 80 / FPS < step.strike_s < 108 / FPS]


@pytest.mark.slow
def test_somebody_who_stands_is_refused_from_behind_too():
    track = made()
    still = only(behind(fps=30), np.full(180, 20), np.arange(180) / 30)
    assert refused(still, BEHIND) == "too_few_steps"
    assert refused(only(track, np.full(180, 20), track.time_s)) == "too_few_steps"


@pytest.mark.slow
@pytest.mark.parametrize("speed_m_s", [1.0, 1.35, 1.8])
def test_a_walk_seen_from_behind_is_refused(speed_m_s):
    performance = Performance(Scene(view="back_view", walk=True, speed_m_s=speed_m_s, seconds=8))
    track = shaken(performance.track(), 6.0, performance.px_per_mm, seed=1)
    assert refused(track, BEHIND) == "walking"


@pytest.mark.slow
@pytest.mark.parametrize("speed_m_s", [2.2, 4.5])
def test_a_run_seen_from_behind_is_not(speed_m_s):
    performance = Performance(Scene(view="back_view", speed_m_s=speed_m_s, seconds=6))
    track = shaken(performance.track(), 6.0, performance.px_per_mm, seed=1)
    assert measure(track, BEHIND).measures["cadence_spm"].n >= 10


def crossing(yaw_deg=6.0):
    return Performance(Scene(width_px=1600, height_px=900, treadmill=False, fps=30, seed=31, yaw_deg=yaw_deg)).track()


@pytest.mark.parametrize("yaw_deg", [-6, 6])
def test_a_runner_who_comes_nearer_or_goes_away_gets_the_same_numbers(yaw_deg):
    order = Order("side_view", height_m=1.75)
    square, found = numbers(crossing(0.0), order), numbers(crossing(yaw_deg), order)
    assert found["speed_m_s"] == pytest.approx(square["speed_m_s"], rel=0.02)
    assert found["contact_time_ms"] == pytest.approx(square["contact_time_ms"], abs=10)
    assert found["trunk_lean_deg"] == pytest.approx(square["trunk_lean_deg"], abs=0.5)


def running_away():
    return Performance(Scene(view="back_view", treadmill=False, fps=30, seconds=5)).track()


@pytest.mark.parametrize(
    ("film", "order"), [(crossing, Order("side_view", height_m=1.75)), (running_away, BEHIND)], ids=["side", "back"]
)
def test_black_bars_around_the_picture_change_no_number(film, order):
    track, left, top = film(), 200, 120
    framed = replace(
        track,
        points_px=track.points_px + np.array([left, top]),
        width_px=track.width_px + 2 * left,
        height_px=track.height_px + 2 * top,
    )
    assert numbers(framed, order) == pytest.approx(numbers(track, order), rel=1e-6)

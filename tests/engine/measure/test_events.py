"""Strikes and toe-offs: found where they were made, at every frame rate, in either direction, none invented."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from made_runner import Made, run

from engine.measure import measure
from engine.measure.track import AT
from engine.order import Order

pytestmark = pytest.mark.slow


def off_ms(report, made):
    """How far every whole step lies from the nearest made one of the same foot: strikes, toe-offs."""
    strikes, toe_offs = [], []
    for step in report.steps:
        if step.confidence > 0.3 and step.toe_off_s is not None:
            truth = np.array(made.strikes[step.foot])
            nearest = int(np.abs(truth - step.strike_s).argmin())
            strikes.append(1000 * (step.strike_s - truth[nearest]))
            toe_offs.append(1000 * (step.toe_off_s - made.toe_offs[step.foot][nearest]))
    return np.array(strikes), np.array(toe_offs)


@pytest.mark.parametrize("fps", [30, 60, 120])
@pytest.mark.parametrize("belt", [True, False])
def test_every_contact_is_found_within_a_hundredth_of_a_second(fps, belt):
    made = Made(fps=fps, belt=belt)
    strikes, toe_offs = off_ms(run(made), made)
    assert len(strikes) == 15  # the sixteenth is cut by the end of the film
    assert np.abs(strikes).max() < 10
    assert np.abs(toe_offs).max() < 10


@pytest.mark.parametrize(("film", "within"), [(False, 10), (True, 12)])
def test_the_detectors_agree_on_every_contact_of_markers_and_of_film_at_whatever_second_it_begins(film, within):
    """One that tells nothing, or something else, costs confidence: the contact is then the other one's alone."""
    made = Made()
    later = run(made, toe_is_tip=film, time_s=made.track().time_s + 10)
    steps = [replace(step, strike_s=step.strike_s - 10, toe_off_s=step.toe_off_s - 10) for step in later.steps[1:-1]]
    assert len(steps) == 15
    assert min(step.confidence for step in steps) > 0.8
    strikes, toe_offs = off_ms(replace(later, steps=tuple(steps)), made)
    assert np.abs(strikes).max() < within
    assert np.abs(toe_offs).max() < within


def test_noise_moves_single_events_little_and_loses_none():
    made = Made(noise_px=3.2)  # 8 mm
    strikes, toe_offs = off_ms(run(made), made)
    assert len(strikes) == 15  # the sixteenth is cut by the end of the film
    assert strikes.std() < 11
    assert toe_offs.std() < 11


def test_a_film_s_toe_offs_are_told_by_the_whole_foot():
    """A pose model shakes the tip of the shoe more than any other point of the leg."""
    made = Made(fps=30)
    points = made.track().points_px.copy()
    rng = np.random.default_rng(3)
    for side in ("left", "right"):
        points[:, AT[f"{side}_toe"], 1] += rng.normal(0, 4, len(points))  # 10 mm
    by_foot = off_ms(run(made, points_px=points, toe_is_tip=True), made)[1]
    by_toe = off_ms(run(made, points_px=points, toe_is_tip=False), made)[1]
    assert len(by_foot) == 15
    assert by_foot.std() < 0.8 * by_toe.std()


def test_feet_alternate_and_frames_belong_to_the_times():
    report = run(Made())
    feet = [step.foot for step in report.steps]
    assert all(one != two for one, two in pairwise(feet))
    assert all(step.strike_frame == pytest.approx(step.strike_s * 60, abs=0.01) for step in report.steps)


def test_a_toe_taken_for_the_other_foots_costs_its_toe_off_and_not_the_mean():
    made = Made(fps=30)
    whole = run(made, from_film=True)
    step = whole.steps[6]
    track = made.track(from_film=True)
    points = track.points_px.copy()
    # From mid-stance until the foot is far behind, the toe lies 25 cm too high.
    wrong = (track.time_s > step.strike_s + 0.1) & (track.time_s < step.strike_s + 0.4)
    points[wrong, AT[f"{step.foot}_toe"], 1] -= 0.25 * made.px_per_m
    report = run(made, from_film=True, points_px=points)
    hit = min(report.steps, key=lambda one: abs(one.strike_s - step.strike_s))
    assert abs(hit.strike_s - step.strike_s) < 0.02
    assert hit.toe_off_s is None
    assert sum(one.toe_off_s is None for one in report.steps) == 1 + sum(one.toe_off_s is None for one in whole.steps)
    assert report.measures["contact_time_ms"].value == pytest.approx(whole.measures["contact_time_ms"].value, abs=8)


def test_a_contact_cut_by_the_end_is_told_without_a_toe_off():
    last = run(Made(seconds=6.0)).steps[-1]
    assert last.toe_off_s is None
    assert last.contact_time_ms is None


def test_a_longer_contact_of_one_foot_shows_on_that_foot():
    contact = run(Made(contact_s=0.25, right_contact_s=0.277, noise_px=3.2)).measures["contact_time_ms"]
    assert contact.right.value - contact.left.value == pytest.approx(27, abs=9)


def test_times_do_not_depend_on_the_size_in_the_picture():
    large, small = run(Made()), run(Made(px_per_m=200))
    for one, two in zip(large.steps, small.steps, strict=True):
        assert one.strike_s == pytest.approx(two.strike_s, abs=0.002)


def test_the_mirrored_runner_is_the_same_runner():
    one, two = run(Made()), run(Made(heads_right=False))
    assert (one.direction, one.near_side) == (1, "right")
    assert (two.direction, two.near_side) == (-1, "left")
    for key, measure_ in one.measures.items():
        assert two.measures[key].value == pytest.approx(measure_.value, rel=0.001, abs=0.05), key


def test_frames_at_uneven_times_do_not_bend_the_cadence():
    made = Made(fps=120, seconds=5)
    track = made.track()
    keep = np.sort(np.random.default_rng(1).choice(len(track.time_s), size=len(track.time_s) // 2, replace=False))
    uneven = made.track(time_s=track.time_s[keep], points_px=track.points_px[keep], score=track.score[keep])
    report = measure(uneven, Order("side_view", treadmill=True, pace_s_per_km=1000 / 3, height_m=1.72))
    assert report.measures["cadence_spm"].value == pytest.approx(60 / 0.36, abs=1)

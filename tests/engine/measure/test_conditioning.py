"""Holes, jumps, swaps and filter: what is repaired, what is left, and what is never made up."""

import numpy as np
import pytest
from made_runner import Made

from engine.measure.conditioning import condition
from engine.measure.signals import drop_spikes, fill_gaps, lowpass, rising, trimmed_mean
from engine.measure.swaps import repair_swaps
from engine.measure.track import AT


def test_the_filter_keeps_slow_movement_in_place_and_drops_fast():
    time_s = np.arange(240) / 60
    slow, fast = np.sin(2 * np.pi * time_s), np.sin(2 * np.pi * 25 * time_s)
    smooth = lowpass(slow + fast, 60, 6.0)
    assert np.abs(smooth - slow)[30:-30].max() < 0.01


def test_the_filter_halves_the_power_at_its_cut_off():
    time_s = np.arange(2400) / 240
    passed = lowpass(np.sin(2 * np.pi * 8 * time_s), 240, 8.0)
    assert passed[600:-600].std() == pytest.approx(np.sqrt(0.5) * np.sqrt(0.5), abs=0.01)


def test_a_signal_with_holes_is_not_filtered():
    with pytest.raises(ValueError, match="a signal with holes cannot be filtered"):
        lowpass(np.array([1.0, np.nan, 2.0]), 60, 6.0)


def test_short_holes_are_believed_long_ones_bridged_but_not_believed():
    time_s = np.arange(60) / 60
    path = np.column_stack([time_s, time_s**2])
    path[10:14], path[30:45], path[:3] = np.nan, np.nan, np.nan
    filled, believed = fill_gaps(time_s, path)
    assert filled[10:14, 1] == pytest.approx(time_s[10:14] ** 2, abs=1e-3)
    assert believed[10:14].all()
    assert np.isfinite(filled[30:45]).all()
    assert not believed[30:45].any()
    assert np.isnan(filled[:3]).all()


def test_a_jump_is_dropped_and_a_fast_foot_is_not():
    time_s = np.arange(90) / 30
    path = np.column_stack([200 * np.sin(2 * np.pi * 1.4 * time_s), 60 * np.cos(2 * np.pi * 2.8 * time_s)])
    jumped = path.copy()
    jumped[40] += [70, -50]
    cleaned = drop_spikes(jumped, floor=15)
    assert np.isnan(cleaned[40]).all()
    assert np.isfinite(np.delete(cleaned, 40, axis=0)).all()


def test_a_jump_beside_a_hole_is_dropped_and_its_good_neighbour_is_not():
    time_s = np.arange(90) / 30
    path = np.column_stack([200 * np.sin(2 * np.pi * 1.4 * time_s), 60 * np.cos(2 * np.pi * 2.8 * time_s)])
    path[40] = np.nan
    path[42] += [300, -200]
    cleaned = drop_spikes(path, floor=15)
    assert list(np.flatnonzero(np.isnan(cleaned[:, 0]))) == [40, 42]


def test_a_score_that_is_low_for_our_pose_model_may_do_in_a_file():
    score = Made().track().score.copy()
    score[100:140, AT["left_toe"]] = 0.4
    film, file = (condition(Made().track(score=score, from_film=known), side_view=True) for known in (True, False))
    assert not film.believed[105:135, AT["left_toe"]].any()
    assert file.believed[105:135, AT["left_toe"]].all()


@pytest.mark.parametrize("fps", [30, 60])
def test_swapped_legs_are_put_right(fps):
    made = Made(fps=fps, seconds=4, noise_px=2)
    track = made.track()
    points = track.points_px.copy()
    swapped = [*range(20, 26), 50, 51, *range(80, 84)]
    for part in ("knee", "ankle", "heel", "toe"):
        left, right = AT[f"left_{part}"], AT[f"right_{part}"]
        points[np.ix_(swapped, [left, right])] = points[np.ix_(swapped, [right, left])]
    repaired, renamed = repair_swaps(made.track(points_px=points), 680)
    ankle = AT["left_ankle"]
    wrong = np.linalg.norm(repaired[:, ankle] - track.points_px[:, ankle], axis=1) > 100
    assert not wrong.any()
    assert renamed.sum() == pytest.approx(len(swapped), abs=2)


def test_legs_swapped_between_two_losses_are_put_right():
    """As in a coarsely encoded film: lost for a picture, back under each other's name, and lost again."""
    made = Made(fps=30, seconds=4, noise_px=2)
    points = made.track().points_px.copy()
    true = points.copy()
    ankles = np.linalg.norm(true[:, AT["left_ankle"]] - true[:, AT["right_ankle"]], axis=1)
    lost = int(ankles[40:80].argmax()) + 38
    for part in ("knee", "ankle", "heel", "toe"):
        left, right = AT[f"left_{part}"], AT[f"right_{part}"]
        points[lost + 1 : lost + 4, [left, right]] = points[lost + 1 : lost + 4, [right, left]]
        for frame in (lost, lost + 4):
            points[frame, [left, right]] = np.nan
    repaired, _ = repair_swaps(made.track(points_px=points), 680)
    wrong = np.linalg.norm(repaired[:, AT["left_ankle"]] - true[:, AT["left_ankle"]], axis=1) > 100
    assert not wrong.any()


@pytest.mark.parametrize("fps", [30, 60])
@pytest.mark.parametrize(("start_s", "end_s"), [(1.0, 2.0), (1.1, 3.2), (0.0, 1.6), (3.1, 5.0)])
def test_legs_swapped_for_strides_on_end_are_put_right(fps, start_s, end_s):
    made = Made(fps=fps, seconds=5, noise_px=2)
    track = made.track()
    points = track.points_px.copy()
    swapped = np.flatnonzero((track.time_s >= start_s) & (track.time_s < end_s))
    for part in ("knee", "ankle", "heel", "toe"):
        left, right = AT[f"left_{part}"], AT[f"right_{part}"]
        points[np.ix_(swapped, [left, right])] = points[np.ix_(swapped, [right, left])]
    repaired, renamed = repair_swaps(made.track(points_px=points), 680)
    wrong = np.linalg.norm(repaired[:, AT["left_ankle"]] - track.points_px[:, AT["left_ankle"]], axis=1) > 100
    assert not wrong.any()
    assert renamed.sum() == pytest.approx(len(swapped), abs=2)


def test_legs_that_cross_are_not_renamed():
    _, renamed = repair_swaps(Made(noise_px=3).track(), 680)
    assert not renamed.any()


def test_doubtful_points_count_as_not_seen():
    track = Made().track()
    score = track.score.copy()
    score[100:140, AT["left_toe"]] = 0.1
    motion = condition(Made().track(score=score), side_view=True)
    assert not motion.believed[105:135, AT["left_toe"]].any()
    assert motion.believed[105:135, AT["right_toe"]].all()


def test_a_crossing_is_placed_between_samples():
    assert rising(np.array([0.0, 1.0, 2.0, 1.0, 3.0]), 1.5, 0, 5) == pytest.approx(1.5)
    assert rising(np.array([0.0, 1.0, 2.0, 1.0, 3.0]), 1.5, 0, 5, last=True) == pytest.approx(3.25)
    assert np.isnan(rising(np.zeros(5), 1.5, 0, 5))


def test_a_trimmed_mean_ignores_both_tails_and_holes():
    assert trimmed_mean(np.array([1.0, 2.0, 3.0, 1000.0, -1000.0, np.nan])) == pytest.approx(2.0)

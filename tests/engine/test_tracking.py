"""One runner is followed through the film; whoever else is in it is noticed."""

from dataclasses import replace

import numpy as np
import pytest

from engine.measure.track import AT
from engine.studio.figure import Performance
from engine.studio.film import make_film
from engine.studio.scene import Scene
from engine.tracking import follow
from engine.video import Picture, pictures

SCENE = Scene(fps=30, seconds=0.5, width_px=540, height_px=960)


def _filmed(tmp_path, scene):
    path = tmp_path / "runner.mp4"
    make_film(path, scene)
    return list(pictures(path, threads=1))


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    return _filmed(tmp_path_factory.mktemp("studio"), SCENE)


def _empty(like, count):
    """Pictures of the bare wall: the upper left corner of a picture, stretched."""
    for index in range(count):
        y = np.full_like(like.y, like.y[:20, :20].mean())
        yield Picture(index, index / 30, y, np.full_like(like.u, 128), np.full_like(like.v, 128))


def _later(filmed, start):
    return [replace(item, index=item.index + start, time_s=item.time_s + start / 30) for item in filmed]


@pytest.mark.slow  # the pose model runs
def test_the_runner_is_followed_through_every_picture(filmed):
    track = follow(filmed, threads=1)
    truth = Performance(SCENE).track().points_px[: len(filmed)]
    body = np.ptp(truth[0, :, 1])
    assert track.time_s == pytest.approx(np.arange(15) / 30, abs=1e-3)
    assert (track.width_px, track.height_px) == (540, 960)
    assert np.isfinite(track.points_px).all()
    near = [AT[f"right_{part}"] for part in ("shoulder", "hip", "knee", "ankle")]
    error = np.hypot(*np.moveaxis(track.points_px[:, near] - truth[:, near], -1, 0)) / body
    assert np.median(error) < 0.025
    assert (track.person_score > 0.9).all()
    assert (track.score[:, near] > 0.5).mean() > 0.9
    assert track.second_person_share == 0
    assert track.identity_switches == 0
    assert track.camera_px is None


@pytest.mark.slow  # the pose model runs
@pytest.mark.parametrize(("light", "low", "high"), [(1.0, 0.7, 1.0), (0.5, 0.35, 0.5), (0.25, 0.1, 0.27)])
def test_the_light_around_the_runner_is_told(tmp_path, light, low, high):
    scene = replace(SCENE, light=light)
    assert low < follow(_filmed(tmp_path, scene), threads=1).light < high


@pytest.mark.slow  # the pose model runs
def test_a_runner_who_comes_later_is_found_within_a_tenth_of_a_second(filmed):
    film = [*_empty(filmed[0], 10), *_later(filmed[:8], 10)]
    track = follow(film, threads=1)
    seen = np.flatnonzero(track.person_score > 0.5)
    assert 10 <= seen[0] <= 13
    assert np.isnan(track.points_px[:10]).all()
    assert (track.score[:10] == 0).all()
    assert seen[-1] == 17


@pytest.mark.slow  # the pose model runs
def test_an_empty_film_has_a_track_without_a_runner(filmed):
    track = follow(_empty(filmed[0], 12), threads=1)
    assert np.isnan(track.points_px).all()
    assert (track.person_score == 0).all()
    assert track.light is None
    assert track.second_person_share == 0


@pytest.mark.slow
def test_a_second_person_as_tall_is_noticed(tmp_path):
    scene = Scene(fps=10, seconds=2, people=2, treadmill=False, width_px=1280, height_px=720, view="side_view")
    assert follow(_filmed(tmp_path, scene), threads=2).second_person_share > 0.2


@pytest.mark.slow  # the pose model runs
def test_what_lies_outside_the_picture_has_a_place_but_no_score(filmed):
    cut = 790  # at the ankles: the feet hang below the picture
    film = [Picture(item.index, item.time_s, item.y[:cut], item.u[: cut // 2], item.v[: cut // 2]) for item in filmed]
    track = follow(film[:6], threads=1)
    toes = [AT["left_toe"], AT["right_toe"]]
    below = track.points_px[:, toes, 1] >= cut
    assert below.any()
    assert (track.score[:, toes][below] == 0).all()


def _moved(item, index, left, width=1400):
    """The picture on a wide wall, its left edge at `left`; what sticks out of the wall is cut off."""
    parts = []
    for plane, wide, start in ((item.y, width, left), (item.u, width // 2, left // 2), (item.v, width // 2, left // 2)):
        wall = np.full((plane.shape[0], wide), plane[:8, :8].mean(), np.uint8)
        shown = plane[:, : max(0, wide - start)]
        wall[:, start : start + shown.shape[1]] = shown
        parts.append(wall)
    return Picture(index, index / 30, *parts)


@pytest.mark.slow
def test_going_over_to_a_person_elsewhere_is_counted_and_only_the_longer_stretch_kept(filmed):
    there = [_moved(filmed[index], index, 0) for index in range(15)]
    elsewhere = [_moved(filmed[index % 15], 15 + index, 850) for index in range(20)]
    track = follow([*there, *elsewhere], threads=2)
    assert track.identity_switches == 1
    seen = track.person_score > 0.5
    assert not seen[:15].any()
    assert seen[18:].all()


@pytest.mark.slow
@pytest.mark.parametrize("before", [5, 9])
def test_a_runner_hidden_for_a_moment_is_the_same_one_before_and_after(filmed, before):
    hidden = [*_empty(_moved(filmed[0], 0, 0), 18)][before : before + 4]
    running = [_moved(filmed[index % 15], index, 20 * index) for index in range(18)]
    track = follow([*running[:before], *hidden, *running[before + 4 :]], threads=2)
    seen = np.isfinite(track.points_px[:, AT["left_hip"], 0])
    assert seen[:before].all()
    assert not seen[before : before + 4].any()
    assert seen[before + 7 :].all()
    assert track.identity_switches == 0


def _beside(runner, small, index):
    """One wall with a person in half the size on the left, and the runner on the right, if there."""
    wall = _moved(small.scaled(270, 480), index, 0)
    parts = []
    for plane, place in zip((wall.y, wall.u, wall.v), (1, 2, 2), strict=True):
        tall = np.full((960 // place, plane.shape[1]), plane[:8, :8].mean(), np.uint8)
        tall[-plane.shape[0] :] = plane
        parts.append(tall)
    if runner is not None:
        shown = _moved(runner, index, 0)
        for part, plane, place in zip(parts, (shown.y, shown.u, shown.v), (1, 2, 2), strict=True):
            part[:, 700 // place : 1240 // place] = plane[:, : 540 // place]
    return Picture(index, index / 30, *parts)


@pytest.mark.slow
def test_who_stands_in_the_background_before_the_run_is_not_taken_for_the_runner(filmed):
    waiting = [_beside(None, filmed[0], index) for index in range(30)]
    running = [_beside(filmed[index % 15], filmed[0], 30 + index) for index in range(45)]
    track = follow([*waiting, *running], threads=2)
    hips = track.points_px[:, AT["left_hip"], 0]
    assert (hips[-20:] > 700).all()
    assert np.isnan(hips[:30]).all()
    assert track.identity_switches == 0
    assert track.second_person_share == 0


@pytest.mark.slow
def test_a_runner_going_out_has_no_score_once_half_of_the_body_is_beyond_the_edge(filmed):
    places = [100, 140, 180, 220, 260, 300, 340, 370, 390, 410, 420]
    film = [_moved(filmed[index], index, left, width=700) for index, left in enumerate(places)]
    truth = Performance(SCENE).track().points_px[: len(places)]
    hips = truth[:, [AT["left_hip"], AT["right_hip"]], 0].mean(1) + np.array(places)
    body = np.ptp(truth[0, :, 1])
    track = follow(film, threads=2)
    half_out, inside = hips > 700 - 0.07 * body, hips < 700 - 0.2 * body
    assert half_out.any()
    assert inside.any()
    assert np.isfinite(track.points_px[half_out]).any()  # the model still answers, and surely
    assert (track.score[half_out] == 0).all()
    assert (track.score[inside].max(1) > 0.5).all()

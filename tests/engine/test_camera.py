"""A moving camera is followed by its background; one on a stand stays still."""

import cv2
import numpy as np
import pytest

from engine.camera import CameraWatch
from engine.video import Picture

pytestmark = pytest.mark.slow

WIDTH, HEIGHT, MARGIN = 640, 360, 100


def _wall():
    """A wall with texture to hold on to, larger than the picture by a margin on every side."""
    noise = np.random.default_rng(7).integers(0, 255, (60, 90), dtype=np.uint8)
    size = (WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN)
    return cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)


def _seen(wall, index, shift, noise_seed=None):
    """The picture when the background has moved by `shift` (x, y) px."""
    matrix = np.array([[1, 0, shift[0] - MARGIN], [0, 1, shift[1] - MARGIN]], float)
    luma = cv2.warpAffine(wall, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    if noise_seed is not None:
        noise = np.random.default_rng(noise_seed).normal(0, 3, luma.shape)
        luma = np.clip(luma + noise, 0, 255).astype(np.uint8)
    chroma = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    return Picture(index, index / 30, luma, chroma, chroma)


def _path(shifts, runner=None, draw=None):
    camera, wall = CameraWatch(), _wall()
    for index, shift in enumerate(shifts):
        picture = _seen(wall, index, shift, noise_seed=index)
        if draw:
            draw(picture.y, index)
        camera.watch(picture, runner(index) if runner else None)
    return camera.path_px(np.arange(len(shifts)) / 30)


def test_a_panning_camera_is_followed_to_the_pixel():
    shifts = [(-2.5 * index, 0.4 * index) for index in range(20)]
    path, confidence = _path(shifts)
    assert confidence == 1.0
    assert path == pytest.approx(np.array(shifts), abs=1.0)


def test_only_the_time_of_the_run_tells_how_well_the_camera_is_known():
    def dark_at_first(luma, index):
        if index < 30:
            luma[:] = 16

    def runner(index):
        return (300.0, 100.0, 380.0, 300.0) if index >= 30 else None

    path, confidence = _path([(0, 0)] * 30 + [(-2.5 * index, 0) for index in range(15)], runner, dark_at_first)
    assert confidence > 0.9
    assert path is not None


def test_a_camera_on_a_stand_has_no_path():
    path, confidence = _path([(0, 0)] * 20)
    assert path is None
    assert confidence == 1.0


def test_a_runner_crossing_the_picture_does_not_move_the_camera():
    def box(index):
        return (20.0 + 15 * index, 80.0, 140.0 + 15 * index, 340.0)

    def runner(luma, index):
        left, top, right, bottom = (int(value) for value in box(index))
        luma[top:bottom, left:right] = np.random.default_rng(1).integers(0, 255, (bottom - top, right - left))

    path, confidence = _path([(0, 0)] * 25, runner=box, draw=runner)
    assert path is None
    assert confidence > 0.9


def test_a_blank_wall_tells_nothing():
    camera = CameraWatch()
    grey, chroma = np.full((HEIGHT, WIDTH), 120, np.uint8), np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    for index in range(10):
        camera.watch(Picture(index, index / 30, grey, chroma, chroma), None)
    assert camera.path_px(np.arange(10) / 30) == (None, 0.0)


def test_fast_film_is_followed_at_half_its_rate_and_still_has_a_place_for_every_picture():
    camera, wall = CameraWatch(), _wall()
    shifts = [(-1.0 * index, 0.0) for index in range(60)]
    times = np.arange(60) / 60
    for index, shift in enumerate(shifts):
        seen = _seen(wall, index, shift)
        camera.watch(Picture(index, times[index], seen.y, seen.u, seen.v), None)
    path, _ = camera.path_px(times)
    assert path[:-1] == pytest.approx(np.array(shifts)[:-1], abs=1.0)


def test_a_turning_camera_is_followed_where_the_runner_is_not_at_the_pictures_edges():
    """What turns past the edges of the picture runs faster than what passes its middle."""
    camera, wall, focal_px, turn_rad = CameraWatch(), _wall(), 450.0, 0.006
    lens = np.array([[focal_px, 0, WIDTH / 2], [0, focal_px, HEIGHT / 2], [0, 0, 1]])
    onto = np.array([[1, 0, -MARGIN], [0, 1, -MARGIN], [0, 0, 1]], float)
    chroma = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    for index in range(20):
        cosine, sine = np.cos(turn_rad * index), np.sin(turn_rad * index)
        turned = lens @ np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]]) @ np.linalg.inv(lens)
        luma = cv2.warpPerspective(wall, turned @ onto, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
        box = (WIDTH / 2 - 60, 60.0, WIDTH / 2 + 60, HEIGHT - 20.0)
        camera.watch(Picture(index, index / 30, luma, chroma, chroma), box)
    path, _ = camera.path_px(np.arange(20) / 30)
    assert path[-1, 0] == pytest.approx(-19 * turn_rad * focal_px, rel=0.025)

"""Review copies: upright, in step with the original's own times, and from every kind of film."""

from __future__ import annotations

import av
import numpy as np
import pytest

from clips.beside import upright
from clips.probe import make_copies
from tests.clips.films import turn_display, write_wide_light

pytestmark = pytest.mark.slow


def pictures(path):
    with av.open(str(path)) as film:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]


@pytest.fixture
def copy(tmp_path):
    def make(path):
        made = make_copies(path, tmp_path / "review.mp4", tmp_path / "still.jpg")
        return made, pictures(tmp_path / "review.mp4")

    return make


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_copy_stands_upright(film, copy, degrees, mirrored):
    path = film(seconds=0.5, fps=30)
    turn_display(path, degrees, mirrored)
    made, shown = copy(path)
    stored = pictures(path)[0][1]
    upright = np.rot90(stored[::-1] if mirrored else stored, -degrees // 90)
    assert (made.height_px, made.width_px) == upright.shape[:2]
    difference = np.abs(shown[0][1].astype(int) - upright)
    assert difference.mean() < 6


def test_each_picture_is_the_originals_at_that_time(film, copy):
    """A phone that varies its rate: the copy repeats a picture where the original held it."""
    times = [0.0, 0.033, 0.067, 0.1, 0.2, 0.233, 0.267, 0.3, 0.333, 0.367, 0.4, 0.433, 0.467, 0.5]
    path = film(times=times, fps=30)
    made, shown = copy(path)
    assert made.fps == pytest.approx(30, abs=0.3)
    steps = np.diff([time for time, _ in shown])
    assert np.ptp(steps) < 0.002, "a constant rate"
    originals = pictures(path)
    for moment in (0.05, 0.15, 0.25, 0.45):
        theirs = next(picture for time, picture in reversed(originals) if time <= moment + 0.01)
        ours = next(picture for time, picture in reversed(shown) if time <= moment + 0.01)
        assert np.abs(ours.astype(int) - theirs).mean() < 6


def test_an_avi_keeps_all_pictures_though_some_lean_on_later_ones(film, copy):
    path = film("run.avi", seconds=0.7, fps=30, leaning=2)
    made, shown = copy(path)
    assert made.frame_count == 21
    for number, (_, picture) in enumerate(shown):
        bright = np.flatnonzero(picture[12, :, 0] > 180)
        assert abs(bright.mean() - (2 * number % 56 + 3.5)) < 1.5, number


def test_a_film_whose_times_begin_below_zero_is_copied(film, copy):
    path = film("run.mkv", times=[-0.2 + k / 30 for k in range(20)], fps=30)
    made, _ = copy(path)
    assert made.frame_count == 20


def test_a_large_film_becomes_720_and_a_small_one_stays(film, copy):
    made, _ = copy(film(seconds=0.2, fps=30, size=(1920, 1080)))
    assert (made.width_px, made.height_px) == (1280, 720)
    made, _ = copy(film("small.mp4", seconds=0.2, fps=30, size=(64, 48)))
    assert (made.width_px, made.height_px) == (64, 48)


@pytest.mark.parametrize(
    ("name", "codec", "fps"),
    [("a.avi", "mpeg4", 30), ("a.webm", "libvpx-vp9", 30), ("a.mov", "libx265", 60), ("a.mp4", "libx264", 240)],
)
def test_every_kind_of_film_gets_a_copy(film, copy, name, codec, fps):
    made, shown = copy(film(name, codec=codec, seconds=0.5, fps=fps))
    assert made.frame_count == len(shown) == fps // 2
    assert made.fps == fps
    assert shown[-1][0] == pytest.approx(0.5 - 1 / fps, abs=0.002)


# Black, a tenth of the light of white paper, white paper, and what is brighter (BT.2100, BT.2408).
HLG, PQ = (18, [0.0, 0.3416, 0.75, 1.0]), (16, [0.0, 0.3583, 0.5807, 0.9])


@pytest.mark.parametrize(("transfer", "signals"), [HLG, PQ])
def test_a_film_of_a_wide_range_of_light_is_shown_as_bright_as_a_usual_one(tmp_path, copy, transfer, signals):
    path = write_wide_light(tmp_path / "film.mov", transfer, signals)
    _, shown = copy(path)
    with av.open(str(path)) as film, av.open(str(tmp_path / "review.mp4")) as review:
        alone = upright(next(film.decode(video=0)), (128, 64), mirrored=False)
        told = review.streams.video[0].codec_context
        assert (told.colorspace, told.color_primaries, told.color_trc) == (1, 1, 1)
    with av.open(str(tmp_path / "still.jpg")) as still:
        all_three = [shown[0][1], alone, next(still.decode(video=0)).to_ndarray(format="rgb24")]
    for picture in all_three:
        assert picture.reshape(64, 4, 32, 3).mean((0, 2, 3)) == pytest.approx([0, 98, 255, 255], abs=9)


def test_the_still_has_the_colours_of_the_film(tmp_path, copy):
    red_green_and_blue = [(0.7, 0.3, 0.3), (0.3, 0.7, 0.3), (0.3, 0.3, 0.7)]
    _, shown = copy(write_wide_light(tmp_path / "film.mov", 18, red_green_and_blue))
    with av.open(str(tmp_path / "still.jpg")) as still:
        both = [shown[0][1], next(still.decode(video=0)).to_ndarray(format="rgb24")]
    film, picture = (one.reshape(64, 3, 32, 3)[:, :, 8:24].mean((0, 2)) for one in both)
    assert picture == pytest.approx(film, abs=5)

"""How a film was made: by its name, its shape and the runner's last film, and only where that is clear."""

from __future__ import annotations

import pytest

from analyses.guessing import Way, guess_way

WIDE, UPRIGHT = {"width_px": 1920, "height_px": 1080}, {"width_px": 1080, "height_px": 1920}


@pytest.mark.parametrize(
    ("file_name", "shape", "way"),
    [
        ("mara.mp4", WIDE, Way("side_view", False)),
        ("mara.mp4", UPRIGHT, Way()),
        ("mara_back.mp4", UPRIGHT, Way("back_view")),
        ("mara_side.mp4", UPRIGHT, Way("side_view", True)),
        ("mara hinten laufband.mp4", UPRIGHT, Way("back_view", True)),
        ("Mara de dos, piste.mp4", UPRIGHT, Way("back_view", False)),
        ("mara espalda cinta.mp4", UPRIGHT, Way("back_view", True)),
        ("山田_側面_トレッドミル.mp4", UPRIGHT, Way("side_view", True)),
        ("山田_後方_路上.mp4", UPRIGHT, Way("back_view", False)),
        ("김민수 후면 러닝머신.mp4", UPRIGHT, Way("back_view", True)),
        ("treadmill.mp4", WIDE, Way(None, True)),
        ("side and back.mp4", UPRIGHT, Way()),
        ("Backhaus.mp4", UPRIGHT, Way()),
    ],
)
def test_a_name_or_a_wide_picture_tells(file_name, shape, way):
    assert guess_way(file_name, **shape) == way


def test_an_upright_film_is_made_as_the_runner_s_last_upright_one():
    assert guess_way("mara.mp4", **UPRIGHT, last=Way("back_view", True)) == Way("back_view", True)
    assert guess_way("mara side.mp4", **UPRIGHT, last=Way("back_view", True)) == Way("side_view", True)
    assert guess_way("mara.mp4", **UPRIGHT, last=Way("side_view", False)) == Way()


def test_the_shape_goes_before_what_was_last():
    assert guess_way("mara.mp4", **WIDE, last=Way("back_view", True)) == Way("side_view", False)

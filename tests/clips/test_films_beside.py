"""Two films as one: every picture shows the two moments it was asked for, whatever the frame rates."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from clips.beside import beside
from clips.containers import Refused
from clips.fitting import GAP_PX, fitted, joined
from clips.probe import lay_beside
from tests.clips.films import pictures, turn_display, write_film

LEFT, RIGHT = 0, 1
# Picture numbers in the film of 60 and in that of 30 a second.
ASKED = [(0, 0), (6, 2), (12, 7), (13, 8), (13, 20)]


@pytest.fixture
def asked(tmp_path):
    """A specification that asks for the pictures of ASKED, a little after each began."""
    quick = write_film(tmp_path / "quick.mp4", seconds=0.5, fps=60)
    slow = write_film(tmp_path / "slow.mp4", seconds=1, fps=30)
    spec = tmp_path / "spec.json"
    moments = [(quick_at / 60 + 0.004, slow_at / 30 + 0.004) for quick_at, slow_at in ASKED]
    given = {"films": [str(quick), str(slow)], "labels": ["2026-10-03", "2026-11-22"], "moments": moments}
    spec.write_text(json.dumps({**given, "fps": 30, "still": 2}))
    return spec


def square(picture: np.ndarray, side: int) -> int:
    """Return the number of the picture that one half shows: its square stands at column 2k."""
    width = (picture.shape[1] - GAP_PX) // 2
    half = picture[:, side * (width + GAP_PX) :][:, :width]
    row = half[round(half.shape[0] * 12 / 48)].mean(axis=1)
    return round(float(np.flatnonzero(row > 180)[0]) / width * 64 / 2)


def test_every_picture_shows_the_two_moments_asked_for(asked, tmp_path):
    told = beside(asked, tmp_path / "picture.png", tmp_path / "film.mp4")
    shown = pictures(tmp_path / "film.mp4")
    assert [(square(one, LEFT), square(one, RIGHT)) for one in shown] == ASKED
    assert (told["height_px"], told["width_px"]) == shown[0].shape[:2]


def test_the_still_is_the_pair_asked_for_and_says_both_days(asked, tmp_path):
    beside(asked, tmp_path / "picture.png", tmp_path / "film.mp4")
    still = np.asarray(Image.open(tmp_path / "picture.png"))
    assert (square(still, LEFT), square(still, RIGHT)) == ASKED[2]
    plate = still[12:30, 14:100]
    assert plate.min() < 30
    assert plate.max() > 200


def test_films_of_two_shapes_stand_in_the_middle_of_one_height(asked, tmp_path):
    given = json.loads(asked.read_text())
    tall = write_film(tmp_path / "tall.mp4", seconds=0.5, fps=30, size=(64, 48))
    turn_display(tall, 90)
    asked.write_text(json.dumps({**given, "films": [given["films"][0], str(tall)]}))
    told = beside(asked, tmp_path / "picture.png", tmp_path / "film.mp4")
    assert told["height_px"] == 720
    assert told["width_px"] == 860 + GAP_PX + 540


def test_what_is_no_film_is_refused(asked, tmp_path):
    given = json.loads(asked.read_text())
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film" * 100)
    asked.write_text(json.dumps({**given, "films": [given["films"][0], str(broken)]}))
    with pytest.raises(Refused):
        beside(asked, tmp_path / "picture.png", tmp_path / "film.mp4")


@pytest.mark.slow
def test_it_is_made_in_a_process_of_its_own(asked, tmp_path):
    lay_beside(asked, tmp_path / "picture.png", tmp_path / "film.mp4")
    assert len(pictures(tmp_path / "film.mp4")) == len(ASKED)


def test_a_page_knows_the_picture_s_size_before_it_is_there(asked, tmp_path):
    told = beside(asked, tmp_path / "picture.png", tmp_path / "film.mp4")
    with Image.open(tmp_path / "picture.png") as picture:
        size = picture.size
    assert (told["width_px"], told["height_px"]) == size == joined(fitted((64, 48)), fitted((64, 48)))


@pytest.mark.parametrize(
    ("filmed", "drawn"),
    [((1080, 1920), (404, 720)), ((720, 1280), (404, 720)), ((1920, 1080), (860, 484)), ((3000, 2), (860, 2))],
)
def test_a_film_is_drawn_in_its_own_proportions(filmed, drawn):
    assert fitted(filmed) == drawn

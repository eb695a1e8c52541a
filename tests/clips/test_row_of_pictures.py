"""Parts of a film as one row: each shows the picture taken nearest to its moment, at the place asked for."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from clips import row as cutting
from clips.containers import Refused
from clips.probe import cut_row
from clips.row import row
from tests.clips.films import turn_display

PART_PX = (128, 96)


@pytest.fixture
def cut(tmp_path):
    """Cut parts out of a film: `cut(path, {"time_s": 0.1}, ..., box=...)` gives each as an array."""

    def do(film, *parts, box=(1, 1), max_bytes=60_000):
        told = [{"corner": [0, 0], "lines": [], "colour": "#3aa0dc", **part} for part in parts]
        asked = {"film": str(film), "size_px": PART_PX, "box": box, "parts": told, "max_bytes": max_bytes}
        (tmp_path / "spec.json").write_text(json.dumps(asked))
        assert row(tmp_path / "spec.json", tmp_path / "row.webp") == {"parts": len(parts)}
        strip = np.asarray(Image.open(tmp_path / "row.webp").convert("RGB"))
        assert strip.shape == (PART_PX[1], PART_PX[0] * len(parts), 3)
        return [strip[:, place * PART_PX[0] :][:, : PART_PX[0]] for place in range(len(parts))]

    return do


def number(part: np.ndarray) -> int:
    """Return which picture of a film of films.py it is: its square stands at column 2k of 64."""
    light = part[20:28].mean(axis=(0, 2)) > 180
    return round(float(np.flatnonzero(light)[0]) / PART_PX[0] * 64 / 2)


@pytest.mark.parametrize("fps", [24, 60, 240])
def test_each_part_shows_the_picture_taken_nearest_to_its_moment(cut, film, fps):
    asked = [(0, 0), (0.4, 0), (0.6, 1), (1, 1), (7.4, 7), (7.45, 7), (12.6, 13), (99, 19)]
    parts = cut(film(seconds=20 / fps, fps=fps), *({"time_s": place / fps} for place, _ in asked))
    assert [number(part) for part in parts] == [nearest for _, nearest in asked]


def test_a_film_of_an_uneven_rate_is_cut_by_its_own_times(cut, film):
    path = film(times=[0, 0.033, 0.066, 0.166, 0.2, 0.233])
    assert [number(part) for part in cut(path, *({"time_s": at} for at in (0.06, 0.11, 0.13, 0.21)))] == [2, 2, 3, 4]


def test_a_part_lies_where_it_was_asked_for_and_is_dark_beyond_the_film(cut, film):
    path = film(seconds=0.5)  # the square of picture 10 stands at 20 to 28 of 64 across, 8 to 16 of 48 down
    inside, beyond = cut(
        path,
        {"time_s": 10 / 60, "corner": [20 / 64, 8 / 48]},
        {"time_s": 10 / 60, "corner": [12 / 64, -2 / 48]},
        box=(16 / 64, 12 / 48),
    )
    assert inside[8:56, 8:56].min() > 200
    assert inside[8:56, 76:].max() < 130
    assert beyond[:12].max() < 60
    assert beyond[24:72, 8:56].max() < 130
    assert beyond[84:, 72:120].min() > 180


@pytest.mark.parametrize(("turn", "place"), [(90, (0.75, 0.4)), (180, (0.6, 0.75)), (270, (0.25, 0.6))])
def test_a_film_that_was_turned_is_cut_as_it_is_looked_at(cut, film, turn, place):
    path = film(seconds=0.5)
    turn_display(path, turn)
    (part,) = cut(path, {"time_s": 11.0 / 60})  # the square is at 22 to 30 of 64, 8 to 16 of 48: 0.4, 0.25
    found = np.argwhere(part.mean(axis=2) > 180).mean(axis=0) / part.shape[:2]
    assert (found[1], found[0]) == pytest.approx(place, abs=0.03)


def test_lines_are_drawn_where_they_lie_on_the_film(cut, film):
    line = [[0.25, 0.75], [0.75, 0.75]]
    plain, drawn = cut(film(seconds=0.5), {"time_s": 0}, {"time_s": 0, "lines": [line]})
    changed = np.argwhere(np.abs(drawn.astype(int) - plain).max(axis=2) > 60)
    assert changed.min(axis=0) == pytest.approx([72, 32], abs=4)
    assert changed.max(axis=0) == pytest.approx([72, 96], abs=4)
    red, green, blue = drawn[72, 64]
    assert blue > green > red  # the colour asked for


def test_a_row_is_as_small_as_it_was_asked_to_be(cut, film, tmp_path):
    parts = [{"time_s": 0}] * 4
    cut(film(), *parts)
    usual = (tmp_path / "row.webp").stat().st_size
    cut(film(), *parts, max_bytes=usual - 1)
    assert (tmp_path / "row.webp").stat().st_size < usual


@pytest.mark.parametrize("box", [(0.001, 0.1), (0.1, 0.001)])
def test_a_part_too_small_to_be_seen_is_refused(cut, film, box):
    with pytest.raises(Refused):
        cut(film(seconds=0.5), {"time_s": 0}, box=box)


def test_what_is_no_film_is_refused(cut, tmp_path):
    (tmp_path / "broken.mp4").write_bytes(b"no film" * 100)
    with pytest.raises(Refused):
        cut(tmp_path / "broken.mp4", {"time_s": 0})


def test_only_pictures_that_are_shown_are_drawn_from_the_film(cut, film, monkeypatch):
    wanted, kept = [0.01 * place for place in range(20)], []
    sized = cutting.upright

    def keep(frame, size, mirrored):
        kept.append(size)
        return sized(frame, size, mirrored)

    monkeypatch.setattr(cutting, "upright", keep)
    cut(film(seconds=3), *({"time_s": at} for at in wanted))
    assert kept == [PART_PX] * len(wanted)  # and none for the pictures between and after


@pytest.mark.slow
def test_it_is_cut_in_a_process_of_its_own(film, tmp_path):
    part = {"time_s": 0.1, "corner": [0, 0], "lines": [], "colour": "#3aa0dc"}
    asked = {"film": str(film()), "size_px": PART_PX, "box": [1, 1], "parts": [part], "max_bytes": 60_000}
    (tmp_path / "spec.json").write_text(json.dumps(asked))
    cut_row(tmp_path / "spec.json", tmp_path / "row.webp")
    with Image.open(tmp_path / "row.webp") as made:
        assert made.size == PART_PX

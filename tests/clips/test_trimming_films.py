"""Trimming: the part a person chose, without loss where the film allows it, its orientation and rate kept."""

from __future__ import annotations

import numpy as np
import pytest

from clips.probe import NotAFilm, look, probe, trim_film
from tests.clips.films import hide_beginning, pictures, turn_display


@pytest.mark.slow  # films are encoded
@pytest.mark.parametrize(
    ("name", "codec", "key_frames"),
    [("a.mp4", "libx264", 15), ("a.mov", "libx265", 15), ("a.avi", "mpeg4", 12), ("a.webm", "libvpx-vp9", 15)],
)
def test_where_a_key_frame_is_near_nothing_is_lost(film, tmp_path, name, codec, key_frames):
    path = film(name, codec=codec, seconds=4, fps=30, key_frames=key_frames)
    part = tmp_path / "part"
    trim_film(path, part, start_s=1.7, length_s=2.0)
    before, after = probe(path), probe(part)
    assert (after.codec, after.container) == (before.codec, before.container)
    # The last few pictures may lean on one behind the end, and go with it.
    assert 1.8 <= after.duration_s <= 2.001
    kept, original = pictures(part), pictures(path)
    begin = max(index for index in range(52) if np.array_equal(original[index], kept[0]))
    assert 1.7 - 0.5 <= begin / 30 <= 1.7
    assert all(np.array_equal(one, other) for one, other in zip(kept, original[begin:], strict=False))


@pytest.mark.slow  # films are encoded
def test_where_none_is_near_it_is_encoded_anew_nearly_without_loss(film, tmp_path):
    path = film(seconds=4, fps=30, key_frames=300)
    part = tmp_path / "part"
    trim_film(path, part, start_s=2.0, length_s=1.5)
    after = probe(part)
    assert (after.frame_count, after.fps, after.container) == (45, pytest.approx(30), "mp4")
    for ours, theirs in zip(pictures(part), pictures(path)[60:], strict=False):
        assert np.abs(ours.astype(int) - theirs).mean() < 2


@pytest.mark.slow  # films are encoded
@pytest.mark.parametrize("key_frames", [15, 300])
def test_an_upright_film_stays_upright(film, tmp_path, key_frames):
    path = film(seconds=3, fps=30, key_frames=key_frames)
    turn_display(path, 90)
    trim_film(path, tmp_path / "part", start_s=1.5, length_s=1.0)
    after = probe(tmp_path / "part")
    assert (after.width_px, after.height_px) == (48, 64)


@pytest.mark.slow  # films are encoded
@pytest.mark.parametrize(("start_s", "begins"), [(0.0, 20), (0.5, 35)])
def test_what_a_phone_has_cut_away_stays_away(film, tmp_path, start_s, begins):
    path = hide_beginning(film(seconds=4, fps=30, key_frames=15), 20 / 30)
    trim_film(path, tmp_path / "part", start_s=start_s, length_s=1.5)
    kept, original = pictures(tmp_path / "part"), pictures(path)
    assert len(original) == 100  # the phone's cut, as every player shows it
    off = [np.abs(kept[0].astype(int) - picture).mean() for picture in original]
    assert begins - 15 <= 20 + int(np.argmin(off)) <= begins
    assert min(off) < 2


@pytest.mark.slow  # films are encoded
def test_a_part_behind_the_end_is_no_film(film, tmp_path):
    with pytest.raises(NotAFilm):
        trim_film(film(seconds=1, fps=30, key_frames=300), tmp_path / "part", start_s=5.0, length_s=1.0)


@pytest.mark.slow  # films are encoded
@pytest.mark.parametrize("key_frames", [15, 300])
def test_slow_motion_that_says_so_is_cut_to_its_true_speed(film, tmp_path, key_frames):
    path = film(seconds=8, fps=30, key_frames=key_frames, taken_fps=240.0)
    assert look(path) == (probe(path), 8)
    trim_film(path, tmp_path / "part", start_s=4.0, length_s=2.0)
    after, slowed_by = look(tmp_path / "part")
    assert slowed_by == 1
    assert (after.fps, after.variable_rate) == (pytest.approx(240, abs=0.1), False)
    assert 55 <= after.frame_count <= 60
    assert np.abs(pictures(tmp_path / "part")[0].astype(int) - pictures(path)[120]).mean() < 2
    assert after.duration_s == pytest.approx(after.frame_count / 240, abs=1e-3)


def test_a_camera_that_falls_behind_in_the_dark_made_no_slow_motion(film):
    assert look(film(fps=24, seconds=1, taken_fps=60.0))[1] == 1


@pytest.mark.parametrize("taken_fps", ["nan", "inf", "-240", "1e9", "very fast"])
def test_a_capture_rate_that_is_none_is_not_believed(film, taken_fps):
    assert look(film(fps=30, seconds=1, taken_fps=taken_fps))[1] == 1

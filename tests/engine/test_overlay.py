"""The skeleton is drawn where the points are, in the sides' colours, the near leg stronger."""

import cv2
import numpy as np
import pytest

from engine.film_writing import Copies
from engine.measure.track import AT, JOINTS
from engine.overlay import Contact, Skeleton, draw, write_film, write_thumbnail
from engine.video import Picture, pictures, probe
from tests.engine.small_films import make_film

WIDTH, HEIGHT = 360, 640
PLACES = {
    "nose": (200, 90), "left_eye": (195, 85), "right_eye": (197, 85), "left_ear": (185, 90), "right_ear": (187, 92),
    "left_shoulder": (160, 150), "right_shoulder": (190, 150), "left_elbow": (110, 220), "right_elbow": (240, 220),
    "left_wrist": (120, 280), "right_wrist": (260, 270), "left_hip": (165, 320), "right_hip": (185, 320),
    "left_knee": (90, 420), "right_knee": (270, 420), "left_ankle": (80, 540), "right_ankle": (280, 520),
    "left_heel": (60, 560), "right_heel": (265, 540), "left_toe": (110, 565), "right_toe": (315, 535),
}  # fmt: skip


def _points(frames=1):
    points = np.array([PLACES[joint] for joint in JOINTS], float)
    return np.repeat(points[None], frames, axis=0)


def _grey(index=0):
    whole = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    return Picture.unpacked(whole, index, index / 30)


def _drawn(skeleton, index=0, film_width=WIDTH):
    picture = _grey(index)
    draw(picture, skeleton, film_width)
    return picture.rgb().astype(int)


def _between(rgb, one, other):
    """Mean colour in the middle of a bone."""
    x, y = (np.array(PLACES[one]) + np.array(PLACES[other])) // 2
    return rgb[y - 1 : y + 2, x - 1 : x + 2].mean((0, 1))


def test_left_is_blue_and_right_is_orange():
    rgb = _drawn(Skeleton(_points(), near_side="left"))
    red, green, blue = _between(rgb, "left_knee", "left_ankle")
    assert blue > green > red
    red, green, blue = _between(rgb, "right_knee", "right_ankle")
    assert red > green > blue


def test_the_near_leg_is_drawn_wider_than_the_far_leg():
    large = Picture.unpacked(np.full((3 * HEIGHT, 2 * WIDTH), 235, np.uint8), 0, 0.0)
    draw(large, Skeleton(_points(), near_side="left"), WIDTH)
    row = large.y[960] < 215  # through both shanks
    left, right = row[120:220].sum(), row[500:600].sum()
    assert left > right > 0


def test_from_behind_both_legs_are_alike():
    changed = np.abs(_drawn(Skeleton(_points())) - 128).max(2) > 20
    assert abs(int(changed[480, 60:110].sum()) - int(changed[480, 250:300].sum())) <= 2


def test_points_are_scaled_from_the_film_to_the_drawn_picture():
    small, large = _drawn(Skeleton(_points() * 3), film_width=3 * WIDTH), _drawn(Skeleton(_points()))
    assert np.abs(small - large).mean() < 0.5


def test_a_foot_on_the_ground_has_a_bar_under_it_and_only_then():
    skeleton = Skeleton(_points(3), (Contact("left", 1, 1),), "left")
    strip = [np.abs(_drawn(skeleton, index)[573:577, 60:110] - 128).max() for index in range(3)]
    assert strip[1] > 60
    assert max(strip[0], strip[2]) < 30


def test_unknown_points_are_not_drawn():
    points = _points()
    points[0, [AT[name] for name in JOINTS if name.startswith("right_")]] = np.nan
    rgb = _drawn(Skeleton(points, near_side="left"))
    assert np.abs(rgb[350:600, 225:340] - 128).max() < 5
    assert np.abs(_between(rgb, "left_knee", "left_ankle") - 128).max() > 40


@pytest.mark.parametrize("index", [0, 5], ids=["nobody seen", "after the last frame"])
def test_without_a_runner_the_picture_stays_as_it_is(index):
    rgb = _drawn(Skeleton(np.full((1, len(JOINTS), 2), np.nan)), index)
    assert np.ptp(rgb) <= 2


def test_the_film_is_written_with_every_picture(tmp_path):
    path = make_film(tmp_path / "film.mp4", size=(320, 192), pictures=12)
    seen = []
    skeleton = Skeleton(_points(12) / 4, (Contact("left", 0, 3),), "left")
    with Copies(320, 192, tmp_path) as copies:
        for picture in pictures(path, threads=1):
            copies.add(picture)
        annotated = tmp_path / "annotated.mp4"
        write_film(annotated, copies, probe(path), skeleton, 1, lambda picture: seen.append(picture.index))
    assert seen == list(range(12))
    assert probe(tmp_path / "annotated.mp4").frame_count == 12


def test_the_thumbnail_is_a_small_jpeg(tmp_path):
    picture = Picture.unpacked(np.full((1280 * 3 // 2, 720), 128, np.uint8), 0, 0.0)
    write_thumbnail(tmp_path / "thumbnail.jpg", picture)
    assert cv2.imread(str(tmp_path / "thumbnail.jpg")).shape == (640, 360, 3)


def test_a_thumbnail_that_cannot_be_written_says_where(tmp_path):
    path = tmp_path / "no folder" / "thumbnail.jpg"
    with pytest.raises(OSError, match="The thumbnail could not be written to"):
        write_thumbnail(path, _grey())

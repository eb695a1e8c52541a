"""Pictures shown twice are told from new ones, encoded again or not, at every rate."""

import cv2
import numpy as np
import pytest

from engine.repeats import RepeatWatch
from engine.video import Picture

WIDTH, HEIGHT = 640, 360
BOX = (200.0, 60.0, 440.0, 320.0)


def _picture(index, phase, noise=0.0):
    """Legs that swing under a trunk that goes up and down in front of a wall, at one moment of the stride."""
    luma = np.full((HEIGHT, WIDTH), 120, np.uint8)
    hip = (320 * 16, round(16 * (150 + 8 * np.cos(4 * np.pi * phase + 1))))
    cv2.line(luma, hip, (hip[0], hip[1] - 80 * 16), 60, 40, cv2.LINE_AA, 4)
    for shade, turn in ((30, 0.0), (220, 0.5)):
        angle = np.sin(2 * np.pi * (phase + turn))
        foot = (round(hip[0] + 16 * 90 * angle), round(hip[1] + 16 * 120 * np.cos(angle)))
        cv2.line(luma, hip, foot, shade, 24, cv2.LINE_AA, 4)
    shaken = luma + np.random.default_rng(index).normal(0, noise, luma.shape)
    chroma = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    return Picture(index, index / 30, np.clip(shaken, 0, 255).astype(np.uint8), chroma, chroma)


def _repeated(phases, noise=0.0, box=BOX):
    watch = RepeatWatch()
    for index, phase in enumerate(phases):
        watch.watch(_picture(index, phase, noise), box)
    return watch.repeated()


@pytest.mark.parametrize("fps", [24, 30, 60, 120, 240])
def test_a_film_of_new_pictures_has_no_repeats(fps):
    moments = np.arange(fps) / fps
    assert _repeated(1.4 * moments + 0.1, noise=1) is None


@pytest.mark.parametrize("times", [2, 3, 4])
def test_every_picture_shown_again_is_found(times):
    frames = np.arange(60)
    again = _repeated(1.4 * (frames // times) / 15 + 0.1, noise=2)
    assert list(again) == [frame % times > 0 for frame in frames]


def test_one_picture_shown_again_is_found():
    phases = 1.4 * np.arange(40) / 30 + 0.1
    phases[20] = phases[19]
    assert list(np.flatnonzero(_repeated(phases, noise=1))) == [20]


def test_nothing_is_compared_where_nobody_is():
    assert _repeated(np.zeros(10), box=None) is None
    assert _repeated(1.4 * np.arange(20) / 30, box=(900.0, 60.0, 980.0, 320.0)) is None


def test_somebody_who_stands_is_no_repeat():
    assert _repeated(np.full(30, 0.1), noise=2) is None

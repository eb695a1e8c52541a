"""File names come from outside: shown without paths, controls and tricks."""

from __future__ import annotations

import pytest

from clips.names import shown_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("run.mp4", "run.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\run one.mov", "run one.mov"),
        ("a\x00b\x1b[31m\r\n.mp4", "ab[31m .mp4"),
        ("gpj.\u202e4pm.exe", "gpj.4pm.exe"),
        ("  Läufer 走る.mp4 ", "Läufer 走る.mp4"),
        ("", "film"),
        ("////", "film"),
        ("..", "film"),
        ("\x00\x01", "film"),
    ],
)
def test_a_name_is_shown_without_tricks(given, shown):
    assert shown_name(given) == shown


def test_a_very_long_name_keeps_its_ending():
    shown = shown_name("x" * 4096 + ".mp4")
    assert len(shown) == 120
    assert shown.endswith("x….mp4")

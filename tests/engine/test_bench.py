"""The bench: what it calls a miss, and the environment it makes for the published pose model."""

import subprocess

import pytest

from engine import reference_home
from engine.bench import TYPICAL, WORST, missed

GOOD = {
    "wall_s": 11.0,
    "cpu_s": 20.0,
    "peak_mib": 400,
    "difference_percent": 0.1,
    "pose_ms": 20.0,
    "reference_ms": 40.0,
}


@pytest.mark.parametrize("film", [WORST, TYPICAL, "own.mp4"])
def test_a_film_within_all_targets_misses_nothing(film):
    assert missed({"film": film, **GOOD}) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"wall_s": 12.4}, f"MISSED {TYPICAL}: 12.4 s, wanted 12 s at most."),
        ({"peak_mib": 600}, f"MISSED {TYPICAL}: 629 MB, wanted 600 MB at most."),
        ({"difference_percent": 0.7}, f"MISSED {TYPICAL}: points 0.7 % of the body apart, wanted 0.5 % at most."),
        ({"reference_ms": 25.0}, f"MISSED {TYPICAL}: pose 1.25 times as fast as the reference, wanted 1.5 times."),
    ],
)
def test_each_miss_is_told_by_its_figure(changed, said):
    assert missed({"film": TYPICAL, **GOOD, **changed}) == [said]


def test_ones_own_film_is_not_judged_by_its_length():
    assert missed({"film": "own.mp4", **GOOD, "wall_s": 90.0, "peak_mib": 900}) == []


def test_the_reference_gets_its_exact_version_without_the_rest_of_its_dependencies(monkeypatch, tmp_path):
    commands = []
    monkeypatch.setattr(subprocess, "run", lambda command, **options: commands.append((command, options)))
    python = reference_home.made(tmp_path / "reference")
    assert python == tmp_path / "reference" / "bin" / "python"
    assert commands[0][0][1:] == ["-m", "venv", str(tmp_path / "reference")]
    assert commands[1][0][-2:] == ["--no-deps", "mediapipe==0.10.21"]
    assert all(options["check"] for _, options in commands)

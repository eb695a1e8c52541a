"""The bench: what it calls a miss, and the environment it makes for the published pose model."""

import itertools
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from engine import bench, reference_home
from engine.bench import COMPARED, IN_TURN, TYPICAL, WORST, missed
from engine.pose import MODEL_ROWS
from tests.engine import small_films

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


# In the place of the published model's environment: answers as it does, and notes each picture it is asked about.
ANSWERS = """#!{python}
import json, sys
while sys.stdin.buffer.read(160 * 96 * 3):
    open({notes!r}, "a").write("t")
    print(json.dumps({{"seconds": 0.5, "points": [[80, number] for number in range(33)]}}), flush=True)
"""


def test_the_two_models_take_turns_so_that_a_slower_host_is_slower_for_both(monkeypatch, tmp_path):
    film, notes, reference = (tmp_path / name for name in ("film.mp4", "notes", "reference"))
    small_films.make_film(film, pictures=COMPARED)
    reference.write_text(ANSWERS.format(python=sys.executable, notes=str(notes)))
    reference.chmod(0o700)

    class Noting:
        def __init__(self, threads):
            pass

        def feed(self, picture):
            with notes.open("a") as file:
                file.write("o")

        def track(self):
            points = [(80, number) for number in MODEL_ROWS]
            return SimpleNamespace(points_px=np.array([points] * COMPARED, float))

    monkeypatch.setattr(bench, "Tracker", Noting)
    found = bench.agreement(film, str(reference))
    turns = [(who, len(list(pictures))) for who, pictures in itertools.groupby(notes.read_text())]
    assert turns == [("o", IN_TURN), ("t", IN_TURN)] * (COMPARED // IN_TURN)
    assert (found.reference_ms, found.difference_percent) == (500, 0)


def test_a_reference_that_cannot_run_says_why(tmp_path):
    film = tmp_path / "film.mp4"
    small_films.make_film(film, pictures=2)
    with pytest.raises(subprocess.CalledProcessError) as failed:
        bench.agreement(film, sys.executable)
    assert b"No module named 'mediapipe'" in failed.value.stderr

"""The command line: exit codes, JSON on standard output, one clear line for every wrong use."""

import json
import os
import subprocess
import sys

import pytest

from door import ROOT
from engine.__main__ import main
from engine.studio.film import make_film as make_studio_film
from engine.studio.scene import Scene
from engine.video import probe
from tests.engine.small_films import make_film


@pytest.fixture
def nobody(tmp_path):
    """A good film in which nobody runs."""
    return make_film(tmp_path / "nobody.mp4", pictures=60)


@pytest.mark.slow
def test_a_refused_film_is_code_3_with_the_reason_as_json(nobody, capsys):
    assert main(["measure", str(nobody), "--view", "side_view", "--json"]) == 3
    reason = {"code": "no_runner", "text": "No runner was found. Film the whole body, in good light."}
    assert json.loads(capsys.readouterr().out) == {"status": "failed", "reason": reason}


@pytest.mark.slow  # the pose model runs
def test_without_json_the_reason_is_one_line(nobody, capsys):
    assert main(["measure", str(nobody), "--view", "back_view", "--language", "en"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert "Not measured (no_runner): No runner was found. Film the whole body, in good light.\n" in err


WRONG = [
    (["--view", "side_view", "--treadmill"], "--treadmill needs the belt's pace: add --pace MM:SS."),
    (["--view", "side_view", "--pace", "05:00"], "--pace is the treadmill's: add --treadmill, or leave it out."),
    (
        ["--view", "side_view", "--treadmill", "--pace", "5"],
        "'5' is not a pace. Write minutes and seconds per kilometre, as 05:30.",
    ),
    (
        ["--view", "side_view", "--treadmill", "--pace", "00:20"],
        "'00:20' is not a running pace. Write minutes and seconds, as 05:30.",
    ),
    (["--view", "side_view", "--height", "172"], "'172' is not between 0.5 and 2.5 m."),
    (["--view", "side_view", "--weight", "heavy"], "'heavy' is not between 20 and 300 kg."),
    (["--view", "front_view"], "'front_view' is not a view. Write side or back."),
    ([], "the following arguments are required: --view"),
]


@pytest.mark.parametrize(("words", "text"), WRONG)
def test_wrong_use_is_code_2_and_says_what_to_change(nobody, capsys, words, text):
    with pytest.raises(SystemExit) as end:
        main(["measure", str(nobody), *words])
    assert end.value.code == 2
    assert text in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["measure", str(tmp_path / "gone.mp4"), "--view", "side_view"])
    assert end.value.code == 2
    assert capsys.readouterr().err == f"There is no file {tmp_path / 'gone.mp4'}.\n"


def test_an_annotated_film_needs_a_folder_that_exists(nobody, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["measure", str(nobody), "--view", "side_view", "--film", str(tmp_path / "no" / "out.mp4")])
    assert end.value.code == 2
    assert capsys.readouterr().err == f"There is no folder {tmp_path / 'no'} to write the film to.\n"


@pytest.mark.parametrize("words", [["measure", "{}", "--view", "side"], ["measure-keypoints", "{}", "--view", "side"]])
def test_a_file_that_may_not_be_read(nobody, capsys, monkeypatch, words):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # whoever runs the tests as root may read all
    with pytest.raises(SystemExit) as end:
        main([word.format(nobody) for word in words])
    assert end.value.code == 2
    assert capsys.readouterr().err == f"{nobody} may not be read. Change its permissions.\n"


def test_an_annotated_film_is_no_folder(nobody, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["measure", str(nobody), "--view", "side_view", "--film", str(tmp_path)])
    assert end.value.code == 2
    assert capsys.readouterr().err == f"{tmp_path} is a folder. Add the name of a film.\n"


def test_an_annotated_film_needs_a_folder_that_may_be_written(nobody, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path == nobody)
    with pytest.raises(SystemExit) as end:
        main(["measure", str(nobody), "--view", "side_view", "--film", str(tmp_path / "out.mp4")])
    assert end.value.code == 2
    assert capsys.readouterr().err == f"Nothing may be written into {tmp_path}. Choose another folder.\n"


def test_a_studio_film_s_seed_is_no_negative_number(tmp_path, capsys):
    assert main(["film", str(tmp_path / "out.mp4"), "--seed", "-1"]) == 2
    assert capsys.readouterr().err == "The seed is -1. Choose 0 or more.\n"


def test_missing_weights_are_code_1(nobody, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ENGINE_WEIGHTS", str(tmp_path))
    assert main(["measure", str(nobody), "--view", "side_view"]) == 1
    assert capsys.readouterr().err.startswith("The pose weights are missing: ")


def test_no_command_is_wrong_use(capsys):
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2
    assert "the following arguments are required: COMMAND" in capsys.readouterr().err


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    listed = capsys.readouterr().out
    for command in ("measure", "measure-keypoints", "film", "bench", "serve", "work", "clock"):
        assert f"\n    {command}" in listed


@pytest.mark.slow  # a second Python, which loads everything anew
def test_measuring_needs_no_web_framework_and_no_network_library(nobody):
    program = (
        "import sys; from engine.__main__ import main\n"
        f"code = main(['measure', {str(nobody)!r}, '--view', 'side_view', '--json'])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules} & {'django', 'rq', 'redis', 'httpx'}\n"
        "sys.exit(f'loaded {loaded}' if loaded else code)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout)["reason"]["code"] == "no_runner"


@pytest.mark.parametrize(
    ("command", "set_before", "expected"),
    [
        ("measure", {}, "glibc.malloc.hugetlb=1"),
        ("film", {}, None),
        ("measure", {"GLIBC_TUNABLES": "glibc.malloc.check=0"}, "glibc.malloc.check=0"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
def test_what_measures_films_asks_for_large_pages_of_memory(command, set_before, expected, tmp_path):
    tell = "import atexit, os; atexit.register(lambda: print('told', os.environ.get('GLIBC_TUNABLES')))"
    (tmp_path / "sitecustomize.py").write_text(tell)
    environment = {key: value for key, value in os.environ.items() if key != "GLIBC_TUNABLES"} | set_before
    environment["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{ROOT}"
    words = [sys.executable, "-m", "engine", command, "--help"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: python -m engine {command}")
    assert done.stdout.splitlines()[-1] == f"told {expected}"


@pytest.mark.slow
def test_a_measured_film_is_code_0_with_the_whole_answer(tmp_path, capsys):
    make_studio_film(tmp_path / "runner.mp4", Scene(fps=30, seconds=3))
    words = ["--view", "side_view", "--treadmill", "--pace", "05:33", "--height", "1.75", "--raw", "--json"]
    assert main(["measure", str(tmp_path / "runner.mp4"), *words, "--film", str(tmp_path / "out.mp4")]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "success"
    assert answer["calculated"]["metrics"]["step_frequency_steps_per_min"] > 100
    assert {"foot", "strike_frame", "strike_s", "toe_off_frame", "toe_off_s"} <= answer["events"][0].keys()
    assert len(answer["raw"]["frames"]) == 90
    assert "analysis_content" in answer["results"]
    assert probe(tmp_path / "out.mp4").frame_count == 90
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []

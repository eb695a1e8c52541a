"""The film is a film, its truth lies beside it, and the command says what it made."""

import json

import av
import numpy as np
import pytest

from engine.__main__ import main
from engine.measure.track import AT
from engine.studio.figure import Performance
from engine.studio.film import make_film, pictures
from engine.studio.scene import Scene

pytestmark = pytest.mark.slow

SMALL = {"width_px": 180, "height_px": 320, "seconds": 0.5, "fps": 30.0}


def decoded(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_the_film_holds_every_frame_and_the_truth_beside_it(tmp_path):
    path = tmp_path / "runner.mp4"
    truth = make_film(path, Scene(**SMALL))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 180, 320)
        assert (float(stream.average_rate), stream.codec_context.pix_fmt) == (30.0, "yuv420p")
    assert len(decoded(path)) == 15 == truth.frame_count
    written = json.loads((tmp_path / "runner.truth.json").read_text())
    assert written["fps"] == 30
    assert len(written["key_points_px"]["left_knee"]) == 15
    assert len(written["series"]["left_knee"]) == 15
    assert written["measures"] == truth.measures


def test_the_same_scene_gives_the_same_pictures():
    one, two = (list(pictures(Performance(Scene(**SMALL)))) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("view", ["side_view", "back_view"])
def test_the_runner_is_drawn_where_his_key_points_are(view):
    performance = Performance(Scene(view=view, **SMALL))
    track, first = performance.track(), next(pictures(performance)).astype(float)
    middle = (track.joint("left_shoulder")[0] + track.joint("right_hip")[0]) / 2
    blue, _, red = first[round(middle[1]), round(middle[0])]
    assert red > blue + 60  # the red shirt
    head = track.points_px[0, [AT["left_ear"], AT["right_ear"]]].mean(axis=0)
    wall = first[10, 10].mean()
    assert first[round(head[1]) - 5, round(head[0])].mean() < wall - 80  # the dark hair


def test_the_belt_carries_its_stripes_backwards():
    scene = Scene(**SMALL, speed_m_s=3.0)
    frames = [frame.astype(float) for frame in pictures(Performance(scene))]
    assert np.abs(frames[0] - frames[3]).max() > 60


def test_a_dim_room_is_darker_and_noisier():
    bright, dim = (next(pictures(Performance(Scene(light=light, **SMALL)))).astype(float) for light in (1, 0.3))
    assert dim.mean() < 0.4 * bright.mean()
    assert dim[:30, :30].std(axis=(0, 1)).max() > bright[:30, :30].std(axis=(0, 1)).max()


def test_an_open_shutter_smears_what_moves_and_nothing_else():
    sharp, smeared = (next(pictures(Performance(Scene(blur=blur, **SMALL)))).astype(float) for blur in (0, 1))
    wall = np.abs(sharp[:40, :40] - smeared[:40, :40]).mean()
    assert wall < 2
    assert np.abs(sharp - smeared).max() > 40


def test_two_people_are_two_people():
    alone, together = (next(pictures(Performance(Scene(people=n, **SMALL)))).astype(float) for n in (1, 2))
    assert (np.abs(alone - together).max(axis=2) > 40).sum() > 400


def test_the_command_makes_the_film_it_is_asked_for(tmp_path, capsys):
    path = tmp_path / "back.mp4"
    code = main([
        "film", str(path), "--view", "back_view", "--fps", "24", "--seconds", "0.5", "--speed", "2.8",
        "--cadence", "172", "--landing", "forefoot", "--size", "180x320", "--pelvic-drop", "6", "--over-ground",
    ])  # fmt: skip
    assert code == 0
    assert capsys.readouterr().out.startswith(f"{path}: 12 frames, 0.5 s, ")
    scene = json.loads((tmp_path / "back.truth.json").read_text())["scene"]
    assert (scene["speed_m_s"], scene["cadence_spm"], scene["treadmill"]) == (2.8, 172, False)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("out.mp4", "--fps", "5"), "fps is 5. Choose a value from 10 to 240.\n"),
        (("out.mp4", "--size", "big"), "The size big cannot be read. Write it like 720x1280.\n"),
        (
            ("no/such/folder/out.mp4", "--seconds", "0.5"),
            "no/such/folder/out.mp4 cannot be written (No such file or directory). Choose another place.\n",
        ),
    ],
)
def test_the_command_refuses_what_it_cannot_film(arguments, text, capsys):
    assert main(["film", *arguments]) == 2
    assert capsys.readouterr().err == text

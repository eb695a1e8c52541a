"""Probing: a film is what its bytes are, whatever it is called; what is no film says so in one sentence and a cure."""

from __future__ import annotations

import struct
from random import Random

import av
import pytest

from clips import probe as probing
from clips.probe import CopyBroke, NotAFilm, make_copies, probe
from tests.clips.films import turn_display


def refusal(path) -> str:
    with pytest.raises(NotAFilm) as refused:
        probe(path)
    return str(refused.value)


def test_it_counts_what_the_film_holds(film):
    facts = probe(film(seconds=3, fps=60, size=(64, 48), sound=True))
    assert (facts.container, facts.codec, facts.frame_count) == ("mp4", "h264", 180)
    assert facts.duration_s == pytest.approx(3.0)
    assert facts.fps == pytest.approx(60)
    assert (facts.width_px, facts.height_px, facts.rotation_deg) == (64, 48, 0)
    assert facts.has_audio
    assert not facts.variable_rate


@pytest.mark.parametrize(
    ("name", "codec", "kind"),
    [
        ("a.mov", "libx264", "mov"),
        ("a.avi", "mpeg4", "avi"),
        ("a.webm", "libvpx-vp9", "webm"),
        ("a.mkv", "libx264", "mkv"),
    ],
)
def test_it_tells_containers_by_their_bytes(film, name, codec, kind):
    path = film(name, codec=codec, seconds=1, fps=30)
    facts = probe(path.rename(path.with_name("film.bin")))
    assert facts.container == kind
    assert facts.frame_count == 30
    assert facts.fps == pytest.approx(30, abs=0.1)
    assert facts.duration_s == pytest.approx(1.0, abs=0.01)


def test_a_small_copy_in_the_same_file_is_not_the_film(tmp_path):
    path = tmp_path / "run.mov"
    with av.open(str(path), "w") as out:
        streams = [out.add_stream("libx264", rate=30) for _ in range(2)]
        for stream, size in zip(streams, [(64, 48), (160, 240)], strict=True):
            stream.width, stream.height = size
            for _ in range(10):
                out.mux(stream.encode(av.VideoFrame(*size, "yuv420p")))
        for stream in streams:
            out.mux(stream.encode(None))
    facts = probe(path)
    assert (facts.width_px, facts.height_px) == (160, 240)


def test_it_turns_width_and_height_with_the_files_rotation(film):
    path = film(size=(64, 48), seconds=1)
    turn_display(path, 90)
    facts = probe(path)
    assert (facts.width_px, facts.height_px) == (48, 64)
    assert facts.rotation_deg in (90, 270)


def test_it_measures_time_by_the_pictures_own_times(film):
    unsteady = [0.0]
    for k in range(60):
        unsteady.append(unsteady[-1] + (0.025 if k % 3 else 0.050))
    facts = probe(film(times=unsteady, fps=30))
    assert facts.variable_rate
    assert facts.duration_s == pytest.approx(unsteady[-1] + 0.025, abs=0.005)


def test_an_empty_file(tmp_path):
    (tmp_path / "run.mp4").touch()
    assert refusal(tmp_path / "run.mp4") == "The file is empty. Choose the film again."


def test_a_photograph_named_mp4(photograph):
    assert refusal(photograph) == "This file is not a film. Choose a film in MP4, MOV, AVI or WEBM."


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_a_photograph_of_a_phone(tmp_path, brand):
    path = tmp_path / "IMG_4711.HEIC"
    path.write_bytes(struct.pack(">I4s4sI", 16, b"ftyp", brand, 0) + struct.pack(">I4s", 64, b"meta") + bytes(56))
    assert refusal(path) == ("This file holds a single picture, not a film. Choose a film of the runner in motion.")


def test_a_text_file(tmp_path):
    path = tmp_path / "notes.mov"
    path.write_text("Tuesday: intervals, 8 × 400 m\n" * 50)
    assert refusal(path) == "This file is not a film. Choose a film in MP4, MOV, AVI or WEBM."


def test_a_playlist_that_names_other_files(tmp_path):
    path = tmp_path / "list.mp4"
    path.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    assert refusal(path) == "This file is not a film. Choose a film in MP4, MOV, AVI or WEBM."


def test_sound_only(sound_only):
    assert refusal(sound_only) == "This file holds sound only. Choose the film of the runner."


def test_a_single_picture(film):
    assert refusal(film(seconds=1 / 60)) == (
        "This file holds a single picture, not a film. Choose a film of the runner in motion."
    )


@pytest.mark.parametrize("name", ["run.mp4", "run.avi", "run.webm"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_film_whose_end_is_missing(film, name, share):
    codec = {"avi": "mpeg4", "webm": "libvpx-vp9"}.get(name[-4:].lstrip("."), "libx264")
    path = film(name, codec=codec, seconds=1)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert refusal(path) == "The film is incomplete: its end is missing. Copy it from the phone again."


def test_a_damaged_film(film):
    path = film(seconds=1)
    data = bytearray(path.read_bytes())
    inside = data.index(b"moov") + 4
    data[inside : inside + 400] = b"\xff" * 400
    path.write_bytes(data)
    assert refusal(path) == "The film is damaged and cannot be read. Copy it from the phone again."


def test_a_decoder_that_hangs_is_ended(film, monkeypatch):
    monkeypatch.setattr(probing, "PROBE_S", 0.01)
    assert refusal(film(seconds=1)) == "The film is damaged and cannot be read. Copy it from the phone again."


def test_no_secret_reaches_the_process_that_opens_the_film(film, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    seen = {}
    run = probing.subprocess.run

    def watched(*args, **options):
        seen.update(options["env"])
        return run(*args, **options)

    monkeypatch.setattr(probing.subprocess, "run", watched)
    probe(film(seconds=1))
    assert set(seen) == {"PATH", "LANG"}


def test_a_film_whose_clock_stands_still(film):
    path = film("run.avi", codec="mpeg4", seconds=1, fps=30)
    data = bytearray(path.read_bytes())
    at = data.index(b"strh") + 8 + 20  # scale and rate of the stream: a thousand seconds for each picture
    data[at : at + 8] = struct.pack("<II", 1000, 1)
    path.write_bytes(data)
    assert refusal(path) == "The film is damaged and cannot be read. Copy it from the phone again."


@pytest.mark.parametrize("seed", range(12))
def test_whatever_the_bytes_are_there_is_an_answer(film, seed):
    """A broken file is a film or a sentence, never a crash that leaves a person without either."""
    random = Random(seed)
    name, codec = [("run.mp4", "libx264"), ("run.avi", "mpeg4"), ("run.webm", "libvpx-vp9")][seed % 3]
    path = film(name, codec=codec, seconds=0.4, fps=30)
    data = bytearray(path.read_bytes())
    for _ in range(20):
        at = random.randrange(12, len(data) - 4)
        data[at : at + 4] = random.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", random.randbytes(4)])
    path.write_bytes(data)
    try:
        facts = probe(path)
    except NotAFilm as refused:
        answer = str(refused)
    else:
        assert min(facts.fps, facts.duration_s, facts.width_px, facts.height_px) > 0
        answer = "a film"
    assert answer == "a film" or answer in {probing.reason(code) for code in probing.REASONS}


def test_a_copy_that_fails_for_another_reason_than_the_film_can_be_tried_again(film, tmp_path):
    with pytest.raises(CopyBroke):
        make_copies(film(seconds=0.5), tmp_path / "no such folder" / "review.mp4", tmp_path / "still.jpg")

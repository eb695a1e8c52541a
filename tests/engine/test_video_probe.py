"""What a film says about itself, and which files are no film to measure."""

import shutil
import struct
from contextlib import suppress
from fractions import Fraction
from random import Random

import av
import cv2
import pytest

from engine.order import Refused
from engine.texts import text
from engine.video import MIN_PICTURES, pictures, probe
from tests.engine.small_films import make_film, make_sound, picture

KINDS = [
    ("film.mp4", "libx264", {}),
    ("film.mov", "libx264", {}),
    ("film.avi", "mpeg4", {}),
    ("film.webm", "libvpx", {"deadline": "realtime"}),
    ("film.mp4", "libx264", {"movflags": "frag_keyframe+empty_moov"}),
]


@pytest.mark.parametrize(("name", "codec", "options"), KINDS)
def test_every_allowed_container_is_read_by_content_not_by_name(tmp_path, name, codec, options):
    made = make_film(tmp_path / name, codec=codec, pictures=20, fps=25, options=options)
    film = probe(shutil.move(made, tmp_path / "upload"))
    assert (film.width_px, film.height_px, film.frame_count) == (160, 96, 20)
    assert film.fps == pytest.approx(25, rel=0.01)
    assert film.duration_s == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_film_is_as_wide_as_it_is_shown(tmp_path, rotation):
    film = probe(make_film(tmp_path / "film.mp4", rotation=rotation))
    assert (film.width_px, film.height_px) == ((160, 96) if rotation == 180 else (96, 160))


def test_at_a_variable_rate_the_duration_comes_from_the_times(tmp_path):
    ticks = [0, 33, 67, 100, 180, 200, 233, 300, 333, 367]
    film = probe(make_film(tmp_path / "film.mp4", pictures=10, ticks=ticks))
    assert film.duration_s == pytest.approx(0.367 + 1 / film.fps, abs=0.002)


def test_the_millisecond_clock_of_webm_bends_no_frame_rate(tmp_path):
    film = probe(make_film(tmp_path / "film.webm", codec="libvpx", pictures=30, options={"deadline": "realtime"}))
    assert film.fps == pytest.approx(30, abs=0.05)


def _taken(path, fps):
    return make_film(path, pictures=24, metadata={"com.android.capture.fps": fps})


def test_slow_motion_that_says_so_is_read_at_its_true_speed(tmp_path):
    path = _taken(tmp_path / "film.mp4", "240.000000")
    film = probe(path)
    assert (film.fps, film.duration_s) == (pytest.approx(240), pytest.approx(0.1))
    assert [item.time_s for item in pictures(path, threads=1)] == pytest.approx([at / 240 for at in range(24)])


def test_a_capture_rate_in_binary_is_read_as_well(tmp_path):
    path = _taken(tmp_path / "film.mp4", "240f")
    film = bytearray(path.read_bytes())
    at = film.index(b"240f")
    film[at - 8 : at + 4] = struct.pack(">IIf", 23, 0, 240.0)  # the type of a number, as Android writes it
    path.write_bytes(film)
    assert probe(path).fps == pytest.approx(240)


@pytest.mark.parametrize("fps", ["30", "60", "24.5", "nan", "inf", "1e9", "-240", "many"])
def test_a_capture_rate_near_the_films_own_or_none_at_all_changes_nothing(tmp_path, fps):
    film = probe(_taken(tmp_path / "film.mp4", fps))
    assert (film.fps, film.duration_s) == (pytest.approx(30), pytest.approx(0.8))


def _refused(path, language="en"):
    with pytest.raises(Refused) as refusal:
        probe(path, language)
    return refusal.value.code, refusal.value.text


def test_a_film_that_cannot_be_wound_back_is_probed_all_the_same(tmp_path):
    ticks = [33 * at - 495 for at in range(30)]
    film = make_film(tmp_path / "early.mkv", pictures=30, ticks=ticks, options={"avoid_negative_ts": "disabled"})
    assert probe(film).frame_count == 30


def test_an_empty_file(tmp_path):
    path = tmp_path / "film.mp4"
    path.touch()
    assert _refused(path) == ("film_empty", "The file is empty. Send the film again.")


@pytest.mark.parametrize("kind", ["jpeg", "text", "noise", "playlist"])
def test_a_file_that_is_no_film_whatever_its_name(tmp_path, kind):
    path = tmp_path / "film.mp4"
    contents = {
        "jpeg": cv2.imencode(".jpg", picture(0, 160, 96))[1].tobytes(),
        "text": b"dear coach, here is my film, see you on Monday",
        "noise": bytes(range(1, 256)) * 40,
        "playlist": b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/secret.ts\n",
    }
    path.write_bytes(contents[kind])
    text = "This file is not a film we can read. Send an MP4, MOV, AVI or WEBM film."
    assert _refused(path) == ("not_a_film", text)


def test_a_film_without_pictures(tmp_path):
    path = make_sound(tmp_path / "film.mp4")
    assert _refused(path) == ("no_picture", "The file has sound but no picture. Send the film itself.")


def test_a_film_of_one_picture(tmp_path):
    path = make_film(tmp_path / "film.mp4", pictures=1)
    text = "The file holds a single picture, not a film. Send a film of a few seconds."
    assert _refused(path) == ("too_few_pictures", text)


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_a_photograph_of_a_phone(tmp_path, brand):
    path = tmp_path / "IMG_4711.HEIC"
    path.write_bytes(struct.pack(">I4s4sI", 16, b"ftyp", brand, 0) + struct.pack(">I4s", 64, b"meta") + bytes(56))
    assert _refused(path)[0] == "too_few_pictures"


@pytest.mark.parametrize("options", [{}, {"movflags": "faststart"}], ids=["index last", "index first"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_film_whose_upload_broke_off(tmp_path, options, share):
    path = make_film(tmp_path / "film.mp4", options=options)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert _refused(path) == ("film_incomplete", "The film is incomplete: the file ends too early. Send it again.")


def test_a_recording_that_was_never_ended(tmp_path):
    path = make_film(tmp_path / "film.mp4")
    path.write_bytes(path.read_bytes().partition(b"moov")[0][:-4])  # the index is written last
    assert _refused(path) == ("film_incomplete", "The film is incomplete: the file ends too early. Send it again.")


def test_a_film_whose_contents_are_garbage(tmp_path):
    path = make_film(tmp_path / "film.mp4")
    before, name, index = path.read_bytes().partition(b"moov")
    path.write_bytes(before + name + b"\xff" * len(index))
    text = "The film is damaged or uses an unknown format. Save it as MP4 (H.264) and send it again."
    assert _refused(path) == ("film_unreadable", text)


def test_a_film_in_a_code_nobody_here_reads(tmp_path):
    path = make_film(tmp_path / "film.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz").replace(b"avcC", b"zzzC"))
    text = "The film is damaged or uses an unknown format. Save it as MP4 (H.264) and send it again."
    assert _refused(path) == ("film_unreadable", text)


@pytest.mark.parametrize("seed", range(20))
def test_a_film_with_a_damaged_index_is_read_or_refused(tmp_path, seed):
    random = Random(seed)
    path = make_film(tmp_path / "film.mp4", pictures=8)
    film = bytearray(path.read_bytes())
    for _ in range(3):
        at = random.randrange(film.index(b"moov") + 4, len(film) - 4)
        film[at : at + 4] = random.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", random.randbytes(4)])
    path.write_bytes(film)
    with suppress(Refused):
        assert probe(path).fps > 0
        assert len(list(pictures(path, 1))) >= MIN_PICTURES


@pytest.mark.parametrize(
    ("name", "codec", "size", "pixels_wide"),
    [("film.webm", "libvpx", (1, 1), 1), ("film.mp4", "libx264", (1920, 1080), 255)],
    ids=["a point", "a bomb"],
)
def test_a_film_of_a_size_no_camera_has(tmp_path, name, codec, size, pixels_wide):
    path = tmp_path / name
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=30)
        stream.width, stream.height = size
        stream.codec_context.sample_aspect_ratio = Fraction(pixels_wide)
        for _ in range(2):
            file.mux(stream.encode(av.VideoFrame(*size, "yuv420p")))
        file.mux(stream.encode(None))
    assert _refused(path)[0] == "film_unreadable"


def test_a_film_that_is_far_too_long(tmp_path):
    path = make_film(tmp_path / "film.mp4", pictures=62, fps=1)
    assert _refused(path) == ("film_too_long", "The film is 62 s long. Cut it to 60 s or less.")


def test_a_file_is_refused_in_the_language_that_was_ordered(tmp_path):
    (tmp_path / "film.mp4").touch()
    assert _refused(tmp_path / "film.mp4", "de")[1] == text("refusal.film_empty", "de")


def test_a_probe_of_a_film_with_sound_looks_at_the_picture(tmp_path):
    path = make_film(tmp_path / "film.mp4", sound=True)
    with av.open(str(path)) as file:
        assert file.streams.audio
    assert probe(path).frame_count == 20

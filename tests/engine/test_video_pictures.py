"""Pictures come upright, at their own times, in order; small copies and written films hold the same pictures."""

import gc
import tracemalloc
from fractions import Fraction

import av
import numpy as np
import pytest

from engine.film_writing import Copies, FilmWriter
from engine.order import Refused
from engine.video import Picture, fitting, pictures, probe
from tests.engine.small_films import GROUND, SQUARE, codec_of, make_film, picture, turn


def _square_px(luma):
    """Centre (x, y) of the bright square."""
    rows, columns = np.nonzero(luma > 140)
    return columns.mean() + 0.5, rows.mean() + 0.5


def test_pictures_come_in_order_with_their_own_times(tmp_path):
    ticks = [0, 33, 67, 100, 180, 200, 233, 300, 333, 367]
    found = list(pictures(make_film(tmp_path / "film.mp4", pictures=10, ticks=ticks), threads=2))
    assert [item.index for item in found] == list(range(10))
    assert [item.time_s * 1000 for item in found] == pytest.approx(ticks, abs=0.1)
    assert _square_px(found[5].y) == pytest.approx((36, 16), abs=0.6)


def test_times_start_at_zero_even_when_the_film_does_not(tmp_path):
    found = list(pictures(make_film(tmp_path / "film.mp4", pictures=4, ticks=[500, 533, 567, 600]), threads=1))
    assert [item.time_s for item in found] == pytest.approx([0, 0.033, 0.067, 0.1], abs=1e-4)


# The square of the first picture lies at (16, 16) of 160 x 96 as stored; rotation counts counter-clockwise.
@pytest.mark.parametrize(("rotation", "place"), [(0, (16, 16)), (90, (16, 144)), (180, (144, 80)), (270, (80, 16))])
def test_a_turned_film_is_decoded_upright(tmp_path, rotation, place):
    first = next(iter(pictures(make_film(tmp_path / "film.mp4", rotation=rotation), threads=1)))
    assert first.size_px == ((96, 160) if rotation % 180 else (160, 96))
    assert _square_px(first.y) == pytest.approx(place, abs=0.6)
    assert _square_px(first.rgb()[:, :, 1]) == pytest.approx(place, abs=0.6)


# Where a step to the right and a step down lead, and where the square (stored at the top left) then stands.
MIRRORED = [
    ((-1, 0), (0, 1), (144, 16)),
    ((1, 0), (0, -1), (16, 80)),
    ((0, 1), (1, 0), (16, 16)),
    ((0, -1), (-1, 0), (80, 144)),
]


@pytest.mark.parametrize(("across", "down", "place"), MIRRORED)
def test_a_film_that_is_to_be_shown_in_the_mirror_is_decoded_so(tmp_path, across, down, place):
    first = next(iter(pictures(turn(make_film(tmp_path / "film.mp4"), across, down), threads=1)))
    assert _square_px(first.y) == pytest.approx(place, abs=0.6)


FORMATS = [("libx264", "yuv420p"), ("libx264", "yuvj420p"), ("libx265", "yuv420p10le"), ("libx264", "yuv444p")]


@pytest.mark.parametrize(("codec", "pixels"), FORMATS)
def test_colours_come_out_alike_from_every_pixel_format(tmp_path, codec, pixels):
    first = next(iter(pictures(make_film(tmp_path / "film.mp4", codec=codec, pixels=pixels, pictures=3), threads=1)))
    rgb = first.rgb().astype(int)
    assert rgb[60, 100] == pytest.approx([GROUND] * 3, abs=4)
    assert rgb[16, 16] == pytest.approx([SQUARE] * 3, abs=6)


# Luma of 10 bits for black, a face, white paper and the sun behind it: BT.2100, and 18, 16 as its codes.
@pytest.mark.parametrize(("transfer", "luma"), [(18, [64, 589, 721, 940]), (16, [64, 494, 573, 940])])
def test_a_film_of_a_wide_range_of_light_is_as_bright_as_a_usual_one(tmp_path, transfer, luma):
    path = tmp_path / "film.mov"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx265", rate=30, options={"crf": "4", "x265-params": "log-level=error"})
        stream.width, stream.height, stream.pix_fmt = 128, 64, "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc = 9, 9, transfer
        for _ in range(3):
            shown = av.VideoFrame(128, 64, "yuv420p10le")
            for plane, value in zip(shown.planes, [np.repeat(luma, 32), 512, 512], strict=True):
                plane.update(np.full((plane.height, plane.line_size // 2), value, np.uint16).tobytes())
            file.mux(stream.encode(shown))
        file.mux(stream.encode(None))
    bands = next(iter(pictures(path, threads=1))).y.reshape(64, 4, 32).mean((0, 2))
    assert bands == pytest.approx([16, 168, 235, 235], abs=4)
    assert probe(path).colours == (9, 9, 1)  # what is written from these pictures is a usual film


def test_the_annotated_film_of_an_rgb_film_does_not_call_itself_rgb(tmp_path):
    film = probe(make_film(tmp_path / "film.mp4", codec="libx264rgb", pixels="rgb24", pictures=3))
    with FilmWriter(tmp_path / "out.mp4", film, 160, 96, threads=1) as out:
        for item in pictures(tmp_path / "film.mp4", threads=1):
            out.write(item)
    with av.open(str(tmp_path / "out.mp4")) as written:
        assert written.streams.video[0].codec_context.colorspace == 2  # not named


def test_an_avi_keeps_its_pictures_where_they_lean_on_later_ones(tmp_path):
    film = make_film(tmp_path / "film.avi", pictures=24, encoder={"bf": "3", "x264-params": "bframes=3:b-adapt=0"})
    found = list(pictures(film, threads=1))
    assert [_square_px(item.y)[0] for item in found] == pytest.approx([16 + 4 * at for at in range(24)], abs=0.6)
    assert [item.time_s for item in found] == pytest.approx([at / 30 for at in range(24)], abs=1e-6)


def test_a_picture_that_was_read_is_let_go_at_once(tmp_path):
    def held():
        return sum(type(one) is av.VideoFrame for one in gc.get_objects())

    film = make_film(tmp_path / "run.mp4", pictures=40)
    gc.disable()
    try:
        second, last = [held() for item in pictures(film, threads=1) if item.index in (1, 39)]
    finally:
        gc.enable()
    assert last <= second + 1


def test_of_two_streams_the_film_itself_is_read(tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as file:
        cover, film = file.add_stream("mjpeg", rate=1), file.add_stream("libx264", rate=30)
        cover.width, cover.height, cover.pix_fmt = 32, 32, "yuvj420p"
        film.width, film.height, film.pix_fmt = 160, 96, "yuv420p"
        for index in range(10):
            shown = av.VideoFrame.from_ndarray(np.full((96, 160, 3), 20 * index, np.uint8), format="rgb24")
            file.mux(film.encode(shown))
        file.mux(cover.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        for stream in (film, cover):
            file.mux(stream.encode(None))
    assert (probe(path).width_px, probe(path).frame_count) == (160, 10)
    assert [item.size_px for item in pictures(path, threads=1)] == [(160, 96)] * 10


def test_a_film_that_changes_its_size_is_read_in_its_first_one(tmp_path):
    path = tmp_path / "film.avi"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuvj420p"
        for index, size in enumerate([(96, 160), (96, 160), (48, 80), (48, 80)]):
            one = av.CodecContext.create("mjpeg", "w")
            one.height, one.width, one.pix_fmt, one.time_base = *size, "yuvj420p", Fraction(1, 30)
            grey = av.VideoFrame.from_ndarray(np.full((*size, 3), 200, np.uint8), format="rgb24")
            for packet in [*one.encode(grey.reformat(format="yuvj420p")), *one.encode(None)]:
                packet.stream, packet.pts, packet.dts = stream, index, index
                file.mux(packet)
    found = list(pictures(path, threads=1))
    assert [item.size_px for item in found] == [(160, 96)] * 4
    assert found[3].y.mean() == pytest.approx(found[0].y.mean(), abs=2)


def test_a_picture_of_odd_size_is_read(tmp_path):
    path = make_film(tmp_path / "film.mp4", size=(161, 97), pixels="yuv444p")
    first = next(iter(pictures(path, threads=1)))
    assert first.size_px == (161, 97)
    assert first.rgb().shape == (96, 160, 3)
    assert first.scaled(80, 48).size_px == (80, 48)


def test_of_a_picture_taken_in_two_halves_one_is_shown(tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"crf": "8", "flags": "+ildct+ilme"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for index in range(10):
            both = picture(2 * index, 160, 96)
            both[1::2] = picture(2 * index + 1, 160, 96)[1::2]  # taken half a picture later
            file.mux(stream.encode(av.VideoFrame.from_ndarray(both, format="rgb24")))
        file.mux(stream.encode(None))
    for item in pictures(path, threads=1):
        assert item.size_px == (160, 96)
        assert np.ptp(item.y[10:22], axis=0).max() < 40  # no comb at the square's edges
        assert _square_px(item.y)[0] == pytest.approx(16 + 8 * item.index, abs=0.6)


def test_a_damaged_middle_costs_only_its_own_pictures(tmp_path):
    path = make_film(tmp_path / "film.avi", codec="mjpeg", pixels="yuvj420p", pictures=20)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    times = [item.time_s for item in pictures(path, threads=1)]
    assert 15 <= len(times) <= 20
    assert times[-1] == pytest.approx(19 / 30, abs=0.04)


def test_a_film_whose_pictures_cannot_be_decoded_is_refused(tmp_path):
    path = make_film(tmp_path / "film.mp4")
    data = bytearray(path.read_bytes())
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[start:end] = bytes(end - start)
    path.write_bytes(data)
    with pytest.raises(Refused) as refusal:
        list(pictures(path, threads=1))
    assert refusal.value.code == "film_unreadable"


def test_copies_hold_the_same_pictures_smaller(tmp_path):
    path = make_film(tmp_path / "film.mp4", size=(320, 192))
    with Copies(160, 96, tmp_path) as copies:
        for item in pictures(path, threads=1):
            copies.add(item)
        found = list(copies)
    assert len(found) == len(copies) == 20
    assert [item.index for item in found] == list(range(20))
    assert found[7].time_s == pytest.approx(7 / 30, abs=1e-4)
    assert _square_px(found[10].y) == pytest.approx((28, 8), abs=1)


def test_a_written_film_keeps_times_and_pictures_and_can_be_stepped(tmp_path):
    ticks = [0, 33, 67, 100, 180, 200, 233, 300, 333, 367]
    path = make_film(tmp_path / "film.mp4", pictures=10, ticks=ticks)
    film = probe(path)
    with FilmWriter(tmp_path / "out.mp4", film, 160, 96, threads=1) as writer:
        for item in pictures(path, threads=1):
            writer.write(item)
    assert codec_of(tmp_path / "out.mp4") == "h264"
    again = list(pictures(tmp_path / "out.mp4", threads=1))
    assert [item.time_s * 1000 for item in again] == pytest.approx(ticks, abs=0.1)
    assert _square_px(again[9].y) == pytest.approx((52, 16), abs=1)
    data = (tmp_path / "out.mp4").read_bytes()
    assert data[4:12] == b"ftypisom"  # an MP4
    assert data.index(b"moov") < data.index(b"mdat")  # plays before it is loaded


@pytest.mark.parametrize(
    ("size", "fitted"), [((1920, 1080), (1280, 720)), ((1080, 1920), (720, 1280)), ((640, 361), (640, 360))]
)
def test_the_annotated_film_is_at_most_720_lines(size, fitted):
    assert fitting(*size, 720) == fitted


def test_a_copy_of_what_moves_fast_is_whole(tmp_path):
    shown = []
    cloth = np.random.default_rng(1).integers(90, 160, (400, 80), np.uint8)
    with Copies(360, 640, tmp_path) as copies:
        for index in range(40):
            left = 120 + round(60 * np.sin(index / 3))
            luma, blue = np.full((640, 360), 200, np.uint8), np.full((320, 180), 128, np.uint8)
            luma[100:500, left : left + 80] = cloth
            luma[450:600, 40 + 3 * index : 90 + 3 * index] = 30
            shown.append(luma)
            copies.add(Picture(index, index / 30, luma, blue, blue))
        torn = [(np.abs(luma.astype(int) - copy.y) > 25).mean() for luma, copy in zip(shown, copies, strict=True)]
    assert max(torn) == pytest.approx(0, abs=0.001)


def test_copies_take_no_more_memory_the_more_they_are(tmp_path):
    grain = np.random.default_rng(1).integers(0, 256, (480, 320), np.uint8)
    tracemalloc.start()
    try:
        with Copies(320, 320, tmp_path) as copies:
            for index in range(100):
                copies.add(Picture.unpacked(np.roll(grain, index), index, index / 30))
            last = [picture.index for picture in copies][-1]
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert last == 99
    assert most < 5e6  # raw, they are 15 MB, and coded no less

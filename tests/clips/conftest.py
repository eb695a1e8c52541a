"""Small films and files that are none."""

from __future__ import annotations

import av
import pytest

from tests.clips.films import write_film, write_sound


@pytest.fixture
def film(tmp_path):
    """Make a film: `film(seconds=3, fps=60, size=(64, 48), ...)`."""

    def make(name="run.mp4", **kind):
        return write_film(tmp_path / name, **kind)

    return make


@pytest.fixture
def sound_only(tmp_path):
    path = tmp_path / "voice.mp4"
    with av.open(str(path), "w") as out:
        write_sound(out, out.add_stream("aac", rate=48000), 1.0)
    return path


@pytest.fixture
def photograph(tmp_path):
    """A JPEG picture that calls itself a film."""
    path = tmp_path / "holiday.mp4"
    with av.open(str(path), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        out.mux(stream.encode(av.VideoFrame(64, 48, "yuvj420p")))
        out.mux(stream.encode(None))
    return path

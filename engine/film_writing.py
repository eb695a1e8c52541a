"""Films out: small copies of all pictures to draw on, and the H.264 film they become."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import av

from engine.video import Picture, Probe


class Copies:
    """Small copies of all pictures, kept on disk until closed, as a light MPEG-4 stream in a nameless file of `folder`.

    The annotated film is drawn at the end, when the points are clean. Decoding the film again would cost as much as
    reading it did; raw copies of 600 pictures would fill 800 MB. MPEG-4 costs 4 ms in and 2 ms out a 720p picture and
    50 KB (drawn) to 200 KB (a grainy real one): in memory, ten seconds at 240 pictures a second would be 480 MB.
    H.264 at its fastest took twice that time, JPEG more room.
    """

    QUANTISER = "2"  # the finest: no visible loss before the final encoding

    def __init__(self, width: int, height: int, folder: Path) -> None:
        self.size_px = (width, height)
        self._encoder: Any = av.CodecContext.create("mpeg4", "w")
        self._encoder.width, self._encoder.height, self._encoder.pix_fmt = width, height, "yuv420p"
        self._encoder.time_base = Fraction(1, 30)  # only counts the copies; their times are kept apart
        self._encoder.options = {"qmin": self.QUANTISER, "qmax": self.QUANTISER}
        self._encoder.gop_size = 1  # each whole in itself: what it writes as a change to the one before comes out torn
        self._encoder.thread_count = 1  # the copies are made beside the pose model, which has the other cores
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - open as long as the copies are wanted
        self._lengths: list[int] = []
        self._times: list[float] = []

    def add(self, picture: Picture) -> None:
        """Keep a copy of the next picture."""
        frame = av.VideoFrame.from_numpy_buffer(picture.scaled(*self.size_px).packed(), format="yuv420p")
        frame.pts = len(self._times)
        self._times.append(picture.time_s)
        self._keep(self._encoder.encode(frame))

    def __len__(self) -> int:
        return len(self._times)

    def __iter__(self) -> Iterator[Picture]:
        """The copies in order, each free to be drawn on; to be asked for once, after the last `add`."""
        self._keep(self._encoder.encode(None))
        self._file.seek(0)
        packets = (av.Packet(self._file.read(length)) for length in self._lengths)
        decoder: Any = av.CodecContext.create("mpeg4", "r")
        frames = (frame for packet in chain(packets, [None]) for frame in decoder.decode(packet))
        for index, frame in enumerate(frames):
            yield Picture.unpacked(frame.to_ndarray(), index, self._times[index])

    def _keep(self, packets: list[Any]) -> None:
        for packet in packets:
            self._lengths.append(self._file.write(bytes(packet)))

    def __enter__(self) -> Copies:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class FilmWriter:
    """Writes an H.264 film every browser plays, ready to be stepped picture by picture."""

    CLOCK = Fraction(1, 90_000)  # fine enough for every camera's own times
    KEY_PICTURE_S = 0.25  # a step backwards decodes at most this much

    def __init__(self, path: Path, film: Probe, width: int, height: int, threads: int) -> None:
        self._file: Any = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._stream = self._file.add_stream("libx264", rate=Fraction(film.fps).limit_denominator(1001))
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        # As sharp as "superfast" (47 dB on a real treadmill film) in half the time, for a third more room.
        self._stream.options = {"preset": "ultrafast", "crf": "23", "bf": "0"}
        context = self._stream.codec_context
        context.gop_size = max(1, round(film.fps * self.KEY_PICTURE_S))
        context.time_base = self.CLOCK
        context.thread_count = threads
        context.colorspace, context.color_primaries, context.color_trc = film.colours

    def write(self, picture: Picture) -> None:
        """Add the next picture at its own time."""
        frame = av.VideoFrame.from_numpy_buffer(picture.packed(), format="yuv420p")
        frame.pts = round(picture.time_s / self.CLOCK)
        frame.time_base = self.CLOCK
        self._file.mux(self._stream.encode(frame))

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.mux(self._stream.encode(None))
        self._file.close()

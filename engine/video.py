"""Films in: probe, refuse early, decode upright pictures with their own times. What is written: film_writing.py.

The only file that reads films. A picture stays in the decoder's own planes (Y, U, V) and is copied whole
only to be turned: what needs colours asks for the small part it needs. Time is always the presentation time, never a
frame number over a rate.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from av.sidedata.sidedata import Type
from av.stream import Disposition
from numpy.typing import NDArray

from engine.texts import refused
from engine.tone import USUAL, WIDE, usual_luma

U8 = NDArray[np.uint8]

MAX_DURATION_S = 60.0  # ours: six times the contract's limit; more is no clip of a run but a mistake
MIN_PICTURES = 2
MIN_SIDE_PX, MAX_PICTURE_PX = 2, 40_000_000  # ours: 8K is 33 million; more is no camera's film but a bomb
UNSPECIFIED = 2  # the code of a colour space nobody names; 0 is RGB, which is no colour space of Y, U and V
# Where Android says how many pictures a second the camera took. Ours: three times the film's own rate is slow motion; a
# camera set to 60 that takes 24 in the dark says 60 as well.
TAKEN_FPS, SLOWED_FROM, MOST_SLOWED = "com.android.capture.fps", 3.0, 64.0
MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
PHOTOGRAPHS = (b"heic", b"heix", b"mif1", b"avif")  # phones keep them in the boxes of an MP4, without a film's index


@dataclass(frozen=True)
class Probe:
    """What a film says about itself, counted from its packets rather than believed from its header."""

    width_px: int  # as shown, after rotation
    height_px: int
    duration_s: float  # from the first picture to the end of the last
    fps: float
    frame_count: int
    colours: tuple[int, int, int]  # colour space, primaries and transfer codes, carried over to the annotated film


@dataclass(frozen=True)
class Picture:
    """One upright picture: luma (h, w) and chroma (h/2, w/2) as views on the decoder's memory, video range."""

    index: int
    time_s: float
    y: U8
    u: U8
    v: U8

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height as shown."""
        return self.y.shape[1], self.y.shape[0]

    def rgb(self) -> U8:
        """The whole picture in RGB, (h, w, 3); dear, so only for the detector and the thumbnail."""
        height, width = self.y.shape[0] // 2 * 2, self.y.shape[1] // 2 * 2
        parts = (self.y[:height, :width], self.u[: height // 2, : width // 2], self.v[: height // 2, : width // 2])
        packed = np.concatenate([np.ascontiguousarray(part).ravel() for part in parts])
        return np.asarray(cv2.cvtColor(packed.reshape(height * 3 // 2, width), cv2.COLOR_YUV2RGB_I420), np.uint8)

    def scaled(self, width: int, height: int) -> Picture:
        """A copy of width x height (even numbers), packed: see `packed`."""
        # An area filter is slow for small factors, where linear sampling does not alias visibly.
        how = cv2.INTER_AREA if self.y.shape[1] >= 2 * width else cv2.INTER_LINEAR
        small = Picture.unpacked(np.empty((height * 3 // 2, width), np.uint8), self.index, self.time_s)
        for part, to in ((self.y, small.y), (self.u, small.u), (self.v, small.v)):
            cv2.resize(part, to.shape[::-1], dst=to, interpolation=how)
        return small

    def packed(self) -> U8:
        """The three planes in one array (h * 3/2, w), as encoders take them; of a packed picture without a copy."""
        if self.y.base is not None and self.y.base is self.v.base and isinstance(self.y.base, np.ndarray):
            whole = self.y.base
            if whole.shape == (self.y.shape[0] * 3 // 2, self.y.shape[1]):
                return whole
        parts = [np.ascontiguousarray(part).ravel() for part in (self.y, self.u, self.v)]
        return np.concatenate(parts).reshape(self.y.shape[0] * 3 // 2, self.y.shape[1])

    @classmethod
    def unpacked(cls, whole: U8, index: int, time_s: float) -> Picture:
        """The picture whose planes lie one after the other in (h * 3/2, w); writing to them writes to `whole`."""
        height, width = whole.shape[0] * 2 // 3, whole.shape[1]
        y = whole[:height]
        u, v = whole[height:].reshape(2, height // 2, width // 2)
        return cls(index, time_s, y, u, v)


def probe(path: Path, language: str = "en") -> Probe:
    """Read what the film is, decoding one picture of it; raise Refused when it is no film that could be measured."""
    with _opened(path, language) as container:
        stream = _video_stream(container, language)
        times = _packet_times(container, stream)
        if len(times) < MIN_PICTURES:
            raise refused("too_few_pictures", language)
    # Opened anew: not every file can be wound back, one whose times begin below zero cannot.
    with _opened(path, language) as container:
        stream = _video_stream(container, language)
        first = next(_decoded(container, stream), None)
        if first is None:
            raise refused("film_unreadable", language)
        rotation = _rotation(first)
        width, height = _shown_size(first, stream.sample_aspect_ratio)
        if min(width, height) < MIN_SIDE_PX or width * height > MAX_PICTURE_PX:
            raise refused("film_unreadable", language)
        context = stream.codec_context
        colours = (
            context.colorspace or UNSPECIFIED,
            context.color_primaries,
            USUAL if context.color_trc in WIDE else context.color_trc,
        )
    duration_s, fps = _duration_and_rate(times)
    if duration_s > MAX_DURATION_S:
        raise refused("film_too_long", language, seconds=round(duration_s), limit=round(MAX_DURATION_S))
    if rotation % 180:
        width, height = height, width
    return Probe(width, height, duration_s, fps, len(times), colours)


def pictures(path: Path, threads: int, language: str = "en") -> Iterator[Picture]:
    """Decode the film once, in order; damaged pictures are left out, the times of the others stay right.

    Times start at 0 with the first picture and are those of the run, also where the film says that it is slow motion.
    Raises Refused when nothing can be decoded.
    """
    with _opened(path, language) as container:
        stream = _video_stream(container, language)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        step_s = 1 / float(stream.average_rate or stream.guessed_rate or 30)
        slowed_by = _slowed_by(container, stream)
        start_s: float | None = None
        last_s = -step_s
        index = 0
        size: tuple[int, int] | None = None
        mirrored = False
        for frame in _decoded(container, stream):
            # An AVI holds no presentation times: what stands in for them is wrong where pictures lean on later ones.
            ticks = frame.dts if container.format.name == "avi" else frame.pts
            time_s = float(ticks * frame.time_base) if ticks is not None else last_s + step_s + (start_s or 0)
            start_s = time_s if start_s is None else start_s
            if index and time_s - start_s <= last_s:
                continue  # two pictures at one instant: the second would make speeds infinite
            last_s = time_s - start_s
            # A browser that records may change the size half-way: all pictures are shown in the first one's.
            size = size or _shown_size(frame, stream.sample_aspect_ratio)
            mirrored = mirrored if index else _mirrored(frame)
            rotation = _rotation(frame)
            planes = (_upright(plane, rotation, mirrored=mirrored) for plane in _planes(frame, size))
            yield Picture(index, last_s / slowed_by, *planes)
            index += 1
        if index < MIN_PICTURES:
            raise refused("film_unreadable", language)


def _opened(path: Path, language: str) -> Any:
    """Open the film with the one demuxer its first bytes name: nothing is guessed, no playlist is ever followed."""
    with path.open("rb") as file:
        demuxer = _demuxer(file, language)
    try:
        return av.open(str(path), format=demuxer, metadata_errors="ignore")
    except av.FFmpegError as error:
        raise refused("film_unreadable", language) from error


def _demuxer(file: BinaryIO, language: str) -> str:
    head = file.read(16)
    if not head:
        raise refused("film_empty", language)
    if head[4:8] == b"ftyp" and head[8:12] in PHOTOGRAPHS:
        raise refused("too_few_pictures", language)
    if head[4:8] in MP4_BOXES:
        if not _boxes_complete(file):
            raise refused("film_incomplete", language)
        return "mov"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    raise refused("not_a_film", language)


def _boxes_complete(file: BinaryIO) -> bool:
    """Whether the index of an MP4 is there and every top-level box ends inside the file: a broken upload ends in the
    middle of one, a broken recording before the index."""
    end = file.seek(0, 2)
    position, has_index = 0, False
    while position + 8 <= end:
        file.seek(position)
        size, name = struct.unpack(">I4s", file.read(8))
        has_index = has_index or name == b"moov"
        if size == 1:
            long_size = file.read(8)
            size = struct.unpack(">Q", long_size)[0] if len(long_size) == 8 else end + 1
        if size < 8:
            return has_index  # the last box reaches to the end, whatever that is; or padding follows behind it
        position += size
    return has_index and position <= end


def _video_stream(container: Any, language: str) -> Any:
    # A cover picture inside an audio file is a video stream too: of one picture, and refused as such.
    if not container.streams.video:
        raise refused("no_picture" if container.streams.audio else "film_unreadable", language)
    stream = max(container.streams.video, key=_likely_the_film)
    if stream.codec_context is None:
        raise refused("film_unreadable", language)
    return stream


def _likely_the_film(stream: Any) -> tuple[bool, bool, int]:
    """How a film ranks among the streams of a file: before covers, single pictures and small copies of itself."""
    cover = bool(stream.disposition & Disposition.attached_pic)
    known = stream.codec_context  # None where nobody here can read it
    return not cover, stream.frames != 1, known.width * known.height if known else 0


def _packet_times(container: Any, stream: Any) -> NDArray[np.float64]:
    """When all pictures were taken in seconds, sorted, without decoding any."""
    slowed_by = _slowed_by(container, stream)
    ticks: list[int | None] = []
    try:
        for packet in container.demux(stream):
            if packet.size and not packet.is_discard:
                ticks.append(packet.pts if packet.pts is not None else packet.dts)
    except av.FFmpegError:
        # A damaged tail: what was read so far is the film.
        pass
    if any(tick is None for tick in ticks):
        rate = float(stream.average_rate or stream.guessed_rate or 30)
        return np.arange(len(ticks)) / rate / slowed_by
    return np.sort(np.array(ticks, float)) * float(stream.time_base) / slowed_by


def _slowed_by(container: Any, stream: Any) -> float:
    """How many times slower the film plays than it was taken, as far as the file says so; else 1."""
    shown_fps = float(stream.average_rate or 0)
    try:
        times = float(container.metadata.get(TAKEN_FPS, "")) / shown_fps
    except (ValueError, ZeroDivisionError):
        return 1.0
    return times if SLOWED_FROM <= times <= MOST_SLOWED else 1.0


def _duration_and_rate(times: NDArray[np.float64]) -> tuple[float, float]:
    """Seconds to the end of the last picture, and pictures a second; 0 and 0 when all have the same time."""
    steps = np.diff(times)
    steps = steps[steps > 0]
    if not len(steps):
        return 0.0, 0.0
    # The mean of the ordinary steps is right where the median is rounded to the container's clock (WEBM: 1 ms).
    step = float(np.mean(steps[steps < 1.5 * np.median(steps)]))
    return float(times[-1] - times[0] + step), 1 / step


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Every picture that can be decoded; a damaged packet costs its own picture only."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return  # the file is damaged from here on
        if packet is None:
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue


def _rotation(frame: Any) -> int:
    return round(float(frame.rotation) / 90) * 90 % 360


def _mirrored(frame: Any) -> bool:
    """Whether the stored picture is to be turned upside down before it is rotated: some front cameras say so.

    Asked of one picture of a film: one that was asked is kept in memory until the collector comes by.
    """
    told = frame.side_data.get(Type.DISPLAYMATRIX)
    if told is None:
        return False
    a, b, _, c, d = struct.unpack_from("=5i", bytes(told))
    return bool(a * d < b * c)


# Turned at once: a turned view of the decoder's memory would be copied by every step that looks at it.
_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
UPSIDE_DOWN = 0  # OpenCV's code for it


def _upright(plane: U8, rotation_deg: int, *, mirrored: bool) -> U8:
    """A stored plane as it is to be shown; itself when nothing is to be done."""
    if mirrored:
        plane = np.asarray(cv2.flip(plane, UPSIDE_DOWN), np.uint8)
    turn = _TURNS.get(rotation_deg)
    return plane if turn is None else np.asarray(cv2.rotate(plane, turn), np.uint8)


def _shown_size(frame: Any, aspect: Fraction | None) -> tuple[int, int]:
    """Stored size with non-square pixels made square; aspect is width over height of one pixel."""
    if not aspect or aspect == 1:
        return frame.width, frame.height
    return round(frame.width * float(aspect) / 2) * 2, frame.height


def _planes(frame: Any, size: tuple[int, int]) -> tuple[U8, U8, U8]:
    """Luma and chroma in 8 bits, video range, of this size; without a copy for what cameras usually write."""
    width, height = size
    interlaced = frame.interlaced_frame  # asked first: what is made of the frame does not say it any longer
    full_range = frame.color_range == 2 or frame.format.name.startswith("yuvj")
    if frame.format.name != "yuv420p" or full_range or size != (frame.width, frame.height):
        ranges = {"src_color_range": "JPEG", "dst_color_range": "MPEG"} if full_range else {}
        frame = frame.reformat(width=width, height=height, format="yuv420p", **ranges)
    y, u, v = (_plane(plane) for plane in frame.planes[:3])
    if frame.color_trc in WIDE:
        y = np.asarray(cv2.LUT(y, usual_luma(frame.color_trc)), np.uint8)
    return (_one_moment(y), _one_moment(u), _one_moment(v)) if interlaced else (y, u, v)


def _one_moment(plane: U8) -> U8:
    """A plane whose lines were taken in turn at two moments, as the lines of one of them show it."""
    return np.asarray(cv2.resize(plane[::2], plane.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _plane(plane: Any) -> U8:
    memory = np.frombuffer(plane, np.uint8)
    return memory[: plane.line_size * plane.height].reshape(plane.height, plane.line_size)[:, : plane.width]


def fitting(width: int, height: int, short_side: int) -> tuple[int, int]:
    """The size, in even numbers, of a picture shrunk so that its short side is at most `short_side`."""
    scale = min(1.0, short_side / min(width, height))
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2

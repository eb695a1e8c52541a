"""Read a film: what it is, and its pictures. Only inside a process of its own (sandbox.py); imports no Django."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from clips.containers import Refused, reader_of
from clips.facts import Container, Facts

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_PICTURE_PX = 40_000_000  # 8K is 33 million; more is no camera's film but a bomb
MAX_STEP_S = 10.0  # ours: a picture every ten seconds is no film
MIN_PICTURES = 2  # a photograph is a film of one picture

# A step that differs by more than a tenth from the usual one is a variable rate, not a rounded clock (WEBM: 1 ms).
STEADY_STEP = 0.1
UNSTEADY_SHARE = 0.02
# Where Android says how many pictures a second the camera took. Ours: three times the film's own rate is slow motion; a
# camera set to 60 that takes 24 in the dark says 60 as well.
TAKEN_FPS, SLOWED_FROM, MOST_SLOWED = "com.android.capture.fps", 3.0, 64.0


def look(path: Path) -> tuple[Facts, float]:
    """Read what the film is, and how many times slower it plays than it was taken. Raises Refused."""
    import av

    try:
        return _look(path)
    except (av.FFmpegError, MemoryError) as error:
        raise Refused("unreadable") from error


def _look(path: Path) -> tuple[Facts, float]:
    with opened(path) as container:
        stream = pictures_of(container)
        times_s = _packet_times_s(container, stream)
        if len(times_s) < MIN_PICTURES:
            raise Refused("too_few_pictures")
    # Opened anew: not every file can be wound back, one whose times begin below zero cannot.
    with opened(path) as container:
        stream = pictures_of(container)
        first = next(decoded(container, stream), None)
        if first is None:
            raise Refused("unreadable")
        step_s, variable = _rhythm(times_s)
        rotation = rotation_deg(first)
        width, height = _square_pixels(first.width, first.height, stream.sample_aspect_ratio)
        if not (0 < step_s < MAX_STEP_S and width * height <= MAX_PICTURE_PX):
            raise Refused("unreadable")  # a clock that stands still, or numbers no camera writes
        found = Facts(
            container=_container_name(container, path),
            codec=stream.codec_context.name,
            size_bytes=path.stat().st_size,
            duration_s=times_s[-1] - times_s[0] + step_s,
            fps=1 / step_s,
            frame_count=len(times_s),
            variable_rate=variable,
            rotation_deg=rotation,
            width_px=height if rotation % 180 else width,
            height_px=width if rotation % 180 else height,
            has_audio=bool(container.streams.audio),
        )
        return found, slowed_by(container, stream)


def slowed_by(container: InputContainer, stream: VideoStream) -> float:
    """How many times slower the film plays than it was taken, as far as the file says so; else 1."""
    shown_fps = float(stream.average_rate or 0)
    try:
        times = float(container.metadata.get(TAKEN_FPS, "")) / shown_fps
    except (ValueError, ZeroDivisionError):
        return 1.0
    return times if SLOWED_FROM <= times <= MOST_SLOWED else 1.0


def opened(path: Path) -> InputContainer:
    """Open with the one reader the first bytes name: nothing is guessed, and no playlist or address is followed."""
    import av

    reader = reader_of(path)
    try:
        return av.open(str(path), format=reader, metadata_errors="ignore", options={"protocol_whitelist": "file"})
    except (av.FFmpegError, ValueError) as error:
        raise Refused("unreadable") from error


def _container_name(container: InputContainer, path: Path) -> Container:
    if container.format.name == "avi":
        return "avi"
    if container.format.name.startswith("matroska"):
        with path.open("rb") as file:
            return "webm" if b"webm" in file.read(64) else "mkv"
    return "mov" if container.metadata.get("major_brand", "qt  ").startswith("qt") else "mp4"


def pictures_of(container: InputContainer) -> VideoStream:
    # A cover picture inside a piece of music is a video stream too: of one picture, and refused as such.
    if not container.streams.video:
        raise Refused("no_pictures" if container.streams.audio else "unreadable")
    stream = max(container.streams.video, key=_likely_the_film)
    if stream.codec_context is None:
        raise Refused("unknown_codec")
    if stream.codec_context.width * stream.codec_context.height > MAX_PICTURE_PX:
        raise Refused("picture_too_large")
    return stream


def _likely_the_film(stream: VideoStream) -> tuple[bool, bool, int]:
    """How a film ranks among the streams of a file: before covers, single pictures and small copies of itself."""
    from av.stream import Disposition

    known = stream.codec_context  # None where nobody here can read it
    size_px = known.width * known.height if known else 0
    return not stream.disposition & Disposition.attached_pic, stream.frames != 1, size_px


def _packet_times_s(container: InputContainer, stream: VideoStream) -> list[float]:
    """Presentation times of all pictures in seconds, sorted, without decoding any."""
    import av

    ticks: list[int | None] = []
    try:
        for packet in container.demux(stream):
            if packet.size and not packet.is_discard:
                ticks.append(packet.dts if packet.pts is None else packet.pts)
    except av.FFmpegError:
        pass  # a damaged tail: what was read so far is the film
    if None in ticks or stream.time_base is None:
        rate = float(stream.average_rate or stream.guessed_rate or 30)
        return [index / rate for index in range(len(ticks))]
    return sorted(float(tick * stream.time_base) for tick in ticks if tick is not None)


def _rhythm(times_s: list[float]) -> tuple[float, bool]:
    """Return the usual step between pictures in seconds, and whether the rate varies."""
    steps = [later - earlier for earlier, later in pairwise(times_s) if later > earlier]
    if not steps:
        return 0.0, False
    usual = median(steps)
    # The mean of the ordinary steps is right where the median is rounded to the container's clock.
    step = fmean(step for step in steps if step < 1.5 * usual)
    unsteady = sum(abs(step - usual) > STEADY_STEP * usual for step in steps)
    return step, unsteady > UNSTEADY_SHARE * len(steps)


def decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Every picture that can be decoded; a damaged packet costs its own pictures only."""
    import av

    # An AVI holds no presentation times: what stands in for them is wrong where pictures lean on later ones. Its clock
    # ticks once a picture, and the last pictures come without a time.
    without_times, last = container.format.name == "avi", -1
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return  # the file is damaged from here on
        if packet is None:
            return
        try:
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    if without_times:
                        frame.pts = last = last + 1 if frame.dts is None else frame.dts
                    yield frame
        except av.FFmpegError:
            continue


def rotation_deg(frame: VideoFrame) -> int:
    return round(float(frame.rotation) / 90) * 90 % 360


def is_mirrored(frame: VideoFrame) -> bool:
    """Whether the stored picture is to be turned upside down before it is rotated: some front cameras say so.

    Asked of one picture of a film: one that was asked is kept in memory until the collector comes by.
    """
    from av.sidedata.sidedata import Type

    known: Any = frame.side_data  # found by kind, whatever its stubs say
    told = known.get(Type.DISPLAYMATRIX)
    if told is None:
        return False
    a, b, _, c, d = struct.unpack_from("=5i", bytes(told))
    return bool(a * d < b * c)


def _square_pixels(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """The size with square pixels; `aspect` is the width of one stored pixel over its height."""
    if not aspect or aspect == 1:
        return width, height
    return max(2, round(width * float(aspect) / 2) * 2), height

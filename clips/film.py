"""Open a film: the only file that does, and only inside a process of its own (`python -m clips.film`, see probe.py).

A file from outside may be made to break a decoder. So this program starts with no secrets in its environment, takes
limits on memory, processor time and file size before it loads the decoder, and answers with one line of JSON:
`{"facts": {...}}`, `{"refused": "<code>"}` or, after a copy, `{"copied": {...}}`. It imports no Django.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
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

MEMORY_BYTES = 2 * 1024**3  # address space; a 1080p film with ten threads of decoder stays under 1 GB
PROBE_CPU_S = 20
COPY_CPU_S = 400  # ours: ten seconds at 240 pictures a second take about 60
PROBE_BYTES = 64 * 1024  # its answer, where that goes to a file
COPY_BYTES = 200 * 1024**2
MAX_PICTURE_PX = 40_000_000  # 8K is 33 million; more is no camera's film but a bomb
MAX_STEP_S = 10.0
MIN_PICTURES = 2  # a photograph is a film of one picture

# A step that differs by more than a tenth from the usual one is a variable rate, not a rounded clock (WEBM: 1 ms).
STEADY_STEP = 0.1
UNSTEADY_SHARE = 0.02

REVIEW_SHORTER_SIDE_PX = 720
KEY_FRAME_EVERY_S = 0.25
THUMBNAIL_LONGER_SIDE_PX = 480
MAX_REVIEW_FPS = 240


def facts(path: Path) -> Facts:
    """Read what the film is. Raises Refused."""
    import av

    try:
        return _facts(path)
    except (av.FFmpegError, MemoryError) as error:
        raise Refused("unreadable") from error


def _facts(path: Path) -> Facts:
    with _opened(path) as container:
        stream = _pictures_of(container)
        times_s = _packet_times_s(container, stream)
        if len(times_s) < MIN_PICTURES:
            raise Refused("too_few_pictures")
        container.seek(0)
        first = next(_decoded(container, stream), None)
        if first is None:
            raise Refused("unreadable")
        step_s, variable = _rhythm(times_s)
        rotation = _rotation_deg(first)
        width, height = _square_pixels(first.width, first.height, stream.sample_aspect_ratio)
        if not (0 < step_s < MAX_STEP_S and width * height <= MAX_PICTURE_PX):
            raise Refused("unreadable")  # a clock that stands still, or numbers no camera writes
        return Facts(
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


def _opened(path: Path) -> InputContainer:
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


def _pictures_of(container: InputContainer) -> VideoStream:
    # A cover picture inside a piece of music is a video stream too: of one picture, and refused as such.
    if not container.streams.video:
        raise Refused("no_pictures" if container.streams.audio else "unreadable")
    stream = container.streams.video[0]
    if stream.codec_context is None:
        raise Refused("unknown_codec")
    if stream.codec_context.width * stream.codec_context.height > MAX_PICTURE_PX:
        raise Refused("picture_too_large")
    return stream


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


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Every picture that can be decoded; a damaged packet costs its own pictures only."""
    import av

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
                    yield frame
        except av.FFmpegError:
            continue


def _rotation_deg(frame: VideoFrame) -> int:
    return round(float(frame.rotation) / 90) * 90 % 360


def _square_pixels(width: int, height: int, aspect: Fraction | None) -> tuple[int, int]:
    """The size with square pixels; `aspect` is the width of one stored pixel over its height."""
    if not aspect or aspect == 1:
        return width, height
    return max(2, round(width * float(aspect) / 2) * 2), height


# ── copies ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def copy(source: Path, review: Path, thumbnail: Path) -> dict[str, Any]:
    """Write a copy that any browser plays and steps through, and a still from its middle. Raises Refused.

    H.264, upright, square pixels, shorter side at most 720, constant rate, a key frame at least every 0.25 s,
    index in front, no sound. The picture at t seconds is the one the original shows t seconds after its first.
    """
    import av

    known = facts(source)
    width, height = _fit(known.width_px, known.height_px, REVIEW_SHORTER_SIDE_PX)
    written = 0
    with _opened(source) as container, av.open(str(review), "w", format="mp4", options=_FASTSTART) as out:
        stream = _pictures_of(container)
        stream.thread_type = "AUTO"
        rate = _nice_rate(min(known.fps, MAX_REVIEW_FPS), stream.average_rate)
        target = out.add_stream("libx264", rate=rate, options=_x264(rate))
        target.width, target.height, target.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        target.codec_context.colorspace = context.colorspace
        target.codec_context.color_primaries = context.color_primaries
        target.codec_context.color_trc = context.color_trc
        target.codec_context.color_range = 1  # as the filter below writes it
        middle = int(known.duration_s * float(rate) / 2)
        for frame in _upright(_decoded(container, stream), stream, rate, (width, height)):
            frame.pts, frame.time_base = written, 1 / rate
            out.mux(target.encode(frame))
            if written in (0, middle):  # the first, in case the film is damaged before its middle
                _write_still(frame, thumbnail)
            written += 1
        out.mux(target.encode(None))
    if not written:
        raise Refused("unreadable")
    return {"width_px": width, "height_px": height, "fps": float(rate), "frame_count": written}


_FASTSTART = {"movflags": "+faststart"}
_NICE_RATES = [Fraction(n) for n in (24, 25, 30, 48, 50, 60, 90, 100, 120, 200, 240)] + [
    Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120, 240)
]


def _nice_rate(fps: float, stated: Fraction | None) -> Fraction:
    """The ordinary rate next to `fps` if one is near, else a close fraction.

    The rate the header states is believed where it is within the rounding of a short film's clock.
    """
    if stated and abs(float(stated) - fps) <= fps * 3 / 1000:
        fps = float(stated)
    nearest = min(_NICE_RATES, key=lambda rate: abs(float(rate) - fps))
    # 29.97 and 30 differ by a thousandth: the nearer of them has won.
    return nearest if abs(float(nearest) - fps) <= fps / 1000 else Fraction(max(fps, 1.0)).limit_denominator(1000)


def _fit(width: int, height: int, shorter_side_px: int) -> tuple[int, int]:
    """The largest even size of the same shape that is not larger and whose shorter side fits."""
    factor = min(1.0, shorter_side_px / min(width, height))
    return max(2, int(width * factor / 2 + 0.5) * 2), max(2, int(height * factor / 2 + 0.5) * 2)


def _x264(rate: Fraction) -> dict[str, str]:
    # No B-pictures: order of storing is order of showing, so stepping by one picture never needs its neighbours.
    distance = max(1, int(float(rate) * KEY_FRAME_EVERY_S))
    return {"preset": "veryfast", "crf": "21", "profile": "high", "bf": "0", "g": str(distance), "threads": "2"}


_TURN = {0: [], 90: [("transpose", "cclock")], 180: [("hflip", ""), ("vflip", "")], 270: [("transpose", "clock")]}


def _upright(
    frames: Iterator[VideoFrame], stream: VideoStream, rate: Fraction, size: tuple[int, int]
) -> Iterator[VideoFrame]:
    """Turn, scale and re-time pictures: at `rate`, `size` as shown, 8 bits, television range."""
    graph: Any = None
    start: int | None = None
    for frame in frames:
        if frame.pts is None:
            continue
        if graph is None:
            graph, start = _graph(frame, stream, rate, size), frame.pts
        frame.pts -= start or 0
        graph.vpush(frame)
        yield from _ready(graph)
    if graph is not None:
        graph.vpush(None)
        yield from _ready(graph)


def _graph(frame: VideoFrame, stream: VideoStream, rate: Fraction, size: tuple[int, int]) -> Any:
    import av

    turn = _rotation_deg(frame)
    width, height = size if turn % 180 == 0 else size[::-1]
    steps = [
        ("fps", f"fps={rate}"),
        ("scale", f"{width}:{height}:flags=bicubic:out_range=tv"),
        *_TURN[turn],
        ("setsar", "1"),
        ("format", "yuv420p"),
    ]
    graph = av.filter.Graph()
    nodes = [graph.add_buffer(template=stream, time_base=frame.time_base)]
    nodes += [graph.add(name, arguments) if arguments else graph.add(name) for name, arguments in steps]
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes)
    graph.configure()
    return graph


def _ready(graph: Any) -> Iterator[VideoFrame]:
    import av

    while True:
        try:
            yield graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return


def _write_still(frame: VideoFrame, path: Path) -> None:
    import av

    scale = min(1.0, THUMBNAIL_LONGER_SIDE_PX / max(frame.width, frame.height))
    width, height = (max(2, int(side * scale / 2) * 2) for side in (frame.width, frame.height))
    still = frame.reformat(width=width, height=height, format="yuvj420p", dst_color_range="JPEG")
    still.pts = 0
    with av.open(str(path), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=1, options={"qmin": "3", "qmax": "5"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.codec_context.color_range = 2
        out.mux(stream.encode(still))
        out.mux(stream.encode(None))


# ── the program ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _limit(cpu_s: int, file_bytes: int) -> None:
    for what, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def main(arguments: list[str]) -> int:
    """Run `facts FILE` or `copy FILE REVIEW THUMBNAIL`."""
    command, *paths = (arguments[0], *map(Path, arguments[1:]))
    _limit(PROBE_CPU_S if command == "facts" else COPY_CPU_S, PROBE_BYTES if command == "facts" else COPY_BYTES)
    answer: dict[str, Any]
    try:
        answer = {"facts": asdict(facts(*paths))} if command == "facts" else {"copied": copy(*paths)}
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Write films: the copy for review, the still, the best ten seconds. Only inside a process of its own (sandbox.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clips.containers import Refused
from clips.facts import Container
from clips.film import decoded, is_mirrored, look, opened, pictures_of, rotation_deg
from clips.tone import USUAL, WIDE, curve

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

REVIEW_SHORTER_SIDE_PX = 720
REVIEW_QUALITY, TRIM_QUALITY = "23", "15"  # x264's constant rate factor: good to look at, good to measure
KEY_FRAME_NEAR_S = 1.0  # as often as phones write one
KEY_FRAME_EVERY_S = 0.25  # a step backwards decodes at most this much
THUMBNAIL_LONGER_SIDE_PX = 480
MAX_REVIEW_FPS = 240
TRIM_BITS_PER_S = 20_000_000  # so that ten seconds stay below 30 MB
FASTSTART = {"movflags": "+faststart"}  # the index in front: a film plays before it is loaded
NICE_RATES = [
    *(Fraction(rate) for rate in (24, 25, 30, 48, 50, 60, 90, 100, 120, 200, 240)),
    *(Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120, 240)),
]
# FFmpeg's filters and their arguments that stand a stored picture upright, by its counter-clockwise turn.
TURNS = {0: [], 90: [("transpose", "cclock")], 180: [("hflip", ""), ("vflip", "")], 270: [("transpose", "clock")]}


def copy(source: Path, review: Path, thumbnail: Path) -> dict[str, Any]:
    """Write a copy that any browser plays and steps through, and a still from its middle. Raises Refused.

    H.264, upright, square pixels, shorter side at most 720, constant rate, a key frame at least every 0.25 s,
    index in front, no sound. The picture at t seconds is the one the original shows t seconds after its first.
    """
    known, _ = look(source)
    size = _fit(known.width_px, known.height_px, REVIEW_SHORTER_SIDE_PX)
    with opened(source) as container:
        stream = pictures_of(container)
        stream.codec_context.thread_count = 1  # nobody waits for a copy, and each further one holds 10 MB of pictures
        rate = _nice_rate(min(known.fps, MAX_REVIEW_FPS), stream.average_rate)
        middle = int(known.duration_s * float(rate) / 2)

        def keep_still(index: int, frame: VideoFrame) -> None:
            if index in (0, middle):  # the first, in case the film is damaged before its middle
                _write_still(frame, thumbnail)

        frames = _upright(decoded(container, stream), stream, rate, size)
        written = _write_h264(frames, review, stream, rate, size, {"crf": REVIEW_QUALITY}, keep_still)
    return {"width_px": size[0], "height_px": size[1], "fps": float(rate), "frame_count": written}


def trim(source: Path, target: Path, start_s: float, length_s: float) -> dict[str, Any]:
    """Write the part of a film that begins `start_s` after its first picture, both in its own seconds. Raises Refused.

    It plays at the speed of the run, and then no file says any longer how it was filmed. Without loss where a key frame
    lies close before (phones write one each second); else encoded anew, nearly without loss, at the film's own size and
    rate. Without sound.
    """
    known, slowed_by = look(source)
    with opened(source) as container:
        stream = pictures_of(container)
        packets = [packet for packet in container.demux(stream) if packet.size]
        part = _from_key_frame(packets, stream, start_s, length_s)
        if part:
            _remux(part, target, stream, known.container, slowed_by)
            return {"lossless": True}
    with opened(source) as container:
        stream = pictures_of(container)
        frames = _between(decoded(container, stream), start_s, start_s + length_s)
        rate = _nice_rate(known.fps * slowed_by, None if slowed_by > 1 else stream.average_rate)
        size = _fit(known.width_px, known.height_px, min(known.width_px, known.height_px))
        bounded = {"maxrate": str(TRIM_BITS_PER_S), "bufsize": str(TRIM_BITS_PER_S // 2)}
        # A person waits for it, so speed is bought with bytes.
        options = {"preset": "ultrafast", "crf": TRIM_QUALITY, **bounded}
        _write_h264(_upright(frames, stream, rate, size, slowed_by), target, stream, rate, size, options)
    return {"lossless": False}


def _from_key_frame(
    packets: list[Packet[VideoStream]], stream: VideoStream, start_s: float, length_s: float
) -> list[Packet[VideoStream]]:
    """The packets of `length_s` from the last key frame before `start_s` on, as they are stored; none if it is far.

    What is shown before the key frame but stored after it leans on what is cut away, so it goes too. None either where
    the part would hold pictures that are never shown: a phone that trims a film only hides them.
    """
    times = [packet.pts for packet in packets]
    if stream.time_base is None or None in times:
        return []
    stored = [(time, packet) for time, packet in zip(times, packets, strict=True) if time is not None]
    start = min((time for time, packet in stored if not packet.is_discard), default=0)
    begin = start + int(start_s / stream.time_base)
    keys = [time for time, packet in stored if packet.is_keyframe and time <= begin]
    if not keys or (begin - keys[-1]) * stream.time_base > KEY_FRAME_NEAR_S:
        return []
    first, end = keys[-1], keys[-1] + int(length_s / stream.time_base)
    stored = stored[times.index(first) :]
    # The first picture shown after the end is stored before the ones that lead up to it: all of those go with it.
    late = next((index for index, (time, _) in enumerate(stored) if time >= end), len(stored))
    part = [packet for time, packet in stored[:late] if time >= first]
    return [] if any(packet.is_discard for packet in part) else part


def _remux(
    packets: list[Packet[VideoStream]], target: Path, stream: VideoStream, container: Container, slowed_by: float
) -> None:
    import av

    name = {"mkv": "matroska"}.get(container, container)
    shift = packets[0].pts or 0
    with av.open(str(target), "w", format=name, options=FASTSTART if container in ("mp4", "mov") else {}) as out:
        copied = out.add_stream_from_template(stream)
        clock = _true_clock(stream.time_base, slowed_by)
        copied.time_base = clock
        for packet in packets:
            packet.time_base = clock
            packet.pts = (packet.pts or 0) - shift
            packet.dts = None if packet.dts is None else packet.dts - shift
            packet.stream = copied
            out.mux(packet)


def _true_clock(clock: Fraction | None, slowed_by: float) -> Fraction:
    """The clock on which the pictures of a slowed film stand where they were taken."""
    return (clock or Fraction(1, 1000)) / Fraction(slowed_by).limit_denominator(1000)


def _between(frames: Iterator[VideoFrame], begin_s: float, end_s: float) -> Iterator[VideoFrame]:
    first: float | None = None
    for frame in frames:
        if frame.time is None:
            continue
        first = frame.time if first is None else first
        if begin_s <= frame.time - first < end_s:
            yield frame


def _write_h264(
    frames: Iterator[VideoFrame],
    path: Path,
    stream: VideoStream,
    rate: Fraction,
    size: tuple[int, int],
    options: dict[str, str],
    seen: Callable[[int, VideoFrame], None] = lambda index, frame: None,
) -> int:
    """Write upright pictures as MP4 with the colours of `stream`, or usual ones; return how many. Raises Refused."""
    import av

    stream.thread_type = "AUTO"
    written = 0
    with av.open(str(path), "w", format="mp4", options=FASTSTART) as out:
        target = out.add_stream("libx264", rate=rate, options={**_x264(rate), **options})
        target.width, target.height, target.pix_fmt = *size, "yuv420p"
        context, made = stream.codec_context, target.codec_context
        wide = context.color_trc in WIDE
        made.colorspace = USUAL if wide else context.colorspace
        made.color_primaries = USUAL if wide else context.color_primaries
        made.color_trc = USUAL if wide else context.color_trc
        made.color_range = 1  # as `_graph` makes it
        for frame in frames:
            frame.pts, frame.time_base = written, 1 / rate
            out.mux(target.encode(frame))
            seen(written, frame)
            written += 1
        out.mux(target.encode(None))
    if not written:
        raise Refused("unreadable")
    return written


def _nice_rate(fps: float, stated: Fraction | None) -> Fraction:
    """The ordinary rate next to `fps` if one is near, else a close fraction.

    The rate the header states is believed where it is within the rounding of a short film's clock.
    """
    if stated and abs(float(stated) - fps) <= fps * 3 / 1000:
        fps = float(stated)
    nearest = min(NICE_RATES, key=lambda rate: abs(float(rate) - fps))
    # 29.97 and 30 differ by a thousandth: the nearer of them has won.
    return nearest if abs(float(nearest) - fps) <= fps / 1000 else Fraction(max(fps, 1.0)).limit_denominator(1000)


def _fit(width: int, height: int, shorter_side_px: int) -> tuple[int, int]:
    """The largest even size of the same shape that is not larger and whose shorter side fits."""
    factor = min(1.0, shorter_side_px / min(width, height))
    return max(2, int(width * factor / 2 + 0.5) * 2), max(2, int(height * factor / 2 + 0.5) * 2)


def _x264(rate: Fraction) -> dict[str, str]:
    # No B-pictures: order of storing is order of showing, so stepping by one picture never needs its neighbours.
    distance = max(1, int(float(rate) * KEY_FRAME_EVERY_S))
    # To look ahead would hold 12 MB more for copies no better and no smaller.
    shape = {"profile": "high", "bf": "0", "g": str(distance), "rc-lookahead": "0"}
    return {"preset": "veryfast", "threads": "2", **shape}


def _upright(
    frames: Iterator[VideoFrame], stream: VideoStream, rate: Fraction, size: tuple[int, int], slowed_by: float = 1
) -> Iterator[VideoFrame]:
    """Turn, scale and re-time pictures: at `rate` and true speed, `size` as shown, 8 bits, usual range of light."""
    graph: Any = None
    start: int | None = None
    for frame in frames:
        if frame.pts is None:
            continue
        if graph is None:
            clock = _true_clock(frame.time_base, slowed_by)
            graph, start = _graph(frame, stream, rate, size, clock), frame.pts
        frame.pts -= start or 0
        graph.vpush(frame)
        yield from _ready(graph)
    if graph is not None:
        graph.vpush(None)
        yield from _ready(graph)


def _graph(frame: VideoFrame, stream: VideoStream, rate: Fraction, size: tuple[int, int], clock: Fraction) -> Any:
    import av

    turn = rotation_deg(frame)
    width, height = size if turn % 180 == 0 else size[::-1]
    steps = [
        ("fps", f"fps={rate}"),
        ("scale", f"{width}:{height}:flags=bicubic:out_range=tv"),
        *_in_usual_light(stream.codec_context.color_trc),
        *([("vflip", "")] if is_mirrored(frame) else []),
        *TURNS[turn],
        ("setsar", "1"),
        ("format", "yuv420p"),
    ]
    graph = av.filter.Graph()
    nodes = [graph.add_buffer(template=stream, time_base=clock)]
    nodes += [graph.add(name, arguments) if arguments else graph.add(name) for name, arguments in steps]
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes)
    graph.configure()
    return graph


def _in_usual_light(transfer: int) -> list[tuple[str, str]]:
    if transfer not in WIDE:
        return []
    return [("format", "gbrp10le"), ("curves", curve(transfer)), ("scale", "out_color_matrix=bt709:out_range=tv")]


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
    # Every JPEG is read with the colours of BT.601, most films are made with those of BT.709.
    jpeg: Any = {"format": "yuvj420p", "dst_color_range": "JPEG", "dst_colorspace": "ITU601"}
    still = frame.reformat(width=width, height=height, **jpeg)
    still.pts = 0
    with av.open(str(path), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=1, options={"qmin": "3", "qmax": "5"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.codec_context.color_range = 2
        out.mux(stream.encode(still))
        out.mux(stream.encode(None))

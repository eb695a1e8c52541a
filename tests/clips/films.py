"""Small films, made as they are needed: a square that wanders over grey."""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import numpy as np

_drawn = {}


def write_film(path, **kind):
    """Write a film as `_draw` draws it, and return its path; of one kind it is drawn once: it is the most of a test."""
    known = path.suffix, repr(sorted(kind.items()))
    if known not in _drawn:
        _draw(path, **kind)
        _drawn[known] = path.read_bytes()
    path.write_bytes(_drawn[known])
    return path


def _draw(
    path,
    *,
    seconds=3.0,
    fps=60,
    size=(64, 48),
    codec="libx264",
    container=None,
    sound=False,
    times=None,
    key_frames=None,
    leaning=0,
    taken_fps=None,
):
    """Write a film whose picture k shows a white square at column 2k mod width.

    With `taken_fps` it says, as Android does, how many pictures a second the camera took.
    """
    width, height = size
    options = {"movflags": "use_metadata_tags"} if taken_fps else {}
    with av.open(str(path), "w", format=container, options=options) as out:
        if taken_fps:
            out.metadata["com.android.capture.fps"] = str(taken_fps)
        stream = out.add_stream(codec, rate=Fraction(fps).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if key_frames:
            stream.codec_context.gop_size = key_frames
        if leaning:
            stream.codec_context.max_b_frames = leaning
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        voice = out.add_stream("aac" if container != "webm" else "libopus", rate=48000) if sound else None
        count = len(times) if times is not None else round(seconds * fps)
        for k in range(count):
            picture = np.full((height, width, 3), 90, np.uint8)
            left = 2 * k % (width - 8)
            picture[8:16, left : left + 8] = 255
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            if times is not None:
                frame.time_base, frame.pts = Fraction(1, 1000), round(times[k] * 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if voice:
            write_sound(out, voice, seconds)


def write_wide_light(path, transfer, signals):
    """Write a film of a wide range of light, as phones take them: bands of these signals, 0-1, left to right.

    A signal is grey, or red, green and blue.
    """
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx265", rate=30, options={"crf": "4", "x265-params": "log-level=error"})
        stream.width, stream.height, stream.pix_fmt = 32 * len(signals), 64, "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc = 9, 9, transfer
        red, green, blue = np.array([np.broadcast_to(signal, 3) for signal in signals]).T
        luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue  # BT.2020, table 4
        rows = [64 + 876 * luma, 512 + 896 * (blue - luma) / 1.8814, 512 + 896 * (red - luma) / 1.4746]
        for _ in range(3):
            shown = av.VideoFrame(stream.width, stream.height, stream.pix_fmt)
            for plane, row in zip(shown.planes, rows, strict=True):
                wide = np.zeros(plane.line_size // 2)
                wide[: plane.width] = np.repeat(row, plane.width // len(signals))
                plane.update(np.broadcast_to(np.rint(wide).astype(np.uint16), (plane.height, wide.size)).tobytes())
            out.mux(stream.encode(shown))
        out.mux(stream.encode(None))
    return path


def write_sound(out, voice, seconds):
    for k in range(int(seconds * 48000 / 960)):
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 960), np.float32), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 48000, 960 * k
        out.mux(voice.encode(frame))
    out.mux(voice.encode(None))


def pictures(path):
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def turn_display(path, degrees, mirrored=False):
    """Write a clockwise turn into the track's matrix, as phones do that were not held sideways.

    A mirrored film is turned upside down before.
    """
    a, b = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    one = 0x10000
    down = -one if mirrored else one
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", a * one, b * one, 0, -b * down, a * down, 0, 0, 0, 0x40000000)
    path.write_bytes(data)


def hide_beginning(path, seconds):
    """Let an MP4 begin later by its edit list alone, as phones do that trim a film: the pictures before stay inside."""
    data = bytearray(path.read_bytes())
    ticks_a_second = struct.unpack_from(">I", data, data.index(b"mdhd") + 4 + 12)[0]
    at = data.index(b"elst") + 4 + 8 + 4  # behind the number of edits and the first one's duration
    begins = struct.unpack_from(">i", data, at)[0]
    struct.pack_into(">i", data, at, begins + round(seconds * ticks_a_second))
    path.write_bytes(data)
    return path


def as_android_writes(path, taken_fps):
    """Rewrite an MP4 that ends with its index: the capture rate a number beside the tracks, the size of what is before
    it in 64 bits."""
    data = path.read_bytes()
    free, index, told = (data.index(name) - 4 for name in (b"free", b"moov", b"udta"))
    keys = _box(b"mdta", b"com.android.version"), _box(b"mdta", b"com.android.capture.fps")
    values = _box(b"data", struct.pack(">II", 1, 0), b"14"), _box(b"data", struct.pack(">IIf", 23, 0, taken_fps))
    meta = _box(
        b"meta",
        _box(b"hdlr", bytes(8), b"mdta", bytes(12)),
        _box(b"keys", struct.pack(">II", 0, len(keys)), *keys),
        _box(b"ilst", *(_box(struct.pack(">I", number), value) for number, value in enumerate(values, 1))),
    )
    pictures = struct.pack(">I4sQ", 1, b"mdat", index - free) + data[free + 16 : index]  # "free" leaves room for it
    path.write_bytes(data[:free] + pictures + _box(b"moov", data[index + 8 : told], meta))
    return path


def _box(name, *parts):
    return struct.pack(">I4s", 8 + sum(map(len, parts)), name) + b"".join(parts)

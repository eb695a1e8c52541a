"""What a film is, as the rules and the pages need it: counted from its pictures, never believed from its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Container = Literal["mp4", "mov", "avi", "webm", "mkv"]
CONTENT_TYPES: dict[str, str] = {
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
}


@dataclass(frozen=True)
class Facts:
    """One film's facts. Width and height are as shown, after the file's own rotation and with square pixels."""

    container: Container
    codec: str
    size_bytes: int
    duration_s: float  # from the first picture to the end of the last
    fps: float
    frame_count: int
    variable_rate: bool
    rotation_deg: int  # counter-clockwise turn that stands the stored picture upright: 0, 90, 180 or 270
    width_px: int
    height_px: int
    has_audio: bool

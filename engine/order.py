"""What one measuring is asked for and what it answers: the seam between HTTP face, film side and arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

View = Literal["side_view", "back_view"]
LANGUAGES = ("en", "fr", "de", "zh", "ko", "pt", "es", "it", "ja")


@dataclass(frozen=True)
class Order:
    """One film to be measured, as the contract's start form names it; SI units inside."""

    view: View
    treadmill: bool = False
    pace_s_per_km: float | None = None  # belt pace; required with treadmill
    height_m: float = 1.70  # the contract's own default
    weight_kg: float = 70.0  # the contract's own default
    language: str = "en"
    full_body: bool = True  # back view only: False measures pronation alone

    @property
    def belt_speed_m_s(self) -> float | None:
        """The treadmill's speed from its pace, m/s; None over ground."""
        return 1000 / self.pace_s_per_km if self.treadmill and self.pace_s_per_km else None


@dataclass(frozen=True)
class Answer:
    """What a measured film yields: the contract's three levels, and two media files."""

    results: dict[str, Any]  # `biomechanical_analysis` of the contract
    calculated: dict[str, Any]  # the numbers, with our own object under `house`
    raw: dict[str, Any]  # the landmarks of every frame
    thumbnail: Path | None = None  # JPEG
    film: Path | None = None  # annotated H.264 MP4


class Refused(Exception):
    """The film cannot be measured; `code` names the gate, `text` tells a coach what to film instead."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text

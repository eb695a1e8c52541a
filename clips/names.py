"""A file's name, made fit to show: it came from outside and may hold anything."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

MAX_LENGTH = 120


def shown_name(given: str) -> str:
    """Return the last part of `given` without control or direction characters, at most 120 long, its ending kept.

    "film" when nothing is left.
    """
    last = given.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    # Category C: control, format (a right-to-left mark can make "exe.mp4" out of "4pm.exe"), surrogates, unassigned.
    visible = "".join(sign for sign in last if sign.isspace() or not unicodedata.category(sign).startswith("C"))
    tidy = " ".join(visible.split()).strip(". ")
    if len(tidy) > MAX_LENGTH:
        ending = PurePosixPath(tidy).suffix[:10]
        tidy = tidy[: MAX_LENGTH - len(ending) - 1] + "…" + ending
    return tidy or "film"

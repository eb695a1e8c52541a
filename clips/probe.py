"""Ask a film what it is, and make its copies: in a process of its own, with no secrets and with limits (sandbox.py).

Neither the name nor the type a browser claims is believed; the file's own bytes are.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.writing import in_turn
from clips.facts import Facts

log = structlog.get_logger(__name__)

PROBE_S = 30.0
COPY_S = 420.0
TRIM_S = 120.0  # a person waits for it
HOME = Path(__file__).resolve().parent.parent

# What happened, and one cure. Nothing was sent in any of these cases.
REASONS: dict[str, tuple[Promise, Promise]] = {
    "empty": (_("The file is empty."), _("Choose the film again.")),
    "too_big": (
        _("The file is larger than 30 MB."),
        _("Film in 1080p, or cut it on your phone to the best 10 s, and choose it again."),
    ),
    "not_a_film": (_("This file is not a film."), _("Choose a film in MP4, MOV, AVI or WEBM.")),
    "too_few_pictures": (
        _("This file holds a single picture, not a film."),
        _("Choose a film of the runner in motion."),
    ),
    "no_pictures": (_("This file holds sound only."), _("Choose the film of the runner.")),
    "incomplete": (_("The film is incomplete: its end is missing."), _("Copy it from the phone again.")),
    "unreadable": (_("The film is damaged and cannot be read."), _("Copy it from the phone again.")),
    "unknown_codec": (
        _("The film is stored in a way that cannot be read here."),
        _("Export it as MP4 (H.264) and choose it again."),
    ),
    "picture_too_large": (_("The pictures are larger than 8K."), _("Film in 1080p.")),
    "missing": (_("The film did not arrive."), _("Choose it again.")),
}


@dataclass(frozen=True)
class Copied:
    """What a review copy is."""

    width_px: int
    height_px: int
    fps: float
    frame_count: int


class NotAFilm(Exception):
    """The file is nothing that could be measured; `str()` is the sentence and the cure for the person who sent it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code if code in REASONS else "unreadable"

    def __str__(self) -> str:
        return reason(self.code)


def reason(code: str) -> str:
    """Return the sentence and the cure for a code of REASONS, in the reader's language."""
    return in_turn(REASONS[code])


class CopyBroke(Exception):
    """The copy could not be made for a reason that is not the film's: a full disk, a killed process. Try again."""


def probe(path: Path) -> Facts:
    """Return what the film at `path` is. Raises NotAFilm."""
    return look(path)[0]


def look(path: Path) -> tuple[Facts, float]:
    """Return what the film at `path` is, and how many times slower it plays than it was taken, in about 0.3 s.

    Raises NotAFilm: also when its decoder crashes or hangs.
    """
    try:
        with _alone():
            answer = _run("facts", path, seconds=PROBE_S)
        return Facts(**answer["facts"]), answer["slowed_by"]
    except _Ended as ended:
        log.warning("probe_ended", how=str(ended))
        raise NotAFilm("unreadable") from ended


def make_copies(path: Path, review: Path, thumbnail: Path) -> Copied:
    """Write the review copy and the still of the film at `path`. Raises NotAFilm, CopyBroke."""
    return Copied(**_write("copy", path, review, thumbnail, seconds=COPY_S)["copied"])


def trim_film(path: Path, target: Path, *, start_s: float, length_s: float) -> None:
    """Write the part of the film that begins `start_s` after its first picture, at the speed of the run.

    Raises NotAFilm, CopyBroke.
    """
    _write("trim", path, target, str(start_s), str(length_s), seconds=TRIM_S)


def lay_beside(spec: Path, picture: Path, film: Path) -> None:
    """Write two films as one, as clips/beside.py says. Raises NotAFilm, CopyBroke."""
    _write("beside", spec, picture, film, seconds=COPY_S)


def cut_row(spec: Path, picture: Path) -> None:
    """Write parts of a film as one row of small pictures, as clips/row.py says. Raises NotAFilm, CopyBroke."""
    _write("row", spec, picture, seconds=COPY_S)


def _write(command: str, *arguments: Path | str, seconds: float) -> dict[str, Any]:
    """Have sandbox.py write something and return its answer. Raises NotAFilm, CopyBroke."""
    try:
        return _run(command, *arguments, seconds=seconds)
    except _Ended as ended:
        raise CopyBroke(str(ended)) from ended


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until nobody else on this machine looks into a film: a decoder holds 30 MB, and ten films may come at once.

    A process that is killed gives way by itself.
    """
    with (settings.VAR / "look.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _Ended(Exception):
    """The process gave no answer; the text says how it ended."""


def start_sandbox(arguments: list[str], seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m clips.sandbox` to its end, with nothing of ours in its environment. Raises TimeoutExpired."""
    return subprocess.run(
        [sys.executable, "-m", "clips.sandbox", *arguments],
        cwd=HOME,
        env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=seconds,
        check=False,
    )


def _run(command: str, *arguments: Path | str, seconds: float) -> dict[str, Any]:
    """Run sandbox.py and return its answer. Raises NotAFilm, _Ended."""
    try:
        done = start_sandbox([command, *map(str, arguments)], seconds)
    except subprocess.TimeoutExpired as error:
        raise _Ended(f"not within {seconds:.0f} s") from error
    if done.returncode:
        raise _Ended(f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise _Ended("an answer that is none") from error
    if "refused" in answer:
        raise NotAFilm(answer["refused"])
    return answer

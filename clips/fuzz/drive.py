"""Send a hostile file all the way: web pages, probe, worker, check list, away again; and see what it left behind."""

from __future__ import annotations

import contextlib
import io
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client

import clips.jobs
from accounts import wall
from clips import probe
from clips.fuzz.forked import Forks
from clips.models import Clip
from clips.probe import REASONS, CopyBroke, reason

# Every so many files the sandbox is started as in production, a Python of its own, instead of by fork.
WHOLE_EVERY = 50


@dataclass
class Outcome:
    """What became of the files of one kind."""

    files: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    copies: Counter[str] = field(default_factory=Counter)
    decoder_ended: int = 0  # in its own process, which is what that is for
    slowest_s: float = 0.0
    faults: list[str] = field(default_factory=list)


class Hostile(io.BytesIO):
    """A file whose name is sent as it is; Django's own would tidy it first."""

    name = ""


class Decoder:
    """Starts the sandbox, by fork or whole, and counts how often it ended without an answer."""

    def __init__(self, forks: Forks) -> None:
        self.whole = False
        self.ended = 0
        self._start_whole, self._start_fork = probe.start_sandbox, forks.start_sandbox

    def __call__(self, arguments: list[str], seconds: float) -> subprocess.CompletedProcess[bytes]:
        start = self._start_whole if self.whole else self._start_fork
        try:
            done = start(arguments, seconds)
        except subprocess.TimeoutExpired:
            self.ended += 1
            raise
        self.ended += bool(done.returncode)
        return done


class Fault(Exception):
    """What must not happen, whatever the file."""


def run(client: Client, files: Iterable[tuple[str, str, bytes]], said: Callable[[int], None]) -> dict[str, Outcome]:
    """Send the files (kind, name, bytes) as the member signed in to `client`; return what came of each kind."""
    client.raise_request_exception = False
    real = probe.start_sandbox
    with Forks() as forks:
        probe.start_sandbox = decoder = Decoder(forks)
        try:
            return _run(client, files, decoder, said)
        finally:
            probe.start_sandbox = real


def _run(
    client: Client, files: Iterable[tuple[str, str, bytes]], decoder: Decoder, said: Callable[[int], None]
) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    for number, (kind, name, content) in enumerate(files, 1):
        outcome = outcomes.setdefault(kind, Outcome())
        decoder.whole, before, started = number % WHOLE_EVERY == 0, decoder.ended, time.monotonic()
        try:
            _send(client, name, content, outcome)
            left = _left_behind()
            if left:
                raise Fault(f"left behind: {', '.join(left[:3])}")
        except Fault as fault:
            outcome.faults.append(f"file {number}, {kind}: {fault}")
        except Exception as error:  # whatever else breaks is a fault of ours too, and the next file waits
            outcome.faults.append(f"file {number}, {kind}: {type(error).__name__}: {str(error)[:200]}")
        outcome.files += 1
        outcome.decoder_ended += decoder.ended - before
        outcome.slowest_s = max(outcome.slowest_s, time.monotonic() - started)
        said(number)
    return outcomes


def _send(client: Client, name: str, content: bytes, outcome: Outcome) -> None:
    begun = _post(client, "/films/begin/", {"name": name, "size": len(content)}, 201, 422)
    if begun.status_code == 422:
        outcome.refused[_refusal(begun)] += 1
        return
    ways = begun.json()
    if not _received(client, ways["own_url"], name, content):
        # Kept out by its name alone; the bytes are to be met all the same.
        _received(client, ways["own_url"], "run.mp4", content)
    finished = _post(client, ways["finish_url"], {}, 200, 409, 422)
    if finished.status_code != 200:
        outcome.refused[_refusal(finished)] += 1
    else:
        outcome.accepted += 1
        outcome.copies[_work(ways["code"])] += 1
        _expect(client.get(ways["checks_url"]), 200)
    _post(client, ways["delete_url"], {}, 204)


def _received(client: Client, address: str, name: str, content: bytes) -> bool:
    """Whether our server kept the file; when not, it said why."""
    file = Hostile(content)
    file.name = name
    answer = _post(client, address, {"file": file}, 204, 400, 422)
    if answer.status_code != 204:
        _refusal(answer)
    return bool(answer.status_code == 204)


def _work(code: str) -> str:
    """Make the review copy as a worker does, until it is there or given up; return which."""
    with wall.everything("the harness plays the worker"):
        clip = Clip.objects.get(code=code)
        tries = 0
        while clip.copy_status == Clip.CopyStatus.PENDING:
            if (tries := tries + 1) > 5:
                raise Fault("the worker never gives up")
            # As if the lease of the worker before had run out.
            Clip.objects.filter(pk=clip.pk).update(copy_lease_until=None)
            with contextlib.suppress(CopyBroke):  # noted by the worker, tried again by the clock
                clips.jobs.make_review_copy(clip_id=clip.pk)
            clip.refresh_from_db()
    return f"{clip.copy_status}" if tries <= 1 else f"{clip.copy_status} after {tries} tries"


def _post(client: Client, address: str, fields: dict[str, Any], *codes: int) -> Any:
    answer = client.post(address, fields)
    _expect(answer, *codes)
    return answer


def _expect(answer: Any, *codes: int) -> None:
    if answer.status_code not in codes:
        raise Fault(f"{answer.request['PATH_INFO'][:40]} answered {answer.status_code}")


def _refusal(answer: Any) -> str:
    """The code of a refusal whose sentence is one of ours."""
    said = answer.json()
    if said["code"] not in REASONS or said["text"] != reason(said["code"]):
        raise Fault(f"no clear sentence: {said}")
    return str(said["code"])


def _left_behind() -> list[str]:
    """Every file in the films' and the uploads' folders, which must be none between two files."""
    folders = (Path(default_storage.path("")), Path(settings.FILE_UPLOAD_TEMP_DIR))
    return [str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*") if path.is_file()]

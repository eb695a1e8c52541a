"""What a worker runs: claim the oldest film that is due, measure it, keep the answer."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from rq import get_current_job
from rq.timeouts import JobTimeoutException

from engine import actions, settings
from engine.models import Analysis
from engine.order import Answer, Refused
from engine.room import has_room, is_of_the_machine
from engine.switches import switches

log = logging.getLogger(__name__)

Progress = Callable[[int], None]


class LeaseLost(Exception):
    """Another process measures this film by now; what this one finds is no longer wanted."""


def measure_next() -> str:
    """Measure the oldest analysis that is due and end it; say what came of it."""
    if not has_room():
        log.error("No film is measured: the disk of %s is full.", settings.ENGINE_VAR)
        return "the disk is full"
    job = get_current_job()
    analysis = actions.claim_next(by=job.id if job else f"process {os.getpid()}")
    if analysis is None:
        return "nothing is due"
    try:
        with _lease_held(analysis):
            thumbnail, output_video = _measure_into_folder(analysis)
        actions.succeed(analysis, thumbnail=thumbnail, output_video=output_video)
    except Refused as reason:
        actions.fail(analysis, reason)
    except LeaseLost:
        log.warning("analysis %s: attempt %d was taken over", analysis.pk, analysis.attempt)
    except JobTimeoutException:
        log.warning("analysis %s: attempt %d overran its time", analysis.pk, analysis.attempt)
        actions.crashed(analysis, "measuring_took_too_long")
    except Exception as error:
        # The outer edge of a worker: whatever broke, the analysis must come to an end.
        log.exception("analysis %s: attempt %d broke", analysis.pk, analysis.attempt)
        if not is_of_the_machine(error):  # else it is measured anew when its lease has run out
            actions.crashed(analysis, "measuring_broke_off")
    _leave_only_the_answer(analysis)
    return f"{analysis.pk}: {analysis.status}"


def _measure_into_folder(analysis: Analysis) -> tuple[str, str]:
    """Write the three documents and the two media files; return the names of the media files."""
    begun = time.monotonic()

    def progress(percentage: int) -> None:
        if not actions.record_progress(analysis, percentage):
            raise LeaseLost

    folder = analysis.answer_folder
    folder.mkdir(parents=True, exist_ok=True)
    answer = _answer(analysis, progress)
    if answer.thumbnail is None or answer.film is None:
        raise ValueError("the measuring made no media")
    for level in ("results", "calculated", "raw"):
        # A NaN would make the document unreadable for every other program; better to break here.
        text = json.dumps(getattr(answer, level), allow_nan=False, separators=(",", ":"))
        (folder / f"{level}.json").write_text(text)
    time.sleep(max(0.0, switches().minimum_s - (time.monotonic() - begun)))
    return answer.thumbnail.name, answer.film.name


def _answer(analysis: Analysis, progress: Progress) -> Answer:
    """Measure for real, or do what a test asked for."""
    if analysis.forced:
        return _forced(analysis, analysis.forced, progress)
    # Here, not above: the web server and the clock never need the pose model's libraries.
    from engine.pipeline import measure_film

    return measure_film(analysis.film_path, analysis.as_order(), progress=progress, media_folder=analysis.answer_folder)


def _forced(analysis: Analysis, wish: dict[str, Any], progress: Progress) -> Answer:
    """End as a test asked for (control.py); the answer of a success is the test's own, its film the one received."""
    seconds = float(wish.get("seconds", 0))
    outcome = wish["outcome"]
    if outcome == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)  # as a broken library would
    if outcome == "hang":
        time.sleep(seconds or 3600)
    for percentage in range(0, 100, 5):
        progress(percentage)
        time.sleep(seconds / 20)
    if outcome == "failed":
        reason = wish.get("reason", {})
        raise Refused(reason.get("code", "forced"), reason.get("text", "A test asked for this failure."))
    folder = analysis.answer_folder
    film, thumbnail = folder / "annotated.mp4", folder / "thumbnail.jpg"
    shutil.copyfile(analysis.film_path, film)
    _first_picture(film, thumbnail)
    given = wish["answer"]
    return Answer(given["results"], given["calculated"], given["raw"], thumbnail, film)


def _first_picture(film: Path, thumbnail: Path) -> None:
    import cv2

    from engine.video import pictures

    picture = next(iter(pictures(film, threads=1)))
    cv2.imwrite(str(thumbnail), cv2.cvtColor(picture.rgb(), cv2.COLOR_RGB2BGR))


@contextmanager
def _lease_held(analysis: Analysis) -> Iterator[None]:
    """Renew the lease beside the measuring: native code may not report for longer than a lease lasts.

    A measuring that hangs is ended by the job's time limit, not by its lease.
    """
    over = threading.Event()

    def renew() -> None:
        while not over.wait(settings.LEASE_S / 3) and actions.renew_lease(analysis):
            pass
        connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _leave_only_the_answer(analysis: Analysis) -> None:
    """Remove this attempt's files if it came too late; if they are the answer, those of the attempts that died."""
    mine = analysis.answer_folder
    ended = Analysis.objects.filter(pk=analysis.pk).first()
    if ended is None:  # its subject was erased meanwhile
        shutil.rmtree(mine.parent, ignore_errors=True)
        return
    is_answer = ended.status == Analysis.Status.SUCCESS and ended.attempt == analysis.attempt
    if not is_answer:
        shutil.rmtree(mine, ignore_errors=True)
        return
    for other in mine.parent.iterdir():
        if other != mine:
            shutil.rmtree(other, ignore_errors=True)

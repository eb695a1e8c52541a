"""Make a picture and a film of two films beside each other."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from analyses.alignment import Alignment, align
from analyses.models import Analysis, Beside
from analyses.readout import readout
from clips import storage
from clips.probe import CopyBroke, NotAFilm, lay_beside

log = structlog.get_logger(__name__)

LEASE_S = 480  # a little longer than the program may take
MAX_TRIES = 3
STORE_PAUSE_S = 15  # a store that does not answer is asked again soon
FPS = 30
SLOWER = 4  # times slower than it was: what differs is gone in a tenth of a second
LONGEST_S = 12.0


class FilmNotReady(Exception):
    """A film of the two has no copy a browser plays yet."""


def ask_beside(*, now: Analysis, before: Analysis, by: User) -> Beside:
    """Have it made, once for two films; what failed is tried anew. Raises FilmNotReady. The caller enqueues the job."""
    if not all(_film_key(one) for one in (now, before)):
        raise FilmNotReady
    asked, _ = Beside.objects.get_or_create(
        now=now, before=before, defaults={"organization": now.organization, "by": by}
    )
    failed = Beside.objects.filter(pk=asked.pk, status=Beside.Status.FAILED)
    if failed.update(status=Beside.Status.PENDING, tries=0, lease_until=None):
        asked.refresh_from_db()
    return asked


def make_beside(*, beside: Beside) -> None:
    """Make both; afterwards the row says ready, or failed for good. Made twice it is the same as made once."""
    if not beside.lease(seconds=LEASE_S, max_tries=MAX_TRIES):
        _give_up(beside)
        return
    name = f"results/{beside.now.code}/beside-{beside.before.code}"
    try:
        with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="beside-") as folder:
            picture, film = Path(folder, "picture.png"), Path(folder, "film.mp4")
            _draw(beside, Path(folder, "spec.json"), picture, film)
            for key, path in ((f"{name}.png", picture), (f"{name}.mp4", film)):
                with path.open("rb") as file:
                    storage.put(key, file)
    except (NotAFilm, FileNotFoundError) as error:
        log.warning("beside_refused", beside_id=beside.pk, error=str(error))
        _end(beside, status=Beside.Status.FAILED)
        return
    except CopyBroke as error:
        log.warning("beside_broke", beside_id=beside.pk, error=str(error))
        _end(beside)
        return
    except storage.TROUBLE as error:
        log.warning("beside_waits_for_the_store", beside_id=beside.pk, error=str(error))
        beside.put_off(seconds=STORE_PAUSE_S)
        return
    kept = _end(beside, status=Beside.Status.READY, picture_key=f"{name}.png", film_key=f"{name}.mp4")
    if not kept:  # the runner was erased meanwhile
        storage.delete(f"{name}.png", f"{name}.mp4")


def _draw(beside: Beside, spec: Path, picture: Path, film: Path) -> None:
    """Write both files. Raises NotAFilm, CopyBroke, FileNotFoundError."""
    pair = (beside.before, beside.now)
    shown = {one.pk: readout(one) for one in pair}
    ends_s = [one.clip.duration_s or 0.0 for one in (beside.now, beside.before)]
    aligned = align(shown[beside.now.pk].steps, shown[beside.before.pk].steps, *ends_s)
    asked = {
        "moments": moments(aligned),
        "fps": FPS,
        "still": 0,
        "labels": labels(*((one.ordered_at, shown[one.pk].score) for one in pair)),
    }
    with ExitStack() as stack:
        asked["films"] = [str(stack.enter_context(storage.local_copy(_film_key(one)))) for one in pair]
        spec.write_text(json.dumps(asked))
        lay_beside(spec, picture, film)


def moments(aligned: Alignment) -> list[tuple[float, float]]:
    """Return the moments (before, now) of every picture, SLOWER than it was, as many whole strides as fit."""
    taken: list[tuple[float, float]] = []
    for stride in range(aligned.strides):
        length_s = (aligned.now_s[stride + 1] - aligned.now_s[stride]) * SLOWER
        if taken and (len(taken) / FPS) + length_s > LONGEST_S:
            break
        count = max(1, round(min(length_s, LONGEST_S) * FPS))
        share = min(length_s, LONGEST_S) / length_s
        for index in range(count):
            now_s, before_s = aligned.at(stride + share * index / count)
            taken.append((before_s, now_s))
    return taken


def _film_key(analysis: Analysis) -> str:
    return analysis.result.film_key or analysis.clip.review_key


def labels(*films: tuple[datetime, float | None]) -> list[str]:
    """Return what stands on each film, by when it was ordered and its score: the day, on one day the time with it."""
    # Digits and signs that every language reads: the picture may be sent to anybody.
    days = {timezone.localdate(at) for at, _ in films}
    form = "%Y-%m-%d" if len(days) == len(films) else "%Y-%m-%d %H:%M"
    told = [(timezone.localtime(at).strftime(form), score) for at, score in films]
    return [when if score is None else f"{when}   {score * 100:.0f}/100" for when, score in told]


def _end(beside: Beside, **changes: object) -> bool:
    return bool(Beside.objects.filter(pk=beside.pk).update(lease_until=None, **changes))


def _give_up(beside: Beside) -> None:
    """What brings down its worker each time must not do so for ever."""
    spent = Beside.objects.due(timezone.now()).filter(pk=beside.pk, tries__gte=MAX_TRIES)
    if spent.update(status=Beside.Status.FAILED):
        log.error("beside_given_up", beside_id=beside.pk, tries=MAX_TRIES)

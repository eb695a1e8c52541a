"""Cut a picture of every landing out of the film, all in one row: an extra that a result never waits for."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import structlog
from django.conf import settings

from analyses.landings import PART_PX, Cut, cut
from analyses.models import Analysis, Result
from analyses.readout import as_received, points_of
from analyses.steps import step_views
from clips import storage
from clips.models import Clip
from clips.probe import CopyBroke, NotAFilm, cut_row

log = structlog.get_logger(__name__)

LEASE_S = 480  # a little longer than the program may take
MAX_TRIES = 3
STORE_PAUSE_S = 15  # a store that does not answer is asked again soon
MAX_BYTES = 60_000
COLOURS = {"left": "#3aa0dc", "right": "#e8823f"}  # as on films: tokens.css


def landings_due(analysis: Analysis) -> bool:
    """Tell whether the landings of a result may still be pictured, without looking into its answers."""
    if analysis.status != Analysis.Status.SUCCEEDED:
        return False
    result, clip = analysis.result, analysis.clip
    tried_out = result.landings_key or result.landings_tries >= MAX_TRIES
    return not tried_out and clip.copies_removed_at is None and bool(_film_key(clip))


def picture_landings(*, analysis: Analysis) -> None:
    """Make the row of pictures; afterwards the result names it, or it was tried for good. Twice is the same as once."""
    if not landings_due(analysis) or not analysis.result.lease_landings(seconds=LEASE_S, max_tries=MAX_TRIES):
        return
    result, key = analysis.result, f"results/{analysis.code}/landings.webp"
    try:
        steps = _store(analysis, key)
    except (NotAFilm, FileNotFoundError, NotToBeSeen) as error:
        log.warning("landings_refused", analysis=str(analysis.code), error=type(error).__name__)
        _end(result, landings_tries=MAX_TRIES)
    except CopyBroke as error:
        log.warning("landings_broke", analysis=str(analysis.code), error=str(error))
        _end(result)
    except storage.TROUBLE as error:
        log.warning("landings_wait_for_the_store", analysis=str(analysis.code), error=str(error))
        result.put_landings_off(seconds=STORE_PAUSE_S)
    else:
        if not _end(result, landings_key=key, landings_of=steps):  # erased, or kept long enough, meanwhile
            storage.delete(key)


class NotToBeSeen(Exception):
    """The answers do not say where in the film a foot lands."""


def _store(analysis: Analysis, key: str) -> list[int]:
    """Make and store the row; return its steps. Raises NotAFilm, CopyBroke, NotToBeSeen, storage.TROUBLE."""
    shown = _shown(analysis)
    with (
        storage.local_copy(_film_key(analysis.clip)) as film,
        tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="landings-") as folder,
    ):
        spec, picture = Path(folder, "spec.json"), Path(folder, "row.webp")
        spec.write_text(json.dumps(_asked(film, shown)))
        cut_row(spec, picture)
        with picture.open("rb") as file:
            storage.put(key, file)
    return [leg.step.number for leg in shown.legs]


def _shown(analysis: Analysis) -> Cut:
    clip, points = analysis.clip, points_of(analysis.result)
    steps = step_views(as_received(analysis)[1])
    size = clip.width_px or 0, clip.height_px or 0
    shown = cut(points, steps, size) if points and all(size) else None
    if shown is None:
        raise NotToBeSeen
    return shown


def _asked(film: Path, shown: Cut) -> dict[str, object]:
    parts = [
        {"time_s": leg.time_s, "corner": corner, "lines": lines, "colour": COLOURS[leg.step.side]}
        for leg, corner, lines in zip(shown.legs, shown.corners, shown.lines, strict=True)
    ]
    return {"film": str(film), "size_px": PART_PX, "box": shown.box, "parts": parts, "max_bytes": MAX_BYTES}


def _film_key(clip: Clip) -> str:
    """The film as it came, or its copy where that alone is kept: both begin with the same picture."""
    return clip.original_key if clip.has_original else clip.review_key


def _end(result: Result, **changes: object) -> bool:
    kept = Result.objects.filter(pk=result.pk, analysis__clip__copies_removed_at=None)
    return bool(kept.update(landings_lease_until=None, **changes))

"""What is done with films: take them in, look into them, copy them for review, let them go.

Nothing here costs a credit or leaves the house.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.models import Organization, User
from clips import storage
from clips.models import Clip, NotProbed
from clips.names import shown_name
from clips.probe import Copied, CopyBroke, NotAFilm, look, make_copies, probe, trim_film
from clips.rules import MAX_DURATION_S, MAX_SIZE_BYTES, is_trimmable
from subjects.models import Subject

log = structlog.get_logger(__name__)

COPY_LEASE_S = 480  # a little longer than a copy may take
MAX_COPY_TRIES = 3
STORE_PAUSE_S = 15  # a store that does not answer is asked again soon
MAX_COPIED_S = 60.0  # ours: six times what can be measured; copying hours of film would keep others waiting
AT_ONCE = 100


class ClipInUse(Exception):
    """An analysis was made of this film."""


def begin_upload(*, organization: Organization, name: str, by: User | None, subject: Subject | None = None) -> Clip:
    """Make the row a film is uploaded for; its keys are fixed from now on."""
    return Clip.objects.create(
        organization=organization,
        subject=subject,
        uploaded_by=by,
        original_name=shown_name(name),
        folder=storage.new_folder(),
    )


def receive_film(*, clip: Clip, file: BinaryIO) -> None:
    """Keep what was uploaded through our own server, where `finish_upload` looks for it."""
    storage.put(clip.incoming_key, file)


def finish_upload(*, clip: Clip, start_s: float | None = None) -> Clip:
    """Look into the film that has arrived; afterwards the clip is probed, or rejected and says why.

    With `start_s`, of a film too long to be measured the ten seconds from there are kept.
    Done twice, the second time changes nothing. Raises NotAFilm("missing") when nothing has arrived, which it still
    may, and when the film was removed while it was looked into; CopyBroke when it could not be cut, which may be tried
    again.
    """
    clip.refresh_from_db()
    if clip.status == Clip.Status.WAITING:
        _accept_upload(clip)
        try:
            _probe_clip(clip, start_s)
        except NotAFilm as refusal:
            if refusal.code == "missing":
                raise
            _reject(clip, refusal.code)
        except CopyBroke as error:
            log.error("trim_broke", clip_id=clip.pk, how=str(error))
            raise
        try:
            clip.refresh_from_db()
        except Clip.DoesNotExist:
            raise NotAFilm("missing") from None
    return clip


def take_file(*, organization: Organization, path: Path, by: User | None, subject: Subject | None = None) -> Clip:
    """Take a film from this machine's disk under the same rules as an upload. Raises NotAFilm, keeping nothing."""
    if path.stat().st_size > MAX_SIZE_BYTES:
        raise NotAFilm("too_big")
    clip = begin_upload(organization=organization, name=path.name, by=by, subject=subject)
    with path.open("rb") as file:
        receive_film(clip=clip, file=file)
    clip = finish_upload(clip=clip)
    if clip.status == Clip.Status.REJECTED:
        code = clip.rejection_code
        delete_clip(clip=clip)
        raise NotAFilm(code)
    return clip


def _accept_upload(clip: Clip) -> None:
    """Put what has arrived where no upload form reaches, so that what is probed is what will be sent."""
    try:
        storage.move(clip.incoming_key, clip.original_key)
    except FileNotFoundError:
        # Moved by an earlier try that died before it could probe, or it never arrived: the probe finds out.
        log.info("upload_not_waiting", clip_id=clip.pk)


def _probe_clip(clip: Clip, start_s: float | None) -> None:
    """Write down what the stored film is. Raises NotAFilm; the row stays.

    It is cut first where `start_s` asks for it, and slow motion is brought to its true speed where the film says it.
    """
    try:
        with storage.local_copy(clip.original_key) as path:
            if path.stat().st_size > MAX_SIZE_BYTES:
                raise NotAFilm("too_big")
            facts, slowed_by = look(path)
            if start_s is not None and is_trimmable(facts.duration_s / slowed_by):
                known = _keep_part(clip, path, start_s, MAX_DURATION_S * slowed_by)
            elif slowed_by > 1:
                known = _keep_part(clip, path, 0.0, facts.duration_s)
            else:
                known = {**asdict(facts), "sha256": storage.sha256(path)}
    except FileNotFoundError as error:
        raise NotAFilm("missing") from error
    if known["duration_s"] > MAX_COPIED_S:
        known["copy_status"] = Clip.CopyStatus.FAILED
    # Two requests may finish the same upload: the first one's answer stands.
    Clip.objects.filter(pk=clip.pk, status=Clip.Status.WAITING).update(status=Clip.Status.PROBED, **known)


def _keep_part(clip: Clip, path: Path, start_s: float, length_s: float) -> dict[str, Any]:
    """Put the seconds from `start_s` in the film's place, at the speed of the run; return what they are."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="trim-") as folder:
        part = Path(folder, "part")
        trim_film(path, part, start_s=start_s, length_s=length_s)
        known = {**asdict(probe(part)), "sha256": storage.sha256(part)}
        # Cutting takes a while: what another request has found out meanwhile is about the film that lies there.
        if Clip.objects.filter(pk=clip.pk, status=Clip.Status.WAITING).exists():
            with part.open("rb") as file:
                storage.put(clip.original_key, file)
    return known


def make_review_copy(*, clip: Clip) -> None:
    """Make the copy a browser plays, and its still; afterwards `copy_status` says ready, or failed for good.

    The keys depend on the clip alone, so that made twice is the same as made once.
    """
    if not clip.lease_copy(seconds=COPY_LEASE_S, max_tries=MAX_COPY_TRIES):
        _give_up_copy_tried_too_often(clip)
        return
    review_key, thumbnail_key = _copy_keys(clip)
    try:
        made = _store_copies(clip.original_key, review_key, thumbnail_key)
    except NotAFilm as refusal:
        log.warning("review_copy_refused", clip_id=clip.pk, code=refusal.code)
        _end_copy(clip, copy_status=Clip.CopyStatus.FAILED)
        return
    except FileNotFoundError:
        log.error("review_copy_without_film", clip_id=clip.pk)
        _end_copy(clip, copy_status=Clip.CopyStatus.FAILED)
        return
    except storage.TROUBLE as error:
        log.warning("review_copy_waits_for_the_store", clip_id=clip.pk, error=str(error))
        clip.put_copy_off(seconds=STORE_PAUSE_S)
        return
    kept = _end_copy(
        clip,
        copy_status=Clip.CopyStatus.READY,
        copy_fps=made.fps,
        copy_frame_count=made.frame_count,
        review_key=review_key,
        thumbnail_key=thumbnail_key,
    )
    if not kept:  # the clip was deleted meanwhile
        storage.delete(review_key, thumbnail_key)


def _copy_keys(clip: Clip) -> tuple[str, str]:
    """Where the review copy and its still lie once they are made."""
    return f"{clip.folder}/review.mp4", f"{clip.folder}/thumbnail.jpg"


def _store_copies(original_key: str, review_key: str, thumbnail_key: str) -> Copied:
    """Make and store both copies of a film. Raises NotAFilm, CopyBroke, FileNotFoundError, storage.TROUBLE."""
    with (
        storage.local_copy(original_key) as original,
        tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix="copy-") as folder,
    ):
        review, thumbnail = Path(folder, "review.mp4"), Path(folder, "thumbnail.jpg")
        made = make_copies(original, review, thumbnail)
        for key, path in ((review_key, review), (thumbnail_key, thumbnail)):
            with path.open("rb") as file:
                storage.put(key, file)
    return made


def open_original(clip: Clip) -> BinaryIO:
    """The film as it came, to be read in pieces with constant memory. Raises NotProbed, FileNotFoundError."""
    if not clip.is_usable:
        raise NotProbed(clip.status)
    if not clip.has_original:
        raise FileNotFoundError(clip.original_key)
    return storage.open_file(clip.original_key)


def delete_clip(*, clip: Clip) -> None:
    """Remove a film and every copy of it. Raises ClipInUse, removing nothing, when an analysis was made of it.

    Raises storage.TROUBLE, keeping the row: files without one nobody would ever find again.
    """
    try:
        with transaction.atomic():
            # Locked before it is asked what was made of it: an order of this moment is seen, or finds the film gone.
            Clip.objects.select_for_update().filter(pk=clip.pk).first()
            clip.delete()
            storage.delete(clip.incoming_key, clip.original_key, *_copy_keys(clip))
    except ProtectedError as error:
        raise ClipInUse from error


def forget_abandoned(*, now: datetime) -> int:
    """Remove uploads that never arrived or were no films, a day later; return how many."""
    clips = list(Clip.objects.abandoned(now)[:AT_ONCE])
    for clip in clips:
        delete_clip(clip=clip)
    return len(clips)


def _reject(clip: Clip, code: str) -> None:
    waiting = Clip.objects.filter(pk=clip.pk, status=Clip.Status.WAITING)
    if waiting.update(status=Clip.Status.REJECTED, rejection_code=code):
        storage.delete(clip.original_key)


def _end_copy(clip: Clip, **changes: object) -> bool:
    return bool(Clip.objects.filter(pk=clip.pk).update(copy_lease_until=None, **changes))


def _give_up_copy_tried_too_often(clip: Clip) -> None:
    """A film that brings down its worker each time must not do so for ever."""
    spent = Clip.objects.filter(pk=clip.pk, copy_status=Clip.CopyStatus.PENDING, copy_tries__gte=MAX_COPY_TRIES)
    if spent.exclude(copy_lease_until__gt=timezone.now()).update(copy_status=Clip.CopyStatus.FAILED):
        log.error("review_copy_given_up", clip_id=clip.pk, tries=MAX_COPY_TRIES)

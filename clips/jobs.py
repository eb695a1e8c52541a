"""What the workers of the `films` queue run. Every job may be lost or run twice; the row knows what is due."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts import wall
from clips import actions, leftovers
from clips.models import Clip
from workers.hints import send_hint

AT_ONCE = 100
JOB_S = 460  # longer than probe.COPY_S, so that the film's own limit speaks first


def make_review_copy(*, clip_id: int) -> None:
    clip = Clip.objects.filter(pk=clip_id).first()
    if clip is not None:  # deleted while the job waited
        with wall.only(clip.organization_id):
            actions.make_review_copy(clip=clip)


def hint(clip: Clip) -> None:
    """Tell the workers after the commit that this film wants its copy. Best effort: the clock finds what is lost."""
    transaction.on_commit(lambda: _enqueue(clip.pk), robust=True)


def hint_due() -> int:
    """Tell the workers about every film whose copy is due; return how many. For the clock."""
    due = Clip.objects.due_for_review_copy(timezone.now()).order_by("created_at").values_list("pk", flat=True)
    return sum(_enqueue(pk) for pk in list(due[:AT_ONCE]))


def remove_leftovers() -> int:
    """Remove half-written files that nobody works on any more; return how many. For the clock."""
    return leftovers.remove_leftovers(now=timezone.now())


def forget_abandoned() -> int:
    """Remove uploads that came to nothing; return how many. For the clock."""
    return actions.forget_abandoned(now=timezone.now())


def _enqueue(pk: int) -> bool:
    return send_hint(make_review_copy, queue="films", job_timeout_s=JOB_S, clip_id=pk)

"""What people add to what was measured: a note at a frame, several passes read as one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.manner import manner_of
from accounts.models import User
from analyses.changes import side_of
from analyses.compare import not_alike
from analyses.models import Analysis, NotePin, Pool
from analyses.pooling import LEAST_PASSES
from subjects.actions import write_note
from subjects.models import Note, Subject


class NotPooled(Exception):
    """These passes cannot be read as one; the sentence says why. Nothing was kept."""


@transaction.atomic
def pin_note(*, analysis: Analysis, text: str, by: User, frame: int | None = None) -> Note:
    """Write a note about an analysis, perhaps about one frame of its film; it is about the day of the film.

    The same text of the same person is one note: its form may be sent again where the answer was lost on the way.
    """
    Subject.objects.select_for_update().get(pk=analysis.subject_id)
    same = Note.objects.filter(pin__analysis=analysis, pin__frame=frame, by=by, text=text).first()
    if same:
        return same
    day = timezone.localdate(analysis.ordered_at)
    note = write_note(subject=analysis.subject, text=text, by=by, on=day)
    NotePin.objects.create(organization=analysis.organization, note=note, analysis=analysis, frame=frame)
    return note


@transaction.atomic
def pool_passes(*, passes: Sequence[Analysis], by: User) -> Pool:
    """Read passes of one runner, each with its clip and account, as one from now on. Raises NotPooled."""
    if len(passes) < LEAST_PASSES:
        raise NotPooled(_("Choose two passes or more."))
    first = passes[0]
    days = {timezone.localdate(one.ordered_at) for one in passes}
    done = all(one.status == Analysis.Status.SUCCEEDED for one in passes)
    if len({one.subject_id for one in passes}) > 1 or len(days) > 1 or not done:
        raise NotPooled(_("Only finished passes of one runner on one day can be read as one."))
    units = manner_of(by, first.organization).units
    for one in passes[1:]:
        if reasons := not_alike(side_of(first), side_of(one), units=units):
            raise NotPooled(_("These passes are %(why)s.") % {"why": reasons[0].text})
    pool = Pool.objects.create(organization=first.organization, subject=first.subject, by=by)
    pool.analyses.set(passes)
    return pool


def remove_pool(*, pool: Pool) -> None:
    """Forget that these passes were read as one; the passes stay."""
    pool.delete()

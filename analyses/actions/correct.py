"""Leave a step out of a result, and put it back. The answer as received stays as it is."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from analyses.actions.fetch import read_again
from analyses.corrections import LEAST_STEPS
from analyses.models import Analysis, Correction
from analyses.readout import as_received
from analyses.steps import step_views


class CorrectionRefused(Exception):
    """A step cannot be left out; the message says why."""


def leave_step_out(*, analysis: Analysis, step: int, why: str, by: User) -> None:
    """Have the result's numbers rest on the other steps from now on. Done twice, it is done once.

    Raises CorrectionRefused for a step that is not there, and when too few would stay.
    """
    with transaction.atomic():
        _one_at_a_time(analysis)
        out = set(analysis.corrections.standing().values_list("step", flat=True))
        if step in out:
            return
        views = [view for view in step_views(as_received(analysis)[1]) if view.counts]
        chosen = next((view for view in views if view.number == step), None)
        if chosen is None:
            raise CorrectionRefused(_("This step has no numbers that could be left out."))
        if len(views) - len(out) - 1 < LEAST_STEPS:
            raise CorrectionRefused(_("Four steps must stay: fewer give no mean worth telling."))
        Correction.objects.create(
            organization=analysis.organization, analysis=analysis, step=step, side=chosen.side, why=why, by=by
        )
        read_again(analysis=analysis)


def put_step_back(*, analysis: Analysis, step: int, by: User) -> None:
    """Count a step again that was left out; one that was not stays as it is."""
    with transaction.atomic():
        _one_at_a_time(analysis)
        standing = analysis.corrections.standing().filter(step=step)
        if standing.update(put_back_by=by, put_back_at=timezone.now()):
            read_again(analysis=analysis)


def _one_at_a_time(analysis: Analysis) -> None:
    """Lock the result: two changes together could leave too few steps, and would write the numbers over each other."""
    Analysis.objects.select_for_update().get(pk=analysis.pk)

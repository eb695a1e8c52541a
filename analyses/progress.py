"""How far an analysis is, as steps a coach can follow."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Literal

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analyses.models import Analysis

Mark = Literal["done", "now", "next"]
Status = Analysis.Status
# Ours: the engine and Ochy both report a percentage while they measure; the last tenth is drawing the film.
DRAWING_FROM_PERCENT = 90
USUAL_OF, USUAL_FROM = 20, 3  # the last results that say how long it takes, and how many there must be


@dataclass(frozen=True)
class Step:
    """One step; `percentage` only where it is known."""

    label: str | Promise
    mark: Mark
    percentage: int | None = None


LABELS = (_("Film uploaded"), _("Film sent"), _("Measuring"), _("Drawing the film"))
SENT = 1


def steps_of(analysis: Analysis) -> list[Step]:
    """Return the four steps, with the one it is at."""
    at = _at(analysis)
    return [_step(index, at, analysis) for index in range(len(LABELS))]


def usual_s(analysis: Analysis, among: QuerySet[Analysis]) -> float | None:
    """How long this service usually takes from the order to the result; None where too few tell."""
    last = among.filter(account=analysis.account_id, status=Status.SUCCEEDED).order_by("-pk")
    times = last.values_list("ordered_at", "finished_at")[:USUAL_OF]
    took_s = [(finished_at - ordered_at).total_seconds() for ordered_at, finished_at in times if finished_at]
    return median(took_s) if len(took_s) >= USUAL_FROM else None


def _step(index: int, at: int, analysis: Analysis) -> Step:
    if index != at:
        return Step(LABELS[index], "done" if index < at else "next")
    if analysis.is_in_line:
        return Step(_("Waiting for its turn"), "now")
    # Until it is measured, the status tells more than the step's name: waiting, being sent, sent without an answer.
    label = analysis.get_status_display() if at == SENT else LABELS[index]
    return Step(label, "now", analysis.percentage if at > SENT else None)


def _at(analysis: Analysis) -> int:
    if analysis.status in (Status.QUEUED, Status.SENDING, Status.UNSURE):
        return SENT
    return 3 if analysis.percentage >= DRAWING_FROM_PERCENT else 2

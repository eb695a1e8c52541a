"""How far an analysis is, as steps a coach can follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analyses.models import Analysis

Mark = Literal["done", "now", "next"]
Status = Analysis.Status
# Ours: the engine and Ochy both report a percentage while they measure; the last tenth is drawing the film.
DRAWING_FROM_PERCENT = 90


@dataclass(frozen=True)
class Step:
    """One step; `percentage` only where it is known."""

    label: str | Promise
    mark: Mark
    percentage: int | None = None


LABELS = (_("Film uploaded"), _("Waiting to be sent"), _("Measuring"), _("Drawing the film"))


def steps_of(analysis: Analysis) -> list[Step]:
    """Return the four steps, with the one it is at."""
    at = _at(analysis)
    percentage = analysis.percentage if at == 2 else None
    return [
        Step(label, "done" if index < at else "now" if index == at else "next", percentage if index == at else None)
        for index, label in enumerate(LABELS)
    ]


def _at(analysis: Analysis) -> int:
    if analysis.status in (Status.QUEUED, Status.SENDING, Status.UNSURE):
        return 1
    return 3 if analysis.percentage >= DRAWING_FROM_PERCENT else 2

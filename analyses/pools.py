"""The numbers of a pool, from the stored answers of its passes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from analyses.measures import GROUPS, MEASURES, WHOLE, Measure
from analyses.models import Analysis
from analyses.pooling import Pooled, Reading, pool
from providers.ochy import wire
from providers.results import Number, Numbers


@dataclass(frozen=True)
class PooledRow:
    """One measure: all passes as one, and each pass in their order; None where a pass does not have it."""

    measure: Measure
    pooled: Pooled
    passes: tuple[tuple[Analysis, Reading | None], ...]


def table_of(passes: Sequence[Analysis]) -> list[tuple[str | Promise, list[PooledRow]]]:
    """Return the pooled measures by group; a measure that only one pass has is left out."""
    answers = [wire.parse_calculated(json.loads(one.result.calculated)) for one in passes]
    readings: dict[str, list[Reading | None]] = defaultdict(lambda: [None] * len(answers))
    for place, answer in enumerate(answers):
        for key, reading in _readings(answer).items():
            readings[key][place] = reading
    groups: dict[str, list[PooledRow]] = defaultdict(list)
    for key, measure in MEASURES.items():
        known = [one for one in readings.get(key, []) if one]
        if len(known) > 1:
            groups[measure.group].append(
                PooledRow(measure, pool(known), tuple(zip(passes, readings[key], strict=True)))
            )
    return [(label, groups[group]) for group, label in GROUPS.items() if groups[group]]


def _readings(answer: Numbers) -> dict[str, Reading]:
    """Return each measure of both sides together, the better said phase first, with its scatter from step to step."""
    found: dict[str, Number] = {}
    for phase in reversed(WHOLE):
        found |= {one.key: one for one in answer.numbers if one.phase == phase and one.side is None}
    return {key: Reading(one.value, one.uncertainty_95, one.sd, one.n) for key, one in found.items()}

"""The numbers of a pool, from the answers of its passes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from analyses.corrections import without
from analyses.measures import GROUPS, MEASURES, WHOLE, Measure
from analyses.models import Analysis, Correction
from analyses.pooling import Pooled, Reading, pool
from analyses.readout import as_received
from providers.results import Number, Numbers


@dataclass(frozen=True)
class PooledRow:
    """One measure: all passes as one, and each pass in their order; None where a pass does not have it."""

    measure: Measure
    pooled: Pooled
    passes: tuple[tuple[Analysis, Reading | None], ...]


def table_of(passes: Sequence[Analysis]) -> list[tuple[str | Promise, list[PooledRow]]]:
    """Return the pooled measures by group, from all steps but those left out; a measure of one pass alone is no row."""
    left_out: dict[int, set[int]] = defaultdict(set)
    for analysis, step in Correction.objects.standing().filter(analysis__in=passes).values_list("analysis", "step"):
        left_out[analysis].add(step)
    answers = [without(*as_received(one), left_out[one.pk]).measured for one in passes]
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

"""The score of changed numbers, by the ranges and weights that the answer itself tells. Pure.

The rule is the answering engine's (docs/measures.md, "Scores"): 1 inside the good range, 0.5 at the okay limit, 0 as
far again beyond, straight between; judged at the best point of value ± half its uncertainty. What the rule gives for
the unchanged numbers must be the stated score, or nothing is scored anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.numbers import with_unit
from analyses.measures import MEASURES
from providers.results import Assessment, Finding, Number, Numbers, Side, Weight

MOST_FINDINGS = 3
LEAST_TOLD_LOSS = 0.005  # as the engine: half a point of the score
SAME_SCORE = 0.01  # ranges are told rounded to 0.1
LEGS: dict[str, Side] = {"left": "left", "right": "right"}  # the parts of a back view are the two legs


@dataclass(frozen=True)
class Mark:
    """What one measure of one part scores, and how much of the total it costs."""

    weight: Weight
    number: Number
    score: float
    loss: float
    verdict: str  # low, good or high


def score_of(number: Number) -> float | None:
    """Return what a number scores in its ranges, 0 to 1; None for one that has none."""
    if number.range_good is None or number.range_okay is None:
        return None
    (low, high), value = number.range_good, number.value
    if (value <= low and "low" in number.open_ends) or (value >= high and "high" in number.open_ends):
        return 1.0
    kind = (number.uncertainty_95 or 0.0) / 2
    if value < low:
        return _down(low - min(value + kind, low), low - number.range_okay[0])
    return _down(max(value - kind, high) - high, number.range_okay[1] - high)


def _down(beyond: float, width: float) -> float:
    return max(0.0, 1 - 0.5 * beyond / max(width, 1e-9))


def rescored(judged: Assessment, before: Numbers, after: Numbers) -> tuple[Assessment, Numbers] | None:
    """Return both with the scores and findings of the changed numbers.

    None when the rule is not the answer's own, or no number that is scored has changed.
    """
    old, new = _marks(before), _marks(after)
    stated = judged.total_score if judged.total_score is not None else before.total_score
    was, now = _total(old), _total(new)
    if stated is None or was is None or now is None or abs(was - stated) > SAME_SCORE or _values(old) == _values(new):
        return None
    # Stated scores are rounded: what we add is only the change.
    total = min(1.0, max(0.0, stated + now - was))
    parts = []
    for part in judged.parts:
        one, two = _part(old, part.key), _part(new, part.key)
        if part.side is None and part.score is not None and one is not None and two is not None and one != two:
            part = replace(part, score=min(1.0, max(0.0, part.score + two - one)))
            if _lost(old, part.key) != _lost(new, part.key):
                # The words were about what was lost before.
                part = replace(part, position="", explanation="", recap=(), exercises=())
        parts.append(part)
    gauges = tuple(replace(gauge, value=_value(after, gauge.key, gauge.value)) for gauge in before.gauges)
    changed = replace(after, total_score=total, gauges=gauges, findings=_findings(new, before.findings))
    return replace(judged, total_score=total, parts=tuple(parts)), changed


def _marks(measured: Numbers) -> list[Mark]:
    numbers = {(one.key, one.side, one.phase): one for one in measured.numbers}
    marks = []
    for weight in measured.weights:
        side = LEGS.get(weight.part)
        total = sum(weight.measures.values())
        for key, own in weight.measures.items():
            number = numbers.get((key, side, "stance_peak")) if side else numbers.get((key, None, None))
            score = score_of(number) if number else None
            if number is not None and score is not None:
                loss = weight.weight * own / total * (1 - score)
                marks.append(Mark(weight, number, score, loss, _verdict(number) if score < 1 else "good"))
    return marks


def _verdict(number: Number) -> str:
    low, high = number.range_good or (number.value, number.value)
    return "low" if number.value < low else "high" if number.value > high else "good"


def _part(marks: list[Mark], part: str) -> float | None:
    own = [mark for mark in marks if mark.weight.part == part]
    total = sum(mark.weight.measures[mark.number.key] for mark in own)
    return sum(mark.weight.measures[mark.number.key] * mark.score for mark in own) / total if total else None


def _total(marks: list[Mark]) -> float | None:
    weights = {mark.weight.part: mark.weight.weight for mark in marks}
    scores = {part: _part(marks, part) or 0.0 for part in weights}
    return sum(weights[part] * scores[part] for part in weights) / sum(weights.values()) if weights else None


def _lost(marks: list[Mark], part: str) -> set[tuple[str, str]]:
    return {(mark.number.key, mark.verdict) for mark in marks if mark.weight.part == part and mark.score < 1}


def _values(marks: list[Mark]) -> list[float]:
    return [mark.number.value for mark in marks]


def _value(measured: Numbers, key: str, otherwise: float | None) -> float | None:
    return next(
        (one.value for one in measured.numbers if (one.key, one.side, one.phase) == (key, None, None)), otherwise
    )


def _findings(marks: list[Mark], told: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return what costs most now, worst first; the service's words stay with what it has said them about."""
    worst = sorted((mark for mark in marks if mark.loss >= LEAST_TOLD_LOSS), key=lambda mark: -mark.loss)
    return tuple(islice(filter(stands, (_finding(mark, told) for mark in worst)), MOST_FINDINGS))


def stands(finding: Finding) -> bool:
    """Say whether a finding can be told: not where the doubt is wider than the typical range and reaches into it."""
    if finding.value is None or finding.range_good is None:
        return True
    low, high = finding.range_good
    doubt = finding.uncertainty_95 or 0.0
    return doubt <= high - low or not (low - doubt <= finding.value <= high + doubt)


def _finding(mark: Mark, told: tuple[Finding, ...]) -> Finding:
    number, side = mark.number, LEGS.get(mark.weight.part)
    same = next(
        (one for one in told if (one.key, one.side) == (number.key, side) and _side_of(one) == mark.verdict), None
    )
    measure = MEASURES.get(number.key)
    return Finding(
        key=number.key,
        side=side,
        title=same.title if same else str(measure.label) if measure else number.key,
        text=_sentence(number),
        verdict=same.verdict if same else "",
        value=number.value,
        uncertainty_95=number.uncertainty_95,
        unit=number.unit,
        range_good=number.range_good,
        cue=same.cue if same else "",
    )


def _side_of(finding: Finding) -> str:
    if finding.value is None or finding.range_good is None:
        return ""
    return "low" if finding.value < finding.range_good[0] else "high"


def _sentence(number: Number) -> str:
    measure = MEASURES.get(number.key)
    digits, unit = (measure.decimals, measure.unit) if measure else (1, number.unit)
    low, high = number.range_good or (number.value, number.value)

    def written(value: float) -> str:
        return number_format(round(value, digits), digits)

    said = {"value": written(number.value), "unsure": written(number.uncertainty_95 or 0.0)}
    said |= {"low": written(low), "high": written(high), "unit": with_unit("", unit)}
    if "low" in number.open_ends:
        return _("%(value)s ± %(unsure)s%(unit)s; typical is at most %(high)s%(unit)s.") % said
    if "high" in number.open_ends:
        return _("%(value)s ± %(unsure)s%(unit)s; typical is at least %(low)s%(unit)s.") % said
    return _("%(value)s ± %(unsure)s%(unit)s; typical is %(low)s to %(high)s%(unit)s.") % said

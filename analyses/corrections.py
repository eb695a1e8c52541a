"""A result without some of its steps. Pure: an answer in, the same answer from the steps that are left out.

A number follows only where the answer tells what every step gave of it and the mean of these is the number itself, or
where it is such a number times a constant; what is counted over the whole film, read off a mean curve or estimated by a
model stays, and is named. The score follows where the answer tells its weights, these give the score it states, and a
number that is scored has followed.

Uncertainty: an engine's 95 % half width is twice the root of bias² + spread²/n (docs/measures.md, "How sure"). Only the
second part knows the steps: it is taken out as the steps gave it and put in as those that are left give it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from math import sqrt
from statistics import fmean, variance

from django.utils.translation import gettext as _

from accounts.writing import in_turn, listed
from analyses.measures import MEASURES, WHOLE
from analyses.scoring import rescored
from analyses.steps import counts, readings
from providers.results import Assessment, Number, Numbers, Side

LEAST_STEPS = 4  # that must stay: fewer give no mean worth telling (docs/measures.md, too_few_steps)
SIDES: tuple[Side, Side] = ("left", "right")
# Readings are told rounded, so their mean may miss the number by this and a share of it.
ROUNDING, ROUNDING_SHARE = 0.1, 0.002
FOLLOWING = {"duty_factor": "contact_time_ms", "vertical_ratio_percent": "oscillation_cm"}  # the one is a share of both
ASYMMETRY, CONTACT = "contact_asymmetry_percent", "contact_time_ms"


@dataclass(frozen=True)
class Corrected:
    """The answer that is left, and the measures that could not follow."""

    judged: Assessment
    measured: Numbers
    stays: tuple[str, ...] = ()
    score_follows: bool = True


@dataclass(frozen=True)
class Given:
    """What the steps of one side gave of a measure."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return fmean(self.values)

    @property
    def error2(self) -> float:
        """The squared standard error of the mean by the steps' spread."""
        return variance(self.values) / len(self.values) if len(self.values) > 1 else 0.0

    @property
    def sd(self) -> float:
        return sqrt(variance(self.values)) if len(self.values) > 1 else 0.0


BySide = dict[Side | None, Given]
At = tuple[str, Side | None, str | None]  # key, side, phase


def without(judged: Assessment, measured: Numbers, left_out: Collection[int]) -> Corrected:
    """Return the answer from all steps but those with these numbers."""
    if not left_out:
        return Corrected(judged, measured)
    every, kept = _given(measured, ()), _given(measured, left_out)
    before = {(one.key, one.side, one.phase): one for one in measured.numbers}
    numbers = dict(before)
    for (key, side, phase), number in before.items():
        sided = any((key, one, phase) in before for one in SIDES)
        if phase in WHOLE and (new := _follow(number, every.get(key, {}), kept.get(key, {}), sided)):
            numbers[key, side, phase] = new
    _scaled(numbers, before)
    _asymmetry(numbers, before, every, kept)
    changed = replace(measured, numbers=tuple(numbers.values()))
    stays = _stays(numbers, before)
    rejudged = rescored(judged, measured, changed)
    if rejudged is None:
        return Corrected(judged, changed, stays, score_follows=False)
    return Corrected(*rejudged, stays)


def _stays(numbers: dict[At, Number], before: dict[At, Number]) -> tuple[str, ...]:
    """Return the measures whose own number, the one a page shows, is what it was."""
    stays = []
    for key in MEASURES:
        phases = [phase for phase in WHOLE if any(at[0] == key and at[2] == phase for at in before)]
        if phases and all(numbers[at] is before[at] for at in before if (at[0], at[2]) == (key, phases[0])):
            stays.append(key)
    return tuple(stays)


def _given(measured: Numbers, left_out: Collection[int]) -> dict[str, BySide]:
    """Return what the steps gave of each measure, of each side and of both together."""
    found: dict[str, dict[Side | None, list[float]]] = {}
    for place, step in enumerate(measured.steps, start=1):
        if (step.number or place) in left_out or not counts(step, measured):
            continue
        for key, reading in readings(step).items():
            for side in (step.side, None) if step.side else (None,):
                found.setdefault(key, {}).setdefault(side, []).append(reading.value)
    return {key: {side: Given(tuple(values)) for side, values in own.items()} for key, own in found.items()}


def _follow(number: Number, every: BySide, kept: BySide, sided: bool) -> Number | None:
    """Return the number from the steps that are left; None when it is not the mean of its steps."""
    mean = _of_sides if number.side is None and sided else _of_all
    old, new = mean(every, number.side), mean(kept, number.side)
    if not old or not new or abs(old[0] - number.value) > ROUNDING + ROUNDING_SHARE * abs(number.value):
        return None
    # What is stated is rounded another way than the mean of the readings: only the difference is ours.
    value = number.value + new[0] - old[0]
    unsure = _unsure(number.uncertainty_95, old[1], new[1])
    return number._replace(value=value, uncertainty_95=unsure, n=new[2], sd=new[3])


def _of_all(given: BySide, side: Side | None) -> tuple[float, float, int, float] | None:
    """Mean, its squared error, how many, and their spread."""
    own = given.get(side)
    return (own.mean, own.error2, len(own.values), own.sd) if own else None


def _of_sides(given: BySide, _side: Side | None) -> tuple[float, float, int, float] | None:
    """The same of the mean of two sides, each counting alike however many steps it has."""
    own = [given[side] for side in SIDES if side in given]
    if not own:
        return None
    n = len(own)
    return (
        fmean(side.mean for side in own),
        sum(side.error2 for side in own) / n**2,
        sum(len(side.values) for side in own),
        sqrt(fmean(side.sd**2 for side in own)),
    )


def _unsure(stated_95: float | None, old2: float, new2: float) -> float | None:
    return None if stated_95 is None else sqrt(max(stated_95**2 - 4 * old2, 0.0) + 4 * new2)


def _scaled(numbers: dict[At, Number], before: dict[At, Number]) -> None:
    """Move what is a constant times a number that moved; its step count and doubt move with it."""
    for key, source in FOLLOWING.items():
        for side in (None, *SIDES):
            own, old, new = (
                table.get((name, side, None)) for table, name in ((before, key), (before, source), (numbers, source))
            )
            if own is None or old is None or new is None or old is new or not old.value:
                continue
            factor = own.value / old.value
            unsure = own.uncertainty_95
            if unsure is not None and old.uncertainty_95 is not None and new.uncertainty_95 is not None:
                unsure = sqrt(max(unsure**2 + factor**2 * (new.uncertainty_95**2 - old.uncertainty_95**2), 0.0))
            numbers[key, side, None] = own._replace(value=new.value * factor, uncertainty_95=unsure, n=new.n)


def _asymmetry(
    numbers: dict[At, Number], before: dict[At, Number], every: dict[str, BySide], kept: dict[str, BySide]
) -> None:
    """The difference of the two contacts, in percent of their mean."""
    stated = before.get((ASYMMETRY, None, None))
    left, right = (numbers.get((CONTACT, side, None)) for side in SIDES)
    if stated is None or left is None or right is None:
        return
    if left is before[CONTACT, "left", None] and right is before[CONTACT, "right", None]:
        return
    mean = (left.value + right.value) / 2
    scale = 200 / mean
    old2, new2 = (
        sum(given[CONTACT][side].error2 for side in SIDES if side in given[CONTACT]) * (scale / 2) ** 2
        for given in (every, kept)
    )
    numbers[ASYMMETRY, None, None] = stated._replace(
        value=100 * abs(right.value - left.value) / mean,
        uncertainty_95=_unsure(stated.uncertainty_95, old2, new2),
        n=min(left.n or 0, right.n or 0) or None,
    )


def stays_sentence(stays: Collection[str], *, score_follows: bool) -> str:
    """Say which numbers did not follow a step that was left out; nothing when all did."""
    said = []
    names = listed(MEASURES[key].label for key in stays)
    if names:
        text = _("These could not follow, because they are told for the whole film only: %(names)s.")
        said.append(text % {"names": names})
    if not score_follows:
        said.append(_("Score and advice could not follow and are unchanged."))
    return in_turn(said)

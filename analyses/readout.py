"""What the result page shows, read from the stored answers: documents in, plain rows out.

A service that leaves something out makes the page shorter, never wrong.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.questions import ask
from accounts.writing import COLON
from analyses.corrections import Corrected, stays_sentence, without
from analyses.curves import Drawing, drawings
from analyses.gauges import Gauge, Limits, gauge, limits_of
from analyses.measures import GROUPS, JOINTS, MEASURES, MOMENTS, WHOLE, Measure
from analyses.models import Analysis, AnalysisQuerySet, Correction, Result
from analyses.scoring import stands
from analyses.steps import StepView, first_moments, step_views
from clips import storage
from providers.ochy import wire
from providers.results import Assessment, Caution, Finding, Landmarks, Number, Numbers, Part, RunningStyle
from providers.results import Gauge as PartValue

# Ours: the vendor publishes no thresholds.
GOOD_FROM, OKAY_FROM = 0.75, 0.5
INSIDE_SHOWN = 6
WEAKEST = 3


@dataclass(frozen=True)
class Row:
    """One measure: mean and sides, how unsure, and where it lies in its range."""

    measure: Measure
    mean: float | None
    left: float | None = None
    right: float | None = None
    uncertainty_95: float | None = None
    steps: int | None = None
    gauge: Gauge | None = None
    source: str = ""
    first_s: tuple[float | None, float | None, float | None] = (None, None, None)  # in the film: of all, left, right


@dataclass(frozen=True)
class PartView:
    """One judged part with its verdict."""

    part: Part
    exercises: tuple[str, ...] = ()
    value: float | None = None  # what the part's range is about, in degrees
    about: str = ""  # the measure that value is of
    too_unsure: float | None = None  # what we are unsure of, where that is more than its whole typical range
    open_ends: Collection[str] = ()  # of its typical range: low, high

    @property
    def typical(self) -> Limits | None:
        return limits_of(self.part.range_good, self.open_ends) if self.part.range_good else None

    @property
    def verdict(self) -> str:
        """Good, okay or bad. "In its range" says nothing where the doubt is wider than the range."""
        return "unknown" if self.says_nothing else verdict_of(self.part.score)

    @property
    def says_nothing(self) -> bool:
        return self.too_unsure is not None and verdict_of(self.part.score) == "good"


@dataclass(frozen=True)
class JointRow:
    """One joint of one side at the moments of the cycle, in degrees."""

    joint: str | Promise
    side: str
    angles: tuple[tuple[float | None, float | None], ...]  # each with where the film shows it first, s


@dataclass(frozen=True)
class Readout:
    """Everything the page shows."""

    score: float | None
    parts: tuple[PartView, ...]
    findings: tuple[tuple[Finding, str], ...]
    groups: tuple[tuple[str | Promise, tuple[Row, ...]], ...]
    steps: tuple[StepView, ...]
    joints: tuple[JointRow, ...]
    measured: Numbers
    over_stance: bool
    styles: tuple[RunningStyle, ...]
    warnings: tuple[Caution, ...]
    missing: tuple[tuple[str | Promise, str], ...] = ()
    caution: str = ""
    first_s: dict[str, float] = field(default_factory=dict)  # where the film shows each measure first
    left_out: Collection[int] = ()  # steps, by their numbers
    unchanged: str = ""  # which numbers could not follow a step that was left out
    moments: tuple[str | Promise, ...] = field(default_factory=lambda: tuple(MOMENTS.values()))

    @property
    def verdict(self) -> str:
        return verdict_of(self.score)

    @cached_property
    def curves(self) -> tuple[Drawing, ...]:
        """The joint angles as drawings, made for who shows them: they are half the work of a readout."""
        toe_off_percent = None if self.over_stance else _toe_off_percent(self.measured)
        ranges = {one.key: one for one in self.measured.numbers if one.side is None and one.phase is None}
        return drawings(self.measured.curves, toe_off_percent, ranges)

    @property
    def nothing_found(self) -> str:
        """What is said in place of findings when there are none."""
        if _is_judged(self.parts):
            return _("Nothing stands out: every part that could be judged is in its typical range.")
        return _("Nothing stands out, but this film shows no part surely enough to judge it.")

    @property
    def inside(self) -> tuple[Row, ...]:
        """The first measures that lie in their typical range: what to say when nothing stands out."""
        every = (row for _, rows in self.groups for row in rows)
        return tuple(islice((row for row in every if row.gauge and row.gauge.verdict == "good"), INSIDE_SHOWN))

    @cached_property
    def by_key(self) -> dict[str, Row]:
        """Every row of the numbers by its measure's key."""
        return {row.measure.key: row for _, rows in self.groups for row in rows}


def verdict_of(score: float | None) -> str:
    """Return good, okay or bad, or "unknown" for what was not judged."""
    if score is None:
        return "unknown"
    return "good" if score >= GOOD_FROM else "okay" if score >= OKAY_FROM else "bad"


def with_answers(*codes: UUID) -> AnalysisQuerySet:
    """The analyses of these codes, each with all that a page about it shows: its film, its service and its answer."""
    return Analysis.objects.filter(code__in=codes).select_related("subject", "clip", "account", "result")


def as_received(analysis: Analysis) -> tuple[Assessment, Numbers]:
    """Read an analysis's stored answers, whatever was corrected since."""
    judged = wire.parse_results(json.loads(analysis.result.results))
    return judged, wire.parse_calculated(json.loads(analysis.result.calculated))


def points_of(result: Result) -> Landmarks | None:
    """Read the key points of a result; None where none are kept, or none can be read. Raises storage.TROUBLE."""
    try:
        with storage.open_file(result.raw_key) as file:
            return wire.parse_raw(json.load(file))
    except FileNotFoundError:
        return None


def corrected(analysis: Analysis) -> Corrected:
    """Read an analysis's stored answers without the steps that somebody left out. One query."""
    return without(*as_received(analysis), left_out_of(analysis))


def left_out_of(analysis: Analysis) -> Collection[int]:
    """Return the steps that somebody left out, by their numbers. One query."""
    return {step for (step,) in ask(_left_out, analysis.pk)}


def _left_out(analysis: int) -> QuerySet[Any, Any]:
    return Correction.objects.standing().filter(analysis=analysis).values_list("step")


def readout(analysis: Analysis) -> Readout:
    """Return what the page shows of an analysis, without the steps that somebody left out. One query."""
    left_out = left_out_of(analysis)
    left = without(*as_received(analysis), left_out)
    unchanged = stays_sentence(left.stays, score_follows=left.score_follows)
    return replace(read(left.judged, left.measured), left_out=left_out, unchanged=unchanged)


def weakest(shown: Readout) -> tuple[PartView, ...]:
    """Return the parts that lost most, for a service that names no findings."""
    lost = [one for one in shown.parts if one.verdict in ("okay", "bad")]
    return tuple(sorted(lost, key=lambda one: one.part.score or 0.0)[:WEAKEST])


def read(judged: Assessment, measured: Numbers) -> Readout:
    """Arrange what was judged and measured for the page."""
    caution = measured.house.get("caution")
    stated = judged.total_score if judged.total_score is not None else measured.total_score
    values = {gauge.part: gauge for gauge in measured.gauges}
    parts = tuple(_part(part, values.get(part.key), measured) for part in judged.parts)
    steps = step_views(measured)
    return Readout(
        score=stated if _is_judged(parts) else None,
        parts=parts,
        findings=tuple((_headed(one), _beyond(one)) for one in measured.findings if stands(one)),
        groups=_groups(measured, steps),
        steps=steps,
        first_s=first_moments(steps),
        joints=_joints(measured, steps),
        measured=measured,
        over_stance=measured.curve_span == "stance",
        styles=judged.running_styles or measured.running_styles,
        warnings=measured.warnings,
        missing=tuple((_label(key), why) for key, why in measured.missing.items()),
        caution=caution if isinstance(caution, str) else "",
    )


def _is_judged(parts: Collection[PartView]) -> bool:
    """Whether a part was seen surely enough to judge by it: the others take hardly a point from a score."""
    return not parts or any(one.too_unsure is None for one in parts)


def _part(part: Part, value: PartValue | None, measured: Numbers) -> PartView:
    # A key without a name is left out: it says nothing to a coach.
    exercises = tuple(measured.exercises[key] for key in part.exercises if key in measured.exercises)
    if part.side:
        open_ends = _open_ends(f"{part.key}_deg", measured)
        return PartView(part, exercises, too_unsure=_too_unsure(part, measured), open_ends=open_ends)
    if value is None:
        return PartView(part, exercises)
    about = value.key if value.key in MEASURES else ""
    return PartView(part, exercises, value.value, about, open_ends=_open_ends(value.key, measured))


def _open_ends(key: str, measured: Numbers) -> tuple[str, ...]:
    return next((number.open_ends for number in measured.numbers if number.key == key and number.range_good), ())


def _too_unsure(part: Part, measured: Numbers) -> float | None:
    """What we are unsure of in a leg's part, which is about the measure of its name, if it is more than its range."""
    if part.range_good is None:
        return None
    about = (number for number in measured.numbers if number.key == f"{part.key}_deg" and number.side == part.side)
    doubt = max((number.uncertainty_95 or 0.0 for number in about), default=0.0)
    return doubt if doubt > part.range_good[1] - part.range_good[0] else None


def _headed(finding: Finding) -> Finding:
    """Head a finding by what was seen, where the service says it; its sentence begins with the name of the measure."""
    if not finding.verdict:
        return finding
    text = finding.text if finding.text.startswith(finding.title) else f"{finding.title}{COLON}{finding.text}"
    return replace(finding, title=finding.verdict, text=text)


def _beyond(finding: Finding) -> str:
    """A finding is a loss: okay at best; bad as far beyond its range as the range is wide."""
    if finding.value is None or finding.range_good is None or finding.range_good[0] >= finding.range_good[1]:
        return "okay"
    low, high = finding.range_good
    distance = max(low - finding.value, finding.value - high, 0)
    return "bad" if distance > (high - low) / 2 else "okay"


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _groups(measured: Numbers, steps: Sequence[StepView]) -> tuple[tuple[str | Promise, tuple[Row, ...]], ...]:
    rows = rows_of(measured, steps)
    groups = []
    for group, label in GROUPS.items():
        own = tuple(rows[key] for key, measure in MEASURES.items() if measure.group == group and key in rows)
        if own:
            groups.append((label, own))
    return tuple(groups)


def rows_of(measured: Numbers, steps: Sequence[StepView] = ()) -> dict[str, Row]:
    """Return a row for every measure that has a name here; with `steps` it leads to them."""
    by_key: dict[str, list[Number]] = {}
    for number in measured.numbers:
        if number.key in MEASURES and number.phase in WHOLE:
            by_key.setdefault(number.key, []).append(number)
    sources = measured.house.get("measures")
    every, left, right = (first_moments(steps, side) for side in ("", "left", "right"))
    return {
        key: replace(
            _row(MEASURES[key], numbers, _source(sources, key)),
            first_s=(every.get(key), left.get(key), right.get(key)),
        )
        for key, numbers in by_key.items()
    }


def _row(measure: Measure, numbers: list[Number], source: str) -> Row:
    # A back view names a leg's mean over its stance as the contract does and as our engine does: the latter has doubt.
    numbers = sorted(numbers, key=lambda number: WHOLE.index(number.phase))
    whole = next((number for number in numbers if number.side is None), None)
    left = next((number.value for number in numbers if number.side == "left"), None)
    right = next((number.value for number in numbers if number.side == "right"), None)
    if whole is None:
        known = [value for value in (left, right) if value is not None]
        return Row(measure, sum(known) / len(known), left, right)
    bar = None
    if whole.range_good:
        bar = gauge(
            whole.value, whole.uncertainty_95 or 0.0, whole.range_good, whole.range_okay, open_ends=whole.open_ends
        )
    return Row(measure, whole.value, left, right, whole.uncertainty_95, whole.n, bar, source)


def _source(sources: Any, key: str) -> str:
    said = sources.get(key) if isinstance(sources, dict) else None
    source = said.get("source") if isinstance(said, dict) else None
    return source if isinstance(source, str) else ""


# ── steps and joints ────────────────────────────────────────────────────────────────────────────────────────────────


def _toe_off_percent(measured: Numbers) -> float | None:
    """Toe-off ends the contact: its share of the stride is the duty factor."""
    share = next((one.value for one in measured.numbers if one.key == "duty_factor" and one.side is None), None)
    return share * 100 if share is not None and 0 < share < 1 else None


def _joints(measured: Numbers, steps: Sequence[StepView]) -> tuple[JointRow, ...]:
    angles = {(one.key, one.side, one.phase): one.value for one in measured.numbers}
    shown = {side: _moments(steps, side) for side in ("left", "right")}
    rows = []
    for joint, label in JOINTS.items():
        for side in ("left", "right"):
            row = tuple((angles.get((f"{joint}_deg", side, moment)), shown[side].get(moment)) for moment in MOMENTS)
            if any(value is not None for value, _ in row):
                rows.append(JointRow(label, side, row))
    return tuple(rows)


def _moments(steps: Sequence[StepView], side: str) -> dict[str, float]:
    """Return where the film first shows each moment of one side's cycle, s; mid-stance and mid-swing are where the
    knee is bent most."""
    views = [view for view in steps if view.side == side]
    found = {
        "strike": next((view.strike_s for view in views if view.strike_s is not None), None),
        "toe_off": next((view.toe_off_s for view in views if view.toe_off_s is not None), None),
    }
    first = first_moments(views)
    found |= {"mid_stance": first.get("knee_stance_peak_deg"), "mid_swing": first.get("knee_swing_peak_deg")}
    return {moment: time_s for moment, time_s in found.items() if time_s is not None}


def _label(key: str) -> str | Promise:
    return MEASURES[key].label if key in MEASURES else key

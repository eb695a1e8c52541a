"""Two results in, one verdict for each measure out: did it really change? Pure: no database, no request.

A difference is real when it is larger than both the smallest real change of its measure (analyses/measures.py) and what
the two results are unsure of together, √(u₁² + u₂²): docs/measures.md, "Did it really change". What an organisation has
measured of its own repeatability takes the place of both (analyses/repeats.py). Films made under other conditions are
not comparable at all, and it is said why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import hypot
from typing import Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Units
from accounts.units import speed
from analyses.measures import FAST_FPS, MEASURES, REAL_CHANGES, SCORE, Measure

KMH_PER_M_S = 3.6
# Within 0.5 km/h two films count as equally fast. Belts are typed as whole seconds per km, so what is 0.5 apart on two
# belts may come out a few thousandths more.
SAME_SPEED_M_S = 0.505 / KMH_PER_M_S

Verdict = Literal["real", "noise", "not_comparable"]
VERDICTS: dict[Verdict, Promise] = {
    "real": _("real change"),
    "noise": _("could be noise"),
    "not_comparable": _("not comparable"),
}
REASONS: dict[str, Promise] = {
    "view": _("not comparable, because one was filmed from the side and one from behind"),
    "surface": _("not comparable, because one was filmed on a treadmill and one over ground"),
    "speed": _("not comparable, because the speeds differ by %(speed)s"),
    "frame_rate": _("not comparable, because only one film has 50 pictures a second or more"),
    "service": _("not comparable, because two services measured them"),
    "engine": _("not comparable, because the engine was renewed in between"),
    "shoes": _("not comparable, because the shoes differ"),
    "ranges": _("not comparable, because the typical ranges were renewed in between"),
    "one_only": _("not comparable, because only one film shows it"),
    "no_basis": _("not comparable, because nothing says how sure it is"),
}


class Conditions(NamedTuple):
    """What must be the same of two films for an organisation's own repeatability to hold for both."""

    view: str
    treadmill: bool
    service: str
    is_fast: bool  # FAST_FPS pictures a second or more


@dataclass(frozen=True)
class Value:
    """One measure of one film; left and right where they are told apart."""

    mean: float
    uncertainty_95: float | None = None  # half width, same unit
    left: float | None = None
    right: float | None = None


@dataclass(frozen=True)
class Side:
    """One finished film: under which conditions, and what was measured."""

    at: datetime
    view: str
    treadmill: bool
    service: str
    fps: float | None = None
    speed_m_s: float | None = None  # the belt's, or as measured; None where nobody knows
    engine_version: str = ""
    ranges_version: str = ""
    shoes: str = ""  # as marked by the coach; empty: nobody said
    score: float | None = None  # 0–1
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def is_fast(self) -> bool:
        return self.fps is not None and self.fps >= FAST_FPS

    @property
    def conditions(self) -> Conditions:
        return Conditions(self.view, self.treadmill, self.service, self.is_fast)


@dataclass(frozen=True)
class Reason:
    """Why two films, or one measure of them, cannot be compared."""

    code: str
    text: str | Promise

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True)
class OwnValue:
    """What an organisation found its own films to differ by although nothing had changed."""

    smallest_real_change: float
    unsure: float | None  # √(u₁² + u₂²) of the films it was found with
    last_on: date


@dataclass(frozen=True)
class Own:
    """An organisation's own repeatability, and the conditions it was measured under."""

    conditions: Conditions
    values: Mapping[str, OwnValue]


@dataclass(frozen=True)
class Difference:
    """One measure of two films. `difference` is now minus before, also where the two cannot be compared."""

    measure: Measure
    now: Value | None
    before: Value | None
    difference: float | None
    smallest_real_change: float | None  # what the difference has to exceed
    verdict: Verdict
    reason: Reason | None = None
    published: bool = False  # a figure of REAL_CHANGES had a say
    own_on: date | None = None  # the organisation's own repeatability of that day decided

    @property
    def key(self) -> str:
        return self.measure.key

    @property
    def is_real(self) -> bool:
        return self.verdict == "real"

    @property
    def word(self) -> str | Promise:
        """The verdict in two or three words."""
        return VERDICTS[self.verdict]

    @property
    def sentence(self) -> str | Promise:
        """The verdict, with its reason where there is one."""
        return self.reason.text if self.reason else VERDICTS[self.verdict]


@dataclass(frozen=True)
class Comparison:
    """Everything two films say about each other."""

    now: Side
    before: Side
    reasons: tuple[Reason, ...]  # why the films as a whole are not comparable; empty: they are
    score: Difference
    rows: tuple[Difference, ...]  # in the order of MEASURES

    @property
    def is_comparable(self) -> bool:
        return not self.reasons

    @property
    def real(self) -> tuple[Difference, ...]:
        return tuple(row for row in self.rows if row.is_real)

    @property
    def judged(self) -> tuple[Difference, ...]:
        return tuple(row for row in self.rows if row.verdict != "not_comparable")

    @property
    def by_key(self) -> dict[str, Difference]:
        return {row.key: row for row in self.rows}


def compare(now: Side, before: Side, *, own: Own | None = None, units: str = Units.METRIC) -> Comparison:
    """Judge every measure that at least one of the two films has, in words for who reads `units`."""
    reasons = not_alike(now, before, units=units)
    own = own if own and own.conditions == now.conditions else None
    keys = [key for key in MEASURES if key in now.values or key in before.values]
    rows = tuple(_difference(MEASURES[key], now, before, reasons, own) for key in keys)
    return Comparison(now, before, reasons, _score(now, before, reasons, own), rows)


def not_alike(now: Side, before: Side, *, units: str = Units.METRIC) -> tuple[Reason, ...]:
    """Return why two films cannot be compared, the weightiest reason first; nothing when they can."""
    found = []
    if now.view != before.view:
        found.append(_reason("view"))
    if now.treadmill != before.treadmill:
        found.append(_reason("surface"))
    apart_m_s = abs(now.speed_m_s - before.speed_m_s) if now.speed_m_s and before.speed_m_s else 0.0
    if apart_m_s > SAME_SPEED_M_S:
        found.append(Reason("speed", REASONS["speed"] % {"speed": speed(1000 / apart_m_s, units)}))
    if now.service != before.service:
        found.append(_reason("service"))
    elif now.engine_version != before.engine_version:
        found.append(_reason("engine"))
    if now.is_fast != before.is_fast:
        found.append(_reason("frame_rate"))
    if now.shoes and before.shoes and now.shoes.casefold() != before.shoes.casefold():
        found.append(_reason("shoes"))
    return tuple(found)


def together(one: float | None, other: float | None) -> float | None:
    """Return what two results are unsure of together, √(u₁² + u₂²); None unless both say it."""
    return None if one is None or other is None else hypot(one, other)


def _score(now: Side, before: Side, reasons: tuple[Reason, ...], own: Own | None) -> Difference:
    # Scores follow from the typical ranges: where these were renewed the numbers stay comparable, the points do not.
    if not reasons and now.ranges_version != before.ranges_version:
        reasons = (_reason("ranges"),)
    pair = [None if side.score is None else Value(side.score * 100) for side in (now, before)]
    return _judged(SCORE, pair[0], pair[1], now.fps, reasons, own)


def _difference(measure: Measure, now: Side, before: Side, reasons: tuple[Reason, ...], own: Own | None) -> Difference:
    return _judged(measure, now.values.get(measure.key), before.values.get(measure.key), now.fps, reasons, own)


def _judged(
    measure: Measure,
    now: Value | None,
    before: Value | None,
    fps: float | None,
    reasons: tuple[Reason, ...],
    own: Own | None,
) -> Difference:
    if now is None or before is None:
        return Difference(measure, now, before, None, None, "not_comparable", _reason("one_only"))
    change = now.mean - before.mean
    limit, published, own_on = _limit(measure.key, now, before, fps, own)
    if reasons or limit is None:
        reason = reasons[0] if reasons else _reason("no_basis")
        return Difference(measure, now, before, change, limit, "not_comparable", reason, published, own_on)
    verdict: Verdict = "real" if abs(change) > limit else "noise"
    return Difference(measure, now, before, change, limit, verdict, None, published, own_on)


def _limit(
    key: str, now: Value, before: Value, fps: float | None, own: Own | None
) -> tuple[float | None, bool, date | None]:
    """Return what a change must exceed, whether a published figure had a say, and the day of one's own."""
    unsure = together(now.uncertainty_95, before.uncertainty_95)
    if own and (mine := own.values.get(key)):
        # These films may be less sure than those it was found with: fewer steps, a poorer picture.
        stretch = max(1.0, unsure / mine.unsure) if unsure and mine.unsure else 1.0
        return mine.smallest_real_change * stretch, False, mine.last_on
    figure = REAL_CHANGES.get(key)
    published = figure.of(before.mean, fps) if figure else None
    known = [limit for limit in (published, unsure) if limit is not None]
    return (max(known) if known else None), published is not None, None


def _reason(code: str) -> Reason:
    return Reason(code, REASONS[code])

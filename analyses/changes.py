"""From rows to comparisons: what a film is compared with, and what changed since. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext

from accounts import wall
from accounts.questions import ask
from accounts.questions import rows as asked_rows
from accounts.writing import date_format
from analyses.compare import Comparison, Conditions, Difference, Own, OwnValue, Reason, Side, Value, compare
from analyses.earlier import nearest_alike
from analyses.measures import FAST_FPS, GROUPS, MEASURES, REAL_CHANGES, SCORE, WHOLE_KEPT, Measure
from analyses.models import Analysis, AnalysisQuerySet, Measurement, Repeat
from analyses.readout import Readout, Row, rows_of, with_answers
from analyses.repeats import Found, PairOfFilms, own_values
from providers.results import Number, Numbers

KNOWN = {SCORE.key, *MEASURES}
MOST_OTHERS = 50


@dataclass(frozen=True)
class Change:
    """How the score moved since an earlier film; `score` has its numbers in points of 100."""

    score: Difference
    since: datetime
    until: datetime
    before_code: UUID

    @property
    def since_when(self) -> str:
        """In words: since a day, without the year when it is this one; on one day since a time."""
        since, until = timezone.localtime(self.since), timezone.localtime(self.until)
        if since.date() == until.date():
            return pgettext("time of day", "since %(time)s") % {"time": since.strftime("%H:%M")}
        form = "MONTH_DAY_FORMAT" if since.year == timezone.localdate().year else "DATE_FORMAT"
        return gettext("since %(day)s") % {"day": date_format(since, form)}


@dataclass(frozen=True)
class SinceLast:
    """What changed since the film an analysis is compared with by itself."""

    before_code: UUID
    comparison: Comparison

    @property
    def change(self) -> Change:
        now, before = self.comparison.now, self.comparison.before
        return Change(self.comparison.score, before.at, now.at, self.before_code)

    @property
    def by_key(self) -> dict[str, Difference]:
        """Return the difference of each measure, for a table of numbers."""
        return self.comparison.by_key


def since_last(analysis: Analysis, shown: Readout, rows: AnalysisQuerySet, *, units: str) -> SinceLast | None:
    """Compare with the last comparable film of the runner, else with the last of this view, which says why it is not.

    None for a first film of a view: the other side of the same visit is nothing that has changed. Four queries; one
    more where nothing compares.
    """
    if alike := nearest_alike([analysis.pk]):
        now, before_id = side_of(analysis, shown), alike[analysis.pk]
        ((_, code, at, score, ranges_version),) = ask(_scored, before_id)
        # Alike by how it was looked for: of its conditions nothing is read.
        before = replace(now, at=at, score=score, ranges_version=ranges_version, values=kept_values(before_id))
    else:
        film = rows.last_before(analysis)
        if film is None or film.view != analysis.view:
            return None
        # The shoes may be why. Where a film compares they are alike or unknown, and are not asked for.
        now = side_of(rows.with_shoes().select_related("clip", "account").get(pk=analysis.pk), shown)
        before, code = replace(side_of(film), values=kept_values(film.pk)), film.code
    own = own_of(analysis.organization_id, now)
    return SinceLast(code, compare(now, before, own=own, units=units))


def score_changes(analyses: Iterable[Analysis]) -> dict[int, Change]:
    """Return how the score of each finished analysis moved since its last comparable film, by primary key.

    Three queries for any number of them; what has no such film or no score is left out. `analyses` know their clip and
    account. A film before is alike by how it is looked for, so that of it only what a score is judged by is read.
    """
    scored = {one.pk: one for one in analyses if one.total_score is not None}
    if not scored:
        return {}
    found = nearest_alike(scored)
    known = ask(_scored, *set(found.values())) if found else []
    before = {row[0]: row[1:] for row in known if row[3] is not None}
    repeats = {owner: repeats_of(owner) for owner in {scored[pk].organization_id for pk in found}}
    changes = {}
    for pk, before_id in found.items():
        if before_id in before:
            code, at, score, ranges_version = before[before_id]
            side = side_of(scored[pk])
            earlier = replace(side, at=at, score=score, ranges_version=ranges_version)
            own = _own(repeats[scored[pk].organization_id], side)
            changes[pk] = Change(compare(side, earlier, own=own).score, at, side.at, code)
    return changes


def _scored(*numbers: int) -> models.QuerySet[Any, Any]:
    films = Analysis.objects.filter(pk__in=numbers).order_by()
    return films.values_list("pk", "code", "ordered_at", "total_score", "ranges_version")


def own_of(organization_id: int, side: Side) -> Own | None:
    """Return an organisation's own repeatability under the conditions of a film; None where it has none. One query."""
    return _own(repeats_of(organization_id, **side.conditions._asdict()), side)


def repeats_of(organization_id: int, **conditions: Any) -> list[Repeat]:
    """Return an organisation's pairs of films, all of them whoever asks: what counts as a change is one for all."""
    with wall.only(organization_id):
        return asked_rows(_repeats, organization_id, *conditions.items())


def _repeats(organization: int, *conditions: tuple[str, Any]) -> models.QuerySet[Repeat]:
    return Repeat.objects.filter(organization=organization, **dict(conditions))


def _own(repeats: Iterable[Repeat], side: Side) -> Own | None:
    mine = [one for one in repeats if one.conditions == side.conditions]
    return Own(side.conditions, own_values(map(pair_of, mine))) if mine else None


@dataclass(frozen=True)
class OwnSet:
    """An organisation's own values under one set of conditions, each beside the published figure."""

    repeat: Repeat  # the newest pair, whose conditions they are
    rows: list[tuple[Measure, OwnValue, float | None]]


def own_sets(repeats: list[Repeat]) -> list[OwnSet]:
    """Return the own values of every set of conditions there are pairs for."""
    kinds: dict[Conditions, list[Repeat]] = {}
    for one in repeats:
        kinds.setdefault(one.conditions, []).append(one)
    sets = []
    for rows in kinds.values():
        values = own_values(map(pair_of, rows))
        known = [(SCORE if key == SCORE.key else MEASURES[key], own) for key, own in values.items() if key in KNOWN]
        sets.append(OwnSet(rows[0], [(measure, own, _published(measure, rows[0])) for measure, own in known]))
    return sets


def _published(measure: Measure, repeat: Repeat) -> float | None:
    figure = REAL_CHANGES.get(measure.key)
    # A share of the value has no one size.
    return None if figure is None or figure.relative else figure.of(0.0, FAST_FPS if repeat.is_fast else None)


def pair_of(repeat: Repeat) -> PairOfFilms:
    return PairOfFilms(repeat.on, {key: Found(**found) for key, found in repeat.differences.items()})


def grouped(rows: Iterable[Difference]) -> list[tuple[str | Promise, list[Difference]]]:
    """Return the differences under the headings of the numbers table, empty ones left out."""
    known = list(rows)
    groups = [(label, [row for row in known if row.measure.group == group]) for group, label in GROUPS.items()]
    return [(label, found) for label, found in groups if found]


def side_of(analysis: Analysis, shown: Readout | None = None) -> Side:
    """Return an analysis as one side of a comparison; without `shown` its conditions and score alone."""
    return Side(
        at=analysis.ordered_at,
        view=analysis.view,
        treadmill=analysis.treadmill,
        service=analysis.account.kind,
        fps=analysis.clip.fps,
        speed_m_s=analysis.speed_m_s,
        engine_version=analysis.engine_version,
        ranges_version=analysis.ranges_version,
        shoes=getattr(analysis, "worn", None) or "",
        score=shown.score if shown else analysis.total_score,
        values=_values(row for _, rows in shown.groups for row in rows) if shown else {},
    )


def comparable(organization: int, *codes: UUID) -> AnalysisQuerySet:
    """The finished analyses of these codes, each with all that a comparison shows of it."""
    return with_answers(*codes).filter(organization=organization).finished().with_shoes()


@dataclass(frozen=True)
class Choice:
    """Another film of the runner to compare with, and why it does not compare."""

    code: UUID
    film: Side
    reason: Reason | None
    is_chosen: bool


def other_films(analysis: Analysis) -> list[tuple[UUID, Side]]:
    """Return the runner's newest finished films but this one: their codes, and conditions and score. One query."""
    return [(code, Side(*told)) for code, *told in ask(_others, analysis.subject_id, analysis.pk)]


def _others(runner: int, but: int) -> models.QuerySet[Any, Any]:
    films = Analysis.objects.filter(subject=runner).exclude(pk=but).finished().with_shoes().order_by("-ordered_at")
    told = ("ordered_at", "view", "treadmill", "account__kind", "clip__fps", "speed_m_s", "engine_version")
    shoes = Coalesce("worn", models.Value(""))
    return films.values_list("code", *told, "ranges_version", shoes, "total_score")[:MOST_OTHERS]


def kept_values(film: int) -> dict[str, Value]:
    """Return the numbers of a film to compare, from its rows: they are without the steps that somebody left out.

    To read them from its answer takes ten times as long. One query.
    """
    kept = ask(_kept, film)
    numbers = (Number(key, value, "", side or None, phase or None, doubt) for key, side, phase, value, doubt in kept)
    return _values(rows_of(Numbers(tuple(numbers))).values())


def _kept(film: int) -> models.QuerySet[Any, Any]:
    whole = Measurement.objects.filter(analysis=film, key__in=MEASURES, phase__in=WHOLE_KEPT)
    return whole.order_by("pk").values_list("key", "side", "phase", "value", "uncertainty_95")


def _values(rows: Iterable[Row]) -> dict[str, Value]:
    return {
        row.measure.key: Value(row.mean, row.uncertainty_95, row.left, row.right)
        for row in rows
        if row.mean is not None
    }

"""A runner's history as the pages show it: charts, the days with what happened on them, and a small line for lists.

Everything is asked for a page at a time and in one query a kind, so that five hundred films cost what five do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.core.paginator import Page
from django.db.models import F, Q, QuerySet, Window, prefetch_related_objects
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.addresses import address
from accounts.paging import Pages
from accounts.questions import Asked, ask
from accounts.questions import rows as asked_rows
from accounts.writing import date_format
from analyses.compare import Side
from analyses.measures import MEASURES, TRENDS, WHOLE_KEPT, Measure
from analyses.models import Analysis, Measurement, Pool
from analyses.trends import Kind, Value, charts
from clips import storage
from subjects.models import Mark, Note, Subject

PAGE = 20
DRAWN = 60  # the newest; a chart of more points than these is a smear at its size
MOST_REMARKS = 200  # notes and marks on one page: far more than anybody writes between twenty films
NUMBER = ("side", "phase", "value", "uncertainty_95", "typical_low", "typical_high")
FILM = ("code", "ordered_at", "view", "treadmill", "account__kind", "clip__fps", "speed_m_s", "engine_version")
SPARK = 8
SPARK_WIDTH, SPARK_HEIGHT = 64.0, 20.0


@dataclass
class Line:
    """One analysis in a list, with its still and the notes pinned to it."""

    analysis: Analysis
    still: str
    notes: list[Note] = field(default_factory=list)


@dataclass
class Day:
    """What happened on one day."""

    on: date
    marks: list[Mark] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)

    @property
    def can_be_pooled(self) -> bool:
        """Several passes of one visit: whether they are alike is asked on the page that pools them."""
        done = [line.analysis for line in self.lines if line.analysis.status == Analysis.Status.SUCCEEDED]
        kinds = [(one.view, one.treadmill) for one in done]
        return len(kinds) > len(set(kinds))


@dataclass(frozen=True)
class Spark:
    """The last scores of one view and surface as a small line, and how many analyses wait for somebody."""

    path: str = ""
    last: float | None = None
    x: str = ""
    y: str = ""
    new: int = 0
    failed: int = 0
    under_way: int = 0


def of_runner(runner: Subject, *, page: str | None) -> dict[str, Any]:
    """Return what the runner's page shows, named as its template has it."""
    chosen = Pages(Asked(_films, runner.pk), PAGE).get_page(page)
    marks = asked_rows(_marks, runner.pk)
    drawn = charts(values_of(runner), marked=[(_noon(mark.on), _said(mark)) for mark in marks])
    days = _days(runner, chosen, marks)
    finished = [one for day in days for line in day.lines if (one := line.analysis).status == Analysis.Status.SUCCEEDED]
    newest = finished[0] if finished and chosen.number == 1 else None
    return {"page": chosen, "days": days, "charts": drawn, "marks": marks, "newest": newest}


def _films(runner: int) -> QuerySet[Analysis]:
    return Analysis.objects.filter(subject=runner).listed()


def _marks(runner: int) -> QuerySet[Mark]:
    return Mark.objects.filter(subject=runner)[:MOST_REMARKS]


def line_of(analysis: Analysis) -> Line:
    return Line(analysis, storage.link(analysis.clip.thumbnail_key))


# ── days ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _days(runner: Subject, page: Page[Analysis], marks: Iterable[Mark]) -> list[Day]:
    """Return the days from the page's newest film to its oldest; the first page begins today, the last has no end."""
    films = list(page)
    since = _day_of(films[-1]) if page.has_next() else None
    until = None
    if page.has_previous():
        # The day on which the page before this ended stays whole on that page.
        newer = page.paginator.object_list[page.start_index() - 2 : page.start_index() - 1]
        until = _day_of(newer[0])
    days: dict[date, Day] = {}

    def day(on: date) -> Day:
        return days.setdefault(on, Day(on))

    lines = {film.pk: line_of(film) for film in films}
    for film in films:
        day(_day_of(film)).lines.append(lines[film.pk])
    for mark in marks:
        if _within(mark.on, since, until):
            day(mark.on).marks.append(mark)
    for note in asked_rows(_notes, runner.pk, since, until, *lines):
        if pin := getattr(note, "pin", None):
            lines[pin.analysis_id].notes.append(note)
        else:
            day(note.on).notes.append(note)
    pools = asked_rows(_pools, runner.pk, *lines) if lines else []
    prefetch_related_objects(pools, "analyses")
    for pool in pools:
        day(_day_of(pool.analyses.all()[0])).pools.append(pool)
    return [days[on] for on in sorted(days, reverse=True)]


def _notes(runner: int, since: date | None, until: date | None, *films: int) -> QuerySet[Note]:
    """The notes pinned to these films, and the unpinned ones of these days."""
    loose = Q(pin=None)
    if since:
        loose &= Q(on__gte=since)
    if until:
        loose &= Q(on__lt=until)
    found = Note.objects.filter(loose | Q(pin__analysis__in=films), subject=runner)
    return found.select_related("by", "pin")[:MOST_REMARKS]


def _pools(runner: int, *films: int) -> QuerySet[Pool]:
    return Pool.objects.filter(subject=runner, analyses__in=films).distinct()


def _within(on: date, since: date | None, until: date | None) -> bool:
    return (since is None or on >= since) and (until is None or on < until)


def _day_of(analysis: Analysis) -> date:
    return timezone.localdate(analysis.ordered_at)


def _said(mark: Mark) -> str:
    return f"{mark.get_kind_display()} · {date_format(mark.on, 'DATE_FORMAT')}"


def _noon(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(12)))


# ── charts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Shown(Value):
    """A value with its day written and the address of its analysis, made once for all charts."""

    day: str = ""
    href: str = ""


def values_of(runner: Subject) -> list[Shown]:
    """Return the measures that matter of the newest analyses, newest first, in one query."""
    found: dict[int, tuple[Any, dict[str, list[Any]]]] = {}
    for row in ask(_numbers, runner.pk):
        numbers = found.setdefault(row[0], (row[2 + len(NUMBER) :], defaultdict(list)))[1]
        numbers[row[1]].append(row[2 : 2 + len(NUMBER)])
    return [value for film, numbers in found.values() for value in _of_film(film, numbers)]


def _numbers(runner: int) -> QuerySet[Any, Any]:
    films = Analysis.objects.filter(subject=runner).finished().order_by("-ordered_at")[:DRAWN]
    wanted = Measurement.objects.filter(analysis__in=films.values("pk"), key__in=TRENDS, phase__in=WHOLE_KEPT)
    columns = (*NUMBER, *(f"analysis__{name}" for name in FILM))
    return wanted.order_by("-analysis__ordered_at", "pk").values_list("analysis_id", "key", *columns)


def _of_film(columns: Any, numbers: dict[str, list[Any]]) -> list[Shown]:
    code, at, view, treadmill, service, fps, speed_m_s, engine_version = columns
    film = Side(at, view, treadmill, service, fps, speed_m_s, engine_version)
    day = date_format(timezone.localdate(at))
    href = address("analyses:detail", code)
    values = []
    for key in TRENDS:
        if own := numbers.get(key):
            # Both sides together where the service says so, the better said phase first; else the mean of the sides.
            whole = min((one for one in own if not one[0]), key=lambda one: WHOLE_KEPT.index(one[1]), default=None)
            mean = whole[2] if whole else sum(one[2] for one in own) / len(own)
            typical = (whole[4], whole[5]) if whole and None not in whole[4:6] else None
            values.append(Shown(key, mean, film, whole[3] if whole else None, typical, day, href))
    return values


Cells = list[tuple[Measure, Measurement | None]]


def table(films: Iterable[Analysis]) -> tuple[list[Measure], list[tuple[Analysis, Cells]]]:
    """Return the measures that any of the films has, and for each film its values in that order; in one query."""
    shown = list(films)
    found: dict[int, dict[str, Measurement]] = defaultdict(dict)
    whole = Measurement.objects.filter(analysis__in=shown, key__in=TRENDS, phase__in=WHOLE_KEPT, side="")
    for number in sorted(whole, key=lambda one: WHOLE_KEPT.index(one.phase), reverse=True):
        found[number.analysis_id][number.key] = number
    keys = [key for key in TRENDS if any(key in numbers for numbers in found.values())]
    columns = [MEASURES[key] for key in keys]
    lines = [(film, [(measure, found[film.pk].get(measure.key)) for measure in columns]) for film in shown]
    return columns, lines


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def sparks(runners: Sequence[Subject]) -> list[tuple[Subject, Spark]]:
    """Return each runner with the way of their score, in two queries for all of them."""
    keys = [runner.pk for runner in runners]
    scores: dict[int, list[tuple[Kind, float]]] = defaultdict(list)
    waiting: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    if keys:
        for subject, view, treadmill, service, score in ask(_scores, *keys):
            scores[subject].append(((view, treadmill, service), score))
        for subject, status, needs_person in ask(_unreviewed, *keys):
            waiting[subject].append((status, needs_person))
    return [(runner, _spark(scores[runner.pk], waiting[runner.pk])) for runner in runners]


def _scores(*runners: int) -> QuerySet[Any, Any]:
    newest = Window(RowNumber(), partition_by=F("subject"), order_by=F("ordered_at").desc())
    scored = Analysis.objects.finished().filter(subject__in=runners, total_score__isnull=False)
    ranked = scored.annotate(rank=newest).filter(rank__lte=SPARK).order_by("subject_id", "rank")
    return ranked.values_list("subject_id", "view", "treadmill", "account__kind", "total_score")


def _unreviewed(*runners: int) -> QuerySet[Any, Any]:
    rows = Analysis.objects.filter(subject__in=runners, reviewed_at=None).order_by()
    return rows.values_list("subject_id", "status", "needs_person")


def _spark(newest_first: list[tuple[Kind, float]], waiting: list[tuple[str, bool]]) -> Spark:
    failed = sum(1 for status, needs_person in waiting if status == Analysis.Status.FAILED or needs_person)
    new = sum(1 for status, _needs in waiting if status == Analysis.Status.SUCCEEDED)
    left = Spark(new=new, failed=failed, under_way=len(waiting) - new - failed)
    if not newest_first:
        return left
    kind = newest_first[0][0]
    like = [score for of, score in reversed(newest_first) if of == kind]
    step = SPARK_WIDTH / max(len(like) - 1, 1)
    points = [f"{at * step:.1f} {SPARK_HEIGHT * (1 - score):.1f}" for at, score in enumerate(like)]
    x, _space, y = points[-1].partition(" ")
    return replace(left, path="M" + "L".join(points) if len(points) > 1 else "", last=like[-1], x=x, y=y)

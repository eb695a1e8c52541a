"""Which earlier films of a runner may be compared with one: the rules of compare.not_alike, said to the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs, Coalesce, Lower, TruncDate
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

from analyses.compare import SAME_SPEED_M_S
from analyses.measures import FAST_FPS
from subjects.models import Mark

# What must be the same of both films.
_SAME = ("view", "treadmill", "engine_version", "account__kind")


def worn() -> Subquery:
    """The shoes of the day of an analysis as the coach marked them, in small letters; NULL where nobody did."""
    day = TruncDate(ExpressionWrapper(OuterRef("ordered_at"), output_field=DateTimeField()))
    of_day = Q(kind=Mark.Kind.SHOE, subject=OuterRef("subject"), on__lte=day)
    newest = Mark.objects.filter(of_day).order_by("-on", "-pk").annotate(small=Lower("text"))
    return Subquery(newest.values("small")[:1])


def earlier_than(rows: Any, analysis: Any) -> tuple[Any, Q]:
    """Return the finished films of the runner in `rows` from before `analysis`, and what makes one comparable.

    `analysis` must know its account, its clip and `worn`.
    """
    earlier = rows.filter(subject=analysis.subject_id, status="succeeded", ordered_at__lt=analysis.ordered_at)
    return earlier.annotate(worn=worn()), _alike(lambda name: Value(_named(analysis, name)))


def nearest_alike(rows: Any) -> Subquery:
    """The number of the nearest earlier comparable film, for each row of a query that is annotated with `worn`."""
    finished = rows.filter(subject=OuterRef("subject_id"), status="succeeded", ordered_at__lt=OuterRef("ordered_at"))
    # By time alone: the index of a runner's films then ends the search at the first that fits.
    nearest = finished.annotate(worn=worn()).filter(_alike(OuterRef)).order_by("-ordered_at")
    return Subquery(nearest.values("pk")[:1])


def _alike(later: Callable[[str], Any]) -> Q:
    """What makes a film comparable, `later` giving what is known of the later one by the name of the column."""
    apart_m_s: Combinable = Abs(F("speed_m_s") - later("speed_m_s"))
    is_fast, was_fast = (GreaterThanOrEqual(fps, FAST_FPS) for fps in (later("clip__fps"), F("clip__fps")))
    return Q(
        _unless_unknown(LessThanOrEqual(apart_m_s, SAME_SPEED_M_S)),
        _unless_unknown(Exact(F("worn"), later("worn"))),
        Exact(was_fast, is_fast),
        **{name: later(name) for name in _SAME},
    )


def _unless_unknown(said: Any) -> Coalesce:
    """True as well where one of the films has nothing to compare."""
    return Coalesce(said, Value(True), output_field=BooleanField())


def _named(analysis: Any, name: str) -> Any:
    for part in name.split("__"):
        analysis = getattr(analysis, part)
    return analysis

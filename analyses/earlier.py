"""Which earlier films of a runner may be compared with one: the rules of compare.not_alike, said to the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import BooleanField, DateTimeField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs, Coalesce, Lower, TruncDate
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

from accounts import wall
from accounts.questions import ask
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


def nearest_alike(numbers: Iterable[int]) -> dict[int, int]:
    """Return the nearest earlier finished film that compares with each of these analyses, both by their numbers.

    Left out is what has none. One query, which asks for films of the same runners alone: whoever has an analysis in
    sight may know of them.
    """
    with wall.everything("each answer is about the runners of rows that are in sight"):
        return {number: found for number, found in ask(_nearest, *numbers) if found is not None}


def _nearest(*numbers: int) -> QuerySet[Any, Any]:
    films = apps.get_model("analyses", "Analysis").objects.all()
    earlier = films.filter(subject=OuterRef("subject_id"), status="succeeded", ordered_at__lt=OuterRef("ordered_at"))
    # By time alone: the index of a runner's films then ends the search at the first that fits.
    nearest = earlier.annotate(worn=worn()).filter(_alike()).order_by("-ordered_at").values("pk")[:1]
    asked = films.order_by().filter(pk__in=numbers).annotate(worn=worn(), before_id=Subquery(nearest))
    return asked.values_list("pk", "before_id")


def _alike() -> Q:
    """What makes a film comparable with the later one around it, which is annotated with `worn` as well."""
    apart_m_s: Combinable = Abs(F("speed_m_s") - OuterRef("speed_m_s"))
    is_fast, was_fast = (GreaterThanOrEqual(fps, FAST_FPS) for fps in (OuterRef("clip__fps"), F("clip__fps")))
    return Q(
        _unless_unknown(LessThanOrEqual(apart_m_s, SAME_SPEED_M_S)),
        _unless_unknown(Exact(F("worn"), OuterRef("worn"))),
        Exact(was_fast, is_fast),
        **{name: OuterRef(name) for name in _SAME},
    )


def _unless_unknown(said: Any) -> Coalesce:
    """True as well where one of the films has nothing to compare."""
    return Coalesce(said, Value(True), output_field=BooleanField())

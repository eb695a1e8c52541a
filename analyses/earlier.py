"""Which earlier films of a runner may be compared with one: the rules of compare.not_alike, said to the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import (
    CharField,
    DateTimeField,
    ExpressionWrapper,
    F,
    Field,
    FloatField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Lower, TruncDate

from analyses.compare import SAME_SPEED_M_S
from analyses.measures import FAST_FPS
from subjects.models import Mark

# What is asked of the later film, in calculations: under which name, and what it is.
_LATER: dict[str, tuple[str, Field[Any, Any]]] = {
    "later_at": ("ordered_at", DateTimeField()),
    "later_speed_m_s": ("speed_m_s", FloatField()),
    "later_fps": ("clip__fps", FloatField()),
    "later_worn": ("worn", CharField()),
}


def worn() -> Coalesce:
    """The shoes of the day of an analysis as the coach marked them, in small letters; empty where nobody did."""
    day = TruncDate(ExpressionWrapper(OuterRef("ordered_at"), output_field=DateTimeField()))
    of_day = Q(kind=Mark.Kind.SHOE, subject=OuterRef("subject"), on__lte=day)
    newest = Mark.objects.filter(of_day).order_by("-on", "-pk").annotate(small=Lower("text")).values("small")[:1]
    return Coalesce(Subquery(newest), Value(""))


def earlier_than(rows: Any, analysis: Any) -> tuple[Any, Q]:
    """Return the finished films of the runner in `rows` from before `analysis`, and what makes one comparable.

    `analysis` must know its account, its clip and `worn`.
    """
    return _earlier(rows, lambda name: _value(analysis, name))


def nearest_alike(rows: Any) -> Subquery:
    """The number of the nearest earlier comparable film, for each row of a query that is annotated with `worn`."""
    earlier, alike = _earlier(rows, OuterRef)
    # By time alone: the index of a runner's films then ends the search at the first that fits.
    return Subquery(earlier.filter(alike).order_by("-ordered_at").values("pk")[:1])


def _value(analysis: Any, name: str) -> Any:
    for part in name.split("__"):
        analysis = getattr(analysis, part)
    return Value(analysis, output_field=next((kind for other, kind in _LATER.values() if other == name), None))


def _earlier(rows: Any, later: Callable[[str], Any]) -> tuple[Any, Q]:
    known = {name: ExpressionWrapper(later(source), output_field=kind) for name, (source, kind) in _LATER.items()}
    speed = F("later_speed_m_s")
    same_speed = (
        Q(speed_m_s=None)
        | Q(later_speed_m_s=None)
        | Q(speed_m_s__gte=speed - SAME_SPEED_M_S, speed_m_s__lte=speed + SAME_SPEED_M_S)
    )
    same_rate = Q(later_fps__gte=FAST_FPS, clip__fps__gte=FAST_FPS) | Q(later_fps__lt=FAST_FPS, clip__fps__lt=FAST_FPS)
    same_shoes = Q(worn="") | Q(later_worn="") | Q(worn=F("later_worn"))
    names = ("view", "treadmill", "engine_version", "account__kind")
    same = Q(**{name: later(name) for name in names}) & same_speed & same_rate & same_shoes
    finished = rows.filter(subject=later("subject_id"), status="succeeded")
    return finished.annotate(worn=worn(), **known).filter(ordered_at__lt=F("later_at")), same

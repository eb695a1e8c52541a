"""Which earlier films of a runner may be compared with one: the rules of compare.not_alike, said to the database."""

from __future__ import annotations

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

# What must be the same of both films.
_SAME = ("view", "treadmill", "engine_version", "account__kind")
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

    `analysis` must know its account, its clip and `worn`. As `nearest_alike`, but of one film that is known, so that
    what nobody said of it is not asked: a result's page is built around this question.
    """
    earlier = rows.filter(subject=analysis.subject_id, status="succeeded", ordered_at__lt=analysis.ordered_at)
    alike = Q(**{name: _named(analysis, name) for name in _SAME})
    if (speed_m_s := analysis.speed_m_s) is not None:
        near = Q(speed_m_s__gte=speed_m_s - SAME_SPEED_M_S, speed_m_s__lte=speed_m_s + SAME_SPEED_M_S)
        alike &= Q(speed_m_s=None) | near
    fps = analysis.clip.fps
    alike &= Q(pk=None) if fps is None else Q(clip__fps__gte=FAST_FPS) if fps >= FAST_FPS else Q(clip__fps__lt=FAST_FPS)
    if analysis.worn:
        alike &= Q(worn="") | Q(worn=analysis.worn)
    return earlier.annotate(worn=worn()), alike


def nearest_alike(rows: Any) -> Subquery:
    """The number of the nearest earlier comparable film, for each row of a query that is annotated with `worn`."""
    known = {name: ExpressionWrapper(OuterRef(source), output_field=kind) for name, (source, kind) in _LATER.items()}
    speed = F("later_speed_m_s")
    same_speed = (
        Q(speed_m_s=None)
        | Q(later_speed_m_s=None)
        | Q(speed_m_s__gte=speed - SAME_SPEED_M_S, speed_m_s__lte=speed + SAME_SPEED_M_S)
    )
    same_rate = Q(later_fps__gte=FAST_FPS, clip__fps__gte=FAST_FPS) | Q(later_fps__lt=FAST_FPS, clip__fps__lt=FAST_FPS)
    same_shoes = Q(worn="") | Q(later_worn="") | Q(worn=F("later_worn"))
    alike = Q(**{name: OuterRef(name) for name in _SAME}) & same_speed & same_rate & same_shoes
    finished = rows.filter(subject=OuterRef("subject_id"), status="succeeded")
    earlier = finished.annotate(worn=worn(), **known).filter(ordered_at__lt=F("later_at"))
    # By time alone: the index of a runner's films then ends the search at the first that fits.
    return Subquery(earlier.filter(alike).order_by("-ordered_at").values("pk")[:1])


def _named(analysis: Any, name: str) -> Any:
    for part in name.split("__"):
        analysis = getattr(analysis, part)
    return analysis

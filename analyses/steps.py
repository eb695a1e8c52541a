"""The steps behind the numbers: what each gave of a measure, and where in the film. Pure: neutral answers in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

from django.utils.functional import Promise

from analyses.measures import LANDINGS
from providers.results import Numbers, Reading, Step

STRIP_WIDTH = 1000
# A pair of strikes further apart than this share of the usual gap has a step between them that was not seen.
NEXT_STEP = (0.6, 1.5)
MS = 1000
MINUTE_S = 60


@dataclass(frozen=True)
class StepView:
    """One contact, with when it was where the service says so, and what it gave of each measure."""

    number: int
    side: str
    landing: str | Promise = ""
    strike_s: float | None = None
    toe_off_s: float | None = None
    contact_time_ms: float | None = None
    next_strike_s: float | None = None  # of the same foot: the end of the stride
    readings: dict[str, Reading] | None = None
    counts: bool = False  # it enters the means


@dataclass(frozen=True)
class Mark:
    """One contact as a bar on the strip under the film, which is STRIP_WIDTH wide."""

    side: str
    x: float
    width: float
    left_out: bool = False


@dataclass(frozen=True)
class Tile:
    """One step as a button: where it leads, and what it gave of the measure in question."""

    step: StepView
    left_out: bool
    seek_s: float | None
    until_s: float | None = None  # the film is shown to here: the measure is about a stretch, not a moment
    value: float | None = None
    picture: int | None = None  # its place in the row of pictures of the landings


def step_views(measured: Numbers) -> tuple[StepView, ...]:
    """Return the contacts in order, with when they were if the service says so, and how the foot landed."""
    landed = {landing.step: landing for landing in measured.foot_landing}
    if not measured.steps:
        return tuple(
            StepView(one.step, one.side or "", LANDINGS.get(one.pattern, one.pattern)) for one in measured.foot_landing
        )
    views = []
    for place, step in enumerate(measured.steps):
        number = step.number or place + 1
        word = step.landing or (landed[number].pattern if number in landed else "")
        later = [other.strike_s for other in measured.steps[place + 1 :] if other.side == step.side]
        views.append(
            StepView(
                number,
                step.side or "",
                LANDINGS.get(word, word),
                step.strike_s,
                step.toe_off_s,
                step.values.get("contact_time_ms"),
                later[0] if later else None,
                readings(step),
                counts(step, measured),
            )
        )
    return _with_cadence(tuple(views))


def readings(step: Step) -> dict[str, Reading]:
    """Return what a step gave of each measure; what comes without a moment of its own was measured on the ground."""
    if step.strike_s is None:
        return dict(step.readings)
    start, end = step.strike_s, step.toe_off_s
    given = {key: Reading(value, start, end) for key, value in step.values.items()}
    if (flight := given.get("flight_time_ms")) and end is not None:
        given["flight_time_ms"] = Reading(flight.value, end, end + flight.value / MS)
    return given | step.readings


def counts(step: Step, measured: Numbers) -> bool:
    """Say whether a step enters the means: one that an end of the film cuts is told, but gives no readings.

    One without a moment does not count here: nobody could look at it in the film.
    """
    given = bool(step.values) and step.strike_s is not None
    return bool(step.readings) or (given and not any(other.readings for other in measured.steps))


def _with_cadence(views: tuple[StepView, ...]) -> tuple[StepView, ...]:
    """Add to each step the rate at which the next one follows, and to each stride its time."""
    strikes = [view.strike_s for view in views if view.strike_s is not None]
    gaps = sorted(later - earlier for earlier, later in pairwise(strikes))
    usual = gaps[len(gaps) // 2] if gaps else 0.0
    for view, following in zip(views, [*views[1:], None], strict=True):
        if view.readings is None or view.strike_s is None:
            continue
        if view.next_strike_s is not None and view.next_strike_s - view.strike_s < 2 * NEXT_STEP[1] * usual:
            stride = Reading((view.next_strike_s - view.strike_s) * MS, view.strike_s, view.next_strike_s)
            view.readings.setdefault("stride_time_ms", stride)
        if following is None or following.strike_s is None or following.side == view.side:
            continue
        gap = following.strike_s - view.strike_s
        if NEXT_STEP[0] * usual < gap < NEXT_STEP[1] * usual:
            view.readings.setdefault("cadence_spm", Reading(MINUTE_S / gap, view.strike_s, following.strike_s))
    return views


def tiles(
    steps: Iterable[StepView], about: str, left_out: Iterable[int], pictured: Iterable[int] = ()
) -> tuple[Tile, ...]:
    """Return a tile for every step; with `about` a measure, each leads to where the step gave it."""
    out, pictures = set(left_out), {number: place for place, number in enumerate(pictured)}
    made = []
    for step in steps:
        own, picture = (step.readings or {}).get(about), pictures.get(step.number)
        if own:
            made.append(Tile(step, step.number in out, own.start_s, own.end_s, own.value, picture))
        else:
            made.append(Tile(step, step.number in out, step.strike_s, picture=picture))
    return tuple(made)


def first_moments(steps: Iterable[StepView], side: str = "") -> dict[str, float]:
    """Return for every measure that steps of one side, or of both, gave where the film shows it first, s."""
    found: dict[str, float] = {}
    for step in steps:
        if side and step.side != side:
            continue
        for key, reading in (step.readings or {}).items():
            found.setdefault(key, reading.start_s)
    return found


def marks(steps: tuple[StepView, ...], duration_s: float, left_out: Collection[int] = ()) -> tuple[Mark, ...]:
    """Return a bar for every contact whose times are known: its ends are strike and toe-off."""
    if duration_s <= 0:
        return ()
    scale = STRIP_WIDTH / duration_s
    return tuple(
        Mark(
            step.side,
            round(step.strike_s * scale, 1),
            round((step.toe_off_s - step.strike_s) * scale, 1),
            step.number in left_out,
        )
        for step in steps
        if step.strike_s is not None and step.toe_off_s is not None and step.toe_off_s > step.strike_s
    )

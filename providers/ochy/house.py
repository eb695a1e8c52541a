"""Read `house`, the object in which our own engine says what the contract has no place for.

Ochy sends none, and nothing here is needed for a result: a shape that is not recognised is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from providers.ochy.values import MAX_ITEMS, interval, mapping, name_or_none, number, sequence, share, text, whole
from providers.results import (
    SIDES,
    Caution,
    Curve,
    Finding,
    Gauge,
    Landing,
    Number,
    Numbers,
    Reading,
    Side,
    Step,
    Weight,
)

MAX_POINTS = 1_001  # of a curve
MAX_COUNT = 32_767  # what a small column holds; no film has as many steps
UNITS = {"1/min": "steps/min"}  # one key has one unit, and the contract's own cadence is in steps
NO_VALUES = ("foot", "step", "strike_frame", "strike_s", "toe_off_frame", "toe_off_s", "landing", "landing_probability")


def read(value: Any) -> Numbers:
    """Return what is recognised of the object, and the object; nothing for anything else."""
    body = mapping(value)
    numbers = chain(
        _measures(body.get("measures")), _joints(body.get("joint_numbers")), _peaks(body.get("stance_peaks"))
    )
    return Numbers(
        numbers=tuple(islice(numbers, MAX_ITEMS)),
        steps=tuple(map(_step, _objects(body.get("steps")))),
        curves=tuple(islice(_curves(body.get("curves")), MAX_ITEMS)),
        curve_span=text(body.get("curve_span")),
        gauges=tuple(islice(_gauges(body.get("parts")), MAX_ITEMS)),
        weights=tuple(islice(_weights(body.get("parts")), MAX_ITEMS)),
        missing=_names(body.get("missing")),
        exercises=_names(body.get("exercises")),
        findings=tuple(finding for finding in map(_finding, _objects(body.get("findings"))) if finding.key),
        warnings=tuple(
            Caution(text(row.get("code")), text(row.get("text")))
            for row in _objects(body.get("warnings"))
            if text(row.get("code"))
        ),
        house=body,
    )


def merged(published: tuple[Number, ...], ours: tuple[Number, ...]) -> tuple[Number, ...]:
    """Return both, each measure once; where both have it, the published value keeps its place and gains our doubt."""
    known = {(one.key, one.side, one.phase): one for one in ours}
    result = []
    for one in published:
        twin = known.pop((one.key, one.side, one.phase), None)
        result.append(twin._replace(value=one.value, unit=one.unit) if twin else one)
    return (*result, *known.values())


def joined(ours: tuple[Step, ...], published: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return our steps, which know their moments, each with what the published step of its number measured."""
    values: dict[int | None, dict[str, float]] = {step.number: step.values for step in published if step.number}
    return tuple(replace(step, values={**step.values, **values.get(step.number, {})}) for step in ours) or published


def with_probabilities(landings: tuple[Landing, ...], steps: tuple[Step, ...]) -> tuple[Landing, ...]:
    """Return the landings, each with how sure it is where the step of its number says so."""
    sure = {step.number: step.landing_probability for step in steps if step.number is not None}
    return tuple(
        landing._replace(probability=sure.get(landing.step)) if landing.probability is None else landing
        for landing in landings
    )


def _objects(value: Any) -> list[dict[str, Any]]:
    return [row for row in sequence(value)[:MAX_ITEMS] if isinstance(row, dict)]


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """Give the entries of an object whose names can be stored."""
    return ((name, inner) for name, inner in islice(mapping(value).items(), MAX_ITEMS) if name_or_none(name))


def _names(value: Any) -> dict[str, str]:
    return {key: text(words) for key, words in _entries(value) if text(words)}


def _measures(value: Any) -> Iterator[Number]:
    """Give each measure for both sides together, and for each side that stands inside it."""
    for key, body in _entries(value):
        yield from _number(key, None, None, body)
        for name, side in SIDES.items():
            inner = mapping(mapping(body).get(name))
            yield from _number(key, side, None, {"unit": mapping(body).get("unit"), **inner})


def _joints(value: Any) -> Iterator[Number]:
    """Give the joints' angles by side, joint and moment."""
    for name, side in SIDES.items():
        for joint, moments in _entries(mapping(value).get(name)):
            for phase, body in _entries(moments):
                yield from _number(f"{joint}_deg", side, phase, body)


def _peaks(value: Any) -> Iterator[Number]:
    """Give the largest angle of each leg's stance, beside the means the contract names."""
    for name, side in SIDES.items():
        for key, body in _entries(mapping(value).get(name)):
            yield from _number(key, side, "stance_peak", body)


def _number(key: str, side: Side | None, phase: str | None, body: Any) -> Iterator[Number]:
    real = number(mapping(body).get("value"))
    if real is not None:
        doubt, count, sd = number(body.get("uncertainty_95")), whole(body.get("n")), number(body.get("sd"))
        unit = name_or_none(body.get("unit")) or ""
        yield Number(
            key=key,
            value=real,
            unit=UNITS.get(unit, unit),
            side=side,
            phase=phase,
            uncertainty_95=doubt if doubt is not None and doubt >= 0 else None,
            n=count if count is not None and 0 <= count <= MAX_COUNT else None,
            range_good=interval(body.get("range_good")),
            range_okay=interval(body.get("range_okay")),
            open_ends=tuple(end for end in ("low", "high") if end in sequence(body.get("range_open"))),
            sd=sd if sd is not None and sd >= 0 else None,
        )


def _step(row: dict[str, Any]) -> Step:
    landing = text(row.get("landing"))
    values = {key: number(value) for key, value in _entries(row) if key not in NO_VALUES}
    return Step(
        number=whole(row.get("step")),
        side=SIDES.get(text(row.get("foot"))),
        strike_frame=number(row.get("strike_frame")),
        strike_s=number(row.get("strike_s")),
        toe_off_frame=number(row.get("toe_off_frame")),
        toe_off_s=number(row.get("toe_off_s")),
        landing=landing,
        landing_probability=_probability(row.get("landing_probability"), landing),
        values={name: value for name, value in values.items() if value is not None},
        readings=dict(_readings(row.get("readings"))),
    )


def _readings(value: Any) -> Iterator[tuple[str, Reading]]:
    """Give what the step gave of each measure: its value, then the moment, or where it began and ended."""
    for key, told in _entries(value):
        real, start_s, end_s, *_ = [*map(number, sequence(told)[:3]), None, None, None]
        if real is not None and start_s is not None:
            yield key, Reading(real, start_s, end_s if end_s is not None and end_s > start_s else None)


def _probability(value: Any, landing: str) -> float | None:
    """Return how likely the landing is: a number, or one for each class; unsure of the class, its likeliest."""
    classes: Mapping[str, Any] = mapping(value)
    if landing in classes:
        return share(classes[landing])
    known = [part for part in map(share, classes.values()) if part is not None]
    return max(known, default=share(value))


def _curves(value: Any) -> Iterator[Curve]:
    """Give the curves by side and joint; all of them are angles."""
    for name, side in SIDES.items():
        for key, body in _entries(mapping(value).get(name)):
            if isinstance(mapping(body).get("mean"), list):
                full = key if key.endswith("_deg") else f"{key}_deg"
                yield Curve(full, side, "°", _points(body.get("mean")), _points(body.get("sd")))


def _points(value: Any) -> tuple[float | None, ...]:
    return tuple(map(number, sequence(value)[:MAX_POINTS]))


def _gauges(value: Any) -> Iterator[Gauge]:
    for part, body in _entries(value):
        key = name_or_none(mapping(body).get("measure"))
        if key:
            yield Gauge(part, key, number(body.get("value")), text(body.get("unit")))


def _weights(value: Any) -> Iterator[Weight]:
    for part, body in _entries(value):
        weight = number(mapping(body).get("weight"))
        inner = {key: number(own) for key, own in _entries(mapping(body).get("weights"))}
        measures = {key: own for key, own in inner.items() if own is not None and own > 0}
        if weight is not None and weight > 0 and measures:
            yield Weight(part, weight, measures)


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(
        key=text(row.get("key")),
        side=SIDES.get(text(row.get("side"))),
        title=text(row.get("title")),
        text=text(row.get("text")),
        verdict=text(row.get("verdict")),
        value=number(row.get("value")),
        uncertainty_95=number(row.get("uncertainty_95")),
        unit=UNITS.get(text(row.get("unit")), text(row.get("unit"))),
        range_good=interval(row.get("range")),
        cue=text(row.get("cue")),
    )

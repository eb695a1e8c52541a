"""Read `house`, the object in which our own engine says what the contract has no place for.

Ochy sends none, and nothing here is needed for a result: a shape that is not recognised is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from providers.ochy.values import interval, mapping, number, sequence, share, text, whole
from providers.results import Caution, Curve, Finding, Number, Side, Step

MAX_ITEMS = 2_000
MAX_POINTS = 1_001  # of a curve
MAX_DEPTH = 5
SIDES: dict[str, Side] = {"left": "left", "right": "right"}
STEP_FIELDS = ("foot", "side", "step", "strike_frame", "strike_s", "toe_off_frame", "toe_off_s", "landing")


@dataclass(frozen=True)
class House:
    numbers: tuple[Number, ...] = ()
    steps: tuple[Step, ...] = ()
    curves: tuple[Curve, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Caution, ...] = ()


def read(value: Any) -> House:
    """Return what is recognised of the object; an empty House for anything else."""
    body = mapping(value)
    return House(
        numbers=tuple(islice(_numbers(body.get("numbers")), MAX_ITEMS)),
        steps=tuple(map(_step, _objects(body.get("steps")))),
        curves=tuple(islice(_curves(body.get("curves")), MAX_ITEMS)),
        findings=tuple(finding for finding in map(_finding, _objects(body.get("findings"))) if finding.key),
        warnings=tuple(
            Caution(text(row.get("code")), text(row.get("text")))
            for row in _objects(body.get("warnings"))
            if text(row.get("code"))
        ),
    )


def merged(published: tuple[Number, ...], ours: tuple[Number, ...]) -> tuple[Number, ...]:
    """Return both, each measure once; where both have it, the published value keeps its place and gains our doubt."""
    known = {(number.key, number.side, number.phase): number for number in ours}
    result = []
    for number_ in published:
        twin = known.pop((number_.key, number_.side, number_.phase), None)
        result.append(replace(number_, uncertainty_95=twin.uncertainty_95, n=twin.n) if twin else number_)
    return (*result, *known.values())


def _objects(value: Any) -> list[dict[str, Any]]:
    return [row for row in sequence(value)[:MAX_ITEMS] if isinstance(row, dict)]


def _numbers(value: Any, path: tuple[str, ...] = ()) -> Iterator[Number]:
    """Give every object that holds a `value`, named by its own `key` or by the way to it."""
    if isinstance(value, list):
        for row in value[:MAX_ITEMS]:
            yield from _numbers(row, path)
        return
    body = mapping(value)
    real = number(body.get("value"))
    if real is not None:
        yield from _one_number(body, path, real)
    elif len(path) < MAX_DEPTH:
        for name, inner in body.items():
            yield from _numbers(inner, (*path, text(name)))


def _one_number(body: dict[str, Any], path: tuple[str, ...], real: float) -> Iterator[Number]:
    words = [name for name in path if name not in SIDES]
    key = text(body.get("key")) or (words.pop(0) if words else "")
    if key:
        side = SIDES.get(text(body.get("side"))) or next((SIDES[name] for name in path if name in SIDES), None)
        uncertainty = number(body.get("uncertainty_95"))
        yield Number(
            key=key,
            value=real,
            unit=text(body.get("unit")),
            side=side,
            phase=text(body.get("phase")) or "_".join(words) or None,
            uncertainty_95=uncertainty if uncertainty is not None and uncertainty >= 0 else None,
            n=whole(body.get("n")),
        )


def _step(row: dict[str, Any]) -> Step:
    values = {text(name): number(value) for name, value in row.items() if name not in STEP_FIELDS}
    probability = values.pop("landing_probability", None)
    return Step(
        side=SIDES.get(text(row.get("foot"))) or SIDES.get(text(row.get("side"))),
        strike_frame=number(row.get("strike_frame")),
        strike_s=number(row.get("strike_s")),
        toe_off_frame=number(row.get("toe_off_frame")),
        toe_off_s=number(row.get("toe_off_s")),
        landing=text(row.get("landing")),
        landing_probability=share(probability),
        values={name: value for name, value in values.items() if value is not None},
    )


def _curves(value: Any, path: tuple[str, ...] = ()) -> Iterator[Curve]:
    """Give every object that holds a list `mean`, named as numbers are."""
    if isinstance(value, list):
        for row in value[:MAX_ITEMS]:
            yield from _curves(row, path)
        return
    body = mapping(value)
    words = [name for name in path if name not in SIDES]
    if isinstance(body.get("mean"), list):
        key = text(body.get("key")) or "_".join(words)
        if key:
            side = SIDES.get(text(body.get("side"))) or next((SIDES[name] for name in path if name in SIDES), None)
            yield Curve(key, side, text(body.get("unit")), _points(body.get("mean")), _points(body.get("sd")))
    elif len(path) < MAX_DEPTH:
        for name, inner in body.items():
            yield from _curves(inner, (*path, text(name)))


def _points(value: Any) -> tuple[float | None, ...]:
    return tuple(number(point) for point in sequence(value)[:MAX_POINTS])


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(
        key=text(row.get("key")),
        title=text(row.get("title")),
        text=text(row.get("text")),
        value=number(row.get("value")),
        unit=text(row.get("unit")),
        range_good=interval(row.get("range_good")) or interval(row.get("range")),
        cue=text(row.get("cue")),
    )

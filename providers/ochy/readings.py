"""What was measured: the three levels of a finished analysis, from JSON to our measures and units.

Works on stored documents, so a better reading needs no second call. Much of their inner shape is unpublished, so
numbers are found by the names on the way to them, whichever way they are nested.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from providers.ochy import house
from providers.ochy.values import (
    MAX_ITEMS,
    interval,
    intervals,
    leaves,
    mapping,
    name_or_none,
    number,
    percent,
    sequence,
    share,
    text,
    texts,
    whole,
)
from providers.results import SIDES, Assessment, Landing, Landmarks, Number, Numbers, Part, RunningStyle, Side, Step

MAX_FRAMES = 6_000
MAX_POINTS = 1_000
MAX_PHASE = 20  # characters; the longest of ours has 15

# Their name: our key and unit. `pace_min_per_km` is left out on purpose: 2.123 m/s is published with 7.511, which is
# 7 min 51.1 s written as a decimal and not 7.511 minutes. Pace is computed from speed.
METRICS = {
    "speed_meter_per_second": ("speed_m_s", "m/s"),
    "step_length_meter": ("step_length_m", "m"),
    "step_frequency_steps_per_min": ("cadence_spm", "steps/min"),
    "ground_contact_time_ms": ("contact_time_ms", "ms"),
    "time_of_flight_ms": ("flight_time_ms", "ms"),
    "duty_factor": ("duty_factor", ""),
}
STANCE = ("pronation", "knee_adduction", "pelvic_drop", "hip_adduction")  # all degrees, by our reading
PATTERNS = {"heel": "rearfoot", "rear_foot": "rearfoot", "mid_foot": "midfoot", "fore_foot": "forefoot"}


def parse_results(data: Any) -> Assessment:
    """Read scores and texts from the body of `results`, or from its `biomechanical_analysis` alone."""
    body = mapping(data)
    analysis = mapping(body.get("biomechanical_analysis")) or body
    parts: list[Part] = []
    for key, section in islice(mapping(analysis.get("analysis_content")).items(), MAX_ITEMS):
        legs = [(side, section[side]) for side in SIDES.values() if side in mapping(section)]
        parts += [_part(text(key), side, leg) for side, leg in legs if mapping(leg)]
        if not legs and mapping(section):
            parts.append(_part(text(key), None, section))
    return Assessment(
        total_score=share(analysis.get("total_score")),
        parts=tuple(parts),
        running_styles=_styles(analysis.get("running_styles")),
    )


def _part(key: str, side: Side | None, section: Any) -> Part:
    words = mapping(mapping(section).get("texts"))
    return Part(
        key=key,
        side=side,
        score=share(section.get("score_number")),
        range_good=interval(section.get("range_good")),
        range_okay=interval(section.get("range_okay")),
        range_bad=intervals(section.get("range_bad")),
        title=text(words.get("title")),
        position=text(words.get("position")),
        explanation=text(words.get("explanation")),
        recap=texts(words.get("recap")),
        exercises=texts(words.get("exercice")) or texts(words.get("exercise")),
        strike_pattern=_pattern(section.get("foot_strike_pattern")),
        overstride_title=text(words.get("overstride_title")),
    )


def _styles(value: Any) -> tuple[RunningStyle, ...]:
    """Return the styles, most likely first, from a list, one object, or an object of objects."""
    rows = [value] if isinstance(mapping(value).get("title"), str) else value
    if isinstance(rows, dict):
        rows = [{"title": name, **mapping(row)} for name, row in rows.items()]
    named = [row for row in map(mapping, sequence(rows)[:MAX_ITEMS]) if text(row.get("title"))]
    shares = [number(row.get("percentage")) for row in named]
    # 0.64 is a fraction and 64 a percentage; a 1 beside a 99 is a percentage too.
    scale = 100 if all(part is None or 0 <= part <= 1 for part in shares) else 1
    styles = [
        RunningStyle(
            title=text(row.get("title")),
            animal=text(row.get("animal")),
            percentage=percent(None if part is None else part * scale),
            summary=text(row.get("summary")),
        )
        for row, part in zip(named, shares, strict=True)
    ]
    return tuple(sorted(styles, key=lambda style: -1.0 if style.percentage is None else style.percentage, reverse=True))


def _pattern(value: Any) -> str:
    word = text(value).lower()
    return PATTERNS.get(word, word)


def parse_calculated(data: Any) -> Numbers:
    """Read the numbers of `calculated_data`, of either view, with our engine's own additions where they are."""
    body = mapping(data)
    cycle = mapping(body.get("gait_cycle"))
    every = chain(_metrics(body), _overstride(body), _joint_angles(body), _stance(cycle))
    found = filter(_storable, every)
    added = house.read(body.get("house"))
    return replace(
        added,
        numbers=house.merged(tuple(islice(found, MAX_ITEMS)), added.numbers),
        total_score=share(body.get("total_score")),
        overstride_verdict=text(mapping(body.get("overstride")).get("score")).removeprefix("score_"),
        foot_landing=house.with_probabilities(tuple(_landings(body.get("foot_landing"))), added.steps),
        running_styles=_styles(body.get("running_styles")),
        steps=house.joined(added.steps, tuple(_stance_steps(cycle))),
    )


def _metrics(body: dict[str, Any]) -> Iterator[Number]:
    for name, value in mapping(body.get("metrics")).items():
        if name in METRICS:
            key, unit = METRICS[name]
            for path, real in leaves(value):
                yield _number(key, unit, path, real)


def _overstride(body: dict[str, Any]) -> Iterator[Number]:
    angle = number(mapping(body.get("overstride")).get("mean_angle"))
    if angle is not None:
        yield Number("overstride_deg", angle, "°")


def _joint_angles(body: dict[str, Any]) -> Iterator[Number]:
    """Give `<joint>_deg` by side and statistic; `left_knee.mean`, `knee.left.mean` and `left.knee.mean` are one."""
    for path, real in leaves(body.get("joint_angles")):
        words = [word for name in path[:2] for word in _apart(name)] + list(path[2:])
        joints = [word for word in words if word not in SIDES]
        if joints:
            rest = [word for word in words if word != joints[0]]
            yield _number(f"{joints[0]}_deg", "°", tuple(rest), real)


def _apart(name: str) -> list[str]:
    """Take `left_knee` and `knee_left` apart, and leave `mid_stance` whole."""
    for side in SIDES:
        if name.startswith(f"{side}_"):
            return [side, name.removeprefix(f"{side}_")]
        if name.endswith(f"_{side}"):
            return [side, name.removesuffix(f"_{side}")]
    return [name]


def _stance(cycle: dict[str, Any]) -> Iterator[Number]:
    for path, real in leaves(cycle):
        measure = next((name for name in path if name in STANCE), None)
        if measure:
            yield _number(f"{measure}_deg", "°", tuple(name for name in path if name != measure), real)


def _stance_steps(cycle: dict[str, Any]) -> Iterator[Step]:
    """Give the back view's steps; the sides follow each other, since nothing says when each step was."""
    for side in SIDES.values():
        for row in map(mapping, sequence(mapping(cycle.get(side)).get("steps"))[:MAX_ITEMS]):
            values = {f"{name}_deg": number(row.get(name)) for name in STANCE}
            given = {key: value for key, value in values.items() if value is not None}
            yield Step(number=whole(row.get("step")), side=side, values=given)


def _number(key: str, unit: str, path: tuple[str, ...], value: float) -> Number:
    """Name a number by what stood on the way to it: a side, and the rest as its phase."""
    side = next((SIDES[name] for name in path if name in SIDES), None)
    phase = "_".join(name for name in path if name not in SIDES)
    return Number(key, value, unit, side, phase or None)


def _storable(one: Number) -> bool:
    """Say whether a number's names are short enough to be names; hostile ones are left to the raw answer."""
    return bool(name_or_none(one.key)) and (one.phase is None or len(one.phase) <= MAX_PHASE)


def _landings(value: Any) -> Iterator[Landing]:
    """Give the landings from a list of objects, a list of words, or such a list for each side."""
    if isinstance(value, dict):
        rows = [{"foot": side, **_landing_row(row)} for side in SIDES for row in sequence(value.get(side))[:MAX_ITEMS]]
    else:
        rows = [_landing_row(row) for row in sequence(value)[:MAX_ITEMS]]
    for index, row in enumerate(rows[:MAX_ITEMS], start=1):
        step = whole(row.get("step"))
        pattern = _pattern(row.get("landing")) or _pattern(row.get("foot_strike_pattern"))
        if pattern:
            side = SIDES.get(text(row.get("foot")).lower()) or SIDES.get(text(row.get("side")).lower())
            probability = share(row.get("probability"))
            if probability is None:
                probability = share(row.get("landing_probability"))
            yield Landing(step if step is not None else index, side, pattern, probability)


def _landing_row(row: Any) -> dict[str, Any]:
    """Return one landing as an object; a bare word is its class."""
    return {"landing": row} if isinstance(row, str) else mapping(row)


def parse_raw(data: Any) -> Landmarks | None:
    """Read the key points that are recognised; None when there are none."""
    body = mapping(data)
    info = mapping(body.get("video_input_information"))
    frames = body.get("frames")
    numbered = frames.items() if isinstance(frames, dict) else enumerate(sequence(frames))
    read = {}
    for name, row in islice(numbered, MAX_FRAMES):
        frame = int(name) if isinstance(name, int) or (name.isascii() and name.isdigit() and len(name) < 10) else None
        points = _points(row)
        if frame is not None and points:
            read[frame] = points
    if not read:
        return None
    fps = number(info.get("fps"))
    return Landmarks(
        width_px=number(info.get("width")),
        height_px=number(info.get("height")),
        fps=fps if fps is not None else number(info.get("frame_rate")),
        duration_s=number(info.get("duration")),
        frames=tuple(sorted(read.items())),
        cleaned=_cleaned(body.get("cleaned")),
        times_s=tuple(number(moment) for moment in sequence(body.get("times_s"))[:MAX_FRAMES]),
    )


def _cleaned(value: Any) -> tuple[dict[str, tuple[float, float]], ...]:
    """Read our engine's own second set: the joints' names once, then a list of pairs for each picture."""
    joints = [name_or_none(name) or "" for name in sequence(mapping(value).get("joints"))[:MAX_POINTS]]
    frames = sequence(mapping(value).get("frames"))[:MAX_FRAMES]
    return tuple(_points(dict(zip(joints, sequence(row), strict=False))) for row in frames)


def _points(row: Any) -> dict[str, tuple[float, float]]:
    """Read one frame: each landmark an object with x and y, or a list that begins with them."""
    points = {}
    for name, place in islice(mapping(row).items(), MAX_POINTS):
        x, y = (place.get("x"), place.get("y")) if isinstance(place, dict) else [*sequence(place), None, None][:2]
        across, down = number(x), number(y)
        if name and across is not None and down is not None:
            points[text(name)] = (across, down)
    return points

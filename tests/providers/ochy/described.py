"""Answers drawn from the description of the provider's interface (engine/openapi.yaml), some of them damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

DESCRIPTION = yaml.safe_load((Path(__file__).parents[3] / "engine" / "openapi.yaml").read_text())
DAMAGED_ONE_IN = 40  # nodes of an answer
ODD = (
    st.none()
    | st.booleans()
    | st.text(max_size=5)
    | st.sampled_from([10**400, -(10**30), 1e308, float("nan"), "\x00", "\ud800", [], {}, [[]], "x" * 5000])
)


def names() -> list[str]:
    """Every schema an answer of the service may follow."""
    return sorted(DESCRIPTION["components"]["schemas"])


@st.composite
def described(draw: st.DrawFn, *wanted: str) -> bytes:
    """An answer that follows one of these schemas, but for a node here and there."""
    name = draw(st.sampled_from(wanted))
    return json.dumps(_value(draw, DESCRIPTION["components"]["schemas"][name])).encode()


def _value(draw: st.DrawFn, schema: Any) -> Any:
    if draw(st.integers(1, DAMAGED_ONE_IN)) == DAMAGED_ONE_IN:
        return draw(ODD)
    if "$ref" in schema:
        return _value(draw, DESCRIPTION["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return _value(draw, draw(st.sampled_from(schema["anyOf"])))
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw(st.sampled_from(schema["enum"]))
    kinds = schema.get("type", "object")
    kind = draw(st.sampled_from(kinds)) if isinstance(kinds, list) else kinds
    return _OF[kind](draw, schema)


def _object(draw: st.DrawFn, schema: Any) -> dict[str, Any]:
    known = schema.get("properties", {})
    required = schema.get("required", [])
    wanted = [name for name in known if name in required or draw(st.booleans())]
    other = schema.get("additionalProperties")
    if isinstance(other, dict):
        wanted += [name for name in required if name not in known]
        wanted += draw(st.lists(st.sampled_from(["0", "1", "left", "right", "knee_left", "pronation"]), max_size=3))
    return {name: _value(draw, known.get(name, other)) for name in wanted}


def _array(draw: st.DrawFn, schema: Any) -> list[Any]:
    if "prefixItems" in schema:
        return [_value(draw, one) for one in schema["prefixItems"]]
    return [_value(draw, schema["items"]) for _ in range(draw(st.integers(schema.get("minItems", 0), 3)))]


def _string(draw: st.DrawFn, schema: Any) -> str:
    if schema.get("format") == "date-time":
        return draw(st.datetimes()).isoformat() + "Z"
    if "pattern" in schema:
        return draw(st.from_regex(schema["pattern"], fullmatch=True))
    return draw(st.text(min_size=schema.get("minLength", 0), max_size=12))


def _number(draw: st.DrawFn, schema: Any) -> float:
    return draw(st.floats(schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False))


def _integer(draw: st.DrawFn, schema: Any) -> int:
    return draw(st.integers(schema.get("minimum"), schema.get("maximum")))


_OF = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _integer,
    "boolean": lambda draw, schema: draw(st.booleans()),
    "null": lambda draw, schema: None,
}

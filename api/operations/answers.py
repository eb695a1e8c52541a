"""Which answers an operation may give besides the good one, for the description."""

from __future__ import annotations

from typing import Any

from api.problems import ProblemBody

ALWAYS = (401, 403, 422, 429)


def answers(good: Any, *also: int, status: int = 200, listed: bool = False) -> dict[int, Any]:
    """Return what the description says of an operation; 404 unless it is about a list."""
    codes = {*ALWAYS, *also, *(() if listed else (404,))}
    return {status: good} | dict.fromkeys(sorted(codes), ProblemBody)

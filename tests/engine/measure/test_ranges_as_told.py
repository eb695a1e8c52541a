"""The ranges that docs/measures.md tells, and every page from it, are those that are scored."""

from __future__ import annotations

import hashlib
import re
from math import inf, sqrt
from pathlib import Path

import pytest

from engine.measure.bands import VERSION, back_bands, side_bands

DOCUMENT = (Path(__file__).parents[3] / "docs" / "measures.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \| ([^|]+) \|", re.MULTILINE)
TOLD = dict(reversed(ROW.findall(DOCUMENT)))  # of several tables with a row of a measure, the first
RUNS = [(3.0, 1.72), (2.2, 1.95), (4.5, 1.55)]  # m/s, m


def value(formula, **known):
    """Reckon a formula as the document writes it: 591 v^−0.693, usual + 8 %, 1.9 (v − 3)."""
    formula = re.sub(r"\+ (\d+) %", r"+ usual * \1 / 100", formula).replace("−", "-").replace("^", "**")
    formula = re.sub(r"(?<=[\d)]) (?=[(v√])", " * ", formula).replace("√", "sqrt")
    return eval(formula, {"sqrt": sqrt, **known})


def limits(told, *, v, H):
    """Return the good and the okay limits of a cell."""
    told, _, where = re.sub(" around usual", "; usual", told.strip()).partition("; ")
    known = {"v": v, "H": H}
    if where:
        name, formula = where.split(" = ")
        known[name] = value(formula, **known)
    good, okay = told.split(" / ")
    if "±" in told:
        middle, spread = good.split(" ± ")
        middle, spreads = value(middle, **known), (float(spread), float(okay.removeprefix("± ")))
        return tuple((middle - spread, middle + spread) for spread in spreads)
    if "…" in told:
        around = known.get("usual", 0)
        return tuple(tuple(around + value(end) for end in each.split("…")) for each in (good, okay))
    okay = re.sub(r"^\+", "≤ usual +", okay)
    ends = [value(each[2:], **known) for each in (good, okay)]
    return tuple((-inf, end) if good[0] == "≤" else (end, inf) for end in ends)


@pytest.mark.parametrize(("v", "H"), RUNS)
def test_what_is_told_is_what_is_scored(v, H):
    for key, band in (side_bands(v, H) | back_bands()).items():
        for told, scored in zip(limits(TOLD[key], v=v, H=H), (band.good, band.okay), strict=True):
            assert told == pytest.approx(scored), key


def test_other_ranges_have_another_version():
    """Scores are compared where the version is the same: whoever changes a range changes it, and this digest."""
    ranges = [sorted((key, band.good, band.okay) for key, band in side_bands(*run).items()) for run in RUNS]
    ranges.append(sorted((key, band.good, band.okay) for key, band in back_bands().items()))
    digest = hashlib.sha256(repr([[(k, *(f"{x:.6g}" for x in (*g, *o))) for k, g, o in r] for r in ranges]).encode())
    assert (VERSION, digest.hexdigest()[:12]) == ("2026-11-22", "fb253931be35")

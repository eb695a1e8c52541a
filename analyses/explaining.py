"""What a measure means, as docs/measures.md says it: the one place where it is written. Pure; the file is read once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "docs" / "measures.md"
NAMED = re.compile(r"`([a-z0-9_]+)`")
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


@dataclass(frozen=True)
class Table:
    """One table of the document: its heading's words and its rows, each cell by its column's name."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Explanation:
    """One measure in words. Texts are English, as written."""

    key: str
    what: str  # what it is
    not_said: str
    formula: str
    unit: str
    usual: str  # good / okay; empty where it is not rated or an estimate
    source: str  # of the range, and where the measure ends
    estimate: bool  # by a model, never scored
    sure_of: str
    sure_markers: str
    sure_film: str
    sure_basis: str
    runners: tuple[str, ...]  # who stands behind the range, where the source says it


def explanation(key: str) -> Explanation | None:
    """Return what the document says about a measure; None for one it does not explain."""
    return _all().get(key)


@cache
def _all() -> dict[str, Explanation]:
    tables = list(_tables(SOURCE.read_text(encoding="utf-8")))
    plain = _by_key(tables, "what it is")
    made, models = _by_key(tables, "what and how"), _by_key(tables, "model")
    sure = {row["of"]: row for table in tables if table.columns[0] == "of" for row in table.rows}
    runners = {row["source"]: row["runners"] for table in tables if "runners" in table.columns for row in table.rows}
    found = {}
    for key, words in plain.items():
        how = made.get(key) or models.get(key) or {}
        certain = sure.get(words["sure as"], {})
        source = how.get("source and limits") or how.get("limits") or ""
        found[key] = Explanation(
            key=key,
            what=words["what it is"],
            not_said=words["what it does not say"],
            formula=how.get("what and how") or how.get("model") or "",
            unit=how.get("unit", ""),
            usual=how.get("good / okay", ""),
            source=source,
            estimate=key in models,
            sure_of=words["sure as"],
            sure_markers=certain.get("from marker-quality points", ""),
            sure_film=certain.get("from film at 50 fps or more", ""),
            sure_basis=certain.get("basis", ""),
            runners=tuple(f"{name}: {who}" for name, who in runners.items() if name in source),
        )
    return found


def _by_key(tables: list[Table], column: str) -> dict[str, dict[str, str]]:
    """Return the rows of all tables with this column, by every key that their first cell names."""
    found: dict[str, dict[str, str]] = {}
    for table in tables:
        if column in table.columns:
            for row in table.rows:
                found.update(dict.fromkeys(NAMED.findall(row[table.columns[0]]), row))
    return found


def _tables(text: str) -> list[Table]:
    tables = []
    for block in re.findall(r"(?:^\|.*\n)+", text + "\n", re.MULTILINE):
        head, rule, *rest = [_cells(line) for line in block.strip().splitlines()] + [[], []]
        if rule and all(set(cell) <= set("-: ") for cell in rule):
            rows = (dict(zip(head, cells, strict=True)) for cells in rest if len(cells) == len(head))
            tables.append(Table(tuple(head), tuple(rows)))
    return tables


def _cells(line: str) -> list[str]:
    return [LINK.sub(r"\1", cell.strip()) for cell in line.strip().strip("|").split("|")]

"""What a measure means, as docs/measures.md says it: the one place where it is written; the file is read once.

Each cell that says something in words is a text of the catalogues, with the context "measure": what is translated is
the document itself, and a cell that is changed there is asked for anew. Figures, signs and names need no words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import pgettext

SOURCE = Path(__file__).resolve().parent.parent / "docs" / "measures.md"
NAMED = re.compile(r"`([a-z0-9_]+)`")
SIGN = re.compile(r"(?<![\w.])[vH](?![\w.])")  # of speed and height
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
POINT = re.compile(r"(?<=\d)\.(?=\d)")
FIGURE = re.compile(r"\d+(?:[.,]\d+)?")
UNIT_OF = re.compile(r"(.+)[,、，]\s*(\S+)")  # "contact and flight, ms"
CONTEXT = "measure"
# A word that is no name and no unit: names begin with a capital or, as "van" and "doi", have three letters.
WORD = re.compile(r"(?<![\w-])(?:[a-z]{4,}|at|to|and)\b")
TOLD = ("what", "not_said", "formula", "steps", "usual", "source", "sure_of", "sure_markers", "sure_film", "sure_basis")


@dataclass(frozen=True)
class Table:
    """One table of the document: its heading's words and its rows, each cell by its column's name."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Explanation:
    """One measure in words: English as written, or in the language of `in_our_language`."""

    key: str
    term: str  # in publications, in English in every language
    what: str  # what it is
    not_said: str
    formula: str
    steps: str  # how they become one number
    unit: str
    usual: str  # good / okay; empty where it is not rated or an estimate
    source: str  # of the range, and where the measure ends
    estimate: bool  # by a model, never scored
    sure_of: str
    sure_markers: str
    sure_film: str
    sure_basis: str
    runners: tuple[tuple[str, str], ...] = ()  # a source, and who stands behind its range

    @property
    def has_signs(self) -> bool:
        """Whether its formula or its range is written with the signs for speed and height."""
        return bool(SIGN.search(self.formula) or SIGN.search(self.usual))

    def with_units(self) -> Explanation:
        """Return it with the unit of the errors behind their figures, and no longer behind what they hold for."""
        found = UNIT_OF.fullmatch(self.sure_of)
        if not found:
            return self
        of, unit = found.groups()
        film, markers = (
            FIGURE.sub(lambda figure: f"{figure[0]}\N{NO-BREAK SPACE}{unit}", told, count=1)
            for told in (self.sure_film, self.sure_markers)
        )
        return replace(self, sure_of=of, sure_film=film, sure_markers=markers)


def explanation(key: str) -> Explanation | None:
    """Return what the document says about a measure; None for one it does not explain."""
    return _all().get(key)


def in_our_language(told: Explanation) -> Explanation:
    """Return it in the language of the moment; what a catalogue does not hold stays as it is written."""
    texts: dict[str, Any] = {name: _said(getattr(told, name)) for name in TOLD}
    return replace(told, **texts, runners=tuple(runners_behind(told.source))).with_units()


def runners_behind(source: str) -> list[tuple[str, str]]:
    """Return each source that is named and who stands behind its range, in the language of the moment."""
    return [(_said(name) + published, _said(who)) for name, published, who in _runners() if name in source]


def texts_of(document: str) -> Iterator[str]:
    """Yield what has to be translated of a document, each text once and in its order."""
    known: dict[str, None] = {}
    for told in explained(document).values():
        known |= dict.fromkeys(getattr(told, name) for name in TOLD)
    known |= dict.fromkeys(text for name, _, who in _runners_in(document) for text in (name, who))
    yield from filter(WORD.search, known)


def _said(text: str) -> str:
    said = pgettext(CONTEXT, text) if WORD.search(text) else text
    return said if "doi:" in said else POINT.sub(get_format("DECIMAL_SEPARATOR"), said)


@cache
def _all() -> dict[str, Explanation]:
    return explained(SOURCE.read_text(encoding="utf-8"))


@cache
def _runners() -> list[tuple[str, str, str]]:
    return _runners_in(SOURCE.read_text(encoding="utf-8"))


def _runners_in(document: str) -> list[tuple[str, str, str]]:
    """Return of each source its name, where it was published as it is written behind the name, and who ran."""
    rows = [row for table in _tables(document) if "runners" in table.columns for row in table.rows]
    places = [f", {row['published']}" if row["published"] != "–" else "" for row in rows]
    return [(row["source"], place, row["runners"]) for row, place in zip(rows, places, strict=True)]


def explained(document: str) -> dict[str, Explanation]:
    """Return what a document says about each measure that it puts in plain words."""
    tables = list(_tables(document))
    plain = _by_key(tables, "what it is")
    made, models = _by_key(tables, "what and how"), _by_key(tables, "model")
    sure = {row["of"]: row for table in tables if table.columns[0] == "of" for row in table.rows}
    become = "how its steps become one number"
    steps = {row["read"]: row[become] for table in tables if become in table.columns for row in table.rows}
    found = {}
    for key, words in plain.items():
        how = made.get(key) or models.get(key) or {}
        certain = sure.get(words["sure as"], {})
        found[key] = Explanation(
            key=key,
            term=words["in publications"],
            what=words["what it is"],
            not_said=words["what it does not say"],
            formula=how.get("what and how") or how.get("model") or "",
            steps=steps.get(words["read"], ""),
            unit=how.get("unit", ""),
            usual=how.get("good / okay", ""),
            source=how.get("source and limits") or how.get("limits") or "",
            estimate=key in models,
            sure_of=words["sure as"],
            sure_markers=certain.get("from marker-quality points", ""),
            sure_film=certain.get("from film at 50 fps or more", ""),
            sure_basis=certain.get("basis", ""),
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

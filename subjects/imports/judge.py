"""What will become of each line of a list: nothing is written here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from subjects.imports import cells, columns
from subjects.imports.joining import Groups
from subjects.imports.table import Table
from subjects.models import SubjectQuerySet
from subjects.names import key

FIELDS: Final = ("name", "email", "birth_year", "sex", "height_m", "weight_kg")
KEPT: Final = ("name",)  # the spelling here stays: it is what everybody knows the runner by
CLOSE: Final = 1e-6  # two numbers that print alike


class Fate(StrEnum):
    NEW = "new"
    CHANGES = "changes"
    SAME = "same"
    JOINS = "joins"  # adds a group to the runner of a line before
    TWICE = "twice"
    WRONG = "wrong"


@dataclass
class Line:
    """One line of the file: who it is about, what will become of it and, where that is nothing, why."""

    number: int  # as a table programme counts
    fate: Fate = Fate.NEW
    values: dict[str, Any] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    subject: int | None = None  # the runner there is already
    before: dict[str, Any] = field(default_factory=dict)  # of the fields that change
    groups: list[str] = field(default_factory=list)  # plain names (joining.py), as the file has them
    joins: list[str] = field(default_factory=list)  # those of them the runner is not in yet

    @property
    def name(self) -> str:
        return str(self.values.get("name", ""))

    @property
    def after(self) -> dict[str, Any]:
        return {name: self.values[name] for name in self.before}


@dataclass
class Judged:
    """All lines of a file, in its order."""

    lines: list[Line]
    groups: Groups

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(line.fate for line in self.lines)
        return {fate.value: found[fate] for fate in Fate}

    @property
    def importable(self) -> int:
        return self.counts[Fate.NEW] + self.counts[Fate.CHANGES]

    def of(self, fate: str) -> list[Line]:
        return [line for line in self.lines if line.fate == fate]

    @property
    def new_groups(self) -> list[str]:
        """The plain names of the groups that the lines to be imported need and that there are not yet."""
        joined = [plain for line in self.lines if line.fate in (Fate.NEW, Fate.CHANGES) for plain in line.joins]
        return [plain for plain in dict.fromkeys(joined) if self.groups.is_new(plain)]


class NoName(Exception):
    """No column holds a name, so no line can be read."""


def judge(
    table: Table, *, has_headings: bool, meanings: Sequence[str], among: SubjectQuerySet, groups: Groups
) -> Judged:
    """Say what becomes of each line; `among` are the runners that may be recognised. Raises NoName."""
    if not {columns.NAME, columns.FIRST, columns.LAST} & set(meanings):
        raise NoName
    rows = list(zip(table.numbers, table.rows, strict=True))[int(has_headings) :]
    reader = _Reader(meanings, [row for _number, row in rows], groups)
    there = groups.members() if columns.GROUP in meanings else set()
    known = _Known(among.values("pk", *FIELDS).iterator(chunk_size=2000))
    in_file = _Known(())
    lines = []
    for number, row in rows:
        line = reader.read(number, row)
        if line.fate != Fate.WRONG:
            before = _settle(line, known, in_file)
            _join(line, before, groups, there)
        lines.append(line)
    return Judged(lines, groups)


class _Reader:
    """Reads lines by what their columns mean."""

    def __init__(self, meanings: Sequence[str], rows: Sequence[Sequence[str]], groups: Groups) -> None:
        self.groups = groups
        self.at = {meaning: column for column, meaning in enumerate(meanings) if meaning}
        self.this_year = timezone.localdate().year
        sexes = self.at.get(columns.SEX)
        self.m_is_woman = sexes is not None and cells.m_is_woman(row[sexes] for row in rows)

    def read(self, number: int, row: Sequence[str]) -> Line:
        line = Line(number)
        for name, reading in self._readings(row):
            try:
                line.values[name] = reading()
            except cells.Unreadable as error:
                line.fate = Fate.WRONG
                line.sentences.append(str(error))
        line.groups = line.values.pop("groups", [])
        return line

    def _readings(self, row: Sequence[str]) -> Iterator[tuple[str, Callable[[], Any]]]:
        def cell(meaning: str) -> str:
            return cells.said(row[self.at[meaning]]) if meaning in self.at else ""

        whole = cell(columns.NAME) or f"{cell(columns.FIRST)} {cell(columns.LAST)}"
        yield "name", partial(cells.name, _turned(whole))
        if text := cell(columns.EMAIL):
            yield "email", partial(cells.email, text)
        if text := cell(columns.BIRTH):
            yield "birth_year", partial(cells.birth_year, text, self.this_year)
        if text := cell(columns.SEX):
            yield "sex", partial(cells.sex, text, m_is_woman=self.m_is_woman)
        if text := cell(columns.HEIGHT_M) or cell(columns.HEIGHT_CM):
            yield "height_m", partial(cells.height_m, text, centimetres=not cell(columns.HEIGHT_M))
        if text := cell(columns.WEIGHT_KG) or cell(columns.WEIGHT_LB):
            yield "weight_kg", partial(cells.weight_kg, text, pounds=not cell(columns.WEIGHT_KG))
        if text := cell(columns.GROUP):
            yield "groups", partial(self.groups.read, text)


def _turned(name: str) -> str:
    """Write "Müller, Jörg" the way a person is called."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name


class _Known:
    """People by their name, as near as two spellings of one are."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self.by_key: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in rows:
            self.add(row)

    def add(self, row: dict[str, Any]) -> None:
        self.by_key.setdefault(key(row["name"]), []).append(row)

    def like(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        """Return who may be meant: of the name, and at odds in neither address nor year; the surest kind alone."""
        named = self.by_key.get(key(values["name"]), [])
        for agrees in (_email, _year):
            surely = [one for one in named if agrees(one) and agrees(one) == agrees(values)]
            if surely:
                return surely
        return [one for one in named if not (_at_odds(_year, one, values) or _at_odds(_email, one, values))]

    def of_another_address(self, values: dict[str, Any]) -> bool:
        """Whether there is one of this name who can be told apart by the address alone, for a year is missing."""
        named = self.by_key.get(key(values["name"]), [])
        return any(_at_odds(_email, one, values) and not _at_odds(_year, one, values) for one in named)


def _email(one: dict[str, Any]) -> str:
    return str(one.get("email") or "").casefold()


def _year(one: dict[str, Any]) -> int:
    return one.get("birth_year") or 0


def _at_odds(of: Any, one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(of(one) and of(other) and of(one) != of(other))


def _settle(line: Line, known: _Known, in_file: _Known) -> Line | None:
    """Say what becomes of a line by itself; return the line before it that is surely of the same runner."""
    earlier = in_file.like(line.values)
    if earlier:
        first: Line = earlier[0]["line"]
        line.fate = Fate.TWICE
        line.sentences.append(_("The same runner as in line %(line)s.") % {"line": first.number})
        # A year on one line alone may be a father's: nobody joins a group by a likeness.
        return first if all(of(first.values) == of(line.values) for of in (_email, _year)) else None
    there = known.like(line.values)
    if len(there) > 1:
        _refuse(line, _("Several runners here have this name. Add the year of birth or the e-mail."))
    elif there:
        _compare(line, there[0])
    elif known.of_another_address(line.values):
        _refuse(line, _("A runner here has this name and another e-mail. Add the year of birth."))
    if line.fate != Fate.WRONG:
        in_file.add({**line.values, "line": line})
    return None


def _refuse(line: Line, sentence: str) -> None:
    line.fate = Fate.WRONG
    line.sentences.append(sentence)


def _compare(line: Line, there: dict[str, Any]) -> None:
    line.subject = there["pk"]
    line.before = {
        name: there[name]
        for name, value in line.values.items()
        if name not in KEPT and not alike(name, there[name], value)
    }
    line.fate = Fate.CHANGES if line.before else Fate.SAME


def _join(line: Line, before: Line | None, groups: Groups, there: set[tuple[int, int]]) -> None:
    """Note which groups the runner is not in yet; nobody is taken out of one.

    A list may have a line for each group of a runner: what they join is written with the first, the line `before`.
    """
    known, first = groups.known, before or line
    new = [one for one in line.groups if one not in known or (first.subject, known[one].pk) not in there]
    line.joins = [one for one in new if one not in first.joins]
    if before and line.joins:
        line.fate = Fate.JOINS
        line.sentences = [_("The same runner as in line %(line)s: only the group is added.") % {"line": before.number}]
        before.joins += line.joins
    if line.joins and first.fate == Fate.SAME:
        first.fate = Fate.CHANGES


def alike(name: str, here: Any, other: Any) -> bool:
    """Whether two values of a field are the same to a person."""
    if isinstance(here, float) and isinstance(other, float | int):
        return abs(here - other) < CLOSE
    if name == "email":
        return str(here).casefold() == str(other).casefold()
    return bool(here == other)

"""Questions to the database that are put together once: from one asking to the next only the keys in them change.

Django takes 1 to 9 ms to build a large question, often longer than PostgreSQL takes to answer it. Here each is built
once with stand-ins for the keys of rows, those of the second wall (wall.py) among them: whoever asks is answered as by
a question that was begun within their own sight.

A question is a function of a module that gives a queryset. It depends on nothing but its keys, for it is kept for as
long as the process lives: numbers and codes of rows, days and what is searched for (`Word`), which change from one
asking to the next; anything else, such as the name of an order, makes a question of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import DateField, QuerySet, UUIDField
from django.db.models import query as querysets
from django.utils import timezone

from accounts import wall

# No row has a number below nought, and nothing else that is given to a question is so low, no day so early.
_ORGANIZATION: Final = -1_000_000_001
_COACH: Final = -1_000_000_002
_FIRST: Final = -1_000_000_003
_SIGN: Final = 0xE000  # the first of the signs that no script has

_FIELDS: Final[dict[type, Any]] = {date: DateField(), UUID: UUIDField()}  # how a database is given what is no number
_CHANGING: Final = (int, date, UUID, str)  # a text where the database knows neither days nor codes


class Word(str):
    """What a question looks for within texts (`icontains`)."""


Question = Callable[..., QuerySet[Any, Any]]
Rows = list[tuple[Any, ...]]
Part = tuple[int, int]  # from the first of these rows to before the second


@dataclass(frozen=True)
class _Built:
    sql: str
    given: tuple[Any, ...]
    converters: dict[int, Any]  # by column; for what a database does not give as Python has it
    make: Callable[[tuple[Any, ...]], Any] | None  # a row of the model from these values; None for a `values_list`


class Asked:
    """What a question gives, to be looked through a part at a time (paging.py)."""

    def __init__(self, question: Question, *keys: Any) -> None:
        self.question, self.keys = question, keys

    def __getitem__(self, part: slice) -> list[Any]:
        if part.stop == 0:  # the one page of what has nothing in it: Django has no words for such a question
            return []
        return rows(self.question, *self.keys, part=(part.start or 0, part.stop))

    def count(self, most: int) -> int:
        """Return how many there are, counted no further than `most`."""
        return int(_answer(self.question, self.keys, (0, most), counted=True)[1][0][0])


def ask(question: Question, *keys: Any) -> Rows:
    """Return what `question(*keys)`, a `values_list`, gives. Raises wall.NoScope where nothing is in sight."""
    return _answer(question, keys, None)[1]


def rows(question: Question, *keys: Any, part: Part | None = None) -> list[Any]:
    """Return the rows of the model that `question(*keys)` gives, with those beside it that it selects.

    Raises wall.NoScope where nothing is in sight.
    """
    built, found = _answer(question, keys, part)
    assert built.make is not None, "a values_list is asked for by `ask`"
    return [built.make(row) for row in found]


def _answer(
    question: Question, keys: tuple[Any, ...], part: Part | None, *, counted: bool = False
) -> tuple[_Built, Rows]:
    stand_ins = tuple(_stand_in(at, key) for at, key in enumerate(keys))
    pairs = zip(stand_ins, keys, strict=True)
    given = {_prepared(stand_in): _prepared(key) for stand_in, key in pairs if stand_in is not key}
    scope = wall.current()
    if isinstance(scope, wall.Sight):
        given[_ORGANIZATION] = scope.organization
        if scope.coach is not None:
            given[_COACH] = scope.coach
        scope = wall.Sight(_ORGANIZATION, None if scope.coach is None else _COACH)
    built = _built(question, stand_ins, part, counted, scope, timezone.get_current_timezone_name())
    with connection.cursor() as cursor:
        cursor.execute(built.sql, [given.get(one, one) if type(one) in _CHANGING else one for one in built.given])
        found: Rows = cursor.fetchall()
    return built, [_converted(row, built.converters) for row in found] if built.converters else found


def _stand_in(at: int, key: Any) -> Any:
    """Return what stands for a key while its question is put together; what makes a question of its own stays."""
    if type(key) is int:
        return _FIRST - at
    if type(key) is date:
        return date.min + timedelta(at)
    if type(key) is Word:
        return Word(chr(_SIGN + at))
    return UUID(int=at + 1) if type(key) is UUID else key


def _prepared(key: Any) -> Any:
    """Return a key as it is given to the database."""
    if type(key) is Word:
        return f"%{connection.ops.prep_for_like_query(key)}%"
    field = _FIELDS.get(type(key))
    return field.get_db_prep_value(key, connection) if field else key


@lru_cache(maxsize=256)  # a page of a list asks three about 25 rows, seldom about another number
def _built(
    question: Question, keys: tuple[Any, ...], part: Part | None, counted: bool, scope: Any, _days_of: str
) -> _Built:
    with wall.seeing(scope):
        asked = question(*keys)
        if counted:
            asked = asked.order_by().values_list("pk")
        if part:
            asked = asked[part[0] : part[1]]
        compiler = asked.query.get_compiler(connection=connection)
        sql, given = compiler.as_sql()
    if counted:
        sql = f"SELECT COUNT(*) FROM ({sql}) AS found"  # noqa: S608 - Django's own
    columns = [column for column, _sql, _name in compiler.select]
    return _Built(sql, tuple(given), compiler.get_converters(columns), _maker(asked, compiler))


def _maker(asked: Any, compiler: Any) -> Callable[[tuple[Any, ...]], Any] | None:
    """Return how rows are made of values, as a queryset itself would make them; None for a `values_list`."""
    if asked._fields is not None:
        return None
    model, places = asked.model, compiler.klass_info["select_fields"]
    first, last = places[0], places[-1] + 1
    names = frozenset(column.target.attname for column, _sql, _name in compiler.select[first:last])
    populators: Any = querysets.get_related_populators  # its stubs are of a later Django
    alias = connection.alias
    beside = populators(compiler.klass_info, compiler.select, alias)
    annotated = list(compiler.annotation_col_map.items())

    def make(values: tuple[Any, ...]) -> Any:
        made = model.from_db(alias, names, values[first:last])
        for one in beside:
            one.populate(values, made)
        for name, at in annotated:
            setattr(made, name, values[at])
        return made

    return make


def _converted(row: tuple[Any, ...], converters: dict[int, Any]) -> tuple[Any, ...]:
    values = list(row)
    for at, (functions, expression) in converters.items():
        for function in functions:
            values[at] = function(values[at], expression, connection)
    return tuple(values)

"""Questions to the database that are put together once: from one asking to the next only the numbers in them change.

Django takes 1 to 9 ms to build a large question, often longer than PostgreSQL takes to answer it. Here each is built
once with stand-ins for the keys of rows, those of the second wall (wall.py) among them: whoever asks is answered as by
a question that was begun within their own sight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts import wall

# No row has a number below nought, and nothing else that is given to a question is so low.
_ORGANIZATION: Final = -1_000_000_001
_COACH: Final = -1_000_000_002
_FIRST: Final = -1_000_000_003

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class _Built:
    sql: str
    given: tuple[Any, ...]
    converters: dict[int, Any]  # by column; for what a database does not give as Python has it


def ask(question: Callable[..., QuerySet[Any, Any]], *keys: int) -> Rows:
    """Return the rows of `question(*keys)`, a function of a module that gives a `values_list`.

    It depends on nothing but the keys of rows, at least one: the question is kept for as long as the process lives.
    Raises wall.NoScope where nothing is in sight.
    """
    scope, given = wall.current(), dict(zip(_stand_ins(len(keys)), keys, strict=True))
    if isinstance(scope, wall.Sight):
        given[_ORGANIZATION] = scope.organization
        if scope.coach is not None:
            given[_COACH] = scope.coach
        scope = wall.Sight(_ORGANIZATION, None if scope.coach is None else _COACH)
    built = _built(question, len(keys), scope, timezone.get_current_timezone_name())
    with connection.cursor() as cursor:
        cursor.execute(built.sql, [given.get(one, one) if type(one) is int else one for one in built.given])
        found: Rows = cursor.fetchall()
    return [_converted(row, built.converters) for row in found] if built.converters else found


@lru_cache(maxsize=128)  # a page of a list asks about 25 rows, seldom about another number
def _built(question: Callable[..., QuerySet[Any, Any]], keys: int, scope: Any, _days_of: str) -> _Built:
    with wall.seeing(scope):
        compiler = question(*_stand_ins(keys)).query.get_compiler(connection=connection)
        sql, given = compiler.as_sql()
    columns = [column for column, _sql, _name in compiler.select]
    return _Built(sql, tuple(given), compiler.get_converters(columns))


def _stand_ins(keys: int) -> range:
    return range(_FIRST, _FIRST - keys, -1)


def _converted(row: tuple[Any, ...], converters: dict[int, Any]) -> tuple[Any, ...]:
    values = list(row)
    for at, (functions, expression) in converters.items():
        for function in functions:
            values[at] = function(values[at], expression, connection)
    return tuple(values)

"""Runners from a file: read (table), understood (columns, cells), judged (judge), written (actions) or undone."""

from subjects.imports.actions import (
    begin_import,
    carry_out,
    discard,
    forget_imports,
    forget_waiting,
    lines_of,
    set_columns,
    table_of,
)
from subjects.imports.joining import Groups
from subjects.imports.judge import Fate, Judged, Line, NoName
from subjects.imports.table import NotATable
from subjects.imports.undoing import undo
from subjects.imports.writing import TooLate

__all__ = [
    "Fate",
    "Groups",
    "Judged",
    "Line",
    "NoName",
    "NotATable",
    "TooLate",
    "begin_import",
    "carry_out",
    "discard",
    "forget_imports",
    "forget_waiting",
    "lines_of",
    "set_columns",
    "table_of",
    "undo",
]

"""Runners from a file: read (table), understood (columns, cells), judged (judge), and written or undone (actions)."""

from subjects.imports.actions import (
    TooLate,
    begin_import,
    carry_out,
    discard,
    forget_imports,
    forget_waiting,
    lines_of,
    set_columns,
    table_of,
    undo,
)
from subjects.imports.joining import Groups
from subjects.imports.judge import Fate, Judged, Line, NoName
from subjects.imports.table import NotATable

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

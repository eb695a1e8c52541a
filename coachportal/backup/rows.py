"""The rows of every table as lines of JSON, read from one snapshot; and back again.

Not a database's own dump: this one reads the same from SQLite and PostgreSQL, so that a clinic can move between them,
and needs no client program of the right version.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

AT_ONCE = 500
PLAIN = (str, int, float, bool, type(None))


def tables() -> list[type[models.Model]]:
    """Every table of ours and of the libraries, the ones between two others included."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.can_migrate(connection)
    ]
    return sorted(found, key=name_of)


def name_of(model: type[models.Model]) -> str:
    return model._meta.label_lower


def migrations() -> list[str]:
    """Which migrations this database has; rows fit only where they are the same."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all reads inside see the database as it is now, while others go on writing."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # By hand, for `atomic` takes SQLite's write lock at once (settings.py). The first read sets the moment.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        cursor.execute("SELECT COUNT(*) FROM sqlite_master")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def lines(model: type[models.Model]) -> Iterator[str]:
    """Yield each row as one line, in the order of its key."""
    fields = model._meta.concrete_fields
    rows = model._base_manager.order_by("pk").values_list(*header(model))
    for row in rows.iterator(AT_ONCE):
        yield json.dumps([_to_json(value, field) for value, field in zip(row, fields, strict=True)], ensure_ascii=False)


def header(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def is_empty() -> bool:
    """Whether nobody lives in this database yet."""
    return not any(apps.get_model(name)._base_manager.exists() for name in ("accounts.Organization", "accounts.User"))


def load(folder: Path) -> None:
    """Put the rows of `folder` in place of what `migrate` made. All or nothing."""
    with transaction.atomic():
        # Foreign keys are looked at when the transaction ends, so that the order of the tables does not matter.
        for model in tables():
            if model._base_manager.exists():
                model._base_manager.all()._raw_delete(using=connection.alias)
        for model in tables():
            _insert(model, folder / f"{name_of(model)}.jsonl")
        _reset_sequences()


def _insert(model: type[models.Model], path: Path) -> None:
    fields = model._meta.concrete_fields
    # SQLite takes only so many values in one statement.
    at_once = max(1, min(AT_ONCE, connection.ops.bulk_batch_size(fields, [None] * AT_ONCE)))
    with path.open(encoding="utf-8") as file:
        for batch in _batches(file, at_once):
            made = [
                model(**{f.attname: _from_json(v, f) for f, v in zip(fields, json.loads(line), strict=True)})
                for line in batch
            ]
            # Raw: no date is set anew, and no rule of ours changes what was.
            model._base_manager.all()._insert(made, fields=fields, raw=True, using=connection.alias)  # type: ignore[attr-defined]


def _reset_sequences() -> None:
    """Let new rows get numbers behind the restored ones."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)


def _batches(rows: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(islice(rows, size)):
        yield batch


def _to_json(value: Any, field: models.Field[Any, Any]) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, bytes | memoryview):
        return b64encode(bytes(value)).decode()
    if isinstance(value, PLAIN) or isinstance(field, models.JSONField):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _from_json(value: Any, field: models.Field[Any, Any]) -> Any:
    """The value that `_to_json` made this of."""
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.BinaryField):
        return b64decode(value)
    if isinstance(field, models.ForeignKey):
        field = field.target_field
    return field.to_python(value)

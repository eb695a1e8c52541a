"""The database's own guard of the ledger: no statement removes an entry, or changes what it moves and whose it is.

Words and what names a runner may go when the runner is erased (ledger.rename_reference). It stops mistakes and whoever
holds the portal's rights; a database's owner can drop a trigger, and then the nightly check tells.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

TABLE = "credits_entry"
KEPT = ("organization_id", "kind", "amount", "returns_id")
SAYS = "The ledger can only be added to."
_EVENTS = {"no_delete": "DELETE", "no_update": f"UPDATE OF {', '.join(KEPT)}"}

POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION {TABLE}_append_only() RETURNS trigger AS $$
BEGIN
  RAISE EXCEPTION '{SAYS}';
END $$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS {TABLE}_append_only ON {TABLE};
CREATE TRIGGER {TABLE}_append_only BEFORE {" OR ".join(_EVENTS.values())} ON {TABLE}
  FOR EACH ROW EXECUTE FUNCTION {TABLE}_append_only();
"""


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put the triggers in place, anew: SQLite drops them with every change of the table."""
    connection = connections[using]
    with connection.cursor() as cursor:
        columns = {column.name for column in connection.introspection.get_table_description(cursor, TABLE)}
        if not columns.issuperset(KEPT):
            return  # a migration that stopped before all of them were made
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL)
            return
        remove_from_sqlite(cursor)
        for name, event in _EVENTS.items():
            abort = f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
            cursor.execute(f"CREATE TRIGGER {TABLE}_{name} BEFORE {event} ON {TABLE} {abort}")


def remove_from_sqlite(cursor: Any) -> None:
    """Take the triggers away, as emptying a test's database needs."""
    for name in _EVENTS:
        cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name}")


def after_migrations(*, using: str = DEFAULT_DB_ALIAS, **signal: Any) -> None:
    if TABLE in connections[using].introspection.table_names():
        install(using)

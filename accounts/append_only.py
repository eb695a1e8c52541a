"""The database's own guard of the record: no statement changes or removes an entry, whoever sends it.

The one update it lets pass takes the words and their salt out of an entry and leaves everything else (record.py).
It stops mistakes and whoever holds the portal's rights; a database's owner can drop a trigger, and then the chain
tells. TRUNCATE in PostgreSQL passes triggers by: only owners may, and `verify_audit --head` shows it.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

TABLE = "accounts_auditentry"
MAY_BE_BLANKED = ("about", "salt")
SAYS = "The record can only be added to."

POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION {TABLE}_append_only() RETURNS trigger AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.about = '' AND NEW.salt = ''
       AND to_jsonb(NEW) - 'about' - 'salt' = to_jsonb(OLD) - 'about' - 'salt' THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '{SAYS}';
END $$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS {TABLE}_append_only ON {TABLE};
CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE}
  FOR EACH ROW EXECUTE FUNCTION {TABLE}_append_only();
"""


def install(using: str = DEFAULT_DB_ALIAS) -> None:
    """Put the triggers in place, anew: SQLite drops them with every change of the table."""
    connection = connections[using]
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, TABLE)]
        if not {*MAY_BE_BLANKED, "digest"} <= set(columns):
            return  # a migration that stopped before the chain was made
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL)
            return
        remove_from_sqlite(cursor)
        same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in columns if name not in MAY_BE_BLANKED)
        blank = " AND ".join(f"NEW.\"{name}\" = ''" for name in MAY_BE_BLANKED)
        abort = f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
        cursor.execute(
            f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} WHEN NOT ({same} AND {blank}) {abort}"
        )
        cursor.execute(f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} {abort}")


def remove_from_sqlite(cursor: Any) -> None:
    """Take the triggers away, as emptying a test's database needs."""
    for name in ("no_update", "no_delete"):
        cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_{name}")


def is_installed() -> bool:
    """Whether the triggers stand guard in the database."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = %s", [f"{TABLE}_append_only"])
            return bool(cursor.fetchone()[0] == 1)
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
        return bool(cursor.fetchone()[0] == 2)


def after_migrations(*, using: str = DEFAULT_DB_ALIAS, **signal: Any) -> None:
    if TABLE in connections[using].introspection.table_names():
        install(using)

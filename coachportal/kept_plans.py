"""Plans that PostgreSQL keeps, and an upgrade that changes a column's type while this process goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import NotSupportedError
from django.db.backends.base.base import BaseDatabaseWrapper


def forget_outdated(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Ask, and where the kept plan is refused for the old type, forget all plans and ask once more.

    Within a transaction nothing more can be asked; its end forgets them as well.
    """
    try:
        return execute(sql, params, many, context)
    except NotSupportedError:
        connection = context["connection"]
        if connection.in_atomic_block:
            raise
        connection.connection.execute("DEALLOCATE ALL")
        return execute(sql, params, many, context)


def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Do so on every connection to a PostgreSQL."""
    if connection.vendor == "postgresql" and forget_outdated not in connection.execute_wrappers:
        connection.execute_wrappers.append(forget_outdated)

"""manage.py reseal: seal everything that is sealed with the first key of FIELD_KEYS, so that the old one can go."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models

from accounts.sealed import reseal

AT_ONCE = 500


def sealed_columns() -> list[tuple[type[models.Model], str]]:
    """Every column that holds sealed text: by our rule its name begins with `sealed_`."""
    return [
        (model, field.attname)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.attname.startswith("sealed_")
    ]


class Command(BaseCommand):
    help = (
        "To change the key: put a new one in front of FIELD_KEYS, restart, run this, take the old one away, restart. "
        "The portal runs meanwhile."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        closed = 0
        for model, column in sealed_columns():
            done, not_opened = _reseal(model, column)
            closed += not_opened
            self.stdout.write(f"{model._meta.label}.{column}: {done} sealed anew")
        if closed:
            raise CommandError(
                f"{closed} could not be opened by any key of FIELD_KEYS. "
                "Keep the old keys; add the one that is missing."
            )


def _reseal(model: type[models.Model], column: str) -> tuple[int, int]:
    done = closed = 0
    rows = model._base_manager.exclude(**{column: ""}).values_list("pk", column)
    for pk, sealed in rows.iterator(AT_ONCE):
        try:
            anew = reseal(sealed)
        except InvalidToken:
            closed += 1
            continue
        # The old text in the filter is the lock: what somebody has just changed is sealed with the new key already.
        done += model._base_manager.filter(**{"pk": pk, column: sealed}).update(**{column: anew})
    return done, closed

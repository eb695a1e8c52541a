"""Operators read the ledger; it changes only through credits.ledger."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from credits.models import Entry


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["at", "organization", "kind", "amount", "reason", "by"]
    list_filter = ["kind", "organization"]
    list_select_related = ["organization", "by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

"""Operators read the ledger; it changes only through credits.ledger."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnly
from credits.models import Entry


@admin.register(Entry)
class EntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["at", "organization", "kind", "amount", "reason", "by"]
    list_filter = ["kind", "organization"]
    list_select_related = ["organization", "by"]

"""Operators see where every analysis stands; it moves only through its actions."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import ReadOnly
from analyses.models import Analysis, Move, ProviderAccount, WebhookCall


class Moves(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Move
    fields = readonly_fields = ("at", "old", "new", "note")


@admin.register(Analysis)
class AnalysisAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["code", "organization", "view", "status", "percentage", "ordered_at", "reason_code", "needs_person"]
    list_filter = ["status", "needs_person", "account__kind", "organization"]
    list_select_related = ["organization"]
    search_fields = ["code", "remote_id"]
    inlines = [Moves]


@admin.register(ProviderAccount)
class ProviderAccountAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["organization", "kind", "webhook_registered_at", "webhook_seen_at", "last_error"]
    list_select_related = ["organization"]
    # Neither the key nor the secret in the webhook's address is for operators.
    fields = ["organization", "kind", "chosen_at", "webhook_registered_at", "webhook_seen_at", "last_error"]


@admin.register(WebhookCall)
class WebhookCallAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["at", "account", "kind", "remote_id", "sequence", "outcome"]
    list_filter = ["outcome", "account__kind"]
    list_select_related = ["account"]

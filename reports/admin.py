"""Operators see whether a link is open and was opened; never the link itself."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from reports.models import Report, ShareLink


class ReadOnly:
    """Nothing is added or changed here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("subject", "organization", "made_at", "expires_at", "revoked_at", "opened_count")
    list_select_related = ("subject", "organization")
    exclude = ("token_hash", "sealed_token")


@admin.register(Report)
class ReportAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("subject", "organization", "kind", "made_at", "size_bytes")
    list_select_related = ("subject", "organization")

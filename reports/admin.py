"""Operators see whether a link is open and was opened; never the link itself."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin import Unchanged
from reports.models import Report, ShareLink


@admin.register(ShareLink)
class ShareLinkAdmin(Unchanged, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("subject", "organization", "made_at", "expires_at", "revoked_at", "opened_count")
    list_select_related = ("subject", "organization")
    exclude = ("token_hash", "sealed_token")


@admin.register(Report)
class ReportAdmin(Unchanged, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("subject", "organization", "kind", "made_at", "size_bytes")
    list_select_related = ("subject", "organization")

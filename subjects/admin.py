"""Runners and groups as operators see them."""

from __future__ import annotations

from django.contrib import admin

from subjects.models import Group, Subject


@admin.register(Subject)
class SubjectAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "organization", "archived_at", "created_at"]
    list_filter = ["organization"]
    list_select_related = ["organization"]
    search_fields = ["name", "email"]
    filter_horizontal = ["groups"]


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "organization"]
    list_select_related = ["organization"]
    search_fields = ["name"]

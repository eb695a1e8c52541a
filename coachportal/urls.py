"""Where each address leads: includes only."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("coachportal.health")),
    path("", include("coachportal.style")),
    path("", include("accounts.urls")),
    path("runners/", include("subjects.urls")),
    path("credits/", include("credits.urls")),
    path("films/", include("clips.urls")),
    path("", include("analyses.urls")),
]

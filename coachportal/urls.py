"""Where each address leads: includes only."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

# One door in: the admin site's own sign-in page knows no limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler404 = "accounts.views.you.not_found"
urlpatterns = [
    path("accounts/", include("accounts.sign_in_urls")),
    path("admin/", admin.site.urls),
    path("", include("coachportal.health")),
    path("", include("coachportal.operator")),
    path("", include("coachportal.style")),
    path("", include("accounts.urls")),
    path("runners/", include("subjects.urls")),
    path("credits/", include("credits.urls")),
    path("films/", include("clips.urls")),
    path("", include("reports.urls")),
    path("", include("privacy.urls")),
    path("", include("api.urls")),
    path("", include("analyses.urls")),
]

from __future__ import annotations

from django.urls import path

from analyses import webhooks

app_name = "analyses"
urlpatterns = [
    path("hooks/<slug:kind>/<str:token>/", webhooks.receive, name="webhook"),
]

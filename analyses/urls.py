from __future__ import annotations

from django.urls import path

from analyses import webhooks
from analyses.views import compare, detail, inbox, order, service

app_name = "analyses"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("upload/", order.order, name="order"),
    path("upload/runners/", order.runner_choices, name="runner_choices"),
    path("analyses/<uuid:code>/", detail.detail, name="detail"),
    path("analyses/<uuid:code>/status/", detail.status, name="status"),
    path("analyses/<uuid:code>/refresh/", detail.refresh, name="refresh"),
    path("analyses/<uuid:code>/cancel/", detail.cancel, name="cancel"),
    path("analyses/<uuid:code>/decide/", detail.decide, name="decide"),
    path("analyses/<uuid:code>/reviewed/", inbox.review, name="review"),
    path("analyses/<uuid:code>/compare/", compare.newest, name="compare_newest"),
    path("analyses/<uuid:code>/compare/<uuid:other>/", compare.two, name="compare"),
    path("analyses/<uuid:code>/answers/<slug:level>.json", detail.raw, name="raw"),
    path("settings/provider/", service.provider, name="provider"),
    path("settings/provider/test/", service.test_provider, name="test_provider"),
    path("settings/provider/continue/", service.continue_orders, name="continue_orders"),
    path("settings/provider/webhook/", service.register_webhook, name="register_webhook"),
    path("hooks/<slug:kind>/<str:token>/", webhooks.receive, name="webhook"),
]

from __future__ import annotations

from django.urls import path

from analyses import webhooks
from analyses.views import calls, compare, detail, drift, explain, frames, history, inbox, order, service, several

app_name = "analyses"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("upload/", order.order, name="order"),
    path("upload/runners/", order.runner_choices, name="runner_choices"),
    path("upload/price/", order.price, name="price"),
    path("upload/several/", several.several, name="several"),
    path("upload/several/film/", several.row, name="several_row"),
    path("upload/several/order/", several.order, name="several_order"),
    path("analyses/<uuid:code>/", detail.detail, name="detail"),
    path("analyses/<uuid:code>/status/", detail.status, name="status"),
    path("analyses/<uuid:code>/refresh/", detail.refresh, name="refresh"),
    path("analyses/<uuid:code>/cancel/", detail.cancel, name="cancel"),
    path("analyses/<uuid:code>/decide/", detail.decide, name="decide"),
    path("analyses/<uuid:code>/reviewed/", inbox.review, name="review"),
    path("analyses/<uuid:code>/compare/", compare.newest, name="compare_newest"),
    path("analyses/<uuid:code>/compare/<uuid:other>/", compare.two, name="compare"),
    path("analyses/<uuid:code>/compare/<uuid:other>/pictures/", compare.make_beside, name="make_beside"),
    path("analyses/<uuid:code>/compare/<uuid:other>/pictures/state/", compare.beside_state, name="beside_state"),
    path("analyses/<uuid:code>/compare/<uuid:other>/repeat/", compare.repeat, name="repeat"),
    path("settings/repeatability/", compare.repeatability, name="repeatability"),
    path("settings/repeatability/<uuid:code>/forget/", compare.forget_repeat, name="forget_repeat"),
    path("analyses/<uuid:code>/answers/<slug:level>.json", detail.raw, name="raw"),
    path("analyses/<uuid:code>/landmarks.json", frames.landmarks, name="landmarks"),
    path("analyses/<uuid:code>/steps/<int:step>/leave-out/", frames.leave_out, name="leave_out"),
    path("analyses/<uuid:code>/steps/<int:step>/put-back/", frames.put_back, name="put_back"),
    path("analyses/<uuid:code>/note/", history.note, name="note"),
    path("runners/<uuid:code>/numbers/", history.trend_table, name="trend_table"),
    path("runners/<uuid:code>/visits/<str:day>/pool/", history.pool_day, name="pool_day"),
    path("pools/<uuid:code>/", history.pool, name="pool"),
    path("pools/<uuid:code>/remove/", history.remove_pool, name="remove_pool"),
    path("measures/<slug:key>/", explain.measure, name="measure"),
    path("settings/provider/", service.provider, name="provider"),
    path("settings/provider/groups/<uuid:code>/", service.of_group, name="service_of_group"),
    path("settings/provider/runners/<uuid:code>/", service.of_runner, name="service_of_runner"),
    path("settings/provider/test/", service.test_provider, name="test_provider"),
    path("settings/provider/continue/", service.continue_orders, name="continue_orders"),
    path("settings/provider/webhook/", calls.register, name="register_webhook"),
    path("settings/provider/calls/", calls.calls, name="calls"),
    path("settings/provider/calls/again/", calls.replay, name="replay_calls"),
    path("settings/provider/webhook/change/", calls.rotate, name="rotate_webhook"),
    path("settings/provider/differences/", drift.differences, name="differences"),
    path("settings/provider/differences/compare/", drift.compare_books, name="compare_books"),
    path("settings/provider/differences/<uuid:code>/", drift.settle, name="settle_difference"),
    path("hooks/<slug:kind>/<str:token>/", webhooks.receive, name="webhook"),
]

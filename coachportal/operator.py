"""What an operator looks at: /metrics for Prometheus, /operator/ for eyes."""

from __future__ import annotations

import hmac

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from coachportal.health import CHECKS, ask
from coachportal.metrics import Collector


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format to whoever brings METRICS_TOKEN; without one set there is no such page."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


@require_safe
@never_cache
@secure_admin_login  # type: ignore[untyped-decorator]
def operator(request: HttpRequest) -> HttpResponse:
    """Show the same numbers and what /readyz says, to staff of this installation."""
    checks = {name: ask(name, check) for name, check in CHECKS.items()}
    families = [(metric.documentation, metric.name, metric.samples) for metric in Collector().collect()]
    return render(request, "operator.html", {"checks": checks, "families": families})


urlpatterns = [
    path("metrics", metrics, name="metrics"),
    path("operator/", operator, name="operator"),
]

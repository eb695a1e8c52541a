"""Numbers for whoever watches over the portal: for Prometheus at /metrics, for a person at /operator/.

They are asked of the database and Redis at the moment, so any web process can answer for all processes. No number
names an organisation or a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import django_rq
import structlog
from django.conf import settings
from django.db.models import Avg, Count, ExpressionWrapper, F, Min, OuterRef, Subquery, Sum
from django.db.models.fields import DurationField
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from redis.exceptions import RedisError

from accounts import wall
from analyses.models import Analysis, ProviderAccount, WebhookCall
from api.models import Delivery
from coachportal.health import oldest_wait_s
from credits.models import Check, Entry
from providers import metering

log = structlog.get_logger(__name__)

LATELY = timedelta(hours=1)


class Collector:
    """Ask for everything at once; what Redis cannot tell is left out, and `portal_redis_up` says so."""

    def collect(self) -> Iterator[Metric]:
        with wall.everything("an operator's numbers count all organisations and name none"):
            yield from _analyses()
            yield from _webhooks()
            yield from _calls_out()
            yield from _services()
            yield _gauge("portal_credits", "Credits all organisations have left.", _credits())
            yield from _credit_check()
        yield from _messenger()


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _analyses() -> Iterator[Metric]:
    states = GaugeMetricFamily("portal_analyses", "Analyses by state.", labels=["state"])
    found = dict(Analysis.objects.values_list("status").annotate(count=Count("pk")))
    for status in Analysis.Status:
        states.add_metric([status.value], found.get(status.value, 0))
    yield states
    now = timezone.now()
    due = Analysis.objects.due(now).aggregate(oldest=Min("due_at"))["oldest"]
    late_s = max(0.0, (now - due).total_seconds()) if due else 0.0
    yield _gauge("portal_analyses_overdue_seconds", "For how long the most overdue analysis has been due.", late_s)
    waiting = Analysis.objects.unfinished().filter(needs_person=True).count()
    yield _gauge("portal_analyses_waiting_for_person", "Analyses nothing but a person's decision moves on.", waiting)


def _webhooks() -> Iterator[Metric]:
    # No counter: calls of long ago are forgotten, and a counter must not fall.
    text = "Calls of services that are still listed, by what came of them."
    calls = GaugeMetricFamily("portal_webhook_calls", text, labels=["outcome"])
    for outcome, count in WebhookCall.objects.values_list("outcome").annotate(count=Count("pk")):
        calls.add_metric([outcome], count)
    yield calls
    about = Analysis.objects.filter(account=OuterRef("account"), remote_id=OuterRef("remote_id"))
    ended = Subquery(about.values("finished_at")[:1])
    lately = WebhookCall.objects.filter(at__gte=timezone.now() - LATELY, outcome=WebhookCall.Outcome.ASKED)
    lag = ExpressionWrapper(ended - F("at"), output_field=DurationField())
    mean = lately.annotate(lag=lag).filter(lag__gte=timedelta()).aggregate(mean=Avg("lag"))["mean"]
    text = "Mean time from a call to the result being here, over the last hour."
    yield _gauge("portal_webhook_lag_seconds", text, mean.total_seconds() if mean else 0.0)


def _calls_out() -> Iterator[Metric]:
    now = timezone.now()
    waiting = Delivery.objects.filter(status=Delivery.Status.WAITING, endpoint__disabled_at=None)
    text = "Calls to organisations' own systems that wait to be made, or to be made again."
    yield _gauge("portal_calls_out_waiting", text, waiting.count())
    # One that was tried waits for its system; one that never was waits for us.
    untried = waiting.free(now, "endpoint__lease_until").filter(tries=0, due_at__lte=now)
    due = untried.aggregate(oldest=Min("due_at"))["oldest"]
    text = "For how long the most overdue of them has waited for its first try."
    yield _gauge("portal_calls_out_overdue_seconds", text, max(0.0, (now - due).total_seconds()) if due else 0.0)


def _services() -> Iterator[Metric]:
    silent = ProviderAccount.objects.exclude(silent_since=None).count()
    yield _gauge("portal_services_silent", "Accounts whose service does not answer.", silent)
    paused = ProviderAccount.objects.exclude(paused_at=None).count()
    yield _gauge("portal_services_paused", "Accounts whose orders wait for an admin.", paused)


def _credits() -> int:
    return int(Entry.objects.aggregate(total=Sum("amount"))["total"] or 0)


def _credit_check() -> Iterator[Metric]:
    last = Check.objects.exclude(finished_at=None).first()
    if last and last.finished_at:
        text = "Where the ledgers and what they paid for differ, as of the last check."
        yield _gauge("portal_credit_differences", text, len(last.differences))
        age_s = (timezone.now() - last.finished_at).total_seconds()
        yield _gauge("portal_credit_check_age_seconds", "How long ago that check was.", age_s)


def _messenger() -> Iterator[Metric]:
    try:
        lengths, waits, failed = _queues()
        requests, seconds = _requests()
    except RedisError as error:
        log.warning("metrics_without_redis", error=type(error).__name__)
        yield _gauge("portal_redis_up", "Whether Redis answers.", 0)
        return
    yield _gauge("portal_redis_up", "Whether Redis answers.", 1)
    yield from (lengths, waits, failed, requests, seconds)


def _queues() -> tuple[Metric, Metric, Metric]:
    lengths = GaugeMetricFamily("portal_queue_jobs", "Jobs that wait for a worker.", labels=["queue"])
    waits = GaugeMetricFamily("portal_queue_wait_seconds", "How long the first job has waited.", labels=["queue"])
    failed = GaugeMetricFamily(
        "portal_queue_failed_jobs", "Jobs that ended with a bug, kept for a day.", labels=["queue"]
    )
    for name in settings.RQ_QUEUES:
        queue = django_rq.get_queue(name)
        lengths.add_metric([name], queue.count)
        waits.add_metric([name], oldest_wait_s(queue))
        failed.add_metric([name], queue.failed_job_registry.count)
    return lengths, waits, failed


def _requests() -> tuple[Metric, Metric]:
    labels = ["service", "kind", "outcome"]
    requests = CounterMetricFamily("portal_provider_requests", "Requests to measuring services.", labels=labels)
    seconds = CounterMetricFamily("portal_provider_request_seconds", "Time spent in them.", labels=labels)
    for count in metering.counts(settings.REDIS_URL):
        requests.add_metric([count.service, count.kind, count.outcome], count.calls)
        seconds.add_metric([count.service, count.kind, count.outcome], count.seconds)
    return requests, seconds

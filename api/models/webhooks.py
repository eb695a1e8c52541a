"""Whom we call when an analysis has ended, and every call: the outbox of what is still to be told."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from accounts.sealed import seal, unseal

SECRET_BYTES = 24  # the scheme asks for 24 to 64


class EventType(models.TextChoices):
    STARTED = "analysis.started", _("An analysis is being measured")
    SUCCEEDED = "analysis.succeeded", _("An analysis has its result")
    FAILED = "analysis.failed", _("An analysis has failed")
    ERASED = "runner.erased", _("A runner was erased")
    TEST = "endpoint.test", _("A test")


ABOUT_NO_ANALYSIS = (EventType.ERASED, EventType.TEST)
OUTCOMES = {
    "not_allowed": _("address not allowed"),
    "no_such_host": _("no such name"),
    "stays_in_house": _("the runner stays in the house"),
}


def new_secret() -> str:
    """Return a signing secret as Standard Webhooks writes it: whsec_ and base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class EndpointQuerySet(OrgOwnedQuerySet["Endpoint"]):
    def listening(self) -> Self:
        return self.filter(disabled_at=None)

    def with_work(self, now: datetime) -> Self:
        """Those with a call that is due, and in no worker's hands."""
        due = models.Q(deliveries__status=Delivery.Status.WAITING, deliveries__due_at__lte=now)
        return self.listening().free(now).filter(due).distinct()


class Endpoint(OrgOwned):
    """An address of the organisation's own systems, the secret that signs what is said there, and how it goes."""

    FORMER_SECRET_FOR: ClassVar[timedelta] = timedelta(days=1)

    url = models.URLField(_("address"), max_length=500)
    events = models.JSONField(default=list)
    sealed_secret = models.TextField(editable=False)
    # The secret before the last change signs as well until then, so that no call is refused meanwhile.
    sealed_former_secret = models.TextField(blank=True, editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField(null=True, editable=False)  # the lock of the worker that calls it
    answered_at = models.DateTimeField(null=True, editable=False)  # when it last said yes
    failing_since = models.DateTimeField(null=True, editable=False)
    disabled_at = models.DateTimeField(null=True, editable=False)
    disabled_why = models.CharField(max_length=10, blank=True, editable=False)

    class Why(models.TextChoices):
        PERSON = "person", _("switched off")
        SILENT = "silent", _("no good answer for days")
        GONE = "gone", _("answered that it is gone for good")

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        ordering = ["made_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "url"], name="one_endpoint_per_address")]

    def __str__(self) -> str:
        return urlsplit(self.url).hostname or self.url

    def make_secret(self) -> str:
        """Give it a new secret and return it; the one before goes on signing for a day."""
        if self.sealed_secret:
            self.sealed_former_secret = self.sealed_secret
            self.former_until = timezone.now() + self.FORMER_SECRET_FOR
        secret = new_secret()
        self.sealed_secret = seal(secret)
        return secret

    def secrets_now(self) -> list[str]:
        """The secrets that sign a call made now, the newest first."""
        former = bool(self.former_until and self.former_until > timezone.now())
        return [unseal(self.sealed_secret), *([unseal(self.sealed_former_secret)] if former else [])]

    def lease(self, seconds: float) -> bool:
        """Take the calling for so long; False if another worker has it, or it is switched off."""
        now = timezone.now()
        until = now + timedelta(seconds=seconds)
        return bool(Endpoint.objects.listening().free(now).filter(pk=self.pk).update(lease_until=until))

    @property
    def disabled_text(self) -> str:
        """Why it is called no more; empty while it is."""
        return str(self.Why(self.disabled_why).label) if self.disabled_why else ""

    @property
    def event_labels(self) -> list[str]:
        return [str(event.label) for event in EventType if event in self.events]


class DeliveryQuerySet(OrgOwnedQuerySet["Delivery"]):
    def due(self, now: datetime) -> Self:
        return self.filter(status=Delivery.Status.WAITING, due_at__lte=now)


class Delivery(OrgOwned):
    """One event to be told to one endpoint: written with the change it tells of, and kept until it was taken."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")
        WITHHELD = "withheld", _("Withheld")

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=30, choices=EventType.choices)
    analysis = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, null=True, related_name="calls_out")
    # The code of an erased runner, unreadable to whoever searches for what is left of them.
    sealed_runner = models.TextField(blank=True, editable=False)
    stays_in_house = models.BooleanField(default=False, editable=False)  # of one who can be asked no more
    happened_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=60, blank=True)  # the HTTP status of the last try, or a word for the trouble

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-happened_at", "-pk"]
        indexes = [
            models.Index(fields=["endpoint", "-happened_at"]),
            models.Index(name="deliveries_due", fields=["due_at"], condition=models.Q(status="waiting")),
        ]
        constraints = [
            models.CheckConstraint(
                name="what_an_analysis_did_is_about_one",
                condition=models.Q(event__in=ABOUT_NO_ANALYSIS, analysis=None)
                | (~models.Q(event__in=ABOUT_NO_ANALYSIS) & models.Q(analysis__isnull=False)),
            )
        ]

    @property
    def outcome_text(self) -> str:
        """What came of the last try, in words."""
        if not self.outcome:
            return ""
        if self.outcome.isdecimal():
            return f"HTTP {self.outcome}"
        return str(OUTCOMES.get(self.outcome, _("no answer")))

    @property
    def message_id(self) -> str:
        """The same for every try, so that whoever listens can tell a repetition."""
        return f"msg_{self.code.hex}"

    @property
    def body(self) -> dict[str, Any]:
        """What is told: that it happened and to which analysis or runner, never a name and what was measured."""
        about: dict[str, str] = {}
        if self.analysis:
            about = {"analysis": str(self.analysis.code), "view": self.analysis.view}
        elif self.sealed_runner:
            about = {"runner": unseal(self.sealed_runner)}
        return {"type": self.event, "timestamp": self.happened_at.isoformat(timespec="seconds"), "data": about}

    @property
    def must_stay(self) -> bool:
        """Nothing about a runner who stays in the house is said outside, not even that a film was measured."""
        return self.stays_in_house or bool(self.analysis and self.analysis.subject.local_only)

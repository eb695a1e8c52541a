"""The books of the measuring server: partners, their subjects, analyses, events to be told, and the test switches."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from engine import settings
from engine.order import Order


def new_id() -> str:
    """Return an identifier as the contract's reference shows it: a lower-case UUID 4."""
    return str(uuid.uuid4())


class Partner(models.Model):
    """One customer of the server, known by its key; keys stand in the settings, never here."""

    name = models.CharField(max_length=64, unique=True)
    credits = models.IntegerField(null=True)  # None: not counted
    webhook_url = models.TextField(default="")
    webhook_enabled = models.BooleanField(default=False)
    webhook_updated_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Partner]] = models.Manager()

    class Meta:
        app_label = "engine"
        constraints = [models.CheckConstraint(condition=models.Q(credits__gte=0), name="credits_not_negative")]

    @property
    def webhook_is_ready(self) -> bool:
        """Whether events would be sent at all."""
        return self.webhook_enabled and bool(self.webhook_url)


class Subject(models.Model):
    """A runner as a partner names one; everything is optional."""

    id = models.CharField(primary_key=True, max_length=36, default=new_id)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="subjects")
    email = models.TextField(null=True)  # noqa: DJ001 - the contract tells "not given" from "empty"
    name = models.TextField(null=True)  # noqa: DJ001
    height_m = models.FloatField(null=True)
    weight_kg = models.FloatField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Subject]] = models.Manager()

    class Meta:
        app_label = "engine"


class Analysis(models.Model):
    """One film to be measured. This row is the truth; a message in Redis is only a hint that work is due.

    A measuring process holds the row by `attempt` and `lease_until`: it renews the lease while it lives, and every
    write it makes names its attempt, so that a process that was given up for dead can no longer change anything.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        ANALYZING = "analyzing"
        SUCCESS = "success"
        FAILED = "failed"

    OPEN = (Status.PENDING, Status.ANALYZING)

    id = models.CharField(primary_key=True, max_length=36, default=new_id)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="analyses")
    partner_id: int
    subject = models.ForeignKey(Subject, null=True, on_delete=models.SET_NULL, related_name="analyses")
    subject_id: str | None
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    percentage = models.PositiveSmallIntegerField(default=0)
    order = models.JSONField()  # engine.order.Order, field by field
    film_suffix = models.CharField(max_length=5)
    film_bytes = models.PositiveBigIntegerField()
    film_sha256 = models.CharField(max_length=64)
    notify_via_webhook = models.BooleanField(default=False)
    last_sequence = models.PositiveIntegerField(default=0)
    credits = models.PositiveSmallIntegerField(default=1)  # taken for this analysis and not given back
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)  # times the measuring itself broke
    lease_until = models.DateTimeField(null=True)
    lease_by = models.CharField(max_length=64, default="")
    reason_code = models.CharField(max_length=64, default="")
    reason_text = models.TextField(default="")
    thumbnail = models.CharField(max_length=64, default="")  # file names inside the answer's folder
    output_video = models.CharField(max_length=64, default="")
    forced = models.JSONField(null=True)  # the outcome a test asked for, see control.py

    objects: ClassVar[models.Manager[Analysis]] = models.Manager()

    class Meta:
        app_label = "engine"
        indexes = [
            models.Index(fields=["status", "created_at"], name="work_due"),
            models.Index(fields=["partner", "-created_at"], name="newest_first"),
        ]

    @property
    def film_path(self) -> Path:
        """Where the film as received is kept."""
        return settings.FILMS / f"{self.id}{self.film_suffix}"

    @property
    def answer_folder(self) -> Path:
        """Where the answer and its media are kept; one folder an attempt, so that two never write into one file."""
        return settings.ANSWERS / self.id / str(self.attempt)

    def as_order(self) -> Order:
        """The order in the words of the measuring."""
        values: dict[str, Any] = self.order
        return Order(**values)


class Event(models.Model):
    """One call to a partner's webhook: written with the change it tells of, delivered by the clock."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        DROPPED = "dropped"

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="events")
    analysis = models.ForeignKey(Analysis, null=True, on_delete=models.CASCADE, related_name="events")
    analysis_id: str | None
    body = models.JSONField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, default="")  # of the last try: an HTTP status or an error's name

    objects: ClassVar[models.Manager[Event]] = models.Manager()

    class Meta:
        app_label = "engine"
        indexes = [models.Index(fields=["state", "due_at"], name="event_due")]


class Rule(models.Model):
    """A fault or an outcome a test asked for, for the next `remaining` times (None: until it is cleared)."""

    class Kind(models.TextChoices):
        FAULT = "fault"
        OUTCOME = "outcome"

    kind = models.CharField(max_length=7, choices=Kind)
    values = models.JSONField()
    remaining = models.PositiveIntegerField(null=True)

    objects: ClassVar[models.Manager[Rule]] = models.Manager()

    class Meta:
        app_label = "engine"


class SwitchBoard(models.Model):
    """The switches that are not at their default (engine/switches.py); one row."""

    values = models.JSONField(default=dict)

    objects: ClassVar[models.Manager[SwitchBoard]] = models.Manager()

    class Meta:
        app_label = "engine"

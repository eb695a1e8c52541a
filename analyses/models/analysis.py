"""One measuring of one film: where it stands, and every step it took."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from analyses.earlier import nearest_alike, worn
from analyses.models.service import ProviderAccount

# What a line of a list reads, and the change of its score: a third of the columns there are.
LISTED = (
    *("organization", "subject__name", "code", "ordered_at", "view", "treadmill", "pace_s_per_km", "status"),
    *("percentage", "needs_person", "reason", "reason_code", "reviewed_at", "total_score"),
    *("speed_m_s", "engine_version", "ranges_version"),
    *("clip__fps", "clip__thumbnail_key", "account__kind", "account__paused_at", "account__paused_code"),
    *("account__failures", "account__silent_since", "account__ask_again_at"),
)

IN_LINE = "in_line"  # the service has it and has not begun: others go first


class AnalysisQuerySet(OrgOwnedQuerySet["Analysis"]):
    def finished(self) -> Self:
        return self.filter(status=Analysis.Status.SUCCEEDED)

    def unfinished(self) -> Self:
        return self.filter(status__in=Analysis.Status.unfinished())

    def listed(self) -> Self:
        """Each with what a line of a list shows of it, and no more."""
        return self.select_related("subject", "clip", "account").only(*LISTED)

    def with_shoes(self) -> Self:
        """Each with `worn`: what the runner wore that day, as far as it was marked."""
        return self.annotate(worn=worn())

    def last_comparable(self, analysis: Analysis) -> Analysis | None:
        """Return the nearest earlier finished film of the runner that compares with it, else the last one there is."""
        return self.last_alike(analysis) or self.last_before(analysis)

    def last_alike(self, analysis: Analysis) -> Analysis | None:
        """Return the nearest earlier finished film of the runner that compares with it. At most two queries."""
        alike = nearest_alike([analysis.pk])
        return self.get(pk=alike[analysis.pk]) if alike else None

    def last_before(self, analysis: Analysis) -> Analysis | None:
        """Return the last earlier finished film of the runner, whether it compares or not. It comes `with_shoes()`.

        One of the same view goes first: it says more than the other side of one visit.
        """
        known = self.with_shoes().select_related("clip", "account").finished()
        earlier = known.filter(subject=analysis.subject_id, ordered_at__lt=analysis.ordered_at)
        of_this_view = models.Case(models.When(view=analysis.view, then=1), default=0)
        return earlier.order_by(of_this_view.desc(), "-ordered_at").first()

    def due(self, now: datetime) -> Self:
        """Work is due and no worker has it."""
        return self.unfinished().free(now).filter(due_at__lte=now, needs_person=False)


class LeaseLost(Exception):
    """Another worker took the row while this one was slow; it must not go on, and leaves the row to the other."""


class Analysis(OrgOwned):
    """One film sent to be measured: the outbox of what is still to be done, and the record of what happened.

    `lease_until` is the lock of the worker at it; `due_at` is when the next step should be taken. The queue in Redis
    only carries hints: whatever is lost there is found again from these two.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        UNSURE = "unsure", _("Sent, no answer")
        RUNNING = "running", _("Being measured")
        STALLED = "stalled", _("Taking long")
        SUCCEEDED = "succeeded", _("Done")
        FAILED = "failed", _("Failed")
        REMOVED = "removed", _("Removed")  # kept as long as the organisation keeps numbers

        @classmethod
        def finished(cls) -> tuple[Analysis.Status, ...]:
            """Nothing more happens by itself."""
            return cls.SUCCEEDED, cls.FAILED, cls.REMOVED

        @classmethod
        def unfinished(cls) -> list[Analysis.Status]:
            return [status for status in cls if status not in cls.finished()]

    # sending -> queued only while the film cannot have arrived whole; unsure never goes back by itself.
    MOVES: ClassVar[Mapping[str, tuple[str, ...]]] = {
        Status.QUEUED: (Status.SENDING, Status.FAILED),
        Status.SENDING: (Status.QUEUED, Status.RUNNING, Status.UNSURE, Status.FAILED),
        Status.UNSURE: (Status.RUNNING, Status.QUEUED, Status.FAILED),
        Status.RUNNING: (Status.STALLED, Status.SUCCEEDED, Status.FAILED),
        Status.STALLED: (Status.RUNNING, Status.SUCCEEDED, Status.FAILED),
        Status.SUCCEEDED: (Status.REMOVED,),
        Status.FAILED: (Status.REMOVED,),
    }

    class View(models.TextChoices):
        SIDE = "side_view", _("Side view")
        BACK = "back_view", _("Back view")

    subject = models.ForeignKey("subjects.Subject", on_delete=models.PROTECT, related_name="analyses")
    clip = models.ForeignKey("clips.Clip", on_delete=models.PROTECT, related_name="analyses")
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, related_name="analyses")
    view = models.CharField(_("view"), max_length=10, choices=View.choices)
    treadmill = models.BooleanField(_("treadmill"), default=False)
    pace_s_per_km = models.PositiveSmallIntegerField(_("pace"), null=True, blank=True)
    height_m = models.FloatField()
    weight_kg = models.FloatField()
    language = models.CharField(max_length=5, default="en")
    full_body = models.BooleanField(default=True)
    price = models.PositiveSmallIntegerField(default=0)
    ordered_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    ordered_at = models.DateTimeField(auto_now_add=True)

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    percentage = models.PositiveSmallIntegerField(default=0)
    remote_id = models.CharField(max_length=64, blank=True)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    # Set before the last bytes of the film leave the house: without it the provider cannot have the whole film.
    body_sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Why it waits or failed: a sentence for a coach; `reason_code` is its stable word.
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    waiting_since = models.DateTimeField(null=True)  # when the provider stopped answering
    needs_person = models.BooleanField(default=False)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    total_score = models.FloatField(null=True)
    # When the numbers had been kept long enough, and for how many months that was: the rule may be another one since.
    removed_at = models.DateTimeField(null=True, editable=False)
    kept_months = models.PositiveSmallIntegerField(null=True, editable=False)
    # What must be alike for two results to be compared, beside view, surface and film: parsed from the answer.
    speed_m_s = models.FloatField(null=True)  # the belt's, or as measured over ground
    engine_version = models.CharField(max_length=20, blank=True)
    ranges_version = models.CharField(max_length=20, blank=True)  # of the typical ranges the score follows from

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name = _("analysis")
        verbose_name_plural = _("analyses")
        ordering = ["-ordered_at", "-pk"]
        indexes = [
            models.Index(fields=["organization", "status", "-ordered_at"]),
            models.Index(fields=["subject", "-ordered_at"]),
            models.Index(fields=["organization", "-ordered_at"]),
            # The inbox and its count in the shell: a handful of rows, whatever was measured in all the years.
            models.Index(
                name="analyses_open", fields=["organization", "-ordered_at"], condition=models.Q(reviewed_at=None)
            ),
            models.Index(
                name="analyses_due",
                fields=["due_at"],
                condition=~models.Q(status__in=["succeeded", "failed", "removed"]),
            ),
        ]
        constraints = [
            # One remote analysis belongs to one of ours, so that a look-up cannot attach it twice.
            models.UniqueConstraint(
                fields=["account", "remote_id"], condition=~models.Q(remote_id=""), name="one_analysis_per_remote_id"
            ),
            models.CheckConstraint(
                name="treadmill_has_a_pace",
                condition=models.Q(treadmill=False) | models.Q(pace_s_per_km__gt=0),
            ),
            models.CheckConstraint(
                name="score_is_a_share", condition=models.Q(total_score=None) | models.Q(total_score__range=(0, 1))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.get_view_display()} · {timezone.localdate(self.ordered_at)}"

    @property
    def runner_code(self) -> uuid.UUID:
        """Whose result this is, for the record of who looked at whom (accounts/watch.py)."""
        return self.subject.code

    @property
    def reference(self) -> str:
        """What stands in the ledger for this analysis."""
        return f"analysis:{self.code}"

    @property
    def age_s(self) -> float:
        """How long ago it was started; while it was not, how long ago it was ordered."""
        return (timezone.now() - (self.started_at or self.ordered_at)).total_seconds()

    @property
    def start_mark(self) -> str:
        """Which of its starts a page shows: what a person decides about one holds for no other."""
        return self.body_sent_at.isoformat() if self.body_sent_at else ""

    @property
    def cannot_have_arrived(self) -> bool:
        """Whether the film is still in the house, as far as whoever has locked the row knows."""
        is_sending = self.status == self.Status.SENDING and self.body_sent_at is None
        return self.status == self.Status.QUEUED or is_sending

    @property
    def is_in_line(self) -> bool:
        """Whether the service has it and measures others first."""
        return self.status == self.Status.RUNNING and self.reason_code == IN_LINE

    @property
    def is_finished(self) -> bool:
        return self.status in self.Status.finished()

    def move_to(self, new: str, *, note: str = "", **also: object) -> bool:
        """Move to `new` and record it with `note`, setting the fields `also` with it; the lease ends.

        Return False, changing nothing, if that is not allowed or another worker was first.
        """
        if new not in self.MOVES.get(self.status, ()):
            return False
        changes = {"status": new, "lease_until": None, **also}
        with transaction.atomic():
            # The old status in the filter is the lock: of two workers, one updates no row.
            if not Analysis.objects.filter(pk=self.pk, status=self.status).update(**changes):
                return False
            move = self.moves.create(organization=self.organization, old=self.status, new=new, note=note[:300])
            for path in settings.AFTER_MOVE:
                import_string(path)(move)
        for name, value in changes.items():
            setattr(self, name, value)
        return True

    def lease(self, seconds: float) -> bool:
        """Take the row for this worker for so long; False if another has it, it moved on, or nothing is due.

        Renew by calling `keep_lease`; a worker that dies simply lets it run out.
        """
        now = timezone.now()
        until = now + timedelta(seconds=seconds)
        if not Analysis.objects.due(now).filter(pk=self.pk, status=self.status).update(lease_until=until):
            return False
        self.lease_until = until
        return True

    def extend_lease(self, seconds: float, **also: object) -> bool:
        """Keep the row, setting the fields `also`; False if it was lost meanwhile and this worker must stop."""
        changes = {"lease_until": timezone.now() + timedelta(seconds=seconds), **also}
        mine = Analysis.objects.filter(pk=self.pk, status=self.status, lease_until=self.lease_until)
        if not mine.update(**changes):
            return False
        for name, value in changes.items():
            setattr(self, name, value)
        return True

    def keep_lease(self, seconds: float, **also: object) -> None:
        """Keep the row, setting the fields `also`. Raises LeaseLost."""
        if not self.extend_lease(seconds, **also):
            raise LeaseLost

    def release(self, *, due_in_s: float, **also: object) -> bool:
        """Give the row back, to be looked at again in so many seconds, setting the fields `also` with it.

        Whoever made it due while this worker looked knows more than it found out: then it stays due.
        """
        mine = Analysis.objects.filter(pk=self.pk, status=self.status)
        changes = {"lease_until": None, **also}
        due_at = timezone.now() + timedelta(seconds=due_in_s)
        if not mine.filter(due_at=self.due_at).update(due_at=due_at, **changes) and not mine.update(**changes):
            return False
        for name, value in {"due_at": due_at, **changes}.items():
            setattr(self, name, value)
        return True


class Move(OrgOwned):
    """One step of an analysis from state to state."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="moves")
    at = models.DateTimeField(auto_now_add=True)
    old = models.CharField(max_length=10)
    new = models.CharField(max_length=10)
    note = models.CharField(max_length=300, blank=True)

    objects = OrgOwnedQuerySet["Move"].as_manager()

    class Meta:
        ordering = ["at", "pk"]

    @property
    def label(self) -> str:
        """What it was moved to; the note beside it is for operators."""
        return str(Analysis.Status(self.new).label)

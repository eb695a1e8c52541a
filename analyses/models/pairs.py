"""Rows about two films of one runner: what was made of them together, and what they say of the films themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from analyses.compare import Conditions


class BesideQuerySet(OrgOwnedQuerySet["Beside"]):
    def due(self, now: datetime) -> Self:
        """Asked for, and in no worker's hands."""
        return self.free(now).filter(status=Beside.Status.PENDING)


class Beside(OrgOwned):
    """A picture and a film that show two films beside each other, made by a worker."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Being prepared")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Not possible")

    now = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, related_name="+")
    before = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    lease_until = models.DateTimeField(null=True)  # the lock of the worker at it
    tries = models.PositiveSmallIntegerField(default=0)
    picture_key = models.CharField(max_length=120, blank=True)
    film_key = models.CharField(max_length=120, blank=True)

    objects = BesideQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["now", "before"], name="one_beside_for_two_films")]

    def lease(self, *, seconds: float, max_tries: int) -> bool:
        """Take the making for so long; False if another worker has it or it was tried too often."""
        now = timezone.now()
        mine = Beside.objects.due(now).filter(pk=self.pk, tries__lt=max_tries)
        return bool(mine.update(lease_until=now + timedelta(seconds=seconds), tries=models.F("tries") + 1))

    def put_off(self, *, seconds: float) -> None:
        """Have it tried again after so long; what was not the films' fault is not counted among the tries."""
        until = timezone.now() + timedelta(seconds=seconds)
        Beside.objects.filter(pk=self.pk).update(lease_until=until, tries=models.F("tries") - 1)


class Repeat(OrgOwned):
    """Two films of the same minute: nothing had changed, so what they differ by is how far films differ here."""

    first = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, related_name="+")
    on = models.DateField(_("day"))
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    # What it holds for: films under these conditions.
    view = models.CharField(max_length=10)
    treadmill = models.BooleanField()
    service = models.CharField(max_length=10)
    is_fast = models.BooleanField()
    # Measure -> what the two films differ by, the limit without one's own figure, and what both are unsure of together.
    differences = models.JSONField(default=dict)

    objects = OrgOwnedQuerySet["Repeat"].as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="one_repeat_for_two_films")]
        indexes = [models.Index(fields=["organization", "view", "treadmill"])]

    @property
    def conditions(self) -> Conditions:
        return Conditions(self.view, self.treadmill, self.service, self.is_fast)

    @property
    def holds_for(self) -> str:
        """The view and the surface, in words."""
        view = _("Side view") if self.view == "side_view" else _("Back view")
        surface = _("treadmill") if self.treadmill else _("over ground")
        return f"{view} · {surface}"

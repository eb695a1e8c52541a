"""What came back: the answers as received, the numbers in them, and what people made of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from analyses.models.analysis import Analysis


class Result(OrgOwned):
    """The provider's three answers as received, and where their media now lie in our own storage."""

    analysis = models.OneToOneField(Analysis, on_delete=models.CASCADE, related_name="result")
    results = models.TextField()
    calculated = models.TextField()
    raw_key = models.CharField(max_length=200)
    thumbnail_key = models.CharField(max_length=200, blank=True)
    film_key = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    # One picture with a part of the film for each landing, from left to right those of these steps.
    # The defaults are the database's, too: an older worker that knows no landings still writes results in an upgrade.
    landings_key = models.CharField(max_length=200, blank=True, default="", db_default="")
    landings_of = models.JSONField(default=list, db_default=[])
    landings_lease_until = models.DateTimeField(null=True)  # the lock of the worker at it
    landings_tries = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = OrgOwnedQuerySet["Result"].as_manager()

    def lease_landings(self, *, seconds: float, max_tries: int) -> bool:
        """Take the making for so long; False if another worker has it, it is made, or it was tried too often."""
        now = timezone.now()
        until = now + timedelta(seconds=seconds)
        mine = Result.objects.filter(pk=self.pk, landings_key="", landings_tries__lt=max_tries)
        # One that ends later than any could is of before the clock was set back.
        mine = mine.exclude(landings_lease_until__range=(now, until))
        return bool(mine.update(landings_lease_until=until, landings_tries=models.F("landings_tries") + 1))

    def put_landings_off(self, *, seconds: float) -> None:
        """Have it tried again after so long; what was not the film's fault is not counted among the tries."""
        until = timezone.now() + timedelta(seconds=seconds)
        fewer = models.F("landings_tries") - 1
        Result.objects.filter(pk=self.pk).update(landings_lease_until=until, landings_tries=fewer)


class Measurement(OrgOwned):
    """One number of a result, parsed from the stored answer; parsing again replaces them all."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="measurements")
    key = models.CharField(max_length=40)
    side = models.CharField(max_length=5, blank=True)
    phase = models.CharField(max_length=20, blank=True)
    value = models.FloatField()
    unit = models.CharField(max_length=16, blank=True)
    uncertainty_95 = models.FloatField(null=True)
    count = models.PositiveSmallIntegerField(null=True)
    # The typical range as the service gave it with this value; a cadence's moves with the speed.
    typical_low = models.FloatField(null=True)
    typical_high = models.FloatField(null=True)

    objects = OrgOwnedQuerySet["Measurement"].as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["analysis", "key"])]
        constraints = [
            models.UniqueConstraint(fields=["analysis", "key", "side", "phase"], name="one_value_per_measure_and_side")
        ]


class CorrectionQuerySet(OrgOwnedQuerySet["Correction"]):
    def standing(self) -> Self:
        return self.filter(put_back_at=None)


class Correction(OrgOwned):
    """One step that somebody left out of a result, and perhaps put back; the answer as received stays as it is."""

    class Why(models.TextChoices):
        HIDDEN = "hidden", _("Badly seen")
        MOMENT = "moment", _("Marked at the wrong moment")
        STUMBLE = "stumble", _("Not a usual step")
        OTHER = "other", _("Another reason")

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="corrections")
    step = models.PositiveSmallIntegerField()  # its number in the answer, from 1
    side = models.CharField(max_length=5, blank=True)
    why = models.CharField(_("why"), max_length=10, choices=Why.choices)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    put_back_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    put_back_at = models.DateTimeField(null=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["step", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["analysis", "step"], condition=models.Q(put_back_at=None), name="a_step_is_left_out_once"
            )
        ]


class NotePin(OrgOwned):
    """The analysis, and perhaps the frame, that a note is about."""

    note = models.OneToOneField("subjects.Note", on_delete=models.CASCADE, related_name="pin")
    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="pins")
    frame = models.PositiveIntegerField(null=True)  # of the film as measured, from 0

    objects = OrgOwnedQuerySet["NotePin"].as_manager()


class Pool(OrgOwned):
    """Several passes of one visit read as one: more steps, so less unsure. Its numbers follow from its analyses."""

    subject = models.ForeignKey("subjects.Subject", on_delete=models.CASCADE, related_name="pools")
    analyses = models.ManyToManyField(Analysis, related_name="pools")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = OrgOwnedQuerySet["Pool"].as_manager()

    class Meta:
        ordering = ["-at", "-pk"]

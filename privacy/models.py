"""What remains of an erased runner, the links and words that ask for consent, and how long things are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet, OrgSetting
from subjects.models import Consent


class TombstoneQuerySet(OrgOwnedQuerySet["Tombstone"]):
    def due(self, now: datetime) -> Self:
        """Erased in the database, not yet everywhere, and in no worker's hands."""
        return self.free(now).filter(finished_at=None, due_at__lte=now)


class Tombstone(OrgOwned):
    """That somebody was erased, and digests by which a restored backup knows what to forget again.

    `hashes` are pseudonyms (accounts/record.py) of random codes, of file digests and of folders: they recognise what
    one already holds and lead back to nothing. `remote` names ids at services that still have to be told, and is
    emptied with it; `to_ask` the ids that only a letter can erase there, emptied when a person has written it.
    """

    subject_key = models.CharField(max_length=40)
    hashes = models.JSONField(default=list)
    erased_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(default=timezone.now)
    remote = models.JSONField(default=list)  # [{"account": pk, "subject": id at the service}]
    to_ask = models.JSONField(default=list)  # [{"service": name, "subject": id there, "analyses": [ids there]}]
    asked_at = models.DateTimeField(null=True)
    # What the search looks for, sealed until it has been made: a worker that dies must be able to go on.
    sealed_marks = models.TextField(blank=True, editable=False)
    report = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        ordering = ["-erased_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "subject_key"], name="one_tombstone_per_runner"),
        ]

    def lease(self, until: datetime) -> bool:
        """Take the rest of the erasing for this worker; False if another has it or it is done."""
        mine = Tombstone.objects.due(timezone.now()).filter(pk=self.pk)
        return bool(mine.update(lease_until=until))


class ConsentRequest(OrgOwned):
    """A link for a runner's own phone, open until it expires: there they agree, and there they take it back."""

    subject = models.ForeignKey("subjects.Subject", on_delete=models.CASCADE, related_name="consent_requests")
    purposes = models.JSONField(default=list)  # "measuring", "outside:ochy" ...
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    objects = OrgOwnedQuerySet["ConsentRequest"].as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]


class Retention(OrgSetting):
    """How long an organisation keeps what; None: for ever."""

    originals_months = models.PositiveSmallIntegerField(null=True)
    copies_months = models.PositiveSmallIntegerField(null=True)
    numbers_months = models.PositiveSmallIntegerField(null=True)
    # Nothing is removed before: a day in which a mistake can be taken back.
    starts_at = models.DateTimeField(default=timezone.now)

    objects = OrgOwnedQuerySet["Retention"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="one_retention_per_organization"),
            # A film without its numbers is on no page.
            models.CheckConstraint(
                name="numbers_outlive_films",
                condition=models.Q(numbers_months=None)
                | models.Q(
                    originals_months__isnull=False,
                    copies_months__isnull=False,
                    originals_months__lte=models.F("numbers_months"),
                    copies_months__lte=models.F("numbers_months"),
                ),
            ),
        ]


class Removal(OrgOwned):
    """Files whose rows no longer name them: a worker deletes them, then this row.

    Written in the transaction that changed the rows, so that a worker that dies leaves no file nobody knows of.
    """

    keys = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now)

    objects = OrgOwnedQuerySet["Removal"].as_manager()

    class Meta:
        ordering = ["pk"]


class Wording(OrgOwned):
    """An organisation's own words for one purpose in one language. Each change is a row of its own; the last counts.

    An empty text is a decision, too: from then on the shipped words count again.
    """

    purpose = models.CharField(max_length=10, choices=Consent.Purpose.choices)
    language = models.CharField(max_length=7, choices=settings.LANGUAGES)
    number = models.PositiveIntegerField(editable=False)
    text = models.TextField(blank=True)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OrgOwnedQuerySet["Wording"].as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "purpose", "language", "number"], name="each_wording_has_its_number"
            ),
        ]

    @property
    def version(self) -> str:
        return f"own-{self.number}-{self.language}"

"""The film as it came, what it is, and the copies made of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from clips.facts import CONTENT_TYPES, Facts
from subjects.models import Subject

ABANDONED_AFTER = timedelta(days=1)


class NotProbed(Exception):
    """Nobody has looked into this film yet, or it turned out to be none."""


class ClipQuerySet(OrgOwnedQuerySet["Clip"]):
    def usable(self) -> Self:
        """Real films that are still here: what may be offered for an order."""
        return self.filter(status=Clip.Status.PROBED, original_removed_at=None)

    def due_for_review_copy(self, now: datetime) -> Self:
        """Films whose copy is missing and in no worker's hands."""
        return self.usable().free(now, "copy_lease_until").filter(copy_status=Clip.CopyStatus.PENDING)

    def abandoned(self, now: datetime) -> Self:
        """Begun and never arrived, or no film at all: a day later nobody asks for them."""
        old = self.filter(created_at__lt=now - ABANDONED_AFTER)
        return old.filter(status__in=[Clip.Status.WAITING, Clip.Status.REJECTED])


class Clip(OrgOwned):
    """One film. The original is never changed; the review copy is what a browser plays."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for the film")
        PROBED = "probed", _("Ready")
        REJECTED = "rejected", _("Not a film")

    class CopyStatus(models.TextChoices):
        PENDING = "pending", _("Being prepared")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Not possible")

    subject = models.ForeignKey(
        "subjects.Subject", on_delete=models.PROTECT, null=True, blank=True, related_name="clips"
    )
    uploaded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    original_name = models.CharField(_("name"), max_length=120)
    folder = models.CharField(max_length=60, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    rejection_code = models.CharField(max_length=20, blank=True)
    size_bytes = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    container = models.CharField(max_length=8, blank=True)
    codec = models.CharField(max_length=32, blank=True)
    duration_s = models.FloatField(null=True)
    fps = models.FloatField(null=True)
    frame_count = models.PositiveIntegerField(null=True)
    variable_rate = models.BooleanField(default=False)
    rotation_deg = models.PositiveSmallIntegerField(null=True)
    width_px = models.PositiveIntegerField(null=True)
    height_px = models.PositiveIntegerField(null=True)
    has_audio = models.BooleanField(default=False)

    copy_status = models.CharField(max_length=10, choices=CopyStatus.choices, default=CopyStatus.PENDING)
    copy_lease_until = models.DateTimeField(null=True)  # the lock of the worker that makes the copy
    copy_tries = models.PositiveSmallIntegerField(default=0)
    # The copy's own time base: what a player needs to step by one picture.
    copy_fps = models.FloatField(null=True)
    copy_frame_count = models.PositiveIntegerField(null=True)
    review_key = models.CharField(max_length=100, blank=True)
    thumbnail_key = models.CharField(max_length=100, blank=True)

    # When the film as it came, and what was made of it to look at, had been kept long enough, and for how many months
    # that was: the rule may be another one since.
    original_removed_at = models.DateTimeField(null=True, editable=False)
    original_kept_months = models.PositiveSmallIntegerField(null=True, editable=False)
    copies_removed_at = models.DateTimeField(null=True, editable=False)
    copies_kept_months = models.PositiveSmallIntegerField(null=True, editable=False)

    objects = ClipQuerySet.as_manager()

    class Meta:
        verbose_name = _("film")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["organization", "-created_at"]),
            models.Index(name="clips_without_copy", fields=["created_at"], condition=models.Q(copy_status="pending")),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_probed_film_has_its_facts",
                condition=~models.Q(status="probed")
                | models.Q(
                    size_bytes__gt=0, duration_s__gt=0, fps__gt=0, frame_count__gt=1, width_px__gt=0, height_px__gt=0
                ),
            ),
            models.CheckConstraint(
                name="a_rejected_film_says_why",
                condition=models.Q(status="rejected", rejection_code__gt="")
                | (~models.Q(status="rejected") & models.Q(rejection_code="")),
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @classmethod
    def seen_by(cls, membership: int) -> models.Q:
        """A film of a runner in sight: said so when it came, or since it was ordered; or one's own, still nobody's."""
        runners = Subject._base_manager.filter(Subject.seen_by(membership)).values("pk")
        analyses: Any = cls._meta.get_field("analyses").related_model
        of_this = analyses._base_manager.filter(clip=models.OuterRef("pk"))
        me = User._base_manager.filter(memberships=membership).values("pk")
        return (
            models.Q(subject__in=runners)
            | models.Exists(of_this.filter(subject__in=runners))
            | (models.Q(subject=None, uploaded_by__in=me) & ~models.Exists(of_this))
        )

    @property
    def incoming_key(self) -> str:
        """Where an upload lands. No form is signed for the final key, so a film cannot be exchanged after probing."""
        return f"incoming/{self.folder}/original"

    @property
    def original_key(self) -> str:
        return f"{self.folder}/original"

    @property
    def is_upright(self) -> bool:
        """Higher than it is wide, as a phone held upright films."""
        return (self.height_px or 0) > (self.width_px or 0)

    @property
    def is_usable(self) -> bool:
        return self.status == self.Status.PROBED

    @property
    def has_original(self) -> bool:
        """The film as it came is still here."""
        return self.is_usable and self.original_removed_at is None

    @property
    def facts(self) -> Facts:
        """What the rules ask about. Raises NotProbed."""
        if not self.is_usable:
            raise NotProbed(self.status)
        names = Facts.__dataclass_fields__
        return Facts(**{name: getattr(self, name) for name in names})

    @property
    def extension(self) -> str:
        """The ending its own bytes call for, whatever the file was named."""
        return self.container or "bin"

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES.get(self.container, "application/octet-stream")

    @property
    def download_name(self) -> str:
        return f"{PurePosixPath(self.original_name).stem or 'film'}.{self.extension}"

    def lease_copy(self, *, seconds: float, max_tries: int) -> bool:
        """Take the making of the copy for so long; False if another worker has it or it was tried too often."""
        now = timezone.now()
        mine = Clip.objects.due_for_review_copy(now).filter(pk=self.pk, copy_tries__lt=max_tries)
        return bool(
            mine.update(copy_lease_until=now + timedelta(seconds=seconds), copy_tries=models.F("copy_tries") + 1)
        )

    def put_copy_off(self, *, seconds: float) -> None:
        """Have it tried again after so long; what was not the film's fault is not counted among its tries."""
        until = timezone.now() + timedelta(seconds=seconds)
        Clip.objects.filter(pk=self.pk).update(copy_lease_until=until, copy_tries=models.F("copy_tries") - 1)

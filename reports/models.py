"""What leaves the house: links for runners, and documents made for a file."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet, OrgSetting
from accounts.sealed import digest_of_token, seal, unseal

LINK_LIFETIME = timedelta(days=30)
TOKEN_BYTES = 32


class ShareLinkQuerySet(OrgOwnedQuerySet["ShareLink"]):
    def open(self, now: datetime) -> Self:
        """Neither ended by a person nor expired."""
        return self.filter(revoked_at=None, expires_at__gt=now)


class ShareLink(OrgOwned):
    """The right to see chosen parts of one result, or of two compared, without signing in.

    A request is matched by the token's hash. The token itself is kept sealed, so that a coach can copy the link once
    more; who reads the database alone gets neither.
    """

    class Content(models.TextChoices):
        SCORE = "score", _("Score")
        FINDINGS = "findings", _("Three points")
        FILM = "film", _("Film")
        CHANGE = "change", _("Change since the earlier result")
        EARLIER_FILM = "earlier_film", _("Film of the earlier result")
        BESIDE = "beside", _("Before and after in one picture")
        NUMBERS = "numbers", _("Numbers")
        CURVES = "curves", _("Curves")

    subject = models.ForeignKey("subjects.Subject", on_delete=models.CASCADE, related_name="share_links")
    analysis = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, related_name="share_links")
    before = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, null=True, related_name="+")
    contents = models.JSONField(default=list)
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    sealed_token = models.TextField(editable=False)
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened_count = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["organization", "-made_at"]),
            models.Index(fields=["subject", "-made_at"]),
        ]

    def make_token(self) -> None:
        """Give the link a new secret; the address that led here before leads nowhere."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self.token_hash, self.sealed_token = digest_of_token(token), seal(token)

    @property
    def token(self) -> str:
        return unseal(self.sealed_token)

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    def shows(self, content: str) -> bool:
        return content in self.contents

    @property
    def content_labels(self) -> list[str]:
        return [str(choice.label) for choice in self.Content if self.shows(choice)]


class Report(OrgOwned):
    """A PDF made from one result, or from both views of one visit. What it says is never changed afterwards."""

    class Kind(models.TextChoices):
        RUNNER = "runner", _("For the runner, one page")
        CLINIC = "clinic", _("For the clinic, three pages")

    class Paper(models.TextChoices):
        A4 = "a4", _("A4")
        LETTER = "letter", _("Letter")

    subject = models.ForeignKey("subjects.Subject", on_delete=models.CASCADE, related_name="reports")
    analysis = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, related_name="reports")
    other_view = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices, default=Kind.CLINIC)
    paper = models.CharField(_("paper"), max_length=6, choices=Paper.choices, default=Paper.A4)
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES)
    key = models.CharField(max_length=100, unique=True, editable=False)
    size_bytes = models.PositiveIntegerField()
    page_count = models.PositiveSmallIntegerField()
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = OrgOwnedQuerySet["Report"].as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["organization", "-made_at"]),
            models.Index(fields=["subject", "-made_at"]),
        ]

    @property
    def filename(self) -> str:
        return f"{self.subject.name}-{timezone.localdate(self.analysis.ordered_at)}.pdf"


class Look(OrgSetting):
    """How an organisation shows itself on reports and shared pages; without a row it is the portal's own look."""

    logo_key = models.CharField(max_length=100, blank=True, editable=False)
    logo_width_px = models.PositiveSmallIntegerField(default=0, editable=False)
    logo_height_px = models.PositiveSmallIntegerField(default=0, editable=False)
    accent = models.CharField(max_length=7, blank=True)  # #rrggbb, by day; empty: the portal's own

    objects = OrgOwnedQuerySet["Look"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization"], name="one_look_per_organization"),
            models.CheckConstraint(
                name="an_accent_is_a_colour",
                condition=models.Q(accent="") | models.Q(accent__regex=r"^#[0-9a-f]{6}$"),
            ),
        ]

"""Who may ask by program, and which order was made under which key."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from accounts.sealed import digest_of_token

PREFIX = "cpt_"  # so that a scanner for leaked secrets, and a person, knows what it is
SECRET_BYTES = 32
SHOWN_CHARACTERS = 10


class Scope(models.TextChoices):
    READ = "read", _("Read runners, films and results")
    WRITE = "write", _("Write runners, films and notes")
    ORDER = "order", _("Order analyses")
    CREDITS = "credits", _("Read the credits")


class Token(OrgOwned):
    """The right of a program to act as one member; of its secret only a digest is kept. It ends with the membership."""

    USED_WITHIN: ClassVar[timedelta] = timedelta(minutes=10)

    membership = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    start = models.CharField(max_length=16, editable=False)  # the secret's first characters, to know it again
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)  # to within USED_WITHIN
    ended_at = models.DateTimeField(null=True)

    objects = OrgOwnedQuerySet["Token"].as_manager()

    class Meta:
        verbose_name = _("access token")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    def make_secret(self) -> str:
        """Give the token its secret and return it; it can be shown only now."""
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        self.start, self.digest = secret[:SHOWN_CHARACTERS], digest_of_token(secret)
        return secret

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def stands(self) -> bool:
        return self.ended_at is None and not self.is_expired

    @property
    def scope_labels(self) -> list[str]:
        return [str(scope.label) for scope in Scope if scope in self.scopes]


class KeyedOrder(OrgOwned):
    """The order that was made under an Idempotency-Key: whoever repeats the request gets this one."""

    KEPT_FOR: ClassVar[timedelta] = timedelta(days=30)

    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    asked_digest = models.CharField(max_length=64)  # of what was asked for under the key
    analysis = models.ForeignKey("analyses.Analysis", on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = OrgOwnedQuerySet["KeyedOrder"].as_manager()

    class Meta:
        constraints = [
            # Of two requests with the same key that race, one finds the other's order.
            models.UniqueConstraint(fields=["organization", "by", "key"], name="one_order_per_key")
        ]

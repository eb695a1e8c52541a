"""People, the organisations they work for, and what is remembered of who did what."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Create a person who signs in with this e-mail address."""
        user: User = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        """Create an operator: a person who may open the admin site."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may see follows from their memberships alone."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("operator"), default=False, help_text=_("May open the admin site."))
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_person_per_email")]

    def __str__(self) -> str:
        return self.name or self.email


class Organization(models.Model):
    """A club, a clinic, a coach's own firm: the wall around its rows."""

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person's role in one organisation."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Admin")
        COACH = "coach", _("Coach")
        CLINIC = "clinic", _("Clinic")

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="one_role_per_organization")]
        ordering = ["organization__name", "user__name"]

    def __str__(self) -> str:
        return f"{self.user} · {self.organization}"

    @property
    def is_admin(self) -> bool:
        return self.role == self.Role.ADMIN

    @property
    def can_write(self) -> bool:
        """The clinic's people read everything and write only notes."""
        return self.role in (self.Role.ADMIN, self.Role.COACH)


class AuditEntry(OrgOwned):
    """Who did what, once. Rows are added, never changed."""

    class Action(models.TextChoices):
        SIGN_IN = "sign_in", _("Signed in")
        MEMBER_ADDED = "member_added", _("Added a member")
        ROLE_CHANGED = "role_changed", _("Changed a role")
        MEMBER_REMOVED = "member_removed", _("Removed a member")
        CREDITS_GIVEN = "credits_given", _("Gave credits")
        CREDITS_TAKEN = "credits_taken", _("Took credits back")
        ERASED = "erased", _("Erased a runner")
        EXPORTED = "exported", _("Exported data")
        KEY_CHANGED = "key_changed", _("Changed the provider's key")
        PROVIDER_CHANGED = "provider_changed", _("Changed the provider")

    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)
    about = models.CharField(max_length=200, blank=True)

    objects = OrgOwnedQuerySet["AuditEntry"].as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["organization", "-at"])]

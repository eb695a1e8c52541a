"""People, the organisations they work for, and what is remembered of who did what."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.record import START, AppendOnly, digest_of, digest_of_words, pseudonym
from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from accounts.sealed import digest_of_token


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


class Units(models.TextChoices):
    """How sizes and paces are written; what is kept is metric."""

    METRIC = "metric", _("Metric: m, kg, min/km")
    IMPERIAL = "imperial", _("Imperial: ft, lb, min/mile")


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may see follows from their memberships alone."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("operator"), default=False, help_text=_("May open the admin site."))
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)
    # Of this person's pages and mail; empty: as the organisation (manner.py).
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES, blank=True)
    units = models.CharField(_("units"), max_length=8, choices=Units.choices, blank=True)

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

    class ConsentFor(models.TextChoices):
        NOTHING = "nothing", _("nothing: consent is kept elsewhere")
        LEAVING = "leaving", _("what leaves the house: outside services and shared links")
        EVERYTHING = "everything", _("everything, measuring here as well")

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    # Members without a second factor are asked to set one up before they see anything.
    needs_second_factor = models.BooleanField(default=False)
    # Coaches see only the runners of their groups (OrgOwned.seen_by).
    coaches_see_groups = models.BooleanField(default=False)
    consent_for = models.CharField(max_length=10, choices=ConsentFor.choices, default=ConsentFor.NOTHING)
    # Younger runners need a guardian. 16 unless a country says less: GDPR, article 8 (1).
    consent_age = models.PositiveSmallIntegerField(default=16)
    # Of links, reports, invitations, and the pages of members who chose none; empty: of whoever ordered the film, or
    # the browser's.
    language = models.CharField(_("language"), max_length=7, choices=settings.LANGUAGES, blank=True)
    units = models.CharField(_("units"), max_length=8, choices=Units.choices, default=Units.METRIC)
    # Who gets mail about the organisation itself; empty: the admins (alerts.py).
    alert_addresses = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("organisation")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="consent_age_makes_sense", condition=models.Q(consent_age__range=(13, 21)))
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def held(cls, pk: int) -> Organization:
        """Return the organisation with its row locked until the transaction ends: its record and credits wait for it.

        Nearly every deed comes by here, so whoever needs other rows as well locks those first: then nobody who holds
        this one waits for somebody who wants it. Rows may be added to the organisation meanwhile.
        """
        return cls.objects.select_for_update(no_key=True).get(pk=pk)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def admins(self) -> Self:
        """Who can manage the organisation just now."""
        return self.filter(role=Membership.Role.ADMIN, suspended_at=None, user__is_active=True)


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
    suspended_at = models.DateTimeField(null=True, editable=False)  # sees nothing until it is ended
    seen_at = models.DateTimeField(null=True, editable=False)  # to within SEEN_WITHIN

    SEEN_WITHIN: ClassVar[timedelta] = timedelta(minutes=10)

    objects = MembershipQuerySet.as_manager()

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

    @property
    def sees_groups_only(self) -> bool:
        """A coach, where the organisation keeps coaches to their groups. Admins and the clinic's people see all."""
        return self.role == self.Role.COACH and self.organization.coaches_see_groups


class InvitationQuerySet(OrgOwnedQuerySet["Invitation"]):
    def open(self) -> Self:
        """Neither accepted nor withdrawn; perhaps too old."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def known_by(self, token: str) -> Self:
        """The open invitation behind a link that is still good."""
        return self.open().filter(token_digest=digest_of_token(token), expires_at__gt=timezone.now())


class Invitation(OrgOwned):
    """A link by which somebody becomes a member; of its secret only a digest is kept."""

    GOOD_FOR: ClassVar[timedelta] = timedelta(days=7)

    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=10, choices=Membership.Role.choices)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_email",
            )
        ]

    @property
    def is_too_old(self) -> bool:
        return self.expires_at <= timezone.now()

    def renew(self) -> str:
        """Give it a new secret and seven more days; return the secret, which is shown once. The old link is dead."""
        token = secrets.token_urlsafe(24)
        self.token_digest = digest_of_token(token)
        self.expires_at = timezone.now() + self.GOOD_FOR
        return token


class AuditQuerySet(OrgOwnedQuerySet["AuditEntry"]):
    """The record can be read and added to."""

    def of_runner(self, code: uuid.UUID) -> Self:
        """What was done with this runner, as long as the code is known."""
        return self.filter(subject_key=pseudonym(code))

    def create(self, **fields: Any) -> AuditEntry:
        """Add an entry at the end of its organisation's chain."""
        entry = self.model(**fields)
        self.create_all([entry])
        return entry

    def create_all(self, entries: Sequence[AuditEntry]) -> None:
        """Add new entries of one organisation at the end of its chain, in their order and a few queries."""
        if not entries:
            return
        with transaction.atomic():
            # The chain has one end: who adds waits here for whoever is adding.
            organization = Organization.held(entries[0].organization_id)
            last = self.model.objects.filter(organization=organization).order_by("-number").first()
            before, previous = (last.number, last.digest) if last else (0, START)
            for number, entry in enumerate(entries, start=before + 1):
                entry.number, entry.previous = number, previous
                entry.salt = secrets.token_hex(16)
                entry.words_digest = digest_of_words(entry.salt, entry.about)
                previous = entry.digest = digest_of(entry, organization)
            self.bulk_create(entries, batch_size=500)

    def strike_out(self) -> list[int]:
        """Take the words out of these entries, their digests stay; return the numbers, which an entry must name."""
        numbers = list(self.exclude(salt="").order_by("number").values_list("number", flat=True))
        super().update(about="", salt="")
        return numbers

    def update(self, **changes: Any) -> int:
        raise AppendOnly

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly


class AuditEntry(OrgOwned):
    """Who did what, once. Rows are added, never changed: record.py tells how that shows, append_only.py guards it."""

    class Action(models.TextChoices):
        SIGN_IN = "sign_in", _("Signed in")
        MEMBER_ADDED = "member_added", _("Added a member")
        ROLE_CHANGED = "role_changed", _("Changed a role")
        MEMBER_REMOVED = "member_removed", _("Removed a member")
        MEMBER_INVITED = "member_invited", _("Invited a member")
        MEMBER_SUSPENDED = "member_suspended", _("Suspended or readmitted a member")
        SIGN_IN_RULES = "sign_in_rules", _("Changed the rules for signing in")
        GROUPS_CHANGED = "groups_changed", _("Changed the groups")
        CREDITS_GIVEN = "credits_given", _("Gave credits")
        CREDITS_TAKEN = "credits_taken", _("Took credits back")
        CREDITS_ASKED = "credits_asked", _("Asked another admin about credits")
        CREDITS_DECIDED = "credits_decided", _("Decided about credits")
        CREDIT_RULES = "credit_rules", _("Changed the rules for credits")
        VIEWED = "viewed", _("Looked at a runner")
        CHANGED = "changed", _("Changed a runner")
        SHARED = "shared", _("Shared a result")
        UNSHARED = "unshared", _("Ended a shared link")
        REPORTED = "reported", _("Made a report")
        EXPORTED = "exported", _("Exported data")
        ERASED = "erased", _("Erased a runner")
        REMOVED = "removed", _("Removed what had been kept long enough")
        CONSENT_ASKED = "consent_asked", _("Asked for consent")
        CONSENT_GIVEN = "consent_given", _("Recorded a consent")
        CONSENT_ENDED = "consent_ended", _("Ended a consent")
        LOCAL_ONLY = "local_only", _("Changed “stays in the house”")
        PRIVACY_CHANGED = "privacy_changed", _("Changed the privacy rules")
        NAME_CHANGED = "name_changed", _("Changed their own name")
        SETTINGS_CHANGED = "settings_changed", _("Changed the organisation’s settings")
        KEY_CHANGED = "key_changed", _("Changed the provider’s key")
        PROVIDER_CHANGED = "provider_changed", _("Changed the provider")
        WEBHOOK_CHANGED = "webhook_changed", _("Changed the address the provider calls")
        TOKEN_CHANGED = "token_changed", _("Made or ended an access token")
        ENDPOINT_CHANGED = "endpoint_changed", _("Changed a webhook")

    number = models.PositiveIntegerField(editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)
    subject_key = models.CharField(max_length=40, blank=True, editable=False)  # a runner's pseudonym
    about = models.CharField(max_length=200, blank=True)
    salt = models.CharField(max_length=32, blank=True, editable=False)  # goes with the words
    words_digest = models.CharField(max_length=64, editable=False)
    strikes = models.TextField(blank=True, editable=False)  # numbers of the entries whose words this one took out
    previous = models.CharField(max_length=64, blank=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["organization", "-at"]),
            models.Index(fields=["organization", "subject_key", "-at"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="one_chain_per_organization"),
            models.CheckConstraint(name="an_entry_has_its_digest", condition=~models.Q(digest="")),
        ]

    @property
    def is_struck(self) -> bool:
        """Its words were taken out, when the runner they were about was erased."""
        return not self.salt

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new entry; AuditEntry.objects.create gives it its place. Raises AppendOnly for one that is there."""
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly

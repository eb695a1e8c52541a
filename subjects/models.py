"""Runners, the groups they train in, what is remembered of them, what they agreed to, and lists of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scoping import OrgOwned, OrgOwnedQuerySet

HEIGHT_M = (0.5, 2.5)  # ours: outside it is most likely centimetres
OLDEST_YEAR = 1900  # of birth
GROWN_UP = 20  # from here the five-year bands of the age groups in running hold
WEIGHT_KG = (20, 300)  # ours


class Site(OrgOwned):
    """A place where an organisation works: a clinic's second town, a club's other track.

    It belongs to groups and through them to runners and coaches: nobody types it twice, and with coaches who see only
    their groups it parts the places from each other.
    """

    name = models.CharField(_("name"), max_length=80)

    objects = OrgOwnedQuerySet["Site"].as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="one_site_per_name")]

    def __str__(self) -> str:
        return self.name


class Group(OrgOwned):
    """Runners who train together, and the coaches who look after them."""

    name = models.CharField(_("name"), max_length=80)
    site = models.ForeignKey(
        Site, verbose_name=_("place"), on_delete=models.SET_NULL, null=True, blank=True, related_name="groups"
    )
    members = models.ManyToManyField("accounts.Membership", related_name="groups", blank=True)
    # Whoever accepts such an invitation is put into the group.
    invitations = models.ManyToManyField("accounts.Invitation", related_name="groups", blank=True)

    objects = OrgOwnedQuerySet["Group"].as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="one_group_per_name")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def seen_by(cls, membership: int) -> models.Q:
        """The coach's own groups."""
        return models.Q(pk__in=cls.members.through._default_manager.filter(membership=membership).values("group"))


def words_of(said: str) -> list[str]:
    return said.replace("\x00", "").split()  # a character no database takes


class SubjectQuerySet(OrgOwnedQuerySet["Subject"]):
    def active(self) -> Self:
        return self.filter(archived_at=None)

    def at_site(self, site: Site | int) -> Self:
        """In a group of this place."""
        return self.filter(pk__in=Subject.groups.through._default_manager.filter(group__site=site).values("subject"))

    def matching(self, words: str) -> Self:
        """Every word is in the name or the e-mail address."""
        found = self
        for word in words_of(words):
            found = found.filter(models.Q(name__icontains=word) | models.Q(email__icontains=word))
        return found


class Subject(OrgOwned):
    """A runner. Only the name is asked for; height and weight are sent to the provider with each film."""

    class Sex(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Other")

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    height_m = models.FloatField(_("height (m)"), null=True, blank=True)
    weight_kg = models.FloatField(_("weight (kg)"), null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=6, choices=Sex.choices, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    groups = models.ManyToManyField(Group, verbose_name=_("groups"), related_name="subjects", blank=True)
    # A wall: nothing of this runner goes to another service than the built-in engine (analyses/remote.py).
    local_only = models.BooleanField(_("stays in the house"), default=False, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When a film of this runner was last ordered: lists sort by it without counting through every film there is.
    filmed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    is_runner = True
    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("runner")
        ordering = ["name", "pk"]
        # A page of the list is read in its order and no further, in place of sorting everybody.
        indexes = [
            models.Index(
                name="subjects_listed", fields=["organization", "name", "id"], condition=models.Q(archived_at=None)
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="height_in_metres",
                condition=models.Q(height_m=None) | models.Q(height_m__range=HEIGHT_M),
            ),
            models.CheckConstraint(
                name="weight_in_kilograms",
                condition=models.Q(weight_kg=None) | models.Q(weight_kg__range=WEIGHT_KG),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def seen_by(cls, membership: int) -> models.Q:
        """The runners of the coach's groups."""
        theirs = cls.groups.through._default_manager.filter(group__members=membership)
        return models.Q(pk__in=theirs.values("subject"))

    @property
    def runner_code(self) -> uuid.UUID:
        """Whose row this is, for the record of who looked at whom (accounts/watch.py)."""
        return self.code

    @property
    def age_band(self) -> str:
        """The five years in which a grown-up's age lies, as "30–34"; a child's age stays off the page."""
        age = timezone.localdate().year - self.birth_year if self.birth_year else 0
        return f"{age // 5 * 5}–{age // 5 * 5 + 4}" if age >= GROWN_UP else ""


class Note(OrgOwned):
    """What a coach or the clinic wants remembered about a runner, and the day it is about."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="remarks")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    on = models.DateField(_("day"), default=timezone.localdate)
    text = models.TextField(_("note"), max_length=5000)

    objects = OrgOwnedQuerySet["Note"].as_manager()

    class Meta:
        ordering = ["-on", "-at", "-pk"]
        indexes = [models.Index(fields=["subject", "-on"])]


class Mark(OrgOwned):
    """Something that happened on a day and may explain what changed: new shoes, a cue, pain, an injury, a race."""

    class Kind(models.TextChoices):
        SHOE = "shoe", _("Shoes")
        CUE = "cue", _("Cue")
        PAIN = "pain", _("Pain")
        INJURY = "injury", _("Injury")
        RACE = "race", _("Race")

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="marks")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    on = models.DateField(_("day"), default=timezone.localdate)
    # Numeric rating scale, 0 none to 10 worst: the usual eleven steps (Hawker 2011, Arthritis Care Res 63:S240).
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.CharField(_("in a few words"), max_length=120, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = OrgOwnedQuerySet["Mark"].as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["subject", "-on"])]
        constraints = [
            models.CheckConstraint(
                name="pain_and_only_pain_has_a_level",
                condition=models.Q(kind="pain", level__isnull=False, level__range=(0, 10))
                | (~models.Q(kind="pain") & models.Q(level=None)),
            )
        ]


class ConsentQuerySet(OrgOwnedQuerySet["Consent"]):
    def newest_first(self) -> Self:
        return self.order_by("-given_on", "-pk")

    def ending(self, first: date, last: date) -> Self:
        """The last word about a use, good until one of these days."""
        later = models.Q(given_on__gt=models.OuterRef("given_on")) | models.Q(
            given_on=models.OuterRef("given_on"), pk__gt=models.OuterRef("pk")
        )
        same = {name: models.OuterRef(name) for name in ("subject", "purpose", "recipient")}
        newer = Consent.objects.filter(later, **same)
        return self.filter(~models.Exists(newer), expires_on__range=(first, last), ended_at=None)


class Consent(OrgOwned):
    """A runner, or a guardian for them, agreed to one purpose. The row stays when it ends: it is the proof."""

    class Purpose(models.TextChoices):
        MEASURING = "measuring", _("Measuring here")
        OUTSIDE = "outside", _("Measuring by an outside service")
        SHARING = "sharing", _("Sharing by link")
        TEACHING = "teaching", _("Teaching")
        RESEARCH = "research", _("Research")

    class Giver(models.TextChoices):
        RUNNER = "runner", _("The runner")
        GUARDIAN = "guardian", _("A parent or guardian")

    class Way(models.TextChoices):
        PAPER = "paper", _("On paper")
        LINK = "link", _("By link")

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    recipient = models.CharField(max_length=10, blank=True)  # the kind of outside service, else empty
    giver = models.CharField(_("given by"), max_length=10, choices=Giver.choices)
    giver_name = models.CharField(_("name"), max_length=120, blank=True)
    way = models.CharField(max_length=5, choices=Way.choices)
    given_on = models.DateField(_("date"), default=timezone.localdate)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    text = models.TextField()  # the words agreed to
    text_version = models.CharField(max_length=20)
    scan_key = models.CharField(max_length=100, blank=True)
    scan_type = models.CharField(max_length=40, blank=True)
    recorded_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-pk"]
        indexes = [
            models.Index(fields=["subject", "purpose", "-given_on"]),
            # The inbox asks each time which of them soon run out.
            models.Index(
                name="subjects_consents_ending",
                fields=["organization", "expires_on"],
                condition=models.Q(ended_at=None),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="an_outside_consent_names_its_service",
                condition=models.Q(purpose="outside", recipient__gt="")
                | (~models.Q(purpose="outside") & models.Q(recipient="")),
            ),
            models.CheckConstraint(
                name="a_guardian_has_a_name", condition=models.Q(giver="runner") | models.Q(giver_name__gt="")
            ),
        ]

    @property
    def was_refused(self) -> bool:
        """They said no when they were asked; there was never a yes."""
        return self.ended_at == self.recorded_at

    def stands_on(self, day: date) -> bool:
        return self.ended_at is None and (self.expires_on is None or self.expires_on >= day)


class RunnerImport(OrgOwned):
    """A list of runners that came as a file: waiting to be looked through, then imported, perhaps undone."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Not imported yet")
        DONE = "done", _("Imported")
        UNDONE = "undone", _("Undone")

    UNDO_FOR = timedelta(days=7)
    KEPT_FOR = timedelta(hours=2)  # ours: long enough to ask a colleague, and a list of names is nowhere for longer

    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=120)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.WAITING)
    # The text of the file, encrypted (accounts/sealed.py); gone as soon as it is imported, or too old.
    sealed_text = models.TextField(blank=True, editable=False)
    has_headings = models.BooleanField(default=True)
    columns = models.JSONField(default=list)  # what each column means (imports/columns.py)
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    made_groups = models.JSONField(default=dict)  # the names of the groups it made, by key
    counts = models.JSONField(default=dict)  # how many lines had which fate; after an undo also what became of them
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = OrgOwnedQuerySet["RunnerImport"].as_manager()

    class Meta:
        verbose_name = _("import")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="only_a_waiting_import_keeps_its_file",
                condition=models.Q(status="waiting", imported_at=None) | models.Q(sealed_text=""),
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @classmethod
    def seen_by(cls, membership: int) -> models.Q:
        """A list names runners who are in no group yet, so it belongs to whoever brought it."""
        return models.Q(by__in=User._base_manager.filter(memberships=membership).values("pk"))

    @property
    def undo_until(self) -> datetime | None:
        return self.imported_at + self.UNDO_FOR if self.imported_at else None

    @property
    def can_be_undone(self) -> bool:
        until = self.undo_until
        return self.status == self.Status.DONE and until is not None and until > timezone.now()


class ImportedRunner(OrgOwned):
    """What an import did to one runner, for as long as it can be undone."""

    class Stayed(models.TextChoices):
        ATTACHED = "attached", _("has films, notes or results")
        CHANGED = "changed", _("was changed since")

    of = models.ForeignKey(RunnerImport, on_delete=models.CASCADE, related_name="runners")
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="imports")
    made = models.BooleanField()
    before = models.JSONField(default=dict)  # what stood in the fields that were changed
    after = models.JSONField(default=dict)  # what the import wrote
    groups = models.JSONField(default=list)  # the keys of those it put the runner into
    stayed = models.CharField(max_length=8, choices=Stayed.choices, blank=True)  # why an undo left it

    objects = OrgOwnedQuerySet["ImportedRunner"].as_manager()

    class Meta:
        verbose_name = _("imported runner")
        constraints = [models.UniqueConstraint(fields=["of", "subject"], name="a_runner_once_in_an_import")]

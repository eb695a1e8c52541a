"""The ledger's rows, and what an organisation has decided about its credits."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q, Sum, Window
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scoping import OrgOwned, OrgOwnedQuerySet, OrgSetting
from credits.months import Month

LOW_AT = 5  # a testing day needs more


class EntryQuerySet(OrgOwnedQuerySet["Entry"]):
    def total(self) -> int:
        """Return the sum of the amounts."""
        return int(self.aggregate(total=Sum("amount"))["total"] or 0)

    def used(self) -> Self:
        """What was spent and never came back, whenever it would have."""
        return self.filter(kind=Entry.Kind.SPEND, returned=None)

    def during(self, month: Month) -> Self:
        return self.filter(at__gte=month.begins, at__lt=month.ends)

    def with_balance(self, shown: Q) -> Self:
        """Of these rows those that are `shown`, each with `after`: the sum of all up to and with it.

        `shown` may hold Exists(), not `pk__in` of a query: Django 5.2 makes one value of that.
        """
        after = Window(Sum("amount"), order_by=[F("at").asc(), F("pk").asc()])
        # The second half is never true: it makes the choice wait until the sums over all rows are there.
        return self.annotate(after=after).filter(shown | Q(after=None))


class Entry(OrgOwned):
    """One signed change of an organisation's credits. Rows are added, never changed: the balance is their sum."""

    class Kind(models.TextChoices):
        GIFT = "gift", _("Given")
        TAKE = "take", _("Taken back")
        SPEND = "spend", _("Spent")
        GIVE_BACK = "give_back", _("Given back")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount = models.IntegerField(_("amount"))
    reference = models.CharField(max_length=80, help_text=_("What it was for; one entry of a kind for each."))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    # What a spent credit bought, so that the ledger alone tells how credits were used: an analysis may be erased.
    paid_for = models.UUIDField(null=True, db_index=True, editable=False)  # the code of the analysis while it is there
    view = models.CharField(_("view"), max_length=10, blank=True)
    service = models.CharField(_("service"), max_length=10, blank=True)
    # What came back says what had been spent for it.
    returns = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="returned")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["organization", "-at"])]
        constraints = [
            # Spending twice for the same analysis is impossible, whoever tries.
            models.UniqueConstraint(fields=["kind", "reference"], name="one_entry_per_kind_and_reference"),
            models.CheckConstraint(
                name="amount_has_the_sign_of_its_kind",
                condition=models.Q(kind__in=["gift", "give_back"], amount__gt=0)
                | models.Q(kind__in=["take", "spend"], amount__lt=0),
            ),
            models.CheckConstraint(
                name="only_what_is_given_back_returns_something",
                condition=models.Q(returns=None) | models.Q(kind="give_back"),
            ),
        ]

    @property
    def whose(self) -> User | None:
        """Who changed the balance; what came back belongs to who had spent it."""
        return self.returns.by if self.returns else self.by


class GroupUse(OrgOwned):
    """That a credit was spent on a runner of this group; its name stays when the group is gone."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="group_uses")
    group = models.ForeignKey("subjects.Group", on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=80)

    objects = OrgOwnedQuerySet["GroupUse"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["organization", "name"])]
        constraints = [models.UniqueConstraint(fields=["entry", "name"], name="one_use_per_group")]


class Budget(OrgOwned):
    """How many credits one member, or the runners of one group, may use in a month of the calendar."""

    member = models.OneToOneField("accounts.Membership", on_delete=models.CASCADE, null=True, related_name="budget")
    group = models.OneToOneField("subjects.Group", on_delete=models.CASCADE, null=True, related_name="budget")
    limit = models.PositiveIntegerField(_("credits a month"))

    objects = OrgOwnedQuerySet["Budget"].as_manager()

    class Meta:
        ordering = ["group__name", "member__user__name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="a_budget_is_a_member_s_or_a_group_s",
                condition=models.Q(member=None, group__isnull=False) | models.Q(member__isnull=False, group=None),
            )
        ]

    def __str__(self) -> str:
        return str(self.group or (self.member and self.member.user))


class Rules(OrgSetting):
    """What an organisation has decided about its credits."""

    low_at = models.PositiveIntegerField(default=LOW_AT)  # at this balance somebody should know
    # Above this gift another admin must agree; None: nobody need.
    agreed_above = models.PositiveIntegerField(null=True)

    objects = OrgOwnedQuerySet["Rules"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "rules"
        constraints = [models.UniqueConstraint(fields=["organization"], name="one_set_of_credit_rules")]


class AskQuerySet(OrgOwnedQuerySet["Ask"]):
    def open(self) -> Self:
        return self.filter(answered_at=None, withdrawn_at=None)


class Ask(OrgOwned):
    """One admin asks, another agrees or refuses: a large gift, or a looser rule about large gifts."""

    class Kind(models.TextChoices):
        GIFT = "gift"
        RULE = "rule"

    kind = models.CharField(max_length=4, choices=Kind.choices)
    amount = models.PositiveIntegerField(null=True)  # of a rule: the amount it would begin above, None to end it
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(null=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="ask")

    objects = AskQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="who_asks_does_not_answer",
                condition=models.Q(answered_by=None) | ~models.Q(answered_by=models.F("by")),
            ),
            models.CheckConstraint(
                name="an_answer_has_all_its_parts",
                condition=models.Q(answered_by=None, answered_at=None, agreed=None)
                | models.Q(
                    answered_by__isnull=False, answered_at__isnull=False, agreed__isnull=False, withdrawn_at=None
                ),
            ),
            models.CheckConstraint(
                name="a_gift_has_an_amount", condition=models.Q(kind="rule") | models.Q(amount__gt=0)
            ),
        ]


class Decision(OrgOwned):
    """What was decided, once, about a credit spent on an analysis that failed after it was started."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="decision")
    gives_back = models.BooleanField()
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = OrgOwnedQuerySet["Decision"].as_manager()


class LowLevelQuerySet(OrgOwnedQuerySet["LowLevel"]):
    def due(self, now: datetime) -> Self:
        """Still low, not yet mailed, and not given up."""
        return self.filter(ended_at=None, mailed_at=None, due_at__lte=now, tries__lt=LowLevel.MOST_TRIES)


class LowLevel(OrgOwned):
    """The credits fell to the level at which somebody should know, until they rise above it: one mail for each."""

    MOST_TRIES: ClassVar[int] = 5

    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)

    objects = LowLevelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=models.Q(ended_at=None), name="one_low_level_at_a_time"
            )
        ]


class Check(models.Model):
    """One comparison of every organisation's ledger with what it paid for. Of the installation, not of a customer."""

    due_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    entries = models.PositiveIntegerField(default=0)
    differences = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]

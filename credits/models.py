"""The ledger's rows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet


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

    objects = OrgOwnedQuerySet["Entry"].as_manager()

    class Meta:
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
        ]

"""Who measures for an organisation, what that service knows of it, and where its books differ from ours."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.scoping import OrgOwned, OrgOwnedQuerySet
from accounts.sealed import seal, unseal


class ProviderAccount(OrgOwned):
    """Who measures for an organisation. Without a key of its own it uses the one in the settings."""

    class Kind(models.TextChoices):
        ENGINE = "engine", _("Built-in engine")
        OCHY = "ochy", _("Ochy")

    kind = models.CharField(_("service"), max_length=10, choices=Kind.choices)
    sealed_key = models.TextField(blank=True, editable=False)
    # The newest measures for the organisation; None: only for some of its groups and runners (ServiceChoice).
    chosen_at = models.DateTimeField(default=timezone.now, null=True, editable=False)
    # Organisations that share a key share its one webhook at the provider, so the token belongs to the key.
    key_print = models.CharField(max_length=64, blank=True, db_index=True, editable=False)  # same key, same print
    webhook_turn = models.PositiveIntegerField(default=0, editable=False)  # how often its address was changed
    webhook_token = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    # The address before the last change: answered until then; without end while the service knows no other.
    former_token = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    former_token_until = models.DateTimeField(null=True, editable=False)
    webhook_registered_at = models.DateTimeField(null=True, editable=False)
    synced_at = models.DateTimeField(null=True, editable=False)  # when our books were last compared with theirs
    webhook_checked_at = models.DateTimeField(null=True, editable=False)
    webhook_seen_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    # The breaker (analyses/breaker.py): how often it gave no answer in a row, since when, and when one may ask again.
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    silent_since = models.DateTimeField(null=True, editable=False)
    ask_again_at = models.DateTimeField(null=True, editable=False)
    # Orders wait for an admin: no credits there, or our key is refused.
    paused_code = models.CharField(max_length=40, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)

    objects = OrgOwnedQuerySet["ProviderAccount"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "kind"], name="one_account_per_service")]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def key(self) -> str:
        if self.sealed_key:
            return unseal(self.sealed_key)
        return settings.ENGINE_KEY if self.kind == self.Kind.ENGINE else settings.OCHY_KEY

    @key.setter
    def key(self, key: str) -> None:
        self.sealed_key = seal(key) if key else ""

    @property
    def url(self) -> str:
        return str(settings.ENGINE_URL if self.kind == self.Kind.ENGINE else settings.OCHY_URL)

    @property
    def token_of_key(self) -> str:
        """What the webhook's secret address is made of: nobody guesses it without SECRET_KEY, not even with the key."""
        return salted_hmac("analyses.webhook", f"{self.kind}:{self.key}", algorithm="sha256").hexdigest()

    @property
    def price(self) -> int:
        """Credits for one analysis: one at Ochy, none here."""
        return 0 if self.kind == self.Kind.ENGINE else 1


class ServiceChoice(OrgOwned):
    """That another service than the organisation's measures one runner, or the runners of one group."""

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="choices")
    subject = models.OneToOneField(
        "subjects.Subject", on_delete=models.CASCADE, null=True, related_name="service_choice"
    )
    group = models.OneToOneField("subjects.Group", on_delete=models.CASCADE, null=True, related_name="service_choice")

    objects = OrgOwnedQuerySet["ServiceChoice"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_service_is_chosen_for_a_runner_or_a_group",
                condition=models.Q(subject=None, group__isnull=False) | models.Q(subject__isnull=False, group=None),
            )
        ]


class RemoteSubject(OrgOwned):
    """A runner as one provider knows them: an id there, and what was last told."""

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="subjects")
    subject = models.ForeignKey("subjects.Subject", on_delete=models.CASCADE, related_name="remote")
    remote_id = models.CharField(max_length=64, blank=True)
    height_m = models.FloatField(null=True)
    weight_kg = models.FloatField(null=True)

    objects = OrgOwnedQuerySet["RemoteSubject"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "subject"], name="one_remote_subject_per_account")]


class WebhookCall(OrgOwned):
    """One call of a provider, and what we made of it."""

    class Outcome(models.TextChoices):
        ASKED = "asked", _("we asked")
        LATE = "late", _("had ended already")
        UNKNOWN = "unknown", _("not one of ours")
        TEST = "test", _("a test")

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="calls")
    at = models.DateTimeField(auto_now_add=True)
    remote_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    sequence = models.IntegerField(null=True)
    outcome = models.CharField(max_length=40, choices=Outcome.choices)

    objects = OrgOwnedQuerySet["WebhookCall"].as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["account", "-at"])]


class Drift(OrgOwned):
    """One difference between our books and a service's, found when both were compared; an admin settles it."""

    class Kind(models.TextChoices):
        RUNNER_UNKNOWN = "runner_unknown", _("A runner only the service knows")
        RUNNER_GONE = "runner_gone", _("A runner the service no longer knows")
        ANALYSIS_UNKNOWN = "analysis_unknown", _("An analysis only the service knows")
        ANALYSIS_GONE = "analysis_gone", _("An analysis the service no longer knows")

    class Settled(models.TextChoices):
        ADOPTED = "adopted", _("taken over")
        IGNORED = "ignored", _("left as it is")
        VANISHED = "vanished", _("no longer so")

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="drifts")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    remote_id = models.CharField(max_length=64)
    subject = models.ForeignKey("subjects.Subject", on_delete=models.CASCADE, null=True, related_name="+")
    # What the service's list says: label, height and weight of a runner; view, runner and time of an analysis.
    about = models.JSONField(default=dict)
    found_at = models.DateTimeField(auto_now_add=True)
    settled = models.CharField(max_length=10, choices=Settled.choices, blank=True)
    settled_at = models.DateTimeField(null=True)

    objects = OrgOwnedQuerySet["Drift"].as_manager()

    class Meta:
        ordering = ["kind", "-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "remote_id"], name="one_drift_per_difference")
        ]

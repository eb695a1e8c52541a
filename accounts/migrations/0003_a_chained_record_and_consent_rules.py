import hashlib
import json
import secrets
from datetime import UTC

import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q


def chain(apps, schema_editor):
    """Give the entries there are their place in their organisation's chain, as accounts.record does for new ones."""
    Entry = apps.get_model("accounts", "AuditEntry")._base_manager
    organizations = dict(apps.get_model("accounts", "Organization").objects.values_list("pk", "code"))
    ends = {}
    for entry in Entry.order_by("organization_id", "at", "pk").iterator():
        number, previous = ends.get(entry.organization_id, (0, ""))
        entry.number, entry.previous, entry.salt = number + 1, previous, secrets.token_hex(16)
        entry.words_digest = hashlib.sha256(f"{entry.salt}:{entry.about}".encode()).hexdigest()
        told = [
            str(organizations[entry.organization_id]),
            entry.number,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.by_id,
            entry.action,
            entry.subject_key,
            entry.words_digest,
            entry.strikes,
            entry.previous,
        ]
        entry.digest = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        entry.save()
        ends[entry.organization_id] = (entry.number, entry.digest)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_what_leaves_the_house")]

    operations = [
        migrations.AddField(
            "organization",
            "consent_for",
            models.CharField(
                choices=[
                    ("nothing", "nothing: consent is kept elsewhere"),
                    ("leaving", "what leaves the house: outside services and shared links"),
                    ("everything", "everything, measuring here as well"),
                ],
                default="nothing",
                max_length=10,
            ),
        ),
        migrations.AddField("organization", "consent_age", models.PositiveSmallIntegerField(default=16)),
        migrations.AddConstraint(
            "organization",
            models.CheckConstraint(condition=Q(consent_age__range=(13, 21)), name="consent_age_makes_sense"),
        ),
        migrations.AddField("auditentry", "number", models.PositiveIntegerField(default=0, editable=False), preserve_default=False),
        migrations.AddField("auditentry", "subject_key", models.CharField(blank=True, editable=False, max_length=40, default=""), preserve_default=False),
        migrations.AddField("auditentry", "salt", models.CharField(blank=True, editable=False, max_length=32, default=""), preserve_default=False),
        migrations.AddField("auditentry", "words_digest", models.CharField(editable=False, max_length=64, default=""), preserve_default=False),
        migrations.AddField("auditentry", "strikes", models.TextField(blank=True, editable=False, default=""), preserve_default=False),
        migrations.AddField("auditentry", "previous", models.CharField(blank=True, editable=False, max_length=64, default=""), preserve_default=False),
        migrations.AddField("auditentry", "digest", models.CharField(editable=False, max_length=64, default=""), preserve_default=False),
        migrations.AlterField("auditentry", "at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
        migrations.AlterField(
            "auditentry",
            "action",
            models.CharField(
                choices=[
                    ("sign_in", "Signed in"),
                    ("member_added", "Added a member"),
                    ("role_changed", "Changed a role"),
                    ("member_removed", "Removed a member"),
                    ("credits_given", "Gave credits"),
                    ("credits_taken", "Took credits back"),
                    ("viewed", "Looked at a runner"),
                    ("changed", "Changed a runner"),
                    ("shared", "Shared a result"),
                    ("unshared", "Ended a shared link"),
                    ("reported", "Made a report"),
                    ("exported", "Exported data"),
                    ("erased", "Erased a runner"),
                    ("consent_asked", "Asked for consent"),
                    ("consent_given", "Recorded a consent"),
                    ("consent_ended", "Ended a consent"),
                    ("local_only", "Changed “stays in the house”"),
                    ("privacy_changed", "Changed the privacy rules"),
                    ("key_changed", "Changed the provider's key"),
                    ("provider_changed", "Changed the provider"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunPython(chain, migrations.RunPython.noop),
    ]

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    # Apart from the filling: PostgreSQL does not change a table whose rows the same transaction has changed.
    dependencies = [("accounts", "0003_a_chained_record_and_consent_rules")]

    operations = [
        migrations.AddIndex(
            "auditentry",
            models.Index(fields=["organization", "subject_key", "-at"], name="accounts_au_organiz_7de70e_idx"),
        ),
        migrations.AddConstraint(
            "auditentry",
            models.UniqueConstraint(fields=["organization", "number"], name="one_chain_per_organization"),
        ),
        migrations.AddConstraint(
            "auditentry",
            models.CheckConstraint(condition=~Q(digest=""), name="an_entry_has_its_digest"),
        ),
    ]

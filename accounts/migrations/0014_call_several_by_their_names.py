"""Call several rows by their plural on the admin site."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_record_a_change_of_name'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='auditentry',
            options={'ordering': ['-at', '-pk'], 'verbose_name_plural': 'audit entries'},
        ),
    ]

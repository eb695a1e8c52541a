"""Call several rows by their plural on the admin site."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('api', '0002_tell_that_a_runner_was_erased'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='delivery',
            options={'ordering': ['-happened_at', '-pk'], 'verbose_name_plural': 'deliveries'},
        ),
    ]

"""Call several rows by their plural on the admin site."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('credits', '0003_say_what_earlier_credits_bought'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='entry',
            options={'ordering': ['-at', '-pk'], 'verbose_name_plural': 'entries'},
        ),
        migrations.AlterModelOptions(
            name='rules',
            options={'verbose_name': 'rules', 'verbose_name_plural': 'rules'},
        ),
    ]

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_record_a_change_of_webhook'),
        ('analyses', '0008_pictures_and_films_of_two_films'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Repeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('on', models.DateField(verbose_name='day')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('view', models.CharField(max_length=10)),
                ('treadmill', models.BooleanField()),
                ('service', models.CharField(max_length=10)),
                ('is_fast', models.BooleanField()),
                ('differences', models.JSONField(default=dict)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analyses.analysis')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization')),
                ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='analyses.analysis')),
            ],
            options={
                'ordering': ['-on', '-pk'],
                'indexes': [models.Index(fields=['organization', 'view', 'treadmill'], name='analyses_re_organiz_6aeefa_idx')],
                'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='one_repeat_for_two_films')],
            },
        ),
    ]

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_record_decisions_about_credits'),
        ('credits', '0001_initial'),
        ('subjects', '0005_sites_and_the_people_of_a_group'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Ask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('gift', 'Gift'), ('rule', 'Rule')], max_length=4)),
                ('amount', models.PositiveIntegerField(null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('agreed', models.BooleanField(null=True)),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Budget',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('limit', models.PositiveIntegerField(verbose_name='credits a month')),
            ],
            options={
                'ordering': ['group__name', 'member__user__name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('entries', models.PositiveIntegerField(default=0)),
                ('differences', models.JSONField(default=list)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('gives_back', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='GroupUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='LowLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('begun_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('mailed_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Rules',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('low_at', models.PositiveIntegerField(default=5)),
                ('agreed_above', models.PositiveIntegerField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='entry',
            name='paid_for',
            field=models.UUIDField(db_index=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='entry',
            name='returns',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='returned', to='credits.entry'),
        ),
        migrations.AddField(
            model_name='entry',
            name='service',
            field=models.CharField(blank=True, max_length=10, verbose_name='service'),
        ),
        migrations.AddField(
            model_name='entry',
            name='view',
            field=models.CharField(blank=True, max_length=10, verbose_name='view'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('returns', None), ('kind', 'give_back'), _connector='OR'), name='only_what_is_given_back_returns_something'),
        ),
        migrations.AddField(
            model_name='ask',
            name='answered_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ask',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='ask',
            name='entry',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ask', to='credits.entry'),
        ),
        migrations.AddField(
            model_name='ask',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='budget',
            name='group',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='budget', to='subjects.group'),
        ),
        migrations.AddField(
            model_name='budget',
            name='member',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='budget', to='accounts.membership'),
        ),
        migrations.AddField(
            model_name='budget',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='decision',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='decision',
            name='entry',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='credits.entry'),
        ),
        migrations.AddField(
            model_name='decision',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='groupuse',
            name='entry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='group_uses', to='credits.entry'),
        ),
        migrations.AddField(
            model_name='groupuse',
            name='group',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='subjects.group'),
        ),
        migrations.AddField(
            model_name='groupuse',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='lowlevel',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='rules',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.organization'),
        ),
        migrations.AddConstraint(
            model_name='ask',
            constraint=models.CheckConstraint(condition=models.Q(('answered_by', None), models.Q(('answered_by', models.F('by')), _negated=True), _connector='OR'), name='who_asks_does_not_answer'),
        ),
        migrations.AddConstraint(
            model_name='ask',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreed', None), ('answered_at', None), ('answered_by', None)), models.Q(('agreed__isnull', False), ('answered_at__isnull', False), ('answered_by__isnull', False), ('withdrawn_at', None)), _connector='OR'), name='an_answer_has_all_its_parts'),
        ),
        migrations.AddConstraint(
            model_name='ask',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'rule'), ('amount__gt', 0), _connector='OR'), name='a_gift_has_an_amount'),
        ),
        migrations.AddConstraint(
            model_name='budget',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('group__isnull', False), ('member', None)), models.Q(('group', None), ('member__isnull', False)), _connector='OR'), name='a_budget_is_a_member_s_or_a_group_s'),
        ),
        migrations.AddIndex(
            model_name='groupuse',
            index=models.Index(fields=['organization', 'name'], name='credits_gro_organiz_97306a_idx'),
        ),
        migrations.AddConstraint(
            model_name='groupuse',
            constraint=models.UniqueConstraint(fields=('entry', 'name'), name='one_use_per_group'),
        ),
        migrations.AddConstraint(
            model_name='lowlevel',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('organization',), name='one_low_level_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='rules',
            constraint=models.UniqueConstraint(fields=('organization',), name='one_set_of_credit_rules'),
        ),
    ]

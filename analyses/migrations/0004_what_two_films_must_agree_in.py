import json

from django.db import migrations, models

BLOCK = 200


def read_from_the_stored_answers(apps, schema_editor):
    """Fill the three from what was received: results of before can be compared like those of today."""
    analysis, measurement = apps.get_model("analyses", "Analysis"), apps.get_model("analyses", "Measurement")
    result = apps.get_model("analyses", "Result")
    done = list(analysis.objects.filter(status="succeeded").values_list("pk", flat=True))
    for start in range(0, len(done), BLOCK):
        block = done[start : start + BLOCK]
        found = measurement.objects.filter(analysis__in=block, key="speed_m_s", side="", phase="")
        speeds = dict(found.values_list("analysis_id", "value"))
        answers = dict(result.objects.filter(analysis__in=block).values_list("analysis_id", "calculated"))
        rows = list(analysis.objects.filter(pk__in=block))
        for row in rows:
            belt = row.treadmill and row.pace_s_per_km
            row.speed_m_s = 1000 / row.pace_s_per_km if belt else speeds.get(row.pk)
            row.engine_version, row.ranges_version = _versions(answers.get(row.pk))
        analysis.objects.bulk_update(rows, ["speed_m_s", "engine_version", "ranges_version"])


def _versions(answer):
    told = json.loads(answer) if answer else {}
    house = told.get("house") if isinstance(told, dict) else None
    house = house if isinstance(house, dict) else {}
    return tuple(str(house.get(key, ""))[:20] for key in ("engine_version", "bands_version"))


class Migration(migrations.Migration):

    dependencies = [
        ('analyses', '0003_breaker_and_pause_of_a_provider_account'),
    ]

    operations = [
        migrations.AddField(
            model_name='analysis',
            name='engine_version',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='analysis',
            name='ranges_version',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='analysis',
            name='speed_m_s',
            field=models.FloatField(null=True),
        ),
        migrations.RunPython(read_from_the_stored_answers, migrations.RunPython.noop),
    ]

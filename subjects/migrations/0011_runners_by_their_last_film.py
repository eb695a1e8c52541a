from django.db import migrations

# As the list asks for them (subjects.listing). SQLite knows no NULLS LAST in an index, and has no 10,000 runners.
INDEX = """
    CREATE INDEX subjects_by_last_film
    ON subjects_subject (organization_id, filmed_at DESC NULLS LAST, name, id) WHERE archived_at IS NULL
"""


def index_the_order(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(INDEX)


def remove_the_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS subjects_by_last_film")


class Migration(migrations.Migration):
    dependencies = [
        ("subjects", "0010_consents_that_soon_run_out"),
    ]

    operations = [
        migrations.RunPython(index_the_order, remove_the_index),
    ]

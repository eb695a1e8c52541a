from django.db import migrations

# By the very words a search asks with (Subject.objects.matching), else PostgreSQL would not use them.
INDEXES = {
    "subjects_found_by_name": "UPPER(name::text)",
    "subjects_found_by_email": "UPPER(email::text)",
}
# Every PostgreSQL brings it along; without the right to CREATE in the database a search reads all runners, as before.
MAY_HAVE_IT = """
    SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')
        OR (has_database_privilege(current_database(), 'CREATE')
            AND EXISTS (SELECT FROM pg_available_extension_versions WHERE name = 'pg_trgm' AND (trusted OR (
                SELECT rolsuper FROM pg_roles WHERE rolname = current_user))))
"""


def index_parts_of_names(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(MAY_HAVE_IT)
        if not cursor.fetchone()[0]:
            return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for name, said in INDEXES.items():
        schema_editor.execute(f"CREATE INDEX {name} ON subjects_subject USING gin ({said} gin_trgm_ops)")


def remove_the_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [
        ("subjects", "0008_runners_in_the_order_of_their_list"),
    ]

    operations = [
        migrations.RunPython(index_parts_of_names, remove_the_indexes),
    ]

"""On PostgreSQL, finding a promise by its words reads a trigram index; without the extension it scans instead."""

from django.db import DatabaseError, migrations, transaction


def make_index(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(
                "CREATE INDEX IF NOT EXISTS promise_search_trigrams"
                " ON promises_promise USING gin (search_text gin_trgm_ops)"
            )
    except DatabaseError:
        return


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("DROP INDEX IF EXISTS promise_search_trigrams")


class Migration(migrations.Migration):
    dependencies = [("promises", "0010_digest_words"), ("clients", "0006_more_trigrams")]

    operations = [migrations.RunPython(make_index, drop_index)]

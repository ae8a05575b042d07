"""On PostgreSQL, substring search reads a trigram index. Where the extension may not be made, search scans instead."""

from django.db import DatabaseError, migrations, transaction

INDEXES = {
    "client_search_trigrams": "clients_client",
    "contact_search_trigrams": "clients_contact",
}


def make_indexes(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for name, table in INDEXES.items():
                cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} USING gin (search_text gin_trgm_ops)")
    except DatabaseError:
        return  # no right to make the extension, or not installed: search works without, only slower


def drop_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            for name in INDEXES:
                cursor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial")]

    operations = [migrations.RunPython(make_indexes, drop_indexes)]

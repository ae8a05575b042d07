"""Trigram indexes for what find looks through besides names: what was logged, and requests."""

from django.db import DatabaseError, migrations, transaction

INDEXES = {
    "interaction_search_trigrams": "clients_interaction",
    "request_search_trigrams": "clients_request",
}


def make_indexes(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for name, table in INDEXES.items():
                cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} USING gin (search_text gin_trgm_ops)")
    except DatabaseError:
        return  # without the extension search works as well, only slower


def drop_indexes(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            for name in INDEXES:
                cursor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("clients", "0005_two_way_contact_and_search_text")]

    operations = [migrations.RunPython(make_indexes, drop_indexes)]

"""Lists of clients are read from indexes that hold what is listed: the live ones, or the archived ones."""

from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Coalesce

LIVE = Q(archived_at=None, merged_into=None)
LAST_SPOKE = Coalesce("last_two_way_at", models.Value(datetime(1900, 1, 1, tzinfo=UTC)))


class Migration(migrations.Migration):
    dependencies = [("clients", "0009_one_mail_for_several_requests")]

    operations = [
        migrations.AddIndex("client", models.Index(fields=fields, condition=condition, name=name))
        for name, fields, condition in (
            ("client_live_by_name", ["search_text", "id"], LIVE),
            ("client_live_by_stage", ["stage", "search_text", "id"], LIVE),
            ("client_archived_by_name", ["search_text", "id"], Q(archived_at__isnull=False)),
        )
    ] + [
        migrations.AddIndex(
            "client", models.Index(LAST_SPOKE, models.F("id"), condition=LIVE, name="client_live_by_last_spoke")
        ),
        migrations.RemoveIndex("client", "client_by_name"),
        migrations.RemoveIndex("client", "client_by_contact"),
        migrations.RemoveIndex("client", "client_by_two_way"),
    ]

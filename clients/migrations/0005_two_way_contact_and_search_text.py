"""When both sides were last in touch, and what search goes by, for what was logged before."""

from django.db import migrations
from django.db.models import Max, OuterRef, Q, Subquery

from clients.names import searchable

AT_ONCE = 1000


def fill(apps, _schema_editor):
    Client, Interaction = apps.get_model("clients", "Client"), apps.get_model("clients", "Interaction")
    two_way = Q(kind__in=["call", "meeting", "visit"]) | Q(direction="theirs", kind__in=["email", "message"])
    last = (
        Interaction.objects.filter(two_way, client=OuterRef("pk"), deleted_at=None)
        .order_by()
        .values("client")
        .annotate(last=Max("happened_at"))
        .values("last")
    )
    Client.objects.update(last_two_way_at=Subquery(last))
    some = []
    for interaction in Interaction.objects.only("pk", "body").order_by("pk").iterator(chunk_size=AT_ONCE):
        interaction.search_text = searchable(interaction.body)
        some.append(interaction)
        if len(some) == AT_ONCE:
            Interaction.objects.bulk_update(some, ["search_text"])
            some = []
    Interaction.objects.bulk_update(some, ["search_text"])


class Migration(migrations.Migration):
    dependencies = [("clients", "0004_requests_mail_in_attachments_and_merges")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

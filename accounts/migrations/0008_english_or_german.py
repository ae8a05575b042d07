"""Our own pages speak English and German; whoever had chosen another language reads English, as they did before."""

from django.db import migrations


def to_english(apps, schema_editor):
    apps.get_model("accounts", "User").objects.exclude(language__in=["en-gb", "de"]).update(language="en-gb")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_who_pinned")]
    operations = [migrations.RunPython(to_english, migrations.RunPython.noop, elidable=True)]

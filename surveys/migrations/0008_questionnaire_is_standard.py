"""The standard questionnaire is marked as such, so that it can be called something else."""

from django.db import migrations, models


def mark(apps, schema_editor):
    from surveys.default_questionnaire import NAME

    apps.get_model("surveys", "Questionnaire").objects.filter(name=NAME).update(is_standard=True)


class Migration(migrations.Migration):
    dependencies = [("surveys", "0007_belief_let_go")]

    operations = [
        migrations.AddField(
            model_name="questionnaire",
            name="is_standard",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddConstraint(
            model_name="questionnaire",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_standard", True)), fields=("is_standard",), name="questionnaire_standard_once"
            ),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]

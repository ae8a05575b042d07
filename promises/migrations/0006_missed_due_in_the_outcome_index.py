from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("promises", "0005_offers_letters_reminders_and_feeds")]

    operations = [
        migrations.RemoveIndex(model_name="promise", name="promise_by_first_due"),
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(
                fields=[
                    "direction",
                    "first_due_at",
                    "state",
                    "done_at",
                    "due_at",
                    "moved_not_early",
                    "withdrawn_timing",
                    "missed_at",
                ],
                name="promise_by_first_due",
            ),
        ),
    ]

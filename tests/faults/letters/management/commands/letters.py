"""Queue the letters of a fault test, or print how they stand, as JSON."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from outbox.models import Attempt, Email


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("--queue", metavar="FILE", help="a JSON list of [kind, address]")

    def handle(self, *, queue, **options):
        if queue:
            with open(queue) as file:
                for kind, to in json.load(file):
                    Email.objects.queue(kind=kind, key=to, to=to, subject="A letter")
            return
        ends = {}
        for email_id, outcome in Attempt.objects.values_list("email_id", "outcome"):
            ends.setdefault(email_id, []).append(outcome)
        rows = [
            {
                "to": email.to_email,
                "kind": email.kind,
                "state": email.state,
                "message_id": email.message_id,
                "times_uncertain": email.times_uncertain,
                "tries": ends.get(email.pk, []),
            }
            for email in Email.objects.all()
        ]
        unfinished = (
            Email.objects.filter(next_try_at__isnull=False).count() + Email.objects.filter(state="sending").count()
        )
        self.stdout.write(json.dumps({"now": str(timezone.now()), "unfinished": unfinished, "rows": rows}))

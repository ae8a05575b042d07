"""Plan what is due now: reminders, flags, digests. Safe to run at any time, as often as you like."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dashboard import planners


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options):
        if failed := planners.run(timezone.now()):
            raise CommandError(f"These planners failed, the others did their work: {', '.join(failed)}.")
        self.stdout.write("Planned what is due.")

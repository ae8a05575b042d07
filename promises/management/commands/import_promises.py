"""Take promises from a CSV or XLSX file."""

import sys

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from accounts.tables import NotATable, read_table
from promises.importing import CLIENTS_OWNER, import_promises


class Command(BaseCommand):
    help = (
        "Imports what we promised clients, and what became of it. Columns are found by their headers; running it again "
        "changes nothing, and mails nobody. Ends with 0 when every row was taken and with 1 when some were refused "
        "(the others are in)."
    )

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument(
            "--owner",
            default="",
            metavar="EMAIL",
            help=f"answers for rows that name nobody; “{CLIENTS_OWNER}” is the owner of their client",
        )
        parser.add_argument(
            "--dates", choices=["day", "month"], default="", help="which comes first in dates such as 3/4/2026"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")

    def handle(self, *, file, owner, dates, dry_run, **options):
        try:
            table = read_table(file)
        except NotATable as problem:
            raise CommandError(str(problem)) from problem
        now = timezone.now()
        report = import_promises(table, now=now, owner=_owner(owner), date_order=dates, dry_run=dry_run)
        self.stdout.write(report.as_text())
        if not report.all_taken:
            sys.exit(1)


def _owner(text):
    if not text or text == CLIENTS_OWNER:
        return text or None
    person = User.objects.active().filter(email__iexact=text.strip()).first()
    if person is None:
        raise CommandError(f"We know nobody with the e-mail “{text}” who works here.")
    return person

"""Take clients from a CSV or XLSX file."""

import sys

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.tables import NotATable, read_table
from clients.importing import import_clients


class Command(BaseCommand):
    help = (
        "Imports clients, with a person for each row that names one. Columns are found by their headers; running it "
        "again changes nothing. Ends with 0 when every row was taken and with 1 when some were refused (the others "
        "are in)."
    )

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--owner", default="", metavar="EMAIL", help="owns the new clients whose row names nobody")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")

    def handle(self, *, file, owner, dry_run, **options):
        person = None
        if owner:
            person = User.objects.active().filter(email__iexact=owner.strip()).first()
            if person is None:
                raise CommandError(f"We know nobody with the e-mail “{owner}” who works here.")
        try:
            table = read_table(file)
        except NotATable as problem:
            raise CommandError(str(problem)) from problem
        report = import_clients(table, owner=person, dry_run=dry_run)
        self.stdout.write(report.as_text())
        if not report.all_taken:
            sys.exit(1)

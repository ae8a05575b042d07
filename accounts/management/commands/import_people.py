"""Take people from a CSV or XLSX file."""

import sys

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.import_people import DomainForm, import_people
from accounts.tables import NotATable, read_table


class Command(BaseCommand):
    help = (
        "Imports colleagues. Columns are found by their headers; running it again changes nothing. "
        "Ends with 0 when every row was taken and with 1 when some were refused (the others are in)."
    )

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--domain", default="", help="makes first.last@DOMAIN where a row has no e-mail")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")

    def handle(self, *, file, domain, dry_run, **options):
        if domain and not DomainForm({"domain": domain}).is_valid():
            raise CommandError(f"“{domain}” is not a domain. Write one such as example.org.")
        try:
            table = read_table(file)
        except NotATable as problem:
            raise CommandError(str(problem)) from problem
        report = import_people(table, now=timezone.now(), domain=domain, dry_run=dry_run)
        self.stdout.write(report.as_text())
        if not report.all_taken:
            sys.exit(1)

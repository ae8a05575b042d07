"""Clients from a file: one row, one client and at most one person there. Known ones only take what changed in the file.

What a row said is kept with the record, so the same file again changes nothing, and a correction made here stays until
the file itself says something new. Empty cells change nothing.
"""

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms import PlainForm
from accounts.import_report import Report
from accounts.models import User
from clients.columns import COLUMNS, SAMPLE, find_columns
from clients.import_known import Clients
from clients.import_rows import RefusedRow, checked


class _DryRun(Exception):
    """Takes everything back."""


def import_clients(table, *, owner=None, dry_run=False):
    """Take the rows of a table as clients. `owner` gets new clients whose row names nobody. Answers the report."""
    columns = find_columns(table.headers)
    report = Report(
        what=_("clients"),
        dry_run=dry_run,
        notes=list(table.notes),
        columns=columns,
        left_out=[header for header in table.headers if header and header not in columns.values()],
    )
    for number, reason in table.refused:
        report.refuse(number, "", reason)
    if "company_name" not in columns:
        report.refuse(
            1,
            "",
            _("No column holds the name of a client. Columns found: %(names)s.") % {"names": ", ".join(table.headers)},
        )
        return report
    try:
        with transaction.atomic():
            clients = Clients(owner=owner)
            for row in table.rows:
                cells = {field: row.get(header) for field, header in columns.items()}
                try:
                    with transaction.atomic():
                        clients.take(row.number, checked(cells), report)
                except RefusedRow as refusal:
                    report.refuse(row.number, cells["company_name"], str(refusal))
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return report


def _people_choices():
    people = User.objects.active().order_by("name").values_list("public_id", "name")
    return [("", _("Nobody: refuse those rows")), *people]


class OwnerForm(PlainForm):
    """What the page asks beside the file."""

    owner = forms.ChoiceField(
        label=gettext_lazy("Owner of rows that name none"), choices=_people_choices, required=False
    )


class ClientImporter:
    """What the import page needs to know about clients."""

    what = "clients"
    page = "import_clients"
    title = gettext_lazy("Import clients")
    lede = gettext_lazy("Clients and a person at each from a file. The same file again changes nothing.")
    columns = COLUMNS
    sample = SAMPLE
    done_url = "clients"
    options_form = OwnerForm

    def run(self, table, *, by, now, dry_run, owner=""):
        person = User.objects.active().filter(public_id=owner).first() if owner else None
        return import_clients(table, owner=person, dry_run=dry_run)

"""Promises as a table for spreadsheets: CSV, and XLSX with real dates. Neither holds all rows in memory."""

import csv
import tempfile
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from promises.judging import outcome_case
from promises.models import Promise
from promises.models.words import Direction, Reason
from promises.outcomes import Outcome

CHUNK = 2000
MOST_IN_XLSX = 50_000  # rows; a spreadsheet of more is slow to write and slow to open
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
STAMP = "%Y-%m-%d %H:%M"
WIDTHS = (12, 26, 16, 20, 20, 44, 30, 14, 24, 17, 17, 18, 17, 8, 24, 12)
READ = (
    "public_id", "client__name", "direction", "promisee_contact__name", "promisor_contact__name", "owner__name", "what",
    "done_when", "state", "came_out", "first_due_at", "due_at", "due_zone", "done_at", "moves", "reason", "importance",
)  # fmt: skip


CHOICES = (Direction, Promise.State, Outcome, Reason, Promise.Importance)


def safe_cell(value):
    """A spreadsheet must show this, not run it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def heads():
    return [
        _("Id"), _("Client"), _("Who promised"), _("With"), _("Owner"), _("What"), _("Done when"), _("State"),
        _("Outcome"), _("First due"), _("Due"), _("Time zone"), _("Done"), _("Moved"), _("Reason"), _("Importance"),
    ]  # fmt: skip


def rows(promises, *, now):
    """The rows of these promises in their order, one at a time. Moments are on the clock the promise is meant in."""
    found = promises.annotate(came_out=outcome_case(now)).values_list(*READ)
    names = [{value: str(label) for value, label in choices.choices} for choices in CHOICES]
    return (_row(row, *names) for row in found.iterator(chunk_size=CHUNK))


def _row(row, directions, states, outcomes, reasons, importances):
    read = dict(zip(READ, row, strict=True))
    zone = ZoneInfo(read["due_zone"])
    ours = read["direction"] == Direction.OURS
    return [
        read["public_id"], read["client__name"], directions[read["direction"]],
        read["promisee_contact__name" if ours else "promisor_contact__name"] or "", read["owner__name"], read["what"],
        read["done_when"], states[read["state"]], outcomes[read["came_out"]], _there(read["first_due_at"], zone),
        _there(read["due_at"], zone), read["due_zone"], _there(read["done_at"], zone), read["moves"],
        reasons.get(read["reason"], ""), importances[read["importance"]],
    ]  # fmt: skip


def _there(moment, zone):
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0) if moment else None


def csv_lines(promises, *, now):
    """The file as pieces of text, written while it is read."""
    writer = csv.writer(_Echo())
    found = rows(promises, now=now)  # words are looked up now, while the reader's language is known
    return chain(["\ufeff" + writer.writerow(heads())], (writer.writerow(_as_text(row)) for row in found))


class _Echo:
    def write(self, line):
        return line


def _as_text(row):
    return [safe_cell(value.strftime(STAMP) if isinstance(value, datetime) else value) for value in row]


def xlsx_file(promises, *, now):
    """A temporary file, at its start. The rows are written one by one; only a part of them is ever in memory."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Promises"))
    sheet.freeze_panes = "A2"
    for number, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_bold(sheet, words) for words in heads()])
    for row in rows(promises, now=now):
        sheet.append([_plain(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _bold(sheet, words):
    cell = WriteOnlyCell(sheet, value=words)
    cell.font = Font(bold=True)
    return cell


def _plain(value):
    """Numbers and moments as they are; text so that it is shown and not run."""
    if isinstance(value, int | datetime) or value is None:
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", safe_cell(value))

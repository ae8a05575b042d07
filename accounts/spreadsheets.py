"""Tables for spreadsheets: CSV, and XLSX with real dates and numbers. Neither holds all rows in memory.

Nothing here knows what the table is about: rooms give heads and rows, one at a time.
"""

import csv
import tempfile
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.http import FileResponse, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

CHUNK = 2000  # rows read from the database at a time
MOST_IN_XLSX = 50_000  # rows; a spreadsheet of more is slow to write and slow to open
LONGEST_CELL = 32_767  # characters; more makes a file that Excel calls damaged
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
STAMP = "%Y-%m-%d %H:%M"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def safe_cell(value):
    """A spreadsheet must show this, not run it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


# -------------------------------------------------------------------- CSV


class _Echo:
    def write(self, line):
        return line


def csv_lines(heads, rows):
    """The file as pieces of text, written while `rows` is read; a mark at the start says that it is UTF-8."""
    writer = csv.writer(_Echo())
    return chain(["\ufeff" + writer.writerow(_as_text(heads))], (writer.writerow(_as_text(row)) for row in rows))


def _as_text(row):
    return [_text(value) for value in row]


def _text(value):
    if isinstance(value, int):
        return str(value)
    return safe_cell(value.strftime(STAMP) if isinstance(value, datetime) else value)


def csv_answer(lines, name):
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


# -------------------------------------------------------------------- XLSX


@dataclass(frozen=True)
class Sheet:
    """One sheet: its heads stay in sight; `widths` in characters, the last one for all further columns."""

    title: str
    heads: list
    rows: object
    widths: tuple = (20,)


def xlsx_file(sheets):
    """A temporary file, at its start. Rows are written one by one; only a part of them is ever in memory."""
    book = Workbook(write_only=True)
    for one in sheets:
        sheet = book.create_sheet(one.title)
        sheet.freeze_panes = "A2"
        for number in range(1, len(one.heads) + 1):
            width = one.widths[min(number, len(one.widths)) - 1]
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.append([_bold(sheet, words) for words in one.heads])
        for row in one.rows:
            sheet.append([_plain(value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _bold(sheet, words):
    cell = WriteOnlyCell(sheet, value=_plain(words))
    cell.font = Font(bold=True)
    return cell


def _plain(value):
    """Numbers and moments as they are; text so that it is shown and not run."""
    if isinstance(value, int | datetime) or value is None:
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", safe_cell(value))[:LONGEST_CELL]


def xlsx_answer(file, name):
    no_copy = {"Cache-Control": "no-store"}
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX, headers=no_copy)

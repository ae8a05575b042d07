"""Reads a table out of a file somebody has: CSV in the encodings and separators of this world, or XLSX.

Nothing here knows what the table is about; imports name the columns they look for and report what became of each row.
"""

import csv
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.import_report import Report

__all__ = ["LARGEST_FILE", "NotATable", "Report", "Row", "Table", "clean_cell", "guess_columns", "read_table"]

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_UNPACKED = 60 * 1024 * 1024  # an XLSX is an archive: a small file may hold a very large table
MOST_ROWS = 200_000
MOST_COLUMNS = 500
NOTHING = {"", "null", "none", "n/a", "na", "nil", "-", "–", "—", "#n/a"}  # cells that say “nothing here”

# CSV cells may be long (photos as hexadecimal, whole letters); the file's size is the limit.
csv.field_size_limit(LARGEST_FILE)


class NotATable(Exception):
    """No table could be read; the message says why, for the person who has the file."""


@dataclass(frozen=True)
class Row:
    """One row by header; `number` is its line in the file, counted as people count (the header is line 1)."""

    number: int
    cells: dict

    def get(self, header):
        return self.cells.get(header, "") if header else ""


@dataclass
class Table:
    headers: list
    rows: list = field(default_factory=list)
    refused: list = field(default_factory=list)  # (line number, reason)
    torn: dict = field(
        default_factory=dict
    )  # line number of a refused row with too many cells: `Row` read from the left
    notes: list = field(default_factory=list)  # how the file was read, in words


def read_table(source, *, name=""):
    """A `Table` from bytes or a path; `NotATable` with a sentence when there is none."""
    if isinstance(source, (str, Path)):
        path = Path(source)
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise NotATable(too_large())
            content = path.read_bytes()
        except OSError as problem:
            raise NotATable(
                _("“%(file)s” cannot be read: %(reason)s.") % {"file": path, "reason": problem.strerror}
            ) from None
    else:
        content = bytes(source)
    if len(content) > LARGEST_FILE:
        raise NotATable(too_large())
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise NotATable(_("This file is empty."))
    if content[:4] == b"PK\x03\x04":
        return _from_rows(*_xlsx_rows(content))
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise NotATable(_("This is an old XLS workbook. Save it as XLSX or CSV and try again."))
    return _from_rows(*_csv_rows(content))


def too_large():
    return _("This file is larger than 20 MB. Split it and import the parts one after the other.")


def clean_cell(value):
    """A cell as plain text: no spaces around it, and nothing where it only says “nothing here”."""
    text = str(value).replace("\u00a0", " ").strip()
    return "" if text.casefold() in NOTHING else text


def _decoded(content):
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return content.decode("utf-16"), [_("Read as UTF-16.")]
        except UnicodeDecodeError:
            raise NotATable(_("We could not read a table in this file. Save it as CSV or XLSX.")) from None
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    # cp1252 leaves five bytes undefined; Latin-1 reads everything.
    for encoding in ("cp1252", "latin-1"):
        try:
            return content.decode(encoding), [_("Read as Latin-1 (Western European). Check names with accents.")]
        except UnicodeDecodeError:
            continue
    raise AssertionError("Latin-1 reads every byte")


def _separator(text):
    """The separator of the header line, outside quotes."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    counts = {separator: bare.count(separator) for separator in (",", ";", "\t", "|")}
    best = max(counts, key=counts.get)
    return best if counts[best] else ","


def _csv_rows(content):
    if b"\0" in content and content[:2] not in (b"\xff\xfe", b"\xfe\xff") and content.count(b"\0") > len(content) // 10:
        raise NotATable(_("We could not read a table in this file. Save it as CSV or XLSX."))
    text, notes = _decoded(content)
    separator = _separator(text)
    if separator != ",":
        names = {";": _("semicolons"), "\t": _("tabs"), "|": _("bars")}
        notes.append(_("Columns are separated by %(separator)s.") % {"separator": names[separator]})
    return _numbered(text, separator), notes


def _numbered(text, separator):
    """(line number, cells or a reason) of each row; a row that cannot be read does not stop the others."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield line, str(problem)
        else:
            yield line, cells
        line = reader.line_num + 1


def _xlsx_rows(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        raise NotATable(_("This workbook is damaged. Open it, save it again as XLSX or CSV, and try again.")) from None
    if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED or len(entries) > 2000:
        raise NotATable(_("This workbook is too large once unpacked. Save the sheet as CSV and try again."))
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise NotATable(_("We could not read a table in this file. Save it as CSV or XLSX."))
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [
            (number, ["" if value is None else _cell_text(value) for value in cells])
            for number, cells in enumerate(sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 2), 1)
        ]
        names = book.sheetnames
        book.close()
    except Exception:  # openpyxl raises whatever a damaged file makes it trip over
        raise NotATable(_("This workbook is damaged. Open it, save it again as XLSX or CSV, and try again.")) from None
    notes = [_("Only the first sheet, “%(sheet)s”, was read.") % {"sheet": names[0]}] if len(names) > 1 else []
    return iter(rows), notes


def _cell_text(value):
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a spreadsheet keeps 17 as 17.0
    return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)


def _from_rows(numbered, notes):
    headers = next(
        (cells for _line, cells in numbered if isinstance(cells, list) and any(map(clean_cell, cells))), None
    )
    if headers is None:
        raise NotATable(_("This file is empty."))
    headers = [clean_cell(cell) for cell in headers]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > MOST_COLUMNS:
        raise NotATable(_("This file has more than %(number)d columns.") % {"number": MOST_COLUMNS})
    if any(not _is_text(cell) for cell in headers):
        raise NotATable(_("We could not read a table in this file. Save it as CSV or XLSX."))
    table = Table(headers=headers, notes=notes)
    for line, cells in numbered:
        if isinstance(cells, str):
            table.refused.append((line, _("This row cannot be read: %(problem)s.") % {"problem": cells}))
        elif any(map(clean_cell, cells)):
            _add(table, line, cells)
        if len(table.rows) > MOST_ROWS:
            raise NotATable(_("This file has more than %(number)d rows. Split it.") % {"number": MOST_ROWS})
    if not table.rows and not table.refused:
        table.notes.append(_("There are no rows under the header."))
    return table


def _add(table, line, cells):
    cells = _rejoined(cells, len(table.headers))
    extra = len(cells) - len(table.headers)
    if extra > 0 and any(cell.strip() for cell in cells[len(table.headers) :]):
        reason = ngettext(
            "This row has %(extra)d cell more than the header. Is a text with a comma missing its quotes?",
            "This row has %(extra)d cells more than the header. Is a text with a comma missing its quotes?",
            extra,
        )
        table.refused.append((line, reason % {"extra": extra}))
        if all(map(_is_text, cells)):
            table.torn[line] = _row(table, line, cells)
    elif any(not _is_text(cell) for cell in cells):
        table.refused.append((line, _("This row holds a NUL or another character that is not text.")))
    else:
        table.rows.append(_row(table, line, cells))


def _row(table, line, cells):
    cells = [clean_cell(cell) for cell in cells] + [""] * (len(table.headers) - len(cells))
    named = {}
    for header, cell in zip(table.headers, cells, strict=False):
        if header:
            named.setdefault(header, cell)  # the first of two columns with one name counts
    return Row(number=line, cells=named)


def _rejoined(cells, wanted):
    """Put a text back together whose comma had no quotes round it (“24, place Kléber”).

    Only when that explains the row exactly: as many cells too many as there are cells that begin with a space.
    """
    extra = len(cells) - wanted
    torn = [at for at, cell in enumerate(cells) if at and cell[:1] == " " and cell.strip()]
    if extra < 1 or len(torn) != extra:
        return cells
    joined = []
    for at, cell in enumerate(cells):
        if at in torn:
            joined[-1] += "," + cell
        else:
            joined.append(cell)
    return joined


def _is_text(cell):
    return not any(
        character == "\0" or unicodedata.category(character) == "Cs" or (character < " " and character not in "\t\r\n")
        for character in cell
    )


# ------------------------------------------------------------------ columns


def plain_header(text):
    """“Company Name”, “company_name” and “CompanyName” are the same column."""
    text = unicodedata.normalize("NFKD", text)
    return "".join(c for c in text if c.isalnum()).casefold()


def guess_columns(headers, wanted):
    """{field: header} for the fields that have a column, by name.

    `wanted` is {field: [synonyms, best first]}; case, spaces, underscores and camelCase do not matter. Each column is
    used once; fields earlier in `wanted` choose first.
    """
    known = {}
    for header in headers:
        known.setdefault(plain_header(header), header)
    guessed = {}
    for name, synonyms in wanted.items():
        for synonym in [name, *synonyms]:
            header = known.get(plain_header(synonym))
            if header and header not in guessed.values():
                guessed[name] = header
                break
    return guessed

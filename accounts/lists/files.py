"""A list as a file: exactly what it shows on all its pages, or what was ticked, in the columns that were chosen."""

from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import jobs, spreadsheets
from accounts.jobs import files
from accounts.lists import columns, kinds, picks
from accounts.spreadsheets import CHUNK, MOST_IN_XLSX

MOST_NOW = 2000  # rows; more become a job
ENDINGS = ("csv", "xlsx")


def register():
    jobs.register("lists.export", run, refused=refused)


def heads(shown):
    return [str(column.label) for column in shown]


def rows(listing, keys, shown):
    """The cells of these rows in their order, read a part at a time."""
    while part := list(islice(keys, CHUNK)):
        for line in listing.lines(part, shown):
            yield [plain(column.value(line)) for column in shown]


def plain(value):
    """Numbers and moments as they are, on the reader's clock; the rest as text."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def keys_of(found):
    return found.values_list("pk", flat=True).iterator(chunk_size=CHUNK)


def name_of(kind, ending, *, now):
    return f"{kind.file_name or kind.page}-{timezone.localdate(now):%Y-%m-%d}.{ending}"


def answer(kind, selection, shown, *, ending, now):
    """The file at once."""
    cells = rows(selection.listing, keys_of(selection.found), shown)
    name = name_of(kind, ending, now=now)
    if ending == "csv":
        return spreadsheets.csv_answer(spreadsheets.csv_lines(heads(shown), cells), name)
    sheet = spreadsheets.Sheet(str(kind.title)[:31], heads(shown), cells)
    return spreadsheets.xlsx_answer(spreadsheets.xlsx_file([sheet]), name)


def start(kind, *, query, shown, ending, by, total):
    """The file by a worker, to be had on the page of prepared files."""
    data = {"page": kind.page, "query": query, "columns": [column.key for column in shown], "ending": ending}
    data["hidden"] = kind.hidden(by)
    title = _("Export: %(rows)s") % {"rows": kind.count(total)}
    return jobs.start("lists.export", by=by, title=title, data=data, total=total)


def run(job):
    """Write the file anew from its first row: half of one is of no use to anybody."""
    now = timezone.now()
    kind, ending = kinds.get(job.data["page"]), job.data["ending"]
    known = columns.by_key(kind)
    shown = [known[key] for key in job.data["columns"] if key in known]
    selection = picks.read(kind, QueryDict(job.data["query"]), user=job.by, now=now)
    keys = keys_of(selection.found if ending == "csv" else selection.found[:MOST_IN_XLSX])
    cells = _told(job, rows(selection.listing, keys, shown))
    if ending == "csv":
        pieces = (line.encode() for line in spreadsheets.csv_lines(heads(shown), cells))
        name = files.keep(job, pieces, ending=ending)
    else:
        sheet = spreadsheets.Sheet(str(kind.title)[:31], heads(shown), cells)
        with spreadsheets.xlsx_file([sheet]) as file:
            name = files.keep(job, iter(lambda: file.read(1 << 16), b""), ending=ending)
    job.step(job.total, _("The file is ready."))
    job.file, job.result = name, {"name": name_of(kind, ending, now=now)}
    job.save(update_fields=["file", "result"])


def _told(job, cells):
    """The same rows, with a word of how far it is every now and then."""
    for number, row in enumerate(cells, 1):
        if number % 500 == 0:
            job.step(number, total=max(job.total, number))
        yield row


def refused(job, user):
    """A file that holds what has been closed to its owner since is not given out any more."""
    kind = kinds.get(job.data["page"])
    closed = set(kind.hidden(user)) - set(job.data.get("hidden", []))
    if closed:
        return _("Since this file was made, some of what it may hold was closed to you. Export it again.")
    return ""

"""Promises from a file: ours, agreed, and accepted when the row says that they are done.

Everything is judged before anything is written, then written in batches. A number (an order, a ticket) makes a promise
known; without one client, what, made and due do. Known ones take what the file says now and did not say last time
(import_changes.py), so the same file again changes nothing. Nobody is mailed about history: what lies so far back that
the clock would have called it broken is imported as broken, and what is late is flagged already.
"""

from django import forms
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms import PlainForm
from accounts.import_report import Report
from accounts.models import Origin, User
from accounts.table_dates import Dates
from promises.import_changes import Known, event_of, in_parts, told_done
from promises.import_columns import COLUMNS, DATES, SAMPLE, certain_up_to_the_tear, find_columns, is_order
from promises.import_rows import RefusedRow, Rows
from promises.models import AgreedHow, Promise, PromiseError, PromiseEvent
from promises.models.promise import new_promise_id

Kind = PromiseEvent.Kind
CLIENTS_OWNER = "client"  # in place of a person: rows that name nobody belong to the owner of their client


def import_promises(table, *, now, by=None, owner=None, date_order="", dry_run=False):
    """Take the rows of a table as promises. Answers the report.

    `owner` answers for rows that name nobody: a user, or CLIENTS_OWNER. `date_order` says what comes first in dates
    such as 3/4/2026, "day" or "month", when the file itself leaves it open.
    """
    options = {"now": now, "by": by, "owner": owner, "date_order": date_order, "dry_run": dry_run}
    try:
        with transaction.atomic():
            return _import(table, **options)
    except IntegrityError:
        # Somebody imported the same file at the same time: now everything of theirs is found.
        with transaction.atomic():
            return _import(table, **options)


def _import(table, *, now, by, owner, date_order, dry_run):
    columns = find_columns(table.headers)
    report = Report(
        what=_("promises"),
        dry_run=dry_run,
        notes=list(table.notes),
        columns=columns,
        left_out=[header for header in table.headers if header and header not in columns.values()],
    )
    if missing := _missing(columns):
        report.refuse(1, "", missing % {"names": ", ".join(table.headers)})
        return report
    rows = _readable(table, columns, report)
    dates = Dates(order=date_order)
    for row in rows:
        for name in DATES:
            dates.learn(row.get(columns.get(name)))
    people = {"owner": None if owner == CLIENTS_OWNER else owner, "clients_owner": owner == CLIENTS_OWNER}
    reader = Rows(columns=columns, dates=dates, now=now, order=is_order(columns), **people)
    taken = []
    for row in rows:
        try:
            taken.append(reader.read(row))
        except RefusedRow as refusal:
            _refuse(report, table, row, columns, str(refusal))
    known = Known(taken, by=by, now=now)
    writer = Writer(by=by, now=now, reader=reader)
    for one in taken:
        _sort_in(one, known, writer, report)
    _remark(report, writer, rows, table, columns)
    if not dry_run:
        writer.write()
        _carry_out(known, report)
    return report


def _missing(columns):
    if not columns.keys() & {"client", "client_external_id"}:
        return _("No column holds a client. Columns found: %(names)s.")
    if "due" not in columns:
        return _("No column holds the date by which it is due. Columns found: %(names)s.")
    if "what" not in columns and not is_order(columns):
        return _("No column says what was promised. Columns found: %(names)s.")
    return ""


def _readable(table, columns, report):
    """The rows in their order, with those torn apart behind everything we look at; the others are refused."""
    certain = certain_up_to_the_tear(table.headers, columns)
    for number, reason in table.refused:
        if not (certain and number in table.torn):
            report.refuse(number, "", reason)
    torn = table.torn.values() if certain else ()
    return sorted([*table.rows, *torn], key=lambda row: row.number)


def _refuse(report, table, row, columns, reason):
    if row.number in table.torn:  # then the tear is what should be mended
        reason = next(why for number, why in table.refused if number == row.number)
    name = next(filter(None, (row.get(columns.get(field)) for field in ("what", "external_id"))), "")
    report.refuse(row.number, name[:300], reason)


def _sort_in(taken, known, writer, report):
    try:
        promise = known.find(taken)
        if promise is None:
            writer.add(taken)
            report.add_new(taken.number, taken.what)
        elif changes := known.compare(promise, taken):
            report.add_changed(taken.number, promise.what, changes)
        else:
            report.add_same(taken.number, promise.what)
    except RefusedRow as refusal:
        report.refuse(taken.number, taken.what, str(refusal))


def _remark(report, writer, rows, table, columns):
    torn = sum(row.number in table.torn for row in rows)
    if torn:
        words = ngettext(
            "%d row has more cells than the header; everything needed stands before them and was read.",
            "%d rows have more cells than the header; everything needed stands before them and was read.",
            torn,
        )
        report.notes.append(words % torn)
    if "what" not in columns:
        report.notes.append(_("No column says what was promised: it is called “Ship order” with its number."))
    if writer.broken:
        words = ngettext(
            "%d was not done and is so long overdue that it counts as broken.",
            "%d were not done and are so long overdue that they count as broken.",
            writer.broken,
        )
        report.notes.append(words % writer.broken)


def _carry_out(known, report):
    """Write the changes; where somebody was faster on the page, the row is refused with their words."""
    for taken, act in known.acts:
        try:
            with transaction.atomic():
                act()
        except PromiseError as problem:
            report.changed = [line for line in report.changed if line.number != taken.number]
            report.refuse(taken.number, taken.what, str(problem.words))
    known.write_events()


class Writer:
    """Collects new promises with their stories, and writes them in batches."""

    def __init__(self, *, by, now, reader):
        self.by, self.now, self.reader = by, now, reader
        self.promises, self.stories = [], []
        self.broken = 0

    def add(self, taken):
        promise = Promise(
            client=taken.client, owner=taken.owner, promisor_user=taken.owner, promisee_contact=taken.contact,
            what=taken.what, done_when=taken.done_when, importance=taken.importance or Promise.Importance.NORMAL,
            due_date=taken.due_date, due_time=taken.due_time, due_zone=taken.zone, due_at=taken.due_at,
            first_due_at=taken.due_at, agreed_at=taken.made_at, agreed_how=AgreedHow.WRITTEN,
            external_id=taken.external_id or None, origin=Origin.IMPORT, created_by=self.by or taken.owner,
            created_at=self.now,
        )  # fmt: skip
        due = taken.due_at.isoformat()
        story = [(Kind.MADE, taken.made_at, {"due": due, "said": taken.said})]
        if taken.done_at:
            promise.state = Promise.State.KEPT
            promise.done_at = promise.delivered_at = promise.ended_at = taken.done_at
            story += told_done(taken.done_at)
        elif broken_at := self.reader.broken_at(taken):
            self.broken += 1
            promise.state, promise.ended_at = Promise.State.BROKEN, broken_at
            days = 2 * self.reader.firm.broken_after_days
            story.append((Kind.BROKEN, broken_at, {"reason": "", "days": days, "from": "active"}))
        elif taken.due_at < self.now:
            promise.overdue_flagged_at = self.now
            story.append((Kind.OVERDUE, self.now, {"due": due}))
        self.promises.append(promise)
        self.stories.append(story)

    def write(self):
        for promises, stories in zip(in_parts(self.promises), in_parts(self.stories), strict=True):
            _give_free_ids(promises)
            Promise.objects.bulk_create(promises)
            PromiseEvent.objects.bulk_create(
                event_of(promise, *told)
                for promise, story in zip(promises, stories, strict=True)
                for told in story
            )  # fmt: skip


def _give_free_ids(promises):
    """Among a million short ids chance meets one that is there already."""
    while True:
        wanted = {promise.public_id: promise for promise in promises}
        used = set(Promise.objects.filter(public_id__in=wanted).values_list("public_id", flat=True))
        again = [
            promise for promise in promises if promise.public_id in used or wanted[promise.public_id] is not promise
        ]
        if not again:
            return
        for promise in again:
            promise.public_id = new_promise_id()


# ------------------------------------------------------------------ the page


def _owner_choices():
    people = User.objects.active().order_by("name").values_list("public_id", "name")
    return [("", _("Nobody: refuse those rows")), (CLIENTS_OWNER, _("The owner of their client")), *people]


class OptionsForm(PlainForm):
    """What the page asks beside the file."""

    owner = forms.ChoiceField(
        label=gettext_lazy("Owner of rows that name none"), choices=_owner_choices, required=False
    )
    date_order = forms.ChoiceField(
        label=gettext_lazy("A date such as 3/4/2026 is"),
        choices=[
            ("", gettext_lazy("as the other rows say, else refused")),
            ("day", gettext_lazy("3 April: the day comes first")),
            ("month", gettext_lazy("4 March: the month comes first")),
        ],
        required=False,
    )


class PromiseImporter:
    """What the import page needs to know about promises."""

    what = "promises"
    page = "import_promises"
    title = gettext_lazy("Import promises")
    lede = gettext_lazy(
        "What we promised clients, from a file, with what became of it. Nobody is mailed; the same file again changes "
        "nothing."
    )
    columns = COLUMNS
    sample = SAMPLE
    done_url = "promises"
    options_form = OptionsForm

    def run(self, table, *, by, now, dry_run, owner="", date_order=""):
        if owner and owner != CLIENTS_OWNER:
            owner = User.objects.active().filter(public_id=owner).first()
        return import_promises(table, now=now, by=by, owner=owner or None, date_order=date_order, dry_run=dry_run)

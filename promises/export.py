"""Promises as a table for spreadsheets."""

import csv
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import Workspace

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value):
    """A spreadsheet must show this, not run it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def write_csv(out, promises, *, now):
    out.write("\ufeff")  # spreadsheets then read it as UTF-8
    writer = csv.writer(out)
    writer.writerow(
        [
            _("Id"), _("Client"), _("Who promised"), _("With"), _("Owner"), _("What"), _("Done when"), _("State"),
            _("Outcome"), _("First due"), _("Due"), _("Time zone"), _("Done"), _("Moved"), _("Reason"), _("Importance"),
        ]
    )  # fmt: skip
    broken_after = Workspace.current().broken_after_days
    for promise in promises.iterator(chunk_size=500):
        row = [
            promise.public_id, promise.client.name, promise.get_direction_display(),
            promise.contact.name if promise.contact else "", promise.owner.name, promise.what, promise.done_when,
            promise.get_state_display(), promise.outcome(now, broken_after=broken_after).label,
            _stamp(promise.first_due_at, promise), _stamp(promise.due_at, promise), promise.due_zone,
            _stamp(promise.done_at, promise), promise.moves,
            promise.get_reason_display() if promise.reason else "", promise.get_importance_display(),
        ]  # fmt: skip
        writer.writerow([safe_cell(value) for value in row])


def _stamp(moment, promise):
    """The moment on the clock the promise is meant in."""
    return moment.astimezone(ZoneInfo(promise.due_zone)).strftime("%Y-%m-%d %H:%M") if moment else ""

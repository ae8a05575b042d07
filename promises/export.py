"""Promises as a table for spreadsheets: CSV, and XLSX with real dates. Neither holds all rows in memory."""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts import spreadsheets
from accounts.spreadsheets import CHUNK, MOST_IN_XLSX, Sheet
from promises.judging import outcome_case
from promises.models import Promise
from promises.models.words import Direction, Reason
from promises.outcomes import Outcome

__all__ = ["MOST_IN_XLSX", "csv_lines", "heads", "rows", "xlsx_file"]

WIDTHS = (12, 26, 16, 20, 20, 44, 30, 14, 24, 17, 17, 18, 17, 8, 24, 12)
READ = (
    "public_id", "client__name", "direction", "promisee_contact__name", "promisor_contact__name", "owner__name", "what",
    "done_when", "state", "came_out", "first_due_at", "due_at", "due_zone", "done_at", "moves", "reason", "importance",
)  # fmt: skip


CHOICES = (Direction, Promise.State, Outcome, Reason, Promise.Importance)


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
    return spreadsheets.csv_lines(heads(), rows(promises, now=now))


def xlsx_file(promises, *, now):
    """A temporary file, at its start."""
    return spreadsheets.xlsx_file([Sheet(_("Promises"), heads(), rows(promises, now=now), WIDTHS)])

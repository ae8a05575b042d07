"""Who is asked in a round, as a table for spreadsheets: state, reason and dates of each, written while it is read."""

import csv

from django.utils.translation import gettext as _

from surveys.models import Invitation

CHUNK = 2000
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
STAMP = "%Y-%m-%d %H:%M"
READ = (
    "public_id", "client__name", "contact__name", "contact__email", "contact__survey_part", "client__owner__name",
    "state", "hold_reason", "overdue_reason", "send_at", "invited_at", "started_at", "submitted_at",
)  # fmt: skip


def heads():
    return [
        _("Id"), _("Client"), _("Person"), _("E-mail"), _("Part played"), _("Owner"), _("State"), _("Held because"),
        _("Overdue because"), _("Goes out from"), _("Sent"), _("Begun"), _("Answered"),
    ]  # fmt: skip


def lines(invitations, *, zone):
    """The file as pieces of text; moments are on the firm's clock."""
    writer = csv.writer(_Echo())
    words = _words()
    yield "\ufeff" + writer.writerow(heads())
    found = invitations.order_by("client__search_text", "contact__name", "pk").values_list(*READ)
    for row in found.iterator(chunk_size=CHUNK):
        yield writer.writerow(_cells(row, words, zone))


def _words():
    parts = Invitation._meta.get_field("contact").related_model.SurveyPart.choices
    return [
        {value: str(label) for value, label in choices}
        for choices in (parts, Invitation.State.choices, Invitation.OverdueReason.choices)
    ]


def _cells(row, words, zone):
    parts, states, reasons = words
    read = dict(zip(READ, row, strict=True))
    read["contact__survey_part"] = parts.get(read["contact__survey_part"], "")
    read["state"] = states.get(read["state"], "")
    read["overdue_reason"] = reasons.get(read["overdue_reason"], "")
    return [_safe(value.astimezone(zone).strftime(STAMP) if hasattr(value, "astimezone") else value)
            for value in read.values()]  # fmt: skip


def _safe(value):
    """A spreadsheet must show this, not run it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(DANGEROUS) else text


class _Echo:
    def write(self, line):
        return line

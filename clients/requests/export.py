"""Requests as a table for spreadsheets. Moments are on the reader's clock."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.spreadsheets import CHUNK, Sheet
from accounts.spreadsheets import xlsx_file as as_file
from clients.models import Request

READ = (
    "public_id", "client__name", "contact__name", "text", "channel", "urgency", "assignee__name", "asked_at",
    "first_due_at", "first_answered_at", "answer_minutes", "waiting_since", "answer_due_at", "closed_how", "closed_why",
)  # fmt: skip
MOMENTS = {"asked_at", "first_due_at", "first_answered_at", "waiting_since", "answer_due_at"}
CHOICES = {"channel": Request.Channel, "urgency": Request.Urgency, "closed_how": Request.Closed}
WIDTHS = (14, 26, 20, 60, 12, 10, 20, 17)


def heads():
    return [
        _("Id"), _("Client"), _("Who asked"), _("What they ask"), _("How"), _("Urgency"), _("Who answers"), _("Asked"),
        _("First due"), _("First answered"), _("Working minutes until the first answer"), _("Waiting since"),
        _("Due now"), _("How it ended"), _("Why no reply is needed"),
    ]  # fmt: skip


def rows(requests):
    labels = {name: {value: str(label) for value, label in choices.choices} for name, choices in CHOICES.items()}
    found = requests.values_list(*READ)
    return (
        [_cell(name, value, labels) for name, value in zip(READ, row, strict=True)] for row in found.iterator(CHUNK)
    )


def _cell(name, value, labels):
    if name in MOMENTS:
        return timezone.localtime(value).replace(tzinfo=None, microsecond=0) if value else None
    if name in labels:
        return labels[name].get(value, "")
    return "" if value is None and name != "answer_minutes" else value


def xlsx_file(requests):
    return as_file([Sheet(_("Requests"), heads(), rows(requests), WIDTHS)])

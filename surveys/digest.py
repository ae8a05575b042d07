"""What this room says in the daily digest and at once to our own people."""

from django.utils.translation import gettext_lazy as _

from outbox.kinds import STAFF, Kind
from outbox.kinds import register as register_kind
from promises.reminders import sections
from promises.reminders.sections import Section
from surveys import chasing, overdue


def register():
    """Called when the app starts."""
    register_kind(Kind(name=chasing.REMINDER, audience=STAFF, render=chasing.render, still_wanted=chasing.still_wanted))
    sections.register(
        # A belief is a person's own: nobody stands in for it.
        Section("beliefs", _("What will they answer?"), chasing.lines, counted=chasing.counted, deputies=False)
    )
    sections.register(Section("beliefs_missing", _("Beliefs that are missing"), chasing.missing_lines, deputies=False))
    sections.register(Section("overdue_answers", _("Survey answers overdue"), overdue.lines, counted=overdue.counted))

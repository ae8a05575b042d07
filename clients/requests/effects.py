"""What the settings about requests do, said with the moments of one example: asked on Friday at 16:30."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.quick import date_format
from accounts.worktime import Calendar
from clients.requests import clock


def effects(workspace, now):
    """A sentence by field, in the firm's own working time."""
    calendar = Calendar(zone=workspace.time_zone, country=workspace.country)
    asked = _friday(calendar, now)
    due = clock.due_at(calendar, asked, workspace.answer_hours)
    urgent = clock.due_at(calendar, asked, min(workspace.answer_hours_urgent, workspace.answer_hours))
    soon = clock.soon_at(calendar, asked, due, workspace.answer_soon_share)
    told = clock.due_at(calendar, due, workspace.answer_manager_hours)
    named = {
        "asked": _moment(asked, calendar),
        "due": _moment(due, calendar),
        "urgent": _moment(urgent, calendar),
        "soon": _moment(soon, calendar),
        "manager": _moment(told, calendar),
    }
    return {
        "answer_hours": _(
            "A request on %(asked)s is due %(due)s; if it is urgent, %(urgent)s. A client’s own time goes before it."
        )
        % named,
        "answer_soon_share": _(
            "Who answers it has a mail on %(soon)s, they and their deputy again when it is over, and a manager on "
            "%(manager)s."
        )
        % named,
    }


def _friday(calendar, now):
    """The next Friday that is worked, at 16:30."""
    day = calendar.local_date(now) + timedelta(days=(4 - calendar.local_date(now).weekday()) % 7)
    while not calendar.is_working_day(day):
        day += timedelta(days=7)
    return timezone.make_aware(datetime.combine(day, time(16, 30)), calendar.zone)


def _moment(moment, calendar):
    return date_format(moment.astimezone(calendar.zone), "l H:i")

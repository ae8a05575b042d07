"""Days of a round: working days of the firm, and mornings where people live."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Workspace
from accounts.worktime import Calendar, due_moment

MORNING = time(9)
DAY = timedelta(days=1)


def firm_calendar(workspace=None):
    """The firm's working days; reads the settings once when they are not given."""
    workspace = workspace or Workspace.current()
    return Calendar(zone=workspace.time_zone, country=workspace.country)


def zone_of(name):
    """The zone of that name, UTC where it is not one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def start_of_day(day, calendar):
    return datetime.combine(day, time(), calendar.zone)


def end_of_day(day, calendar):
    """The last moment of that day for the firm."""
    return due_moment(day, None, calendar.zone)


def last_day_with(working_days, *, today, calendar):
    """The latest day D such that so many working days have come since D by `today`."""
    return calendar.working_day_after(today + DAY, -working_days) - DAY

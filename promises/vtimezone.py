"""A time zone as calendar programs want it told: rules they understand, none of the zone's past."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
YEARS_BEFORE, YEARS_AFTER = 1, 4


def transitions(zone, first, last):
    """[(the moment in UTC, offset before, offset after)] of a zone, found day by day and then to the minute."""
    found, moment = [], first
    while moment < last:
        following = moment + timedelta(days=1)
        before, after = (each.astimezone(zone).utcoffset() for each in (moment, following))
        if before != after:
            low, high = moment, following
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
            at = high.replace(second=0, microsecond=0)
            found.append((at, before, after))
        moment = following
    return found


def yearly(moments, years):
    """The rule behind wall-clock moments, one a year, as (month, weekday as in “-1SU”); None where there is none."""
    same = {(each.month, each.weekday(), each.time()) for each in moments}
    if len(same) != 1 or sorted(each.year for each in moments) != list(years):
        return None
    month, weekday, _time = same.pop()
    if all(each.day + 7 > monthrange(each.year, each.month)[1] for each in moments):
        return month, f"-1{DAYS[weekday]}"
    nth = {(each.day - 1) // 7 + 1 for each in moments}
    return (month, f"{nth.pop()}{DAYS[weekday]}") if len(nth) == 1 else None


@lru_cache(maxsize=200)
def vtimezone(name, year):
    """The VTIMEZONE of a zone, right from the year before this one until three years after it."""
    zone = ZoneInfo(name)
    years = range(year - YEARS_BEFORE, year + YEARS_AFTER)
    start = datetime(years[0], 1, 1, tzinfo=UTC)
    found = transitions(zone, start, datetime(years[-1] + 1, 1, 1, tzinfo=UTC))
    told = Timezone()
    told.add("tzid", name)
    groups = {}
    for at, before, after in found:
        groups.setdefault((before, after), []).append((at + before).replace(tzinfo=None))
    rules = {key: yearly(moments, years) for key, moments in groups.items()}
    if not (groups and all(rules.values())):
        offset = start.astimezone(zone).utcoffset()
        told.add_component(_observance(zone, start.replace(tzinfo=None), offset, offset))
    for (before, after), moments in groups.items():
        part = _observance(zone, moments[0], before, after)
        if rules[before, after] and all(rules.values()):
            month, weekday = rules[before, after]
            part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": weekday})
        else:
            for moment in moments[1:]:
                part.add("rdate", moment)
        told.add_component(part)
    return told


def _observance(zone, starts, before, after):
    part = TimezoneDaylight() if after > before else TimezoneStandard()
    part.add("dtstart", starts)
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", after)
    part.add("tzname", (starts - before).replace(tzinfo=UTC).astimezone(zone).tzname())
    return part

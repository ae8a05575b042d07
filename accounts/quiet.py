"""Quiet hours: when a mail at once may wake somebody. Pure: no database."""

from datetime import datetime, timedelta

from django.utils import timezone


def quiet_until(now, *, zone, start, end):
    """When the quiet hours around `now` end in that zone, as a moment; None outside of them.

    From `start` to `end`, times of day, over midnight when `end` is the earlier one. The same time twice: never quiet.
    """
    here = now.astimezone(zone)
    at = here.time()
    if start == end or not (start <= at < end if start < end else at >= start or at < end):
        return None
    day = here.date() + timedelta(days=1) if at >= end else here.date()
    return timezone.make_aware(datetime.combine(day, end), zone)

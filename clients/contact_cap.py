"""One automatic mail per person at a client in so many working days, over all features."""

from datetime import datetime, time, timedelta

from django.db.models.functions import Coalesce

from outbox import kinds
from outbox.models import Email

GONE = (Email.State.FAILED, Email.State.BOUNCED, Email.State.CANCELLED)


def last_mails(addresses, *, now, calendar, gap):
    """{address: when it last had, or is about to have, an automatic mail} within the last `gap` working days."""
    if not gap:
        return {}
    first = calendar.working_day_after(calendar.local_date(now), -gap) + timedelta(days=1)
    since = datetime.combine(first, time(), calendar.zone)
    names = [kind.name for kind in kinds.known() if kind.audience == kinds.CLIENT and kind.automatic]
    mails = (
        Email.objects.filter(to_email__in=addresses, kind__in=names)
        .exclude(state__in=GONE)
        .annotate(moment=Coalesce("sent_at", "not_before", "created_at"))
        .filter(moment__gte=since)
        .order_by("moment")
    )
    return dict(mails.values_list("to_email", "moment"))

"""Days that matter with a client: the renewal, how long we have been partners, when somebody joined them."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SOON = 60  # days before a renewal that colour it


@dataclass(frozen=True)
class Day:
    what: str
    on: date
    words: str = ""
    level: str = ""
    mark: str = "calendar"


def dates_of(client, *, now):
    """What lies ahead, the nearest first; a renewal that has gone by stays until somebody sets the next."""
    today, days = timezone.localdate(now), []
    if client.renewal_on:
        days.append(_renewal(client.renewal_on, today))
    if client.partner_since and client.partner_since < today:
        on = anniversary(client.partner_since, today)
        years = on.year - client.partner_since.year
        words = ngettext("%d year together", "%d years together", years) % years
        days.append(Day(_("Anniversary"), on, words, mark="gift"))
    return sorted(days, key=lambda day: day.on)


def _renewal(on, today):
    left = (on - today).days
    if left < 0:
        words = ngettext("%d day ago", "%d days ago", -left) % -left
        return Day(_("Renewal"), on, words, "late", "refresh-cw")
    words = ngettext("in %d day", "in %d days", left) % left if left else _("today")
    return Day(_("Renewal"), on, words, "soon" if left <= SOON else "", "refresh-cw")


def anniversary(since, today):
    """The next time that day comes round, today included; 29 February is kept on the 28th."""
    for year in (today.year, today.year + 1):
        try:
            on = since.replace(year=year)
        except ValueError:
            on = since.replace(year=year, day=28)
        if on >= today:
            return on
    return on

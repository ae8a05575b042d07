"""Response times: everybody's for managers, everybody else reads their own. Every number opens its list."""

import calendar
from dataclasses import dataclass
from datetime import date

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.quick import date_format
from clients.models import Client, Request
from clients.requests import figures
from clients.requests.figures import Figures
from clients.requests.filters import start_of_day

MOST_CLIENTS = 50


@dataclass(frozen=True)
class Line:
    """One person, client or month: its name, its own page if any, its figures and what its lists ask for."""

    name: str
    url: str
    figures: Figures
    query: dict

    def _list(self, **more):
        return f"{reverse('requests')}?{urlencode({**self.query, **more})}"

    @property
    def asked_url(self):
        return self._list(state="all")

    @property
    def answered_url(self):
        return self._list(came="first")

    @property
    def counted_url(self):
        return self._list(came="counted")

    @property
    def late_url(self):
        return self._list(came="late")

    @property
    def waiting_url(self):
        return self._list()

    @property
    def over_url(self):
        return self._list(overdue="yes")


@require_GET
def request_figures(request):
    now = timezone.now()
    today = timezone.localdate(now)
    period = request.GET.get("period", "")
    period = period if period in figures.PERIODS else figures.USUAL
    since = figures.since_of(period, today)
    found = Request.objects.visible_to(request.user).kept()
    query = {}
    if not request.user.is_manager:
        found, query = found.filter(assignee=request.user), {"assignee": request.user.public_id}
    if since:
        found, query = found.filter(asked_at__gte=start_of_day(since)), {**query, "since": since.isoformat()}
    people = figures.by(found, "assignee", now=now)
    of_clients = figures.by(found, "client", now=now)
    slowest = sorted(of_clients, key=lambda pk: (-of_clients[pk].late, -of_clients[pk].counted, pk))[:MOST_CLIENTS]
    months = figures.by_month(found, now=now, zone=timezone.get_current_timezone())
    context = {
        "all": Line("", "", figures.of(found, now=now), query),
        "periods": figures.PERIODS.items(),
        "period": period,
        "people": _lines(people, User.objects.in_bulk(list(people)), "assignee", query),
        "clients": _lines({pk: of_clients[pk] for pk in slowest}, Client.objects.in_bulk(slowest), "client", query),
        "more_clients": len(of_clients) > len(slowest),
        "months": [_month(day, found, query, since) for day, found in sorted(months.items(), reverse=True)],
    }
    return render(request, "clients/requests/figures.html", context)


def _lines(found, records, name, query):
    lines = []
    for pk, numbers in found.items():
        record = records[pk]
        url = record.get_absolute_url() if name == "client" else ""
        lines.append(Line(record.name, url, numbers, {**query, name: record.public_id}))
    return lines if name == "client" else sorted(lines, key=lambda line: line.name)


def _month(day, numbers, query, since):
    last = date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])
    days = {"since": max(day, since or day).isoformat(), "until": last.isoformat()}
    return Line(date_format(day, "F Y"), "", numbers, {**query, **days})

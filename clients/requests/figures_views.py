"""Response times: everybody's for managers, everybody else reads their own. Every number opens its list."""

import calendar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.shortcuts import render
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.quick import date_format, path_to, percent, query_string
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

    @cached_property
    def _start(self):
        """Of the addresses of its lists; they are many, so what they share is written once."""
        return f"{_list_address(get_script_prefix())}?{query_string(self.query)}"

    def _list(self, more=""):
        return f"{self._start}{'&' if self.query and more else ''}{more}"

    @property
    def asked_url(self):
        return self._list("state=all")

    @property
    def answered_url(self):
        return self._list("came=first")

    @property
    def counted_url(self):
        return self._list("came=counted")

    @property
    def late_url(self):
        return self._list("came=late")

    @property
    def waiting_url(self):
        return self._list()

    @property
    def over_url(self):
        return self._list("overdue=yes")

    @property
    def row(self):
        """Of the table: a firm has hundreds of people, so it is put together here."""
        found, start = self.figures, escape(self._start)
        start += "&amp;" if self.query else ""
        late, waiting, share = found.late, found.waiting, found.percent
        name = f'<a href="{escape(self.url) or f"{start}state=all"}">{escape(self.name)}</a>'
        return SafeString(
            f'<tr data-row><th scope="row">{name}</th>'
            f'<td class="n"><a href="{start}state=all">{_number(found.asked)}</a></td>'
            f'<td class="n">{found.median_words}</td><td class="n">{found.p90_words}</td><td class="n">'
            + (NOTHING if share is None else f'<a href="{start}came=counted">{percent(share)}</a>')
            + '</td><td class="n">'
            + (f'<a class="t-late" href="{start}came=late">{_number(late)}</a>' if late else ZERO)
            + '</td><td class="n">'
            + (f'<a href="{escape(self._start)}">{_number(waiting)}</a>' if waiting else ZERO)
            + "</td></tr>"
        )


NOTHING, ZERO = '<span class="muted">–</span>', '<span class="muted">0</span>'


@lru_cache(maxsize=10)
def _list_address(_prefix):
    return reverse("requests")


def _number(number):
    return number if number < 1000 else localize(number)


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
    clients, more_clients = figures.slowest(found, "client", now=now, most=MOST_CLIENTS)
    months = figures.by_month(found, now=now, zone=timezone.get_current_timezone())
    context = {
        "all": Line("", "", figures.all_of(people.values()), query),
        "periods": figures.PERIODS.items(),
        "period": period,
        "people": _lines(people, User, "assignee", query),
        "clients": _lines(clients, Client, "client", query),
        "more_clients": more_clients,
        "months": [_month(day, found, query, since) for day, found in sorted(months.items(), reverse=True)],
    }
    return render(request, "clients/requests/figures.html", context)


def _lines(found, model, name, query):
    lines, known = [], model.objects.filter(pk__in=list(found)).values_list("pk", "name", "public_id")
    known = {pk: (words, public_id) for pk, words, public_id in known}
    for pk, numbers in found.items():
        words, public_id = known[pk]
        url = path_to("client", public_id) if name == "client" else ""
        lines.append(Line(words, url, numbers, {**query, name: public_id}))
    return lines if name == "client" else sorted(lines, key=lambda line: line.name)


def _month(day, numbers, query, since):
    last = date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])
    days = {"since": max(day, since or day).isoformat(), "until": last.isoformat()}
    return Line(date_format(day, "F Y"), "", numbers, {**query, **days})

"""Occasions worth celebrating with a client: found by themselves, decided by a person. Nothing is sent by any of it.

Found are anniversaries of the day the partnership began, and words kept in a row at a client. What somebody decided
about an occasion (they said something, or let it go this time) is a `Celebration`; undoing takes the row away.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.large import counted
from accounts.prepared import prepared
from accounts.quick import date_format, in_words
from clients.models import Client
from partnerships.models import Celebration
from promises.filters import outcome_q
from promises.models import Promise

AHEAD, BEHIND = 14, 3  # days
DECIDED_FOR = timedelta(days=60)  # longer than an occasion is shown, and shorter than until the next
MILESTONES = (250, 100, 50, 25, 10)  # words kept in a row
MOST = 300  # occasions, or clients, read at once
BEGINNING = ("id", "public_id", "name", "search_text", "partner_since")
KEY = re.compile(r"(?P<kind>anniversary|streak)-(?P<number>\d{1,4})(?:-(?P<since>\d{8}))?")
Kind = Celebration.Kind


@dataclass(frozen=True)
class Occasion:
    """One thing worth celebrating, on its day."""

    client: Client
    kind: str
    key: str
    on: date
    number: int  # years, or words kept in a row
    today: date

    @property
    def mark(self):
        return "handshake" if self.kind == Kind.ANNIVERSARY else "trophy"

    @property
    def words(self):
        known = {"client": self.client.name, "n": capfirst(in_words(self.number))}
        if self.kind == Kind.ANNIVERSARY:
            return ngettext("%(n)s year with %(client)s", "%(n)s years with %(client)s", self.number) % known
        return _("%(number)d promises kept in a row at %(client)s") % {**known, "number": self.number}

    @property
    def when(self):
        """“Tomorrow”, “on Tuesday” for days behind, “Mon 23 Nov” ahead."""
        days = (self.on - self.today).days
        if days in (0, 1, -1):
            return {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}[days]
        if -7 < days < 0:
            return _("On %(weekday)s") % {"weekday": date_format(self.on, "l")}
        return date_format(self.on, "D j M" if self.on.year == self.today.year else "D j M Y")


# ------------------------------------------------------------------ anniversaries
def day_in(year, since):
    """The day of that year; who began on 29 February celebrates on the 28th in other years."""
    try:
        return since.replace(year=year)
    except ValueError:
        return since.replace(year=year, day=28)


def _days_q(first, last):
    """Clients whose partnership began on one of these days of some earlier year."""
    by_month = {}
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        by_month.setdefault(day.month, set()).add(day.day)
        if (day.month, day.day) == (2, 28):
            by_month[2].add(29)
    found = Q(pk__in=[])
    for month, days in by_month.items():
        found |= Q(partner_since__month=month, partner_since__day__in=sorted(days))
    return found & Q(partner_since__lt=date(last.year, 1, 1))


def anniversary_of(client, *, first, last, today):
    """The client's anniversary between these days, or None."""
    for year in {first.year, last.year}:
        on, years = day_in(year, client.partner_since), year - client.partner_since.year
        if first <= on <= last and years > 0:
            return Occasion(client, Kind.ANNIVERSARY, f"anniversary-{year}", on, years, today)
    return None


def anniversaries(clients, *, first, last, today):
    """Those of these clients from one day to another, the first first; in one query."""
    found = clients.current().exclude(partner_since=None).filter(_days_q(first, last)).select_related("owner")
    return _in_order(
        anniversary_of(client, first=first, last=last, today=today) for client in found.order_by("pk")[:MOST]
    )


def _in_order(occasions):
    return sorted((one for one in occasions if one), key=lambda one: (one.on, one.client.search_text))


# ------------------------------------------------------------------ words kept in a row
def _streaks(mine, *, since, now):
    """A row for each of these clients where a word was kept since then: how many in a row since one failed."""
    ours = Promise.objects.ours()
    good = outcome_q("kept", now) | outcome_q("moved_early", now)
    lately = ours.filter(client__in=mine, state=Promise.State.KEPT, ended_at__gte=since, ended_at__lte=now)
    failed = ours.filter(outcome_q("missed", now), client=OuterRef("client")).order_by("-first_due_at")
    kept = ours.filter(good, client__in=lately.values("client"))
    kept = kept.annotate(after=Subquery(failed.values("first_due_at")[:1]))
    kept = kept.filter(Q(after=None) | Q(first_due_at__gt=F("after"))).order_by()
    lately_decided = Celebration.objects.filter(client=OuterRef("client"), kind=Kind.STREAK, decided_at__gte=since)
    return (
        kept.values("client", "client__name", "client__public_id")
        .annotate(
            number=Count("id"),
            fresh=Count("id", filter=Q(ended_at__gte=since)),
            last=Max("ended_at"),
            first=Min("first_due_at"),
        )
        .exclude(Exists(lately_decided))
    )


@prepared
def _own_streaks(user, *, since, now):
    return _streaks(_own(user).values("pk"), since=since, now=now)


@prepared
def _team_streaks(user, *, since, now):
    return _streaks(_teams(user).current().values("pk"), since=since, now=now)


def _teams(user):
    return Client.objects.writable_by(user)


def _own(user):
    return Client.objects.visible_to(user).current().filter(owner=user)


def milestone(number, fresh):
    """The round number that was reached by the fresh ones; None when none was."""
    return next((one for one in MILESTONES if number - fresh < one <= number), None)


def _reached(rows, *, today):
    for row in rows:
        if number := milestone(row["number"], row["fresh"]):
            client = Client(pk=row["client"], name=row["client__name"], public_id=row["client__public_id"])
            key = f"streak-{number}-{timezone.localdate(row['first']):%Y%m%d}"
            yield Occasion(client, Kind.STREAK, key, timezone.localdate(row["last"]), number, today)


# ------------------------------------------------------------------ found, and not decided
def found(user, *, now, team=False):
    """What waits for a decision around today: at this person's own clients, or at all they may write."""
    today = timezone.localdate(now)
    first, last = today - timedelta(days=BEHIND), today + timedelta(days=AHEAD)
    rows = (_team_streaks if team else _own_streaks)(user, since=now - timedelta(days=BEHIND), now=now)
    some = _undecided(user, first=first, last=last, today=today, decided=now - DECIDED_FOR, team=team)
    return sorted([*some, *_reached(rows, today=today)], key=lambda one: one.on)


def _undecided(user, *, first, last, today, decided, team):
    """Their anniversaries: of few clients looked for here, of very many by the database, for all managers at once."""
    if team and user.is_manager:
        clients = _not_decided(_teams(user).filter(pk__in=_near(first, last)), decided)
        return anniversaries(clients, first=first, last=last, today=today)
    rows = (_teams_beginnings if team else _own_beginnings)(user, decided=decided)
    if len(rows) > MOST:
        clients = _not_decided(_teams(user) if team else _own(user), decided)
        return anniversaries(clients, first=first, last=last, today=today)
    days = {(day.month, day.day) for day in (first + timedelta(days=n) for n in range((last - first).days + 1))}
    days |= {(2, 29)} if (2, 28) in days else set()
    since = BEGINNING.index("partner_since")
    near = (Client(**dict(zip(BEGINNING, row, strict=True))) for row in rows if _day_of(row[since]) in days)
    return _in_order(anniversary_of(client, first=first, last=last, today=today) for client in near)


def _near(first, last):
    """The ids of all clients with an anniversary on these days, whoever asks; of very many kept for a minute."""

    def look():
        newest = Subquery(Client.objects.order_by("-pk").values("pk")[:1])
        found = Client.objects.current().exclude(partner_since=None).filter(_days_q(first, last))
        return list(found.order_by().annotate(newest=newest).values_list("pk", "newest")[: 10 * MOST])

    found = counted(f"anniversaries {first} {last}", look, size=lambda found: found[0][1] if found else 0)
    return [pk for pk, _newest in found]


def _day_of(date):
    return date.month, date.day


def _not_decided(clients, decided):
    lately = Celebration.objects.filter(client=OuterRef("pk"), kind=Kind.ANNIVERSARY, decided_at__gte=decided)
    return clients.current().exclude(partner_since=None).exclude(Exists(lately))


def _beginnings(clients, decided):
    return _not_decided(clients, decided).order_by().values_list(*BEGINNING)[: MOST + 1]


@prepared
def _own_beginnings(user, *, decided):
    return _beginnings(_own(user), decided)


@prepared
def _teams_beginnings(user, *, decided):
    return _beginnings(_teams(user), decided)


def decided_among(occasions):
    """{(client, key): Celebration} of those that somebody decided about, in one query; in none where there are none."""
    if not occasions:
        return {}
    rows = Celebration.objects.filter(
        client__in={one.client.pk for one in occasions}, key__in={one.key for one in occasions}
    ).select_related("decided_by")
    return {(row.client_id, row.key): row for row in rows}


def occasion_at(client, key, *, today):
    """The occasion a key stands for at this client; None when it can be none of theirs."""
    match = KEY.fullmatch(key)
    if match is None:
        return None
    number = int(match["number"])
    if match["kind"] == Kind.ANNIVERSARY:
        if client.partner_since is None or match["since"] or not client.partner_since.year < number <= today.year + 1:
            return None
        on = day_in(number, client.partner_since)
        return Occasion(client, Kind.ANNIVERSARY, key, on, number - client.partner_since.year, today)
    if number not in MILESTONES or not match["since"]:
        return None
    return Occasion(client, Kind.STREAK, key, today, number, today)


# ------------------------------------------------------------------ verbs
@transaction.atomic
def decide(occasion, *, by, now, decided, words=""):
    """(the decision, whether it is this one): who decided first decided."""
    return Celebration.objects.get_or_create(
        client=occasion.client,
        key=occasion.key,
        defaults={
            "kind": occasion.kind,
            "on": occasion.on,
            "words": words,
            "decided": decided,
            "decided_at": now,
            "decided_by": by,
        },
    )


def take_back(celebration):
    """As if nobody had decided."""
    Celebration.objects.filter(pk=celebration.pk).delete()

"""My day: what needs a person today, read from every room, in one sentence and a few lists."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from inspect import signature
from itertools import islice

from django.db.models import F
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.prepared import prepared
from accounts.quick import in_words
from clients import listing, standing
from clients.follow_ups import rows as follow_ups
from clients.models import Client
from dashboard import day_requests
from dashboard.word import word_of
from promises.filters import start_of_day
from promises.models import Promise
from promises.rows import whole_rows, with_everybody
from promises.wording import Row

MINE, TEAM = "mine", "team"
WEEK_SHOWN = 7
LATE_SHOWN = 30
QUIET_SHOWN = 4
LOOKED_AT = 100  # clients of one owner; of more, the database looks for those gone quiet
LONGEST_SILENT = (F("last_two_way_at").asc(nulls_first=True), "pk")
SHOWN_OF_SILENT = {
    "id", "name", "public_id", "phone", "stage", "rhythm_days", "last_interaction_at", "last_two_way_at", "created_at",
    "archived_at",
}  # fmt: skip
OF_THE_SILENT = [field.name for field in Client._meta.concrete_fields if field.name in SHOWN_OF_SILENT]

_cards = []


def register_card(card, *, order=50):
    """Let a room add to the column beside the day: `card(user, now) -> (template, context)` or None for nothing.

    A card that takes `clients` too is given the clients of the team where the team's day is asked for.
    """
    if (order, card) not in _cards:
        _cards.append((order, card))


@dataclass
class Card:
    template: str
    context: dict


@dataclass
class Day:
    """Everything one page of My day shows."""

    user: User
    who: str
    now: datetime
    late: list = field(default_factory=list)
    today: list = field(default_factory=list)
    week: list = field(default_factory=list)
    late_count: int = 0
    week_count: int = 0
    delivered_count: int = 0
    requests: list = field(default_factory=list)
    requests_count: int = 0
    follow_ups: list = field(default_factory=list)
    follow_ups_count: int = 0
    quiet: list = field(default_factory=list)
    word: object = None
    cards: list = field(default_factory=list)
    longest_silent: Client | None = None
    is_first: bool = False

    @property
    def is_team(self):
        return self.who == TEAM

    @property
    def is_everybody(self):
        """The lists and figures of the whole firm stand behind it."""
        return self.is_team and self.user.is_manager

    @property
    def is_empty(self):
        """Nothing is asked of anybody in the lists."""
        return not (self.late or self.requests or self.today or self.week or self.follow_ups)

    @property
    def clients_waiting(self):
        """How many clients wait for an answer; of very many requests, how many requests there are."""
        if self.requests_count > len(self.requests):
            return self.requests_count
        return len({row.it.client_id for row in self.requests})

    @property
    def greeting(self):
        hour = timezone.localtime(self.now).hour
        name = self.user.first_name
        if hour < 12:
            return _("Good morning, %(name)s") % {"name": name}
        if hour < 18:
            return _("Good afternoon, %(name)s") % {"name": name}
        return _("Good evening, %(name)s") % {"name": name}

    @property
    def sentence(self):
        """The day in one sentence; what there is none of is not in it."""
        parts = []
        if self.late_count:
            words = ngettext("%s promise is late", "%s promises are late", self.late_count) % in_words(self.late_count)
            parts.append(words)
        if self.today:
            count = len(self.today)
            parts.append(ngettext("%s falls due today", "%s fall due today", count) % in_words(count))
        if self.delivered_count:
            count = self.delivered_count
            parts.append(
                ngettext("%s delivered waits for their word", "%s delivered wait for their word", count)
                % in_words(count)
            )
        if self.requests_count:
            count = self.clients_waiting
            said = ngettext(
                "<b>{} client is waiting</b> for an answer", "<b>{} clients are waiting</b> for an answer", count
            )
            number = in_words(count)
            parts.append(format_html(said, number if parts else capfirst(number)))
        if not parts:
            return ""
        if self.late_count:
            parts[0] = format_html("<b>{}</b>", capfirst(parts[0]))
        elif not isinstance(parts[0], SafeString):
            parts[0] = capfirst(parts[0])
        *most, last = parts
        if not most:
            return format_html("{}.", last)
        return format_html(_("{} and {}."), format_html_join(", ", "{}", ((part,) for part in most)), last)


def build(user, *, now, who=MINE, workspace, delivered=None, waiting=None):
    """The day of this person, or of the team: of everybody for a manager, else of the clients they own or work for.

    `delivered` and `waiting`: how many of their own are delivered, and how many of their requests wait, where that has
    been counted already.
    """
    day = Day(user=user, who=who, now=now)
    clients = Client.objects.writable_by(user) if day.is_team else None
    promises = Promise.objects.writable_by(user) if day.is_team else None
    _sort_in(day, promises)
    if day.is_team or delivered is None:
        theirs = Promise.objects.visible_to(user).of(user) if promises is None else promises
        delivered = theirs.delivered().count()
    day.delivered_count = delivered
    if day.is_team or waiting != 0:
        day_requests.add(day)
    day.follow_ups, day.follow_ups_count = ([], 0) if day.is_team else follow_ups.due_for(user, now=now)
    day.word = word_of(user, promises=promises if day.is_everybody else None, now=now, workspace=workspace)
    _add_quiet(day, workspace, clients)
    day.is_first = not day.is_team and day.is_empty and not (day.quiet or day.word.share.whole) and _has_no_clients(day)
    for _order, card in sorted(_cards, key=lambda each: each[0]):
        known = {"clients": clients} if day.is_team and "clients" in signature(card).parameters else {}
        if shown := card(user, now, **known):
            day.cards.append(Card(*shown))
    return day


def _due(promises, *, now, end):
    return promises.active().filter(due_at__lt=end).not_snoozed(now).order_by("due_at", "pk")[:300]


@prepared
def _own_due(user, *, now, end):
    return whole_rows(_due(Promise.objects.visible_to(user).of(user), now=now, end=end))


def _sort_in(day, promises):
    """Late, today, the next seven days: one query, cut by the reader's own day."""
    now = day.now
    midnight = start_of_day(timezone.localdate(now) + timedelta(days=1))
    end = midnight + timedelta(days=7)
    if day.is_team:
        open_ones = list(_due(promises, now=now, end=end))
    else:
        open_ones = _own_due(day.user, now=now, end=end)
        for promise in open_ones:
            promise.owner = day.user
    rows = [Row(promise, now=now, user=day.user, can_write=True) for promise in open_ones]
    late = [row for row in rows if row.late]
    ahead = [row for row in rows if not row.late]
    # A promise due at the end of a day elsewhere is due on that day here too.
    today = timezone.localdate(now)
    due_today = [row.promise.due_at < midnight or row.promise.due_date <= today for row in ahead]
    day.today = [row for row, now_due in zip(ahead, due_today, strict=True) if now_due]
    day.today.sort(key=lambda row: (row.promise.due_at, not row.promise.is_ours))
    week = [row for row, now_due in zip(ahead, due_today, strict=True) if not now_due]
    day.late, day.late_count = late[:LATE_SHOWN], len(late)
    day.week, day.week_count = week[:WEEK_SHOWN], len(week)
    if day.is_team:
        with_everybody([row.promise for row in (*day.late, *day.today, *day.week)], known=[day.user])


@prepared
def _own_longest_silent(user):
    watched = (
        Client.objects.visible_to(user)
        .current()
        .filter(owner=user, stage__in=[Client.Stage.ACTIVE, Client.Stage.ONBOARDING])
    )
    return watched.order_by(*LONGEST_SILENT).values_list(*OF_THE_SILENT)[:LOOKED_AT]


def _those_quiet(rows, *, workspace, now):
    """The first clients past their rhythm; a record is made only of one that was silent longer than any rhythm asks."""
    last, added, rhythm = (OF_THE_SILENT.index(name) for name in ("last_two_way_at", "created_at", "rhythm_days"))
    least = timedelta(days=min((row[rhythm] or workspace.rhythm_days for row in rows), default=0))
    silent = (Client.from_db(None, OF_THE_SILENT, row) for row in rows if now - (row[last] or row[added]) > least)
    return list(islice((one for one in silent if standing.is_quiet(one, workspace=workspace, now=now)), QUIET_SHOWN))


def _add_quiet(day, workspace, clients):
    """Clients past their rhythm, longest silent first: where nobody spoke, and where we wrote and they did not."""
    clients = (Client.objects.visible_to(day.user).filter(owner=day.user) if clients is None else clients).current()
    silent = [] if day.is_team else _own_longest_silent(day.user)
    past = _those_quiet(silent, workspace=workspace, now=day.now)
    if day.is_team or (len(past) < QUIET_SHOWN and len(silent) == LOOKED_AT):
        past = listing.quiet(clients, workspace=workspace, now=day.now).order_by(*listing.LONGEST_SILENT)[:QUIET_SHOWN]
    day.quiet = [
        {
            "client": client,
            "days": standing.days_quiet(client, now=day.now),
            "rhythm": client.rhythm(workspace),
            "wrote": client.last_interaction_at if standing.is_unanswered(client) else None,
        }
        for client in past
    ]
    if day.is_empty and not day.quiet:
        day.longest_silent = clients.exclude(last_two_way_at=None).order_by("last_two_way_at").first()


def _has_no_clients(day):
    return not Client.objects.visible_to(day.user).filter(owner=day.user).exists()

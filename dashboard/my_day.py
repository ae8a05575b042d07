"""My day: what needs a person today, read from every room, in one sentence and a few lists."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from inspect import signature
from itertools import islice

from django.db.models import Count, Subquery, Value
from django.db.models.functions import Coalesce
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
from clients.models import LAST_SPOKE, Client
from clients.models.client import NEVER
from dashboard import day_requests
from dashboard.word import word_of
from promises.filters import start_of_day
from promises.models import Promise
from promises.rows import columns, made_of
from promises.wording import Row

MINE, TEAM = "mine", "team"
WEEK_SHOWN = 7
LATE_SHOWN = 30
QUIET_SHOWN = 4
FIRST_READ = 60  # promises due by then; of more, those late are counted, and those ahead read by themselves
AHEAD_READ = 270
LOOKED_AT = 100  # clients silent the longest; of more, the database looks for those gone quiet
SHOWN_OF_SILENT = {
    "id", "name", "public_id", "phone", "stage", "rhythm_days", "last_interaction_at", "last_two_way_at", "created_at",
    "archived_at",
}  # fmt: skip
OF_A_ROW, OF_A_TEAM_ROW = columns(), columns("owner__name")  # the first columns are the same
DUE_AT, DUE_DATE, DIRECTION = (OF_A_ROW.index(name) for name in ("due_at", "due_date", "direction"))
OF_THE_SILENT = [field.name for field in Client._meta.concrete_fields if field.name in SHOWN_OF_SILENT]

_cards = []


def register_card(card, *, order=50):
    """Let a room add to the column beside the day: `card(user, now) -> (template, context)` or None for nothing.

    A card that takes `team` too is told where the team's day is asked for.
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


def build(user, *, now, who=MINE, workspace, own):
    """The day of this person, or of the team: of everybody for a manager, else of the clients they own or work for.

    `own`: how many of their own promises are delivered, and how many of their requests wait, as the menu counted them.
    """
    day = Day(user=user, who=who, now=now)
    counts = _team_counts(user)[0] if day.is_team else own
    _sort_in(day)
    day.delivered_count = counts["delivered"]
    day_requests.add(day, counts["waiting"])
    day.follow_ups, day.follow_ups_count = ([], 0) if day.is_team else follow_ups.due_for(user, now=now)
    day.word = word_of(user, everybody=day.is_everybody, now=now, workspace=workspace)
    _add_quiet(day, workspace)
    day.is_first = not day.is_team and day.is_empty and not (day.quiet or day.word.share.whole) and _has_no_clients(day)
    for _order, card in sorted(_cards, key=lambda each: each[0]):
        known = {"team": True} if day.is_team and "team" in signature(card).parameters else {}
        if shown := card(user, now, **known):
            day.cards.append(Card(*shown))
    return day


def _number(rows):
    return Coalesce(Subquery(rows.order_by().values(one=Value(1)).annotate(n=Count("pk")).values("n")), 0)


@prepared
def _team_counts(user):
    return User.objects.filter(pk=user.pk).values(
        delivered=_number(Promise.objects.writable_by(user).delivered()), waiting=_number(day_requests.of_team(user))
    )


# ------------------------------------------------------------------ promises
def _own(user):
    return Promise.objects.visible_to(user).of(user)


def _due(promises, *, now, end):
    return promises.active().filter(due_at__lt=end).not_snoozed(now).order_by("due_at", "pk")


def _first_due(promises, names, *, now, end):
    return _due(promises, now=now, end=end).values_list(*names)[: FIRST_READ + 1]


def _first_ahead(promises, names, *, now, end):
    """What is not late yet; with each stands how many are late, and how many are not."""
    due = _due(promises, now=now, end=end)
    late, ahead = due.filter(due_at__lt=now), due.filter(due_at__gte=now)
    return ahead.annotate(late=_number(late), ahead=_number(ahead)).values_list(*names, "late", "ahead")[:AHEAD_READ]


@prepared
def _own_due(user, *, now, end):
    return _first_due(_own(user), OF_A_ROW, now=now, end=end)


@prepared
def _team_due(user, *, now, end):
    return _first_due(Promise.objects.writable_by(user), OF_A_TEAM_ROW, now=now, end=end)


@prepared
def _own_ahead(user, *, now, end):
    return _first_ahead(_own(user), OF_A_ROW, now=now, end=end)


@prepared
def _team_ahead(user, *, now, end):
    return _first_ahead(Promise.objects.writable_by(user), OF_A_TEAM_ROW, now=now, end=end)


@prepared
def _late(user, *, now):
    """How many are late, of their own and of the team's."""
    own, teams = _own(user), Promise.objects.writable_by(user)
    late = {"own": own.overdue(now).not_snoozed(now), "team": teams.overdue(now).not_snoozed(now)}
    return User.objects.filter(pk=user.pk).values(**{whose: _number(promises) for whose, promises in late.items()})


def _sort_in(day):
    """Late, today, the next seven days: one query, cut by the reader's own day; more only where very much is due."""
    now = day.now
    midnight = start_of_day(timezone.localdate(now) + timedelta(days=1))
    when = {"now": now, "end": midnight + timedelta(days=7)}
    found = (_team_due if day.is_team else _own_due)(day.user, **when)
    late = [row for row in found if row[DUE_AT] < now]
    late_count, ahead = len(late), found[len(late) :]
    ahead_count = len(ahead)
    if len(found) > FIRST_READ:
        ahead = (_team_ahead if day.is_team else _own_ahead)(day.user, **when)
        late_count, ahead_count = ahead[0][-2:] if ahead else (_late_count(day), 0)
    # A promise due at the end of a day elsewhere is due on that day here too.
    today, due_today, week = timezone.localdate(now), [], []
    for row in ahead:
        (due_today if row[DUE_AT] < midnight or row[DUE_DATE] <= today else week).append(row)
    due_today.sort(key=lambda row: (row[DUE_AT], row[DIRECTION] != Promise.Direction.OURS))
    day.late, day.late_count = _rows(day, late[:LATE_SHOWN]), late_count
    day.today = _rows(day, due_today)
    day.week, day.week_count = _rows(day, week[:WEEK_SHOWN]), ahead_count - len(due_today)


def _late_count(day):
    [found] = _late(day.user, now=day.now)
    return found["team" if day.is_team else "own"]


def _rows(day, rows):
    names = OF_A_TEAM_ROW if day.is_team else OF_A_ROW
    promises = [made_of(names, row[: len(names)]) for row in rows]
    for promise in promises:
        if promise.owner_id == day.user.pk:
            promise.owner = day.user
    return [Row(promise, now=day.now, user=day.user, can_write=True) for promise in promises]


# ------------------------------------------------------------------ gone quiet
def _longest_silent(clients):
    watched = clients.current().filter(stage__in=[Client.Stage.ACTIVE, Client.Stage.ONBOARDING])
    return watched.order_by(*listing.LONGEST_SILENT).values_list(*OF_THE_SILENT)[:LOOKED_AT]


@prepared
def _own_longest_silent(user):
    return _longest_silent(Client.objects.visible_to(user).filter(owner=user))


@prepared
def _team_longest_silent(user):
    return _longest_silent(Client.objects.writable_by(user))


def _those_quiet(rows, *, workspace, now):
    """The first clients past their rhythm; a record is made only of one that was silent longer than any rhythm asks."""
    last, added, rhythm = (OF_THE_SILENT.index(name) for name in ("last_two_way_at", "created_at", "rhythm_days"))
    least = timedelta(days=min((row[rhythm] or workspace.rhythm_days for row in rows), default=0))
    silent = (Client.from_db(None, OF_THE_SILENT, row) for row in rows if now - (row[last] or row[added]) > least)
    return list(islice((one for one in silent if standing.is_quiet(one, workspace=workspace, now=now)), QUIET_SHOWN))


def _clients_of(day):
    clients = Client.objects.visible_to(day.user).filter(owner=day.user)
    return (Client.objects.writable_by(day.user) if day.is_team else clients).current()


def _add_quiet(day, workspace):
    """Clients past their rhythm, longest silent first: where nobody spoke, and where we wrote and they did not."""
    silent = (_team_longest_silent if day.is_team else _own_longest_silent)(day.user)
    past = _those_quiet(silent, workspace=workspace, now=day.now)
    if len(past) < QUIET_SHOWN and len(silent) == LOOKED_AT:
        quiet = listing.quiet(_clients_of(day), workspace=workspace, now=day.now)
        past = quiet.only(*OF_THE_SILENT).order_by(*listing.LONGEST_SILENT)[:QUIET_SHOWN]
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
        spoken = _clients_of(day).alias(spoke=LAST_SPOKE).filter(spoke__gt=NEVER)
        day.longest_silent = spoken.order_by("spoke", "pk").first()


def _has_no_clients(day):
    return not Client.objects.visible_to(day.user).filter(owner=day.user).exists()

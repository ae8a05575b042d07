"""What the rules said, and what came of it: the figures and the list of the page on alerts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.worktime import Calendar
from clients.models import Client
from outbox.models import Email
from promises.models import Reminder
from promises.reminders.rules import RULES

LATELY, QUARTER = 30, 90  # days
IN_TIME = 2  # working days in which somebody should have acted
MOST_JUDGED = 20_000  # words, the newest; more of them move no median
PAGE = 30


@dataclass(frozen=True)
class Tally:
    """One rule: how often it spoke, and how often somebody did something about the promise afterwards.

    `judged` are the words of the last 90 days whose two working days are over or that were acted on; `acted` of them
    were acted on in that time. `median` is the working time until then, None when nobody ever did.
    """

    rule: Any
    when: str
    lately: int
    quarter: int
    judged: int
    acted: int
    median: timedelta | None

    @property
    def percent(self):
        return round(100 * self.acted / self.judged) if self.judged else None

    @property
    def median_words(self):
        return time_words(self.median) if self.median is not None else ""


def concerning(user):
    """The words this person may know of: all for managers, else those said to them or about their own promises."""
    words = Reminder.objects.exclude(email__state=Email.State.CANCELLED)
    if user.is_manager:
        return words
    mine = words.filter(Q(to=user) | Q(promise__owner=user))
    return mine.exclude(promise__client__in=Client.objects.hidden_from(user))


def tallies(words, *, now, workspace):
    """A Tally for each rule, in the order of the table."""
    since = now - timedelta(days=QUARTER)
    lately = Count("pk", filter=Q(said_at__gte=now - timedelta(days=LATELY)))
    recent = words.filter(said_at__gte=since)
    rows = recent.order_by().values("rule").annotate(lately=lately, quarter=Count("pk"))
    counts = {row["rule"]: row for row in rows}
    judged = _judge(recent, now=now, calendar=Calendar(zone=workspace.time_zone, country=workspace.country))
    return [
        Tally(
            rule=rule,
            when=rule.when(workspace),
            lately=counts.get(name, {}).get("lately", 0),
            quarter=counts.get(name, {}).get("quarter", 0),
            **judged.get(name, {"judged": 0, "acted": 0, "median": None}),
        )
        for name, rule in RULES.items()
    ]


def _judge(words, *, now, calendar):
    """By rule: how many can be judged, how many were acted on in time, and how long it took."""
    found = {}
    newest = words.order_by("-said_at", "-pk").values_list("rule", "said_at", "acted_at")
    for rule, said_at, acted_at in newest[:MOST_JUDGED]:
        kept = found.setdefault(rule, {"judged": 0, "acted": 0, "took": []})
        in_time = calendar.working_days(said_at, acted_at or now) <= IN_TIME
        kept["judged"] += bool(acted_at) or not in_time
        if acted_at:
            kept["acted"] += in_time
            kept["took"].append(calendar.between(said_at, acted_at))
    return {
        rule: {
            "judged": kept["judged"],
            "acted": kept["acted"],
            "median": median(kept["took"]) if kept["took"] else None,
        }
        for rule, kept in found.items()
    }


def time_words(working_time):
    """Working time in its largest unit; a day has eight and a half hours."""
    hours = working_time / timedelta(hours=1)
    if hours < 1:
        minutes = max(1, round(hours * 60))
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if hours < 8.5:
        return ngettext("%(n)d hour", "%(n)d hours", round(hours)) % {"n": round(hours)}
    days = round(hours / 8.5)
    return ngettext("%(n)d working day", "%(n)d working days", days) % {"n": days}


# -------------------------------------------------------------------- the latest ones


@dataclass(frozen=True)
class Latest:
    rows: list
    older: str  # `before` of the next page, empty at the end


def latest(words, *, rule="", before=""):
    """One page of words, newest first."""
    if rule in RULES:
        words = words.filter(rule=rule)
    if mark := _read(before):
        at, pk = mark
        words = words.filter(Q(said_at__lt=at) | Q(said_at=at, pk__lt=pk))
    people = ("promise__client", "promise__owner", "to")
    rows = list(words.select_related(*people).order_by("-said_at", "-pk")[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Latest(rows, f"{rows[-1].said_at.astimezone(UTC).isoformat()}~{rows[-1].pk}" if more else "")


def _read(before):
    moment, _tilde, pk = before.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if not (at.tzinfo and pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    try:
        return at.astimezone(UTC), int(pk)
    except OverflowError:
        return None


def whom(word):
    """To whom it was said, for the list."""
    if word.to_id:
        return word.to.name
    return _("to the client") if word.email_id else _("a draft")

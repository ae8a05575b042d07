"""How a relationship stands: one word and the facts that made it, worst first. Never a score.

Upper rooms add their facts: `register(source)` in their `AppConfig.ready`.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Count, F, Min, Q
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.templatetags.look import day
from accounts.written import written
from clients.models import Interaction

LATE, SOON, KEPT, PLAIN = "late", "soon", "kept", ""
MARKS = {LATE: "circle-alert", SOON: "hourglass", KEPT: "check", PLAIN: "info"}
SHOWN = 4
NEW_FOR = timedelta(days=30)
WRITTEN = (Interaction.Kind.EMAIL, Interaction.Kind.MESSAGE)

_sources = []


@dataclass(frozen=True)
class Reason:
    """A fact that bears on a relationship: `weight` orders facts of one level, heavier first; `url` opens the thing."""

    weight: int
    level: str  # LATE, SOON, KEPT or PLAIN
    text: str
    url: str = ""

    @property
    def mark(self):
        return MARKS[self.level]


@dataclass(frozen=True)
class Standing:
    """A word with its level and all its reasons; a page shows the first four."""

    level: str
    word: str
    reasons: list = field(default_factory=list)

    @property
    def mark(self):
        return {LATE: "triangle-alert", SOON: "hourglass", KEPT: "check", PLAIN: "info"}[self.level]

    @property
    def shown(self):
        return self.reasons[:SHOWN]

    @property
    def more(self):
        return max(0, len(self.reasons) - SHOWN)

    @property
    def first(self):
        return self.reasons[0] if self.reasons else None

    @property
    def dot(self):
        return {LATE: "dot dot-late", SOON: "dot dot-soon"}.get(self.level, "dot")


WORDS = {
    LATE: gettext_lazy("Needs attention"),
    SOON: gettext_lazy("Keep an eye on it"),
    KEPT: gettext_lazy("Healthy"),
    PLAIN: gettext_lazy("Healthy"),
}
ORDER = [LATE, SOON, KEPT, PLAIN]
OWN_RULES = {
    LATE: gettext_lazy("Both sides last spoke more than three times as long ago as agreed"),
    SOON: gettext_lazy("Both sides last spoke longer ago than agreed: nobody did, or we wrote and they did not answer"),
    KEPT: gettext_lazy("Both sides spoke within the agreed days"),
}


def rules(**words):
    """Say on a source which rules it goes by: `@standing.rules(late=…, soon=…, kept=…)`, one sentence a level."""

    def mark(source):
        source.rules = {{"late": LATE, "soon": SOON, "kept": KEPT}[level]: text for level, text in words.items()}
        return source

    return mark


@dataclass(frozen=True)
class Rule:
    """A rule in words, and what it says of one client now."""

    level: str
    words: str
    reasons: list

    @property
    def mark(self):
        return MARKS[self.level]


def rules_of(client, *, user, workspace, now):
    """Every rule, the worst level first; those that fire carry their reasons."""
    wrote = unanswered_of([client]).get(client.pk)
    told = [(OWN_RULES, own_reasons(client, workspace=workspace, now=now, unanswered=wrote))]
    told += [(getattr(source, "rules", {}), source(client, user, now)) for source in _sources]
    found = [
        Rule(level, words, [reason for reason in reasons if reason.level == level])
        for known, reasons in told
        for level, words in known.items()
    ]
    return sorted(found, key=lambda rule: ORDER.index(rule.level))


def register(source):
    """Let an upper room contribute: `source(client, user, now) -> list[Reason]`."""
    if source not in _sources:
        _sources.append(source)


def standing(client, *, user, workspace, now):
    """The state of one client with every room's reasons."""
    wrote = unanswered_of([client]).get(client.pk)
    reasons = own_reasons(client, workspace=workspace, now=now, unanswered=wrote)
    for source in _sources:
        reasons += source(client, user, now)
    return judge(client, reasons, now=now)


def judge(client, reasons, *, now):
    """Pure: the word that follows from the reasons."""
    reasons = sorted(reasons, key=lambda reason: (ORDER.index(reason.level), -reason.weight))
    if client.archived_at:
        return Standing(PLAIN, _("Archived"), reasons)
    worst = reasons[0].level if reasons else PLAIN
    if worst in (KEPT, PLAIN) and is_new(client, now=now):
        return Standing(PLAIN, _("New"), reasons)
    return Standing(KEPT if worst == PLAIN else worst, str(WORDS[worst]), reasons)


def is_new(client, *, now):
    return client.last_interaction_at is None and now - client.created_at < NEW_FOR


def days_quiet(client, *, now):
    """Days since both sides spoke or they wrote, counted from when the client was added if that never was."""
    return (now - (client.last_two_way_at or client.created_at)).days


def is_quiet(client, *, workspace, now):
    """Past the agreed days between two-way contacts: nobody spoke, or we wrote and they did not."""
    watched = client.stage in (client.Stage.ACTIVE, client.Stage.ONBOARDING)
    return watched and not client.archived_at and days_quiet(client, now=now) > client.rhythm(workspace)


def is_unanswered(client):
    """We wrote after both sides last spoke, and they did not."""
    last, two_way = client.last_interaction_at, client.last_two_way_at
    return last is not None and (two_way is None or last > two_way)


@dataclass(frozen=True)
class Unanswered:
    """What we wrote since both sides last spoke: how many times, and when first."""

    times: int
    since: datetime

    @property
    def words(self):
        known = {"n": self.times, "day": day(self.since)}
        return (
            ngettext(
                "We wrote once on %(day)s, they have not answered",
                "We wrote %(n)d times since %(day)s, they have not answered",
                self.times,
            )
            % known
        )


@written
def _unanswered(*, clients):
    since = Q(client__last_two_way_at=None) | Q(happened_at__gt=F("client__last_two_way_at"))
    wrote = Interaction.objects.kept().filter(since, client__in=clients, kind__in=WRITTEN, direction="ours").order_by()
    return wrote.values("client").annotate(times=Count("pk"), since=Min("happened_at"))


def unanswered_of(clients):
    """{client pk: Unanswered} of those of these clients to whom we wrote last, in one query."""
    ids = [client.pk for client in clients if is_unanswered(client)]
    if not ids:
        return {}
    return {row["client"]: Unanswered(row["times"], row["since"]) for row in _unanswered(clients=ids)}


def own_reasons(client, *, workspace, now, unanswered=None):
    """What this room knows: silence past the rhythm, the last time both sides spoke, a new client, an archived one.

    `unanswered` is what `unanswered_of` told of this client.
    """
    if client.archived_at:
        return [Reason(0, PLAIN, _("No longer worked on; kept for the record"))]
    here = client.get_absolute_url() + "#timeline"
    rhythm, quiet = client.rhythm(workspace), days_quiet(client, now=now)
    if is_quiet(client, workspace=workspace, now=now):
        level, weight = LATE if quiet > 3 * rhythm else SOON, min(99, 100 * quiet // (4 * rhythm))
        if unanswered:
            return [Reason(weight, level, unanswered.words, f"{client.get_absolute_url()}?kind=contacts#timeline")]
        return [Reason(weight, level, quiet_words(quiet, rhythm), here)]
    if client.last_interaction_at is None:
        return [Reason(1, PLAIN, _("Nobody has logged a contact yet"), client.get_absolute_url() + "#log")]
    if client.last_two_way_at is None:
        wrote = unanswered.words if unanswered else _("We wrote, they have not answered yet")
        return [Reason(1, PLAIN, wrote, here)]
    spoke = (timezone.localdate(now) - timezone.localdate(client.last_two_way_at)).days
    return [Reason(1, KEPT, _spoke_words(spoke, get_language()), here)]


@lru_cache(maxsize=500)
def _spoke_words(days, _language):
    return {0: _("Last spoke today"), 1: _("Last spoke yesterday")}.get(days) or (
        ngettext("Last spoke %d day ago", "Last spoke %d days ago", days) % days
    )


def quiet_words(quiet, rhythm):
    return _quiet_words(quiet, rhythm, get_language())


@lru_cache(maxsize=2000)
def _quiet_words(quiet, rhythm, _language):
    if rhythm == 1:
        return ngettext(
            "Quiet for %(quiet)d day, we agreed every day", "Quiet for %(quiet)d days, we agreed every day", quiet
        ) % {"quiet": quiet}
    return ngettext(
        "Quiet for %(quiet)d day, we agreed every %(n)d", "Quiet for %(quiet)d days, we agreed every %(n)d", quiet
    ) % {"quiet": quiet, "n": rhythm}

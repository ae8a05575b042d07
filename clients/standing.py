"""How a relationship stands: one word and the facts that made it, worst first. Never a score.

Upper rooms add their facts: `register(source)` in their `AppConfig.ready`.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

LATE, SOON, KEPT, PLAIN = "late", "soon", "kept", ""
MARKS = {LATE: "circle-alert", SOON: "hourglass", KEPT: "check", PLAIN: "info"}
SHOWN = 4
NEW_FOR = timedelta(days=30)

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


def register(source):
    """Let an upper room contribute: `source(client, user, now) -> list[Reason]`."""
    if source not in _sources:
        _sources.append(source)


def standing(client, *, user, workspace, now):
    """The state of one client with every room's reasons."""
    reasons = own_reasons(client, workspace=workspace, now=now)
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
    """Days since we were last in touch, counted from when the client was added if we never were."""
    return (now - (client.last_interaction_at or client.created_at)).days


def is_quiet(client, *, workspace, now):
    watched = client.stage in (client.Stage.ACTIVE, client.Stage.ONBOARDING)
    return watched and not client.archived_at and days_quiet(client, now=now) > client.rhythm(workspace)


def own_reasons(client, *, workspace, now):
    """What this room knows: silence past the rhythm, the last contact, a new client, an archived one."""
    if client.archived_at:
        return [Reason(0, PLAIN, _("No longer worked on; kept for the record"))]
    here = client.get_absolute_url() + "#timeline"
    rhythm, quiet = client.rhythm(workspace), days_quiet(client, now=now)
    if is_quiet(client, workspace=workspace, now=now):
        text = ngettext("Quiet for %(quiet)d day", "Quiet for %(quiet)d days", quiet) % {"quiet": quiet}
        text += ngettext(", we agreed every day", ", we agreed every %(n)d", rhythm) % {"n": rhythm}
        return [Reason(min(99, 100 * quiet // (4 * rhythm)), LATE if quiet > 3 * rhythm else SOON, text, here)]
    if client.last_interaction_at is None:
        return [Reason(1, PLAIN, _("Nobody has logged a contact yet"), client.get_absolute_url() + "#log")]
    spoke = (timezone.localdate(now) - timezone.localdate(client.last_interaction_at)).days
    words = {0: _("In touch today"), 1: _("In touch yesterday")}.get(spoke) or (
        ngettext("Last in touch %d day ago", "Last in touch %d days ago", spoke) % spoke
    )
    return [Reason(1, KEPT, words, here)]

"""How an entry read before: each earlier version, who put it there, who changed it and when."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.utils.translation import gettext as _

from accounts.templatetags.look import moment
from clients.models import Interaction

MOST = 50


@dataclass(frozen=True)
class Version:
    """One earlier version: what it said, from and until when, by whom; `changes` is what else was changed then."""

    text: str
    since: datetime
    until: datetime
    by: str
    changed_by: str
    changes: list


def earlier(interaction):
    """The versions before the one that stands there now, newest first."""
    rows = list(interaction.history.select_related("history_user")[:MOST])
    found = []
    for newer, row in pairwise(rows):
        if changes := list(_changes(row, newer)):
            by, changed_by = (one.history_user.name if one.history_user else "" for one in (row, newer))
            found.append(Version(row.body, row.history_date, newer.history_date, by, changed_by, changes))
    return found


def _changes(old, new):
    """[(what, before, after)] of all but the text, and ("", "", "") when only that was changed."""
    words = dict(Interaction.Kind.choices), dict(Interaction.Direction.choices), dict(Interaction.Mood.choices)
    for name, label, shown in (
        ("kind", _("Kind"), words[0]),
        ("direction", _("Direction"), words[1]),
        ("mood", _("Mood"), words[2]),
    ):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield label, str(shown.get(before, "–")), str(shown.get(after, "–"))
    if old.happened_at != new.happened_at:
        yield _("When"), moment(old.happened_at, "both"), moment(new.happened_at, "both")
    if old.summary != new.summary:
        yield _("Subject"), old.summary or "–", new.summary or "–"
    if bool(old.deleted_at) != bool(new.deleted_at):
        yield _("Removed"), *((_("yes"), _("no")) if old.deleted_at else (_("no"), _("yes")))
    if old.body != new.body:
        yield "", "", ""

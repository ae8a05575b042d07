"""Which lines over the years a change would end, and since when they have run."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from surveys.models import Round
from surveys.trends import broken_lines, meaning

ROUNDS = 20  # nobody looks back further


@dataclass(frozen=True)
class Line:
    """A question asked the same in one round or several; `since` is the first of them."""

    key: str
    text: str
    since: str


def snapshots():
    """[(name of the round, its snapshot)], the newest first: all that clients were asked."""
    rounds = Round.objects.filter(launched_at__isnull=False, snapshot__isnull=False).order_by("-launched_at", "-pk")
    return list(rounds.values_list("name", "snapshot")[:ROUNDS])


def since(entry, asked):
    """The name of the first round of those that, one after the other up to the newest, asked just this; "" for none.

    `asked` as `snapshots()` gives it.
    """
    first, wanted = "", meaning(entry)
    for name, snapshot in asked:
        then = next((one for one in snapshot["questions"] if one["key"] == entry["key"]), None)
        if then is None or meaning(then) != wanted:
            break
        first = name
    return first


def warning(before, after, asked):
    """What to say before a question is saved so that its line ends, or ""; `after` is None when it is taken away."""
    if before["kind"] == "section" or (after is not None and meaning(before) == meaning(after)):
        return ""
    name = since(before, asked)
    if not name:
        return ""
    if after is None:
        return _("Taking this away ends the line since %(round)s.") % {"round": name}
    return _("Changing this breaks the line since %(round)s.") % {"round": name}


def last_closed(*, without=None):
    """The newest closed round, against which the next one is held; None at first."""
    found = Round.objects.filter(state=Round.State.CLOSED, snapshot__isnull=False)
    return found.exclude(pk=without).order_by("-closed_at", "-pk").first()


def ended_by(content, last, asked):
    """The lines of the last round that would not go on with this content, each with since when."""
    if last is None:
        return []
    entries = {entry["key"]: entry for entry in last.snapshot["questions"]}
    return [
        Line(key, entries[key]["wording"].get("en-gb", {}).get("text", key), since(entries[key], asked) or last.name)
        for key in broken_lines(last.snapshot, content)
    ]

"""The four steps of clearing the air: look, book, hold, follow. Which one is next, and what it says of itself."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAMES = {
    "look": gettext_lazy("Look"),
    "book": gettext_lazy("Book"),
    "hold": gettext_lazy("Hold"),
    "follow": gettext_lazy("Follow"),
}


@dataclass(frozen=True)
class Step:
    key: str
    number: int
    is_current: bool
    is_done: bool
    state: str  # a few words under the name

    @property
    def name(self):
        return NAMES[self.key]

    @property
    def template(self):
        return f"partnerships/steps/{self.key}.html"


def next_step(concern, now):
    """Where the work is."""
    if concern.state == concern.State.OPEN:
        return "look"
    if concern.state == concern.State.TALKING:
        return "hold" if concern.talk_at < now else "book"
    return "follow"


def steps_of(concern, *, now, chosen=""):
    """The four, one of them current: the one asked for, or the one that comes next."""
    current = chosen if chosen in NAMES else next_step(concern, now)
    held, booked = concern.talk_held_at is not None, concern.talk_at is not None
    over = not concern.is_unresolved
    done = {
        "look": booked or held or over,
        "book": booked or held or over,
        "hold": held or over,
        "follow": concern.state == concern.State.VERIFIED,
    }
    return [
        Step(key, number, key == current, done[key], _state(key, concern, now=now, done=done[key]))
        for number, key in enumerate(NAMES, start=1)
    ]


def _state(key, concern, *, now, done):
    if key == "look":
        return _("what they say, what we promised")
    if key == "book":
        return _("booked") if done else _("no date yet")
    if key == "hold":
        if concern.wants_words(now):
            return _("how did it go?")
        return _("held") if concern.talk_held_at else _("not held yet")
    return {
        concern.State.RESOLVED: _("resolved"),
        concern.State.VERIFIED: _("cleared up, they say"),
    }.get(concern.state, _("still open"))

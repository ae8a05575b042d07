"""How a concern stands in a few words: what is late, what is next, for rows, cards and mails."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.quick import date_format
from partnerships.targets import SOON

SOON_BY_CLOCK = timedelta(days=4)  # a working day is never further away than a long weekend


@dataclass(frozen=True)
class Standing:
    """`kind` is late, soon, kept or nothing."""

    kind: str
    words: str
    at: object = None

    @property
    def mark(self):
        return {"late": "circle-alert", "soon": "clock", "kept": "check"}.get(self.kind, "")


def standing(concern, *, now):
    """The one thing that matters about it now."""
    late = concern.late(now)
    if late == "contact":
        return Standing("late", _("First contact was due %s") % _day(concern.contact_due_at), concern.contact_due_at)
    if concern.wants_words(now):
        return Standing("soon", _("How did the talk of %s go?") % _day(concern.talk_at), concern.talk_at)
    if late == "talk" and concern.talk_at is None:
        return Standing("late", _("The talk was due %s") % _day(concern.talk_due_at), concern.talk_due_at)
    if concern.state == concern.State.TALKING:
        return Standing("late" if late else "", _("Talk %s") % _day(concern.talk_at, clock=True), concern.talk_at)
    if concern.is_unresolved:
        return _ahead(concern, now)
    if concern.state == concern.State.VERIFIED:
        return Standing("kept", _("Cleared up, they say"), concern.cleared_at)
    if concern.asked_at:
        return Standing("", _("Asked whether it is cleared up"), concern.asked_at)
    return Standing("", _("Resolved"), concern.resolved_at)


def _ahead(concern, now):
    if concern.first_contact_at is None and concern.contact_due_at:
        kind = "soon" if _is_soon(concern, concern.contact_due_at, now) else ""
        return Standing(kind, _("First contact by %s") % _day(concern.contact_due_at), concern.contact_due_at)
    if concern.talk_held_at is None and concern.talk_due_at:
        kind = "soon" if _is_soon(concern, concern.talk_due_at, now) else ""
        return Standing(kind, _("Talk by %s") % _day(concern.talk_due_at), concern.talk_due_at)
    if concern.next_check_on and concern.next_check_on <= timezone.localdate(now):
        return Standing("soon", _("Look again: the check was planned for %s") % _day(concern.next_check_on))
    return Standing("", concern.get_state_display())


def _is_soon(concern, due, now):
    if due - now > SOON_BY_CLOCK:
        return False
    calendar = concern.leader.calendar()
    return calendar.between(now, due) <= SOON * calendar.day_length


def _day(moment, *, clock=False):
    if hasattr(moment, "hour"):
        moment = timezone.localtime(moment)
    this_year = moment.year == timezone.localdate().year
    words = date_format(moment, "D j M" if this_year else "D j M Y")
    return f"{words}, {moment:%H:%M}" if clock else words

"""The due dates of a promise one under the other: the first, and what was asked, answered and agreed since."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from promises.models import AgreedHow, Renegotiation, Timing
from promises.wording import day_words

Asked = Renegotiation.State


@dataclass(frozen=True)
class Step:
    """One date. `tone` is moved for one agreed early, kept or nothing; `note` stays among us."""

    day: date
    mark: str
    tone: str
    words: str
    note: str = ""


def ladder(promise, moves):
    """The steps, oldest first; empty while nobody asked for another date."""
    if not moves:
        return []
    first = promise.first_due_at.astimezone(ZoneInfo(promise.due_zone)).date()
    return [Step(first, "calendar", "", _("first promised")), *(_step(move, promise) for move in moves)]


def _step(move, promise):
    move.promise = promise
    mark, tone = {
        Asked.ACCEPTED: ("calendar-check", "moved" if move.is_early else ""),
        Asked.ASKED: ("calendar-clock", ""),
    }.get(move.state, ("calendar", ""))
    words = ", ".join([_asked(move), *_answered(move)])
    why = ": ".join(part for part in (move.get_reason_display() if not move.answers_id else "", move.words) if part)
    return Step(move.new_due_date, mark, tone, words, why)


def _asked(move):
    said = {"name": move.asker, "day": day_words(move.asked_at.date(), now=move.asked_at)}
    if move.answers_id:
        return _("offered instead by %(name)s on %(day)s") % said
    timing = {"timing": str(Timing(move.timing).label)}
    return _("asked by %(name)s on %(day)s, %(timing)s") % {**said, **timing}


def _answered(move):
    """What became of it, by whom and how; nothing while it waits."""
    if move.state == Asked.ASKED:
        return [_("waits for our answer") if move.asked_by_them else _("waits for their answer")]
    if move.state == Asked.TAKEN_BACK:
        return [_("taken back")]
    person = move.agreed_by if move.asked_by_them else (move.agreed_by_contact or move.promise.client)
    said = {"name": person.name} if person else {"name": ""}
    verb = {
        Asked.ACCEPTED: _("agreed with %(name)s"),
        Asked.REFUSED: _("refused by %(name)s"),
        Asked.COUNTERED: _("%(name)s offered another date"),
    }[move.state]
    if move.asked_by_them and move.state == Asked.ACCEPTED:
        verb = _("agreed by %(name)s")
    how = [str(AgreedHow(move.agreed_how).label).lower()] if move.agreed_how and not move.asked_by_them else []
    return [verb % said, *how]


def ended_words(promise):
    """What an end before the delivery means, in a sentence; "" where the outcome says enough."""
    if promise.state == promise.State.RELEASED:
        return _("Let go after its due") if promise.withdrawn_timing == Timing.AFTER else ""
    if promise.state != promise.State.WITHDRAWN:
        return ""
    if promise.withdrawn_timing == Timing.EARLY:
        return _("Taken back early, so it does not count as broken")
    return _("Taken back too late: it counts as broken")

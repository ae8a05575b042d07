"""The rule set: who hears what about which promise, and when. Everything else asks here.

A rule is a row of RULES. Those of the digest have `said`: given a promise and the reader's day, the moment the word
speaks of, or None when it is not (or not yet) to be said. Every limit is a setting of the firm.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.worktime import Calendar, due_moment
from promises.models import Promise, Reminder
from promises.reminders.at_once import found_too_late

Name = Reminder.Rule
State = Promise.State


@dataclass(frozen=True)
class Day:
    """One reader's day: everything a rule may ask beside the promise."""

    reader: Any
    calendar: Calendar
    now: Any
    workspace: Any

    @cached_property
    def today(self):
        return self.calendar.local_date(self.now)

    def has_come(self, day, *, after):
        """Is the n-th working day after `day` here? Days the reader was away count: the word is there on return."""
        return self._at_work.working_day_after(day, after) <= self.today

    @cached_property
    def _at_work(self):
        return replace(self.calendar, absences=())


@dataclass(frozen=True)
class Word:
    """What one reader is to hear about one promise; the same key is never said to them twice."""

    rule: str
    promise: Promise
    about_at: Any

    @property
    def key(self):
        return self.promise.pk, self.rule, self.about_at


# -------------------------------------------------------------------- when


def on_track(promise, day):
    """Before the last early moment, while a new date is still an early one."""
    if not (promise.is_active and promise.is_ours) or is_snoozed(promise, day):
        return None
    last_early = promise.last_early_moment
    if day.now >= last_early:
        return None
    told_on = day.calendar.local_date(last_early)
    if days := day.workspace.word_before_days:
        told_on = day.calendar.working_day_after(told_on, -days)
    agreed_on = day.calendar.local_date(promise.agreed_at)
    return promise.due_at if agreed_on <= told_on <= day.today else None


def back_from_snooze(promise, day):
    """Put off until now: it speaks again."""
    if not (promise.snoozed_until and promise.is_active) or is_snoozed(promise, day):
        return None
    return promise.snoozed_until if day.now < promise.due_at else None


def due(promise, day):
    """The morning of the due day; for a day off, the working day before."""
    if not promise.is_active or promise.due_at < day.now:
        return None  # never put off: until its own day at most, and this is the last digest before it
    due_day = day.calendar.local_date(promise.due_at)
    morning = due_day if day.calendar.is_working_day(due_day) else day.calendar.working_day_after(due_day, -1)
    return promise.due_at if morning <= day.today else None


def choose(promise, day):
    """Late: done, moved or broken?"""
    after = day.workspace.owner_after_days
    return _late(promise, day, after=1 if promise.is_ours and found_too_late(promise) else after)


def escalated(promise, day):
    """Late for so long that a manager hears. What the manager owns stands under Late already."""
    if not promise.is_ours or promise.owner_id == day.reader.pk:
        return None
    return _late(promise, day, after=manager_after(promise, day.workspace))


def no_word(promise, day):
    """Delivered a working day ago, and they have said nothing."""
    if promise.is_delivered and day.has_come(day.calendar.local_date(promise.delivered_at), after=1):
        return promise.delivered_at
    return None


def answer_by(promise, day):
    """Offered long ago, or answered for a day that has passed: ask by when."""
    if promise.state != State.PROPOSED:
        return None
    if promise.answer_by:
        asked_for = due_moment(promise.answer_by, None, promise.due_zone)
        return asked_for if asked_for < day.now else None
    offered_at = promise.agreed_at  # until it is agreed: when these terms were put on the table
    offered_on = day.calendar.local_date(offered_at)
    return offered_at if day.has_come(offered_on, after=day.workspace.answer_within_days) else None


def _late(promise, day, *, after):
    if not promise.is_overdue(day.now):
        return None
    return promise.due_at if day.has_come(day.calendar.local_date(promise.due_at), after=after) else None


def manager_after(promise, workspace):
    """After how many working days late a manager hears of it."""
    critical = promise.importance == Promise.Importance.CRITICAL
    return workspace.manager_after_days_critical if critical else workspace.manager_after_days


def is_snoozed(promise, day):
    """It is put off until another day than this. The hour is that of whoever put it off, not of who reads."""
    return promise.snoozed_until is not None and day.calendar.local_date(promise.snoozed_until) > day.today


# -------------------------------------------------------------------- the table


@dataclass(frozen=True)
class Rule:
    """One row: its name, who hears, when in words, and which settings change it."""

    name: str
    to: Any
    when: Callable = field(compare=False)  # (workspace) -> words
    settings: tuple = ()
    said: tuple = ()  # for the digest
    for_managers: bool = False

    @property
    def label(self):
        return Name(self.name).label


def _on_track_words(w):
    days = w.word_before_days
    if not days:
        return _("In the digest on the day of the last early moment, while a new date is still early.")
    return ngettext(
        "In the digest %(days)d working day before the last early moment, while a new date is still early.",
        "In the digest %(days)d working days before the last early moment, while a new date is still early.",
        days,
    ) % {"days": days}


def _choose_words(w):
    days = w.owner_after_days
    return ngettext(
        "In the digest %(days)d working day after the due day: done, moved or broken?",
        "In the digest %(days)d working days after the due day: done, moved or broken?",
        days,
    ) % {"days": days}


def _escalated_words(w):
    return _(
        "In the digest, late by %(critical)d working days for a critical promise of ours and %(normal)d for others."
    ) % {"critical": w.manager_after_days_critical, "normal": w.manager_after_days}


def _quiet_words(w):
    if w.quiet_from == w.quiet_until:
        return _("At once, at any hour.")
    return _("At once; between %(start)s and %(end)s it waits for the morning.") % {
        "start": w.quiet_from.strftime("%H:%M"),
        "end": w.quiet_until.strftime("%H:%M"),
    }


def _to_client_words(w):
    if w.remind_clients:
        return _("By itself, before the due day and once more when it is late; at most twice.")
    return _("A draft for its owner to send, before the due day and once more when it is late.")


def _always(words):
    return lambda workspace: words


OWNER, MANAGERS = _("its owner, or the deputy of who is away"), _("the managers who may see the client")

RULES = {
    rule.name: rule
    for rule in [
        Rule(Name.ON_TRACK, OWNER, _on_track_words, ("word_before_days",), said=(on_track, back_from_snooze)),
        Rule(
            Name.DUE,
            OWNER,
            _always(_("In the digest of the due day; for a day off, of the working day before.")),
            said=(due,),
        ),
        Rule(Name.CHOOSE, OWNER, _choose_words, ("owner_after_days",), said=(choose,)),
        Rule(
            Name.ESCALATED,
            MANAGERS,
            _escalated_words,
            ("manager_after_days", "manager_after_days_critical"),
            said=(escalated,),
            for_managers=True,
        ),
        Rule(Name.LATE_AT_ONCE, OWNER, _quiet_words, ("quiet_from", "quiet_until")),
        Rule(Name.NO_WORD, OWNER, _always(_("In the digest of the working day after the delivery.")), said=(no_word,)),
        Rule(
            Name.ANSWER_BY,
            OWNER,
            lambda w: (
                _("In the digest when an offer is %(days)d working days old, or the day for the answer is over.")
                % {"days": w.answer_within_days}
            ),
            ("answer_within_days",),
            said=(answer_by,),
        ),
        Rule(Name.THEIR_ANSWER, OWNER, _quiet_words, ("quiet_from", "quiet_until")),
        Rule(Name.THEIRS_DUE, _("the person at the client who promised"), _to_client_words, ("remind_clients",)),
    ]
}

OF_AN_OWNER = [(rule.name, said) for rule in RULES.values() if not rule.for_managers for said in rule.said]


def words_for_owner(promise, day):
    """Everything its owner, or who reads for them, is to have heard about it by this day."""
    for rule, said in OF_AN_OWNER:
        about_at = said(promise, day)
        if about_at:
            yield Word(rule, promise, about_at)


def words_for_manager(promise, day):
    if about_at := escalated(promise, day):
        yield Word(Name.ESCALATED, promise, about_at)


def look_ahead(workspace):
    """How far ahead a promise can be due and still want a word today, with room for a long holiday in between."""
    return timedelta(days=45 + 4 * max(workspace.early_most_days + workspace.word_before_days - 6, 0))

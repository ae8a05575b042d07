"""What a round will do, in words and on a calendar, before it does it."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.models import Invitation, Round

STEPS = ("questions", "people", "beliefs", "dates", "check")


def step_names():
    return {
        "questions": _("What to ask"),
        "people": _("Whom to ask"),
        "beliefs": _("What we believe"),
        "dates": _("When"),
        "check": _("Check and send"),
    }


@dataclass(frozen=True)
class Step:
    """One step of the set-up and how far it is: done, now or to do."""

    key: str
    name: str
    state: str


def steps(round, current):
    done = set(round.steps_done)
    return [
        Step(key, name, "now" if key == current else "done" if key in done else "todo")
        for key, name in step_names().items()
    ]


@dataclass(frozen=True)
class Mark:
    """A day on the round's calendar; `why_not` says why nobody works then."""

    day: object
    what: str
    why_not: str


def calendar_of(round, calendar):
    """The days on which something happens, in order."""
    if not round.opens_at:
        return []
    opens = calendar.local_date(round.opens_at)
    marks = [(opens, _("Invitations go out"))]
    if round.beliefs_due_on:
        marks.append((round.beliefs_due_on, _("Our beliefs are recorded")))
    for number, days in enumerate(round.reminder_days, 1):
        marks.append((calendar.working_day_after(opens, days), _("Reminder %(n)d") % {"n": number}))
    if round.due_on:
        marks.append((round.due_on, _("Answers are due")))
    if round.closes_on:
        marks.append((round.closes_on, _("The round closes")))
    return [Mark(day, what, calendar.why_not(day)) for day, what in sorted(marks, key=lambda mark: mark[0])]


def in_a_sentence(round, *, people, clients, owners, calendar, now):
    """“On Tue 24 Nov at 09:00 we write to 35 people at 35 clients, 12 a day. Priya and Tom sign their own.”"""
    if not people or not round.opens_at:
        return _("Nobody is written to yet.")
    opens = round.opens_at.astimezone(calendar.zone)
    whom = ngettext("%(n)d person", "%(n)d people", people) % {"n": people}
    where = ngettext("%(n)d client", "%(n)d clients", clients) % {"n": clients}
    if opens <= now and not round.launched_at:
        text = _("As soon as you start it we write to %(whom)s at %(where)s") % {"whom": whom, "where": where}
    else:
        text = _("On %(day)s from %(time)s we write to %(whom)s at %(where)s") % {
            "day": date_format(opens, "D j M"),
            "time": opens.strftime("%H:%M"),
            "whom": whom,
            "where": where,
        }
    if round.wave_size and round.wave_size < people:
        text += _(", %(n)d a day") % {"n": round.wave_size}
    signed = ngettext("%(names)s signs the mail.", "%(names)s sign their own.", len(owners))
    text += ". " + signed % {"names": _listed(owners)}
    if round.reminder_days:
        days = _listed([str(day) for day in round.reminder_days])
        text += " " + _("Who has not answered is reminded after %(days)s working days.") % {"days": days}
    if round.due_on and round.closes_on:
        text += " " + _("Answers are due on %(due)s, and the round closes on %(closes)s.") % {
            "due": date_format(round.due_on, "D j M"),
            "closes": date_format(round.closes_on, "D j M"),
        }
    return text


def size_of(round):
    """(people, clients, owners' first names) on the list."""
    rows = Invitation.objects.filter(round=round)
    owners = rows.order_by().values_list("client__owner__name", flat=True).distinct()
    names = sorted({name.split(" ")[0] for name in owners})
    counts = rows.order_by().aggregate(people=Count("pk"), clients=Count("client", distinct=True))
    return {**counts, "owners": names}


def _listed(words, most=5):
    words = list(words)
    if len(words) > most:
        rest = len(words) - most
        return ", ".join(words[:most]) + " " + ngettext("and %(n)d more", "and %(n)d more", rest) % {"n": rest}
    if len(words) > 1:
        return _("%(all_but_last)s and %(last)s") % {"all_but_last": ", ".join(words[:-1]), "last": words[-1]}
    return "".join(words)


def can_be_changed(round, step):
    """Questions are frozen when beliefs are asked for, the rest when the round opens."""
    if step == "questions":
        return round.state == Round.State.DRAFT
    return round.state in (Round.State.DRAFT, Round.State.BELIEFS)

"""What a round will do, in words, before it does it."""

from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.quick import date_format
from surveys import timing
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
    done: bool = False


def steps(round, current):
    done = set(round.steps_done)
    return [
        Step(key, name, "now" if key == current else "done" if key in done else "todo", key in done)
        for key, name in step_names().items()
    ]


def in_a_sentence(round, *, people, clients, owners, places, waves, calendar, now):
    """“On Tue 24 Nov at 09:00 we write to 35 people at 35 clients, 12 a day until Thu 26 Nov, each in their own
    morning. Priya, Tom and Hannah sign their own.”
    """
    if not people or not round.opens_at:
        return _("Nobody is written to yet.")
    parts = [
        _whom(
            round,
            waves,
            zones={place.zone for place in places},
            people=people,
            clients=clients,
            calendar=calendar,
            now=now,
        )
    ]
    parts.append(_signed(owners))
    if round.reminder_days:
        parts.append(_reminded(sorted(round.reminder_days)))
    if round.due_on and round.closes_on:
        parts.append(
            _("Answers are due on %(due)s, and the round closes on %(closes)s.")
            % {"due": date_format(round.due_on, "D j M"), "closes": date_format(round.closes_on, "D j M")}
        )
    return " ".join(parts)


def _whom(round, waves, *, zones, people, clients, calendar, now):
    opens = round.opens_at.astimezone(calendar.zone)
    words = {
        "whom": ngettext("%(n)d person", "%(n)d people", people) % {"n": people},
        "where": ngettext("%(n)d client", "%(n)d clients", clients) % {"n": clients},
        "time": timing.hour_of(round, calendar).strftime("%H:%M"),
    }
    if round.launched_at:
        start = _("We write to %(whom)s at %(where)s")
    elif opens <= now:
        start = _("As soon as you start it we write to %(whom)s at %(where)s")
    else:
        words["day"] = date_format(waves[0][0] if waves else opens, "D j M")
        start = _("On %(day)s at %(time)s we write to %(whom)s at %(where)s")
    said = start % words
    if len(waves) > 1:
        last = date_format(waves[-1][0], "D j M")
        if round.wave_size and round.wave_size < people:
            said += _(", %(n)d a day until %(day)s") % {"n": round.wave_size, "day": last}
        else:
            said += _(", the last on %(day)s") % {"day": last}
    if len(zones) > 1:
        said += _(", each in their own morning")
    return said + "."


def _signed(owners):
    if len(owners) == 1:
        return _("%(name)s signs the mail.") % {"name": owners[0]}
    return _("%(names)s sign their own.") % {"names": listed(owners)}


def _reminded(days):
    return ngettext(
        "Who has not answered is reminded after %(days)s working day.",
        "Who has not answered is reminded after %(days)s working days.",
        days[-1],
    ) % {"days": listed([str(day) for day in days])}


def next_event(round, *, calendar, now):
    """What happens next in a round by itself: (words, day), or None when nothing does."""
    today = calendar.local_date(now)
    opens = calendar.local_date(round.opens_at) if round.opens_at else None
    ahead = []
    if round.state == Round.State.BELIEFS:
        ahead += [(round.beliefs_due_on, _("our beliefs are due")), (opens, _("opens to clients"))]
    elif round.state == Round.State.OPEN:
        started = calendar.local_date(round.launched_at) if round.launched_at else opens
        for number, days in enumerate(sorted(round.reminder_days), 1):
            ahead.append((calendar.working_day_after(started, days), _("reminder %(n)d") % {"n": number}))
        ahead += [(round.due_on, _("answers are due")), (round.closes_on, _("closes"))]
    ahead = [(day, words) for day, words in ahead if day and day >= today]
    return min(ahead, key=lambda pair: pair[0]) if ahead else None


def size_of(round):
    """How many people and clients are on the list, the owners' first names, and where they live; three queries."""
    rows = Invitation.objects.filter(round=round)
    owners = rows.order_by().values_list("client__owner__name", flat=True).distinct()
    names = sorted({name.split(" ")[0] for name in owners})
    counts = rows.order_by().aggregate(people=Count("pk"), clients=Count("client", distinct=True))
    return {**counts, "owners": names, "places": timing.places_of(rows)}


def listed(words, most=5):
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

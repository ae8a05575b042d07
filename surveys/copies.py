"""An earlier round as the start of a new one: questions, whom to ask, settings, and the dates a year on."""

from datetime import datetime

from django.db.models import F
from django.utils import timezone

from clients.models import Contact
from surveys import audience
from surveys.days import firm_calendar
from surveys.models import Round

SETTINGS = ("questionnaire", "audience", "ask_team", "wait_for_beliefs", "wave_size", "languages", "reminder_days")
MOST = 20


def earlier():
    """Rounds to start from, the newest first; drafts are no start for anything."""
    rounds = Round.objects.exclude(state=Round.State.DRAFT).filter(discarded_at=None)
    return list(rounds.order_by("-year", "-pk")[:MOST])


def names(public_id, *, now):
    """What the form of a new round shows: the earlier one that is asked for, or the last, with its year moved on."""
    this_year = timezone.localdate(now).year
    found = Round.objects.exclude(state=Round.State.DRAFT).filter(discarded_at=None)
    before = found.filter(public_id=public_id).first()
    if before is None:
        return {"year": this_year, "name": f"Survey {this_year}"}
    year = max(this_year, before.year + 1)
    return {"based_on": before.public_id, "year": year, "name": _renamed(before, year)}


def _renamed(before, year):
    if str(before.year) in before.name:
        return before.name.replace(str(before.year), str(year))
    return f"{before.name} {year}"[:120]


def start_from(before, round, *, by, now):
    """Fills `round` from `before` and saves it; who was asked then and can be asked now is on the list."""
    for name in SETTINGS:
        setattr(round, name, getattr(before, name))
    if before.questionnaire.retired_at:
        round.questionnaire = type(before.questionnaire).standard()
    for name, value in moved_on(before, now=now).items():
        setattr(round, name, value)
    round.save()
    listed = Contact.objects.current().filter(
        invitations__round=before, invitations__client=F("client"), client__archived_at=None
    )
    audience.add(round, listed, lately=audience.lately_days(round.audience), now=now)
    return round


def moved_on(before, *, now):
    """The dates of a round a year on, or as many years as it takes to lie ahead, each on a working day."""
    if not before.opens_at:
        return {}
    calendar = firm_calendar()
    opened = before.opens_at.astimezone(calendar.zone)
    today = calendar.local_date(now)
    years = 1
    while _years_on(opened.date(), years) <= today:
        years += 1

    def moved(day):
        return calendar.working_day_after(_years_on(day, years), 0) if day else None

    opens, due, closes = moved(opened.date()), moved(before.due_on), moved(before.closes_on)
    if due and due <= opens:
        due = calendar.working_day_after(opens, 1)
    if closes and due and closes < due:
        closes = due
    beliefs = moved(before.beliefs_due_on)
    return {
        "opens_at": datetime.combine(opens, opened.time(), calendar.zone),
        "due_on": due,
        "closes_on": closes,
        "beliefs_due_on": min(beliefs, opens) if beliefs else None,
    }


def _years_on(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)

"""Dates of a round that do not fit one another, or on which nobody works: said, and nothing moves by itself."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from surveys.finding import Finding, short, step


def order_of_dates(round, calendar):
    """Reminders nobody can get any more, and beliefs asked for after they are sealed."""
    if not (round.opens_at and round.due_on and round.closes_on):
        return
    opens = calendar.local_date(round.opens_at)
    reminders = [calendar.working_day_after(opens, days) for days in sorted(round.reminder_days)]
    set_them = {"mend_url": step(round, "dates"), "mend": _("Set the dates")}
    if reminders and reminders[-1] > round.closes_on:
        yield Finding(
            "closes_early",
            _("The round closes on %(closes)s, before its last reminder on %(day)s.")
            % {"closes": short(round.closes_on), "day": short(reminders[-1])},
            what_happens=_("Reminders after the close are not sent."),
            **set_them,
        )
    late = [day for day in reminders if round.due_on < day <= round.closes_on]
    if late:
        yield Finding(
            "reminder_late",
            ngettext(
                "A reminder goes out after answers are due on %(due)s: %(days)s.",
                "Reminders go out after answers are due on %(due)s: %(days)s.",
                len(late),
            )
            % {"due": short(round.due_on), "days": ", ".join(map(short, late))},
            what_happens=_("People are reminded of what is overdue already."),
            **set_them,
        )
    if round.beliefs_due_on and round.beliefs_due_on > opens and not round.launched_at:
        yield Finding(
            "beliefs_late",
            _("Beliefs are due on %(day)s, after the first mail goes out on %(opens)s.")
            % {"day": short(round.beliefs_due_on), "opens": short(opens)},
            what_happens=_("A belief recorded after a client’s first mail is kept, and never counted."),
            mend_url=step(round, "beliefs"),
            mend=_("Change the day"),
        )


def days_off(round, calendar):
    """Dates on which nobody works: said, and nothing moves by itself."""
    dates = [
        ("opens_off", _("Invitations go out"), calendar.local_date(round.opens_at) if round.opens_at else None),
        ("due_off", _("Answers are due"), round.due_on),
        ("closes_off", _("The round closes"), round.closes_on),
    ]
    for key, what, day in dates:
        if day and (why := calendar.why_not(day)):
            yield Finding(
                key,
                _("%(what)s on %(day)s, when nobody works: %(why)s.") % {"what": what, "day": short(day), "why": why},
                what_happens=_("Mail waits for the next morning of a working day.")
                if key == "opens_off"
                else _("Nothing moves by itself."),
                mend_url=step(round, "dates"),
                mend=_("Set the dates"),
            )

"""Print the figures of the page “Kept word”."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User, Workspace
from clients.models import Client
from promises.figures import Counting
from promises.models import Promise
from promises.outcomes import MIN_DUE, Outcome
from promises.periods import Period, day_in

ABOUT = f"""\
Prints how the promises that came due turned out, as the page “Kept word” shows it: each promise once, by the due date
first agreed; only the share kept as first promised goes by the due date agreed last. Our own promises, or with --theirs
those made to us; the two are never added together. Without --since it counts from the first one on, without --until up
to now. Days begin and end on the clock of the firm.

As json, every share is a fraction from 0 to 1, and null where there is nothing to divide by; reliability (the lower
bound of Wilson's 95% interval of word kept) is null for fewer than {MIN_DUE} promises due. Slip is counted in working
days of whoever promised, over the promises done after their first date; null when there are none.
"""


def figures_as_json(word):
    """A `figures.Word` under the names other programs read."""
    figures = word.figures
    return {
        "outcomes": {one.value: figures.by_first_due[one] for one in Outcome if one != Outcome.NOT_DUE},
        "due": word.due,
        "word_kept": _fraction(figures.word_kept),
        "kept_as_first_promised_rate": _fraction(figures.kept_as_first_promised),
        "early_warning": _fraction(figures.early_warning),
        "reliability": figures.reliability,
        "slip_median_days": figures.slip_median,
        "slip_p90_days": figures.slip_p90,
    }


def _fraction(share):
    return share.part / share.whole if share.whole else None


class Command(BaseCommand):
    help = ABOUT

    def add_arguments(self, parser):
        parser.add_argument("--owner", default="", metavar="EMAIL", help="only promises this person answers for")
        parser.add_argument("--client", default="", metavar="NAME", help="only this client, by name, number or id")
        parser.add_argument("--since", default="", metavar="DAY", help="first due on this day or later: 2026-01-31")
        parser.add_argument("--until", default="", metavar="DAY", help="first due on this day or earlier")
        parser.add_argument("--theirs", action="store_true", help="what was promised to us, instead of our own")
        parser.add_argument("--format", default="table", choices=["table", "json"])

    def handle(self, *, owner, client, since, until, theirs, format, **options):
        promises = Promise.objects.all()
        if owner:
            promises = promises.of(_person(owner))
        if client:
            promises = promises.filter(client=_client(client))
        period = Period(_day(since, "--since"), _day(until, "--until"))
        if period.first and period.last and period.last < period.first:
            raise CommandError("The day of --until is before the day of --since.")
        with timezone.override(Workspace.current().time_zone):  # where the days of a period begin and end
            counting = Counting(promises, period=period, now=timezone.now(), slips_read=None)
            word = counting.words["theirs" if theirs else "ours"]
        if format == "json":
            self.stdout.write(json.dumps(figures_as_json(word), indent=2))
        else:
            self.stdout.write(as_table(word))


def _day(text, option):
    if not text:
        return None
    if (day := day_in(text)) is None or len(text.strip()) != 10:
        raise CommandError(f"“{text}” is no day for {option}. Write it as 2026-01-31.")
    return day


def _person(email):
    person = User.objects.filter(email__iexact=email.strip()).first()
    if person is None:
        raise CommandError(f"We know nobody with the e-mail “{email}”.")
    return person


def _client(name):
    name = name.strip()
    found = list(Client.objects.filter(name__iexact=name).order_by("pk")[:6])
    if not found:
        found = list(Client.objects.filter(external_id=name)[:1] or Client.objects.filter(public_id=name)[:1])
    if not found:
        raise CommandError(f"We know no client called “{name}”.")
    if len(found) > 1:
        which = ", ".join(f"{one.external_id or one.public_id} (of {one.owner.name})" for one in found)
        raise CommandError(f"There is more than one client called “{name}”: {which}. Say which by its number or id.")
    return found[0]


def as_table(word):
    figures = word.figures
    lines = [(str(one.label), figures.by_first_due[one]) for one in Outcome if one != Outcome.NOT_DUE]
    lines += [
        ("", ""),
        ("due", word.due),
        ("word kept", _percent(figures.word_kept)),
        ("kept as first promised, by the last date", _percent(figures.kept_as_first_promised)),
        ("early warning", _percent(figures.early_warning)),
        ("reliability", f"{figures.reliability:.3f}" if figures.reliability is not None else "too few to score"),
        ("slip in working days, median", _number(figures.slip_median)),
        ("slip in working days, 90th percentile", _number(figures.slip_p90)),
    ]
    width = max(len(words) for words, _value in lines)
    return "\n".join(f"{words:<{width}}  {value}".rstrip() for words, value in lines)


def _percent(share):
    if share.rate is None:
        return f"{share.part} of {share.whole}, too few to score" if share.whole else "none due"
    return f"{100 * share.rate:.1f} %  ({share.part} of {share.whole})"


def _number(value):
    return "–" if value is None else f"{value:g}"

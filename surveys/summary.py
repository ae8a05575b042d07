"""What a whole round comes to, measured in the worker and kept with it: pages read this and count no answers.

`Round.summary` holds, under "all" and under "band:A", "part:decision_maker", …, what `means.Together` says of those
clients or people, and under

    asked        how many people and clients were asked and have answered, and who is left out of the rates
    days         [[day, people who answered on it], …]
    tallies      how many clients at which level
    change       beside the closed round before: the paired difference of each dimension the very same was asked of
    calibration  {user: {"all": …, "open": …}}, how near each of us came; "open" without clients heard in confidence
"""

from collections import Counter, defaultdict
from datetime import timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from accounts.models import Workspace
from surveys import trends
from surveys.days import firm_calendar
from surveys.gap import INDEX
from surveys.gap_list import tallies
from surveys.means import Together, calibration, changes
from surveys.models import Invitation, Response, Round

State = Invitation.State
LARGE = 2000  # clients: measured again every few minutes only
EVERY = timedelta(minutes=5)
LEFT_OUT = {State.UNDELIVERABLE: "undeliverable", State.WITHDRAWN: "withdrawn"}


def measure_summary(round, now):
    """Measures the whole round anew."""
    found = _of_results(round)
    found["asked"] = _asked(round)
    found["days"] = _days(round)
    found["tallies"] = tallies(round.results) | {
        "unverified": round.results.unverified().count(),
        "no_opinion": round.results.no_opinion().count(),
        "asks_word": round.results.asks_word(cut=Workspace.current().quadrant_cut).count(),
    }
    round.means, round.summary, round.summary_at = found["all"]["means"], found, now
    Round.objects.filter(pk=round.pk).update(means=round.means, summary=found, summary_at=now)


def measure_due(now):
    """Keeps the summaries of open rounds, and of those that changed since, up to date; called by the clock."""
    rounds = Round.objects.filter(state__in=[Round.State.OPEN, Round.State.CLOSED]).select_related("questionnaire")
    for round in rounds.defer("snapshot"):
        if round.summary is None:
            # Computed before results kept what they add to the whole: brought up to date at the next tick.
            round.results.filter(voices={}, answered__gt=0, computed_at__isnull=False).update(stale=True)
            measure_summary(round, now)
        elif _is_behind(round, now):
            measure_summary(round, now)
        elif round.state == Round.State.OPEN and _may(round, now):
            summary = {**round.summary, "asked": _asked(round)}
            if summary != round.summary:
                Round.objects.filter(pk=round.pk).update(summary=summary)


def _is_behind(round, now):
    return _may(round, now) and round.results.filter(computed_at__gt=round.summary_at).exists()


def _may(round, now):
    """Whether it may be measured again already: a large round takes seconds, and not every minute."""
    return round.summary["all"]["clients"] <= LARGE or now - round.summary_at >= EVERY


# -------------------------------------------------------------------- what the results say


def _of_results(round):
    all_of, some, judges = Together(), defaultdict(Together), defaultdict(lambda: {"all": [], "open": []})
    said = {}
    rows = round.results.filter(answered__gt=0).order_by()
    columns = ("client", "client__value_band", "in_confidence", "dimensions", "voices")
    for client, band, in_confidence, dimensions, voices in rows.values_list(*columns).iterator(chunk_size=1000):
        all_of.add(dimensions, voices)
        if band:
            some[f"band:{band}"].add(dimensions, voices)
        for part, numbers in voices.get("parts", {}).items():
            some[f"part:{part}"].add(numbers["dimensions"], numbers)
        for user, bias, distance in voices.get("judges", ()):
            judges[user]["all"].append((bias, distance))
            if not in_confidence:
                judges[user]["open"].append((bias, distance))
        said[client] = {name: numbers["c"] for name, numbers in dimensions.items() if numbers.get("c") is not None}
    return {
        "all": all_of.numbers(),
        **{name: together.numbers() for name, together in sorted(some.items())},
        "change": _change(round, said),
        "calibration": {
            str(user): {"all": calibration(known["all"]), "open": calibration(known["open"])}
            for user, known in sorted(judges.items())
        },
    }


def previous(round):
    """The closed round before this one, or None."""
    found = Round.objects.filter(state=Round.State.CLOSED).exclude(pk=round.pk).select_related("questionnaire")
    if round.launched_at:
        found = found.filter(launched_at__lt=round.launched_at)
    return found.order_by("-launched_at").first()


def _change(round, said):
    """{"round": id of the one before, "dimensions": {…}, "broken": dimensions asked in other words since}."""
    before = previous(round)
    if before is None or not round.snapshot or not before.snapshot:
        return {}
    same = trends.dimensions(before.snapshot, round.snapshot)
    both = _measured(before.snapshot) & _measured(round.snapshot)
    if both and both == same:
        same = {*same, INDEX}  # the index is the mean of the dimensions: comparable only where all of them are
    then = {}
    rows = before.results.filter(answered__gt=0).order_by().values_list("client", "dimensions")
    for client, dimensions in rows.iterator(chunk_size=1000):
        if client in said:
            then[client] = {name: numbers.get("c") for name, numbers in dimensions.items()}
    return {
        "round": before.public_id,
        "name": before.name,
        "dimensions": changes(then, said, dimensions=sorted(same)),
        "broken": sorted(both - same),
    }


def _measured(snapshot):
    return {e["dimension"] for e in snapshot["questions"] if e["kind"] == "scale" and e.get("dimension")}


# -------------------------------------------------------------------- who was asked


def _asked(round):
    return asked_of(round.invitations.all())


def asked_of(invitations):
    """{"": …, "band:A": …, "part:…": …}: how many were asked and have answered, and who is left out, in one query."""
    columns = ("client", "client__value_band", "contact__survey_part", "state", "queued_at", "invited_at")
    counts, clients, heard = defaultdict(Counter), defaultdict(set), defaultdict(set)
    for client, band, part, state, queued_at, invited_at in invitations.order_by().values_list(*columns).iterator():
        word = _standing(state, queued_at, invited_at)
        for scope in ("", f"band:{band}" if band else None, f"part:{part}"):
            if scope is None:
                continue
            counts[scope][word] += 1
            if word in ("asked", "begun", "answered"):
                clients[scope].add(client)
            if word == "answered":
                heard[scope].add(client)
    return {
        scope: {
            "people": found["asked"] + found["begun"] + found["answered"],
            "people_done": found["answered"],
            "begun": found["begun"],
            "clients": len(clients[scope]),
            "clients_done": len(heard[scope]),
            "left_out": {
                name: found[name] for name in ("undeliverable", "opted_out", "not_sent", "withdrawn") if found[name]
            },
        }
        for scope, found in {"": counts[""], **counts}.items()
    }


def _standing(state, queued_at, invited_at):
    """How one invitation counts in the rate: completed ÷ (invited − bounced − opted out before anything reached)."""
    if state == State.SUBMITTED:
        return "answered"
    if state in LEFT_OUT:
        return LEFT_OUT[state]
    if state == State.DECLINED and invited_at is None:
        return "opted_out"
    if state in (State.PENDING, State.CLOSED) and queued_at is None:
        return "not_sent"
    return "begun" if state == State.STARTED else "asked"


def _days(round):
    zone = firm_calendar().zone
    found = Response.objects.filter(invitation__round=round, submitted_at__isnull=False).order_by()
    found = found.values_list(TruncDate("submitted_at", tzinfo=zone)).annotate(Count("pk"))
    return [[day.isoformat(), number] for day, number in sorted(found)]

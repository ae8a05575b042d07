"""Clear-the-air cases: which results ask for a talk, opened once for a round and client; and what a case may tell whom.

A case opens at a serious gap, when somebody asked for a call, at a mark of 3 or less for trust, respect or promise
keeping, or where somebody would not recommend us although we thought all was well. The concern itself says only that
a talk is wanted: why is kept here, and read through the same door as the answers.
"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Origin, Workspace
from accounts.prepared import prepared
from clients import ahead
from outbox.models import Heartbeat
from partnerships import looks
from partnerships.models import Concern
from promises.reminders.scans import each
from surveys import gap_page
from surveys.gap import Level, Quadrant
from surveys.models import Case, Invitation, Result, Round, TakenUp
from surveys.priority import ALARM, DETRACTOR, Tier
from surveys.reading import Door, index_of_result
from surveys.results import CANNOT_WAIT, items_of, people_of

Why = Case.Why
CLOSED_LATELY = timedelta(days=14)  # a round closed before that opens no case by itself any more
LARGEST, WORDS_SHOWN = 3, 4
# Once an hour every result is looked at; in between, those computed since.
LOOKED_AT_ALL, HOUR, MARGIN = "surveys.cases", timedelta(hours=1), timedelta(minutes=5)


# -------------------------------------------------------------------- by rule


def open_due(now):
    """Open what the rules ask for; how many. Safe to run twice, and beside itself."""
    last = Heartbeat.objects.filter(pk=LOOKED_AT_ALL).values_list("at", flat=True).first()
    all_of_them = last is None or not last <= now < last + HOUR
    found = _candidates(now) if all_of_them else _candidates(now).filter(computed_at__gte=last - MARGIN)
    results = list(found.select_related("round__questionnaire", "client__owner"))
    lowest = _lowest_marks(results)
    cut = float(Workspace.current().quadrant_cut)

    def open_one(result):
        why = why_open(result, lowest=lowest.get(result.pk), cut=cut)
        return why and open_case(result, why=why, by=None, now=now)

    opened = each(results, open_one)
    if all_of_them:
        Heartbeat.beat(LOOKED_AT_ALL, now)
    return opened


def _candidates(now):
    """Results that may open a case: up to date, with a whole answer, in a round that is open or closed lately."""
    handed_in = Invitation.objects.filter(
        round=OuterRef("round"), client=OuterRef("client"), state=Invitation.State.SUBMITTED
    )
    known = Case.objects.filter(round=OuterRef("round"), client=OuterRef("client"))
    lately = Q(round__state=Round.State.OPEN) | Q(
        round__state=Round.State.CLOSED, round__closed_at__gte=now - CLOSED_LATELY
    )
    found = Result.objects.filter(lately, stale=False, computed_at__isnull=False, client__archived_at=None)
    found = found.exclude(round__origin=Origin.IMPORT)
    may = Q(asked_for_call=True) | Q(priority_tier=Tier.ALARM) | Q(level=Level.SERIOUS)
    may |= Q(lowest_recommend__lte=DETRACTOR)
    return found.filter(may).filter(Exists(handed_in)).exclude(Exists(known)).order_by("pk")


def _lowest_marks(results):
    """{result pk: the lowest mark anybody gave for what cannot wait}, where it may decide."""
    by_round = {}
    for result in results:
        if result.priority_tier == Tier.ALARM:
            by_round.setdefault(result.round, []).append(result)
    found = {}
    for round, some in by_round.items():
        keys = [(item.key, item.reverse) for item in items_of(round) if item.dimension in CANNOT_WAIT]
        people = people_of(round, [result.client_id for result in some])
        for result in some:
            given = [(p.answers.get(key), reverse) for p in people.get(result.client_id, ()) for key, reverse in keys]
            marks = [10 - mark if reverse else mark for mark, reverse in given if mark is not None]
            found[result.pk] = min(marks, default=None)
    return found


def why_open(result, *, lowest=None, cut):
    """The first rule that opens a case for this result; "" when none does. `lowest` of what cannot wait, 0–10."""
    if result.asked_for_call:
        return Why.CALL
    if lowest is not None and lowest <= ALARM:
        return Why.ALARM
    if result.level == Level.SERIOUS and (result.gap or 0) > 0:
        return Why.SERIOUS
    detractor = result.lowest_recommend is not None and result.lowest_recommend <= DETRACTOR
    if detractor and index_of_result(result).quadrant(cut=cut) == Quadrant.BLIND_SPOT:
        return Why.BLIND_SPOT
    return ""


def open_case(result, *, why, by, now):
    """The case with its concern, or None when there is one already: the unique row decides between two at once."""
    confidential = result.in_confidence > 0
    words = _("%(round)s: we would like to talk about how we are doing.") % {"round": result.round.name}
    try:
        with transaction.atomic():
            concern = Concern.open(
                result.client,
                by=by,
                now=now,
                origin=Concern.Origin.SURVEY,
                severity=Concern.Severity.SERIOUS,
                what_happened=words,
                # How soon must not tell what somebody said in confidence, so all of those are as soon as a call.
                asked_for_call=confidential or why == Why.CALL,
            )
            return Case.objects.create(
                concern=concern, round=result.round, client=result.client, why=why, opened_at=now
            )
    except IntegrityError:
        return None


# -------------------------------------------------------------------- by hand


def case_of(client, round):
    """The case of a client in a round, or None."""
    return next((case for case in cases_of(client) if case.round_id == round.pk), None)


def cases_of(client):
    """All cases of a client; read once for its page."""
    if "_cases" not in client.__dict__:
        client._cases = ahead.rows(client, cases_at.question(client))
    return client._cases


@prepared
def cases_at(client):
    return Case.objects.filter(client=client).select_related("concern").order_by("pk")


def follow(concern, by, now):
    """A concern somebody opened from the survey is the case of the newest round that asked this client."""
    result = Result.objects.filter(client=concern.client, round__state__in=[Round.State.OPEN, Round.State.CLOSED])
    result = result.select_related("round").order_by("-round__launched_at", "-round").first()
    if result is None:
        return
    try:
        with transaction.atomic():
            Case.objects.create(
                concern=concern, round=result.round, client=concern.client, why=Why.PERSON, opened_at=now
            )
    except IntegrityError:
        pass  # there is one: this is a second concern beside it


# -------------------------------------------------------------------- what the case shows


def look(concern, user, now):
    """The survey's piece of the step “look” and of the sheet: what they say, and why the case was opened."""
    case = Case.objects.filter(concern=concern).select_related("round__questionnaire").first()
    if case is None:
        return None
    result = Result.objects.filter(client=concern.client_id, round=case.round_id).first()
    if result is None:
        return None
    result.client, result.round = concern.client, case.round
    taken = TakenUp.objects.filter(
        answer__response__invitation__client=concern.client_id, promise__isnull=False
    ).exclude(answer__response__invitation__round=case.round_id)
    context = {"case": case, "round": case.round, "closed": Door(user, case.round).closed_because(result)}
    if not context["closed"]:
        page = gap_page.look(result, user=user, now=now)
        rows = [row for row in page["rows"] if row.gap.gap is not None and row.gap.gap > 0]
        context |= {
            "page": page,
            "largest": rows[:LARGEST],
            "written": page["written"][:WORDS_SHOWN],
            "judges": _judges(page["convictions"]),
            "why": case.get_why_display(),
        }
    return looks.Look(
        template="surveys/_case_look.html",
        brief="surveys/_case_brief.html",
        context=context,
        promise_ids=list(taken.values_list("promise", flat=True)),
    )


def _judges(convictions):
    """What each of us believed beforehand; whether two of us were a point or more apart."""
    scores = [one.score for one in convictions if one.score is not None]
    return {
        "all": [one for one in convictions if one.score is not None],
        "differ": len(scores) > 1 and max(scores) - min(scores) >= 1,
    }

"""Computes what answers and beliefs come to, and keeps it: lists and the overview read `Result` and nothing else."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import translation

from accounts.models import Workspace
from clients.models import Client, Contact
from promises.judging import outcome_q
from promises.models import Promise
from surveys.gap import INDEX, Item, Person, client_gap, dimensions_in, spreads_of, threshold, with_index
from surveys.means import judged
from surveys.models import Answer, Belief, Dimension, Invitation, Response, Result, Round
from surveys.priority import Case, priority, value_percentiles, weights_of, why
from surveys.summary import measure_due, measure_summary

FEW = 200  # clients brought up to date in one transaction: their answers wait for it
SMALL_ROUND = 500
MEASURE_AGAIN = timedelta(minutes=15)
LOOK_BACK = timedelta(days=180)
YEAR = timedelta(days=365)
A_DAY = timedelta(days=1)
MATTERS = "matters_most"  # the key of “which two matter most”; its options are dimensions
CANNOT_WAIT = ("trust", "respect", "promises")
# N: invited, and neither bounced nor opted out before anything reached them.
REACHABLE = (
    ~Q(state__in=[Invitation.State.UNDELIVERABLE, Invitation.State.WITHDRAWN])
    & ~Q(state__in=[Invitation.State.PENDING, Invitation.State.CLOSED], queued_at=None)
    & ~Q(state=Invitation.State.DECLINED, invited_at=None)
)
OTHER_LANGUAGES = [code for code, _name in settings.STAFF_LANGUAGES if code != settings.LANGUAGE_CODE]
FIELDS = [
    "invited", "answered", "they_say", "we_believe", "gap", "se", "level", "confirmed", "distance", "worst",
    "worst_dimension", "in_confidence", "dimensions", "lowest_recommend", "asked_for_call", "priority_tier", "priority",
    "priority_parts", "why", "whys", "computed_at", "voices", "word_kept", "word_due", "promises_say", "word_apart",
]  # fmt: skip


def items_of(round):
    return [Item(q.key, q.dimension, q.reverse) for q in round.asked if q.is_scale]


def recompute(round, *, now, client_ids=None):
    """Compute the results of a round: of some clients, or of all with the round's spread measured again.

    May run twice or beside itself: each run writes what the answers say at that moment.
    """
    if client_ids is None:
        measure_spread(round, now=now)
        client_ids = list(round.invitations.order_by("client").values_list("client", flat=True).distinct())
    _in_batches(round, client_ids, now=now)


def recompute_stale(now):
    """Bring results up to date in rounds where something changed; the worker's part, called by the clock."""
    for round in Round.objects.filter(results__stale=True).distinct():
        if round.spreads_at is None or now - round.spreads_at > MEASURE_AGAIN:
            measure_spread(round, now=now)
        _in_batches(round, list(round.results.filter(stale=True).values_list("client", flat=True)), now=now)
    refresh_old(now)
    measure_due(now)


def refresh_old(now):
    """Promises come and go without an answer: results of open rounds are looked at again every day, some at a time."""
    for round in Round.objects.open():
        old = round.results.filter(stale=False, computed_at__lt=now - A_DAY).order_by("computed_at")[:FEW]
        if client_ids := list(old.values_list("client", flat=True)):
            _bring_up_to_date(round, client_ids, now=now)


def recompute_one(round_id, client_id, *, now):
    """One client at once, so that who looks right after an answer sees it; the tick would do the same."""
    round = Round.objects.select_related("questionnaire").get(pk=round_id)
    _bring_up_to_date(round, [client_id], now=now)
    if round.results.count() <= SMALL_ROUND:
        measure_summary(round, now)


def _in_batches(round, client_ids, *, now):
    client_ids = iter(client_ids)
    while some := list(islice(client_ids, FEW)):
        _bring_up_to_date(round, some, now=now)
    if round.summary is None or round.results.count() <= SMALL_ROUND:
        measure_summary(round, now)


@transaction.atomic
def _bring_up_to_date(round, client_ids, *, now):
    # The mark comes off first: an answer that is being saved either holds its row and is waited for, so that it is
    # read below, or waits for this transaction and puts the mark on again.
    round.results.filter(client__in=client_ids).update(stale=False)
    _compute(round, client_ids, now=now)


def measure_spread(round, *, now):
    """The pooled spread of people within their clients, over the whole round."""
    clients = people_of(round).values()
    Round.objects.filter(pk=round.pk).update(spreads=spreads_of(clients, items_of(round)), spreads_at=now)
    round.refresh_from_db(fields=["spreads", "spreads_at"])


def thresholds_for(round):
    """T per dimension from the clients' scores in the last closed round before this one; frozen at launch."""
    last = Round.objects.filter(state=Round.State.CLOSED).exclude(pk=round.pk).order_by("-closed_at").first()
    scores = defaultdict(list)
    for dimensions in last.results.values_list("dimensions", flat=True) if last else ():
        for dimension, numbers in dimensions.items():
            scores[dimension].append(numbers["c"])
    asked = {item.dimension for item in items_of(round) if item.dimension}
    return {dimension: threshold(scores[dimension]) for dimension in sorted(asked | {INDEX})}


def people_of(round, client_ids=None):
    """{client id: [Person, …]} of everybody who has given an answer to a 0–10 question."""
    keys = [item.key for item in items_of(round)]
    found = Answer.objects.filter(response__invitation__round=round, key__in=keys)
    if client_ids is not None:
        found = found.filter(response__invitation__client__in=client_ids)
    answers, who = defaultdict(dict), {}
    invitation = "response__invitation__"
    rows = found.values_list(
        "response_id",
        f"{invitation}client",
        f"{invitation}weight",
        f"{invitation}contact__survey_part",
        "key",
        "number",
    )
    for response, client, weight, part, key, number in rows.iterator(chunk_size=5000):
        answers[response][key] = number
        who[response] = (client, float(weight), part)
    people = defaultdict(list)
    for response, given in answers.items():
        client, weight, part = who[response]
        people[client].append(Person(given, weight, part))
    return people


def _compute(round, client_ids, *, now):
    items, known = items_of(round), _Known(round, client_ids, now=now)
    rows = []
    for client in known.clients:
        found = client_gap(
            items,
            known.people.get(client.pk, []),
            known.beliefs.get(client.pk, []),
            invited=known.invited.get(client.pk, 0),
            spreads=round.spreads,
            thresholds=round.thresholds or {},
        )
        with translation.override(settings.LANGUAGE_CODE):
            row = _row(round, client, found, known.case(client, found), known, now=now)
        for code in OTHER_LANGUAGES:
            with translation.override(code):
                row.whys[code] = why(known.case(client, found))[:400]
        rows.append(row)
    Result.objects.bulk_create(rows, update_conflicts=True, unique_fields=["round", "client"], update_fields=FIELDS)


def _row(round, client, found, case, known, *, now):
    place = priority(case)
    kept, due = known.word.get(client.pk, (0, 0))
    promises_say = found.dimensions["promises"].they_say if "promises" in found.dimensions else None
    return Result(
        round=round,
        client=client,
        invited=known.invited.get(client.pk, 0),
        answered=len(known.people.get(client.pk, [])),
        they_say=found.index.they_say,
        we_believe=found.index.we_believe,
        gap=found.index.gap,
        se=found.index.se,
        level=found.index.level,
        confirmed=found.index.confirmed,
        distance=found.distance,
        worst=found.worst,
        worst_dimension=found.worst_dimension or "",
        in_confidence=known.in_confidence.get(client.pk, 0),
        dimensions={
            INDEX: found.index.numbers(),
            **{name: gap.numbers() for name, gap in found.widest_first},
        },
        lowest_recommend=case.recommend,
        asked_for_call=case.asked_for_call,
        priority_tier=place.tier,
        priority=place.score,
        priority_parts=[part.numbers() for part in place.parts],
        why=place.why[:400],
        computed_at=now,
        voices=_voices(client, found, known),
        word_kept=kept,
        word_due=due,
        promises_say=promises_say,
        word_apart=10 * kept / due - promises_say if due and promises_say is not None else None,
    )


def _voices(client, found, known):
    """What the people there said and what each of us had believed, as the summary of the round adds it up."""
    people = known.people.get(client.pk, [])
    matters = known.matters.get(client.pk, [])
    parts = {}
    for part in sorted({person.part for person in people} | {part for part, _ticks in matters}):
        some = [person for person in people if person.part == part]
        theirs = client_gap(known.items, some, known.beliefs.get(client.pk, []), invited=len(some))
        parts[part] = {
            "dimensions": {
                name: {"c": gap.they_say, "f": gap.we_believe, "gap": gap.gap}
                for name, gap in [(INDEX, theirs.index), *theirs.dimensions.items()]
                if gap.they_say is not None
            },
            **_marks_and_ticks(some, [ticks for other, ticks in matters if other == part]),
        }
    they_say = {name: gap.they_say for name, gap in found.dimensions.items()} | {INDEX: found.index.they_say}
    index = dimensions_in(known.items)
    judges = [
        (user, *judged(with_index(values, known.items), they_say, index=index))
        for user, values in known.judges.get(client.pk, ())
    ]
    return {
        **_marks_and_ticks(people, [ticks for _part, ticks in matters]),
        "parts": parts,
        "judges": [judge for judge in judges if judge[1] is not None or judge[2] is not None],
    }


def _marks_and_ticks(people, ticked):
    marks = [person.answers.get("recommend") for person in people]
    return {
        "recommend": [mark for mark in marks if mark is not None],
        "matters": Counter(option for ticks in ticked for option in ticks),
        "matters_n": len(ticked),
    }


class _Known:
    """Everything that bears on the results of some clients, read in a handful of queries."""

    def __init__(self, round, client_ids, *, now):
        self.items = items_of(round)
        self.clients = list(Client.objects.filter(pk__in=client_ids))
        self.people = people_of(round, client_ids)
        self.beliefs = defaultdict(list)
        counted = Belief.objects.counted().filter(round=round, client__in=client_ids)
        self.judges = defaultdict(list)
        for client, user, values in counted.values_list("client", "user", "values"):
            self.beliefs[client].append(values)
            self.judges[client].append((user, values))
        invited = round.invitations.filter(REACHABLE, client__in=client_ids)
        self.invited = _counts(invited)
        responses = Response.objects.filter(invitation__round=round, invitation__client__in=client_ids)
        self.in_confidence = _counts(responses.filter(in_confidence=True), "invitation__client")
        self.matters = defaultdict(list)
        # Joined, not looked up among the responses: without statistics PostgreSQL compares each with each.
        of_these = {"response__invitation__round": round, "response__invitation__client__in": client_ids}
        ticked = Answer.objects.filter(**of_these, key=MATTERS).exclude(choices=[])
        by = ("response__invitation__client", "response__invitation__contact__survey_part", "choices")
        for client, part, choices in ticked.values_list(*by):
            self.matters[client].append((part, choices))
        self.callers = defaultdict(list)
        callers = responses.filter(wants_call=True, submitted_at__isnull=False)
        for client, name in callers.values_list("invitation__client", "invitation__contact__name"):
            self.callers[client].append(name)
        self.silent = set(
            invited.filter(
                contact__survey_part=Contact.SurveyPart.DECISION_MAKER,
                state__in=[Invitation.State.SENT, Invitation.State.CLOSED],
            ).values_list("client", flat=True)
        )
        since = now - LOOK_BACK
        ours = Promise.objects.ours().filter(client__in=client_ids, due_at__range=(since, now))
        ours = ours.exclude(state__in=["released", "declined", "proposed"])
        self.due = _counts(ours)
        self.failed = _counts(ours.filter(Q(state=Promise.State.BROKEN) | Q(state=Promise.State.ACTIVE)))
        self.word = self._word(client_ids, now)
        bands = Client.objects.current().values_list("value_band").annotate(Count("pk")).order_by()
        self.value = value_percentiles(dict(bands))
        self.weights = weights_of(Workspace.current())

    @staticmethod
    def _word(client_ids, now):
        """{client: (kept, due)} of our promises that fell due in the last year, as the ledger counts them."""
        ours = Promise.objects.ours().filter(client__in=client_ids, first_due_at__range=(now - YEAR, now)).order_by()
        if not ours.exists():
            return {}
        rows = ours.values_list("client").annotate(
            kept=Count("pk", filter=outcome_q("word_kept", now)), due=Count("pk", filter=outcome_q("word_due", now))
        )
        return {client: (kept, due) for client, kept, due in rows}

    def case(self, client, found):
        people = self.people.get(client.pk, [])
        marks = [person.answers.get("recommend") for person in people]
        callers = self.callers.get(client.pk, [])
        return Case(
            asked_for_call=bool(callers),
            asked_by=callers[0] if callers else "",
            recommend=min((mark for mark in marks if mark is not None), default=None),
            alarms={Dimension(name).label: self.lowest(people, name) for name in CANNOT_WAIT},
            bias=found.bias,
            they_say=found.index.they_say,
            worst=found.worst,
            worst_name=Dimension(found.worst_dimension).label if found.worst_dimension else "",
            failed=self.failed.get(client.pk, 0),
            due=self.due.get(client.pk, 0),
            silent_decision_maker=client.pk in self.silent,
            value=self.value.get(client.value_band, 0.5),
            weights=self.weights,
        )

    def lowest(self, people, dimension):
        keys = [(item.key, item.reverse) for item in self.items if item.dimension == dimension]
        given = [(p.answers.get(key), reverse) for p in people for key, reverse in keys]
        return min((10 - mark if reverse else mark for mark, reverse in given if mark is not None), default=None)


def _counts(queryset, by="client"):
    return dict(queryset.order_by().values_list(by).annotate(Count("pk")))

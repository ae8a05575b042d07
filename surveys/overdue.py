"""Answers that did not come: who is overdue and why, which decision makers to call, who stayed silent; what to do."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, Count, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.prepared import Question, prepared
from clients.models import Client, Contact, Interaction
from clients.standing import SOON, rules
from clients.standing import Reason as Bearing
from clients.timeline import PAGE, Asked, Entry, Later, key_of
from promises.reminders.sections import Line
from surveys.client_rounds import asked_of, last_closed, silent_among
from surveys.gap import index_of, scores_of
from surveys.models import Belief, Invitation, Round
from surveys.numbers import plain
from surveys.reminders import silent_clients
from surveys.results import items_of

Why = Invitation.OverdueReason
State = Invitation.State

# What helps, by reason; the first of them says what to do at a client where there are several.
WHAT_TO_DO = {
    Why.NO_ANSWER: gettext_lazy("Call: a mail they did not answer will not be answered by another."),
    Why.UNDELIVERABLE: gettext_lazy("Mend the address, or ask for the right one by telephone."),
    Why.NO_CONTACT: gettext_lazy("Choose another person: this one has left or has no address."),
    Why.OPTED_OUT: gettext_lazy("Do not write again. Ask in person, or choose somebody else."),
    Why.BELIEF_MISSING: gettext_lazy("Record what we believe, or let the client be written to without it."),
    Why.ON_HOLD: gettext_lazy("Look at why it is held; it goes out by itself when that ends."),
    Why.NOT_INVITED: gettext_lazy("Not written to yet: see when the round sends it."),
}
DIGEST_DAYS = timedelta(days=14)  # an overdue answer makes no digest longer after it was flagged than this


def overdue(round, user):
    """Overdue invitations of a round this person may see."""
    return round.invitations.visible_to(user).overdue().exclude(state=State.WITHDRAWN)


def counts(rows):
    """[(reason, label, what to do, how many)], those there are, in the order they help."""
    found = dict(rows.order_by().values_list("overdue_reason").annotate(n=Count("pk")))
    return [
        (why.value, why.label, words, found[why.value]) for why, words in WHAT_TO_DO.items() if found.get(why.value)
    ]


@dataclass(frozen=True)
class Act:
    words: str
    url: str


def act_for(invitation, user):
    """The one thing that helps with this overdue answer, as a button; None where there is nothing to press."""
    why, client, contact = invitation.overdue_reason, invitation.client, invitation.contact
    if why == Why.BELIEF_MISSING:
        if user.is_manager:
            return Act(_("Who is missing"), reverse("survey_beliefs", args=[invitation.round.public_id]))
        return Act(_("What I believe"), reverse("beliefs")) if client.owner_id == user.pk else None
    if why == Why.UNDELIVERABLE:
        return Act(_("Mend the address"), reverse("contact_edit", args=[client.public_id, contact.public_id]))
    if why in (Why.NO_CONTACT, Why.OPTED_OUT):
        return Act(_("Choose another person"), reverse("client_people", args=[client.public_id]))
    if why == Why.NO_ANSWER:
        return Act(_("Log a call"), log_call(client, contact))
    return None


def log_call(client, contact):
    return f"{reverse('log')}?client={client.public_id}&contact={contact.public_id}&kind=call"


# -------------------------------------------------------------------- whom to call


@dataclass
class Call:
    """One decision maker who has not answered."""

    invitation: Invitation
    last_contact: object
    believed: str  # what we believed they would say, "" where this reader may not see it or nobody said
    called_at: object  # somebody has spoken to them since the answer was due

    @property
    def phone(self):
        return self.invitation.contact.phone

    @property
    def log_url(self):
        return log_call(self.invitation.client, self.invitation.contact)


def silent_decision_makers(round, user):
    """Decision makers whose answer is overdue, the most valuable client first, among those the longest unspoken to."""
    spoken = (
        Interaction.objects.kept()
        .filter(contacts=OuterRef("contact"), happened_at__gte=OuterRef("overdue_flagged_at"))
        .exclude(kind=Interaction.Kind.NOTE)
        .order_by("-happened_at")
    )
    rows = overdue(round, user).exclude(state=State.DECLINED)
    rows = rows.filter(
        contact__survey_part=Contact.SurveyPart.DECISION_MAKER, contact__left_at=None, client__archived_at=None
    )
    unvalued = ExpressionWrapper(Q(client__value_band=""), output_field=BooleanField())
    return rows.annotate(called_at=Subquery(spoken.values("happened_at")[:1]), unvalued=unvalued).order_by(
        F("called_at").asc(nulls_first=True),
        F("unvalued").asc(),
        "client__value_band",
        F("client__last_interaction_at").asc(nulls_first=True),
        "client__search_text",
        "pk",
    )


def as_calls(round, rows, user):
    """The Call of each of these rows, with what we believe where this reader may know it."""
    rows = list(rows)
    clients = {row.client_id for row in rows}
    owed = set(Belief.objects.owed_by(user).filter(round=round, client__in=clients).values_list("client", flat=True))
    beliefs = defaultdict(list)
    found = Belief.objects.visible_to(user).filter(round=round, client__in=clients - owed, recorded_at__isnull=False)
    items = items_of(round)
    for client, values in found.values_list("client", "values"):
        score = index_of(scores_of(values, items), items)
        if score is not None:
            beliefs[client].append(score)
    calls = []
    for row in rows:
        said = beliefs.get(row.client_id)
        believed = plain(sum(said) / len(said)) if said else ""
        calls.append(Call(row, row.client.last_interaction_at, believed, row.called_at))
    return calls


# -------------------------------------------------------------------- who stayed silent


@dataclass
class Silent:
    """A client of whom nobody answered."""

    client: Client
    decision_maker: bool
    asked: int
    reasons: list  # [(label, how many)]
    what_to_do: str


def silent(round, user):
    return silent_clients(round).filter(pk__in=Client.objects.visible_to(user).values("pk")).select_related("owner")


def as_silent(round, clients):
    clients = list(clients)
    rows = round.invitations.filter(client__in=clients).exclude(state=State.WITHDRAWN).order_by()
    by_client = defaultdict(Counter)
    for client, reason, n in rows.values_list("client", "overdue_reason").annotate(n=Count("pk")):
        by_client[client][reason or Why.NO_ANSWER.value] += n
    found = []
    for client in clients:
        there = by_client[client.pk]
        ordered = [(why, there[why.value]) for why in WHAT_TO_DO if there[why.value]]
        first = ordered[0][0] if ordered else Why.NO_ANSWER
        found.append(
            Silent(
                client,
                client.decision_maker_silent,
                sum(there.values()),
                [(why.label, n) for why, n in ordered],
                WHAT_TO_DO[first],
            )
        )
    return found


# -------------------------------------------------------------------- said elsewhere


def lines(readers, now):
    """To the owner, once for the answers of a round that turned overdue together."""
    rows = Invitation.objects.overdue().filter(
        client__owner__in=readers, round__state=Round.State.OPEN, overdue_flagged_at__gte=now - DIGEST_DAYS
    )
    rows = rows.exclude(state=State.WITHDRAWN).order_by()
    counted = rows.values("client__owner", "round", "overdue_flagged_at", "overdue_reason").annotate(n=Count("pk"))
    together = defaultdict(Counter)
    for row in counted.order_by("round", "overdue_flagged_at"):
        key = row["client__owner"], row["round"], row["overdue_flagged_at"].date()
        together[key][row["overdue_reason"]] += row["n"]
    rounds = Round.objects.in_bulk({round for _owner, round, _day in together})
    public_ids = {reader.pk: reader.public_id for reader in readers}  # a deputy reads of the colleague's clients
    found = defaultdict(list)
    for (owner, pk, day), reasons in together.items():
        total = sum(reasons.values())
        found[owner].append(
            Line(
                key=f"overdue:{pk}:{day}",
                text=ngettext("%(n)d answer is overdue", "%(n)d answers are overdue", total) % {"n": total},
                who=f"{rounds[pk].name}: {_reasons_in_words(reasons)}",
                href=f"{reverse('survey_overdue', args=[rounds[pk].public_id])}?whose={public_ids[owner]}",
                tone="late",
            )
        )
    return found


def counted(lines):
    return lines[0].text if len(lines) == 1 else str(_("Overdue answers"))


def _reasons_in_words(reasons):
    parts = [(why, reasons[why.value]) for why in WHAT_TO_DO if reasons[why.value]]
    if len(parts) == 1:
        return str(parts[0][0].label)
    return ", ".join(f"{n} {why.label}" for why, n in parts)


def story_source(client, user, asked):
    """“2 answers to Survey 2026 were overdue: no answer”, and “nobody answered” at the close."""
    if asked.colleague or asked.terms:
        return []
    if asked.is_plain:
        question = _newest_overdue.question(client)
    else:
        found = _overdue_at(client)
        if asked.contact:
            found = found.filter(contact=asked.contact)
        question = Question.of(asked.rows(found, "overdue_flagged_at", "o"))

    def entries(rows, rounds):
        by_pk = {round.pk: round for round in rounds}
        told = [_overdue_entry(row, by_pk[row.round_id]) for row in rows]
        if not asked.person:
            told += [_silent_entry(round) for round in silent_among(rounds)]
        return asked.few(told)

    return Later((question, asked_of.question(client)), entries)


@prepared
def _newest_overdue(client):
    return Asked(limit=PAGE + 1).rows(_overdue_at(client), "overdue_flagged_at", "o")


def _overdue_at(client):
    found = Invitation.objects.filter(client=client, overdue_flagged_at__isnull=False).exclude(state=State.WITHDRAWN)
    return found.select_related("contact").only("overdue_flagged_at", "overdue_reason", "round_id", "contact__name")


def _overdue_entry(row, round):
    words = _("had not answered %(round)s when it was due: %(why)s") % {
        "round": round.name,
        "why": row.get_overdue_reason_display(),
    }
    return Entry(
        at=row.overdue_flagged_at,
        key=key_of("o", row.pk),
        mark="clock",
        actor=row.contact.name,
        words=words,
        url=reverse("survey_overdue", args=[round.public_id]),
        system=True,
    )


def _silent_entry(round):
    return Entry(
        at=round.closed_at,
        key=key_of("n", round.pk),
        mark="circle-slash",
        words=_("%(round)s closed, and nobody here had answered") % {"round": round.name},
        url=reverse("survey_silent", args=[round.public_id]),
        system=True,
    )


@rules(soon=gettext_lazy("Nobody there answered the last survey"))
def reasons(client, user, now):
    """Silence in the last survey bears on how a relationship stands."""
    last = last_closed(client)
    if last is None or last.heard:
        return []
    here = reverse("survey_silent", args=[last.public_id])
    return [Bearing(45, SOON, _("Nobody answered %(round)s") % {"round": last.name}, here)]

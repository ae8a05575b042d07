"""“You said, we did”: what came of last year's answers, as the owner chose to say it in this year's invitation.

Offered are the promises, suggestions and cases of the client since the last round it was asked in. Nothing is chosen
by itself, and nothing somebody said in confidence is quoted: the offer of such a thing comes without their words.
"""

import hashlib
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from clients.models import Client
from partnerships.models import Concern, Suggestion
from promises.models import Promise
from surveys.client_rounds import rounds_of
from surveys.models import Answer, Invitation, Response, Round, TakenUp, YouSaid

MOST = 3
LONGEST = 300
QUOTED_FROM = 20  # as many characters in a row, word for word, are a quotation
SOURCES = ("promise", "suggestion", "concern")


class Frozen(Exception):
    """The client's invitation has gone out: what it says stays said."""


class ChangedMeanwhile(Exception):
    """Somebody else has chosen other lines since this person read them."""


# -------------------------------------------------------------------- read


def lines_for(round, client):
    """The chosen lines of one client's invitation, in order."""
    return list(YouSaid.objects.filter(round=round, client=client).select_related(*SOURCES))


def may_choose(user, client):
    """The owner speaks for us here; managers may help."""
    return user.is_manager or client.owner_id == user.pk


def is_frozen(round, client):
    """Whether one of the client's people has been written to in this round, or it is over."""
    if round.state == Round.State.CLOSED:
        return True
    return round.invitations.filter(client=client, queued_at__isnull=False).exists()


def clients_without(round):
    """Clients of a round who answered before, are not written to yet, and are told nothing of what came of it."""
    mine = round.invitations.filter(client=OuterRef("pk"))
    heard = Response.objects.filter(invitation__client=OuterRef("pk"), submitted_at__isnull=False).exclude(
        invitation__round=round
    )
    told = YouSaid.objects.filter(round=round, client=OuterRef("pk"))
    return Client.objects.filter(
        Exists(mine), ~Exists(mine.filter(queued_at__isnull=False)), Exists(heard), ~Exists(told)
    )


def open_to_choose(client, user):
    """The round about to write to a client that answered before; None where there is nothing to choose."""
    rounds = rounds_of(client)
    shown = (Round.State.BELIEFS, Round.State.OPEN, *([Round.State.DRAFT] if user.is_manager else []))
    for round in rounds:
        answered_before = any(other.sent_in for other in rounds if other.pk != round.pk)
        if round.state in shown and not round.discarded_at and not round.written and answered_before:
            return round
    return None


def last_round(round, client):
    """The round before this one in which the client was asked; None when this is the first."""
    asked = Round.objects.filter(invitations__client=client, launched_at__isnull=False).exclude(pk=round.pk)
    if round.launched_at:
        asked = asked.filter(launched_at__lt=round.launched_at)
    return asked.order_by("-launched_at", "-pk").first()


# -------------------------------------------------------------------- what is offered


@dataclass(frozen=True)
class Offer:
    """One thing that came of last year's answers, with the words it could be said in."""

    kind: str
    pk: int
    you_said: str
    we_did: str
    became: str  # how it stands, in words
    url: str
    good: bool  # done, kept, cleared

    @property
    def value(self):
        return f"{self.kind}:{self.pk}"


def offers(round, client, *, now):
    """What could be said, what is done first. Empty where the client was never asked before."""
    last = last_round(round, client)
    if last is None:
        return []
    found = [*_suggestions(last, client), *_promises(last, client, now), *_concerns(last, client)]
    return sorted(found, key=lambda offer: not offer.good)


def _taken_up(last, client):
    return TakenUp.objects.filter(
        answer__response__invitation__client=client, answer__response__invitation__round=last
    ).select_related("answer__response")


def _words_of(taken):
    """What they wrote; nothing of what was said in confidence."""
    answer = taken.answer
    return "" if answer.response.in_confidence else _short(answer.words or answer.comment)


def _promises(last, client, now):
    words = {taken.promise_id: _words_of(taken) for taken in _taken_up(last, client).filter(promise__isnull=False)}
    of_cases = Concern.promises.through.objects.filter(concern__case__round=last, concern__client=client)
    ids = {*words, *of_cases.values_list("promise", flat=True)}
    ids -= set(Suggestion.objects.filter(client=client, promise__in=ids).values_list("promise", flat=True))
    for promise in Promise.objects.ours().filter(pk__in=ids, client=client).order_by("due_at", "pk"):
        outcome = promise.outcome(now)
        became = str(outcome.label) if outcome else promise.get_state_display()
        good = promise.state in (Promise.State.KEPT, Promise.State.DELIVERED)
        said = words.get(promise.pk, "")
        yield Offer("promise", promise.pk, said, _short(promise.what), became, promise.get_absolute_url(), good)


def _suggestions(last, client):
    confided = set(
        _taken_up(last, client)
        .filter(suggestion__isnull=False, answer__response__in_confidence=True)
        .values_list("suggestion", flat=True)
    )
    states = [Suggestion.State.ACCEPTED, Suggestion.State.DONE]
    rows = Suggestion.objects.filter(client=client, state__in=states).select_related("promise")
    if last.launched_at:
        rows = rows.filter(said_at__gte=last.launched_at)
    for one in rows.order_by("said_at", "pk"):
        said = "" if one.pk in confided else _short(one.words)
        did = one.reply or (one.promise.what if one.promise else "")
        good = one.state == Suggestion.State.DONE
        url = one.get_absolute_url()
        yield Offer("suggestion", one.pk, said, _short(did), str(one.get_state_display()), url, good)


def _concerns(last, client):
    states = [Concern.State.RESOLVED, Concern.State.VERIFIED]
    rows = Concern.objects.filter(client=client, state__in=states)
    if last.launched_at:
        rows = rows.filter(opened_at__gte=last.launched_at)
    for one in rows.order_by("opened_at", "pk"):
        # Our own note of what happened may hold what was said in confidence: the owner finds the words.
        good = one.state == Concern.State.VERIFIED
        url = one.get_absolute_url()
        yield Offer("concern", one.pk, "", _short(one.outcome), str(one.get_state_display()), url, good)


def _short(words):
    words = " ".join(words.split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rsplit(' ', 1)[0]}…"


# -------------------------------------------------------------------- choose


@dataclass
class Words:
    """One line as somebody wrote it; `source` is the value of the offer it came from, or ""."""

    you_said: str = ""
    we_did: str = ""
    source: str = ""
    errors: dict = field(default_factory=dict)

    @property
    def is_empty(self):
        return not (self.you_said or self.we_did)


def chosen(lines):
    """The saved lines as Words."""
    return [Words(line.you_said, line.we_did, source_of(line)) for line in lines]


def source_of(line):
    return next((f"{kind}:{pk}" for kind in SOURCES if (pk := getattr(line, f"{kind}_id"))), "")


def seen(lines):
    """A mark of what somebody has read, to notice that it was changed since."""
    said = "\x1f".join(f"{line.you_said}\x1e{line.we_did}" for line in lines)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def check(lines, client):
    """Puts what is wrong into each line's `errors`; True when nothing is."""
    confided = _said_in_confidence(client)
    for line in lines:
        line.errors = {}
        if line.you_said and not line.we_did:
            line.errors["we_did"] = _("Say what we did, or empty this line.")
        for name in ("you_said", "we_did"):
            words = getattr(line, name)
            if len(words) > LONGEST:
                line.errors[name] = _("At most %(most)d characters; these are %(n)d.") % {
                    "most": LONGEST,
                    "n": len(words),
                }
            elif _quotes(words, confided):
                line.errors[name] = _("This quotes what was said in confidence. Say it in other words.")
    return not any(line.errors for line in lines)


def _said_in_confidence(client):
    answers = Answer.objects.filter(response__invitation__client=client, response__in_confidence=True)
    pairs = answers.values_list("words", "comment")
    return [folded for pair in pairs for words in pair if len(folded := _folded(words)) >= QUOTED_FROM]


def _folded(words):
    return " ".join(words.casefold().split())


def _quotes(words, confided):
    """Whether so many characters in a row stand word for word in what was said in confidence."""
    words = _folded(words)
    parts = {words[start : start + QUOTED_FROM] for start in range(len(words) - QUOTED_FROM + 1)}
    return any(part in said for said in confided for part in parts)


@transaction.atomic
def choose(round, client, lines, *, by, now, was):
    """Save these lines as the whole of what the client's invitation says. `was` is the mark of what `by` had read."""
    # The wave that writes invitations holds this row: what is written is either all before it or not at all.
    Round.objects.select_for_update().get(pk=round.pk)
    round.refresh_from_db()
    if is_frozen(round, client):
        raise Frozen(client)
    there = lines_for(round, client)
    if seen(there) != was:
        raise ChangedMeanwhile(client)
    known = {offer.value for offer in offers(round, client, now=now)} | {source_of(line) for line in there}
    YouSaid.objects.filter(pk__in=[line.pk for line in there]).delete()
    kept = [line for line in lines if not line.is_empty][:MOST]
    YouSaid.objects.bulk_create(
        YouSaid(
            round=round,
            client=client,
            you_said=line.you_said,
            we_did=line.we_did,
            position=position,
            chosen_by=by,
            chosen_at=now,
            **_source(line.source if line.source in known else ""),
        )
        for position, line in enumerate(kept, 1)
    )


def _source(value):
    kind, _colon, pk = value.partition(":")
    return {f"{kind}_id": int(pk)} if kind in SOURCES else {}


def invited_at(round, client):
    """When the first of the client's people was written to."""
    first = Invitation.objects.filter(round=round, client=client, queued_at__isnull=False).order_by("queued_at").first()
    return first.queued_at if first else None

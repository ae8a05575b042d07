"""Letters as they stand on a page: what became of each in words, and which ones could be written about a promise."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.prepared import prepared
from outbox.models import Email
from outbox.reasons import reason
from promises.models import Letter, Promise, Renegotiation

SHOWN = 50
ON_A_PROMISE = 8
DAY_SHOWN = 4

Kind = Letter.Kind
State = Email.State
TAGS = {
    State.SENT: ("kept", "check"),
    State.FAILED: ("late", "circle-x"),
    State.BOUNCED: ("late", "circle-x"),
    State.UNCERTAIN: ("soon", "circle-help"),
    State.HELD: ("soon", "pause"),
    State.CANCELLED: ("", "circle"),
}


@dataclass
class Sent:
    """One letter for a reader of ours."""

    letter: Letter
    now: datetime

    @property
    def tag(self):
        """(kind, mark, words) of what became of it."""
        letter = self.letter
        if letter.dropped_at:
            return ("", "circle", _("dropped"))
        if letter.email is None:
            return ("soon", "pencil", _("draft"))
        if letter.revoked_at and letter.email.state == State.SENT:
            return ("", "circle", _("sent, link stopped"))
        kind, mark = TAGS.get(letter.email.state, ("", "hourglass"))
        return (kind, mark, letter.email.get_state_display())

    @property
    def at(self):
        email = self.letter.email
        return (email.sent_at if email else None) or self.letter.written_at

    @property
    def why(self):
        """What happened to it in a sentence, where there is something to say."""
        email = self.letter.email
        if email is None or email.state in (State.SENT, State.QUEUED, State.SCHEDULED, State.SENDING):
            return ""
        return reason(email)

    @property
    def in_trouble(self):
        return bool(self.letter.email and self.letter.email.state in Email.TROUBLE)

    @property
    def can_be_taken_back(self):
        return bool(self.letter.email and self.letter.email.state in Email.WAITING)

    @property
    def has_link(self):
        email = self.letter.email
        return bool(email and email.state != State.CANCELLED and not self.letter.revoked_at)


@dataclass
class Way:
    """A letter that could be written now; `missing`: the other side has not heard of it from us yet."""

    kind: str
    words: object
    missing: str = ""


WORDS = {
    Kind.OFFER: gettext_lazy("Ask whether they agree"),
    Kind.MOVE: gettext_lazy("Ask for the other date"),
    Kind.DONE: gettext_lazy("Ask whether it is right"),
    Kind.MOVED: gettext_lazy("Send the new date"),
    Kind.NUDGE: gettext_lazy("Ask after it"),
}


def about(promise, *, now):
    """The letters of one promise, the last first, and the ones that could be written: {"sent", "ways", "next"}."""
    letters = promise.letters.select_related("contact", "email", "promise", "written_by")[:ON_A_PROMISE]
    sent = [Sent(letter, now) for letter in letters]
    ways = list(_ways(promise, sent))
    return {"sent": sent, "ways": ways, "next": next((way for way in ways if way.missing), None)}


def _ways(promise, sent):
    """What can be said by letter as the promise stands, and what was not said since it stands so."""
    contact = promise.contact
    if contact is None:
        return
    who = {"name": contact.name}
    if promise.is_proposed:
        if promise.waits_for_them:
            yield _way(Kind.OFFER, sent, promise.offered_at, _("%(name)s has not been asked by mail yet.") % who)
        return
    if promise.is_delivered:
        if promise.is_ours:
            yield _way(Kind.DONE, sent, promise.delivered_at, _("%(name)s has not been told that it is done.") % who)
        return
    if not promise.is_active:
        return
    move = promise.open_request()
    if move and not move.asked_by_them:
        yield _way(Kind.MOVE, sent, move.asked_at, _("%(name)s has not been asked by mail yet.") % who)
    elif not move and promise.moves:
        yield Way(Kind.MOVED, WORDS[Kind.MOVED])
    if not promise.is_ours and not move:
        yield Way(Kind.NUDGE, WORDS[Kind.NUDGE])


def _way(kind, sent, since, words):
    said = any(
        one.letter.kind == kind
        and one.letter.written_at >= since
        and not one.letter.dropped_at
        and not (one.letter.email and one.letter.email.state == State.CANCELLED)
        for one in sent
    )
    return Way(kind, _("Write again"), "") if said else Way(kind, WORDS[kind], words)


def open_counts(client):
    """{contact id: how many promises are open between them and us}."""
    open_ones = Promise.objects.filter(client=client).open()
    counts = {}
    for side in ("promisor_contact", "promisee_contact"):
        for pk, count in open_ones.exclude(**{side: None}).order_by().values_list(side).annotate(n=Count("pk")):
            counts[pk] = counts.get(pk, 0) + count
    return counts


OF_THOSE_WHO_WAIT = (
    "public_id", "what", "state", "direction", "due_at", "client__name", "promisor_contact__name",
    "promisee_contact__name",
)  # fmt: skip


@prepared
def _waiting(user):
    mine = Promise.objects.visible_to(user).of(user)
    offered = Q(state=Promise.State.PROPOSED, offered_by=Promise.Direction.THEIRS)
    done = Q(state=Promise.State.DELIVERED, direction=Promise.Direction.THEIRS)
    asked = Renegotiation.objects.filter(state=Renegotiation.State.ASKED, promise=OuterRef("pk"))
    moving = Q(Exists(asked), state=Promise.State.ACTIVE)
    waiting = mine.filter(offered | done | moving, state__in=Promise.OPEN).order_by("due_at", "pk")
    # Who asked first stands in the request itself; of an answer with other terms only those before it tell.
    by_them = asked.filter(Q(asked_by=None) | Q(asked_by_contact__isnull=False), answers=None)
    waiting = waiting.annotate(they_asked=Exists(by_them), is_answer=Exists(asked.exclude(answers=None)))
    return waiting.select_related("client", "promisor_contact", "promisee_contact").only(*OF_THOSE_WHO_WAIT)[:SHOWN]


def waiting_card(user, now):
    """What the other side asked or said and this person has yet to answer; None when there is nothing."""
    found = [(promise, said) for promise in _waiting(user) if (said := _said(promise))]
    if not found:
        return None
    return "promises/_day_waiting.html", {"shown": found[:DAY_SHOWN], "more": max(len(found) - DAY_SHOWN, 0)}


def _said(promise):
    """What their part in it is, in words; "" where it is our own request that waits for them."""
    if promise.is_active:
        asks = promise.they_asked or (promise.is_answer and any(move.asked_by_them for move in _asked_of(promise)))
        return _("asks for another date") if asks else ""
    return _("offers other terms") if promise.is_proposed else _("says it is done")


def _asked_of(promise):
    return promise.renegotiations.filter(state=Renegotiation.State.ASKED).select_related("answers")


@prepared
def _to_send(user):
    mine = Letter.objects.visible_to(user).to_send_by(user)
    return mine.select_related("contact", "client", "promise").order_by("-written_at", "-pk")[: DAY_SHOWN + 1]


def day_card(user, now):
    """Drafts that wait for this person; None when there are none."""
    found = _to_send(user)
    if not found:
        return None
    return "promises/_day_letters.html", {"shown": found[:DAY_SHOWN], "more": len(found) > DAY_SHOWN}

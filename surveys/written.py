"""What people wrote in a round: who may read it, how it is searched, and what came of it."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from partnerships.models import Suggestion
from promises.models import Promise
from surveys.models import Answer, Response, TakenUp

PAGE = 25
OFFERED = 10
NOT_DONE = "not_done"  # the key of “anything we promised and have not done”
NOTHING = {"no", "none", "nothing", "nein", "nichts", "keine", "non", "rien", "nada", "ninguna", "-", "–", "/", "n/a"}
LONGEST = 100

CAME = {
    "": _("All"),
    "open": _("Nothing came of it yet"),
    "taken": _("Taken up"),
}


def alive():
    """What answers became, as far as it still stands: no promise taken back as a slip, no removed request."""
    found = TakenUp.objects.exclude(promise__state=Promise.State.DECLINED)
    return found.exclude(request__deleted_at__isnull=False)


def readable(round, user):
    """Every answer with words of this round that this reader may read.

    In confidence only for managers; nothing of a client of whom the reader still owes a belief.
    """
    text = [question.key for question in round.asked if question.kind == "text"]
    may = Response.objects.readable_by(user).filter(pk=OuterRef("response"), submitted_at__isnull=False)
    found = Answer.objects.filter(Exists(may), response__invitation__round=round)
    found = found.filter((Q(key__in=text) & ~Q(words="")) | ~Q(comment=""))
    # Their telephone numbers and addresses stand where they are needed, and not among what they wrote.
    private = [question.key for question in round.asked if question.kind in ("call", "contact")]
    return found.exclude(key__in=private) if private else found


def one(round, user, pk):
    """One of them with its people, or None."""
    return with_people(readable(round, user).filter(pk=pk)).first()


def with_people(answers):
    taken = alive().select_related("promise", "suggestion", "request")
    invitation = "response__invitation"
    answers = answers.select_related(f"{invitation}__contact", f"{invitation}__client__owner")
    return answers.prefetch_related(Prefetch("taken_up", taken, to_attr="came"))


def newest(round, user, most):
    """(the newest few, whether there are more)."""
    found = list(with_people(readable(round, user)).order_by("-pk")[: most + 1])
    return [Written(answer, round) for answer in found[:most]], len(found) > most


@dataclass(frozen=True)
class Written:
    """One answer in words, as a list shows it."""

    answer: Answer
    round: object
    may_write: bool = False

    @property
    def invitation(self):
        return self.answer.response.invitation

    @property
    def client(self):
        return self.invitation.client

    @property
    def in_confidence(self):
        return self.answer.response.in_confidence

    @property
    def text(self):
        return said(self.answer)

    @property
    def asked(self):
        return next((question.text for question in self.round.asked if question.key == self.answer.key), "")

    @property
    def mark(self):
        """The mark it was written beside."""
        return self.answer.number

    @property
    def came(self):
        return self.answer.came


def said(answer):
    return "\n".join(part for part in (answer.words, answer.comment) if part)


@dataclass(frozen=True)
class Asked:
    """What the address of the page asks for; odd values are left out."""

    question: str = ""
    client: Client | None = None
    owner: User | None = None
    nobody: bool = False  # a client or an owner who is not there
    words: str = ""
    came: str = ""
    before: int | None = None  # the last answer of the page before

    @classmethod
    def read(cls, round, user, query):
        keys = {question.key for question in round.asked}
        client = owner = None
        if wanted := query.get("client", "")[:16]:
            client = Client.objects.visible_to(user).filter(public_id=wanted).first()
        if wanted_owner := query.get("owner", "")[:16]:
            owner = user if wanted_owner == "me" else User.objects.filter(public_id=wanted_owner).first()
        before = query.get("before", "")
        return cls(
            question=query.get("question", "") if query.get("question", "") in keys else "",
            client=client,
            owner=owner,
            nobody=(bool(wanted) and client is None) or (bool(wanted_owner) and owner is None),
            words=query.get("q", "").replace("\x00", "")[:LONGEST].strip(),
            came=query.get("came", "") if query.get("came", "") in CAME else "",
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
        )

    @property
    def is_filtered(self):
        return bool(self.question or self.client or self.owner or self.nobody or self.words or self.came)

    def of(self, answers):
        if self.nobody:
            return answers.none()
        if self.question:
            answers = answers.filter(key=self.question)
        if self.client:
            answers = answers.filter(response__invitation__client=self.client)
        if self.owner:
            answers = answers.filter(response__invitation__client__owner=self.owner)
        for word in self.words.split()[:6]:
            answers = answers.filter(Q(words__icontains=word) | Q(comment__icontains=word))
        if self.came:
            taken = Exists(alive().filter(answer=OuterRef("pk")))
            answers = answers.filter(taken if self.came == "taken" else ~taken)
        return answers


def page(round, user, asked):
    """(what is shown, the key of the next page or None), by key: the newest first, no row counted."""
    found = asked.of(readable(round, user)).order_by("-pk")
    if asked.before:
        found = found.filter(pk__lt=asked.before)
    rows = list(with_people(found)[: PAGE + 1])
    return _shown(rows[:PAGE], round, user), rows[PAGE - 1].pk if len(rows) > PAGE else None


def offered(round, user):
    """What they say we promised and have not done, and nobody has taken up yet; these come first, as promises."""
    taken = Exists(alive().filter(answer=OuterRef("pk")))
    found = readable(round, user).filter(~taken, key=NOT_DONE).order_by("-pk")
    rows = [answer for answer in with_people(found)[: 4 * OFFERED] if not is_nothing(said(answer))]
    return _shown(rows[:OFFERED], round, user)


def is_nothing(text):
    """Whether they only said that there is nothing."""
    return text.strip().rstrip(".!").casefold() in NOTHING


def _shown(rows, round, user):
    clients = {row.response.invitation.client_id for row in rows}
    writable = set()
    if clients:
        writable = set(
            Client.objects.writable_by(user).current().filter(pk__in=clients).order_by().values_list("pk", flat=True)
        )
    return [Written(row, round, row.response.invitation.client_id in writable) for row in rows]


# -------------------------------------------------------------------- what comes of it


@transaction.atomic
def took_up_as_promise(answer, promise, *, by, now):
    """Notes that these words became this promise; once."""
    taken, _created = TakenUp.objects.get_or_create(answer=answer, promise=promise, defaults={"by": by, "at": now})
    return taken


def took_up_as_request(answer, request, *, by, now):
    """Notes that these words became this request; once."""
    taken, _created = TakenUp.objects.get_or_create(answer=answer, request=request, defaults={"by": by, "at": now})
    return taken


@transaction.atomic
def suggest(answer, *, words, by, now):
    """Makes a suggestion of an answer, once; from words said in confidence nobody is named.

    (what was noted, whether it is new).
    """
    answer = Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if known := answer.taken_up.filter(suggestion__isnull=False).select_related("suggestion").first():
        return known, False
    invitation = answer.response.invitation
    suggestion = Suggestion.record(
        invitation.client,
        by=by,
        now=now,
        words=words,
        contact=None if answer.response.in_confidence else invitation.contact,
        source=Suggestion.Source.SURVEY,
        said_at=answer.response.submitted_at,
    )
    return TakenUp.objects.create(answer=answer, suggestion=suggestion, by=by, at=now), True


@transaction.atomic
def take_back(answer, *, by):
    """Undo of a suggestion one has just made of an answer, while nobody has answered it. Whether it was there."""
    mine = Suggestion.objects.select_for_update().filter(
        from_answers__answer=answer, recorded_by=by, state=Suggestion.State.NEW
    )
    suggestion = mine.first()
    if suggestion is None:
        return False
    suggestion.from_answers.all().delete()
    suggestion.delete()
    return True

"""A promise that is offered and not agreed yet: terms lie on the table until the other side answers."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clients.models import searchable
from promises.models.event import PromiseEvent
from promises.models.telling import Telling
from promises.models.words import AgreedHow, DateInThePast, Direction, HowMissing, NotOffered, NotYours, OfferOver

Kind = PromiseEvent.Kind
OTHER = {Direction.OURS: Direction.THEIRS, Direction.THEIRS: Direction.OURS}


class Offers(Telling):
    """While proposed, `offered_by` says whose terms lie on the table; only the other side answers them.

    Their answer is a click (`by` None, the contact) or their word written down by one of us, with how it was said.
    `version` is the state of the terms the answer is about, when it is older than this object.
    """

    @property
    def is_proposed(self):
        return self.state == self.State.PROPOSED

    @property
    def waits_for_us(self):
        return self.is_proposed and self.offered_by == Direction.THEIRS

    @property
    def waits_for_them(self):
        return self.is_proposed and self.offered_by == Direction.OURS

    @transaction.atomic
    def agree(self, *, by, now, contact=None, how="", note="", version=None):
        """Yes: the promise binds from now on, and its first due is the one on the table."""
        self._answering(by=by, contact=contact)
        if self.offered_by == Direction.OURS and by and not how:
            raise HowMissing(self)
        if self.due_at <= now:
            raise OfferOver(self)
        # Our own yes is given here; what the other side offered on their page was agreed there.
        agreed_how = how or (AgreedHow.CLICK if by is None or self._was_offered_by_click() else AgreedHow.WRITTEN)
        how = how or ("" if by else AgreedHow.CLICK)
        whose = self._whose_answer()
        self._answer(
            version, state=self.State.ACTIVE, offered_by="", answer_by=None, agreed_at=now, agreed_how=agreed_how,
            first_due_at=self.due_at,
        )  # fmt: skip
        self.tell(Kind.AGREED, by=by, contact=contact, at=now, note=note, how=how, due=self.due_at.isoformat(), **whose)

    @transaction.atomic
    def counter(self, *, by, now, terms, what=None, done_when=None, note="", contact=None, version=None):
        """Not like this, but like that: the answer is an offer of its own, and the other side is asked now."""
        self._answering(by=by, contact=contact)
        if terms.at <= now:
            raise DateInThePast(self)
        whose = self._whose_answer()
        before = {"what": self.what, "done_when": self.done_when}
        old = self.due_at.isoformat()
        fields = {**terms.fields, "first_due_at": terms.at, "offered_by": OTHER[self.offered_by], "answer_by": None}
        fields["agreed_at"] = now  # not agreed, but from now on nobody corrects it as a typing mistake
        if what:
            fields |= {"what": what, "search_text": searchable(what)[:300]}
        if done_when is not None:
            fields["done_when"] = done_when
        self._answer(version, **fields)
        changed = {name: value for name, value in before.items() if getattr(self, name) != value}
        self.tell(
            Kind.COUNTERED, by=by, contact=contact, at=now, note=note, old=old, new=self.due_at.isoformat(),
            before=changed, **whose,
        )  # fmt: skip

    @transaction.atomic
    def decline(self, *, by, now, note="", contact=None, how="", version=None):
        """No. There never was a promise, and no figure knows of it."""
        self._answering(by=by, contact=contact)
        self._no(version, by=by, contact=contact, now=now, note=note, how=how, **self._whose_answer())

    @transaction.atomic
    def take_offer_back(self, *, by, now, note="", contact=None, version=None):
        """The side whose terms lie on the table takes them away."""
        if not self.is_proposed:
            raise NotOffered(self)
        if by is None and (contact is None or not self.waits_for_us or contact.client_id != self.client_id):
            raise NotYours(self)
        self._no(version, by=by, contact=contact, now=now, note=note, taken_back=True)

    @transaction.atomic
    def ask_answer(self, *, by, now, answer_by, contact=None):
        """Ask the other side to answer by a day. Asking again names another day."""
        if answer_by < timezone.localdate(now):
            raise DateInThePast(self)
        self._change("proposed", refuse=NotOffered, where={"offered_by": self.offered_by}, answer_by=answer_by)
        self.tell(Kind.ANSWER_BY, by=by, contact=contact, at=now, answer_by=answer_by.isoformat())

    def asks_for_an_answer(self, now, *, days):
        """It has been on the table for more than so many working days, and nobody asked for an answer by a day.

        Or that day has passed. `days` is the firm's own patience (Workspace.answer_within_days).
        """
        if not self.is_proposed:
            return False
        calendar = self.owner.calendar()
        if self.answer_by:
            return self.answer_by < calendar.local_date(now)
        return calendar.working_days(self.offered_at, now) > days

    @property
    def offered_at(self):
        """When the terms on the table were put there."""
        offer = self._offer()
        return offer.at if offer else self.created_at

    def _offer(self):
        """The event that put the terms on the table."""
        return self.events.filter(kind__in=(Kind.PROPOSED, Kind.COUNTERED)).order_by("-at", "-pk").first()

    def _was_offered_by_click(self):
        offer = self._offer()
        return bool(offer and offer.by_id is None and offer.by_contact_id)

    def _whose_answer(self):
        return {"ours": True} if self.waits_for_us else {}

    def _answering(self, *, by, contact):
        """Only the side that was asked answers: theirs by a click or by our recording, ours by one of us."""
        if not self.is_proposed:
            raise NotOffered(self)
        if by is None and (not self.waits_for_them or contact is None):
            raise NotYours(self)
        self._only_if(True, by=by, contact=contact)

    def _answer(self, version, **fields):
        """Change the offer if it is still the one that was seen."""
        where = {"offered_by": self.offered_by, "version": self.version if version is None else version}
        self._change("proposed", refuse=NotOffered, where=where, version=F("version") + 1, **fields)

    def _no(self, version, *, now, **told):
        was = {"offered_by": self.offered_by}  # so that undoing brings it back
        if self.answer_by:
            was["answer_was_by"] = self.answer_by.isoformat()
        self._answer(version, state=self.State.DECLINED, offered_by="", answer_by=None, ended_at=now)
        self.tell(Kind.DECLINED, at=now, **was, **told, **{"from": "proposed"})

"""How a promise comes to be."""

import uuid

from django.db import IntegrityError, transaction

from accounts.models import Origin
from accounts.worktime import due_moment
from promises.models.event import PromiseEvent
from promises.models.words import AgreedHow, DateInThePast, Direction


class Making:
    """Part of the queryset: a promise is made by `Promise.objects.make(…)` and in no other way."""

    @transaction.atomic
    def make(
        self, *, by, client, what, due_date, now, direction="ours", due_time=None, due_zone="", owner=None,
        contact=None, done_when="", importance="normal", agreed_how=AgreedHow.CALL, interaction=None,
        idempotency_key=None, made_at=None, note="", external_id=None, origin=Origin.BY_HAND, proposed=False,
        answer_by=None,
    ):  # fmt: skip
        """Write down a promise the two sides have agreed. The same key again gives the promise that is already there.

        `contact` is the person at the client: to whom we promised, or who promised us. `made_at` says when it was
        agreed, if that was not now; only then may the due moment already have passed.

        `proposed`: nobody agreed yet. Ours is our offer and they answer; theirs was offered to us and we answer, by the
        day `answer_by` if one was named.
        """
        if idempotency_key and (known := self.filter(idempotency_key=idempotency_key).first()):
            return known
        owner = owner or client.owner
        ours = direction == Direction.OURS
        zone = due_zone or ((contact.time_zone if contact else "") or client.time_zone if ours else owner.time_zone)
        due_at = due_moment(due_date, due_time, zone)
        agreed_at = now if proposed else made_at or now
        if due_at <= agreed_at:
            raise DateInThePast()
        promise = self.model(
            client=client, direction=direction, owner=owner, what=what, done_when=done_when, importance=importance,
            promisor_user=owner if ours else None, promisor_contact=None if ours else contact,
            promisee_user=None if ours else owner, promisee_contact=contact if ours else None,
            due_date=due_date, due_time=due_time, due_zone=zone, due_at=due_at, first_due_at=due_at,
            agreed_at=agreed_at, agreed_how=agreed_how, origin_interaction=interaction, created_by=by, created_at=now,
            idempotency_key=idempotency_key or uuid.uuid4(), external_id=external_id, origin=origin,
            **({"state": "proposed", "offered_by": direction, "answer_by": answer_by} if proposed else {}),
        )  # fmt: skip
        try:
            with transaction.atomic():
                promise.save(force_insert=True)
        except IntegrityError:
            if idempotency_key and (known := self.filter(idempotency_key=idempotency_key).first()):
                return known
            raise
        told = {"by": by, "at": agreed_at, "note": note, "due": due_at.isoformat()}
        if proposed:
            asked = {"answer_by": answer_by.isoformat()} if answer_by else {}
            promise.tell(PromiseEvent.Kind.PROPOSED, **told, **asked)
        else:
            promise.tell(PromiseEvent.Kind.MADE, **told, how=agreed_how)
        return promise

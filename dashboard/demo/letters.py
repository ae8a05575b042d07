"""What one client is asked by mail at the moment: an offer, another date, whether something done is right.

The mails count as sent, for nobody here is to be written to; where a mailbox stands in for a mail server they lie in it.
"""

from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection

from dashboard.demo.history import workday
from outbox.compose import compose
from outbox.models import Email
from promises import letters
from promises.models import Letter, Promise
from promises.models.promise import Terms

WHO = "Rosa Delgado"
WAITED = "The regulator’s tables come on Monday, and I would rather send you the right figures than the first ones."


def build_letters(chance, people_of, *, now):
    """Three letters to one person, and the draft of a fourth; returns the letters."""
    everybody = (contact for people in people_of.values() for contact in people)
    rosa = next((contact for contact in everybody if contact.name == WHO), None)
    if rosa is None:
        return []
    maker = Maker(chance, rosa, now=now)
    offer = maker.promise("Review the draft of your board paper", days=9, proposed=True, hours_ago=26)
    moving = maker.promise("Send the allowances schedule", days=4, hours_ago=200)
    new_day = workday(now.date() + timedelta(days=9))
    terms = Terms(new_day, None, moving.due_zone)
    moving.ask_to_move(by=moving.owner, terms=terms, reason="third_party", now=now - timedelta(hours=20))
    done = maker.promise("Send the notes of the workshop", days=3, hours_ago=150)
    done.deliver(by=done.owner, now=now - timedelta(hours=4))
    theirs = maker.promise("Send us the meter readings", days=2, hours_ago=120, ours=False)
    sent = [
        maker.letter(Letter.Kind.OFFER, offer, hours_ago=25),
        maker.letter(Letter.Kind.MOVE, moving, hours_ago=19, words=WAITED),
        maker.letter(Letter.Kind.DONE, done, hours_ago=3),
    ]
    letters.draft(Letter.Kind.NUDGE, promise=theirs, by=None, now=now)
    if settings.MAILBOX:
        get_connection().send_messages([compose(letter.email) for letter in sent])
    return sent


class Maker:
    def __init__(self, chance, contact, *, now):
        self.chance, self.contact, self.now = chance, contact, now

    def promise(self, what, *, days, hours_ago, ours=True, **fields):
        client, at = self.contact.client, self.now - timedelta(hours=hours_ago)
        promise = Promise.objects.make(
            by=client.owner, client=client, contact=self.contact, what=what, owner=client.owner, now=at,
            due_date=workday(self.now.date() + timedelta(days=days)), direction="ours" if ours else "theirs",
            idempotency_key=self.chance.uuid(), **fields,
        )  # fmt: skip
        promise.public_id = self.chance.public_id("w")
        promise.save(update_fields=["public_id"])
        return promise

    def letter(self, kind, promise, *, hours_ago, words=""):
        at = self.now - timedelta(hours=hours_ago)
        letter = letters.write(kind, promise=promise, by=promise.owner, now=at, words=words)
        sent = {"state": Email.State.SENT, "created_at": at, "sent_at": at, "next_try_at": None, "attempts": 1}
        Email.objects.filter(pk=letter.email_id).update(**sent)
        letter.email.refresh_from_db()
        return letter

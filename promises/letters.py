"""Mail about promises to a person at a client: written or drafted, sent when one of us says so, stopped by its reader.

What each letter says is in letter_mails.py; this is who may get one, and when. Nothing here sends by itself: a letter
without a person behind it (`by=None`) is the reminder to a client a firm has to switch on, and the only one the contact
cap holds back.
"""

import uuid
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.quick import date_format
from accounts.worktime import Calendar
from clients import mail_states
from clients.models import Contact
from outbox import kinds
from outbox.models import Email
from promises import letter_mails, undelivered
from promises.models import Letter, Promise, PromiseError, PromiseEvent
from promises.other_side import between

LETTER, REMINDER = "promises.letter", "promises.client_reminder"
UNDELIVERED = "promises.letter_undelivered"
UNDO = timedelta(minutes=2)  # a letter written on a page waits this long, in case somebody thinks again

Kind = Letter.Kind
State = Promise.State


class CannotWrite(PromiseError):
    """Nobody can be written to, or there is nothing to say. `words` says what to do instead; `until`: hold on until."""

    def __init__(self, promise=None, words=None, *, until=None):
        self.until = until
        super().__init__(promise, words)


# -------------------------------------------------------------------- writing


@transaction.atomic
def write(
    kind, *, now, by, promise=None, client=None, contact=None, words="", renegotiation=None, key=None, not_before=None
):
    """Write a letter and put it into the outbox. The same `key` again gives the letter that is already there.

    `by` None: the clock reminds, and the contact cap holds. `not_before`: it can be taken back until then.
    """
    if key and (known := Letter.objects.filter(email__key=key).first()):
        return known
    letter = draft(
        kind, now=now, by=by, promise=promise, client=client, contact=contact, words=words, renegotiation=renegotiation
    )
    return send(letter, by=by, now=now, key=key, not_before=not_before)


def draft(kind, *, now, by, promise=None, client=None, contact=None, words="", renegotiation=None):
    """The letter as it stands, waiting for one of us to send it. Empty `words`: the usual ones, as fresh as can be."""
    letter = prepare(
        kind, now=now, by=by, promise=promise, client=client, contact=contact, words=words, renegotiation=renegotiation
    )
    letter.save()
    return letter


def prepare(kind, *, now, by, promise=None, client=None, contact=None, words="", renegotiation=None):
    """The letter, not kept yet. CannotWrite when there is nobody to write to, or nothing to say."""
    contact = contact or (promise.contact if promise else None)
    if contact is None:
        raise CannotWrite(promise, _("Nobody at the client is named. Say whom it is promised to first."))
    client = client or contact.client
    if kind == Kind.MOVE and renegotiation is None:
        renegotiation = promise.open_request()
    letter = Letter(
        kind=kind, client=client, contact=contact, promise=promise, renegotiation=renegotiation, words=words,
        written_by=by, written_at=now,
    )  # fmt: skip
    if why := why_not(letter, now=now):
        raise CannotWrite(promise, why)
    return letter


@transaction.atomic
def send(letter, *, by, now, key=None, not_before=None):
    """Put a draft into the outbox, once: whoever presses second gets the letter as it is."""
    letter = Letter.objects.select_for_update(of=("self",)).with_all().get(pk=letter.pk)
    if letter.email_id:
        return letter
    if letter.dropped_at:
        raise CannotWrite(letter.promise, _("Somebody decided not to send this one."))
    if why := why_not(letter, now=now):
        raise CannotWrite(letter.promise, why)
    if by is None:
        _hold_to_the_cap(letter, now=now)
    with translation.override(letter.contact.language):
        subject = letter_mails.subject_of(letter, now=now)
    sender = letter.sender
    letter.email, _new = Email.objects.queue(
        kind=LETTER if by else REMINDER,
        key=key or f"{LETTER}:{letter.public_id}:{uuid.uuid4().hex[:8]}",
        to=letter.contact.email,
        to_name=letter.contact.name,
        from_name=sender.name,
        reply_to=sender.email,
        subject=subject,
        about=", ".join(part for part in (letter.promise and letter.promise.what, letter.client.name) if part),
        not_before=not_before,
        thread=_earlier_mail(letter),
    )
    letter.written_by = letter.written_by or by
    letter.save(update_fields=["email", "written_by"])
    if letter.kind == Kind.NUDGE and letter.promise_id:  # the writer of a letter about several told their stories
        letter.promise.tell(PromiseEvent.Kind.NUDGED, by=by, at=now, letter=letter.public_id)
    return letter


def reword(letter, *, words):
    """Other words for a draft. False when it is none any more."""
    return bool(Letter.objects.drafts().filter(pk=letter.pk).update(words=words))


def drop(letter, *, now):
    """Nobody wants to send this draft. False when it went out, or was dropped before."""
    return bool(Letter.objects.drafts().filter(pk=letter.pk).update(dropped_at=now))


@transaction.atomic
def take_back(letter, *, by, now):
    """It has not begun to go out, and will not; it is a draft again. False when it was too late for that."""
    letter = Letter.objects.select_for_update(of=("self",)).with_all().get(pk=letter.pk)
    if letter.email is None or not letter.email.cancel(_("%(name)s took it back.") % {"name": by.name}):
        return False
    letter.email = None
    letter.save(update_fields=["email"])
    if letter.kind == Kind.NUDGE:
        said = _("Took the reminder back before it went out.")
        for promise in letter.promises:
            promise.tell(PromiseEvent.Kind.COMMENT, by=by, at=now, note=said)
    return True


@transaction.atomic
def revoke(letter, *, now):
    """Its link opens nothing from now on, and what has not gone out does not go. False when that was so before."""
    if not Letter.objects.filter(pk=letter.pk, revoked_at=None, email__isnull=False).update(revoked_at=now):
        return False
    Email.objects.filter(letter=letter).cancel(_("Its link was stopped."))
    return True


def _earlier_mail(letter):
    """What was last sent to this person about this promise, so that their mail program shows both together."""
    if letter.promise_id is None:
        return None
    sent = Letter.objects.filter(promise=letter.promise_id, contact=letter.contact_id, email__state=Email.State.SENT)
    last = sent.select_related("email").order_by("-email__sent_at").first()
    return last.email if last else None


# -------------------------------------------------------------------- who can be written to


def why_not_to(contact):
    """What speaks against writing to this person, and what to do; "" when nothing does."""
    names = {"name": contact.name, "client": contact.client.name}
    if contact.left_at:
        return _("%(name)s has left %(client)s. Ask who answers for it there now.") % names
    if contact.client.archived_at:
        return _("%(client)s is archived: nothing here sends mail. Bring the client back first.") % names
    if not contact.email:
        return _("There is no e-mail address of %(name)s. Add it, or ring them.") % names
    if contact.mail_state == Contact.MailState.UNSUBSCRIBED:
        return _("%(name)s asked us to stop these mails. Ring them, or write from your own mail program.") % names
    if contact.mail_state == Contact.MailState.BOUNCED:
        return _("Mail to %(name)s comes back. Correct the address first, or ring them.") % names
    return ""


def why_not(letter, *, now):
    """Why this letter makes no sense at this moment, in words; "" when it does."""
    if why := why_not_to(letter.contact):
        return why
    if not letter.sender.is_active:
        return _("Nobody of us who is still here answers for it. Hand it over first.")
    return nothing_to_say(letter, now=now)


def nothing_to_say(letter, *, now):
    """What the letter asks or tells has been settled."""
    if letter.kind == Kind.PAGE:
        open_ones = between(letter.contact).open()
        return "" if open_ones.exists() else _("Nothing is open between you.")
    promise = letter.promise
    if promise is None:
        return "" if letter_mails.asked_after(letter) else _("Nothing it asks after is open any more.")
    if promise.contact is None or promise.contact.pk != letter.contact_id:
        return _("It is between others now.")
    return SETTLED[letter.kind](letter, promise)


def _offer_settled(letter, promise):
    waits = promise.state == State.PROPOSED and promise.offered_by == "ours"
    return "" if waits else _("Nothing is offered that they would have to answer.")


def _move_settled(letter, promise):
    move = letter.renegotiation
    waits = promise.is_active and move and move.state == "asked"
    return "" if waits else _("There is no open request to move it.")


def _done_settled(letter, promise):
    return "" if promise.is_delivered else _("It is not waiting for their word.")


def _moved_settled(letter, promise):
    move = letter.renegotiation
    if not promise.is_active or (move and promise.due_at != move.new_due_at):
        return _("The new date does not stand any more.")
    return "" if promise.moves else _("It was not moved.")


def _nudge_settled(letter, promise):
    if not promise.is_active or promise.is_ours:
        return _("It is not an open promise of theirs.")
    asked = promise.open_request()
    return _("They have asked for another date.") if asked and asked.asked_by_them else ""


SETTLED = {
    Kind.OFFER: _offer_settled,
    Kind.MOVE: _move_settled,
    Kind.DONE: _done_settled,
    Kind.MOVED: _moved_settled,
    Kind.NUDGE: _nudge_settled,
}


def _hold_to_the_cap(letter, *, now):
    """One automatic mail per person in so many working days, over all features."""
    workspace = Workspace.current()
    if not workspace.contact_gap_days:
        return
    calendar = Calendar(zone=workspace.time_zone, country=workspace.country)
    names = [kind.name for kind in kinds.known() if kind.audience == kinds.CLIENT and kind.automatic]
    mails = Email.objects.filter(to_email=letter.contact.email, kind__in=names)
    mails = mails.exclude(state__in=[Email.State.FAILED, Email.State.BOUNCED, Email.State.CANCELLED])
    last = mails.annotate(moment=Coalesce("sent_at", "not_before", "created_at")).order_by("-moment").first()
    if last is None:
        return
    day = calendar.working_day_after(calendar.local_date(last.moment), workspace.contact_gap_days)
    until = timezone.make_aware(datetime.combine(day, time(9)), calendar.zone)
    if until > now:
        said = {"day": date_format(calendar.local_date(last.moment), "D j M"), "until": date_format(day, "D j M")}
        words = _("Had another mail from us on %(day)s; the next one may go on %(until)s.") % said
        raise CannotWrite(letter.promise, words, until=until)


# -------------------------------------------------------------------- as the outbox asks


def still_wanted(email, now):
    """Read again at sending: settled, left, stopped, revoked means it does not go out."""
    letter = Letter.objects.with_all().get(email=email)
    if letter.revoked_at:
        return _("Its link was stopped.")
    if why := why_not(letter, now=now):
        return why
    if letter.contact.email != email.to_email:
        return _("%(name)s has another address here. Write again to that one.") % {"name": letter.contact.name}
    return ""


def language_of(email):
    return Letter.objects.select_related("contact").get(email=email).contact.language


def stop(email, now):
    """Its reader wants no more of these mails. Safe to call twice; their page stays open to them."""
    contact = Letter.objects.select_related("contact").get(email=email).contact
    if contact.mail_state != Contact.MailState.UNSUBSCRIBED:
        contact.mail_state, contact.mail_state_at = Contact.MailState.UNSUBSCRIBED, now
        contact.save(update_fields=["mail_state", "mail_state_at"])


@transaction.atomic
def tell_owner(email):
    """The server refused it for good, or nobody knows what became of it: whoever answers for it hears of it at once."""
    # The reminders write letters themselves, so they are not asked for above.
    from promises.reminders.at_once import stand_in
    from promises.reminders.quiet import quiet_until

    letter = Letter.objects.with_all().get(email=email)
    now = timezone.now()
    to = stand_in(letter.promise, now) if letter.promise_id else letter.sender
    if to is None or not to.is_active:
        return
    workspace = Workspace.current()
    letter.trouble, _new = Email.objects.queue(
        kind=UNDELIVERED,
        key=f"{UNDELIVERED}:{email.pk}:{email.tries.count()}",
        to=to.email,
        to_name=to.name,
        subject=_("Mail to %(name)s does not arrive") % {"name": letter.contact.name},
        about=email.about,
        not_before=quiet_until(now, zone=to.zone, start=workspace.quiet_from, end=workspace.quiet_until),
    )
    letter.save(update_fields=["trouble"])


def corrected(email, to, now):
    """A person says where this letter goes. "", or why it cannot go there."""
    return mail_states.correct(Letter.objects.select_related("contact").get(email=email).contact, email, to, now=now)


def register_kinds():
    """Called when the app starts."""
    mails = {
        "audience": kinds.CLIENT, "render": letter_mails.render, "still_wanted": still_wanted, "unsubscribe": stop,
        "on_trouble": tell_owner, "on_correction": corrected, "language": language_of,
    }  # fmt: skip
    kinds.register(kinds.Kind(name=LETTER, automatic=False, **mails))
    kinds.register(kinds.Kind(name=REMINDER, **mails))
    kinds.register(
        kinds.Kind(
            name=UNDELIVERED,
            audience=kinds.STAFF,
            render=undelivered.render,
            still_wanted=undelivered.still_wanted,
        )
    )

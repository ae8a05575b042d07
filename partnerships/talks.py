"""The talk that clears the air: planned, moved, taken back and held, with the mails and promises that go with it.

The two of us who hold it are always mailed. People at the client are mailed only when somebody asked for it here.
"""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from outbox.models import Email
from partnerships.models import ConcernMail
from promises.letters import why_not_to

TALK, OUR_TALK = "partnerships.talk", "partnerships.our_talk"

Kind = ConcernMail.Kind


def can_be_mailed(contact):
    return not why_not_to(contact)


@transaction.atomic
def book(concern, *, at, minutes, where, people, by, now, lead=None, second=None, mail_them=False, seen=None):
    """Plan the talk or move it, and send the calendar entry to our two, and to theirs if `mail_them`."""
    people = list(people)
    was_at = concern.talk_at if concern.is_ahead(now) else None
    had_it = _guests(concern) if was_at else {"users": [], "contacts": []}  # nobody takes back what is over
    concern.plan_talk(
        at=at, minutes=minutes, where=where, people=people, lead=lead, second=second, by=by, now=now, seen=seen
    )
    _drop_waiting(concern)
    ours, before = our_two(concern), had_it["users"]
    for user in ours:
        _write(concern, Kind.TALK, user=user)
    for user in before:
        if user not in ours:
            _write(concern, Kind.TALK_OFF, user=user, at=was_at)
    if mail_them:
        for contact in filter(can_be_mailed, people):
            _write(concern, Kind.TALK, contact=contact)
        for contact in had_it["contacts"]:
            if contact not in people and can_be_mailed(contact):
                _write(concern, Kind.TALK_OFF, contact=contact, at=was_at)


@transaction.atomic
def pass_on(concern, *, now):
    """Others of us hold the planned talk by now: they get the entry, and whoever held it before is told."""
    if not concern.is_ahead(now):
        return
    before, ours = _guests(concern)["users"], our_two(concern)
    for user in ours:
        if user not in before:
            _write(concern, Kind.TALK, user=user)
    for user in before:
        if user not in ours:
            _write(concern, Kind.TALK_OFF, user=user, at=concern.talk_at)


@transaction.atomic
def take_back(concern, *, by, now, tell_them=False, seen=None):
    """The talk is off: their calendars say so where they had the entry, and those at the client if `tell_them`."""
    at = concern.talk_at
    concern.take_talk_back(by=by, now=now, seen=seen)
    guests = _guests(concern)
    _drop_waiting(concern)
    for user in guests["users"]:
        _write(concern, Kind.TALK_OFF, user=user, at=at)
    if tell_them:
        for contact in filter(can_be_mailed, guests["contacts"]):
            _write(concern, Kind.TALK_OFF, contact=contact, at=at)


@transaction.atomic
def hold(concern, *, by, now, make_promises, people=None, **told):
    """The talk was held; `make_promises()` writes down what was promised in it, in the same transaction."""
    promises = make_promises()
    concern.hold(by=by, now=now, promises=promises, **told)
    if people is not None:
        concern.talk_with.set(people)
    return promises


def our_two(concern):
    """Who of us holds the talk."""
    return [user for user in dict.fromkeys([concern.leader, concern.second]) if user and user.is_active]


def _guests(concern):
    """Who has the present entry in their calendar, as far as mail was handed over for it."""
    mails = concern.mails.filter(kind__in=[Kind.TALK, Kind.TALK_OFF]).exclude(email__state__in=Email.WAITING)
    mails = mails.exclude(email__state=Email.State.CANCELLED).select_related("contact__client", "user")
    last = {}
    for mail in mails.order_by("pk"):
        last[mail.contact or mail.user] = mail.kind
    has_it = [who for who, kind in last.items() if kind == Kind.TALK]
    return {
        "users": [who for who in has_it if hasattr(who, "role")],
        "contacts": [who for who in has_it if not hasattr(who, "role")],
    }


def invited(concern):
    """The people at the client whom the present talk was mailed to, or is about to be."""
    mails = concern.mails.filter(kind=Kind.TALK, sequence=concern.talk_sequence, contact__isnull=False)
    return [mail.contact for mail in mails.exclude(email__state=Email.State.CANCELLED).select_related("contact")]


def _drop_waiting(concern):
    """What was about to go out about an earlier day will not."""
    waiting = Email.objects.filter(concern_mail__concern=concern, concern_mail__kind__in=[Kind.TALK, Kind.TALK_OFF])
    waiting.order_by().cancel(_("The talk was changed since."))


def _write(concern, kind, *, contact=None, user=None, at=None):
    from partnerships import talk_letters

    to, leader = contact or user, concern.leader
    name = TALK if contact else OUR_TALK
    with translation.override(to.language):
        subject = talk_letters.subject_of(concern, kind, at=at or concern.talk_at, to=to)
    earlier = concern.mails.filter(contact=contact, user=user, kind__in=[Kind.TALK, Kind.TALK_OFF])
    earlier = earlier.filter(email__state=Email.State.SENT).select_related("email").last()
    email, created = Email.objects.queue(
        kind=name,
        key=f"{name}:{concern.public_id}:{concern.talk_sequence}:{kind}:{to.public_id}",
        to=to.email,
        to_name=to.name,
        from_name=leader.name,
        reply_to=leader.email,
        subject=subject,
        about=concern.client.name,
        expires_at=at or concern.talk_at,
        thread=earlier.email if earlier else None,
    )
    if created:
        ConcernMail.objects.create(
            concern=concern, email=email, kind=kind, contact=contact, user=user, sequence=concern.talk_sequence
        )
    return email

"""Every mail somebody at a client can get, written and sent in one go: for tests of their words and their links."""

import re
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.utils import timezone

from outbox.delivery import drain
from outbox.models import Email
from tests.make import answer_survey, make_client, make_contact, make_invitation, make_promise, make_round, make_user

# What stands in the mails that people wrote: said as it was typed, whatever the language.
TYPED = ("Zephyr-1", "Zephyr-2", "Zephyr-3", "Zephyr-4", "Zephyr-5")
EMAIL = "{}@kunde.example"


def send_every_one(mailbox, language="en-gb"):
    """{name: the mail as it went out} of all kinds, each to a person of their own who reads that language."""
    from accounts.models import Workspace

    Workspace.objects.update_or_create(pk=1, defaults={"firm_name": "Wrayburn", "contact_gap_days": 0})
    owner = make_user(name="Priya Raman", email="priya@wrayburn.example", phone="0113 496 0110", country="GB")
    client = make_client(name="Kestrel AG", owner=owner, time_zone="Europe/Berlin")

    def person(name):
        return make_contact(client=client, name="Rosa Delgado", email=EMAIL.format(name), language=language)

    _surveys(person)
    _promises(person)
    _concerns(person, owner)
    drain()
    names = {mail: re.search(r"([\w-]+)@kunde\.example", mail.to[0]) for mail in mailbox}
    return {name[1]: mail for mail, name in names.items() if name}


def urls_of(mail):
    """Every address in the text, the HTML and the headers of a mail, as paths of ours."""
    texts = [mail.body, *(str(content) for content, kind in mail.alternatives), *mail.extra_headers.values()]
    found = {url for text in texts for url in re.findall(r"https?://[^\s\"<>)]+", text.replace("&amp;", "&"))}
    return sorted(urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl() for url in found)


# -------------------------------------------------------------------- surveys


def _surveys(person):
    from surveys import fresh_links, news
    from surveys.models import InvitationMessage, YouSaid

    round = make_round(state="open", name="Zephyr-1", reminder_days=[4, 9, 13])
    now = timezone.now()

    def asked(name, **fields):
        return make_invitation(round=round, contact=person(name), with_mail=False, **fields)

    def mail(kind, invitation, step):
        email, _new = Email.objects.queue(
            kind=f"surveys.{kind}", key=f"{kind}:{invitation.pk}", to=invitation.contact.email, subject="", about=""
        )
        InvitationMessage.objects.create(invitation=invitation, email=email, step=step)

    invited = asked("invitation")
    said = {"you_said": "Zephyr-2", "we_did": "Zephyr-3", "chosen_by": invited.client.owner, "chosen_at": now}
    YouSaid.objects.create(round=round, client=invited.client, **said)
    mail("invitation", invited, InvitationMessage.INVITES)
    mail("reminder", asked("reminder"), 1)
    mail("reminder", asked("last-reminder"), 3)
    mail("again", asked("again"), InvitationMessage.FRESH)
    half = asked("half-way")
    answer_survey(half, overall=7, respect="na", better="Zephyr-4", submit=False)
    mail("reminder", half, 2)
    fresh_links.send(asked("fresh-link").contact.email, now=now)
    for name, in_confidence, answers in (
        ("thanks", False, {"overall": 7, "matters_most": ["trust"], "respect": "na"}),
        ("thanks-in-confidence", True, {"better": "Zephyr-4"}),
        ("thanks-call", False, {"call": ("0113 496", "Zephyr-5")}),
    ):
        news.thank(answer_survey(asked(name), in_confidence=in_confidence, **answers))


# -------------------------------------------------------------------- promises


def _promises(person):
    from promises import letters
    from promises.models import Letter, PromiseEvent
    from promises.models.promise import Terms

    Kind, now = Letter.Kind, timezone.now()
    day = date(now.year + 1, 1, 15)

    def promised(contact, **fields):
        return make_promise(client=contact.client, contact=contact, now=now, what="Zephyr-1", **fields)

    def terms(promise):
        return Terms(day, None, promise.due_zone)

    for name in ("offer", "move", "done", "moved", "nudge", "page", "nudge-several", "nudge-late", "reminded"):
        contact = person(name)
        theirs = name.startswith(("nudge", "reminded"))
        due = now - timedelta(days=1) if name == "nudge-late" else now + timedelta(days=7)
        promise = promised(contact, ours=not theirs, proposed=name == "offer", done_when="Zephyr-2", due_at=due)
        by = promise.owner
        if name == "move":
            promise.ask_to_move(by=by, terms=terms(promise), reason="forgot", now=now, words="")
        elif name == "done":
            promise.deliver(by=by, now=now)
        elif name == "moved":
            promise.move(by=by, terms=terms(promise), reason="forgot", now=now, how="call", contact=contact)
        elif name == "page":
            promised(contact, ours=False, due_at=due)
            promised(contact, proposed=True, due_at=due)
        kind = Kind.NUDGE if theirs else Kind(name)
        if name == "nudge-several":
            both = [promise, promised(contact, ours=False, due_at=due)]
            letter = Letter(kind=kind, client=contact.client, contact=contact, written_by=by, written_at=now)
            letter.save()
            for one in both:
                one.tell(PromiseEvent.Kind.NUDGED, by=by, at=now, letter=letter.public_id)
            letters.send(letter, by=by, now=now)
        else:
            about = {} if name == "page" else {"promise": promise}
            letters.write(kind, contact=contact, by=None if name == "reminded" else by, now=now, **about)


# -------------------------------------------------------------------- concerns


def _concerns(person, owner):
    from partnerships import cleared, talks
    from partnerships.models import Concern

    now = timezone.now()
    at = now + timedelta(days=5)

    def concern(name):
        contact = person(name)
        one = Concern.open(contact.client, by=owner, now=now, what_happened="Zephyr-1")
        one.talk_with.set([contact])
        return one, contact

    for name in ("talk", "talk-off"):
        one, contact = concern(name)
        book = {"minutes": 45, "where": "Zephyr-2", "people": [contact], "mail_them": True}
        talks.book(one, at=at, by=owner, now=now, **book)
        if name == "talk-off":
            drain()  # only who has it in the calendar hears that it is off
            talks.take_back(one, by=owner, now=now, tell_them=True)
    one, _contact = concern("cleared")
    ended = {"outcome": "Zephyr-3", "no_promise_because": "Zephyr-4", "resolved_at": now}
    Concern.objects.filter(pk=one.pk).update(state="resolved", ask_on=now.date(), **ended)
    one.refresh_from_db()
    assert cleared.ask(one, now=now)


# -------------------------------------------------------------------- what must not change


def every_row():
    """{model: its rows} of every table there is."""
    from django.apps import apps

    models = [model for model in apps.get_models() if model._meta.managed]
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in models}


def changes(before, after):
    """The rows that are not what they were, by table: for a message that says what happened."""
    other = [label for label in before if before[label] != after[label]]
    return {label: [row for row in after[label] if row not in before[label]] for label in other}

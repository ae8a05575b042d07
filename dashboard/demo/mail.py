"""Mail the people of the sample firm sent to their own address here and have still to sort."""

import hashlib
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from django.conf import settings

from accounts import mail_address
from accounts.models import User
from clients.mail_in import reading
from clients.models import ReceivedMail
from dashboard.demo import words
from outbox.inbound import InboundMail

NEW_THERE = ("Gwen Marsh", "Dates for the site visit", """\
Gwen,

Good to meet you. As Rosa said, you look after the site visits from now on: would Thursday week at ten suit
you? We would bring the drawings and be gone by noon.
""")  # fmt: skip
STRANGER = """\
She asked me for two names, and I gave her ours. Worth a call?

---------- Forwarded message ---------
From: Imogen Clay <imogen.clay@harbourside-trust.example>
Date: {date}
Subject: Somebody who keeps their word
To: {owner}

Hello,

Martin tells me you are the people who ring back. We are twelve, we have outgrown our accountant, and I would like to
hear how you would go about it. Are you free for half an hour next week?

Imogen Clay
"""
COLLEAGUE = ("Owen Brandt", "The figures for the bank", """\
Owen,

Here is what the bank asked for, in one table. The second column is the one they will look at first. Say if you would
rather have it by quarter.
""")  # fmt: skip


def build_mail(clients, *, now):
    """Three mails of one account manager: to two people nobody has written down yet, and of somebody quite new."""
    with _mail_in():
        _write(clients, now=now)


@contextmanager
def _mail_in():
    """While the demo is made, mail can come in, whatever is set."""
    chosen = settings.MAIL_IN
    settings.MAIL_IN = chosen or words.MAIL_IN
    try:
        yield
    finally:
        settings.MAIL_IN = chosen


def _write(clients, *, now):
    owner = clients[0].owner
    key = hashlib.sha256(f"the demo's {owner.email}".encode()).hexdigest()[: mail_address.KEY_LENGTH]
    User.objects.filter(pk=owner.pk).update(mail_in_key=key)
    owner.mail_in_key = key
    theirs = [client for client in clients if client.owner_id == owner.pk and client.web_domain][:2]
    for (name, subject, text), client, hours in zip((NEW_THERE, COLLEAGUE), theirs, (22, 3), strict=False):
        to = formataddr((name, f"{name.lower().replace(' ', '.')}@{client.web_domain}"))
        _send(owner, to, subject, text, now - timedelta(hours=hours))
    said = now - timedelta(hours=50)
    text = STRANGER.format(date=format_datetime(said), owner=formataddr((owner.name, owner.email)))
    _send(owner, mail_address.personal(owner), "Fwd: Somebody who keeps their word", text, said)


def _send(owner, to, subject, text, at):
    mail = EmailMessage()
    mail["Delivered-To"] = mail_address.personal(owner)
    mail["From"], mail["To"], mail["Subject"] = formataddr((owner.name, owner.email)), to, subject
    mail["Date"], mail["Message-ID"] = format_datetime(at), _message_id(subject)
    mail.set_content(f"{text}\n{owner.name}\n" if owner.name not in text else text)
    raw = mail.as_bytes()
    reading.handle(InboundMail(raw, hashlib.sha256(raw).hexdigest()), at)


def _message_id(subject):
    return f"<{hashlib.sha256(subject.encode()).hexdigest()[:16]}@demo.{words.DOMAIN}>"


def of_demo():
    """What `build_mail` brought in, wherever it lies by now."""
    return ReceivedMail.objects.filter(message_id__endswith=f"@demo.{words.DOMAIN}>")

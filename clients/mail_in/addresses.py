"""Whose address is whose: the personal ones, our own, and those nobody wants to keep mail of."""

import re

from django.conf import settings

from accounts.mail_address import is_on
from accounts.models import User
from clients.models import NeverLog
from outbox.words import our_address

# Where a server says whom it delivered to, the surest first.
ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to", "x-real-to")
SEEN = ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc", "x-forwarded-to", "apparently-to")

# Where everybody may have an address: such a domain says nothing about a firm.
_PUBLIC = """
    gmail.com googlemail.com outlook.com outlook.de hotmail.com hotmail.co.uk hotmail.de live.com live.co.uk live.de
    msn.com icloud.com me.com mac.com yahoo.com yahoo.co.uk yahoo.de ymail.com aol.com aol.de gmx.de gmx.net gmx.com
    web.de t-online.de freenet.de mail.de posteo.de mailbox.org proton.me protonmail.com pm.me btinternet.com sky.com
    orange.fr free.fr laposte.net wanadoo.fr zoho.com fastmail.com arcor.de 1und1.de online.de
"""
FOR_ALL = frozenset(_PUBLIC.split())


def domain_of(address):
    return address.rpartition("@")[2].lower()


def recipients(mail):
    """The people of ours whose personal address this mail came to."""
    local, _at, domain = settings.MAIL_IN.rpartition("@")
    pattern = re.compile(
        rf"(?<![\w.+-]){re.escape(local)}\+([a-z0-9]{{4,20}})@{re.escape(domain)}(?![\w-])", re.IGNORECASE
    )
    values = [value for name in (*ENVELOPE, *SEEN) for value in mail.all(name)]
    values += [found for value in mail.all("received") for found in re.findall(r"\bfor\s+(<?[^\s<>;]+>?)", value)]
    keys = dict.fromkeys(key.lower() for value in values for key in pattern.findall(value))
    found = {user.mail_in_key: user for user in User.objects.active().filter(mail_in_key__in=list(keys)[:50])}
    return [found[key] for key in keys if key in found]


def is_personal(address):
    """Whether it is somebody's personal address, whoever's and however old."""
    local, _at, domain = settings.MAIL_IN.rpartition("@")
    theirs, _at, host = address.rpartition("@")
    return is_on() and host == domain and (theirs == local or theirs.startswith(f"{local}+"))


class Ours:
    """Who is one of us: colleagues, and the firm's own domains. Reads the people once."""

    def __init__(self):
        self.addresses, self.domains = {our_address()[1].lower()}, {domain_of(our_address()[1])}
        for email, others, active in User.objects.values_list("email", "mail_addresses", "is_active"):
            self.addresses |= {one.lower() for one in [email, *others] if isinstance(one, str)}
            if active:
                self.domains.add(domain_of(email))
        if is_on():
            self.domains.add(domain_of(settings.MAIL_IN))
        self.domains -= {*FOR_ALL, ""}

    def __contains__(self, address):
        address = address.lower()
        return address in self.addresses or domain_of(address) in self.domains or is_personal(address)


class Never:
    """The addresses and domains whose mail this person, or the firm, does not want to keep."""

    def __init__(self, user):
        rows = NeverLog.objects.filter(user=None) | NeverLog.objects.filter(user=user)
        self.patterns = set(rows.values_list("pattern", flat=True))

    def __contains__(self, address):
        address = address.lower()
        domain = domain_of(address)
        parts = domain.split(".")
        return address in self.patterns or any(".".join(parts[n:]) in self.patterns for n in range(len(parts)))


def automatic(mail):
    """Why a mail was written by no person, as one word for the log; "" when it was."""
    said = mail.first("auto-submitted").split(";")[0].strip().lower()
    if said and said != "no":
        return "auto"
    if mail.first("x-autoreply") or mail.first("x-autorespond") or mail.first("x-auto-reply"):
        return "auto"
    precedence = mail.first("precedence").strip().lower()
    if precedence in ("auto_reply", "auto-reply"):
        return "auto"
    if mail.first("content-type").lower().startswith(("multipart/report", "message/delivery-status")):
        return "report"
    if mail.first("return-path").strip() == "<>" or mail.sender[1].partition("@")[0] in MACHINES:
        return "report"
    if mail.first("list-id") or mail.first("list-post") or precedence in ("list", "bulk", "junk"):
        return "list"
    return "list" if mail.first("list-unsubscribe") else ""


MACHINES = {"mailer-daemon", "postmaster", "mail-daemon"}


def named(pairs, *, without):
    """The people of a header who are neither us nor anybody else to be left out."""
    return [(name, address) for name, address in pairs if not any(address in group for group in without)]

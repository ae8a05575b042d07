"""From a row to the mail itself: text first, HTML beside it, the headers that make programs behave."""

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.urls import reverse

from outbox import kinds, links
from outbox.words import address, one_line, our_address


class BadAddress(ValueError):
    """Nothing can be sent to this; said in words a person understands."""


def compose(email):
    """Ask the kind to write the mail and dress it. The Message-ID is the row's own, the same at every try."""
    kind = kinds.get(email.kind)
    message = kind.render(email)
    our_name, our_mail = our_address()
    mail = EmailMultiAlternatives(
        subject=one_line(message.subject),
        body=message.text,
        from_email=address(email.from_name or our_name, our_mail),
        to=[address(email.to_name, _checked(email.to_email))],
        reply_to=[one_line(email.reply_to)] if email.reply_to else None,
        headers=_headers(email, kind, message),
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    if message.invite:
        _add_invite(mail, message.invite)
    return mail


def _add_invite(mail, invite):
    """Beside text and HTML, where calendars look for it (RFC 6047), and as a file for programs that show only files."""
    words = invite.content.decode().replace("\r\n", "\n")
    mail.attach_alternative(words, f"text/calendar; method={invite.method}")
    mail.attach(invite.filename, invite.content, "application/ics")


def unsubscribe_link(email):
    return links.absolute(reverse("unsubscribe", args=[links.token(email)]))


def _checked(to):
    try:
        validate_email(to)
    except ValidationError:
        raise BadAddress(f"“{to}” is not an e-mail address.") from None
    return to


def _headers(email, kind, message):
    headers = {name: one_line(value) for name, value in message.headers.items()}
    headers["Message-ID"] = email.message_id
    if email.references:
        headers["In-Reply-To"] = email.references.split()[-1]
        headers["References"] = email.references
    if kind.audience == kinds.STAFF:
        headers["Auto-Submitted"] = "auto-generated"
    if kind.unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe_link(email)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers

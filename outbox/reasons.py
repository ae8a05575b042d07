"""Why a mail did not go out, in words for somebody who has never heard of SMTP."""

import re

from django.utils.translation import gettext as _

from outbox import reports
from outbox.models import Email

State = Email.State
_UNKNOWN_PERSON = re.compile(r"\b5\.1\.[0-36]\b|user unknown|no such (user|mailbox)|does not exist", re.IGNORECASE)
_FULL = {452, 552}


def reason(email):
    """One or two sentences: what happened, and what can be done."""
    return _BY_STATE.get(email.state, lambda email: email.last_words)(email)


def _failed(email):
    code, words = email.last_code, email.last_words
    if code is None:
        return _("The mail could not be made or sent. The program says: %s") % words
    if code in _FULL:
        return _("Their mailbox has been full for two days. Ring them, or send it again later.")
    if code < 500:
        return _("Their mail server asked us to come back later, again and again for two days, and we gave up.")
    if code in (550, 551, 553) and (_UNKNOWN_PERSON.search(words) or code == 551):
        return _("Nobody has this address. Is it spelt right, or has the person left?")
    return _("Their mail server refused it, and asking again will not help.")


def _uncertain(email):
    if email.goes_out_by_itself:
        return _("The connection broke at the very last moment: it may have arrived. It goes once more by itself.")
    return _("The connection broke at the very last moment: it may have arrived, or not. Ask before sending it again.")


def _bounced(email):
    words, status = email.last_words, reports.status_in(email.last_words)
    if status.endswith("2.2"):
        return _("It came back: their mailbox is full. Ring them, or send it again later.")
    if status.startswith("4"):
        return _("It came back: their mail server could not be reached for days.")
    if status.startswith("5.7"):
        return _("It came back: their mail server does not take such mail from us.")
    if reports.is_dead(status, words):
        return _("It came back: nobody has this address. Is it spelt right, or has the person left?")
    return _("Their mail server took it and sent it back. Is the address right?")


def _sent(email):
    return _("Their mail server took it, but cannot hand it on yet. It keeps trying; nothing to do.")


def _held(email):
    return email.last_words or _("It was held back: it may have gone out already.")


def _retry(email):
    if email.last_code in _FULL:
        return _("Their mailbox is full. We keep trying for two days.")
    return _("Their mail server asked us to come back later. We keep trying for two days.")


_BY_STATE = {
    State.FAILED: _failed,
    State.UNCERTAIN: _uncertain,
    State.BOUNCED: _bounced,
    State.HELD: _held,
    State.RETRY: _retry,
    State.SENT: lambda email: _sent(email) if getattr(email, "last_word", "") == "delayed" else email.last_words,
}

"""Why a mail did not go out, in words for somebody who has never heard of SMTP."""

import re

from django.utils.translation import gettext as _

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
    return _("Their mail server took it and sent it back. Is the address right?")


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
}

"""What a mail means for the requests of its conversation: their mail asks again, ours answers."""

import logging
import re
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from clients.mail_in import quotes
from clients.models import NotAllowed, Request

log = logging.getLogger(__name__)

NAMESPACE = uuid.UUID("0a2c7a52-74fd-4c53-8a27-0c6f2f6f0d11")
MOST_LOOKED_AT, MOST_TEXT = 20_000, 1000
_QUESTION = re.compile(r"[^\s.?!][^.?!\n]{0,400}\?(?=\s|$)")
STILL_THE_SAME = timedelta(days=30)  # a mail long after the answer is another matter


def follow(entry, received, *, by, now):
    """The requests that began or were answered with a mail of this conversation."""
    in_thread = Q(origin_interaction__received__thread=received.thread) | Q(
        events__interaction__received__thread=received.thread
    )
    requests = Request.objects.kept().filter(in_thread, client=entry.client).distinct()
    for request in requests.select_related("client", "assignee"):
        try:
            with transaction.atomic():
                _follow(request, entry, by=by, now=now)
        except NotAllowed as reason:  # it came out of order: the entry is kept, the request stays as it is
            log.info("A mail changes nothing about the request %s: %s", request.public_id, reason)


def _follow(request, entry, *, by, now):
    if entry.direction == entry.Direction.OURS:
        if request.is_waiting:
            request.answer(by=by, now=now, interaction=entry)
    elif request.is_waiting or (request.closed_at and entry.happened_at - request.closed_at <= STILL_THE_SAME):
        request.ask_again(by=by, now=now, interaction=entry)


def question_in(entry):
    """What a mail of theirs asks, in their words; "" where it asks nothing or a request was made of it already."""
    if entry.received_id is None or entry.direction != entry.Direction.THEIRS or entry.deleted_at:
        return ""
    new, _quoted = quotes.split(entry.received.text)
    new = re.sub(r"(?<!\n)\n(?!\n)", " ", new[:MOST_LOOKED_AT])  # lines were broken by a program
    asked = [" ".join(one.split()) for one in _QUESTION.findall(new)]
    if not asked or Request.objects.kept().filter(origin_interaction=entry).exists():
        return ""
    return "\n".join(asked[:5])[:MOST_TEXT]


def ask(entry, *, by, now):
    """Make a request of the question in a mail; twice is once."""
    people = list(entry.contacts.all())
    sender = next((one for one in people if one.email == entry.received.from_address), None)
    return Request.objects.ask(
        client=entry.client,
        by=by,
        now=now,
        text=question_in(entry) or entry.summary or entry.body[:MOST_TEXT],
        contact=sender,
        channel=Request.Channel.EMAIL,
        asked_at=min(entry.happened_at, now),
        interaction=entry,
        key=uuid.uuid5(NAMESPACE, entry.public_id),
    )

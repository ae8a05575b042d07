"""What a mail means for the requests of its conversation: their mail asks again, ours answers."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from clients.models import NotAllowed, Request

log = logging.getLogger(__name__)

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


def could_be_asked(entry):
    """Whether to offer this entry as a request: a mail of theirs with a question, and none made of it yet."""
    if entry.received_id is None or entry.direction != entry.Direction.THEIRS or entry.deleted_at:
        return False
    from clients.mail_in import quotes

    new, _quoted = quotes.split(entry.received.text)
    return "?" in new and not Request.objects.kept().filter(origin_interaction=entry).exists()

"""Requests that wait go with the person who answers them, or with the client."""

from clients.models import Request, RequestError
from clients.requests.who import can_take


def waiting_of(user):
    return Request.objects.waiting().filter(assignee=user)


def count(user):
    return waiting_of(user).count()


def move(user, *, to, by, now):
    move_all(waiting_of(user), to=to, by=by, now=now)


def move_with_client(client, *, old, to, by, now):
    """The client has a new owner: what waits for the old one goes along."""
    move_all(waiting_of(old).filter(client=client), to=to, by=by, now=now)


def holds(client, user):
    """Keys of what waits for this person there."""
    return list(waiting_of(user).filter(client=client).order_by("pk").values_list("pk", flat=True))


def give(client, keys, *, old, to, by, now):
    """These and no others, where they are still with whoever had them: taken back, of which nobody is told."""
    move_all(waiting_of(old).filter(client=client, pk__in=keys), to=to, by=by, now=now, told=False)


def move_all(requests, *, to, by, now, told=True):
    for request in requests.select_related("client__owner", "assignee"):
        taker = to if can_take(to, request.client) else request.client.owner
        try:
            request.hand_over(to=taker, by=by, now=now, told=told)
        except RequestError:  # answered meanwhile: nothing to hand over
            continue

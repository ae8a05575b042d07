"""Open promises go with the person who answers for them, or with the client."""

from promises.models import NotActive, Promise


def count(user):
    return Promise.objects.of(user).open().count()


def move(user, *, to, by, now):
    move_all(Promise.objects.of(user).open(), to=to, by=by, now=now)


def move_with_client(client, *, old, to, by, now):
    """The client has a new owner: the open promises of the old one go along."""
    move_all(Promise.objects.of(old).open().filter(client=client), to=to, by=by, now=now)


def holds(client, user):
    """Keys of the open promises this person answers for there."""
    return list(Promise.objects.of(user).open().filter(client=client).order_by("pk").values_list("pk", flat=True))


def give(client, keys, *, old, to, by, now):
    """These and no others, where they are still with whoever had them."""
    move_all(Promise.objects.of(old).open().filter(client=client, pk__in=keys), to=to, by=by, now=now)


def move_all(promises, *, to, by, now):
    for promise in promises.with_people():
        try:
            promise.hand_over(to=to, by=by, now=now)
        except NotActive:  # it ended meanwhile: nothing to hand over
            continue

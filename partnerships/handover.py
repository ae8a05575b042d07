"""Concerns a colleague leads go to whoever takes over; those of a client's owner follow the client by themselves."""

from django.db.models import Q

from partnerships import talks
from partnerships.models import Concern, NotInThisState


def _of(user):
    return Concern.objects.unresolved().filter(Q(lead=user) | Q(second=user))


def count(user):
    return _of(user).count()


def move(user, *, to, by, now):
    for concern in _of(user).with_people():
        if concern.second_id == user.pk:
            concern.second = None if to.pk == concern.leader.pk else to
            concern.save(update_fields=["second"])
        if concern.lead_id == user.pk:
            try:
                concern.hand_over(to=to, by=by, now=now)
            except NotInThisState:
                continue
        talks.pass_on(_again(concern), now=now)


def move_with_client(client, *, old, to, by, now):
    """The client has a new owner: what the old one led there goes along."""
    for concern in Concern.objects.unresolved().filter(client=client, lead=old).with_people():
        try:
            concern.hand_over(to=to, by=by, now=now)
        except NotInThisState:
            continue
    for concern in Concern.objects.filter(client=client, state=Concern.State.TALKING).with_people():
        talks.pass_on(concern, now=now)


def holds(client, user):
    """Keys of the unresolved concerns this person leads there."""
    found = Concern.objects.unresolved().filter(client=client, lead=user)
    return list(found.order_by("pk").values_list("pk", flat=True))


def give(client, keys, *, old, to, by, now):
    """These and no others, where they are still with whoever had them."""
    for concern in Concern.objects.unresolved().filter(client=client, lead=old, pk__in=keys).with_people():
        try:
            concern.hand_over(to=to, by=by, now=now)
        except NotInThisState:
            continue
    for concern in Concern.objects.filter(client=client, state=Concern.State.TALKING).with_people():
        talks.pass_on(concern, now=now)


def _again(concern):
    return Concern.objects.with_people().get(pk=concern.pk)

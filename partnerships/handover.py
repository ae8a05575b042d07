"""Concerns a colleague leads go to whoever takes over; those of a client's owner follow the client by themselves."""

from django.db.models import Q

from partnerships.models import Concern, NotInThisState


def _of(user):
    return Concern.objects.unresolved().filter(Q(lead=user) | Q(second=user))


def count(user):
    return _of(user).count()


def move(user, *, to, by, now):
    for concern in _of(user).with_people():
        if concern.second_id == user.pk:
            Concern.objects.filter(pk=concern.pk).update(second=None if to.pk == concern.leader.pk else to)
        if concern.lead_id == user.pk:
            try:
                concern.hand_over(to=to, by=by, now=now)
            except NotInThisState:
                continue

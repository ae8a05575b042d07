"""What a colleague who leaves hands over here: relationships they own, parts in client teams, follow-ups."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import handover
from clients.models import FollowUp


def register():
    handover.register(
        _("clients"),
        count=lambda user: _owned(user).count(),
        move=move_clients,
        each=lambda user: list(_owned(user).order_by("search_text", "pk").values_list("public_id", "name")),
        give=give_one,
    )
    handover.register(_("parts in client teams"), count=lambda user: user.team_parts.count(), move=move_team_parts)
    handover.register(_("follow-ups"), count=lambda user: _follow_ups(user).count(), move=move_follow_ups)


def _owned(user):
    return user.clients.filter(merged_into=None)


def _follow_ups(user):
    return user.follow_ups.filter(done_at=None, client__merged_into=None)


@transaction.atomic
def move_clients(user, *, to, by, now):
    """Each relationship to its new owner, with what goes along; every client's history says so."""
    for client in _owned(user):
        give_to(client, to=to, by=by, now=now)


def give_one(user, public_id, *, to, by, now):
    """One of them to an owner of its own, with what the leaving colleague meant to come back to there."""
    client = _owned(user).get(public_id=public_id)
    give_to(client, to=to, by=by, now=now)
    moved = list(_follow_ups(user).filter(client=client))
    for follow_up in moved:
        follow_up.user = to
    FollowUp.objects.bulk_update(moved, ["user"])


@transaction.atomic
def move_team_parts(user, *, to, by, now):
    """The same part for the successor, where they do not own the client or have a part already."""
    for member in user.team_parts.select_related("client"):
        client = member.client
        if client.owner_id != to.pk and not client.team_members.filter(user=to).exists():
            client.team_members.create(user=to, part=member.part)
        member.delete()


@transaction.atomic
def move_follow_ups(user, *, to, by, now):
    """To whoever takes over, where they work for that client by now; else to its owner."""
    for follow_up in _follow_ups(user).select_related("client__owner"):
        client = follow_up.client
        works_there = client.owner_id == to.pk or client.team_members.filter(user=to).exists()
        follow_up.user = to if works_there or client.owner_id == user.pk else client.owner
        follow_up.save(update_fields=["user"])


_followers = {}  # a follower → (holds, give), where what it moves can be given back one by one


def register_follower(follower, *, holds=None, give=None):
    """What goes along with a client: `follower(client, *, old, to, by, now)`, in the same transaction.

    `holds(client, user)` are the keys of what this person holds there and would go along; `give(client, keys, *, old,
    to, by, now)` gives exactly those of them that `old` still holds to somebody. With both, a hand-over is undone
    without what the new owner had there before.
    """
    _followers[follower] = (holds, give)


@transaction.atomic
def give_to(client, *, to, by, now):
    """Hand one client over, with everything that goes along; gives what `take_back` needs to undo exactly that."""
    old = client.owner
    part = client.team_members.filter(user=to).values_list("part", flat=True).first()
    moved = {_name(follow): holds(client, old) for follow, (holds, _give) in _followers.items() if holds}
    client.hand_over(to=to)
    for follow in _followers:
        follow(client, old=old, to=to, by=by, now=now)
    return {"moved": {name: keys for name, keys in moved.items() if keys}, "part": part or ""}


@transaction.atomic
def take_back(client, *, to, more, by, now):
    """Undo a hand-over: the client and what went along back to whoever had it; the rest stays with the other."""
    old = client.owner
    client.hand_over(to=to)
    for follow, (holds, give) in _followers.items():
        if holds:
            keys = more.get("moved", {}).get(_name(follow), [])
            give(client, keys, old=old, to=to, by=by, now=now)
        else:
            follow(client, old=old, to=to, by=by, now=now)
    if more.get("part") and old.is_active:
        client.team_members.get_or_create(user=old, defaults={"part": more["part"]})


def _name(follower):
    return follower.__module__

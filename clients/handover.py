"""What a colleague who leaves hands over here: the relationships they own, and their parts in client teams."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import handover


def register():
    handover.register(_("clients"), count=lambda user: user.clients.count(), move=move_clients)
    handover.register(_("parts in client teams"), count=lambda user: user.team_parts.count(), move=move_team_parts)


@transaction.atomic
def move_clients(user, *, to, by, now):
    """Each relationship to its new owner; every client's history says so."""
    for client in user.clients.all():
        client.hand_over(to=to)


@transaction.atomic
def move_team_parts(user, *, to, by, now):
    """The same part for the successor, where they do not own the client or have a part already."""
    for member in user.team_parts.select_related("client"):
        client = member.client
        if client.owner_id != to.pk and not client.team_members.filter(user=to).exists():
            client.team_members.create(user=to, part=member.part)
        member.delete()


_followers = []


def register_follower(follower):
    """What goes along with a client: `follower(client, *, old, to, by, now)`, in the same transaction."""
    if follower not in _followers:
        _followers.append(follower)


@transaction.atomic
def give_to(client, *, to, by, now):
    """Hand one client over, with everything that goes along."""
    old = client.owner
    client.hand_over(to=to)
    for follow in _followers:
        follow(client, old=old, to=to, by=by, now=now)

"""Who answers: the owner of the client, or on days they are away whoever stands in for them."""

from clients.models.client import Client, TeamMember


def is_away(user, now):
    return user.calendar().absent_on(now.astimezone(user.zone).date())


def may_see(user, client):
    return Client.objects.visible_to(user).filter(pk=client.pk).exists()


def can_take(user, client):
    """Whether a request of this client may be somebody's to answer."""
    return user.is_active and may_see(user, client)


def stand_in(user, client, now):
    """Who answers for somebody today: themselves, or while they are away their deputy, or the client's.

    A deputy who is away too, has left, or may not see the client stands in for nobody. With nobody there it stays
    theirs.
    """
    if not is_away(user, now):
        return user
    return next((one for one in _deputies(user, client) if can_take(one, client) and not is_away(one, now)), user)


def _deputies(user, client):
    if user.deputy:
        yield user.deputy
    parts = client.team_members.filter(part=TeamMember.Part.DEPUTY).exclude(user=user).select_related("user")
    for member in parts:
        yield member.user


def first_assignee(client, now):
    """Whose a new request is."""
    return stand_in(client.owner, client, now)

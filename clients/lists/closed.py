"""Which clients are closed to somebody: a file made before one was is not given out any more."""

from clients.models import Client


def hidden(user):
    return list(Client.objects.hidden_from(user).order_by("pk").values_list("pk", flat=True))

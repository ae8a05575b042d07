"""Taking the sample firm away without touching what people have made of their own."""

from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import Origin, User
from clients.models import Client
from promises.models import Promise
from surveys.models import Questionnaire, Round


@transaction.atomic
def remove(*, now):
    """Delete demo rounds, clients and people; a demo person whom real records still need stays, signed out.

    Returns a sentence with the counts.
    """
    rounds = Round.objects.filter(origin=Origin.DEMO)
    clients = Client.objects.filter(origin=Origin.DEMO)
    counts = (clients.count(), rounds.count())
    rounds.delete()
    Promise.objects.filter(client__in=clients).delete()
    clients.delete()
    Questionnaire.objects.filter(origin=Origin.DEMO, rounds=None).delete()
    gone = stayed = 0
    for user in User.objects.filter(origin=Origin.DEMO):
        try:
            with transaction.atomic():
                user.delete()
            gone += 1
        except ProtectedError:
            User.objects.filter(pk=user.pk).update(is_active=False, deactivated_at=now)
            stayed += 1
    sentence = f"Removed {counts[0]} clients, {counts[1]} survey rounds and {gone} people of the demo."
    if stayed:
        sentence += f" {stayed} demo people stay, signed out, because real records name them."
    return sentence

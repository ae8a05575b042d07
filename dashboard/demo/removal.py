"""Taking the sample firm away without touching what people have made of their own."""

from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import Origin, User, Workspace
from clients.models import Client, RequestMail
from dashboard.demo import words
from outbox.models import Email
from partnerships.models import ConcernMail
from promises.models import DigestMail, Letter, Promise, PromiseMail
from surveys.models import InvitationMessage, Questionnaire, Round, RoundMail


@transaction.atomic
def remove(*, now):
    """Delete demo rounds, clients and people; a demo person whom real records still need stays, signed out.

    Returns a sentence with the counts.
    """
    rounds = Round.objects.filter(origin=Origin.DEMO)
    clients = Client.objects.filter(origin=Origin.DEMO)
    counts = (clients.count(), rounds.count())
    mails = mails_of(rounds, clients)
    rounds.delete()
    Promise.objects.filter(client__in=clients).delete()
    clients.delete()
    Email.objects.filter(pk__in=mails).delete()
    Questionnaire.objects.filter(origin=Origin.DEMO, rounds=None).delete()
    Workspace.objects.filter(**words.FIRM).update(firm_name="Our firm", phone="")
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


def mails_of(rounds, clients):
    """The outbox rows that only demo records caused."""
    causes = [
        InvitationMessage.objects.filter(invitation__round__in=rounds),
        RoundMail.objects.filter(round__in=rounds),
        PromiseMail.objects.filter(promise__client__in=clients),
        Letter.objects.filter(client__in=clients, email__isnull=False),
        RequestMail.objects.filter(request__client__in=clients),
        ConcernMail.objects.filter(concern__client__in=clients),
        DigestMail.objects.filter(user__origin=Origin.DEMO),
    ]
    return [pk for cause in causes for pk in cause.values_list("email", flat=True)]

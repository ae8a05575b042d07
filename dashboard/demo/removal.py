"""Taking the sample firm away without touching what people have made of their own."""

from django.db import transaction
from django.db.models import ProtectedError

from accounts.models import Origin, User, Workspace
from clients.models import Attachment, Client, Contact, FollowUp, Interaction, Request, RequestMail, TeamMember
from dashboard.demo import mail, words
from dashboard.demo.firm import name_firm
from outbox.models import Email
from partnerships.models import Concern, ConcernMail, Suggestion
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
    keys = list(clients.values_list("pk", flat=True))
    entries = list(
        Interaction.objects.filter(client__in=clients, attachments__isnull=False).values_list("pk", flat=True)
    )
    rounds.delete()
    Promise.objects.filter(client__in=clients).delete()
    clients.delete()
    _forget(keys, entries)
    Email.objects.filter(pk__in=mails).delete()
    mail.of_demo().delete()
    Questionnaire.objects.filter(origin=Origin.DEMO, rounds=None).delete()
    if Workspace.objects.filter(**words.FIRM).exists():
        name_firm(firm_name="Our firm", phone="")
    gone = stayed = 0
    for user in User.objects.filter(origin=Origin.DEMO):
        try:
            with transaction.atomic():
                user.delete()
            gone += 1
        except ProtectedError:
            user.is_active, user.deactivated_at = False, now
            user.save(update_fields=["is_active", "deactivated_at"])
            stayed += 1
    sentence = f"Removed {counts[0]} clients, {counts[1]} survey rounds and {gone} people of the demo."
    if stayed:
        sentence += f" {stayed} demo people stay, signed out, because real records name them."
    return sentence


def _forget(clients, entries):
    """What the demo’s clients were goes with them."""
    Client.history.filter(id__in=clients).delete()
    Attachment.history.filter(interaction_id__in=entries).delete()
    for model in (Contact, TeamMember, Interaction, Request, FollowUp, Concern, Suggestion):
        model.history.filter(client_id__in=clients).delete()


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

"""Whom a round asks: contacts found by a filter, ticked one by one, page by page, or all at once."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Contact
from surveys.models import Invitation, NotPossibleNow, Round

OK = Contact.MailState.OK
NOT_SURVEYED = Contact.SurveyPart.NOT_SURVEYED
CHANGEABLE = [Round.State.DRAFT, Round.State.BELIEFS]
BATCH = 2000


@dataclass(frozen=True)
class LeftOut:
    """People who match but cannot be asked, with one reason."""

    reason: str
    count: int
    query: str


def matching(filters):
    """Contacts at clients of ours that match; keys as the filter form names them, all optional."""
    clients = Client.objects.current()
    for field in ("stage", "kind", "value_band"):
        if filters.get(field):
            clients = clients.filter(**{field: filters[field]})
    if filters.get("owner"):
        clients = clients.filter(owner__public_id=filters["owner"])
    if filters.get("words"):
        clients = clients.search(filters["words"])
    found = Contact.objects.current().filter(client__in=clients)
    if filters.get("part"):
        found = found.filter(survey_part=filters["part"])
    return found.select_related("client__owner").order_by("client__search_text", "client_id", "name", "pk")


def can_be_asked(contacts):
    return contacts.filter(mail_state=OK).exclude(email="").exclude(survey_part=NOT_SURVEYED)


REASONS = {
    "no_email": (_("no e-mail"), Q(email="") & ~Q(survey_part=NOT_SURVEYED)),
    "not_surveyed": (_("not asked in surveys"), Q(survey_part=NOT_SURVEYED)),
    "unsubscribed": (
        _("asked us to stop"),
        Q(mail_state=Contact.MailState.UNSUBSCRIBED) & ~Q(email="") & ~Q(survey_part=NOT_SURVEYED),
    ),
    "bounced": (
        _("their mail comes back"),
        Q(mail_state=Contact.MailState.BOUNCED) & ~Q(email="") & ~Q(survey_part=NOT_SURVEYED),
    ),
}


def left_out(contacts):
    """Who of these cannot be asked, counted by reason; one query."""
    counts = contacts.order_by().aggregate(**{key: Count("pk", filter=q) for key, (_reason, q) in REASONS.items()})
    return [LeftOut(REASONS[key][0], count, key) for key, count in counts.items() if count]


def why_not(contact):
    """Why this person cannot be asked, in words; empty when they can."""
    if contact.survey_part == NOT_SURVEYED:
        return REASONS["not_surveyed"][0]
    if not contact.email:
        return REASONS["no_email"][0]
    return "" if contact.mail_state == OK else REASONS[contact.mail_state][0]


def with_ticks(contacts, round):
    """The contacts with `asked`: are they in the round's list?"""
    return contacts.annotate(asked=Exists(Invitation.objects.filter(round=round, contact=OuterRef("pk"))))


@transaction.atomic
def add(round, contacts):
    """Puts those who can be asked on the list. Returns how many were new."""
    _lock(round)
    before = round.invitations.count()
    missing = can_be_asked(contacts).exclude(pk__in=round.invitations.values("contact")).order_by("pk")
    rows = (
        Invitation(round=round, client_id=client, contact_id=pk) for pk, client in missing.values_list("pk", "client")
    )
    Invitation.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    return round.invitations.count() - before


@transaction.atomic
def remove(round, contacts):
    """Takes people off the list. Returns how many were on it."""
    _lock(round)
    return round.invitations.filter(contact__in=contacts.order_by().values("pk")).delete()[0]


@transaction.atomic
def tick(round, *, shown, ticked):
    """What one page of the list says: of the people shown, exactly the ticked ones are asked."""
    added = add(round, Contact.objects.filter(public_id__in=ticked).filter(public_id__in=shown))
    gone = remove(round, Contact.objects.filter(public_id__in=set(shown) - set(ticked)))
    return added, gone


def _lock(round):
    """The list changes only while nothing has been sent."""
    if not Round.objects.select_for_update().filter(pk=round.pk, state__in=CHANGEABLE).exists():
        raise NotPossibleNow(round)

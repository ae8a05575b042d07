"""Which clients a mail belongs to, among those its user may write to. Nothing else is ever looked at."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from clients.models import Client, Contact, Interaction, ReceivedMail


@dataclass
class Match:
    """Clients with the people there who took part; or the candidates when several know the same address."""

    clients: dict = field(default_factory=dict)  # {client: [contacts]}
    candidates: list = field(default_factory=list)


def writable(user):
    return Client.objects.writable_by(user).current().filter(merged_into=None)


def known(addresses, *, user):
    """{address: [contacts]} of the people there, at clients this person may write to."""
    found = defaultdict(list)
    people = Contact.objects.filter(
        client__in=writable(user), email__in=list(addresses), left_at=None, deleted_at=None, merged_into=None
    )
    for person in people.select_related("client").order_by("client__search_text", "pk"):
        found[person.email].append(person)
    return found


def match(*, main, others, thread_ids, user):
    """`main` are the addresses that decide, `others` are named with the entry where they are people of that client."""
    found = known({*main, *others}, user=user)
    in_thread = thread_clients(thread_ids, user=user)
    by_address = {address: {person.client for person in found[address]} for address in main if address in found}
    clear = {client for clients in by_address.values() if len(clients) == 1 for client in clients}
    open_questions = set()
    for clients in by_address.values():
        if len(clients) > 1:
            settled = clients & (in_thread or clear) or clients & clear
            clear |= settled
            open_questions |= set() if settled else clients
    if not clear and open_questions:
        return Match(candidates=sorted(open_questions, key=lambda client: (client.search_text, client.pk)))
    if not clear and not by_address:
        clear = in_thread
    people = [person for address in [*main, *others] for person in found.get(address, [])]
    return Match(
        clients={
            client: [person for person in people if person.client_id == client.pk]
            for client in sorted(clear, key=lambda client: (client.search_text, client.pk))
        }
    )


def thread_clients(message_ids, *, user):
    """The clients whose timeline has a mail of this conversation."""
    if not message_ids:
        return set()
    of_thread = Q(received__thread__in=message_ids) | Q(received__message_id__in=message_ids)
    entries = Interaction.objects.kept().filter(of_thread).values("client")
    return set(writable(user).filter(pk__in=entries))


def thread_of(mail):
    """The first Message-ID of its conversation, as far as we know it."""
    named = [*mail.references, mail.message_id]
    known = (
        ReceivedMail.objects.filter(Q(message_id__in=named) | Q(thread__in=named))
        .exclude(thread="")
        .order_by("pk")
        .values_list("thread", flat=True)
        .first()
    )
    return (known or mail.thread)[:255]


def hidden_addresses(addresses, *, user):
    """Those of these addresses that only people of clients have whom this reader may not see."""
    found = Contact.objects.filter(email__in=[address.lower() for address in addresses])
    seen = set(found.visible_to(user).values_list("email", flat=True))
    return set(found.values_list("email", flat=True)) - seen

"""What the tray shows: each mail with the clients it may belong to, whatever their number in as many queries."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from clients.mail_in.addresses import FOR_ALL, domain_of
from clients.mail_in.matching import known, writable
from clients.models import Contact, Interaction

MOST = 8  # offers for one mail
MOST_DOMAINS = 60


@dataclass
class Row:
    """A mail of the tray. `offers` are pairs of a client and why it is offered."""

    mail: object
    offers: list = field(default_factory=list)
    files: list = field(default_factory=list)

    @property
    def first_words(self):
        return " ".join(self.mail.text.split())[:220]

    @property
    def whom(self):
        """[(name, address), …] of the other side."""
        if self.mail.is_ours:
            return [(name or address, address) for name, address in self.mail.others]
        return [(self.mail.from_name or self.mail.from_address, self.mail.from_address)]


def addresses_of(mail):
    return [one for one in (mail.from_address, *(address for _name, address in mail.others)) if one]


def rows(mails, *, user):
    """The mails with what is offered for each: who has the address, whose conversation it is, who has the domain."""
    addresses = {mail.pk: addresses_of(mail) for mail in mails}
    people = known({one for found in addresses.values() for one in found}, user=user)
    threads = _threads(mails, user=user)
    domains = _domains({domain_of(one) for found in addresses.values() for one in found}, user=user)
    drawn = []
    for mail in mails:
        offers = {}
        for address in addresses[mail.pk]:
            for person in people.get(address, []):
                offers.setdefault(person.client, address)
        for client in threads[mail.thread]:
            offers.setdefault(client, mail.subject)
        for address in addresses[mail.pk]:
            for client in domains[domain_of(address)]:
                offers.setdefault(client, domain_of(address))
        drawn.append(Row(mail, list(offers.items())[:MOST]))
    return drawn


def _threads(mails, *, user):
    entries = Interaction.objects.kept().filter(
        received__thread__in={mail.thread for mail in mails}, client__in=writable(user)
    )
    found = defaultdict(dict)
    for entry in entries.select_related("client", "received").order_by("client__search_text")[:200]:
        found[entry.received.thread][entry.client] = True
    return found


def _domains(domains, *, user):
    """{domain: [clients]} by their website and by the addresses of the people there."""
    domains = sorted(domains - FOR_ALL - {""})[:MOST_DOMAINS]
    found = defaultdict(dict)
    if not domains:
        return found
    for client in writable(user).filter(web_domain__in=domains)[:100]:
        found[client.web_domain][client] = True
    of_people = Q()
    for domain in domains:
        of_people |= Q(email__endswith=f"@{domain}")
    people = Contact.objects.filter(of_people, client__in=writable(user), deleted_at=None)
    for person in people.select_related("client").order_by("client__search_text")[:300]:
        found[domain_of(person.email)][person.client] = True
    return found

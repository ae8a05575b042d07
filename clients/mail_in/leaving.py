"""The tray of somebody who leaves: whoever takes over sorts what lies in it.

A mail that may be about a client they may not see goes to whoever sees every client instead: the administrator who
hands over, or the first of the managers. Such a mail comes from or went to an address, or only a domain, of that
client, belongs to a conversation it has, or names it.
"""

from django.db import transaction
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts import handover
from accounts.models import User
from clients.mail_in import filing
from clients.mail_in.addresses import FOR_ALL, domain_of
from clients.mail_in.tray import addresses_of
from clients.models import Client, Contact, Interaction, ReceivedMail
from clients.names import name_key

AT_ONCE = 200
SHORTEST = 2  # letters of a name worth looking for in a text


def register():
    """Called when the app starts, after the clients: with them the successor comes to see more."""
    handover.register(gettext_lazy("mails to sort"), count=lambda user: filing.tray(user).count(), move=move)


@transaction.atomic
def move(user, *, to, by, now):
    closed, sees_all = Closed(to), _sees_all(by, without=user)
    for mail in filing.tray(user):
        _give(mail, to=sees_all if mail in closed and sees_all else to, now=now)


def clean(now):
    """What still lies with people who are not here any more, however they went, comes to somebody who sees it all."""
    left = ReceivedMail.objects.filter(state=filing.State.UNMATCHED, user__is_active=False)
    for mail in left.select_related("user__changed_by")[:AT_ONCE]:
        if to := _sees_all(mail.user.changed_by, without=mail.user):
            with transaction.atomic():
                _give(mail, to=to, now=now)


def _sees_all(by, *, without):
    if by is not None and by.is_active and by.is_manager:
        return by
    return User.objects.managers().exclude(pk=without.pk).order_by("-role", "pk").first()


def _give(mail, *, to, now):
    """Lay it into their tray, with whose it was. One they have themselves is put away."""
    if ReceivedMail.objects.filter(message_id=mail.message_id, user=to).exists():
        filing.dismiss(mail, by=to, now=now)
        return
    with override(to.language):
        known = {"name": mail.user.name, "words": mail.note}
        mail.why = (_("It came to %(name)s, who does not work here any more.") % known)[:200]
        if mail.note:
            mail.text = f"{_('%(name)s wrote above it: %(words)s') % known}\n\n{mail.text}"
            mail.note = ""
    mail.user = to
    mail.save(update_fields=["user", "why", "text", "note"])


class Closed:
    """The mails that may be about a client this person may not see. Reads those clients once."""

    def __init__(self, user):
        self.clients = Client.objects.hidden_from(user)

    def __contains__(self, mail):
        if not self.names:
            return False
        addresses = addresses_of(mail)
        domains = {domain_of(one) for one in addresses} - FOR_ALL - {""}
        theirs = Q(email__in=addresses)
        for domain in domains:
            theirs |= Q(email__endswith=f"@{domain}")
        return (
            Contact.objects.filter(theirs, client__in=self.clients).exists()
            or self.clients.filter(web_domain__in=domains).exists()
            or Interaction.objects.filter(received__thread=mail.thread, client__in=self.clients).exists()
            or self._is_named(mail)
        )

    def _is_named(self, mail):
        text = f" {name_key(f'{mail.subject} {mail.note} {mail.text}')} "
        return any(f" {name} " in text for name in self.names if len(name) >= SHORTEST)

    @cached_property
    def names(self):
        return [name_key(name) for name in self.clients.values_list("name", flat=True)]

"""A firm that was here before histories were kept in every way: its database comes along, there and back."""

import pytest
from django.core.management import call_command

from accounts.models import SavedView, User
from clients.models import Attachment, Client, Contact, FollowUp, Interaction, Request
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_interaction, make_request, make_user


@pytest.mark.django_db(transaction=True)
def test_what_was_written_before_gets_its_first_row_and_who_removed_whom_is_known():
    priya = make_user(name="Priya Raman")
    client = make_client(owner=priya)
    make_interaction(client=client, contacts=[make_contact(client=client)])
    make_request(client=client)
    FollowUp.objects.create(client=client, user=priya, due_on=NOW.date())
    SavedView.objects.create(user=priya, page="clients", name="Mine", query="owner=me")
    removed = make_contact(client=client)
    removed.remove(now=NOW, by=priya)
    Contact.history.filter(id=removed.pk).update(history_user=priya)
    for model in (User, Client, Interaction, Request):
        model.history.all().delete()
    Contact.history.exclude(id=removed.pk).delete()

    call_command("migrate", "clients", "0010", verbosity=0)
    call_command("migrate", "accounts", "0008", verbosity=0)
    call_command("migrate", verbosity=0)

    told = {model: model.history.count() for model in (User, Client, Interaction, Request, FollowUp, SavedView)}
    assert told == dict.fromkeys(told, 1)
    assert Contact.objects.get(pk=removed.pk).deleted_by == priya
    assert Attachment.history.count() == 0

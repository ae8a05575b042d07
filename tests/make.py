"""Factories: plain functions with keyword defaults, so a test says only what matters to it."""

from itertools import count

from accounts.models import Role, User

PASSWORD = "a long enough password"

_number = count(1)


def make_user(*, name=None, email=None, role=Role.ACCOUNT_MANAGER, password=None, **fields):
    """A person of ours. Without `password` they exist but cannot sign in by form (tests use `force_login`)."""
    number = next(_number)
    name = name or f"Person {number}"
    email = email or f"person{number}@firm.example"
    return User.objects.create_user(email, password, name=name, role=role, **fields)


def make_manager(**fields):
    return make_user(**{"role": Role.MANAGER, **fields})


def make_administrator(**fields):
    return make_user(**{"role": Role.ADMINISTRATOR, **fields})


def make_client(*, name=None, owner=None, **fields):
    """A client with an owner of its own unless one is given."""
    from clients.models import Client

    return Client.objects.create(name=name or f"Client {next(_number)}", owner=owner or make_user(), **fields)


def make_contact(*, client=None, name=None, email=None, **fields):
    """A person at a client, with an address nobody else has."""
    from clients.models import Contact

    number = next(_number)
    return Contact.objects.create(
        client=client or make_client(),
        name=name or f"Contact {number}",
        email=f"contact{number}@client.example" if email is None else email,
        **fields,
    )


# ------------------------------------------------------------------ clients
def make_client(*, name=None, owner=None, team=(), **fields):
    """A client of somebody of ours. `team` are colleagues, each as a specialist."""
    from clients.models import Client, TeamMember

    number = next(_number)
    client = Client.objects.create(name=name or f"Client {number}", owner=owner or make_user(), **fields)
    TeamMember.objects.bulk_create([TeamMember(client=client, user=user) for user in team])
    return client


def make_contact(*, client=None, name=None, email=None, **fields):
    """A person at a client; an empty `email` is one we do not know."""
    from clients.models import Contact

    number = next(_number)
    email = f"contact{number}@client.example" if email is None else email
    return Contact.objects.create(client=client or make_client(), name=name or f"Contact {number}", email=email, **fields)


def make_interaction(*, client=None, author=None, contacts=(), kind="call", direction="ours", body="We spoke.", **fields):
    """Something that happened with a client, logged by its verb; `happened_at` is now unless given."""
    from django.utils import timezone

    from clients.models import Interaction

    client = client or make_client()
    fields.setdefault("happened_at", timezone.now())
    interaction, _created = Interaction.log(
        client=client, by=author or client.owner, kind=kind, direction=direction, body=body, contacts=contacts, **fields
    )
    return interaction

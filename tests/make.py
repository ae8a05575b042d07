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
    return Contact.objects.create(
        client=client or make_client(), name=name or f"Contact {number}", email=email, **fields
    )


def make_interaction(
    *, client=None, author=None, contacts=(), kind="call", direction="ours", body="We spoke.", **fields
):
    """Something that happened with a client, logged by its verb; `happened_at` is now unless given."""
    from django.utils import timezone

    from clients.models import Interaction

    client = client or make_client()
    fields.setdefault("happened_at", timezone.now())
    interaction, _created = Interaction.log(
        client=client, by=author or client.owner, kind=kind, direction=direction, body=body, contacts=contacts, **fields
    )
    return interaction


# ------------------------------------------------------------------ promises
def make_promise(
    *,
    client=None,
    owner=None,
    contact=None,
    what="Send the fee note",
    due_at=None,
    made_at=None,
    now=None,
    ours=True,
    **fields,
):
    """An agreed promise, made by its verb; due in a week at the end of the working day unless `due_at` says otherwise.

    A `due_at` before `now` needs no `made_at`: it was then agreed a fortnight before it was due.
    """
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from django.utils import timezone

    from promises.models import Promise

    now = now or timezone.now()
    client = client or make_client(owner=owner)
    owner = owner or client.owner
    zone = ZoneInfo(fields.pop("due_zone", "Europe/London"))
    due = (due_at or now + timedelta(days=7)).astimezone(zone)
    made_at = made_at or (now if due > now else due - timedelta(days=14))
    return Promise.objects.make(
        by=fields.pop("by", owner),
        client=client,
        what=what,
        due_date=due.date(),
        due_time=fields.pop("due_time", due.time()),
        due_zone=str(zone),
        now=made_at,
        made_at=made_at,
        owner=owner,
        contact=contact,
        direction="ours" if ours else "theirs",
        **fields,
    )

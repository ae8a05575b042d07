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
    fields.setdefault("last_two_way_at", fields.get("last_interaction_at"))
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


def make_request(*, client=None, text="What does the second year cost?", asked_at=None, now=None, **fields):
    """A question of a client, asked by its verb: just now unless `asked_at` says otherwise."""
    from django.utils import timezone

    from clients.models import Request

    client = client or make_client()
    now = now or timezone.now()
    by = fields.pop("by", client.owner)
    return Request.objects.ask(client=client, by=by, now=now, text=text, asked_at=asked_at or now, **fields)


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


def make_questionnaire(*, standard=True, **fields):
    """The standard questionnaire, or an empty one of its own."""
    from surveys.models import Questionnaire

    if standard:
        return Questionnaire.standard()
    return Questionnaire.objects.create(**{"name": f"Questionnaire {next(_number)}", **fields})


def make_round(*, state="draft", created_by=None, **fields):
    """A round in that state with sensible dates around the clock's day; past draft its questions are frozen."""
    from datetime import timedelta

    from django.utils import timezone

    from surveys.models import Round

    now = timezone.now()
    questionnaire = fields.pop("questionnaire", None) or make_questionnaire()
    defaults = {
        "name": f"Survey {next(_number)}",
        "year": now.year,
        "state": state,
        "questionnaire": questionnaire,
        "reminder_days": [4, 9, 13],
        "opens_at": now,
        "due_on": now.date() + timedelta(days=21),
        "closes_on": now.date() + timedelta(days=28),
        "created_by": created_by or make_manager(),
    }
    if state != "draft":
        defaults |= {"snapshot": questionnaire.as_asked(), "beliefs_asked_at": now}
    if state in ("open", "closed"):
        defaults["launched_at"] = now
    if state == "closed":
        defaults["closed_at"] = now
    return Round.objects.create(**{**defaults, **fields})


def make_invitation(*, round=None, contact=None, state="sent", with_mail=True, **fields):
    """One person asked. `with_mail`: their first mail is in the outbox as sent, and `mail_of` gives it."""
    from django.utils import timezone

    from outbox.models import Email
    from surveys.models import Invitation, InvitationMessage

    contact = contact or make_contact()
    now = timezone.now()
    asked = state != "pending"
    if asked:
        fields = {"queued_at": now, "invited_at": now, "send_at": now, **fields}
    invitation = Invitation.objects.create(
        round=round or make_round(state="open"), client=contact.client, contact=contact, state=state, **fields
    )
    if asked and with_mail:
        email, _new = Email.objects.queue(
            kind="surveys.invitation",
            key=f"surveys.invitation:{invitation.pk}",
            to=contact.email,
            to_name=contact.name,
            subject="How are we doing?",
        )
        Email.objects.filter(pk=email.pk).update(state="sent", sent_at=now, next_try_at=None)
        InvitationMessage.objects.create(invitation=invitation, email=email, step=InvitationMessage.INVITES)
    return invitation


def mail_of(invitation, step=0):
    return invitation.messages.get(step=step).email


def survey_token(invitation):
    """The token of the link in the invitation's first mail."""
    from outbox import links

    return links.token(mail_of(invitation))


def answer_survey(invitation, *, now=None, in_confidence=False, submit=True, **answers):
    """Answers as a client would: `overall=7`, `respect="na"`, `better="Call back"`, `call=("0113", "mornings")`."""
    from django.http import QueryDict
    from django.utils import timezone

    from surveys import answering

    now = now or timezone.now()
    data = QueryDict(mutable=True)
    for key, value in answers.items():
        if isinstance(value, list):
            data.setlist(f"q-{key}", value)
        elif isinstance(value, tuple):
            data[f"q-{key}"], data[f"q-{key}-phone"], data[f"q-{key}-when"] = "yes", *value
        else:
            data[f"q-{key}"] = str(value)
    data[answering.CONFIDENCE] = "yes" if in_confidence else "no"
    if submit:
        return answering.submit(invitation, data, now=now)[0]
    for key in answers:
        response, _progress = answering.save_one(invitation, key, data, now=now)
    return response


def make_belief(*, round, client, user=None, required=True, **values):
    """A recorded belief: `make_belief(round=…, client=…, overall=8)`; without values it is still to be recorded."""
    from django.utils import timezone

    from surveys.models import Belief

    user = user or client.owner
    recorded = timezone.now() if values else None
    return Belief.objects.create(
        round=round, client=client, user=user, required=required, values=values, recorded_at=recorded
    )

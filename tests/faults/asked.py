"""What the tests of surveys ask of the program they started: run by `manage.py shell` against its own data."""

import json
from collections import Counter
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

PER_CLIENT = 5


def address_of(n):
    return f"person{n:05d}@x.example"


@transaction.atomic
def people(count):
    """Their contacts, five at each client of four owners; bulk, as the rows are not what is tested."""
    from clients.models import Client, Contact
    from tests.make import make_manager, make_user

    owners = [make_user(name=f"Owner {n}", email=f"owner{n}@firm.example") for n in range(4)]
    make_manager(name="Martin Cole", email="martin@firm.example")
    clients = Client.objects.bulk_create(
        [Client(name=f"Client {n}", owner=owners[n % len(owners)]) for n in range(count // PER_CLIENT)]
    )
    return Contact.objects.bulk_create(
        [
            Contact(client=clients[n // PER_CLIENT], name=f"Person {n}", email=address_of(n), search_text=f"person {n}")
            for n in range(count)
        ],
        batch_size=500,
    )


@transaction.atomic
def ask(count):
    """An open round whose invitations are due now; the program's own planner writes the mails."""
    from surveys.models import Invitation
    from tests.make import make_round

    now, contacts = timezone.now(), people(count)
    round = make_round(state="open", name="The wave", reminder_days=[], closes_on=now.date() + timedelta(days=60))
    Invitation.objects.bulk_create(
        [Invitation(round=round, client_id=one.client_id, contact=one, send_at=now) for one in contacts],
        batch_size=500,
    )


@transaction.atomic
def asked(count):
    """The same, with the mails gone out already: the tokens of the links are printed."""
    from outbox import links
    from outbox.models import Email
    from surveys.models import Invitation, InvitationMessage
    from tests.make import make_round

    now, contacts = timezone.now(), people(count)
    round = make_round(state="open", name="The answers", reminder_days=[], closes_on=now.date() + timedelta(days=60))
    invitations = Invitation.objects.bulk_create(
        [
            Invitation(
                round=round, client_id=one.client_id, contact=one, state="sent", queued_at=now, invited_at=now,
                send_at=now,
            )
            for one in contacts
        ],
        batch_size=500,
    )  # fmt: skip
    mails = [
        {"kind": "surveys.invitation", "key": f"asked:{one.pk}", "to": address_of(n), "subject": "How are we doing?"}
        for n, one in enumerate(invitations)
    ]
    emails = Email.objects.queue_many(mails)
    Email.objects.filter(key__startswith="asked:").update(state="sent", sent_at=now, next_try_at=None)
    InvitationMessage.objects.bulk_create(
        [
            InvitationMessage(invitation=one, email=email, step=InvitationMessage.INVITES)
            for one, email in zip(invitations, emails, strict=True)
        ]
    )
    print(json.dumps([links.token(email) for email in emails]))  # noqa: T201 -- the result


def how_mail_stands():
    from clients.models import Contact
    from outbox.models import Attempt, Email
    from surveys.models import Invitation

    unfinished = Email.objects.filter(Q(state="sending") | Q(next_try_at__isnull=False))
    print(  # noqa: T201 -- the result
        json.dumps(
            {
                "invitations": {
                    row["contact__email"]: row
                    for row in Invitation.objects.values(
                        "contact__email", "contact__mail_state", "state", "client__owner__email"
                    )
                },
                "mails": [
                    {
                        "kind": mail.kind, "to": mail.to_email, "state": mail.state, "code": mail.last_code,
                        "message_id": mail.message_id, "about": mail.about, "uncertain": mail.times_uncertain,
                        "shown": mail.state in Email.TROUBLE and mail.dismissed_at is None,
                    }
                    for mail in Email.objects.order_by("pk")
                ],
                "unfinished": unfinished.exclude(not_before__gt=timezone.now()).count(),
                "unwritten": Invitation.objects.filter(queued_at=None).count(),
                "cut_off": Attempt.objects.filter(outcome="lost").count(),
                "bounced": list(Contact.objects.filter(mail_state="bounced").values_list("email", flat=True)),
            }
        )
    )  # fmt: skip


def how_answers_stand():
    from surveys.models import Answer, Response

    found = {}
    for address, key, number, words in Answer.objects.values_list(
        "response__invitation__contact__email", "key", "number", "words"
    ):
        found.setdefault(address, {})[key] = str(number) if number is not None else words
    submitted = Response.objects.filter(submitted_at__isnull=False).values_list("invitation__contact__email", flat=True)
    twice = Counter(Response.objects.values_list("invitation__contact__email", flat=True)).most_common(1)
    print(json.dumps({"answers": found, "submitted": list(submitted), "most_responses": twice[0][1]}))  # noqa: T201

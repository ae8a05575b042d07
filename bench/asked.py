"""A firm that asks many people: one open round, put straight into the tables, and what launching one costs.

Ten people at each of the 10,000 clients of `many` are asked; six in ten have answered twenty questions each. The
numbers clients get are computed by the program itself, as after any answer.
"""

import time
import uuid
from datetime import timedelta

from bench.many import PART, Table, people, places, scattered

ANSWERED = 6  # of ten
WORDS = ("Call back sooner.", "Tell us earlier when a date moves.", "", "", "", "", "", "", "", "")
NAME = "Benchmark round"


def fill(count, *, now):
    """One round with that many invitations. Returns how many were made; 0 when it is there already."""
    from django.db import transaction

    from clients.models import Client
    from surveys import results
    from surveys.models import Belief, Round

    if Round.objects.filter(name=NAME).exists():
        return 0
    places(people())
    clients = list(Client.objects.order_by("pk").values_list("pk", "owner_id"))
    with transaction.atomic():
        survey = new_round(NAME, now=now)
        rows = Rows(survey, clients, now=now)
        for start in range(0, count, PART):
            rows.put(range(start, min(start + PART, count)))
        values = {question.key: 8 for question in survey.asked if question.is_scale}
        Belief.objects.bulk_create(
            [
                Belief(
                    round=survey, client_id=client, user_id=owner, required=True, values=values,
                    recorded_at=now - timedelta(days=20), sealed_at=now - timedelta(days=10),
                )
                for client, owner in clients
            ],
            batch_size=2000,
        )  # fmt: skip
    started = time.perf_counter()
    results.recompute(survey, now=now)
    print(f"Results of {len(clients):,} clients computed in {time.perf_counter() - started:.0f} s.")
    return count


def new_round(name, *, now, **fields):
    from accounts.models import User
    from surveys.models import Questionnaire, Round

    standard = Questionnaire.standard()
    began = now - timedelta(days=10)
    return Round.objects.create(
        name=name, year=now.year, questionnaire=standard, created_by=User.objects.managers().first(),
        **{
            "state": Round.State.OPEN, "snapshot": standard.as_asked(), "beliefs_asked_at": began - timedelta(days=14),
            "launched_at": began, "opens_at": began, "due_on": (now + timedelta(days=10)).date(),
            "closes_on": (now + timedelta(days=20)).date(), "reminder_days": [4, 9, 13], **fields,
        },
    )  # fmt: skip


class Rows:
    """The rows of person number n: a contact, the mail, the invitation, and for six in ten what they answered."""

    def __init__(self, survey, clients, *, now):
        from django.db import connection

        from clients.models import Contact
        from surveys.models import Answer, Invitation, InvitationMessage, Response

        self.survey, self.clients, self.now = survey, clients, now
        self.asked = now - timedelta(days=10)
        models = (Contact, Invitation, InvitationMessage, Response, Answer)
        self.tables = {model: Table(connection, model) for model in models}
        self.first = {
            model: (model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1 for model in models
        }
        self.models = models
        self.questions = [question for question in survey.asked if question.kind in ("scale", "text")]

    def put(self, numbers):
        contact, invitation, message, response, answer = self.models
        self.tables[contact].put([self.contact(n) for n in numbers])
        self.mails(numbers)
        self.tables[invitation].put([self.invitation(n) for n in numbers])
        self.tables[message].put([self.message(n) for n in numbers])
        answered = [n for n in numbers if self.has_answered(n)]
        self.tables[response].put([self.response(n) for n in answered])
        for start in range(0, len(answered), PART // 20):
            self.tables[answer].put([row for n in answered[start : start + PART // 20] for row in self.answers(n)])

    def pk(self, model, n):
        return self.first[self.models[model]] + n

    @staticmethod
    def has_answered(n):
        return n % 10 < ANSWERED

    def client(self, n):
        return self.clients[n // 10 % len(self.clients)][0]

    def contact(self, n):
        name, address = f"Bench Person {n}", f"asked{n}@many.example"
        return {
            "id": self.pk(0, n), "public_id": f"p_b{n:08d}", "client_id": self.client(n), "name": name,
            "email": address,
            "search_text": f"{name} {address}".casefold(),
            "survey_part": "decision_maker" if n % 10 == 0 else "day_to_day",
        }  # fmt: skip

    def mails(self, numbers):
        """Their first mails as sent; kept by number for the rows that point at them."""
        from outbox.models import Email

        words = {"kind": "surveys.invitation", "subject": "How are we doing?"}
        made = Email.objects.queue_many(
            [{"key": f"bench:{n}", "to": f"asked{n}@many.example", **words} for n in numbers]
        )
        sent = {"state": Email.State.SENT, "sent_at": self.asked, "next_try_at": None, "created_at": self.asked}
        Email.objects.filter(pk__in=[email.pk for email in made]).update(**sent)
        self.mail = {n: email.pk for n, email in zip(numbers, made, strict=True)}

    def invitation(self, n):
        answered = self.has_answered(n)
        return {
            "id": self.pk(1, n), "public_id": f"n_b{n:08d}", "round_id": self.survey.pk, "client_id": self.client(n),
            "contact_id": self.pk(0, n), "state": "submitted" if answered else "sent",
            "weight": 2 if n % 10 == 0 else 1, "send_at": self.asked, "queued_at": self.asked,
            "invited_at": self.asked, "started_at": self.answered_at(n) if answered else None,
            "submitted_at": self.answered_at(n) if answered else None,
        }  # fmt: skip

    def message(self, n):
        return {"invitation_id": self.pk(1, n), "email_id": self.mail[n], "step": 0}

    def answered_at(self, n):
        return self.asked + timedelta(minutes=scattered(n, 9 * 24 * 60))

    def response(self, n):
        at = self.answered_at(n)
        return {
            "id": self.pk(3, n), "invitation_id": self.pk(1, n), "started_at": at, "saved_at": at, "submitted_at": at,
            "owner_told_at": at, "uuid": uuid.uuid4(), "in_confidence": n % 50 == 1,
        }  # fmt: skip

    def answers(self, n):
        at, mood = self.answered_at(n), scattered(self.client(n), 5)
        for number, question in enumerate(self.questions):
            chance = scattered(n * 37 + number, 10)
            scale = question.kind == "scale"
            yield {
                "response_id": self.pk(3, n), "key": question.key, "saved_at": at,
                "number": min(10, 3 + mood + chance % 5) if scale else None,
                "words": "" if scale else WORDS[chance], "comment": "Fine." if scale and chance == 7 else "",
            }  # fmt: skip
        for extra in range(20 - len(self.questions)):
            yield {
                "response_id": self.pk(3, n), "key": f"extra{extra}", "saved_at": at,
                "number": scattered(n + extra, 11), "words": "", "comment": "",
            }  # fmt: skip


def launch(*, now):
    """Prints what it costs to put people on a round's list, to open it, and to write its invitations."""
    from django.db import transaction

    from accounts.models import Workspace
    from clients.models import Contact
    from surveys import audience, sending
    from surveys import launch as way
    from surveys.models import Invitation, Round

    with transaction.atomic():
        Workspace.objects.update_or_create(pk=1, defaults={"contact_gap_days": 0})
        drafted = {"state": Round.State.DRAFT, "snapshot": None, "launched_at": None}
        survey = new_round("Launched by the benchmark", now=now, **drafted)
        people = Contact.objects.filter(email__startswith="asked")
        for words, act in {
            "put on the list": lambda: audience.add(survey, people),
            "beliefs asked for": lambda: way.ask_beliefs(survey, by=survey.created_by, now=now),
            "opened": lambda: way.launch(survey, by=survey.created_by, now=now),
            "invitations written": lambda: sending.send_due(now),
        }.items():
            started = time.perf_counter()
            act()
            seconds = time.perf_counter() - started
            rows = Invitation.objects.filter(round=survey).count()
            print(f"  {words:30}{rows:,} in {seconds:.1f} s, {rows / seconds:,.0f} a second")
            survey.refresh_from_db()
        transaction.set_rollback(True)

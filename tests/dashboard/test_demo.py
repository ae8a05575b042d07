import io
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import User, Workspace
from clients.mail_in import tray
from clients.models import Client, Contact, FollowUp, Interaction, Pin, ReceivedMail, Request
from dashboard.demo import day
from outbox.models import Email
from promises.models import Letter, Promise
from surveys import news
from surveys.models import Answer, Invitation, Result, Round
from tests.conftest import NOW
from tests.make import make_client, make_user

pytestmark = pytest.mark.django_db
COUNTED = (
    Request,
    ReceivedMail,
    FollowUp,
    Pin,
    User,
    Client,
    Contact,
    Interaction,
    Promise,
    Round,
    Invitation,
    Answer,
    Result,
)


def seed(**options):
    said = io.StringIO()
    call_command("seed_demo", stdout=said, **options)
    return said.getvalue()


def counts():
    return {model.__name__: model.objects.count() for model in COUNTED}


def test_it_is_a_firm_of_five_with_thirty_five_clients_and_two_rounds(clock):
    seed()

    assert User.objects.count() == 5
    assert Client.objects.count() == 35
    assert list(Round.objects.order_by("year").values_list("state", flat=True)) == ["closed", "open"]
    assert 500 < Interaction.objects.count() < 1000
    assert Interaction.objects.filter(happened_at__gt=timezone.now()).count() == 0
    assert Promise.objects.overdue(timezone.now()).exists()
    assert Result.objects.filter(level="serious").exists()


def test_its_people_have_questions_to_answer_follow_ups_and_pinned_clients(clock):
    seed()

    waiting = Request.objects.waiting()
    answered = Request.objects.filter(first_answered_at__isnull=False)
    assert {request.client.name for request in waiting} == set(day.WAITING)
    assert waiting.overdue(timezone.now()).count() == 1
    assert 40 < answered.count() < 120
    assert answered.filter(first_answered_at__lt=F("asked_at")).count() == 0
    assert 0 < answered.filter(first_answered_at__gt=F("first_due_at")).count() < answered.count() / 2
    assert set(FollowUp.objects.values_list("user__email", flat=True)) == set(
        Pin.objects.values_list("user__email", flat=True)
    )


def test_three_mails_wait_to_be_sorted_by_one_of_its_people(clock):
    seed()

    mails = list(ReceivedMail.objects.order_by("sent_at"))
    assert [mail.subject for mail in mails] == [
        "Somebody who keeps their word",
        "Dates for the site visit",
        "The figures for the bank",
    ]
    assert {(mail.user.email, mail.state) for mail in mails} == {("priya@wrayburn.example", "unmatched")}
    offered = [bool(row.offers) for row in tray.rows(mails, user=mails[0].user)]
    assert offered == [False, True, True]
    assert all(timezone.now() - timedelta(days=4) < mail.sent_at < timezone.now() for mail in mails)


def test_the_same_seed_makes_the_same_firm(clock):
    seed(seed=3)
    first = list(Promise.objects.order_by("public_id").values_list("public_id", "what", "due_at", "state"))
    answers = list(Answer.objects.order_by("pk").values_list("key", "number", "words"))
    seed(remove=True)

    seed(seed=3)

    assert list(Promise.objects.order_by("public_id").values_list("public_id", "what", "due_at", "state")) == first
    assert list(Answer.objects.order_by("pk").values_list("key", "number", "words")) == answers


def test_scale_multiplies_the_firm(clock):
    seed(scale=2)

    assert User.objects.count() == 10
    assert Client.objects.count() == 70


def test_removal_takes_the_demo_and_nothing_else(clock):
    mine = make_client(name="A client of my own", owner=make_user(email="me@firm.example"))
    before = counts()
    seed()

    said = seed(remove=True)

    assert "35 clients" in said
    assert counts() == before
    assert Client.objects.get() == mine
    assert Workspace.current().firm_name == "Our firm"


def test_a_demo_person_whom_a_real_client_needs_stays_signed_out(clock):
    seed()
    priya = User.objects.get(email="priya@wrayburn.example")
    make_client(name="A client of my own", owner=priya)

    assert "1 demo people stay" in seed(remove=True)

    priya.refresh_from_db()
    assert not priya.is_active
    assert Client.objects.count() == 1


def test_a_second_firm_is_refused_and_an_installation_in_use_is_left_alone(clock):
    make_user()

    assert "nothing was added" in seed(if_empty=True)
    seed()
    with pytest.raises(CommandError, match="here already"):
        seed()


def test_promises_can_be_made_due_at_once(clock):
    seed()
    before = Promise.objects.overdue(timezone.now()).count()

    seed(due_now=40)

    in_a_second = timezone.now() + timedelta(seconds=1)
    assert Promise.objects.overdue(in_a_second).count() == before + 40
    assert Promise.objects.filter(importance="critical").count() == 40


def test_nobody_is_written_to_about_what_happened_before_the_demo_was_there(clock):
    seed()

    assert news.plan(NOW) == 0
    assert Email.objects.exclude(state=Email.State.SENT).count() == 0


def test_one_client_is_asked_by_mail_and_the_mails_lie_in_the_mailbox(clock, mailoutbox):
    seed()

    sent = Letter.objects.filter(email__state=Email.State.SENT).order_by("email__sent_at")
    assert list(sent.values_list("kind", flat=True)) == ["offer", "move", "done"]
    assert {mail.to[0].partition(" <")[0] for mail in mailoutbox} == {"Rosa Delgado"}
    assert len(mailoutbox) == 3
    assert Letter.objects.drafts().count() == 1
    links_in_them = [re.search(r"/p/[\w-]{43}/", mail.body).group() for mail in mailoutbox]
    assert [Browser().get(link).status_code for link in links_in_them] == [200, 200, 200]

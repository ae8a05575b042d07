"""The tray of somebody who leaves: it comes to somebody who may read it."""

import pytest
from django.urls import reverse

from accounts import handover
from accounts.models import User
from clients.mail_in import filing, leaving, reading
from clients.models import ReceivedMail
from outbox.inbound import InboundMail
from tests.clients.mails import mail
from tests.conftest import NOW, browser_of
from tests.make import make_administrator, make_client, make_contact, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def _mail_in(settings):
    settings.MAIL_IN = "crm@in.firm.example"


@pytest.fixture
def priya():
    return make_user(name="Priya Raman", email="priya@firm.example", mail_in_key="priyaskey")


@pytest.fixture
def tom():
    return make_user(name="Tom Okafor", email="tom@firm.example", mail_in_key="tomskey1")


@pytest.fixture
def ada():
    return make_administrator(email="ada@firm.example")


def arrive(n, *, key="priyaskey", **fields):
    fields = {"delivered_to": f"crm+{key}@in.firm.example", "message_id": f"<{n}@x.example>", "subject": n, **fields}
    assert reading.handle(InboundMail(mail(**fields), "key"), NOW) == "in the tray"


def subjects(user):
    return sorted(filing.tray(user).values_list("subject", flat=True))


def test_whoever_takes_over_sorts_it_and_reads_whose_it_was(priya, tom, ada):
    arrive("one", files=[("plan.pdf", "application/pdf", b"%PDF-1.4 a plan")])
    browser = browser_of(tom)

    with pytest.raises(handover.NeedsSuccessor):
        handover.leave(priya, by=ada, now=NOW)
    assert [str(label) for label, _n in handover.belongings(priya)] == ["mails to sort"]
    handover.leave(priya, to=tom, by=ada, now=NOW)

    shown = browser.get(reverse("mail_in_one", args=[ReceivedMail.objects.get().public_id])).content.decode()
    assert (subjects(tom), subjects(ada), subjects(priya)) == (["one"], [], [])
    assert "It came to Priya Raman, who does not work here any more." in shown
    assert "plan.pdf" in shown


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "eve@closed.example"},
        {"to": "new@closed.example"},
        {"to": "new@closed-too.example"},
        {"to": "x@elsewhere.example", "text": "About Closed Matters, as we said."},
        {"to": "x@elsewhere.example", "subject": "Re: closed matters"},
    ],
)
def test_what_may_be_of_a_client_the_successor_may_not_see_goes_to_who_hands_over(fields, priya, tom, ada):
    closed = make_client(
        name="Closed Matters Ltd", owner=ada, visibility="team_only", website="https://closed-too.example"
    )
    make_contact(client=closed, email="eve@closed.example")
    arrive("open", to="x@open.example")
    arrive("other", **fields)

    handover.leave(priya, to=tom, by=ada, now=NOW)

    assert subjects(tom) == ["open"]
    assert len(subjects(ada)) == 1


def test_a_closed_client_with_a_short_name_is_known_by_it_too(priya, tom, ada):
    make_client(name="EY AG", owner=ada, visibility="team_only")
    arrive("they", text="They need the key.")
    arrive("named", text="What EY wants to know")

    handover.leave(priya, to=tom, by=ada, now=NOW)

    assert (subjects(tom), subjects(ada)) == (["they"], ["named"])


def test_a_conversation_of_a_closed_client_is_not_opened(priya, tom, ada):
    closed = make_client(name="Closed Matters", owner=ada, visibility="team_only")
    User.objects.filter(pk=ada.pk).update(mail_in_key="adaskey1")
    arrive("first", key="adaskey1", sender="ada@firm.example", to="x@elsewhere.example", message_id="<t@x.example>")
    filing.file(filing.tray(ada).get(), client=closed, contacts=[], by=ada, now=NOW)
    arrive("second", to="y@another.example", references="<t@x.example>")

    handover.leave(priya, to=tom, by=ada, now=NOW)

    assert (subjects(tom), subjects(ada)) == ([], ["second"])


def test_with_a_closed_client_its_mail_comes_to_its_new_owner(priya, tom, ada):
    make_client(name="Closed Matters", owner=priya, visibility="team_only")
    arrive("one", to="x@elsewhere.example", text="About Closed Matters.")

    handover.leave(priya, to=tom, by=ada, now=NOW)

    assert subjects(tom) == ["one"]


def test_the_word_above_a_forwarded_mail_stays_the_word_of_who_wrote_it(priya, tom, ada):
    arrive("one")
    ReceivedMail.objects.update(note="Please keep this one.")

    handover.leave(priya, to=tom, by=ada, now=NOW)

    kept = filing.tray(tom).get()
    assert kept.note == ""
    assert kept.text.startswith("Priya Raman wrote above it: Please keep this one.\n\nHere is")


def test_one_that_both_sent_in_lies_there_once(priya, tom, ada):
    arrive("one", message_id="<same@x.example>")
    arrive("one", message_id="<same@x.example>", key="tomskey1", sender="tom@firm.example")

    handover.leave(priya, to=tom, by=ada, now=NOW)

    assert (subjects(tom), subjects(priya)) == (["one"], [])


def test_what_lies_with_people_who_left_long_ago_comes_to_somebody_who_sees_it_all(priya, tom, ada):
    arrive("one")
    User.objects.filter(pk=priya.pk).update(is_active=False)

    leaving.clean(NOW)
    leaving.clean(NOW)

    assert (subjects(ada), subjects(tom), subjects(priya)) == (["one"], [], [])

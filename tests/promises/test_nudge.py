"""Asking after what they promised: from a row, and several people at once; what leaves the house is shown first."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from clients.models import Contact
from outbox.models import Email
from promises import letters
from promises.models import BulkAct, Letter, Promise
from promises.models.promise import Terms
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


@pytest.fixture
def client(web):
    return make_client(name="Tidewell Water", owner=web.user)


@pytest.fixture
def rosa(client):
    return make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example")


def theirs(contact, what="Send the figures", **fields):
    return make_promise(client=contact.client, contact=contact, ours=False, what=what, **fields)


def look(web, promises):
    return web.get(reverse("bulk_nudge"), {"pick": [promise.public_id for promise in promises]})


def post(web, page):
    data = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page.text).group(1) for name in ("seen", "idempotency_key")
    }
    return web.post(reverse("bulk_nudge"), data, follow=True)


def words(response):
    return [str(message) for message in response.context["messages"]]


def undo(web):
    return web.post(reverse("bulk_undo", args=[BulkAct.objects.get().uuid]), follow=True)


# -------------------------------------------------------------------- one


def test_a_row_leads_to_the_letter_which_is_shown_and_sends_nothing_by_itself(web, rosa):
    promise = theirs(rosa)

    row = web.get(reverse("promises")).text
    address = reverse("promise_letter", args=[promise.public_id, "nudge"])
    page = web.get(address)

    assert f'data-act="nudge" data-sheet href="{address}?next=%2Fpromises%2F' in row
    assert "You said: “Send the figures”" in page.text
    assert "mailto:rosa@tidewell.example?subject=Send%20the%20figures" in page.text
    assert (Letter.objects.count(), Email.objects.count()) == (0, 0)


# -------------------------------------------------------------------- several


def test_every_mail_is_shown_whole_before_any_is_written(web, client, rosa):
    greg = make_contact(client=client, name="Greg Ward", email="")
    gone = make_contact(client=client, name="Gwen Gone", left_at=NOW - DAY)
    stopped = make_contact(client=client, name="Sam Stop", mail_state=Contact.MailState.UNSUBSCRIBED)
    moving = theirs(rosa, "Asked to move")
    moving.ask_to_move(
        by=None, contact=rosa, terms=Terms((NOW + 20 * DAY).date(), None, "Europe/London"), reason="priorities", now=NOW
    )
    done = theirs(rosa, "Done")
    done.keep(by=web.user, now=NOW)
    chosen = [
        theirs(rosa, "Send the figures"), theirs(rosa, "Name a date"), make_promise(client=client, contact=rosa),
        theirs(greg), theirs(gone), theirs(stopped), make_promise(client=client, ours=False), done, moving,
        theirs(make_contact(client=make_client())),
    ]  # fmt: skip

    page = look(web, chosen)

    assert "Send 1 mail" in page.text
    assert "2 things you said you would do" in page.text
    for said in (
        "promised by us", "There is no e-mail address of Greg Ward.", "Gwen Gone has left Tidewell Water.",
        "Sam Stop asked us to stop these mails.", "nobody at the client is named", "not open",
        "they have asked for another date", "only the owner, the client’s team and managers may",
    ):  # fmt: skip
        assert said in page.text
    assert (Letter.objects.count(), Email.objects.count()) == (0, 0)


def test_one_mail_goes_to_each_person_after_two_minutes(web, client, rosa, clock, deliver_queued):
    greg = make_contact(client=client, name="Greg Ward", email="greg@tidewell.example")
    first, second, third = theirs(rosa, "Send the figures"), theirs(rosa, "Name a date"), theirs(greg, "Sign the form")
    ours = make_promise(client=client, contact=rosa, what="Our own")

    answer = post(web, look(web, [first, second, third]))
    at_once = deliver_queued()
    clock.move_to(NOW + letters.UNDO)
    mails = {mail.to[0]: mail for mail in deliver_queued()}

    assert words(answer) == ["2 mails go out in two minutes. Until then they can be undone."]
    assert at_once == []
    assert {to.partition("<")[2].strip(">") or to for to in mails} == {"rosa@tidewell.example", "greg@tidewell.example"}
    to_rosa = next(mail for to, mail in mails.items() if "rosa" in to)
    assert to_rosa.subject == "2 things you said you would do"
    assert "Send the figures" in to_rosa.body
    assert "Name a date" in to_rosa.body
    assert "Our own" not in to_rosa.body
    assert "Sign the form" not in to_rosa.body
    assert [promise.events.filter(kind="nudged").count() for promise in (first, second, third, ours)] == [1, 1, 1, 0]


def test_undoing_in_time_really_stops_the_mail(web, rosa, clock, deliver_queued):
    promises = [theirs(rosa, "One"), theirs(rosa, "Two")]
    post(web, look(web, promises))

    answer = undo(web)
    clock.move_to(NOW + DAY)

    assert words(answer) == ["Stopped 1 mail."]
    assert deliver_queued() == []
    assert Email.objects.get().state == Email.State.CANCELLED
    assert not Letter.objects.drafts().exists()


def test_undoing_too_late_says_so(web, rosa, clock, deliver_queued):
    post(web, look(web, [theirs(rosa, "One"), theirs(rosa, "Two")]))
    clock.move_to(NOW + letters.UNDO)
    deliver_queued()

    answer = undo(web)

    assert "stays: the mail was on its way already" in answer.text
    assert words(answer) == ["1 was on its way already."]


def test_a_double_click_writes_once(web, rosa):
    page = look(web, [theirs(rosa), theirs(rosa, "Another")])

    for _ in range(2):
        post(web, page)

    assert (Letter.objects.count(), Email.objects.count(), BulkAct.objects.count()) == (1, 1, 1)


def test_what_was_settled_meanwhile_is_not_asked_after(web, rosa, clock, deliver_queued):
    one, two, three = (theirs(rosa, what) for what in ("One thing", "Two thing", "Three thing"))
    page = look(web, [one, two, three])
    one.keep(by=web.user, now=NOW)
    answer = post(web, page)
    two.keep(by=web.user, now=NOW)
    clock.move_to(NOW + letters.UNDO)
    [mail] = deliver_queued()

    assert "left: not open" in answer.text
    assert "Three thing" in mail.body
    assert "One thing" not in mail.body
    assert "Two thing" not in mail.body


def test_when_everything_is_settled_nothing_goes_out(web, rosa, clock, deliver_queued):
    promises = [theirs(rosa, "One"), theirs(rosa, "Two")]
    post(web, look(web, promises))
    for promise in promises:
        promise.keep(by=web.user, now=NOW)
    clock.move_to(NOW + letters.UNDO)

    assert deliver_queued() == []
    assert Email.objects.get().last_words == "Nothing it asks after is open any more."


def test_a_client_hidden_from_the_reader_is_never_written_to(web):
    hidden = make_client(name="Hush Holdings", visibility="team_only")
    secret = theirs(make_contact(client=hidden), "Secret paper")

    assert look(web, [secret]).status_code == 302
    everything = web.get(reverse("bulk_nudge"), {"all": "1"}, follow=True)

    assert "Secret" not in everything.text
    assert browser_of(make_user()).get(reverse("promise_letter", args=[secret.public_id, "nudge"])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_promises(web, client, rosa, count, django_assert_max_num_queries):
    promises = [theirs(rosa, f"P{n}") for n in range(count + 1)]
    look(web, promises)

    with django_assert_max_num_queries(14):
        look(web, promises)
    assert Promise.objects.count() == count + 1

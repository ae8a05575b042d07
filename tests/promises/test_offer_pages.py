"""The pages on which an offer is answered, another date is asked for, and the answer to that is written down."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Absence, Workspace
from promises.models import Letter, Promise, Terms
from tests.conftest import NOW
from tests.make import make_contact, make_promise

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock(clock):
    """The clock stands."""


def text(answer):
    return answer.content.decode()


def page(web, promise):
    web.force_login(web.user)  # the days between were longer than a session
    return text(web.get(promise.get_absolute_url()))


def url(promise, name):
    return reverse(f"promise_{name}", args=[promise.public_id])


def mine(web, **fields):
    contact = make_contact(client=fields.pop("client", None), name="Rosa Delgado", email="rosa@tidewell.example")
    contact.client.owner = web.user
    contact.client.save()
    return make_promise(client=contact.client, contact=contact, owner=web.user, now=NOW, **fields)


def day(days):
    return (NOW + days * DAY).date().isoformat()


def ask(promise, *, by=None, contact=None, days=14):
    terms = Terms((NOW + days * DAY).date(), None, "Europe/London")
    return promise.ask_to_move(by=by, contact=contact, terms=terms, reason="priorities", now=NOW)


# -------------------------------------------------------------------- offers


@pytest.mark.parametrize(
    ("ours", "buttons"),
    [
        (True, ["They agreed", "They want other terms", "They said no", "Take the offer back", "Ask for an answer"]),
        (False, ["Agree", "Offer other terms", "Decline", "They took it back", "Name the day we answer by"]),
    ],
)
def test_an_offer_shows_what_its_side_can_do(web, ours, buttons):
    shown = page(web, mine(web, proposed=True, ours=ours))

    assert [words for words in buttons if words not in shown] == []
    assert ("Waits for their answer" in shown, "Waits for our answer" in shown) == (ours, not ours)
    assert "What was offered" in shown


def test_their_yes_is_recorded_with_who_and_how(web):
    offer = mine(web, proposed=True)
    assert offer.what in text(web.get(url(offer, "agree")))

    web.post(url(offer, "agree"), {"contact": offer.contact.public_id, "how": "call", "version": offer.version})

    offer = Promise.objects.get()
    assert (offer.state, offer.agreed_how) == ("active", "call")
    assert "agreed, in a call, written down by Priya Raman" in page(web, offer)


def test_yes_to_terms_that_have_changed_is_told_who_changed_them(web):
    offer = mine(web, proposed=True)
    seen = offer.version
    offer.counter(by=None, contact=offer.contact, terms=Terms((NOW + 20 * DAY).date(), None, "Europe/London"), now=NOW)

    answer = web.post(url(offer, "agree"), {"how": "call", "version": seen}, follow=True)

    assert "Rosa changed this promise at 09:30, before you." in text(answer)
    assert Promise.objects.get().state == "proposed"


def test_other_terms_turn_the_table_and_say_what_changed(web):
    offer = mine(web, proposed=True)
    same = {"what": offer.what, "done_when": "", "due_date": day(7), "due_time": "09:30", "how": "call"}

    refused = web.post(url(offer, "counter"), same)
    assert refused.status_code == 422
    assert "These are the terms on the table." in text(refused)
    web.post(url(offer, "counter"), {**same, "due_date": day(20), "due_time": "", "note": "Not before the board."})

    shown = page(web, offer)
    assert "Waits for our answer" in shown
    assert "wrote down the other terms they offered, 26 Nov → 9 Dec" in shown
    web.post(url(offer, "agree"), {"version": Promise.objects.get().version})
    assert Promise.objects.get().state == "active"


def test_a_no_is_no_promise(web):
    offer = mine(web, proposed=True, ours=False)

    answer = web.post(url(offer, "decline"), {"note": "We do it ourselves."}, follow=True)

    assert "Declined. It counts in no figure." in text(answer)
    assert "Priya Raman</b> declined" in text(answer)


def test_an_old_offer_asks_for_an_answer_by_a_day(web, clock):
    offer = mine(web, proposed=True, due_at=NOW + 60 * DAY)
    assert "on the table for a while" not in page(web, offer)

    clock.move_to(NOW + 15 * DAY)
    assert "on the table for a while" in page(web, offer)
    assert web.get(url(offer, "ask_answer")).status_code == 200
    refused = web.post(url(offer, "ask_answer"), {"answer_by": day(3)})
    web.post(url(offer, "ask_answer"), {"answer_by": day(20)})

    assert refused.status_code == 422
    shown = page(web, offer)
    assert "on the table for a while" not in shown
    assert "Waits for their answer by Wed 9 Dec" in shown


def test_the_patience_with_offers_is_the_firms_own(web, clock):
    Workspace.objects.update_or_create(pk=1, defaults={"answer_within_days": 2})
    offer = mine(web, proposed=True, due_at=NOW + 60 * DAY)

    clock.move_to(NOW + 5 * DAY)

    assert "on the table for a while" in page(web, offer)


def test_agreeing_points_out_that_somebody_is_away_on_that_day(web):
    offer = mine(web, proposed=True)
    Absence.objects.create(user=web.user, starts_on=offer.due_date, ends_on=offer.due_date)

    assert "is not a working day for Priya Raman (away)" in text(web.get(url(offer, "agree")))
    assert "is not a working day for Priya Raman (away)" in page(web, offer)


# -------------------------------------------------------------------- another date


def move_data(**changes):
    return {"due_date": day(14), "reason": "priorities", "agreed_how": "not_yet", **changes}


def test_the_dialog_is_on_the_page_and_a_refusal_opens_it_with_its_summary(web):
    promise = mine(web)
    shown = page(web, promise)
    assert '<dialog class="dlg" id="move"' in shown
    assert "data-show" not in shown

    refused = web.post(url(promise, "renegotiate"), {**move_data(reason=""), "dialog": "1"})

    assert refused.status_code == 422
    assert "data-show" in text(refused)
    assert "Why: Say why." in text(refused)


def test_a_note_goes_with_the_new_date_in_the_words_that_were_shown(web, deliver_queued, clock):
    promise = mine(web)
    shown = page(web, promise)
    assert "Send Rosa a short note" in shown
    assert "The date we agreed on has changed." in shown

    data = move_data(agreed_how="call", contact=promise.contact.public_id, send_note="on", note_moved="As we said.")
    answer = web.post(url(promise, "renegotiate"), data, follow=True)
    clock.shift(timedelta(minutes=3))
    mails = deliver_queued()

    assert "The note to Rosa goes out in two minutes." in text(answer)
    assert [mail.to for mail in mails] == [["Rosa Delgado <rosa@tidewell.example>"]]
    assert "As we said." in mails[0].body


def test_a_request_is_asked_for_in_the_other_words(web):
    promise = mine(web)

    web.post(url(promise, "renegotiate"), move_data(send_note="on", note_asked="May we?", note_moved="Done."))

    letter = Letter.objects.get()
    assert (letter.kind, letter.words, letter.renegotiation.state) == ("move", "May we?", "asked")


def test_without_the_tick_nothing_goes_out(web):
    promise = mine(web)

    web.post(url(promise, "renegotiate"), move_data(note_asked="May we?"))

    assert not Letter.objects.exists()


def test_who_cannot_be_written_to_is_said_instead_of_the_tick(web):
    promise = mine(web)
    promise.contact.mail_state = "unsubscribed"
    promise.contact.save()

    shown = page(web, promise)

    assert "Send Rosa a short note" not in shown
    assert "Rosa Delgado asked us to stop these mails." in shown


def test_their_other_offer_is_written_down_and_answered_by_us(web):
    promise = mine(web)
    move = ask(promise, by=web.user)
    other = {"answer": "other", "contact": promise.contact.public_id, "how": "call", "move": move.pk}

    refused = web.post(url(promise, "answer"), {**other, "due_date": ""})
    assert "Say which date was offered." in text(refused)
    web.post(url(promise, "answer"), {**other, "due_date": day(12)})
    shown = page(web, promise)
    assert "Rosa Delgado asked on" in shown
    assert "until we agree" in shown
    assert "They ask for another date" in text(web.get(url(promise, "answer")))
    web.post(url(promise, "answer"), {"answer": "yes"})

    promise = Promise.objects.get()
    assert (promise.due_date.isoformat(), promise.moved_not_early) == (day(12), False)
    shown = page(web, promise)
    assert "asked by Priya Raman on Thu 19 Nov, early, Rosa Delgado offered another date, in a call" in shown
    assert "offered instead by Rosa Delgado on Thu 19 Nov, agreed by Priya Raman" in shown


def test_an_answer_to_a_request_that_was_replaced_changes_nothing(web):
    promise = mine(web)
    first = ask(promise, by=web.user)
    first.take_back(by=web.user, now=NOW)
    ask(promise, by=web.user, days=30)

    answer = web.post(url(promise, "answer"), {"answer": "yes", "how": "call", "move": first.pk}, follow=True)

    assert "Priya changed this promise at 09:30, before you." in text(answer)
    assert Promise.objects.get().moves == 0


def test_what_they_ask_for_is_ours_to_refuse(web):
    promise = mine(web)
    ask(promise, contact=promise.contact)

    web.post(url(promise, "answer"), {"answer": "no", "note": "It is nearly done."})

    assert "Priya Raman</b> said no to the new date" in page(web, promise)


def test_their_request_can_be_written_down(web):
    promise = mine(web)

    refused = web.post(url(promise, "renegotiate"), move_data(asked_by="theirs"))
    assert "Say who asked for it." in text(refused)
    web.post(url(promise, "renegotiate"), move_data(asked_by="theirs", contact=promise.contact.public_id))

    assert promise.open_request().waits_for_us


def test_the_page_says_that_a_missed_date_stays_missed(web):
    promise = mine(web, due_at=NOW - DAY)

    web.post(url(promise, "renegotiate"), move_data(agreed_how="call", contact=promise.contact.public_id), follow=True)

    assert "It missed its date of Wed 18 Nov: until it is kept it counts as overdue" in page(web, promise)


def test_a_release_after_the_due_says_what_it_counts_as(web):
    promise = mine(web, due_at=NOW - DAY)
    assert "so it counts as broken all the same" in text(web.get(url(promise, "release")))

    answer = web.post(url(promise, "release"), {"note": "No need."}, follow=True)

    assert "Let go after its due: it counts as broken." in text(answer)
    assert "Counts as broken" in text(answer)
    assert "Released" in text(answer)

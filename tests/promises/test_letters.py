"""Mail about promises to people at clients: who gets it, what it says, and when it does not go out after all."""

import re
from datetime import date, time, timedelta

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Contact
from outbox import links
from outbox.models import Email
from promises import letters
from promises.letters import CannotWrite
from promises.models import Letter, Promise
from promises.models.promise import Terms
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

Kind = Letter.Kind


@pytest.fixture
def priya():
    return make_user(name="Priya Raman", email="priya@firm.example", phone="0113 496 0111")


@pytest.fixture
def rosa(priya):
    client = make_client(name="Tidewell Water", owner=priya)
    return make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example")


def offer(contact, **fields):
    return make_promise(client=contact.client, contact=contact, now=NOW, proposed=True, **fields)


def promised(contact, **fields):
    return make_promise(client=contact.client, contact=contact, now=NOW, **fields)


def asked_to_move(promise, *, to=date(2026, 12, 4)):
    terms = Terms(to, None, promise.due_zone)
    return promise.ask_to_move(by=promise.owner, terms=terms, reason="forgot", now=NOW, words="we slept")


def done(promise):
    promise.deliver(by=promise.owner, now=NOW)
    return promise


def write(kind, promise, **fields):
    return letters.write(kind, promise=promise, by=promise.owner, now=NOW, **fields)


# -------------------------------------------------------------------- what it says


def test_an_offer_asks_in_the_name_of_its_owner(rosa, priya, deliver_queued):
    write(Kind.OFFER, offer(rosa, what="Send the asset register"))

    [mail] = deliver_queued()

    assert mail.to == ["Rosa Delgado <rosa@tidewell.example>"]
    assert mail.from_email.startswith("Priya Raman <")
    assert mail.reply_to == ["priya@firm.example"]
    assert mail.subject == "Agreed? Send the asset register"
    assert "Send the asset register" in mail.body
    assert "Thursday 26 November, 09:30" in mail.body
    assert "0113 496 0111" in mail.body
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Auto-Submitted" not in mail.extra_headers


@pytest.mark.parametrize("kind", list(Kind))
def test_no_letter_says_what_stays_among_us(rosa, kind, deliver_queued):
    promise = one_for(kind, rosa)
    promise.comment(by=promise.owner, now=NOW, text="They are difficult")
    other = make_contact(client=rosa.client, name="Basil Ward", email="basil@tidewell.example")
    promised(other, what="Only between Basil and us")

    letters.write(kind, promise=promise, contact=rosa, by=promise.owner, now=NOW)
    [mail] = deliver_queued()

    said = mail.subject + mail.body + mail.alternatives[0][0]
    assert [secret for secret in ("we slept", "orgot", "difficult", "Basil") if secret in said] == []
    assert len(mail.subject) <= 50


def one_for(kind, contact, **fields):
    """A promise about which a letter of this kind makes sense."""
    if kind == Kind.OFFER:
        return offer(contact, **fields)
    if kind == Kind.NUDGE:
        return promised(contact, ours=False, **fields)
    promise = promised(contact, **fields)
    if kind == Kind.MOVE:
        asked_to_move(promise)
    elif kind == Kind.DONE:
        done(promise)
    elif kind == Kind.MOVED:
        terms = Terms(date(2026, 12, 4), None, promise.due_zone)
        promise.move(by=promise.owner, terms=terms, reason="forgot", now=NOW, how="call", contact=contact)
    return promise


@pytest.mark.parametrize("kind", list(Kind))
def test_every_letter_leads_to_the_page_of_its_reader(rosa, kind, deliver_queued):
    promise = one_for(kind, rosa)
    letter = letters.write(kind, promise=promise, contact=rosa, by=promise.owner, now=NOW)

    [mail] = deliver_queued()

    letter.refresh_from_db()
    address = reverse("promise_public", args=[links.token(letter.email)])
    assert address in mail.body
    assert Browser().get(address).status_code == 200


@pytest.mark.parametrize("kind", list(Kind))
def test_whoever_opens_every_link_of_a_letter_many_times_changes_nothing(rosa, kind, deliver_queued):
    letter = letters.write(kind, promise=one_for(kind, rosa), contact=rosa, by=rosa.client.owner, now=NOW)
    [mail] = deliver_queued()
    found = set(re.findall(r"https?://[^/\s\"<]+(/[^\s\"<#]*)", mail.body + mail.alternatives[0][0]))
    before = rows()

    for path in found:
        for look in (Browser().get, Browser().head, Browser().get):
            assert look(path).status_code == 200

    letter.refresh_from_db()
    token = links.token(letter.email)
    assert found == {f"/p/{token}/", f"/u/{token}/"}
    assert rows() == before


def rows():
    models = [model for room in ("promises", "outbox", "clients") for model in apps.get_app_config(room).get_models()]
    return {model.__name__: serialize("json", model.objects.order_by("pk")) for model in models}


def test_words_of_the_writer_stand_instead_of_the_usual_ones(rosa, deliver_queued):
    write(Kind.DONE, done(promised(rosa)), words="It took a night.\nHere it is.")

    [mail] = deliver_queued()

    assert "It took a night.\nHere it is." in mail.body
    assert "We have done what we promised you" not in mail.body
    assert "It took a night.<br>Here it is." in mail.alternatives[0][0]


def test_markup_in_words_stays_text(rosa, deliver_queued):
    write(Kind.DONE, done(promised(rosa, what="<b>Fee</b> & note")), words="<script>x</script>")

    [mail] = deliver_queued()

    assert "<script>" not in mail.alternatives[0][0]
    assert "&lt;b&gt;Fee&lt;/b&gt; &amp; note" in mail.alternatives[0][0]


def test_a_nudge_asks_after_their_promise_in_their_words(rosa, deliver_queued):
    friday = NOW + timedelta(days=1)
    write(Kind.NUDGE, promised(rosa, ours=False, what="The asset register", due_at=friday, due_time=None))

    [mail] = deliver_queued()

    assert mail.subject == "The asset register, for Friday"
    assert "You said: “The asset register”, by Friday 20 November." in mail.body
    assert "Does Friday still work? If not, tell me which day does." in mail.body


def test_a_date_says_whose_clock_is_meant_where_it_is_not_theirs(priya, deliver_queued):
    client = make_client(owner=priya, time_zone="Australia/Sydney")
    rosa = make_contact(client=client)
    promise = Promise.objects.make(
        by=priya, client=client, contact=rosa, what="Call back", direction="theirs", now=NOW, owner=priya,
        due_date=date(2026, 11, 27), due_time=time(17, 0), due_zone="Europe/London",
    )  # fmt: skip
    write(Kind.NUDGE, promise)

    [mail] = deliver_queued()

    assert "Friday 27 November, 17:00 (London time)" in mail.body


def test_a_date_is_said_in_the_language_of_its_reader(priya, deliver_queued):
    client = make_client(owner=priya, time_zone="Europe/Berlin")
    anna = make_contact(client=client, language="de")
    write(Kind.NUDGE, promised(anna, ours=False, due_zone="Europe/Berlin", due_time=None))

    [mail] = deliver_queued()

    assert "Donnerstag, 26. November" in mail.body


def test_the_page_letter_lists_what_is_open_both_ways(rosa, priya, deliver_queued):
    promised(rosa, what="Our draft")
    promised(rosa, what="Their figures", ours=False)
    letters.write(Kind.PAGE, client=rosa.client, contact=rosa, by=priya, now=NOW)

    [mail] = deliver_queued()

    assert mail.subject == "What we promised each other"
    assert mail.body.index("We promised you") < mail.body.index("Our draft") < mail.body.index("You promised us")
    assert "Their figures" in mail.body


def test_a_second_letter_about_a_promise_stands_under_the_first(rosa, deliver_queued):
    promise = offer(rosa)
    write(Kind.OFFER, promise)
    [first] = deliver_queued()
    promise.agree(by=None, contact=rosa, now=NOW, how="click")
    write(Kind.DONE, done(promise))

    [second] = deliver_queued()

    assert second.extra_headers["In-Reply-To"] == first.extra_headers["Message-ID"]


# -------------------------------------------------------------------- nobody sends by accident


def test_a_draft_waits_until_somebody_sends_it(rosa, deliver_queued):
    promise = promised(rosa, ours=False)
    letter = letters.draft(Kind.NUDGE, promise=promise, by=None, now=NOW)

    assert deliver_queued() == []
    assert list(Letter.objects.to_send_by(promise.owner)) == [letter]

    letters.send(letter, by=promise.owner, now=NOW)
    assert len(deliver_queued()) == 1
    assert list(Letter.objects.to_send_by(promise.owner)) == []


def test_sending_twice_sends_one(rosa, deliver_queued):
    promise = promised(rosa, ours=False)
    letter = letters.draft(Kind.NUDGE, promise=promise, by=promise.owner, now=NOW)

    for _press in range(2):
        letters.send(letter, by=promise.owner, now=NOW)

    assert len(deliver_queued()) == 1
    assert promise.events.filter(kind="nudged").count() == 1


def test_one_key_writes_one_letter(rosa, deliver_queued):
    promise = promised(rosa, ours=False)

    first, second = (write(Kind.NUDGE, promise, key="nudge:today") for _turn in range(2))

    assert first == second
    assert len(deliver_queued()) == 1


def test_a_dropped_draft_cannot_be_sent(rosa):
    promise = promised(rosa, ours=False)
    letter = letters.draft(Kind.NUDGE, promise=promise, by=None, now=NOW)
    letters.drop(letter, now=NOW)

    with pytest.raises(CannotWrite):
        letters.send(letter, by=promise.owner, now=NOW)


def test_a_letter_taken_back_in_time_is_a_draft_again_and_can_go_out_later(rosa, clock, deliver_queued):
    promise = promised(rosa, ours=False)
    letter = write(Kind.NUDGE, promise, not_before=NOW + letters.UNDO)
    assert deliver_queued() == []

    assert letters.take_back(letter, by=promise.owner, now=NOW)
    clock.shift(timedelta(minutes=5))
    assert deliver_queued() == []

    letter.refresh_from_db()
    assert letter.is_draft
    letters.send(letter, by=promise.owner, now=NOW)
    assert len(deliver_queued()) == 1
    letter.refresh_from_db()
    assert not letters.take_back(letter, by=promise.owner, now=NOW)


# -------------------------------------------------------------------- who is not written to


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ({"left_at": NOW}, "has left"),
        ({"email": ""}, "no e-mail address"),
        ({"mail_state": "unsubscribed"}, "asked us to stop"),
        ({"mail_state": "bounced"}, "comes back"),
    ],
)
def test_nobody_is_written_to_who_cannot_or_will_not_be(rosa, spoil, words):
    promise = promised(rosa, ours=False)
    Contact.objects.filter(pk=rosa.pk).update(**spoil)
    promise = Promise.objects.get(pk=promise.pk)

    with pytest.raises(CannotWrite) as refused:
        write(Kind.NUDGE, promise)

    assert words in str(refused.value.words)
    assert not Email.objects.exists()


def test_nobody_writes_in_the_name_of_somebody_who_has_left_us(rosa, priya, deliver_queued):
    letter = write(Kind.NUDGE, promised(rosa, ours=False))
    type(priya).objects.filter(pk=priya.pk).update(is_active=False)

    assert deliver_queued() == []
    letter.email.refresh_from_db()
    assert "Nobody of us who is still here" in letter.email.last_words


def test_a_promise_with_nobody_named_says_so():
    with pytest.raises(CannotWrite, match="Nobody at the client is named"):
        write(Kind.NUDGE, make_promise(ours=False, now=NOW))


@pytest.mark.parametrize("kind", [Kind.OFFER, Kind.MOVE, Kind.DONE, Kind.MOVED, Kind.NUDGE])
def test_a_letter_that_would_ask_nothing_is_not_written(rosa, kind):
    promise = promised(rosa)

    with pytest.raises(CannotWrite):
        write(kind, promise)


SETTLE = {
    Kind.OFFER: lambda promise, rosa: promise.agree(by=None, contact=rosa, now=NOW, how="click"),
    Kind.MOVE: lambda promise, rosa: promise.open_request().take_back(by=promise.owner, now=NOW),
    Kind.DONE: lambda promise, rosa: promise.accept(by=promise.owner, contact=rosa, now=NOW, how="call"),
    Kind.MOVED: lambda promise, rosa: promise.release(by=promise.owner, contact=rosa, now=NOW),
    Kind.NUDGE: lambda promise, rosa: promise.keep(by=promise.owner, now=NOW),
    Kind.PAGE: lambda promise, rosa: promise.release(by=promise.owner, contact=rosa, now=NOW),
}


@pytest.mark.parametrize("kind", list(Kind))
def test_what_was_settled_meanwhile_is_not_sent(rosa, kind, deliver_queued):
    promise = one_for(kind, rosa)
    letter = letters.write(kind, promise=promise, contact=rosa, by=promise.owner, now=NOW)
    SETTLE[kind](Promise.objects.get(pk=promise.pk), rosa)

    assert [mail for mail in deliver_queued() if "rosa" in mail.to[0]] == []
    letter.email.refresh_from_db()
    assert letter.email.state == Email.State.CANCELLED
    assert letter.email.last_words


@pytest.mark.parametrize("spoil", [{"left_at": NOW}, {"mail_state": "unsubscribed"}, {"email": "new@x.example"}])
def test_who_left_or_stopped_meanwhile_gets_nothing(rosa, spoil, deliver_queued):
    letter = write(Kind.NUDGE, promised(rosa, ours=False))
    Contact.objects.filter(pk=rosa.pk).update(**spoil)

    assert deliver_queued() == []
    letter.email.refresh_from_db()
    assert letter.email.state == Email.State.CANCELLED


def test_a_revoked_letter_does_not_go_out(rosa, deliver_queued):
    letter = write(Kind.NUDGE, promised(rosa, ours=False))

    assert letters.revoke(letter, now=NOW)
    assert not letters.revoke(letter, now=NOW)

    assert deliver_queued() == []


# -------------------------------------------------------------------- stopping, and the cap


def test_its_reader_stops_every_such_mail_with_one_click_and_the_page_stays_open(rosa, deliver_queued):
    promise = promised(rosa, ours=False)
    letter = write(Kind.NUDGE, promise)
    deliver_queued()
    token = links.token(letter.email)
    Browser().get(f"/u/{token}/")
    rosa.refresh_from_db()
    assert rosa.mail_state == "ok"

    for _press in range(2):
        Browser().post(f"/u/{token}/", {"List-Unsubscribe": "One-Click"})

    rosa.refresh_from_db()
    assert rosa.mail_state == "unsubscribed"
    with pytest.raises(CannotWrite):
        write(Kind.NUDGE, Promise.objects.get(pk=promise.pk))
    assert Browser().get(f"/p/{token}/").status_code == 200


def test_the_contact_cap_holds_back_what_the_clock_sends_and_nothing_a_person_sends(rosa, deliver_queued):
    first, second = (promised(rosa, ours=False, what=what) for what in ("One", "Two"))
    letters.write(Kind.NUDGE, promise=first, by=None, now=NOW)
    deliver_queued()

    with pytest.raises(CannotWrite) as held:
        letters.write(Kind.NUDGE, promise=second, by=None, now=NOW)
    assert "the next one may go on Tue 24 Nov" in str(held.value.words)
    assert held.value.until.date() == date(2026, 11, 24)

    write(Kind.NUDGE, second)
    assert len(deliver_queued()) == 1


def test_what_a_person_sent_does_not_hold_back_the_clock(rosa):
    first, second = (promised(rosa, ours=False, what=what) for what in ("One", "Two"))
    write(Kind.NUDGE, first)

    letters.write(Kind.NUDGE, promise=second, by=None, now=NOW)

    assert Letter.objects.count() == 2


# -------------------------------------------------------------------- when it does not arrive


def test_the_owner_hears_at_once_that_a_letter_does_not_arrive(rosa, priya, deliver_queued):
    from outbox import results

    letter = write(Kind.NUDGE, promised(rosa, ours=False, what="The asset register"))
    email = claimed(letter)
    results.failed(email, "refused", 550, "5.1.1 user unknown", now=timezone.now())

    [mail] = deliver_queued()

    assert mail.to == ["Priya Raman <priya@firm.example>"]
    assert mail.subject == "Mail to Rosa Delgado does not arrive"
    assert "rosa@tidewell.example" in mail.body
    letter.refresh_from_db()
    assert letter.get_absolute_url() in mail.body


def test_a_letter_that_comes_back_tells_the_owner_and_goes_out_again_once_the_address_is_right(rosa, deliver_queued):
    from outbox import reports, returned
    from tests.outbox import samples

    letter = write(Kind.NUDGE, promised(rosa, ours=False, what="The asset register"))
    deliver_queued()
    email = letter.email
    email.refresh_from_db()
    [report] = reports.read(samples.exchange(email.message_id, rosa.email))

    returned.record(report, source="mailbox", now=NOW)
    [told] = deliver_queued()
    rosa.refresh_from_db()
    refused = letters.why_not_to(rosa)
    email.refresh_from_db()
    email.correct_address(to="Rosa.D@tidewell.example", now=NOW)
    [again] = deliver_queued()

    assert told.subject == "Mail to Rosa Delgado does not arrive"
    assert refused == "Mail to Rosa Delgado comes back. Correct the address first, or ring them."
    assert again.to == ["Rosa Delgado <rosa.d@tidewell.example>"]
    rosa.refresh_from_db()
    assert (rosa.email, letters.why_not_to(rosa)) == ("rosa.d@tidewell.example", "")


def test_a_deputy_hears_of_it_while_the_owner_is_away(rosa, priya, deliver_queued):
    from outbox import results

    priya.deputy = make_user(name="Tom Okafor", email="tom@firm.example")
    priya.save()
    priya.absences.create(starts_on=NOW.date(), ends_on=NOW.date())
    rosa.client.team_members.create(user=priya.deputy)
    letter = write(Kind.NUDGE, promised(rosa, ours=False))
    results.uncertain(claimed(letter), results_trouble(), now=timezone.now())

    [mail] = deliver_queued()

    assert mail.to == ["Tom Okafor <tom@firm.example>"]
    assert mail.subject == "Mail to Rosa Delgado may not have arrived"


def results_trouble():
    from outbox.transports import UnknownOutcome

    return UnknownOutcome("gone")


def test_drafts_about_what_was_settled_wait_for_nobody(rosa, priya):
    promise = promised(rosa, ours=False)
    letters.draft(Kind.NUDGE, promise=promise, by=None, now=NOW)
    assert Letter.objects.to_send_by(priya).count() == 1

    promise.keep(by=priya, now=NOW)

    assert Letter.objects.to_send_by(priya).count() == 0


def claimed(letter):
    from outbox.delivery import claim

    email = claim(now=timezone.now())
    assert email == letter.email
    return email

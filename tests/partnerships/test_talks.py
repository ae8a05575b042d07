"""The talk: its calendar entries byte by byte, who gets them, and what was promised in it."""

import email
import email.policy
from datetime import timedelta

import icalendar
import pytest
from django.urls import reverse

from outbox.models import Email
from partnerships import talks
from partnerships.models import Concern
from promises.models import Promise
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_manager, make_user

pytestmark = pytest.mark.django_db

AT = NOW + timedelta(days=5)


@pytest.fixture
def client(web, clock):
    return make_client(name="Tidewell Water", owner=web.user)


@pytest.fixture
def rosa(client):
    return make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example", time_zone="Europe/Madrid")


@pytest.fixture
def concern(client):
    return Concern.open(client, by=client.owner, now=NOW, what_happened="A late report.")


def post(web, route, concern, **data):
    return web.post(reverse(route, args=[concern.public_id]), data)


def booking(*people, **data):
    return {
        "talk_on": "2026-11-24", "talk_time": "10:00", "minutes": "45", "where": "By video",
        "people": [person.pk for person in people], **data,
    }  # fmt: skip


def entry(mail):
    """The one VEVENT of a mail, read from the bytes as they go out."""
    whole = email.message_from_bytes(mail.message().as_bytes(), policy=email.policy.default)
    alternative = next(part for part in whole.walk() if part.get_content_type() == "multipart/alternative")
    kinds = [part.get_content_type() for part in alternative.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    part = list(alternative.iter_parts())[2]
    file = next(found for found in whole.walk() if found.get_filename() == "invite.ics")
    assert file.get_content_type() == "application/ics"
    calendar = icalendar.Calendar.from_ical(file.get_payload(decode=True))
    assert icalendar.Calendar.from_ical(part.get_payload(decode=True)).to_ical() == calendar.to_ical()
    assert part.get_param("method") == calendar["method"]
    assert part.get_content_charset() == "utf-8"
    [event] = calendar.walk("VEVENT")
    return calendar, event


def test_the_invitation_is_an_itip_request_that_calendars_accept(web, concern, rosa, deliver_queued):
    boss = make_manager(name="Elaine Ward", email="elaine@firm.example")

    post(web, "concern_talk", concern, **booking(rosa, second=boss.public_id, mail_them="on"))
    mails = {mail.to[0].partition("<")[2].strip(">"): mail for mail in deliver_queued()}

    assert sorted(mails) == ["elaine@firm.example", "priya@firm.example", "rosa@tidewell.example"]
    calendar, event = entry(mails["rosa@tidewell.example"])
    assert (calendar["method"], calendar["version"]) == ("REQUEST", "2.0")
    assert str(event["organizer"]) == "mailto:priya@firm.example"
    assert event["dtstart"].to_ical() == b"20261124T100000Z"
    assert event["dtend"].to_ical() == b"20261124T104500Z"
    assert (event["sequence"], str(event["status"]), str(event["location"])) == (0, "CONFIRMED", "By video")
    assert "dtstamp" in event
    guests = {str(guest): guest.params for guest in event["attendee"]}
    assert sorted(guests) == [
        "mailto:elaine@firm.example", "mailto:priya@firm.example", "mailto:rosa@tidewell.example",
    ]  # fmt: skip
    assert guests["mailto:rosa@tidewell.example"]["rsvp"] == "TRUE"
    assert guests["mailto:rosa@tidewell.example"]["partstat"] == "NEEDS-ACTION"
    assert guests["mailto:priya@firm.example"]["partstat"] == "ACCEPTED"
    assert "11:00 (Madrid time)" in mails["rosa@tidewell.example"].body
    assert "A late report" not in mails["rosa@tidewell.example"].body
    assert concern.get_absolute_url() not in mails["rosa@tidewell.example"].message().as_string()


def test_nothing_goes_to_the_client_that_nobody_ticked(web, concern, rosa, deliver_queued):
    post(web, "concern_talk", concern, **booking(rosa))

    assert [mail.to for mail in deliver_queued()] == [["Priya Raman <priya@firm.example>"]]
    assert not Email.objects.filter(to_email="rosa@tidewell.example").exists()


def test_a_moved_talk_keeps_its_uid_and_counts_up(web, concern, rosa, deliver_queued):
    post(web, "concern_talk", concern, **booking(rosa, mail_them="on"))
    first = {mail.to[0]: entry(mail)[1] for mail in deliver_queued()}
    post(web, "concern_talk", concern, **booking(rosa, mail_them="on", talk_on="2026-11-25"))
    second = {mail.to[0]: entry(mail)[1] for mail in deliver_queued()}

    assert sorted(first) == sorted(second)
    who = "Rosa Delgado <rosa@tidewell.example>"
    assert first[who]["uid"] == second[who]["uid"]
    assert (first[who]["sequence"], second[who]["sequence"]) == (0, 1)
    assert second[who]["dtstart"].to_ical() == b"20261125T100000Z"


def test_a_move_before_the_first_mail_went_out_sends_only_the_last(web, concern, rosa, deliver_queued):
    post(web, "concern_talk", concern, **booking(rosa, mail_them="on"))
    post(web, "concern_talk", concern, **booking(rosa, mail_them="on", talk_on="2026-11-25"))

    mails = [mail for mail in deliver_queued() if "rosa" in mail.to[0]]

    assert [entry(mail)[1]["dtstart"].to_ical() for mail in mails] == [b"20261125T100000Z"]


def test_taking_the_talk_back_cancels_the_entry_where_it_was_sent(web, concern, rosa, deliver_queued):
    post(web, "concern_talk", concern, **booking(rosa, mail_them="on"))
    deliver_queued()

    post(web, "concern_talk_off", concern, tell_them="on")
    mails = {mail.to[0]: mail for mail in deliver_queued()}

    assert sorted(mails) == ["Priya Raman <priya@firm.example>", "Rosa Delgado <rosa@tidewell.example>"]
    calendar, event = entry(mails["Rosa Delgado <rosa@tidewell.example>"])
    assert (calendar["method"], str(event["status"]), event["sequence"]) == ("CANCEL", "CANCELLED", 1)
    assert event["dtstart"].to_ical() == b"20261124T100000Z"
    concern.refresh_from_db()
    assert (concern.state, concern.talk_at) == (Concern.State.OPEN, None)


def test_a_talk_taken_back_before_anything_went_out_sends_nothing(web, concern, rosa, deliver_queued):
    post(web, "concern_talk", concern, **booking(rosa, mail_them="on"))
    post(web, "concern_talk_off", concern, tell_them="on")

    assert deliver_queued() == []


def test_a_name_cannot_write_lines_into_the_calendar(web, client, concern, deliver_queued):
    odd = make_contact(client=client, name='Ro"sa; CN=x, Ünal 😀', email="odd@tidewell.example")

    post(web, "concern_talk", concern, **booking(odd, mail_them="on", where='Room "5"; a, b\\n'))
    [mail] = [mail for mail in deliver_queued() if "odd@" in mail.to[0]]

    _calendar, event = entry(mail)
    [guest] = [guest for guest in event["attendee"] if "odd@" in guest]
    assert guest.params["cn"] == "Ro’sa; CN=x, Ünal 😀"
    assert str(event["location"]) == 'Room "5"; a, b\\n'


def test_whoever_cannot_be_mailed_is_said_before_anything_is_written(web, client, concern):
    gone = make_contact(client=client, name="Ana Stop", mail_state="unsubscribed")

    page = post(web, "concern_talk", concern, **booking(gone, mail_them="on"))

    assert page.status_code == 422
    assert "No mail can go to Ana Stop" in page.content.decode()
    assert not Email.objects.exists()


def test_a_day_that_has_passed_asks_whether_it_was_held_already(web, concern, rosa):
    page = post(web, "concern_talk", concern, **booking(rosa, talk_on="2026-11-17"))

    assert page.status_code == 422
    text = page.content.decode()
    assert "Was it held already?" in text
    assert "?step=hold&amp;held_on=2026-11-17" in text
    assert (
        'value="2026-11-17"' in web.get(f"{concern.get_absolute_url()}?step=hold&held_on=2026-11-17").content.decode()
    )


def rows(**data):
    total = {"ours-TOTAL_FORMS": "3", "ours-INITIAL_FORMS": "0", "theirs-TOTAL_FORMS": "2", "theirs-INITIAL_FORMS": "0"}
    return {**total, "held_on": "2026-11-19", "they_said": "Tell us earlier.", "ended": "better", **data}


def test_what_is_promised_in_the_talk_becomes_promises_at_once(web, concern, client, rosa):
    post(web, "concern_hold", concern, people=[rosa.pk], **rows(**{
        "ours-0-what": "Warn three days before", "ours-0-who": web.user.public_id, "ours-0-due": "2026-12-01",
        "theirs-0-what": "Name one person", "theirs-0-who": rosa.public_id, "theirs-0-due": "2026-12-02",
    }))  # fmt: skip

    ours, theirs = Promise.objects.order_by("due_at")
    assert (ours.what, ours.promisor_user, ours.promisee_contact) == ("Warn three days before", web.user, rosa)
    assert (theirs.what, theirs.promisor_contact, theirs.owner) == ("Name one person", rosa, web.user)
    concern.refresh_from_db()
    assert set(concern.promises.all()) == {ours, theirs}
    assert (concern.state, concern.ended, list(concern.talk_with.all())) == ("agreed", "better", [rosa])
    assert "Warn three days before" in web.get(f"{concern.get_absolute_url()}?step=follow").content.decode()


def test_a_row_without_a_day_keeps_everything_typed_and_writes_nothing(web, concern):
    page = post(web, "concern_hold", concern, **rows(**{"ours-1-what": "Warn three days before"}))

    assert page.status_code == 422
    text = page.content.decode()
    assert "Say by when." in text
    assert "Warn three days before" in text
    assert "Tell us earlier." in text
    assert not Promise.objects.exists()
    concern.refresh_from_db()
    assert concern.state == Concern.State.OPEN


def test_the_same_rows_sent_twice_are_the_same_promises(web, concern):
    data = rows(**{"ours-0-what": "Warn", "ours-0-due": "2026-12-01", "ours-0-key": "7" * 32})

    for _ in range(2):
        post(web, "concern_hold", concern, **data)

    assert Promise.objects.count() == 1


def test_whoever_saw_an_older_version_is_told_and_keeps_what_they_typed(web, concern, rosa):
    page = web.get(f"{concern.get_absolute_url()}?step=hold").content.decode()
    assert f'name="version" value="{concern.version}"' in page
    talks.book(concern, at=AT, minutes=60, where="", people=[rosa], by=web.user, now=NOW)

    page = post(web, "concern_hold", concern, version="1", **rows())

    assert page.status_code == 409
    assert "Somebody changed this before you" in page.content.decode()
    assert "Tell us earlier." in page.content.decode()


def test_the_sheet_shows_both_ledgers_and_how_to_begin(web, concern):
    page = web.get(reverse("concern_brief", args=[concern.public_id])).content.decode()

    assert "Do not defend. Ask for an example. Say what you will do and by when." in page
    assert "We promised them" in page
    assert "They promised us" in page
    assert "Can you give me an example?" in page


# -------------------------------------------------------------------- who holds it, and who is let go


def addresses(mails):
    return {mail.to[0].partition("<")[2].strip(">"): mail for mail in mails}


def test_whoever_is_taken_off_a_talk_that_moves_hears_of_the_day_they_know(web, client, concern, rosa, deliver_queued):
    ivo = make_contact(client=client, name="Ivo Brandt", email="ivo@tidewell.example")
    post(web, "concern_talk", concern, **booking(rosa, ivo, mail_them="on"))
    deliver_queued()

    post(web, "concern_talk", concern, **booking(rosa, mail_them="on", talk_on="2026-11-26"))
    mails = addresses(deliver_queued())

    calendar, event = entry(mails["ivo@tidewell.example"])
    assert (calendar["method"], event["dtstart"].to_ical(), event["sequence"]) == ("CANCEL", b"20261124T100000Z", 1)
    assert mails["ivo@tidewell.example"].subject == "Our talk on 24 November is off"
    assert "Tuesday 24 November, 10:00 (London time)" in mails["ivo@tidewell.example"].body
    assert "26 November" not in mails["ivo@tidewell.example"].body
    assert entry(mails["rosa@tidewell.example"])[1]["dtstart"].to_ical() == b"20261126T100000Z"


def test_a_second_talk_takes_nothing_back_from_who_was_in_the_first(web, client, concern, rosa, clock, deliver_queued):
    ivo = make_contact(client=client, name="Ivo Brandt", email="ivo@tidewell.example")
    post(web, "concern_talk", concern, **booking(rosa, ivo, mail_them="on"))
    deliver_queued()
    clock.move_to(AT)
    concern.refresh_from_db()
    concern.hold(held_at=concern.talk_at, they_said="x", by=client.owner, now=AT)

    post(web, "concern_talk", concern, **booking(rosa, mail_them="on", talk_on="2026-12-01"))

    assert sorted(addresses(deliver_queued())) == ["priya@firm.example", "rosa@tidewell.example"]


def test_whoever_leads_from_now_on_gets_the_entry_and_whoever_led_is_let_go(web, client, concern, rosa, deliver_queued):
    boss = make_manager(name="Elaine Ward", email="elaine@firm.example")
    post(web, "concern_talk", concern, **booking(rosa, mail_them="on"))
    deliver_queued()
    concern.refresh_from_db()

    answer = post(
        web, "concern_edit", concern, what_happened="A late report.", origin="told", severity="serious",
        lead=boss.pk, version=concern.version,
    )  # fmt: skip
    mails = addresses(deliver_queued())

    assert answer.status_code == 302
    methods = {to: str(entry(mail)[0]["method"]) for to, mail in mails.items()}
    assert methods == {"elaine@firm.example": "REQUEST", "priya@firm.example": "CANCEL"}


def test_an_entry_does_not_go_to_somebody_who_may_not_see_the_client_any_more(web, client, concern, deliver_queued):
    post(web, "concern_talk", concern, **booking(second=make_user(email="tom@firm.example").public_id))
    client.visibility = "team"
    client.save()

    assert sorted(addresses(deliver_queued())) == ["priya@firm.example"]


def test_nothing_is_resolved_or_held_while_a_planned_talk_stays_in_the_calendars(web, concern, rosa):
    post(web, "concern_talk", concern, **booking(rosa))

    resolved = post(web, "concern_resolve", concern, outcome="Done.", no_promise_because="None needed.")
    held = post(web, "concern_hold", concern, held_on=NOW.date(), they_said="All well.", ended="better")
    words = "A talk is planned for 24 November. Take it back first, or it stays in everybody’s calendar."
    assert [answer.status_code for answer in (resolved, held)] == [422, 422]
    assert all(words in answer.content.decode() for answer in (resolved, held))

    post(web, "concern_talk_off", concern)
    post(web, "concern_resolve", concern, outcome="Done.", no_promise_because="None needed.")
    concern.refresh_from_db()
    assert concern.state == Concern.State.RESOLVED


def test_a_talk_that_was_mailed_to_them_is_moved_in_their_calendar_too_unless_the_tick_is_taken_away(
    web, concern, rosa
):
    book = f"{concern.get_absolute_url()}?step=book"

    before = web.get(book).context["talk_form"]["mail_them"].value()
    post(web, "concern_talk", concern, **booking(rosa, mail_them="on"))
    after = web.get(book).context["talk_form"]["mail_them"].value()

    assert (before, after) == (False, True)

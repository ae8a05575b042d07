"""One line becomes a promise: the page, the dialog's answers, corrections, errors, and taking it back."""

import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape

import pytest
from django.urls import reverse

from accounts.models import Absence
from promises.models import Promise
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_promise, make_user

KEY = "0b6f3c1e-6f0b-4c0e-9f7e-0d3a7b0f5a11"
NEW, READ = "/promises/new/", "/promises/new/read/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def tidewell(web, clock):
    return make_client(name="Tidewell Water", owner=web.user)


@pytest.fixture
def anna(tidewell):
    return make_contact(client=tidewell, name="Anna Keller")


def words(response):
    """What a reader reads, without the marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def chips(response):
    """The words on the chips, in order."""
    return [
        " ".join(unescape(re.sub(r"<[^>]+>", " ", chip)).split())
        for chip in re.findall(r"<summary class=\"chip.*?</summary>", response.content.decode(), re.DOTALL)
    ]


def fields(response):
    """What the drawn form would send back as it stands."""
    page, found = response.content.decode(), {}
    for tag in re.findall(r"<input[^>]+>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (('type="radio"' not in tag and 'type="checkbox"' not in tag) or " checked" in tag):
            found[name[1]] = unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select[^>]+name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def typed(text, **more):
    return {"text": text, "idempotency_key": KEY, **more}


# -------------------------------------------------------------------- reading


def test_chips_say_what_the_line_was_read_as_and_nothing_is_made(web, anna):
    answer = web.post(READ, {"text": "send draft fee note to Anna fri 17:00 !"}, headers=HTMX)

    assert chips(answer) == [
        "We promise", "Send draft fee note", "AK Anna Keller", "Tidewell Water", "Fri 20 November (tomorrow), 17:00",
        "PR Me", "Critical",
    ]  # fmt: skip
    assert "A new date would be early until" in words(answer)
    assert Promise.objects.count() == 0


def test_their_promise_is_read_as_theirs(web, anna):
    assert chips(web.post(READ, {"text": "Anna will send the register by Friday"}))[:3] == [
        "They promise", "Send the register", "AK Anna Keller",
    ]  # fmt: skip


def test_a_day_off_of_either_side_is_said_and_not_moved(web, anna):
    Absence.objects.create(user=web.user, starts_on=date(2026, 11, 20), ends_on=date(2026, 11, 20))

    friday = words(web.post(READ, {"text": "ring Anna on Friday"}))
    saturday = words(web.post(READ, {"text": "ring Anna on Saturday"}))

    assert "Friday is not a working day for Priya Raman (away). The date stays as you say." in friday
    assert "Saturday is not a working day for Priya Raman or Anna Keller (weekend)." in saturday


def test_an_ambiguous_date_is_said_in_words_with_the_other_to_choose(web, anna):
    answer = web.post(READ, {"text": "send it to Anna by 3/4"})
    chosen = web.post(READ, fields(answer) | {"text": "send it to Anna by 3/4", "other_date": "2027-03-04"})

    assert "Sat 3 April 2027" in chips(answer)
    assert "It may mean Thu 4 March 2027 too." in words(answer)
    assert "Thu 4 March 2027" in chips(chosen)


def test_the_clock_of_the_other_side_is_named_where_it_differs(web, clock):
    client = make_client(name="Harbour Bank", owner=web.user, time_zone="Australia/Sydney")
    make_contact(client=client, name="Kylie Ng")

    by_theirs = chips(web.post(READ, {"text": "send it to Kylie by Friday 17:00"}))
    by_mine = chips(web.post(READ, {"text": "send it to Kylie by Friday 17:00 my time"}))
    over_there = chips(web.post(READ, {"text": "send it to Kylie by 17:00"}))  # 17:00 has long passed in Sydney

    assert "Fri 20 November (tomorrow), 17:00 Sydney" in by_theirs
    assert "Fri 20 November (tomorrow), 17:00" in by_mine
    assert "Thu 19 November (today), 17:00" in over_there


def test_only_people_of_clients_one_may_write_are_understood(web, clock):
    make_contact(client=make_client(name="Secret Ltd", visibility="team_only"), name="Anna Hidden")
    make_contact(client=make_client(name="Open Ltd"), name="Anna Open")

    answer = web.post(READ, {"text": "send it to Anna at Secret by Friday"})

    assert "Hidden" not in answer.content.decode()
    assert "Anna Open" not in answer.content.decode()
    assert "Which client?" in chips(answer)


def test_of_very_many_of_one_name_the_one_named_in_full_is_found(web, clock):
    clients = [make_client(name=f"Firm {number:03}", owner=web.user) for number in range(70)]
    for number, client in enumerate(clients):
        make_contact(client=client, name=f"Anna A{number:03}")
    make_contact(client=clients[0], name="Anna Zuckermann")

    answer = chips(web.post(READ, {"text": "send it to anna zuckermann by friday"}))
    at_hand = chips(web.post(READ, {"text": "send it to anna by friday", "client": clients[69].public_id}))

    assert "AZ Anna Zuckermann" in answer
    assert "AA Anna A069" in at_hand


def test_without_a_name_it_is_the_client_spoken_to_last_and_says_so(web, tidewell):
    make_interaction(client=tidewell, author=web.user, happened_at=NOW - timedelta(hours=1))

    assert "No client is named; Tidewell Water is the one you spoke to last." in words(
        web.post(READ, {"text": "compare lenders by Friday"})
    )


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_the_same_for_any_number_of_people(web, tidewell, count, django_assert_max_num_queries):
    for number in range(count):
        make_contact(client=tidewell, name=f"Anna Keller{number}")

    with django_assert_max_num_queries(14):
        web.post(READ, {"text": "send draft to Anna by Friday for Tidewell Water by Tom"})


# -------------------------------------------------------------------- saving


def test_enter_writes_it_down_once_however_often_it_is_pressed(web, anna):
    for _again in range(2):
        answer = web.post(NEW, typed("send draft fee note to Anna fri 17:00, done when she has it", next="/clients/"))

    promise = Promise.objects.get()
    assert (promise.what, promise.contact, promise.owner, promise.direction) == (
        "Send draft fee note", anna, web.user, "ours",
    )  # fmt: skip
    assert (promise.due_date, promise.due_time, promise.done_when) == (date(2026, 11, 20), time(17), "she has it")
    assert answer.url == "/clients/"


def test_another_line_from_a_page_gone_back_to_is_a_promise_of_its_own(web, anna):
    first = typed("send the fee note to Anna by Friday")
    web.post(NEW, first)

    web.post(NEW, {**first, "text": "send the contract to Anna by Friday"})

    assert sorted(Promise.objects.values_list("what", flat=True)) == ["Send the contract", "Send the fee note"]


def test_the_key_of_somebody_elses_promise_gives_nothing_of_it_away(web, anna, clock):
    key = "11111111-1111-4111-8111-111111111111"
    hidden = make_client(name="Corbel & Stone", visibility="team_only")
    make_promise(client=hidden, what="A merger nobody knows of", idempotency_key=key)

    answer = web.post(NEW, typed("send it to Anna by Friday", idempotency_key=key), follow=True)

    assert "merger" not in answer.content.decode()
    assert Promise.objects.get(what="Send it").client == anna.client


def test_the_dialog_is_sent_on_to_where_it_was_opened(web, anna):
    answer = web.post(NEW, typed("send it to Anna by Friday", next="/?x=1"), headers=HTMX)

    assert answer["HX-Redirect"] == "/?x=1"
    assert "Promised to Anna Keller: Send it, by Fri 20 Nov." in web.get("/").content.decode()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", "Write what is promised, to whom and by when."),
        ("send it by Friday", "Which client?"),
        ("send it to Anna", "By when?"),
        ("send it to Anna by 2020-01-01", "By when?"),
        ("send it to Anna today 09:00", "“today 09:00” has passed"),
        ("x" * 600, "At most 500 characters fit here"),
        ("send\0it to Anna by Friday", "NUL"),
    ],
)
def test_what_is_missing_is_asked_for_and_the_line_is_kept(web, anna, text, asked):
    page = web.post(NEW, typed(text))
    piece = web.post(NEW, typed(text), headers=HTMX)

    assert (page.status_code, piece.status_code) == (422, 422)
    assert asked in words(page)
    assert asked in words(piece)
    assert fields(page)["text"] == text
    assert Promise.objects.count() == 0


def test_two_annas_are_asked_about_and_the_choice_settles_it(web, anna):
    other = make_contact(client=make_client(name="Corbel & Stone", owner=web.user), name="Anna Smith")
    text = "send it to Anna by Friday"

    asked = web.post(NEW, typed(text))
    chosen = web.post(NEW, fields(asked) | typed(text, contact=other.public_id))

    assert (asked.status_code, "Which Anna?" in chips(asked)) == (422, True)
    assert "Anna Smith Corbel & Stone" in words(asked)
    assert (chosen.status_code, Promise.objects.get().contact, Promise.objects.get().client) == (
        302,
        other,
        other.client,
    )


def test_nobody_of_those_is_an_answer_too(web, anna):
    make_contact(client=anna.client, name="Anna Smith")
    text = "send it to Anna @Tidewell by Friday"

    asked = web.post(NEW, typed(text))
    web.post(NEW, fields(asked) | typed(text, contact="-"))

    assert (asked.status_code, Promise.objects.get().contact) == (422, None)


def test_a_correction_wins_over_the_text_and_survives_more_typing(web, anna):
    tom = make_user(name="Tom Okafor")
    text = "send draft fee note to Anna fri 17:00"
    first = fields(web.post(READ, {"text": text}))

    mended = {
        "what": "Send the final fee note", "due_date": "2026-11-26", "due_time": "", "owner": tom.public_id,
        "direction": "theirs", "contact": "", "done_when": "signed", "critical": "1",
    }  # fmt: skip
    second = fields(web.post(READ, first | {"text": text} | mended))
    web.post(NEW, second | typed(f"{text} please"))

    promise = Promise.objects.get()
    assert (promise.what, promise.direction, promise.owner) == ("Send the final fee note", "theirs", tom)
    assert (promise.due_date, promise.due_time, promise.contact) == (date(2026, 11, 26), None, None)
    assert (promise.done_when, promise.importance) == ("signed", "critical")


def test_a_client_typed_into_the_chip_wins(web, anna):
    make_client(name="Corbel & Stone", owner=web.user)
    text = "send it to Anna by Friday"
    first = fields(web.post(READ, {"text": text}))

    web.post(NEW, first | typed(text, client_name="corbel"))
    unknown = web.post(NEW, first | {"text": text, "client_name": "Nobody Ltd", "idempotency_key": ""})

    promise = Promise.objects.get()
    assert (promise.client.name, promise.contact) == ("Corbel & Stone", None)
    assert (unknown.status_code, "Which client?" in words(unknown)) == (422, True)


def test_what_was_read_before_is_no_correction_of_a_changed_text(web, anna):
    first = fields(web.post(READ, {"text": "send draft fee note to Anna fri 17:00"}))

    web.post(NEW, first | typed("send final fee note to Anna on Monday"))

    promise = Promise.objects.get()
    assert (promise.what, promise.due_date, promise.due_time) == ("Send final fee note", date(2026, 11, 23), None)


def test_an_offer_waits_for_their_answer_and_opens_its_own_page(web, anna):
    answer = web.post(NEW, typed("send it to Anna by Friday", proposed="1", answer_by="2026-11-20", next="/"))

    promise = Promise.objects.get()
    assert (promise.state, promise.offered_by, promise.answer_by) == ("proposed", "ours", date(2026, 11, 20))
    assert answer.url == promise.get_absolute_url()


def test_an_owner_who_may_not_see_the_client_cannot_be_chosen(web, anna):
    anna.client.visibility = "team_only"
    anna.client.save()
    stranger = make_user(name="Sam Stranger")
    text = "send it to Anna by Friday"
    first = fields(web.post(READ, {"text": text}))

    web.post(NEW, first | typed(text, owner=stranger.public_id))

    assert Promise.objects.get().owner == web.user


@pytest.mark.parametrize("name", ["client", "interaction"])
def test_a_client_or_entry_one_may_not_write_does_not_exist(web, clock, name):
    client = make_client()
    key = client.public_id if name == "client" else make_interaction(client=client).public_id

    assert web.get(NEW, {name: key}).status_code == 404
    assert web.post(READ, {"text": "x", name: key}).status_code == 404


# -------------------------------------------------------------------- from somewhere


def test_the_page_shows_how_a_line_is_read_before_anything_is_saved(web, anna):
    page = web.get(NEW, {"client": anna.client.public_id})
    look = web.post(NEW, {"text": "ring Anna on Friday", "look": "1"})

    assert "A promise with Tidewell Water" in words(page)
    assert (look.status_code, chips(look)[1], Promise.objects.count()) == (200, "Ring Anna", 0)


def test_a_logged_contact_becomes_a_promise_in_its_own_words_and_keeps_its_origin(web, anna):
    entry = make_interaction(
        client=anna.client, author=web.user, kind="email", happened_at=NOW - timedelta(days=2), contacts=[anna],
        body="Good talk. We’ll send Anna the plan by Friday. Nice weather.",
    )  # fmt: skip

    page = web.get(NEW, {"interaction": entry.public_id})
    sent = fields(page)
    web.post(NEW, sent | {"idempotency_key": KEY})

    promise = Promise.objects.get()
    assert (sent["text"], promise.what) == ("We’ll send Anna the plan by Friday", "Send Anna the plan")
    assert (promise.origin_interaction, promise.agreed_how) == (entry, "written")
    assert promise.due_date == date(2026, 11, 20)


def test_a_day_meant_in_an_old_contact_that_has_passed_is_said(web, anna):
    entry = make_interaction(
        client=anna.client, author=web.user, happened_at=NOW - timedelta(days=21), body="We’ll send it by Friday."
    )

    page = web.get(NEW, {"interaction": entry.public_id})

    assert "Friday 30 October has passed." in words(page)
    assert "By when?" in chips(page)


def test_the_timeline_offers_to_make_an_entry_a_promise_to_those_who_may(web, anna):
    entry = make_interaction(client=anna.client, author=web.user)
    link = f"{NEW}?interaction={entry.public_id}"
    reader = browser_of(make_user())

    assert link in web.get(anna.client.get_absolute_url()).content.decode()
    assert link not in reader.get(anna.client.get_absolute_url()).content.decode()


def test_all_details_take_over_what_is_known(web, anna):
    answer = web.post(READ, {"text": "send draft fee note to Anna fri 17:00"})
    url = unescape(re.search(r'data-details-url="([^"]+)"', answer.content.decode())[1])

    page = web.get(url).content.decode()

    assert 'value="Send draft fee note"' in page
    assert 'value="2026-11-20"' in page
    assert f'value="{anna.public_id}" selected' in page


# -------------------------------------------------------------------- taking it back


def test_a_promise_just_written_down_can_be_taken_back_and_counts_nowhere(web, anna):
    web.post(NEW, typed("send it to Anna by Friday"))
    promise = Promise.objects.get()

    web.post(reverse("promise_slip", args=[promise.public_id]))
    promise.refresh_from_db()

    assert promise.state == "declined"
    assert promise.outcome(NOW).value == "declined"
    assert "took it back: it was written down by mistake" in words(web.get(promise.get_absolute_url()))


def test_only_its_writer_takes_it_back_only_for_an_hour_and_only_untouched(web, manager_web, anna, clock):
    fresh, touched, old = (
        make_promise(client=anna.client, owner=web.user, now=NOW, what=what) for what in ("fresh", "touched", "old")
    )
    touched.comment(by=web.user, now=NOW, text="Well")

    manager_web.post(reverse("promise_slip", args=[fresh.public_id]))
    web.post(reverse("promise_slip", args=[touched.public_id]))
    clock.move_to(datetime(2026, 11, 19, 10, 31, tzinfo=UTC))
    web.post(reverse("promise_slip", args=[old.public_id]))

    assert set(Promise.objects.values_list("state", flat=True)) == {"active"}

"""The five steps: whom to ask, the calendar, the sentence, the preflight, the test mail, last year as a start."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from clients.models import Contact
from surveys import audience, copies, plan, preflight, strip, timing
from surveys.days import firm_calendar
from surveys.models import Invitation, Round
from tests.conftest import NOW
from tests.make import (
    make_client,
    make_contact,
    make_invitation,
    make_manager,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db
OPENS = datetime(2026, 12, 1, 9, tzinfo=UTC)


def step(round, name, query=""):
    return reverse("survey_setup", args=[round.public_id, name]) + query


def listed(round, *contacts):
    for contact in contacts:
        make_invitation(round=round, contact=contact, state="pending")
    return round


def said(round, now=NOW):
    calendar = firm_calendar()
    size = plan.size_of(round)
    waves = timing.forecast(round, calendar=calendar, now=now)
    return plan.in_a_sentence(round, calendar=calendar, now=now, waves=waves, **size)


def found(round):
    return {finding.key: finding for finding in preflight.check(round, now=NOW)}


# -------------------------------------------------------------------- whom to ask


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"country": "Germany"}, ["Anna"]),
        ({"language": "de"}, ["Anna"]),
        ({"tag": "Wasser & “Strom”"}, ["Anna"]),
        ({"tag": "was"}, []),
        ({"part": "finance"}, ["Bo"]),
        ({"words": "bo"}, ["Bo"]),
        ({"words": "Umlaut"}, ["Anna"]),
        ({}, ["Anna", "Bo"]),
    ],
)
def test_each_filter_finds_its_people(clock, filters, names):
    umlaut = make_client(name="Umlaut AG", country="Germany", tags=["Wasser & “Strom”", "gross"])
    make_contact(client=umlaut, name="Anna", language="de")
    make_contact(client=make_client(name="Zed", country="France", tags=["x"]), name="Bo", survey_part="finance")

    assert sorted(audience.matching(filters).values_list("name", flat=True)) == names


def test_who_was_asked_lately_in_another_round_is_left_out_and_can_be_ticked(clock, manager_web):
    anna, bo = make_contact(name="Anna"), make_contact(name="Bo")
    before = make_round(state="closed")
    make_invitation(round=before, contact=anna, queued_at=NOW - timedelta(days=89))
    make_invitation(round=before, contact=bo, queued_at=NOW - timedelta(days=91))
    round = make_round(audience={})

    page = manager_web.get(step(round, "people"))
    manager_web.post(step(round, "people"), {"action": "add_all"})

    assert [(str(one.reason), one.count) for one, _url in page.context["left_out"]] == [("asked within 90 days", 1)]
    assert [i.contact for i in round.invitations.all()] == [bo]
    manager_web.post(step(round, "people"), {"shown": [anna.public_id], "ticked": [anna.public_id]})
    assert round.invitations.count() == 2
    assert found(round)["lately"].count == 1
    assert not found(round)["lately"].blocks


@pytest.mark.parametrize(("lately", "count"), [("30", 2), ("none", 2), ("", 1), ("180", 0), ("nonsense", 1)])
def test_how_lately_can_be_chosen(clock, manager_web, lately, count):
    before = make_round(state="closed")
    for days in (60, 120):
        make_invitation(round=before, contact=make_contact(), queued_at=NOW - timedelta(days=days))
    round = make_round(audience={})

    manager_web.post(step(round, "people", f"?filter=1&lately={lately}"), {"action": "add_all"})

    assert round.invitations.count() == count


def test_a_count_of_who_is_left_out_opens_exactly_these_people(clock, manager_web):
    make_contact(name="Without", email="")
    make_contact(name="Bounced", mail_state="bounced")
    make_contact(name="Fine")
    round = make_round(audience={})

    page = manager_web.get(step(round, "people"))

    opened = {one.query: manager_web.get(step(round, "people", url)) for one, url in page.context["left_out"]}
    assert {key: [row["contact"].name for row in answer.context["rows"]] for key, answer in opened.items()} == {
        "no_email": ["Without"],
        "bounced": ["Bounced"],
    }


def test_going_to_the_next_page_keeps_the_ticks_of_this_one(clock, manager_web):
    people = [make_contact(name=f"P{n:03}") for n in range(51)]
    round = make_round(audience={})
    page = manager_web.get(step(round, "people", "?filter=1&words=P0"))
    shown = [row["contact"].public_id for row in page.context["rows"]]

    answer = manager_web.post(
        step(round, "people", "?filter=1&words=P0"), {"action": "page-2", "shown": shown, "ticked": shown[:3]}
    )

    assert answer.url == step(round, "people", "?filter=1&words=P0&page=2")
    assert round.invitations.count() == 3
    assert len(people) == 51


def test_the_part_somebody_plays_is_changed_on_the_spot_and_remembered(clock, manager_web):
    anna, bo = make_contact(name="Anna"), make_contact(name="Bo")
    Contact.objects.filter(pk=bo.pk).update(survey_part="finance")  # somebody else did, after the page was read
    round = make_round(audience={})

    manager_web.post(
        step(round, "people"),
        {
            "action": "page",
            f"was-{anna.public_id}": "other",
            f"part-{anna.public_id}": "decision_maker",
            f"was-{bo.public_id}": "other",
            f"part-{bo.public_id}": "day_to_day",
            "part-c_unknown0": "finance",
            "was-c_unknown0": "other",
        },
    )

    assert dict(Contact.objects.values_list("name", "survey_part")) == {"Anna": "decision_maker", "Bo": "finance"}
    anna.refresh_from_db()
    assert (anna.version, anna.history.first().survey_part) == (2, "decision_maker")


def test_one_address_at_two_clients_is_shown(clock, manager_web):
    make_contact(client=make_client(name="First"), email="rosa@both.example")
    make_contact(client=make_client(name="Second"), email="rosa@both.example")
    round = make_round(audience={})

    page = manager_web.get(step(round, "people"))

    assert [row["elsewhere"] for row in page.context["rows"]] == [["Second"], ["First"]]


def test_a_person_is_on_the_list_once_however_often_they_are_added(clock):
    make_contact()
    round = make_round(audience={})

    counts = [audience.add(round, audience.matching({})) for _turn in range(2)]

    assert counts == [1, 0]
    assert Invitation.objects.count() == 1


# -------------------------------------------------------------------- the sentence


def test_the_sentence_is_right_for_one_and_for_many(clock):
    priya, tom = make_user(name="Priya Raman"), make_user(name="Tom Okafor")
    round = make_round(opens_at=OPENS, due_on=date(2026, 12, 14), closes_on=date(2026, 12, 18), reminder_days=[1])
    listed(round, make_contact(client=make_client(owner=priya)))

    assert said(round) == (
        "On Tue 1 Dec at 09:00 we write to 1 person at 1 client. Priya signs the mail. "
        "Who has not answered is reminded after 1 working day. "
        "Answers are due on Mon 14 Dec, and the round closes on Fri 18 Dec."
    )
    listed(
        round, make_contact(client=make_client(owner=tom, time_zone="America/New_York", country="USA")), make_contact()
    )
    round.wave_size, round.reminder_days = 2, [4, 9]
    text = said(round)
    assert text.startswith(
        "On Tue 1 Dec at 09:00 we write to 3 people at 3 clients, 2 a day until Wed 2 Dec, each in their own morning."
    )
    assert "Priya" in text
    assert "sign their own. Who has not answered is reminded after 4 and 9 working days." in text


def test_the_sentence_names_the_day_mail_really_goes_out(clock):
    saturday = datetime(2026, 12, 5, 9, tzinfo=UTC)
    round = listed(make_round(opens_at=saturday, reminder_days=[]), make_contact())

    assert said(round).startswith("On Mon 7 Dec at 09:00 we write to 1 person at 1 client.")


# -------------------------------------------------------------------- the calendar


def test_the_calendar_shows_every_day_with_what_happens_and_who_is_away(clock):
    round = make_round(
        opens_at=OPENS, due_on=date(2026, 12, 19), closes_on=date(2026, 12, 28), reminder_days=[4], wave_size=2
    )
    for country in ("Germany", "Spain", "Spain"):
        listed(round, make_contact(client=make_client(country=country)))

    shown = strip.strip_of(round, calendar=firm_calendar(), now=NOW)

    days = {day.date: day for day in shown.days}
    assert list(days) == [date(2026, 12, 1) + timedelta(days=n) for n in range(28)]
    assert [words for _kind, words in days[date(2026, 12, 1)].marks] == ["2 mails"]
    assert [words for _kind, words in days[date(2026, 12, 2)].marks] == ["1 mail"]
    assert [words for _kind, words in days[date(2026, 12, 7)].marks] == ["reminder 1"]
    assert days[date(2026, 12, 8)].away_words == ["2 clients on holiday: Immaculate Conception"]
    assert days[date(2026, 12, 25)].why_not == "Christmas Day"
    assert [(day, why) for day, _what, why in shown.warnings] == [
        (date(2026, 12, 19), "weekend"),
        (date(2026, 12, 28), "Boxing Day (observed)"),
    ]
    assert [len(week) for week in shown.weeks] == [7, 7, 7, 7, 7]


def test_a_round_of_a_year_does_not_fill_a_page(clock):
    round = make_round(opens_at=OPENS, due_on=date(2027, 11, 1), closes_on=date(2027, 12, 1))

    shown = strip.strip_of(round, calendar=firm_calendar(), now=NOW)

    assert (len(shown.days), shown.cut) == (strip.MOST_DAYS, True)


# -------------------------------------------------------------------- the preflight


def test_the_preflight_finds_dates_and_languages_that_do_not_fit(clock, settings):
    settings.MAILBOX, settings.DEFAULT_FROM_EMAIL = False, ""
    twin = make_client()
    round = make_round(
        state="beliefs", opens_at=OPENS, due_on=date(2026, 12, 8), closes_on=date(2026, 12, 12),
        reminder_days=[4, 6, 13], beliefs_due_on=date(2026, 12, 4),
    )  # fmt: skip
    listed(
        round,
        make_contact(language="ja", survey_part="decision_maker"),
        make_contact(client=twin, name="Ann", survey_part="decision_maker"),
        make_contact(client=twin, name="Ann"),
    )

    there = found(round)

    assert sorted(there) == [
        "beliefs_late",
        "closes_early",
        "closes_off",
        "language",
        "mail",
        "reminder_late",
        "same_name",
    ]
    assert there["mail"].blocks
    assert there["language"].words == "1 person reads a language the questions are not offered in: Japanese."
    assert there["reminder_late"].words == "A reminder goes out after answers are due on Tue 8 Dec: Wed 9 Dec."
    assert all(finding.mend_url for finding in there.values())


def test_each_name_of_a_finding_leads_to_where_it_is_mended(clock, manager_web):
    client = make_client(name="Tidewell")
    gone = make_contact(client=client, name="Rosa", mail_state="bounced")
    round = listed(make_round(opens_at=OPENS), make_contact(), gone)

    finding = found(round)["bounced"]

    assert finding.names == [("Rosa, Tidewell", reverse("contact_edit", args=[client.public_id, gone.public_id]))]
    assert manager_web.get(finding.mend_url).context["rows"][0]["contact"] == gone


# -------------------------------------------------------------------- test mail


def test_the_test_mail_is_a_chosen_persons_in_a_chosen_language(clock, manager_web, deliver_queued):
    round = listed(make_round(opens_at=OPENS), make_contact(name="Rosa Delgado"), make_contact(name="Jun Ito"))
    jun = round.invitations.get(contact__name="Jun Ito")

    page = manager_web.get(step(round, "check", f"?person={jun.public_id}")).content.decode()
    manager_web.post(reverse("survey_test_mail", args=[round.public_id]), {"person": jun.public_id, "language": "de"})

    assert "Jun," in page
    (mail,) = deliver_queued()
    assert mail.to == ["Martin Cole <martin@firm.example>"]
    assert "Jun" in mail.body
    assert f"person={jun.public_id}&lang=de" in mail.body
    assert "/s/" not in mail.body


@pytest.mark.parametrize(
    "chosen", [{"person": "\x00"}, {"person": "n_nobody00", "language": "xx"}, {"person": "x" * 9000}]
)
def test_a_test_mail_for_nonsense_is_the_first_persons(clock, manager_web, deliver_queued, chosen):
    round = listed(make_round(opens_at=OPENS), make_contact(name="Rosa Delgado"))

    manager_web.post(reverse("survey_test_mail", args=[round.public_id]), chosen)

    (mail,) = deliver_queued()
    assert "Rosa" in mail.body


# -------------------------------------------------------------------- opening


def test_opening_as_planned_leaves_everybodys_morning_to_them(clock, manager_web):
    round = listed(make_round(state="beliefs", opens_at=OPENS), make_contact(survey_part="decision_maker"))

    manager_web.post(step(round, "check"), {"when": "planned"})

    round.refresh_from_db()
    assert (round.state, round.invitations.get().send_at) == (Round.State.OPEN, OPENS)


# -------------------------------------------------------------------- last year as a start


def test_last_years_round_is_a_start(clock, manager_web):
    anna, gone = make_contact(name="Anna"), make_contact(name="Gone", left_at=NOW)
    before = make_round(
        state="closed", name="Spring 2025", year=2025, audience={"stage": "active", "lately": "none"}, wave_size=12,
        wait_for_beliefs=True, ask_team=False, reminder_days=[5, 12], beliefs_due_on=date(2025, 11, 28),
        opens_at=datetime(2025, 12, 1, 8, 30, tzinfo=UTC), due_on=date(2025, 12, 15), closes_on=date(2025, 12, 19),
    )  # fmt: skip
    for contact in (anna, gone):
        make_invitation(round=before, contact=contact)

    page = manager_web.get(reverse("survey_new") + f"?from={before.public_id}")
    form = page.context["form"]
    data = {field.html_name: field.value() for field in form if field.value() is not None}
    manager_web.post(reverse("survey_new"), data)

    round = Round.objects.exclude(pk=before.pk).get()
    assert (round.name, round.year, round.state, round.steps_done) == ("Spring 2026", 2026, "draft", [])
    assert (round.questionnaire, round.audience, round.wave_size) == (before.questionnaire, before.audience, 12)
    assert (round.ask_team, round.wait_for_beliefs, round.reminder_days) == (False, True, [5, 12])
    assert round.opens_at == datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    assert (round.beliefs_due_on, round.due_on, round.closes_on) == (
        date(2026, 11, 30),  # 28 November is a Saturday this year
        date(2026, 12, 15),
        date(2026, 12, 21),
    )
    assert [i.contact for i in round.invitations.all()] == [anna]


def test_dates_of_long_ago_move_on_until_they_lie_ahead(clock):
    before = make_round(state="closed", opens_at=datetime(2020, 2, 29, 9, tzinfo=UTC), due_on=date(2020, 3, 9))

    moved = copies.moved_on(before, now=NOW)

    assert moved["opens_at"].date() == date(2027, 3, 1)  # 28 February is a Sunday
    assert moved["due_on"] == date(2027, 3, 9)


def test_a_start_that_does_not_exist_is_refused(clock, manager_web):
    make_round(state="closed")
    data = {"name": "X", "year": 2026, "based_on": "r_other", "idempotency_key": "6b1f2f9e-8a55-4d2e-9a38-000000000001"}

    assert manager_web.post(reverse("survey_new"), data).status_code == 422


# -------------------------------------------------------------------- what it costs


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite adds people row by row")
def test_adding_many_people_is_one_statement_on_postgresql(clock, django_assert_max_num_queries):
    for _n in range(3):
        make_contact()
    round = make_round(audience={})

    with django_assert_max_num_queries(4):
        assert audience.add(round, audience.matching({}), lately=90) == 3

    assert {len(i.public_id) for i in round.invitations.all()} == {14}
    assert connection.vendor == "postgresql"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("query", ["", "?filter=1&left=no_email", "?filter=1&tag=x&words=c&on_list=yes"])
def test_the_people_step_costs_the_same_for_any_number(clock, manager_web, count, query, django_assert_max_num_queries):
    for n in range(count):
        make_contact(email=f"{n}@same.example", client=make_client(tags=["x"]))
    round = make_round(audience={})

    with django_assert_max_num_queries(21):
        assert manager_web.get(step(round, "people", query)).status_code == 200


@pytest.mark.parametrize(
    "query", ["?filter=1&left=zzz", "?filter=1&tag=%EF%BF%BF", "?filter=1&lately=-9", "?page=x&on_list=maybe"]
)
def test_any_filter_gives_a_page(clock, manager_web, query):
    make_contact()

    assert manager_web.get(step(make_round(audience={}), "people", query)).status_code == 200


def test_saved_says_when(clock, manager_web):
    round = make_round(saved_at=timezone.now(), created_by=make_manager())

    assert "saved 09:30" in manager_web.get(step(round, "dates")).content.decode()

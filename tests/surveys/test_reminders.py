"""Reminders on their days and no others, and what becomes of answers that did not come."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.urls import reverse

from clients.models import Client, Contact
from outbox.models import Email
from promises import reminders as promise_reminders
from promises.models import DigestWord
from surveys import launch, overdue, reminders, sending
from surveys.models import Invitation, InvitationMessage
from tests.conftest import NOW, browser_of
from tests.make import (
    answer_survey,
    make_belief,
    make_client,
    make_contact,
    make_interaction,
    make_invitation,
    make_manager,
    make_round,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)
State, Why = Invitation.State, Invitation.OverdueReason


def noon(day, month=11):
    return datetime(2026, month, day, 12, tzinfo=UTC)


def written(kind="surveys.reminder"):
    return [(mail.to_email, mail.key.rpartition(":")[2]) for mail in Email.objects.filter(kind=kind).order_by("pk")]


def asked(*, round=None, client=None, **fields):
    contact_fields = {
        name: fields.pop(name) for name in list(fields) if name in ("email", "survey_part", "name", "phone")
    }
    contact = make_contact(client=client, **contact_fields)
    return make_invitation(round=round or make_round(state="open"), contact=contact, **fields)


def plan_days(clock, days, start=NOW):
    """The clock at noon of so many days, and the mails go out."""
    from outbox.delivery import drain

    for n in range(days):
        clock.move_to(start + n * DAY)
        reminders.plan(start + n * DAY)
        drain()


# -------------------------------------------------------------------- reminders


def test_three_reminders_on_their_working_days_and_never_a_fourth(clock):
    asked()

    plan_days(clock, 40)

    days = Email.objects.filter(kind="surveys.reminder").order_by("sent_at").values_list("sent_at", flat=True)
    assert [day.date().isoformat() for day in days] == ["2026-11-25", "2026-12-02", "2026-12-08"]
    assert [step for _to, step in written()] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "settled",
    [
        {"state": State.SUBMITTED}, {"state": State.DECLINED}, {"state": State.UNDELIVERABLE}, {"state": State.CLOSED},
        {"state": State.WITHDRAWN}, {"contact__mail_state": Contact.MailState.UNSUBSCRIBED},
        {"contact__mail_state": Contact.MailState.BOUNCED}, {"contact__left_at": NOW}, {"contact__email": ""},
        {"contact__survey_part": Contact.SurveyPart.NOT_SURVEYED}, {"client__archived_at": NOW},
        {"round__paused_at": NOW}, {"round__state": "closed"},
    ],
    ids=str,
)  # fmt: skip
def test_nobody_is_reminded_of_what_is_settled(settled):
    invitation = asked()
    for name, value in settled.items():
        record, _dunder, field = name.rpartition("__")
        row = getattr(invitation, record) if record else invitation
        setattr(row, field, value)
        row.save()

    reminders.plan(noon(25))

    assert written() == []


def test_a_person_asked_at_two_clients_gets_one_reminder_and_the_other_days_later(clock):
    round = make_round(state="open")
    asked(round=round, email="rosa@a.example")
    asked(round=round, email="rosa@a.example")

    plan_days(clock, 14, start=noon(25))

    days = [mail.sent_at.date() for mail in Email.objects.filter(kind="surveys.reminder").order_by("sent_at")]
    assert len(days) >= 2
    assert all((later - earlier).days >= 3 for earlier, later in pairwise(days))


def test_another_mail_shifts_a_reminder_and_neither_loses_nor_doubles_it(clock):
    invitation = asked(email="rosa@a.example")
    other, _new = Email.objects.queue(kind="surveys.invitation", key="other", to="rosa@a.example", subject="x")
    Email.objects.filter(pk=other.pk).update(state="sent", sent_at=noon(24), next_try_at=None)

    plan_days(clock, 6, start=noon(25))

    [mail] = Email.objects.filter(kind="surveys.reminder")
    assert mail.sent_at.date() == date(2026, 11, 27)
    assert InvitationMessage.objects.filter(invitation=invitation, step__in=[1, 2, 3]).count() == 1


def test_many_held_back_do_not_hold_back_the_others(monkeypatch):
    monkeypatch.setattr(reminders, "BATCH", 2)
    round = make_round(state="open")
    for n in range(5):
        asked(round=round, email=f"held{n}@a.example")
        other, _new = Email.objects.queue(
            kind="surveys.invitation", key=f"other{n}", to=f"held{n}@a.example", subject="x"
        )
        Email.objects.filter(pk=other.pk).update(state="sent", sent_at=noon(24), next_try_at=None)
    asked(round=round, email="free@a.example")

    reminders.plan(noon(25))

    assert written() == [("free@a.example", "1")]


@pytest.mark.parametrize(
    ("zone", "planned_at", "goes_out"),
    [
        ("Europe/London", datetime(2026, 11, 25, 0, 5, tzinfo=UTC), datetime(2026, 11, 25, 9, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 25, 0, 5, tzinfo=UTC), datetime(2026, 11, 25, 14, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 11, 25, 0, 5, tzinfo=UTC), None),  # five past nine there
        ("Asia/Tokyo", datetime(2026, 11, 25, 15, tzinfo=UTC), datetime(2026, 11, 26, 0, tzinfo=UTC)),  # midnight there
        ("Europe/London", datetime(2026, 11, 25, 12, tzinfo=UTC), None),
        ("Pacific/Auckland", datetime(2026, 11, 25, 0, 5, tzinfo=UTC), None),  # five past one in the afternoon there
        ("Pacific/Auckland", datetime(2026, 11, 25, 12, tzinfo=UTC), datetime(2026, 11, 25, 20, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 25, 0, 5, tzinfo=UTC), datetime(2026, 11, 25, 17, tzinfo=UTC)),
    ],
)
def test_reminders_go_out_in_the_morning_where_people_live(zone, planned_at, goes_out):
    assert reminded(zone, planned_at) == goes_out


def test_reminders_keep_the_hour_of_the_round():
    planned_at = datetime(2026, 11, 25, 0, 5, tzinfo=UTC)

    assert reminded("Europe/London", planned_at, hour=11) == datetime(2026, 11, 25, 11, tzinfo=UTC)
    assert reminded("America/Los_Angeles", planned_at, hour=7) == datetime(2026, 11, 25, 15, tzinfo=UTC)


def test_nobody_is_reminded_on_their_own_holiday():
    planned_at = datetime(2026, 11, 26, 8, tzinfo=UTC)  # Thanksgiving, midnight in Los Angeles

    assert reminded("America/Los_Angeles", planned_at, country="USA") == datetime(2026, 11, 27, 17, tzinfo=UTC)


def reminded(zone, planned_at, *, hour=9, country=""):
    """When the reminder of somebody there may go out."""
    round = make_round(state="open", opens_at=datetime(2026, 11, 19, hour, tzinfo=UTC))
    contact = make_contact(client=make_client(country=country), time_zone=zone)
    invitation = make_invitation(round=round, contact=contact)

    reminders.plan(planned_at)

    return invitation.messages.get(step=1).email.not_before


# -------------------------------------------------------------------- overdue


def overdue_round(**fields):
    return make_round(state="open", **{"due_on": date(2026, 11, 18), "closes_on": date(2026, 12, 18), **fields})


def test_it_is_flagged_once_and_the_reason_of_that_day_is_kept():
    invitation = asked(round=overdue_round())

    flagged = [reminders.flag_overdue(NOW), reminders.flag_overdue(NOW + DAY)]
    Contact.objects.update(left_at=NOW)
    reminders.flag_overdue(NOW + 2 * DAY)

    invitation.refresh_from_db()
    assert flagged == [1, 0]
    assert (invitation.overdue_reason, invitation.overdue_flagged_at) == (Why.NO_ANSWER, NOW)


def test_whoever_was_withdrawn_is_never_overdue():
    asked(round=overdue_round(), state=State.WITHDRAWN)

    assert reminders.flag_overdue(NOW) == 0


def test_the_flag_stands_in_the_clients_timeline_and_on_the_list(web):
    client = make_client(owner=web.user)
    round = overdue_round()
    asked(round=round, client=client, name="Rosa Delgado")
    reminders.flag_overdue(NOW)

    story = web.get(client.get_absolute_url()).content.decode()
    page = web.get(reverse("survey_overdue", args=[round.public_id])).content.decode()

    assert f"had not answered {round.name} when it was due: no answer" in story
    assert "Rosa Delgado" in page


def test_the_owner_reads_in_the_digest_once_how_many_are_overdue_and_why(clock, deliver_queued):
    owner = make_user(name="Priya")
    client = make_client(owner=owner)
    round = overdue_round()
    asked(round=round, client=client)
    asked(round=round, client=client, state=State.UNDELIVERABLE)
    reminders.flag_overdue(NOW)

    bodies = []
    for n in range(3):
        clock.move_to(NOW + n * DAY)
        promise_reminders.plan(NOW + n * DAY)
        bodies += [mail.body for mail in deliver_queued() if owner.email in mail.to[0]]

    assert len(bodies) == 1
    assert "2 answers are overdue" in bodies[0]
    assert f"{round.name}: 1 no answer, 1 undeliverable" in bodies[0]
    assert DigestWord.objects.get().key == f"overdue:{round.pk}:2026-11-19"


def test_answers_that_came_before_the_digest_are_not_in_it(clock, deliver_queued):
    invitation = asked(round=overdue_round())
    reminders.flag_overdue(NOW)
    promise_reminders.plan(NOW)

    answer_survey(invitation, overall=7)

    assert [mail for mail in deliver_queued() if "overdue" in mail.subject] == []


def test_the_list_counts_reasons_and_says_what_helps_with_each(manager_web):
    round = overdue_round(wait_for_beliefs=True)
    client = make_client()
    asked(round=round, name="Quiet One", phone="0113 496 0000")
    asked(round=round, name="Bounced One", state=State.UNDELIVERABLE)
    asked(round=round, name="Stopped One", state=State.DECLINED)
    make_belief(round=round, client=client)
    asked(round=round, name="Held One", client=client, state=State.PENDING)
    reminders.flag_overdue(NOW)

    page = manager_web.get(reverse("survey_overdue", args=[round.public_id])).content.decode()
    bounced = manager_web.get(reverse("survey_overdue", args=[round.public_id]) + "?why=undeliverable")

    assert [
        words in page for words in ("All 4", "No answer 1", "Undeliverable 1", "Opted out 1", "Belief missing 1")
    ] == [True] * 5
    assert "Mend the address, or ask for the right one by telephone." in bounced.content.decode()
    names = ("Quiet One", "Bounced One", "Stopped One", "Held One")
    assert [name in bounced.content.decode() for name in names] == [False, True, False, False]


def test_a_client_for_its_team_only_stands_on_nobody_elses_list(web):
    round = overdue_round()
    client = make_client(name="Closed Ltd", visibility="team_only")
    asked(round=round, client=client, name="Hidden One", survey_part="decision_maker")
    reminders.flag_overdue(NOW)
    pages = [web.get(reverse(name, args=[round.public_id])) for name in ("survey_overdue", "survey_calls")]

    assert [("Hidden One" in page.content.decode(), page.status_code) for page in pages] == [(False, 200)] * 2


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize("name", ["survey_overdue", "survey_calls", "survey_silent"])
def test_each_list_costs_the_same_for_any_length(manager_web, people, name, django_assert_max_num_queries):
    round = overdue_round()
    for _n in range(people):
        make_belief(round=round, client=asked(round=round, survey_part="decision_maker").client, overall=8)
    reminders.flag_overdue(NOW)
    round.beliefs.seal(now=NOW)
    if name == "survey_silent":
        launch.close(round, by=manager_web.user, now=NOW)

    with django_assert_max_num_queries(16):
        assert manager_web.get(reverse(name, args=[round.public_id])).status_code == 200


# -------------------------------------------------------------------- whom to call


def test_silent_decision_makers_are_called_by_value_then_by_who_was_not_spoken_to_for_longest(manager_web):
    round = overdue_round()
    for name, band, spoken in (
        ("Unvalued", "", None), ("Cheap", "D", None), ("Dear Recent", "A", NOW - DAY), ("Dear Never", "A", None),
    ):  # fmt: skip
        client = make_client(name=name, value_band=band)
        asked(round=round, client=client, name=f"Boss of {name}", survey_part="decision_maker")
        Client.objects.filter(pk=client.pk).update(last_interaction_at=spoken)
    asked(round=round, name="Day to day", survey_part="day_to_day")
    answered = asked(round=round, name="Answered", survey_part="decision_maker")
    answer_survey(answered, overall=8)
    reminders.flag_overdue(NOW)

    rows = overdue.silent_decision_makers(round, manager_web.user)

    assert [row.contact.name for row in rows] == [
        "Boss of Dear Never", "Boss of Dear Recent", "Boss of Cheap", "Boss of Unvalued",
    ]  # fmt: skip


def test_the_call_list_says_number_last_contact_belief_and_strikes_who_was_spoken_to(web, clock):
    client = make_client(owner=web.user)
    round = overdue_round()
    invitation = asked(round=round, client=client, name="Rosa", survey_part="decision_maker", phone="0113 496 0001")
    make_belief(round=round, client=client, **dict.fromkeys([q.key for q in round.asked if q.kind == "scale"], 8))
    round.beliefs.seal(now=NOW - DAY)
    reminders.flag_overdue(NOW)
    address = reverse("survey_calls", args=[round.public_id])

    before = web.get(address).content.decode()
    assert before.count("Log the call") == 1
    log = web.get(overdue.log_call(client, invitation.contact)).content.decode()
    clock.shift(timedelta(hours=1))
    make_interaction(client=client, contacts=[invitation.contact], author=web.user)
    after = web.get(address).content.decode()

    assert ["tel:0113 496 0001" in before, ">8.0</td>" in before, "Log the call" in before] == [True] * 3
    assert "Rosa" in log
    assert ['class="is-done">Rosa' in after, "Log the call" in after] == [True, False]


def test_who_owes_a_belief_is_not_told_what_others_believe(web):
    client = make_client(team=[web.user])
    round = overdue_round()
    asked(round=round, client=client, survey_part="decision_maker")
    make_belief(round=round, client=client, **dict.fromkeys([q.key for q in round.asked if q.kind == "scale"], 8))
    make_belief(round=round, client=client, user=web.user, required=False)
    round.beliefs.seal(now=NOW - DAY)
    reminders.flag_overdue(NOW)

    [call] = overdue.as_calls(round, overdue.silent_decision_makers(round, web.user), web.user)

    assert call.believed == ""


# -------------------------------------------------------------------- silence


def test_at_the_close_silence_is_a_ranked_list_with_a_reason_and_what_to_do(manager_web):
    round = overdue_round()
    decides = make_client(name="Boss silent", value_band="C")
    asked(round=round, client=decides, survey_part="decision_maker")
    asked(round=round, client=make_client(name="Bounced", value_band="A"), state=State.UNDELIVERABLE)
    asked(round=round, client=make_client(name="Plain"))
    answer_survey(asked(round=round, client=make_client(name="Heard")), overall=7)
    asked(round=round, client=make_client(name="Taken off"), state=State.WITHDRAWN)
    reminders.flag_overdue(NOW)
    launch.close(round, by=manager_web.user, now=NOW)

    found = overdue.as_silent(round, overdue.silent(round, manager_web.user))
    page = manager_web.get(reverse("survey_silent", args=[round.public_id])).content.decode()

    assert [(one.client.name, [(str(label), n) for label, n in one.reasons]) for one in found] == [
        ("Boss silent", [("no answer", 1)]),
        ("Bounced", [("undeliverable", 1)]),
        ("Plain", [("no answer", 1)]),
    ]
    assert ["Boss silent" in page, "Heard" in page, "Mend the address" in page] == [True, False, True]


def test_silence_stands_on_the_client_page_and_in_how_the_relationship_stands(web):
    client = make_client(owner=web.user)
    round = overdue_round()
    asked(round=round, client=client)
    launch.close(round, by=make_manager(), now=NOW)

    page = web.get(client.get_absolute_url()).content.decode()

    assert f"{round.name} closed, and nobody here had answered" in page
    assert f"Nobody answered {round.name}" in page


def test_an_open_round_has_no_silent_clients_yet(manager_web):
    round = overdue_round()

    assert manager_web.get(reverse("survey_silent", args=[round.public_id])).status_code == 404


def test_sending_is_not_disturbed(clock):
    """The whole way: invited, reminded three times, overdue, silent."""
    round = make_round(state="beliefs", due_on=date(2026, 12, 10), closes_on=date(2026, 12, 17))
    owner = make_user()
    asked(round=round, client=make_client(owner=owner), state=State.PENDING)
    launch.launch(round, by=make_manager(), now=NOW)
    from outbox.delivery import drain

    for n in range(33):
        now = NOW + n * DAY
        clock.move_to(now)
        for verb in (launch.close_due, sending.send_due, sending.follow_outbox, reminders.plan, reminders.flag_overdue):
            verb(now)
        drain()

    assert [step for _to, step in written()] == ["1", "2", "3"]
    invitation = round.invitations.get()
    assert (invitation.state, invitation.overdue_reason) == (State.CLOSED, Why.NO_ANSWER)
    assert [one.client for one in overdue.as_silent(round, overdue.silent(round, owner))] == [invitation.client]
    assert browser_of(owner).get(reverse("survey_silent", args=[round.public_id])).status_code == 200

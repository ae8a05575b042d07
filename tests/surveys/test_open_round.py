"""An open round: its dates, its people, one mail again; what changes with them and what stays frozen."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from outbox.models import Email
from surveys import launch, open_round, reminders, send_again, sending
from surveys.models import InvitationMessage, NotPossibleNow, Round
from tests.conftest import NOW
from tests.make import (
    answer_survey,
    mail_of,
    make_client,
    make_contact,
    make_invitation,
    make_manager,
    make_round,
    make_user,
)
from tests.surveys.test_pages import form_data

pytestmark = pytest.mark.django_db
GONE = "The reminders after 4 working days have begun to go out; leave them at the front."
DUE, CLOSES = date(2026, 12, 10), date(2026, 12, 17)


def opened(people=1, **fields):
    """A round opened now, with so many people whose mails are written and sent."""
    fields = {"due_on": DUE, "closes_on": CLOSES, **fields}
    round = make_round(state="beliefs", **fields)
    for _n in range(people):
        make_invitation(round=round, contact=make_contact(), state="pending")
    launch.launch(round, by=make_manager(), now=NOW)
    sending.send_due(NOW)
    return round


def page(round, name="survey_dates"):
    return reverse(name, args=[round.public_id])


def typed(manager_web, round, **change):
    return {**form_data(manager_web.get(page(round))), **change}


# -------------------------------------------------------------------- dates


def test_new_dates_are_looked_at_before_they_are_saved(clock, manager_web):
    round = opened(2)
    data = typed(manager_web, round, closes_on="2026-12-19")

    looked = manager_web.post(page(round), data)

    words = looked.content.decode()
    assert "Answers are taken until Sat 19 Dec 2026" in words
    assert "2 mails that wait take the new closing day." in words
    assert "Sat 19 Dec 2026 is no working day: weekend." in words
    round.refresh_from_db()
    assert round.closes_on == CLOSES

    manager_web.post(page(round), {**form_data(looked), "save": "1"})

    round.refresh_from_db()
    assert round.closes_on == date(2026, 12, 19)
    assert set(Email.objects.values_list("expires_at", flat=True)) == {
        datetime(2026, 12, 19, 23, 59, 59, 999999, tzinfo=UTC)
    }
    event = round.events.last()
    assert (event.kind, event.note) == ("dates", "Closes: Thu 17 Dec 2026 → Sat 19 Dec 2026")


def test_a_later_due_day_takes_the_flags_back_and_flags_again_later(clock):
    round = opened(1)
    Email.objects.update(state="sent", sent_at=NOW, next_try_at=None)
    sending.follow_outbox(NOW)
    clock.move_to(datetime(2026, 12, 11, 10, tzinfo=UTC))
    reminders.flag_overdue(timezone.now())
    assert round.invitations.overdue().count() == 1

    open_round.change_dates(
        round, version=round.version, by=make_manager(), now=timezone.now(), due_on=date(2026, 12, 15)
    )

    assert round.invitations.overdue().count() == 0
    clock.move_to(datetime(2026, 12, 16, 10, tzinfo=UTC))
    reminders.flag_overdue(timezone.now())
    assert round.invitations.overdue().count() == 1


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"closes_on": "2026-11-18"}, "closes_on", "Choose today or a later day; to end it now, close the round."),
        ({"closes_on": "2026-12-09"}, "closes_on", "Choose the day answers are due, or a later one."),
        ({"due_on": "soon"}, "due_on", "Enter a valid date."),
        ({"reminders": "5, 9"}, "reminders", GONE),
        ({"reminders": "4, 5, 6, 7"}, "reminders", "At most three reminders: nobody wants a fourth."),
        ({"wave_size": "0"}, "wave_size", "Ensure this value is greater than or equal to 1."),
    ],
)  # fmt: skip
def test_dates_that_cannot_be_are_refused_in_words(clock, manager_web, change, field, words):
    round = opened(1)
    first = mail_of(round.invitations.get())
    InvitationMessage.objects.create(invitation=round.invitations.get(), email=_reminder(first), step=1)

    answer = manager_web.post(page(round), typed(manager_web, round, **change))

    assert answer.status_code == 422
    assert answer.context["form"].errors[field] == [words]


def _reminder(first):
    return Email.objects.queue(kind="surveys.reminder", key="r", to=first.to_email, subject="Re")[0]


def test_a_stale_page_of_dates_shows_both_versions_and_saves_nothing(clock, manager_web):
    round = opened(1)
    data = typed(manager_web, round, due_on="2026-12-11")
    Round.objects.filter(pk=round.pk).update(due_on=date(2026, 12, 14), version=round.version + 1)

    answer = manager_web.post(page(round), {**data, "save": "1"})

    assert answer.status_code == 409
    assert "2026-12-14" in answer.content.decode()
    round.refresh_from_db()
    assert round.due_on == date(2026, 12, 14)
    assert not round.events.filter(kind="dates").exists()


def test_a_smaller_wave_plans_anew_what_is_still_to_be_written(clock):
    round = opened(6, wave_size=2)
    before = sorted(round.invitations.filter(queued_at=None).values_list("send_at", flat=True))

    open_round.change_dates(round, version=round.version, by=make_manager(), now=NOW, wave_size=1)

    after = sorted(round.invitations.filter(queued_at=None).values_list("send_at", flat=True))
    assert len({at.date() for at in before}) == 2
    assert [at.date().day for at in after] == [20, 23, 24, 25]


def test_what_was_frozen_stays_frozen(clock):
    round = opened(1)
    Round.objects.filter(pk=round.pk).update(thresholds={"respect": 1.5})
    round.refresh_from_db()
    weight, snapshot = round.invitations.get().weight, round.snapshot

    open_round.change_dates(round, version=round.version, by=make_manager(), now=NOW, due_on=date(2026, 12, 11))
    open_round.add_person(round, make_contact(survey_part="decision_maker"), by=make_manager(), now=NOW)

    round.refresh_from_db()
    assert (round.thresholds, round.snapshot) == ({"respect": 1.5}, snapshot)
    assert round.invitations.order_by("pk").first().weight == weight


# -------------------------------------------------------------------- people


def test_a_forgotten_person_is_added_and_their_owner_asked_first(clock, manager_web):
    round = opened(1)
    owner = make_user(name="Tom Okafor")
    rosa = make_contact(client=make_client(name="Tidewell Water", owner=owner), name="Rosa Delgado")

    found = manager_web.get(page(round, "survey_people") + "?words=rosa").content.decode()
    manager_web.post(page(round, "survey_people"), {"add": rosa.public_id})
    manager_web.post(page(round, "survey_people"), {"add": rosa.public_id})

    assert "Rosa Delgado" in found
    asked = round.invitations.get(contact=rosa)
    assert asked.send_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    belief = round.beliefs.get(client=rosa.client)
    assert (belief.user, belief.required, belief.sealed_at) == (owner, True, None)
    assert [e.note for e in round.events.filter(kind="people")] == ["Added Rosa Delgado, Tidewell Water."]
    clock.move_to(asked.send_at)
    assert sending.send_due(asked.send_at) == 1
    belief.refresh_from_db()
    assert belief.sealed_at == asked.send_at


@pytest.mark.parametrize("broken", [{"email": ""}, {"mail_state": "unsubscribed"}, {"left_at": NOW}])
def test_who_cannot_be_asked_is_not_added(clock, broken):
    round = opened(1)

    with pytest.raises(NotPossibleNow):
        open_round.add_person(round, make_contact(**broken), by=make_manager(), now=NOW)

    assert round.invitations.count() == 1


def test_somebody_not_yet_written_to_is_taken_off_and_others_are_not(clock, manager_web):
    round = opened(2, wave_size=1)
    sent, waits = round.invitations.order_by("pk")
    if sent.queued_at is None:
        sent, waits = waits, sent

    manager_web.post(page(round, "survey_people"), {"off": waits.public_id})
    manager_web.post(page(round, "survey_people"), {"off": sent.public_id})

    assert list(round.invitations.all()) == [sent]
    assert not round.beliefs.filter(client=waits.client).exists()
    assert round.events.filter(kind="people").count() == 1


def test_a_closed_round_changes_no_more(clock, manager_web):
    round = opened(1)
    launch.close(round, by=make_manager(), now=NOW)

    assert manager_web.get(page(round)).status_code == 404
    assert manager_web.post(page(round, "survey_people"), {"add": make_contact().public_id}).status_code == 404
    with pytest.raises(NotPossibleNow):
        open_round.change_dates(round, version=round.version, by=make_manager(), now=NOW, due_on=DUE)


# -------------------------------------------------------------------- one mail again


def again(round, invitation):
    return reverse("survey_again", args=[round.public_id, invitation.public_id])


def test_one_person_gets_the_invitation_again_with_a_link_of_its_own(clock, manager_web, deliver_queued):
    round = opened(1)
    deliver_queued()
    sending.follow_outbox(NOW)
    invitation = round.invitations.get()

    shown = manager_web.get(again(round, invitation)).content.decode()
    manager_web.post(again(round, invitation))
    manager_web.post(again(round, invitation))

    assert "Send it now" in shown
    (mail,) = deliver_queued()
    assert mail.to == [f"{invitation.contact.name} <{invitation.contact.email}>"]
    assert [message.step for message in invitation.messages.all()] == [0, InvitationMessage.FRESH]
    first, second = [message.email.link_sha256 for message in invitation.messages.select_related("email")]
    assert first != second


def test_a_mail_that_failed_goes_out_again_as_itself_to_the_right_address(clock):
    round = opened(1)
    invitation = round.invitations.get()
    email = mail_of(invitation)
    Email.objects.filter(pk=email.pk).update(state="failed", next_try_at=None)
    sending.follow_outbox(NOW)
    invitation.contact.email = "right@client.example"
    invitation.contact.save()
    invitation.refresh_from_db()

    send_again.send_again(invitation, by=make_manager(), now=NOW)

    again_ = Email.objects.get()
    invitation.refresh_from_db()
    assert (again_.pk, again_.message_id, again_.state) == (email.pk, email.message_id, "queued")
    assert again_.to_email == "right@client.example"
    assert invitation.state == "pending"


def test_nothing_is_sent_again_to_who_answered_or_asked_us_to_stop(clock):
    round = opened(2)
    Email.objects.update(state="sent", sent_at=NOW, next_try_at=None)
    sending.follow_outbox(NOW)
    answered, stopped = round.invitations.order_by("pk")
    answer_survey(answered, overall=7)
    stopped.contact.mail_state = "unsubscribed"
    stopped.contact.save()
    count = Email.objects.count()

    for invitation in round.invitations.with_people():
        with pytest.raises(NotPossibleNow):
            send_again.send_again(invitation, by=make_manager(), now=NOW)

    assert Email.objects.count() == count


# -------------------------------------------------------------------- drafts, and the list as a table


def test_a_draft_thrown_away_is_gone_and_can_be_taken_back(clock, manager_web):
    round = make_round(name="By mistake")

    gone = manager_web.post(reverse("survey_discard", args=[round.public_id]), follow=True).content.decode()

    assert "Threw “By mistake” away." in gone
    assert list(manager_web.get(reverse("surveys")).context["page"]) == []
    assert manager_web.get(round.get_absolute_url()).status_code == 404
    assert manager_web.get(reverse("survey_setup", args=[round.public_id, "people"])).status_code == 404
    manager_web.post(reverse("survey_keep", args=[round.public_id]))
    assert list(manager_web.get(reverse("surveys")).context["page"]) == [round]
    assert [event.kind for event in round.events.all()] == ["discarded", "kept"]


def test_an_open_round_cannot_be_thrown_away(clock, manager_web):
    round = opened(1)

    manager_web.post(reverse("survey_discard", args=[round.public_id]))

    round.refresh_from_db()
    assert round.discarded_at is None


def test_the_list_is_exported_with_state_reason_and_dates_and_runs_nothing(clock, manager_web, web):
    round = make_round(state="open")
    open_one = make_contact(client=make_client(name="=1+1 Ltd"), name="Ann")
    hidden = make_contact(client=make_client(name="Hidden", visibility="team_only"), name="Zoe")
    for contact in (open_one, hidden):
        make_invitation(round=round, contact=contact)
    address = reverse("survey_invitations", args=[round.public_id])

    theirs = b"".join(web.get(address).streaming_content).decode()
    rows = b"".join(manager_web.get(address).streaming_content).decode().splitlines()

    assert "Hidden" not in theirs
    assert len(rows) == 3
    line = next(row for row in rows if "Ann" in row)
    assert "'=1+1 Ltd" in line
    assert "Sent" in line
    assert "2026-11-19 09:30" in line


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("survey_dates", "get"),
        ("survey_dates", "post"),
        ("survey_people", "get"),
        ("survey_people", "post"),
        ("survey_go_on", "post"),
        ("survey_discard", "post"),
        ("survey_keep", "post"),
    ],
)
def test_what_managers_do_does_not_exist_for_others(web, clock, name, method):
    round = opened(1)

    assert getattr(web, method)(page(round, name)).status_code == 404
    assert web.post(again(round, round.invitations.get())).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_of_an_open_round_cost_the_same_for_any_length(
    clock, manager_web, count, django_assert_max_num_queries
):
    round = opened(count, wave_size=1)

    for url in (page(round), page(round, "survey_people") + "?words=c", again(round, round.invitations.first())):
        with django_assert_max_num_queries(20):
            assert manager_web.get(url).status_code == 200


def test_trying_again_writes_the_rest_and_nothing_twice(clock, manager_web):
    round = opened(2)
    late = make_invitation(round=round, contact=make_contact(), state="pending", send_at=NOW - timedelta(minutes=5))

    for _turn in range(2):
        manager_web.post(reverse("survey_go_on", args=[round.public_id]))

    late.refresh_from_db()
    assert late.queued_at == NOW
    assert Email.objects.count() == 3

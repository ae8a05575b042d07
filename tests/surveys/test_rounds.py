"""From a draft to silence at the close: what is frozen, sealed, sent, held, reminded, flagged and kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from outbox.models import Email
from surveys import audience, fresh_links, launch, news, preflight, reminders, sending, timing
from surveys.models import Belief, Invitation, NotPossibleNow, Response, Round
from tests.conftest import NOW
from tests.make import (
    answer_survey,
    mail_of,
    make_belief,
    make_client,
    make_contact,
    make_invitation,
    make_manager,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db
State = Invitation.State


def asked_round(people=1, *, state="beliefs", clients=None, **fields):
    """A round with so many people on its list, each at a client of their own unless `clients` are given."""
    round = make_round(state=state, **fields)
    for n in range(people):
        client = clients[n % len(clients)] if clients else make_client()
        make_invitation(round=round, contact=make_contact(client=client), state="pending")
    launch.sync_beliefs(round)
    return round


def run_clock():
    """What the clock does once a minute, and the worker at once."""
    now = timezone.now()
    for verb in (
        launch.close_due,
        launch.open_due,
        sending.send_due,
        sending.follow_outbox,
        reminders.plan,
        reminders.flag_overdue,
        news.plan,
    ):
        verb(now)


def findings(round):
    return {finding.key: finding for finding in preflight.check(round)}


# -------------------------------------------------------------------- whom to ask, and what is wrong


def test_only_people_who_can_be_asked_come_on_the_list(clock):
    client = make_client()
    rosa = make_contact(client=client, name="Rosa")
    make_contact(client=client, email="")
    make_contact(client=client, mail_state="unsubscribed")
    make_contact(client=client, mail_state="bounced")
    make_contact(client=client, survey_part="not_surveyed")
    make_contact(client=client, left_at=NOW)
    make_contact(client=make_client(archived_at=NOW))
    round = make_round()

    added = audience.add(round, audience.matching({}))

    assert (added, [i.contact for i in round.invitations.all()]) == (1, [rosa])
    assert sorted((str(left.reason), left.count) for left in audience.left_out(audience.matching({}))) == [
        ("asked us to stop", 1),
        ("no e-mail", 1),
        ("not asked in surveys", 1),
        ("their mail comes back", 1),
    ]


def test_a_round_whose_people_have_no_e_mail_is_stopped_and_says_so(clock):
    for _n in range(3):
        make_contact(email="")
    round = make_round(audience={})
    round.audience = {"stage": "active"}
    round.save()
    audience.add(round, audience.matching(round.audience))

    with pytest.raises(launch.Blocked):
        launch.ask_beliefs(round, by=make_manager(), now=NOW)

    found = findings(round)["nobody"]
    assert found.blocks
    assert found.words == "Nobody can be asked: none of the 3 people who match has an e-mail address."


def test_a_list_nobody_could_be_put_on_says_why(clock):
    make_contact(email="")
    make_contact(email="")

    found = findings(make_round(audience={}))["nobody"]

    assert found.words == "Nobody can be asked: none of the 2 people who match has an e-mail address."


def test_the_preflight_finds_each_thing_once(clock):
    owner = make_user(name="Tom")
    double = [make_contact(client=make_client(owner=owner), email="same@client.example") for _n in range(2)]
    bounced, gone = make_contact(), make_contact()
    archived, orphan = make_client(), make_client(owner=make_user(is_active=False))
    people = [*double, bounced, gone, make_contact(client=archived), make_contact(client=orphan)]
    round = make_round(state="beliefs")
    for contact in people:
        make_invitation(round=round, contact=contact, state="pending")
    launch.sync_beliefs(round)
    type(bounced).objects.filter(pk=bounced.pk).update(mail_state="bounced")
    type(gone).objects.filter(pk=gone.pk).update(left_at=NOW)
    type(archived).objects.filter(pk=archived.pk).update(archived_at=NOW)

    found = findings(round)

    assert {key: (f.count, f.blocks) for key, f in found.items()} == {
        "owner": (1, True),
        "bounced": (1, False),
        "left": (1, False),
        "twice": (1, False),
        "no_decision_maker": (6, False),
        "archived": (1, False),
        "beliefs": (6, False),
    }
    assert preflight.check(round)[0].key == "owner"


@pytest.mark.parametrize("count", [1, 3])
def test_the_preflight_costs_the_same_for_any_number(clock, count, django_assert_max_num_queries):
    round = asked_round(count)

    with django_assert_max_num_queries(22):
        preflight.check(round)


# -------------------------------------------------------------------- beliefs


def test_asking_what_we_believe_freezes_the_questions_and_asks_owner_and_team(clock):
    owner, colleague = make_user(), make_user()
    client = make_client(owner=owner, team=[colleague])
    round = make_round()
    audience.add(round, audience.matching({}))
    make_invitation(round=round, contact=make_contact(client=client), state="pending")

    launch.ask_beliefs(round, by=make_manager(), now=NOW)
    round.questionnaire.questions.all().delete()

    round.refresh_from_db()
    assert round.state == Round.State.BELIEFS
    assert len(round.asked) == 19
    assert sorted(round.beliefs.values_list("user", "required")) == [(owner.pk, True), (colleague.pk, False)]


def test_beliefs_follow_the_owner_and_keep_what_was_recorded(clock):
    round = asked_round(1)
    client, old = round.beliefs.get().client, round.beliefs.get().user
    round.beliefs.get().record(values={"overall": 8}, note="", now=NOW)
    client.owner = make_user()
    client.save()

    launch.sync_beliefs(round)

    assert sorted(round.beliefs.values_list("user", "recorded_at")) == [(old.pk, NOW), (client.owner.pk, None)]


def test_a_belief_is_sealed_with_the_first_invitation_and_later_ones_do_not_count(clock):
    round = asked_round(2)
    early, late = round.beliefs.order_by("pk")
    early.record(values={"overall": 8}, note="", now=NOW)
    launch.launch(round, by=make_manager(), now=NOW)

    assert sending.send_due(NOW) == 2
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.sealed_at, late.sealed_at) == (NOW, NOW)

    clock.shift(timedelta(hours=1))
    assert late.record(values={"overall": 9}, note="", now=timezone.now())
    assert not early.record(values={"overall": 1}, note="", now=timezone.now())
    late.refresh_from_db()
    early.refresh_from_db()
    assert (late.after_the_fact, early.values) == (True, {"overall": 8})
    assert list(Belief.objects.counted()) == [early]
    assert not late.record(values={"overall": 2}, note="", now=timezone.now())


def test_nobody_sees_another_belief_before_it_is_sealed(clock):
    me, other = make_user(), make_user()
    client = make_client(owner=other, team=[me])
    round = make_round(state="beliefs")
    theirs = make_belief(round=round, client=client, overall=8)

    assert list(Belief.objects.visible_to(me)) == []
    Belief.objects.seal(now=NOW)
    assert list(Belief.objects.visible_to(me)) == [theirs]


def test_answers_are_readable_once_ones_own_belief_is_recorded_and_in_confidence_by_managers_only(clock):
    owner, boss = make_user(), make_manager()
    client = make_client(owner=owner)
    round = make_round(state="open")
    named = answer_survey(make_invitation(round=round, contact=make_contact(client=client)), overall=4)
    secret = answer_survey(
        make_invitation(round=round, contact=make_contact(client=client)), overall=2, in_confidence=True
    )
    belief = make_belief(round=round, client=client)

    assert list(Response.objects.readable_by(owner)) == []
    belief.record(values={"overall": 8}, note="", now=NOW)
    assert list(Response.objects.readable_by(owner)) == [named]
    assert sorted(Response.objects.readable_by(boss).values_list("pk", flat=True)) == sorted([named.pk, secret.pk])


def test_a_client_can_be_made_to_wait_for_its_owners_belief(clock):
    round = asked_round(2, wait_for_beliefs=True)
    ready, waits = round.beliefs.order_by("pk")
    ready.record(values={"overall": 8}, note="", now=NOW)
    launch.launch(round, by=make_manager(), now=NOW)

    sending.send_due(NOW)

    held = round.invitations.get(client=waits.client)
    assert (held.queued_at, held.hold_reason) == (None, "Waits until the owner has recorded a belief.")
    waits.record(values={"overall": 5}, note="", now=NOW)
    assert sending.send_due(NOW) == 1


# -------------------------------------------------------------------- sending


def test_a_round_opens_once_however_often_the_button_is_pressed(clock, deliver_queued):
    round, boss = asked_round(2), make_manager()
    launch.launch(round, by=boss, now=NOW)
    with pytest.raises(NotPossibleNow):
        launch.launch(Round.objects.get(pk=round.pk), by=boss, now=NOW)

    for _turn in range(3):
        run_clock()

    assert len(deliver_queued()) == 2
    assert Email.objects.filter(kind="surveys.invitation").count() == 2


def test_the_mail_is_from_the_owner_and_carries_a_link_and_a_way_out(clock, deliver_queued):
    owner = make_user(name="Priya Raman", email="priya@firm.example", phone="0113 496 0110")
    client = make_client(name="Tidewell Water", owner=owner)
    round = make_round(state="beliefs")
    make_invitation(round=round, contact=make_contact(client=client, name="Rosa Delgado"), state="pending")
    launch.launch(round, by=make_manager(), now=NOW)
    sending.send_due(NOW)

    (mail,) = deliver_queued()

    assert mail.subject == "How are we doing for Tidewell Water?"
    assert mail.from_email.startswith("Priya Raman <")
    assert mail.reply_to == ["priya@firm.example"]
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.body.startswith("Rosa,")
    assert "/s/" in mail.body
    assert "0113 496 0110" in mail.body
    assert "<a href=" in mail.alternatives[0].content
    sending.follow_outbox(NOW)
    invitation = round.invitations.get()
    assert (invitation.state, invitation.invited_at) == (State.SENT, mail_of(invitation).sent_at)


def test_waves_leave_the_rest_for_the_next_working_morning(clock):
    round = asked_round(5, wave_size=2)
    launch.launch(round, by=make_manager(), now=NOW)

    assert sending.send_due(NOW) == 2
    assert sending.send_due(NOW) == 0
    rest = round.invitations.filter(queued_at=None)
    friday, monday = (datetime(2026, 11, day, 9, 30, tzinfo=UTC) for day in (20, 23))  # over the weekend
    assert sorted(rest.values_list("send_at", flat=True)) == [friday, friday, monday]
    clock.move_to(friday + timedelta(minutes=1))
    assert sending.send_due(timezone.now()) == 2
    assert list(rest.all().values_list("send_at", flat=True)) == [monday]


def test_planned_mail_goes_out_in_the_morning_where_people_live(clock):
    early = NOW.replace(hour=0)
    clock.move_to(early)
    round = make_round(state="beliefs", opens_at=early, beliefs_asked_at=early - timedelta(days=5))
    near = make_invitation(round=round, contact=make_contact(), state="pending")
    far = make_invitation(round=round, contact=make_contact(time_zone="America/New_York"), state="pending")

    launch.open_due(early)

    near.refresh_from_db()
    far.refresh_from_db()
    assert (near.send_at, far.send_at) == (NOW.replace(hour=9, minute=0), NOW.replace(hour=14, minute=0))
    assert sending.send_due(early) == 0


def test_paused_holds_what_waits_in_the_outbox_and_resumed_lets_it_go(clock, deliver_queued):
    round, boss = make_round(state="open"), make_manager()
    make_invitation(round=round, state="pending", send_at=NOW)
    sending.send_due(NOW)

    round.pause(by=boss, now=NOW)
    clock.shift(timedelta(days=2))
    deliver_queued()
    held = Email.objects.get().state

    round.resume(by=boss, now=timezone.now())
    deliver_queued()

    assert (held, Email.objects.get().state) == ("queued", "sent")


def test_a_pause_keeps_nobody_from_the_link_they_asked_for(clock, deliver_queued):
    round = make_round(state="open")
    invitation = make_invitation(round=round)
    fresh_links.send(invitation.contact.email, now=NOW)

    round.pause(by=make_manager(), now=NOW)
    deliver_queued()

    assert Email.objects.get(kind="surveys.fresh_link").state == "sent"


def test_paused_means_nothing_more_is_written(clock):
    round, boss = asked_round(3), make_manager()
    launch.launch(round, by=boss, now=NOW)
    round.pause(by=boss, now=NOW)

    assert sending.send_due(NOW) == 0
    round.resume(by=boss, now=NOW)
    assert sending.send_due(NOW) == 3
    assert [event.kind for event in round.events.all()] == ["launched", "paused", "resumed"]


def test_a_person_gets_one_automatic_mail_in_three_working_days_over_all_features(clock):
    contact = make_contact(email="rosa@tidewell.example")
    Email.objects.queue(kind="surveys.invitation", key="another", to="rosa@tidewell.example", subject="Before")
    round = make_round(state="beliefs")
    held = make_invitation(round=round, contact=contact, state="pending")
    launch.launch(round, by=make_manager(), now=NOW)

    assert sending.send_due(NOW) == 0
    held.refresh_from_db()
    assert held.hold_reason == "Had another mail from us on Thu 19 Nov; goes out on Tue 24 Nov."
    clock.move_to(datetime(2026, 11, 24, 9, 31, tzinfo=UTC))
    assert sending.send_due(timezone.now()) == 1
    held.refresh_from_db()
    assert held.hold_reason == ""


def test_who_can_no_longer_be_asked_is_not(clock):
    round = asked_round(4)
    stopped, bounced, left, archived = round.invitations.order_by("pk").select_related("contact", "client")
    for invitation, fields in [(stopped, {"mail_state": "unsubscribed"}), (bounced, {"mail_state": "bounced"})]:
        type(invitation.contact).objects.filter(pk=invitation.contact_id).update(**fields)
    type(left.contact).objects.filter(pk=left.contact_id).update(left_at=NOW)
    Round.objects.filter(pk=round.pk).update(state="open")
    timing.schedule(round, now=NOW, at_once=True)
    type(archived.client).objects.filter(pk=archived.client_id).update(archived_at=NOW)

    assert sending.send_due(NOW) == 0

    assert list(round.invitations.order_by("pk").values_list("state", "hold_reason")) == [
        ("declined", "Asked us to stop."),
        ("undeliverable", "Their mail comes back."),
        ("pending", "Has left the client."),
        ("pending", "The client is archived."),
    ]


def test_what_changed_between_writing_and_sending_stops_the_mail(clock, deliver_queued):
    round = asked_round(1)
    launch.launch(round, by=make_manager(), now=NOW)
    sending.send_due(NOW)
    invitation = round.invitations.get()
    answer_survey(invitation, overall=8)
    Response.objects.update(owner_told_at=NOW)

    assert deliver_queued() == []
    assert mail_of(invitation).last_words == "Has answered in the meantime."


def test_a_refused_address_is_noted_and_the_owner_hears_of_it(clock, deliver_queued):
    from outbox import kinds

    round = asked_round(1)
    launch.launch(round, by=make_manager(), now=NOW)
    sending.send_due(NOW)
    email = mail_of(round.invitations.get())
    Email.objects.filter(pk=email.pk).update(state="failed", next_try_at=None)
    email.refresh_from_db()

    kinds.get("surveys.invitation").on_trouble(email)

    assert round.invitations.get().state == State.UNDELIVERABLE
    (mail,) = deliver_queued()
    assert mail.subject.endswith("comes back")


@pytest.mark.parametrize("count", [1, 40])
def test_a_batch_costs_the_same_for_any_number(clock, count, django_assert_max_num_queries):
    round = asked_round(count)
    launch.launch(round, by=make_manager(), now=NOW)

    with django_assert_max_num_queries(30):
        assert sending.send_due(NOW) == count


# -------------------------------------------------------------------- reminders, overdue, the close


def sent_round(people=1, **fields):
    round = make_round(state="open", **fields)
    for _n in range(people):
        make_invitation(round=round)
    return round


def test_reminders_go_out_on_their_working_days_under_the_invitation(clock, deliver_queued):
    round = sent_round(1)
    invitation = round.invitations.get()

    went = {}
    for day in range(1, 30):
        clock.move_to(NOW + timedelta(days=day))
        run_clock()
        for mail in deliver_queued():
            went[timezone.now().date()] = mail
    invited = mail_of(invitation).message_id

    assert list(went) == [date(2026, 11, 25), date(2026, 12, 2), date(2026, 12, 8)]
    assert [mail.extra_headers["References"] for mail in went.values()] == [invited] * 3
    assert [mail.subject for mail in went.values()] == [f"Re: How are we doing for {invitation.client.name}?"] * 3
    assert "last time I ask" in list(went.values())[2].body


def test_who_is_half_way_is_told_so(clock, deliver_queued):
    round = sent_round(1)
    answer_survey(round.invitations.get(), submit=False, overall=7, respect=8)

    clock.shift(timedelta(days=6))
    run_clock()

    (mail,) = deliver_queued()
    assert "You have answered 2 of 19 questions; they are saved." in mail.body


def test_after_an_outage_one_reminder_goes_out_not_a_backlog(clock, deliver_queued):
    sent_round(2)

    clock.move_to(NOW + timedelta(days=18))
    for _turn in range(3):
        run_clock()

    assert len(deliver_queued()) == 2


@pytest.mark.parametrize("settled", ["submitted", "declined", "bounced", "left", "archived", "paused", "closed"])
def test_reminders_stop_when_there_is_nothing_to_ask(clock, deliver_queued, settled):
    round = sent_round(1)
    invitation = round.invitations.get()
    if settled == "submitted":
        answer_survey(invitation, overall=5)
    elif settled == "declined":
        Invitation.objects.update(state="declined")
    elif settled == "bounced":
        type(invitation.contact).objects.update(mail_state="bounced")
    elif settled == "left":
        type(invitation.contact).objects.update(left_at=NOW)
    elif settled == "archived":
        type(invitation.client).objects.update(archived_at=NOW)
    elif settled == "paused":
        round.pause(by=make_manager(), now=NOW)
    else:
        launch.close(round, by=make_manager(), now=NOW)
    Response.objects.update(owner_told_at=NOW)

    clock.shift(timedelta(days=6))
    run_clock()

    assert deliver_queued() == []


def test_a_reminder_written_before_the_answer_is_not_sent_after_it(clock, deliver_queued):
    round = sent_round(1)
    clock.shift(timedelta(days=6))
    reminders.plan(timezone.now())
    answer_survey(round.invitations.get(), overall=9)

    assert deliver_queued() == []


def test_each_late_answer_is_flagged_once_with_one_reason(clock):
    round = make_round(state="open", due_on=NOW.date())
    made = {
        "no_answer": make_invitation(round=round),
        "opted_out": make_invitation(round=round, state="declined"),
        "undeliverable": make_invitation(round=round, state="undeliverable"),
        "on_hold": make_invitation(round=round, state="pending", hold_reason="Waits"),
        "not_invited": make_invitation(round=round, state="pending"),
        "no_contact": make_invitation(round=round, contact=make_contact(left_at=NOW)),
    }
    answered = make_invitation(round=round)
    answer_survey(answered, overall=9)

    assert reminders.flag_overdue(NOW) == 0  # the due day is not over
    clock.shift(timedelta(days=1))
    assert [reminders.flag_overdue(timezone.now()) for _turn in range(2)] == [6, 0]

    for reason, invitation in made.items():
        invitation.refresh_from_db()
        assert (invitation.overdue_reason, invitation.overdue_flagged_at) == (reason, timezone.now())
    answered.refresh_from_db()
    assert answered.overdue_flagged_at is None


def test_a_round_closes_after_its_last_day_and_silence_is_listed(clock, deliver_queued):
    round = make_round(state="open", closes_on=NOW.date())
    silent, heard, half = (make_invitation(round=round) for _n in range(3))
    answer_survey(heard, overall=9)
    answer_survey(half, submit=False, overall=9)

    run_clock()
    round.refresh_from_db()
    assert round.state == Round.State.OPEN
    clock.shift(timedelta(days=1))
    run_clock()

    round.refresh_from_db()
    assert round.state == Round.State.CLOSED
    states = [Invitation.objects.get(pk=i.pk).state for i in (silent, heard, half)]
    assert states == [State.CLOSED, State.SUBMITTED, State.STARTED]
    assert list(reminders.silent_clients(round)) == [silent.client]


# -------------------------------------------------------------------- news to the owner


def test_the_owner_hears_of_an_answer_only_after_recording_a_belief(clock, deliver_queued):
    owner = make_user(email="priya@firm.example")
    client = make_client(name="Northgate Foods", owner=owner)
    round = make_round(state="open")
    belief = make_belief(round=round, client=client)
    answer_survey(
        make_invitation(round=round, contact=make_contact(client=client)),
        overall=3,
        better="Answer us.",
        call=("1", "2"),
    )

    run_clock()
    assert deliver_queued() == []
    belief.record(values={"overall": 9}, note="", now=NOW)
    for _turn in range(2):
        run_clock()

    (mail,) = deliver_queued()
    assert mail.to == [f"{owner.name} <priya@firm.example>"]
    assert mail.subject == "Northgate Foods answered and asks for a call"
    assert "All in all: 3 out of 10. You believed 9." in mail.body
    assert "Answer us." in mail.body


def test_an_answer_in_confidence_tells_the_owner_nothing_of_it(clock, deliver_queued):
    client = make_client(name="Northgate Foods")
    invitation = make_invitation(contact=make_contact(client=client))
    answer_survey(invitation, in_confidence=True, overall=3, better="Answer us.")

    run_clock()

    (mail,) = deliver_queued()
    assert "in confidence" in mail.body
    assert "Answer us." not in mail.body
    assert "3 out of 10" not in mail.body

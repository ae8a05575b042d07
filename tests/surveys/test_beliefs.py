"""What we believe: asked of whom, chased, sealed at the very moment, unseen by others, and hiding the answers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from clients import handover
from clients.models import TeamMember
from outbox.models import Email
from promises import reminders as promise_reminders
from promises.models import DigestWord
from surveys import asking, chasing, launch, sending
from surveys.models import Belief, Round
from tests.conftest import NOW, browser_of
from tests.make import (
    make_belief,
    make_client,
    make_contact,
    make_invitation,
    make_manager,
    make_round,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


def morning(day, month=11, hour=8):
    """The 19th of November 2026 is a Thursday."""
    return datetime(2026, month, day, hour, tzinfo=UTC)


def asked_round(*clients, state="beliefs", **fields):
    """A round that asks these clients' people, each client having one."""
    round = make_round(state=state, **{"beliefs_due_on": date(2026, 12, 1), **fields})
    for client in clients:
        make_invitation(round=round, contact=make_contact(client=client), state="pending", send_at=NOW)
    asking.sync_beliefs(round)
    return round


def asked(round):
    """{(client, person): required}."""
    return {(b.client.name, b.user.name): b.required for b in round.beliefs.select_related("client", "user")}


# -------------------------------------------------------------------- who is asked


def test_the_owner_is_asked_and_the_team_advised():
    client = make_client(name="Tidewell", owner=make_user(name="Priya"), team=[make_user(name="Tom")])

    round = asked_round(client)

    assert asked(round) == {("Tidewell", "Priya"): True, ("Tidewell", "Tom"): False}


def test_a_client_that_changes_hands_asks_its_new_owner_and_the_old_ones_untouched_row_goes():
    client = make_client(name="Tidewell", owner=make_user(name="Priya"))
    round = asked_round(client)

    handover.give_to(client, to=make_user(name="Tom"), by=make_manager(), now=NOW)

    assert asked(round) == {("Tidewell", "Tom"): True}


def test_a_draft_of_the_former_owner_is_kept_and_holds_nothing_up():
    client = make_client(name="Tidewell", owner=make_user(name="Priya"))
    round = asked_round(client, wait_for_beliefs=True)
    round.beliefs.get().keep_draft(values={"overall": 5}, note="")
    handover.give_to(client, to=make_user(name="Tom"), by=make_manager(), now=NOW)

    make = Belief.objects.get(user__name="Tom")
    make.record(values={"overall": 8}, note="", now=NOW)

    assert asked(round) == {("Tidewell", "Priya"): False, ("Tidewell", "Tom"): True}
    assert list(round.beliefs.holding()) == []


def test_what_the_former_owner_recorded_stays_and_counts():
    client = make_client(name="Tidewell", owner=make_user(name="Priya"))
    round = asked_round(client, state="open")
    round.beliefs.get().record(values={"overall": 5}, note="", now=NOW)
    handover.give_to(client, to=make_user(name="Tom"), by=make_manager(), now=NOW)
    Belief.objects.get(user__name="Tom").record(values={"overall": 8}, note="", now=NOW)

    sending.send_due(NOW)

    assert sorted(b.user.name for b in round.beliefs.counted()) == ["Priya", "Tom"]


def test_after_sealing_a_new_owner_is_not_asked():
    client = make_client(name="Tidewell", owner=make_user(name="Priya"))
    round = asked_round(client, state="open")
    sending.send_due(NOW)

    handover.give_to(client, to=make_user(name="Tom"), by=make_manager(), now=NOW)
    asking.follow(NOW)

    assert asked(round) == {("Tidewell", "Priya"): True}


def test_the_clock_follows_owners_teams_and_lists_and_does_nothing_twice():
    kept, taken_off = make_client(name="Kept", owner=make_user(name="Priya")), make_client(name="Off")
    left = make_user(name="Left")
    TeamMember.objects.create(client=kept, user=left)
    round = asked_round(kept, taken_off, state="open")
    TeamMember.objects.filter(user=left).delete()
    TeamMember.objects.create(client=kept, user=make_user(name="Joined"))
    round.invitations.filter(client=taken_off).delete()
    added = make_client(name="Added", owner=make_user(name="Ann"))
    make_invitation(round=round, contact=make_contact(client=added), state="pending")

    behind = [asking.follow(NOW), asking.follow(NOW)]

    assert behind == [1, 0]
    assert asked(round) == {("Kept", "Priya"): True, ("Kept", "Joined"): False, ("Added", "Ann"): True}


@pytest.mark.parametrize("owner_changes", ["by import", "in the form"])
def test_however_an_owner_changes_the_clock_notices(owner_changes):
    client = make_client(name="Tidewell", owner=make_user(name="Priya"))
    round = asked_round(client)

    client.owner = make_user(name="Tom")
    client.save()
    asking.follow(NOW)

    assert asked(round) == {("Tidewell", "Tom"): True}


# -------------------------------------------------------------------- sealed


def test_beliefs_are_sealed_with_the_first_invitation_of_that_client_only():
    first, second = make_client(name="First"), make_client(name="Second")
    round = asked_round(first, second, state="open")
    round.invitations.filter(client=second).update(send_at=NOW + DAY)
    for belief in round.beliefs.all():
        belief.record(values={"overall": 7}, note="", now=NOW - DAY)

    sending.send_due(NOW)

    assert {b.client.name: b.sealed_at for b in round.beliefs.all()} == {"First": NOW, "Second": None}


def test_a_wave_that_fails_seals_nothing(monkeypatch):
    round = asked_round(make_client(), state="open")
    monkeypatch.setattr(Email.objects, "queue_many", lambda rows: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        sending.send_due(NOW)

    assert round.beliefs.get().sealed_at is None


def test_what_comes_after_the_invitation_is_kept_visibly_and_never_counted():
    client = make_client()
    round = asked_round(client, state="open")
    sending.send_due(NOW)

    assert round.beliefs.get().record(values={"overall": 7}, note="too late", now=NOW + DAY)

    belief = round.beliefs.get()
    assert (belief.after_the_fact, belief.values, belief.note) == (True, {"overall": 7}, "too late")
    assert list(round.beliefs.counted()) == []
    page = browser_of(client.owner).get(belief.get_absolute_url())
    assert "Kept as after the fact" in page.content.decode()


def test_a_row_made_behind_the_seals_back_is_after_the_fact_all_the_same():
    client = make_client()
    round = asked_round(client, state="open")
    sending.send_due(NOW)
    late = make_belief(round=round, client=client, user=make_user())

    late.record(values={"overall": 7}, note="", now=NOW + DAY)

    late.refresh_from_db()
    assert (late.after_the_fact, late.sealed_at) == (True, NOW + DAY)


# -------------------------------------------------------------------- waiting for the owner


def test_a_round_that_waits_holds_the_client_and_says_why_until_its_owner_has_recorded():
    client = make_client()
    round = asked_round(client, state="open", wait_for_beliefs=True)

    sending.send_due(NOW)
    held = round.invitations.get()
    round.beliefs.get().record(values={"overall": 7}, note="", now=NOW)
    sending.send_due(NOW)

    assert (held.queued_at, held.hold_reason) == (None, "Waits until the owner has recorded a belief.")
    assert round.invitations.get().queued_at == NOW
    assert list(round.beliefs.counted()) == [round.beliefs.get()]


def test_a_manager_lets_a_client_go_now_without_the_belief(manager_web):
    client, other = make_client(), make_client()
    round = asked_round(client, other, state="open", wait_for_beliefs=True)
    sending.send_due(NOW)
    page = reverse("survey_beliefs", args=[round.public_id])

    answer = manager_web.post(reverse("survey_belief_let_go", args=[round.public_id, client.public_id]))
    sending.send_due(NOW)

    assert (answer.status_code, answer.url) == (302, page)
    assert {i.client: bool(i.queued_at) for i in round.invitations.all()} == {client: True, other: False}
    assert round.beliefs.get(client=client).let_go_by == manager_web.user


def test_only_managers_see_who_is_missing_remind_and_let_go(web):
    client = make_client(owner=web.user)
    round = asked_round(client, wait_for_beliefs=True)
    found = [
        web.get(reverse("survey_beliefs", args=[round.public_id])).status_code,
        web.post(reverse("survey_belief_remind", args=[round.public_id, web.user.public_id])).status_code,
        web.post(reverse("survey_belief_let_go", args=[round.public_id, client.public_id])).status_code,
    ]

    assert found == [404, 404, 404]
    assert Email.objects.count() == 0


# -------------------------------------------------------------------- asked and chased


def words_of(user):
    return list(DigestWord.objects.filter(to=user).order_by("said_at").values_list("key", flat=True))


def test_the_asking_and_three_words_at_most_on_their_days_each_once(clock, deliver_queued, mailoutbox):
    owner = make_user(name="Priya")
    round = asked_round(make_client(owner=owner), make_client(owner=owner))

    for day in range(14):
        now = morning(20) + day * DAY
        clock.move_to(now)
        promise_reminders.plan(now)
        deliver_queued()

    subjects = [(mail.subject) for mail in mailoutbox if "priya" in mail.to[0].lower()]
    assert subjects == [
        "2 clients to judge before 1 December",
        "2 clients to judge before 1 December",
        "2 clients to judge by 1 December",
        "2 clients to judge, due since 1 December",
    ]
    assert words_of(owner) == [f"belief:{round.pk}:{stage}" for stage in range(4)]


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2026, 11, 20), chasing.ASKED),
        (date(2026, 11, 26), chasing.ASKED),
        (date(2026, 11, 27), chasing.SOON),  # a Friday, two working days before the Tuesday
        (date(2026, 11, 30), chasing.SOON),
        (date(2026, 12, 1), chasing.TODAY),
        (date(2026, 12, 2), chasing.LATE),
        (date(2026, 12, 20), chasing.LATE),
    ],
)
def test_which_word_it_is_time_for(today, stage):
    from surveys.days import firm_calendar

    round = Round(beliefs_due_on=date(2026, 12, 1))

    assert chasing.stage(round, today=today, calendar=firm_calendar()) == stage


def test_a_day_off_is_chased_on_the_working_day_before():
    from surveys.days import firm_calendar

    round = Round(beliefs_due_on=date(2026, 11, 29))  # a Sunday
    calendar = firm_calendar()

    found = [chasing.stage(round, today=date(2026, 11, day), calendar=calendar) for day in (24, 25, 27, 30)]

    assert found == [chasing.ASKED, chasing.SOON, chasing.TODAY, chasing.LATE]


def test_after_an_outage_only_the_latest_word_is_said(clock, deliver_queued):
    owner = make_user(name="Priya")
    round = asked_round(make_client(owner=owner))

    clock.move_to(morning(2, 12))
    promise_reminders.plan(morning(2, 12))

    assert words_of(owner) == [f"belief:{round.pk}:3"]


def test_what_was_recorded_in_the_meantime_is_not_asked_for(clock, deliver_queued):
    owner = make_user(name="Priya")
    round = asked_round(make_client(owner=owner))
    clock.move_to(morning(20))
    promise_reminders.plan(morning(20))

    round.beliefs.get().record(values={"overall": 7}, note="", now=morning(20))

    assert deliver_queued() == []


def test_advice_is_asked_for_once_and_never_chased(clock):
    tom = make_user(name="Tom")
    round = asked_round(make_client(team=[tom]))

    for day in range(14):
        clock.move_to(morning(20) + day * DAY)
        promise_reminders.plan(morning(20) + day * DAY)

    assert words_of(tom) == [f"belief:{round.pk}:0"]


def test_who_runs_the_round_reads_who_is_missing_after_the_third_word(clock, deliver_queued):
    runs, other = make_manager(name="Elaine"), make_manager(name="Martin")
    round = asked_round(make_client(), make_client(), created_by=runs)
    for day in range(16):
        clock.move_to(morning(20) + day * DAY)
        promise_reminders.plan(morning(20) + day * DAY)

    assert (words_of(runs), words_of(other)) == ([f"beliefs-missing:{round.pk}"], [])
    said = DigestWord.objects.get(to=runs)
    assert said.said_at.date() == date(2026, 12, 3)


def test_remind_now_is_one_word_a_day_and_the_digests_counts(manager_web, clock, deliver_queued):
    owner = make_user(name="Priya")
    round = asked_round(make_client(name="Tidewell", owner=owner))
    address = reverse("survey_belief_remind", args=[round.public_id, owner.public_id])

    clock.move_to(morning(23, hour=7))
    manager_web.post(address)
    manager_web.post(address)
    [mail] = deliver_queued()
    clock.move_to(morning(24))
    promise_reminders.plan(morning(24))
    deliver_queued()
    manager_web.post(address)

    assert (mail.subject, "Tidewell" in mail.body) == ("1 client to judge before 1 December", True)
    assert Email.objects.filter(kind=chasing.REMINDER).count() == 1


def test_a_reminder_for_what_was_recorded_meanwhile_is_not_sent(deliver_queued):
    owner = make_user(name="Priya")
    round = asked_round(make_client(owner=owner))
    chasing.remind(round, owner, now=NOW)

    round.beliefs.get().record(values={"overall": 7}, note="", now=NOW)

    assert deliver_queued() == []
    assert Email.objects.get().last_words == "Everything was recorded in the meantime."


def test_managers_see_how_many_and_never_what(manager_web):
    owner = make_user(name="Priya")
    round = asked_round(make_client(name="Done", owner=owner), make_client(name="Missing", owner=owner))
    round.beliefs.get(client__name="Done").record(values={"overall": 3}, note="secret words", now=NOW)
    round.beliefs.get(client__name="Missing").keep_draft(values={"overall": 2}, note="secret draft")

    page = manager_web.get(reverse("survey_beliefs", args=[round.public_id])).content.decode()

    assert ("1 of 2" in page, "Missing" in page, "secret" in page) == (True, True, False)


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_of_who_is_missing_costs_the_same_for_any_length(manager_web, people, django_assert_max_num_queries):
    round = asked_round(*[make_client(owner=make_user()) for _n in range(people)])

    with django_assert_max_num_queries(14):
        assert manager_web.get(reverse("survey_beliefs", args=[round.public_id])).status_code == 200


# -------------------------------------------------------------------- recording many in a row


def test_recording_leads_to_the_next_client_and_says_how_far_one_is(web):
    clients = [make_client(name=name, owner=web.user) for name in ("Ash", "Birch", "Cedar")]
    round = asked_round(*clients)
    rows = {b.client.name: b for b in round.beliefs.all()}

    page = web.get(rows["Birch"].get_absolute_url()).content.decode()
    answer = web.post(rows["Birch"].get_absolute_url(), {"q-overall": "7", "next": "1"})
    then = web.get(answer.url).content.decode()

    assert "1 of 3" in page
    assert answer.url == rows["Cedar"].get_absolute_url()
    assert "2 of 3" in then
    assert rows["Ash"].get_absolute_url() in then  # skip for now: after the last one comes the first again


def test_a_draft_is_kept_while_somebody_is_still_choosing_and_records_nothing(web):
    round = asked_round(make_client(owner=web.user))
    belief = round.beliefs.get()

    answer = web.post(belief.get_absolute_url(), {"q-overall": "7", "note": "so far", "action": "autosave"})

    belief.refresh_from_db()
    assert (answer.status_code, belief.values, belief.note, belief.recorded_at) == (204, {"overall": 7}, "so far", None)


def test_a_draft_kept_too_late_changes_nothing_recorded(web):
    round = asked_round(make_client(owner=web.user))
    belief = round.beliefs.get()
    belief.record(values={"overall": 7}, note="", now=NOW)

    answer = web.post(belief.get_absolute_url(), {"q-overall": "1", "action": "autosave"})

    belief.refresh_from_db()
    assert (answer.status_code, belief.values) == (409, {"overall": 7})


@pytest.mark.parametrize("value", ["11", "-1", "7.5", "٣", "seven", "1" * 1000])
def test_an_odd_number_is_refused_in_words(web, value):
    round = asked_round(make_client(owner=web.user))

    answer = web.post(round.beliefs.get().get_absolute_url(), {"q-overall": value})

    assert answer.status_code == 422
    assert round.beliefs.get().recorded_at is None


def test_another_persons_belief_is_not_found(web):
    round = asked_round(make_client(team=[web.user]))
    theirs = round.beliefs.get(required=True)

    assert web.get(theirs.get_absolute_url()).status_code == 404


def test_a_launched_round_still_asks_for_clients_not_written_to(web):
    round = asked_round(make_client(owner=web.user))
    manager = make_manager()

    launch.launch(round, by=manager, now=NOW)

    assert [b.user for b in round.beliefs.to_judge()] == [web.user]


def test_where_nothing_can_be_recorded_any_more_nothing_is_owed(web):
    open_one, over, archived = (make_client(owner=web.user, name=name) for name in ("Open", "Over", "Archived"))
    asked_round(open_one, archived, state="open")
    asked_round(over, state="closed")
    type(archived).objects.filter(pk=archived.pk).update(archived_at=NOW)

    assert [belief.client for belief in Belief.objects.owed_by(web.user)] == [open_one]


def test_somebody_who_leaves_hands_over_what_is_to_be_believed():
    from accounts.handover import leave

    priya, tom, by = make_user(name="Priya"), make_user(name="Tom"), make_manager()
    round = asked_round(make_client(name="Owned", owner=priya), make_client(name="Helped", owner=tom, team=[priya]))

    leave(priya, to=tom, by=by, now=NOW)
    asking.follow(NOW)

    assert asked(round) == {("Owned", "Tom"): True, ("Helped", "Tom"): True}

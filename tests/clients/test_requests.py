"""What can be done with a request: asking, answering, asking again, handing over; and who of two at once is told."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from accounts.conflict import Stale
from accounts.models import Absence, Workspace
from clients.models import Request, RequestError
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_interaction, make_manager, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

FRIDAY_1630 = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)


def ask(**fields):
    client = fields.pop("client", None) or make_client()
    fields.setdefault("now", NOW)
    fields.setdefault("text", "What does the second year cost?")
    return Request.objects.ask(client=client, by=fields.pop("by", client.owner), **fields)


def kinds(request):
    return list(request.events.values_list("kind", flat=True))


def test_an_answer_is_due_in_working_time_of_who_answers():
    assert ask(now=FRIDAY_1630).answer_due_at == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "urgency", "due"),
    [
        (None, "normal", "17:30"),  # eight hours of the firm
        (None, "urgent", "11:30"),
        (3, "normal", "12:30"),
        (1, "urgent", "10:30"),  # their own is shorter than what is urgent elsewhere
    ],
)
def test_the_time_is_the_firms_unless_urgent_or_the_clients_own(own, urgency, due):
    request = ask(client=make_client(answer_hours=own), urgency=urgency)
    assert f"{request.answer_due_at:%H:%M}" == due


def test_a_holiday_and_an_absence_do_not_count():
    owner = make_user(country="GB")
    Absence.objects.create(user=owner, starts_on="2026-12-28", ends_on="2026-12-30")
    christmas_eve = datetime(2026, 12, 24, 16, 30, tzinfo=UTC)
    # An hour on the 24th, the 25th and 28th are holidays, away until the 30th, seven hours on the 31st.
    due = ask(client=make_client(owner=owner), now=christmas_eve).answer_due_at
    assert due == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


def test_the_deputy_answers_while_the_owner_is_away():
    deputy = make_user()
    owner = make_user(deputy=deputy)
    Absence.objects.create(user=owner, starts_on=NOW.date(), ends_on=NOW.date())
    assert ask(client=make_client(owner=owner)).assignee == deputy


def test_a_deputy_who_may_not_see_the_client_does_not_answer():
    owner = make_user(deputy=make_user())
    Absence.objects.create(user=owner, starts_on=NOW.date(), ends_on=NOW.date())
    assert ask(client=make_client(owner=owner, visibility="team_only")).assignee == owner


def test_what_was_said_in_an_entry_was_asked_when_it_happened():
    entry = make_interaction(happened_at=NOW - timedelta(minutes=20))
    request = ask(client=entry.client, interaction=entry)
    assert (request.asked_at, request.origin_interaction) == (entry.happened_at, entry)


def test_the_same_key_asks_once():
    client, key = make_client(), uuid.uuid4()
    first, second = ask(client=client, key=key), ask(client=client, key=key)
    assert (first, first.is_new, second.is_new) == (second, True, False)
    assert kinds(first) == ["asked"]


def test_nobody_asks_in_the_future_or_of_an_archived_client():
    with pytest.raises(RequestError, match="future"):
        ask(asked_at=NOW + timedelta(minutes=1))
    with pytest.raises(RequestError, match="archived"):
        ask(client=make_client(archived_at=NOW))


def test_an_answer_ends_the_wait_and_says_how_long_it_took_in_working_time():
    request = ask(now=FRIDAY_1630)
    monday = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
    request.answer(by=request.assignee, now=monday)
    assert (request.is_waiting, request.closed_how, request.answer_minutes) == (False, "answered", 60 + 75)
    assert (request.first_answered_at, kinds(request)) == (monday, ["asked", "answered"])


def test_an_entry_answers_at_the_moment_it_happened():
    request = ask(now=NOW - timedelta(hours=1))
    entry = make_interaction(client=request.client, happened_at=NOW - timedelta(minutes=10))
    request.answer(by=request.assignee, now=NOW, interaction=entry)
    assert (request.first_answered_at, request.first_answer, request.answer_minutes) == (entry.happened_at, entry, 20)


def test_an_entry_of_another_client_or_before_the_question_answers_nothing():
    request = ask()
    with pytest.raises(RequestError, match="another client"):
        request.answer(by=request.assignee, now=NOW, interaction=make_interaction())
    with pytest.raises(RequestError, match="before they asked"):
        request.answer(by=request.assignee, now=NOW, at=NOW - timedelta(hours=1))
    assert kinds(request) == ["asked"]


def test_the_second_who_answers_is_told_who_did():
    request = ask()
    other = Request.objects.get(pk=request.pk)
    request.answer(by=make_user(name="Tom Okafor"), now=NOW)
    with pytest.raises(RequestError, match="Tom Okafor has already answered"):
        other.answer(by=request.assignee, now=NOW)
    with pytest.raises(RequestError, match="Tom Okafor has already answered"):
        other.no_reply(by=request.assignee, now=NOW, why="Spam")
    assert kinds(request) == ["asked", "answered"]


def test_asking_again_begins_a_new_wait_and_leaves_the_first_answer_as_it_was():
    request = ask(now=NOW - timedelta(hours=20))
    request.answer(by=request.assignee, now=NOW - timedelta(hours=18))
    first = request.first_answered_at, request.answer_minutes, request.first_due_at
    request.ask_again(by=request.assignee, now=NOW)
    assert (request.waiting_since, request.answer_due_at) == (NOW, NOW + timedelta(hours=8))
    assert (request.closed_at, request.closed_how) == (None, "")
    request.answer(by=request.assignee, now=NOW)
    assert (request.first_answered_at, request.answer_minutes, request.first_due_at) == first


def test_asking_again_while_they_wait_does_not_give_us_more_time():
    request = ask(now=NOW - timedelta(hours=2))
    due = request.answer_due_at
    request.ask_again(by=request.assignee, now=NOW)
    assert (request.answer_due_at, kinds(request)) == (due, ["asked", "asked_again"])


def test_an_old_copy_does_not_answer_what_was_asked_since():
    request = ask(now=NOW - timedelta(hours=2))
    old = Request.objects.get(pk=request.pk)
    request.answer(by=request.assignee, now=NOW)
    request.ask_again(by=request.assignee, now=NOW)
    with pytest.raises(RequestError, match="asked again"):
        old.answer(by=request.assignee, now=NOW)


def test_who_asks_again_after_their_colleague_left_is_answered_by_the_owner():
    request = ask(assignee=make_user())
    request.answer(by=request.assignee, now=NOW)
    request.assignee.is_active = False
    request.assignee.save()
    request.ask_again(by=request.client.owner, now=NOW)
    assert request.assignee == request.client.owner


@pytest.mark.parametrize("verb", ["answer", "no_reply"])
def test_taking_an_end_back_within_a_day_lets_the_wait_go_on_as_it_was(verb):
    request = ask(now=NOW - timedelta(hours=30))
    Request.objects.filter(pk=request.pk).update(soon_flagged_at=NOW, overdue_flagged_at=NOW)
    request.refresh_from_db()
    before = [getattr(request, name) for name in ("waiting_since", "answer_due_at", "overdue_flagged_at")]
    getattr(request, verb)(by=request.assignee, now=NOW)
    request.reopen(by=request.assignee, now=NOW + timedelta(hours=23))
    assert [getattr(request, name) for name in ("waiting_since", "answer_due_at", "overdue_flagged_at")] == before
    assert (request.first_answered_at, request.answer_minutes, request.closed_how) == (None, None, "")


def test_after_a_day_an_end_stays():
    request = ask()
    request.no_reply(by=request.assignee, now=NOW, why="A newsletter")
    with pytest.raises(RequestError, match="more than a day ago"):
        request.reopen(by=request.assignee, now=NOW + timedelta(hours=25))


def test_an_answer_given_long_ago_can_be_taken_back_for_a_day_after_it_was_written_down():
    request = ask(now=NOW - timedelta(days=9))
    request.answer(by=request.assignee, now=NOW, at=NOW - timedelta(days=8))
    request.reopen(by=request.assignee, now=NOW + timedelta(hours=1))
    assert request.is_waiting


def test_handed_over_it_is_due_by_the_other_persons_hours_counted_from_the_question():
    request = ask(now=FRIDAY_1630)
    abroad = make_user(time_zone="America/New_York")
    request.hand_over(to=abroad, by=request.assignee, now=FRIDAY_1630)
    # Friday 16:30 in London is 11:30 there: six hours to 17:30, two on Monday from 9:00.
    assert request.answer_due_at == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert kinds(request) == ["asked", "handed_over"]


def test_it_is_handed_to_nobody_who_may_not_see_the_client_or_has_left():
    request = ask(client=make_client(visibility="team_only"))
    for other in [make_user(), make_user(is_active=False)]:
        with pytest.raises(RequestError):
            request.hand_over(to=other, by=request.assignee, now=NOW)
    request.hand_over(to=make_manager(), by=request.assignee, now=NOW)


def test_two_who_hand_over_at_once_hand_it_over_once():
    request = ask()
    other = Request.objects.get(pk=request.pk)
    request.hand_over(to=make_user(name="Tom Okafor"), by=request.assignee, now=NOW)
    with pytest.raises(RequestError, match="handed to Tom Okafor before you"):
        other.hand_over(to=make_user(), by=request.assignee, now=NOW)


def test_editing_moves_the_clock_with_the_question():
    request = ask()
    request.edit(by=request.assignee, now=NOW, version=1, urgency="urgent", asked_at=NOW - timedelta(minutes=30))
    assert request.answer_due_at == request.first_due_at == NOW + timedelta(minutes=90)
    assert request.events.last().data == {"fields": ["urgency", "asked_at"]}


def test_editing_an_answered_one_counts_its_minutes_afresh():
    request = ask()
    request.answer(by=request.assignee, now=NOW + timedelta(hours=2))
    request.edit(by=request.assignee, now=NOW + timedelta(hours=3), version=2, asked_at=NOW + timedelta(hours=1))
    assert request.answer_minutes == 60


def test_a_stale_edit_is_refused():
    request = ask()
    request.edit(by=request.assignee, now=NOW, version=1, text="Mine")
    with pytest.raises(Stale):
        request.edit(by=request.assignee, now=NOW, version=1, text="Theirs")
    assert Request.objects.get().text == "Mine"


def test_removed_it_is_in_no_list_and_restored_as_it_was():
    request = ask()
    request.remove(by=request.assignee, now=NOW)
    assert not Request.objects.waiting().exists()
    with pytest.raises(RequestError, match="removed"):
        Request.objects.get().answer(by=request.assignee, now=NOW)
    request.restore()
    assert Request.objects.waiting().get().answer_due_at == request.first_due_at


def test_every_change_is_in_its_history():
    request = ask()
    request.hand_over(to=make_user(), by=request.assignee, now=NOW)
    request.answer(by=request.assignee, now=NOW)
    assert [entry.version for entry in request.history.order_by("history_id")] == [1, 2, 3]


def test_a_change_of_the_firms_answer_time_leaves_what_was_asked_before():
    request = ask()
    due = request.answer_due_at
    Workspace.objects.update_or_create(pk=1, defaults={"answer_hours": 4})
    request.refresh_from_db()
    assert request.answer_due_at == due
    assert ask().answer_due_at == NOW + timedelta(hours=4)


def test_people_outside_the_team_see_no_request_of_a_closed_client():
    colleague = make_user()
    client = make_client(visibility="team_only", team=[colleague])
    request = ask(client=client, contact=make_contact(client=client))
    seen = {who: list(Request.objects.visible_to(user)) for who, user in [
        ("outsider", make_user()), ("team", colleague), ("owner", client.owner), ("manager", make_manager()),
    ]}  # fmt: skip
    assert seen == {"outsider": [], "team": [request], "owner": [request], "manager": [request]}


# -------------------------------------------------------------------- hand-overs


def test_what_waits_goes_along_with_the_client_and_stays_where_it_is_another_persons():
    from clients import handover

    client, tom = make_client(), make_user()
    mine, toms = ask(client=client), ask(client=client, assignee=tom)
    new = make_user()
    given = handover.give_to(client, to=new, by=tom, now=NOW)
    assert [Request.objects.get(pk=one.pk).assignee for one in (mine, toms)] == [new, tom]
    old = mine.assignee
    handover.take_back(client, to=old, more=given, by=tom, now=NOW)
    assert Request.objects.get(pk=mine.pk).assignee == old


def test_who_leaves_leaves_nobody_waiting():
    from accounts import handover

    leaving, successor = make_user(), make_user()
    hidden = make_client(visibility="team_only", team=[leaving])
    one, other = ask(client=make_client(), assignee=leaving), ask(client=hidden, assignee=leaving)
    done = ask(client=one.client, assignee=leaving)
    done.answer(by=leaving, now=NOW)
    handover.leave(leaving, to=successor, by=make_manager(), now=NOW)
    assert not Request.objects.waiting().filter(assignee=leaving).exists()
    assert Request.objects.get(pk=one.pk).assignee == successor
    assert Request.objects.get(pk=other.pk).assignee.pk in (successor.pk, hidden.owner_id)
    assert Request.objects.get(pk=done.pk).assignee == leaving  # its figures stay theirs


def test_what_an_entry_answered_waits_again_when_the_entry_is_taken_away():
    request = ask(now=NOW - timedelta(hours=1))
    entry = make_interaction(client=request.client, happened_at=NOW)
    request.answer(by=request.assignee, now=NOW, interaction=entry)
    entry.remove(by=request.assignee, now=NOW + timedelta(minutes=1))
    request.refresh_from_db()
    assert (request.is_waiting, request.first_answer, request.answer_minutes) == (True, None, None)
    assert kinds(request) == ["asked", "answered", "reopened"]


def test_an_entry_that_was_not_the_last_word_changes_nothing_when_it_goes():
    request = ask(now=NOW - timedelta(hours=1))
    entry = make_interaction(client=request.client, happened_at=NOW)
    request.answer(by=request.assignee, now=NOW, interaction=entry)
    request.ask_again(by=request.assignee, now=NOW)
    request.answer(by=request.assignee, now=NOW)
    entry.remove(by=request.assignee, now=NOW)
    request.refresh_from_db()
    assert not request.is_waiting

"""What the clock says of requests: when the time runs out, when it is over, to whom; once, and as it stands then."""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

import pytest

from accounts.models import Absence, Workspace
from clients.models import Request, RequestEvent
from clients.requests import planner
from outbox.models import Email
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_manager, make_request, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(clock):
    def moved(text):
        moment = datetime.fromisoformat(f"{text}+00:00")
        clock.move_to(moment)
        return moment

    return moved


@pytest.fixture
def run(at, deliver_queued):
    """Plan and send at a moment; the mails as (to, subject)."""

    def ran(text):
        planner.plan(at(text))
        return sorted((address(mail), mail.subject) for mail in deliver_queued())

    return ran


def address(mail):
    return parseaddr(mail.to[0])[1]


def firm(**client):
    """A client with an owner who has a deputy, and a manager."""
    deputy = make_user(name="Dev Anand", email="dev@firm.example")
    owner = make_user(name="Priya Raman", email="priya@firm.example", deputy=deputy)
    make_manager(name="Elaine Vos", email="elaine@firm.example")
    return make_client(name="Northgate Foods", owner=owner, **client)


def asked(client, moment="2026-11-19T09:30", **fields):
    return make_request(client=client, asked_at=datetime.fromisoformat(f"{moment}+00:00"), **fields)


def kinds():
    return list(RequestEvent.objects.exclude(kind="asked").values_list("kind", flat=True))


def test_who_answers_hears_when_three_quarters_of_the_time_are_gone(run):
    client = firm()
    asked(client, contact=make_contact(client=client, name="Amina Diallo"), urgency="urgent", text="Can it move?")
    assert run("2026-11-19T10:59") == []
    assert run("2026-11-19T11:00") == [("priya@firm.example", "30 minutes left: Northgate Foods")]
    assert run("2026-11-19T11:01") == []
    assert kinds() == ["soon"]


def test_the_mail_quotes_the_question_and_opens_the_request(at, deliver_queued):
    client = firm()
    one = asked(client, contact=make_contact(client=client, name="Amina Diallo"), text="Can it move?")
    planner.plan(at("2026-11-19T15:30"))
    [mail] = deliver_queued()
    assert mail.subject == "2 hours left: Northgate Foods"
    assert "Amina Diallo of Northgate Foods waits for an answer from you." in mail.body
    assert "Can it move?" in mail.body
    assert one.get_absolute_url() in mail.body


def test_at_the_due_the_owner_and_the_deputy_hear_and_later_a_manager(run):
    asked(firm())
    run("2026-11-19T15:30")
    # Due at 17:30, where the day ends: whoever is off work by then has it in the morning.
    assert run("2026-11-19T17:31") == []
    assert run("2026-11-20T09:00") == [
        ("dev@firm.example", "1 minute over: Northgate Foods"),
        ("priya@firm.example", "1 minute over: Northgate Foods"),
    ]
    assert run("2026-11-20T12:59") == []
    assert run("2026-11-20T13:00") == [("elaine@firm.example", "Still no answer: Northgate Foods")]
    assert run("2026-11-23T13:00") == []
    assert kinds() == ["soon", "overdue", "escalated"]


def test_the_owner_of_the_client_hears_of_what_a_colleague_has_not_answered(run):
    asked(firm(), assignee=make_user(email="tom@firm.example"), moment="2026-11-18T09:30")
    assert [to for to, _subject in run("2026-11-19T09:31")] == ["priya@firm.example", "tom@firm.example"]


def test_while_who_answers_is_away_their_deputy_hears(run):
    client = firm()
    asked(client)
    Absence.objects.create(user=client.owner, starts_on="2026-11-19", ends_on="2026-11-27")
    assert run("2026-11-19T15:30") == [("dev@firm.example", "2 hours left: Northgate Foods")]
    assert [to for to, _subject in run("2026-11-20T09:01")] == ["dev@firm.example"]
    # The client waits on although nobody's working time passes.
    assert [to for to, _subject in run("2026-11-20T14:00")] == ["elaine@firm.example"]


def test_a_deputy_who_may_not_see_the_client_hears_nothing(run):
    asked(firm(visibility="team_only"), moment="2026-11-18T09:30")
    assert [to for to, _subject in run("2026-11-19T09:31")] == ["priya@firm.example"]


def test_the_state_is_read_again_when_the_mail_goes_out(at, deliver_queued):
    one = asked(firm())
    planner.plan(at("2026-11-19T15:30"))
    one.refresh_from_db()
    one.answer(by=one.assignee, now=at("2026-11-19T15:31"))
    assert deliver_queued() == []
    assert Email.objects.get().state == Email.State.CANCELLED


def test_what_was_handed_to_somebody_else_is_not_said_any_more(at, deliver_queued):
    one = asked(firm())
    planner.plan(at("2026-11-19T15:30"))
    one.refresh_from_db()
    one.hand_over(to=make_user(email="tom@firm.example"), by=one.assignee, now=at("2026-11-19T15:31"))
    assert deliver_queued() == []
    planner.plan(at("2026-11-19T15:33"))
    assert [(address(mail), mail.subject) for mail in deliver_queued()] == [
        ("tom@firm.example", "Handed to you: Northgate Foods")  # and no second one of the time that is left
    ]


def test_what_was_lost_from_sight_is_not_said_any_more(at, deliver_queued):
    client = firm()
    one = asked(client, assignee=make_user(email="tom@firm.example"))
    planner.plan(at("2026-11-19T15:30"))
    client.visibility = "team_only"
    client.save()
    assert deliver_queued() == []
    one.refresh_from_db()
    assert one.is_waiting


def test_several_at_once_are_one_mail_for_each_person(run):
    client = firm()
    for n in range(3):
        asked(client, text=f"Question {n}?")
    asked(make_client(name="Marram Energy", owner=client.owner))
    assert run("2026-11-19T15:30") == [("priya@firm.example", "2 hours left: Northgate Foods and 3 more")]


def test_a_run_missed_for_days_sends_what_stands_now_and_no_backlog(run):
    client = firm()
    asked(client)
    asked(client, text="And this?")
    assert run("2026-11-24T10:00") == [
        ("dev@firm.example", "18 hours over: Northgate Foods and 1 more"),
        ("elaine@firm.example", "Still no answer: Northgate Foods and 1 more"),
        ("priya@firm.example", "18 hours over: Northgate Foods and 1 more"),
    ]
    assert kinds() == ["overdue", "overdue", "escalated", "escalated"]
    assert run("2026-11-24T10:01") == []


def test_in_quiet_hours_and_outside_of_work_it_waits(run):
    Workspace.objects.update_or_create(pk=1, defaults={"quiet_from": "08:00", "quiet_until": "10:00"})
    asked(firm(), moment="2026-11-18T09:30")
    assert run("2026-11-18T22:00") == []
    assert run("2026-11-19T09:30") == []
    assert [to for to, _subject in run("2026-11-19T10:00")] == ["dev@firm.example", "priya@firm.example"]


def test_two_planners_at_once_say_it_once(at):
    one = asked(firm())
    now = at("2026-11-19T15:30")
    again = Request.objects.select_related("client__owner", "assignee").get()
    workspace = Workspace.current()
    assert planner.warn(now, workspace) == 1
    claimed = planner._claim(again, now, soon_flagged_at=now)
    assert (claimed, kinds(), Email.objects.count()) == (False, ["soon"], 1)
    assert one.is_waiting


def test_after_they_asked_again_everything_is_said_anew(run):
    one = asked(firm())
    run("2026-11-19T15:30")
    one.refresh_from_db()
    one.answer(by=one.assignee, now=datetime(2026, 11, 19, 16, tzinfo=UTC))
    one.ask_again(by=one.assignee, now=datetime(2026, 11, 20, 9, tzinfo=UTC))
    assert run("2026-11-20T15:00") == [("priya@firm.example", "2 hours left: Northgate Foods")]


def test_an_archived_client_asks_for_nothing(run):
    client = firm()
    asked(client, moment="2026-11-17T09:30")
    client.archive(by=client.owner, now=NOW)
    assert run("2026-11-19T09:31") == []


def test_administrators_hear_where_the_firm_has_no_manager(run):
    from tests.make import make_administrator

    make_administrator(email="ada@firm.example")
    asked(make_client(owner=make_user(email="tom@firm.example")), moment="2026-11-17T09:30")
    assert [to for to, _subject in run("2026-11-19T10:00")] == ["ada@firm.example", "tom@firm.example"]


def test_a_german_reader_has_the_mail_on_their_own_clock(at, deliver_queued):
    owner = make_user(time_zone="Europe/Berlin")
    asked(make_client(owner=owner), moment="2026-11-19T08:00")
    planner.plan(at("2026-11-19T14:00"))
    [mail] = deliver_queued()
    assert "17:00" in mail.body  # due at 16:00 in London, 17:00 there


# -------------------------------------------------------------------- the digest


def test_the_digest_says_who_waits_today_and_goes_out_for_it(at, deliver_queued):
    from promises.reminders import plan_digests

    client = firm()
    asked(client, contact=make_contact(client=client, name="Amina Diallo"), moment="2026-11-18T15:30", text="Can it?")
    plan_digests(at("2026-11-19T07:45"))
    mails = {address(mail): mail for mail in deliver_queued()}
    assert list(mails) == ["priya@firm.example"]
    assert mails["priya@firm.example"].subject == "1 client waits"
    assert "Can it?" in mails["priya@firm.example"].body
    assert "Amina Diallo, Northgate Foods" in mails["priya@firm.example"].body


def test_managers_read_in_their_digest_what_nobody_answered(at, deliver_queued):
    from promises.reminders import plan_digests

    asked(firm(), moment="2026-11-16T09:30", text="Still waiting?")
    planner.plan(at("2026-11-18T16:00"))
    deliver_queued()
    plan_digests(at("2026-11-19T07:45"))
    mails = {address(mail): mail.body for mail in deliver_queued()}
    assert "Still waiting?" in mails["elaine@firm.example"]
    assert "Priya Raman answers" in mails["elaine@firm.example"]


def test_a_deputy_reads_for_who_is_away_but_not_of_a_closed_client(at, deliver_queued):
    from promises.reminders import plan_digests

    client = firm()
    asked(client, moment="2026-11-18T15:30", text="Open to the deputy?")
    hidden = make_client(owner=client.owner, visibility="team_only")
    asked(hidden, moment="2026-11-18T15:30", text="Closed to the deputy?")
    Absence.objects.create(user=client.owner, starts_on="2026-11-19", ends_on="2026-11-20")
    plan_digests(at("2026-11-19T07:45"))
    bodies = {address(mail): mail.body for mail in deliver_queued()}
    assert "Open to the deputy?" in bodies["dev@firm.example"]
    assert "Closed to the deputy?" not in bodies["dev@firm.example"]


def test_the_planner_reads_as_many_times_for_three_as_for_one(clock):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = firm()
    counts = []
    for n in (1, 3):
        for _n in range(n):
            asked(client)
        with CaptureQueriesContext(connection) as captured:
            planner.plan(NOW + timedelta(minutes=1))
        counts.append(len(captured))
    assert counts[0] == counts[1]


# -------------------------------------------------------------------- handed over


def handed(at, *, to, text="2026-11-19T10:00", note="", **fields):
    one = asked(firm(), text="Can it move?", **fields)
    one.hand_over(to=to, by=one.assignee, now=at(text), note=note)
    return one


def test_who_gets_a_request_is_told_with_the_word_that_was_written(at, deliver_queued):
    one = handed(at, to=make_user(email="tom@firm.example"), note="You know their depot.")
    assert deliver_queued() == []  # more may come, or it is taken back
    at("2026-11-19T10:02")
    [mail] = deliver_queued()
    assert (address(mail), mail.subject) == ("tom@firm.example", "Handed to you: Northgate Foods")
    assert "Can it move?" in mail.body
    assert "Priya Raman handed it over and writes: You know their depot." in mail.body
    assert one.get_absolute_url() in mail.body


def test_several_handed_over_in_one_go_are_one_mail(at, deliver_queued):
    client, tom = firm(), make_user(email="tom@firm.example")
    for n in range(3):
        asked(client, text=f"Question {n}?").hand_over(to=tom, by=client.owner, now=at("2026-11-19T10:00"))
    at("2026-11-19T10:02")
    [mail] = deliver_queued()
    assert mail.subject == "Handed to you: Northgate Foods and 2 more"
    assert "3 requests are yours to answer now." in mail.body
    assert [f"Question {n}?" in mail.body for n in range(3)] == [True, True, True]


def test_nobody_is_told_of_what_they_took_themselves(at, deliver_queued):
    tom = make_user(email="tom@firm.example")
    asked(firm()).hand_over(to=tom, by=tom, now=at("2026-11-19T10:00"))
    assert Email.objects.count() == 0


def test_nobody_is_told_of_what_was_taken_back_answered_or_passed_on_at_once(at, deliver_queued):
    tom, ann = make_user(email="tom@firm.example"), make_user(email="ann@firm.example")
    back = handed(at, to=tom)
    back.hand_over(to=back.client.owner, by=back.client.owner, now=at("2026-11-19T10:01"))
    answered = asked(back.client)
    answered.hand_over(to=tom, by=back.client.owner, now=at("2026-11-19T10:01"))
    answered.answer(by=back.client.owner, now=at("2026-11-19T10:01"))
    passed_on = asked(back.client, text="Passed on?")
    passed_on.hand_over(to=tom, by=back.client.owner, now=at("2026-11-19T10:01"))
    passed_on.hand_over(to=ann, by=tom, now=at("2026-11-19T10:01"))
    at("2026-11-19T10:04")
    [mail] = deliver_queued()
    assert address(mail) == "ann@firm.example"
    assert "Passed on?" in mail.body


def test_what_was_handed_back_and_forth_is_told_once(at, deliver_queued):
    tom = make_user(email="tom@firm.example")
    one = handed(at, to=tom)
    one.hand_over(to=one.client.owner, by=tom, now=at("2026-11-19T10:00:20"))
    one.hand_over(to=tom, by=one.client.owner, now=at("2026-11-19T10:00:40"))
    at("2026-11-19T10:04")
    assert [mail.subject for mail in deliver_queued() if address(mail) == tom.email] == [
        "Handed to you: Northgate Foods"
    ]


def test_in_the_evening_it_waits_until_they_work_again(at, deliver_queued):
    handed(at, to=make_user(email="tom@firm.example"), text="2026-11-19T18:30")
    at("2026-11-19T20:00")
    assert deliver_queued() == []
    at("2026-11-20T09:00")
    assert [address(mail) for mail in deliver_queued()] == ["tom@firm.example"]


def test_what_was_closed_to_them_meanwhile_is_not_told(at, deliver_queued):
    one = handed(at, to=make_user(email="tom@firm.example"))
    one.client.visibility = "team_only"
    one.client.save()
    at("2026-11-19T10:02")
    assert deliver_queued() == []


def test_while_they_are_away_their_deputy_is_told(at, deliver_queued):
    tom = make_user(name="Tom Okafor", email="tom@firm.example", deputy=make_user(email="ann@firm.example"))
    Absence.objects.create(user=tom, starts_on="2026-11-19", ends_on="2026-11-27")
    handed(at, to=tom)
    at("2026-11-19T10:02")
    [mail] = deliver_queued()
    assert address(mail) == "ann@firm.example"
    assert "It was handed to Tom Okafor, who is away." in mail.body


def test_what_comes_with_a_client_or_from_who_leaves_is_told_too(at, deliver_queued):
    from clients.handover import give_to, take_back

    client, tom = firm(), make_user(email="tom@firm.example")
    asked(client, text="Still waiting?")
    ada = make_manager(email="ada@firm.example")
    old, now = client.owner, at("2026-11-19T10:00")
    more = give_to(client, to=tom, by=ada, now=now)
    at("2026-11-19T10:02")
    assert [address(mail) for mail in deliver_queued()] == ["tom@firm.example"]
    take_back(client, to=old, more=more, by=ada, now=at("2026-11-19T10:05"))
    at("2026-11-19T10:09")
    assert deliver_queued() == []

"""What other rooms say in the daily digest: once a word, as things stand, to whoever reads for whom."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Absence
from outbox.models import Email
from promises import reminders
from promises.models import DigestMail, DigestWord
from promises.reminders import sections
from promises.reminders.sections import Line, Section
from tests.make import make_client, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


def morning(day, hour=8):
    """A morning in November 2026; the 19th is a Thursday."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


class Room:
    """A room with lines for people, which a test may change at any time."""

    def __init__(self, name="cases", **more):
        self.lines, self.asked = {}, []
        sections.register(Section(name, "Clear the air", self.say, **more))

    def say(self, readers, now):
        self.asked.append(sorted(reader.name for reader in readers))
        return {reader.pk: self.lines[reader.name] for reader in readers if reader.name in self.lines}


@pytest.fixture(autouse=True)
def _only_rooms_of_the_test(monkeypatch):
    monkeypatch.setattr(sections, "_sections", {})


@pytest.fixture
def plan(clock):
    def plan_at(moment):
        clock.move_to(moment)
        reminders.plan(moment)

    return plan_at


def call(key="case:1:talk", text="Call Rosa", **more):
    return Line(key, text, "/gaps/", **more)


def said():
    return list(DigestWord.objects.order_by("to__name", "key").values_list("to__name", "key"))


def subjects():
    return list(Email.objects.filter(kind=reminders.DIGEST).order_by("pk").values_list("to_name", "subject"))


def test_a_fresh_line_makes_a_digest_go_out_once(plan, deliver_queued):
    priya, room = make_user(name="Priya"), Room()
    room.lines["Priya"] = [call(who="Tidewell Water", due="2 days late", tone="late")]

    for day in (19, 20):
        plan(morning(day))

    assert subjects() == [("Priya", "Clear the air: one")]
    assert said() == [("Priya", "case:1:talk")]
    mail = deliver_queued()
    assert mail == []  # it is of yesterday by now
    assert DigestMail.objects.filter(user=priya).count() == 2


def test_the_mail_says_the_line_and_where_to_read_it(plan, deliver_queued):
    make_user(name="Priya")
    Room().lines["Priya"] = [call(who="Tidewell Water", due="2 days late")]

    plan(morning(19))

    [mail] = deliver_queued()
    assert "Clear the air\n- Call Rosa (2 days late)\n  Tidewell Water\n  http" in mail.body
    assert "/gaps/" in mail.body


def test_a_line_without_a_key_only_rides_along(plan, deliver_queued):
    priya, room = make_user(name="Priya"), Room()
    room.lines["Priya"] = [call(key="", text="Two answers are late")]

    plan(morning(19))
    assert subjects() == []

    make_promise(now=morning(19), made_at=morning(2), due_at=morning(20, 16), owner=priya, what="Board paper")
    plan(morning(20))

    assert subjects() == [("Priya", "One due today, Clear the air: one")]
    assert said() == []
    [mail] = deliver_queued()
    assert "Two answers are late" in mail.body


def test_a_line_said_before_stands_in_later_digests_only_when_it_stays(plan, deliver_queued):
    make_user(name="Priya")
    room = Room()
    room.lines["Priya"] = [call("a", "Said once"), call("b", "Stays", stays=True)]
    plan(morning(19))
    deliver_queued()

    room.lines["Priya"].append(call("c", "New today"))
    plan(morning(20))

    [mail] = deliver_queued()
    assert [words in mail.body for words in ("Said once", "Stays", "New today")] == [False, True, True]


def test_what_was_settled_before_sending_is_not_said(plan, deliver_queued):
    make_user(name="Priya")
    room = Room()
    room.lines["Priya"] = [call("a", "Settled"), call("b", "Stands")]
    plan(morning(19))

    room.lines["Priya"] = [call("b", "Stands"), call("c", "Came after")]

    [mail] = deliver_queued()
    assert [words in mail.body for words in ("Settled", "Stands", "Came after")] == [False, True, False]
    assert mail.subject == "Clear the air: one"


def test_a_digest_whose_lines_were_all_settled_is_not_sent_and_they_are_said_again_when_they_come_back(
    plan, deliver_queued
):
    make_user(name="Priya")
    room = Room()
    room.lines["Priya"] = [call()]
    plan(morning(19))
    room.lines.clear()
    assert deliver_queued() == []

    room.lines["Priya"] = [call()]
    plan(morning(20))

    assert len(deliver_queued()) == 1
    assert said() == [("Priya", "case:1:talk")]


def test_words_of_a_digest_that_came_too_late_are_said_again(plan, deliver_queued, clock):
    make_user(name="Priya")
    Room().lines["Priya"] = [call()]
    plan(morning(19))
    clock.move_to(morning(20, 7))
    assert deliver_queued() == []  # it expired in the night

    plan(morning(20))

    assert len(deliver_queued()) == 1


def test_a_deputy_reads_for_an_absent_colleague_and_the_colleague_again_on_return(plan, deliver_queued):
    deputy = make_user(name="Tom")
    priya = make_user(name="Priya", deputy=deputy)
    Absence.objects.create(user=priya, starts_on=morning(19).date(), ends_on=morning(19).date())
    Room().lines["Priya"] = [call(who="Tidewell")]

    plan(morning(19))
    [mail] = deliver_queued()
    plan(morning(20))

    assert (mail.to, "Tidewell, for Priya" in mail.body) == ([f"Tom <{deputy.email}>"], True)
    assert said() == [("Priya", "case:1:talk"), ("Tom", "case:1:talk")]


def test_a_deputy_who_reads_the_same_line_already_reads_it_once(plan, deliver_queued):
    deputy = make_user(name="Tom")
    priya = make_user(name="Priya", deputy=deputy)
    Absence.objects.create(user=priya, starts_on=morning(19).date(), ends_on=morning(19).date())
    room = Room()
    room.lines |= {"Priya": [call()], "Tom": [call()]}

    plan(morning(19))

    [mail] = deliver_queued()
    assert mail.body.count("Call Rosa") == 1


def test_what_only_the_person_can_do_is_not_said_to_their_deputy(plan):
    deputy = make_user(name="Tom")
    priya = make_user(name="Priya", deputy=deputy)
    Absence.objects.create(user=priya, starts_on=morning(19).date(), ends_on=morning(19).date())
    Room(deputies=False).lines["Priya"] = [call()]

    plan(morning(19))

    assert said() == []


def test_a_line_about_a_client_closed_to_its_reader_is_never_said(plan):
    make_user(name="Stranger")
    make_manager(name="Manager")
    closed = make_client(owner=make_user(name="Owner"), team=[make_user(name="Team")], visibility="team_only")
    room = Room()
    room.lines = {name: [call(client_id=closed.pk)] for name in ("Owner", "Team", "Stranger", "Manager")}

    plan(morning(19))

    assert [name for name, _key in said()] == ["Manager", "Owner", "Team"]


def test_a_room_that_fails_never_stops_the_digest(plan, deliver_queued, caplog):
    make_user(name="Priya")
    Room().lines["Priya"] = [call()]

    def fail(readers, now):
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM promises_promise")

    sections.register(Section("broken", "Broken", fail))

    plan(morning(19))

    [mail] = deliver_queued()
    assert "Call Rosa" in mail.body
    assert "The digest section broken failed" in caplog.text


def test_a_room_counts_itself_in_the_subject(plan):
    make_user(name="Priya")
    room = Room(counted=lambda lines: "6 clients to judge")
    room.lines["Priya"] = [call()]

    plan(morning(19))

    assert subjects() == [("Priya", "6 clients to judge")]


def test_a_subject_too_long_for_a_phone_says_the_first_thing_only(plan):
    make_user(name="Priya")
    Room("one", counted=lambda lines: "six clients to judge before December").lines["Priya"] = [call("a")]
    Room("two", counted=lambda lines: "four calls to silent decision makers").lines["Priya"] = [call("b")]

    plan(morning(19))

    assert subjects() == [("Priya", "Six clients to judge before December")]


@pytest.mark.parametrize("readers", [1, 3])
def test_sections_are_read_in_as_many_queries_however_many_read_them(readers):
    room = Room()
    people = [make_user(name=f"Reader {n}") for n in range(readers)]
    owner = make_user(name="Owner")
    for person in people:
        closed = make_client(owner=owner, visibility="team_only")
        room.lines[person.name] = [call(f"case:{n}", client_id=closed.pk) for n in range(4)]

    with CaptureQueriesContext(
        connection,
    ) as asked:
        shelf = sections.Shelf({person.pk: [person] for person in people}, now=morning(19))
        found = [shelf.lines_of(person) for person in people]

    assert found == [[]] * readers
    assert len([q for q in asked if "SAVEPOINT" not in q["sql"]]) == 3
    assert len(room.asked) == 1

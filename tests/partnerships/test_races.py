"""Two people at one concern in earnest: one wins, the other is told, and nothing happens twice."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from outbox.models import Email
from partnerships import cleared, talks
from partnerships.models import Concern, NotInThisState, Suggestion
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_promise

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time, so nobody can cross"),
]


def at_once(*acts):
    """Do them all at the same moment: what each gave, or the refusal."""
    start, ends = Barrier(len(acts)), {}

    def run(index, act):
        try:
            start.wait()
            ends[index] = act()
        except NotInThisState:
            ends[index] = "told"
        except Exception as problem:
            ends[index] = problem
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [ends[index] for index in range(len(acts))]


@pytest.fixture
def concern():
    client = make_client()
    rosa = make_contact(client=client, name="Rosa Delgado")
    concern = Concern.open(client, by=client.owner, now=NOW, what_happened="x")
    concern.talk_with.add(rosa)
    return concern


def fresh(concern):
    return Concern.objects.with_people().get(pk=concern.pk)


def resolve(concern):
    fields = {"outcome": "x", "promises": [], "no_promise_because": "x"}
    return fresh(concern).resolve(**fields, by=concern.client.owner, now=NOW)


def test_of_two_who_resolve_one_is_told(concern):
    ends = at_once(lambda: resolve(concern), lambda: resolve(concern))

    assert sorted(map(str, ends)) == ["None", "told"]
    assert concern.events.filter(kind="resolved").count() == 1


def test_of_two_who_book_what_both_saw_one_is_told_and_one_entry_goes_out(concern):
    def book(days):
        return talks.book(
            fresh(concern), at=NOW + timedelta(days=days), minutes=60, where="", people=[], by=concern.client.owner,
            now=NOW, seen=concern.version,
        )  # fmt: skip

    ends = at_once(lambda: book(3), lambda: book(4))

    assert sorted(map(str, ends)) == ["None", "told"]
    assert Email.objects.filter(kind=talks.OUR_TALK).count() == 1


def test_two_clocks_at_once_ask_once(concern):
    resolve(concern)
    later = NOW + timedelta(days=40)

    ends = at_once(*[lambda: cleared.ask(fresh(concern), now=later)] * 3)

    assert sorted(ends) == [False, False, True]
    assert Email.objects.filter(kind=cleared.CLEARED).count() == 1


def test_two_clocks_at_once_escalate_once(concern):
    later = NOW + timedelta(days=40)

    ends = at_once(*[lambda: fresh(concern).escalate(now=later)] * 3)

    assert sorted(ends) == [False, False, True]
    assert concern.events.filter(kind="escalated").count() == 1


def test_a_double_click_on_the_answer_is_one_answer(concern):
    resolve(concern)
    rosa = concern.talk_with.get()
    Concern.objects.update(asked_at=NOW)

    at_once(*[lambda: fresh(concern).answer("no", words="Still late", contact=rosa, now=NOW)] * 3)

    assert fresh(concern).state == "open"
    assert concern.events.filter(kind="reopened").count() == 1


def test_of_accepting_and_declining_a_suggestion_one_is_told():
    client = make_client()
    suggestion = Suggestion.record(client, by=client.owner, now=NOW, words="x")
    promise = make_promise(client=client)

    def again():
        return Suggestion.objects.get(pk=suggestion.pk)

    ends = at_once(
        lambda: again().accept(promise, by=client.owner, now=NOW),
        lambda: again().decline("No", by=client.owner, now=NOW),
    )

    assert sorted(map(str, ends)) == ["None", "told"]

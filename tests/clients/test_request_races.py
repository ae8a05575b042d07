"""Two people, or a person and the clock, on one request at the same moment: one of them wins, and it is whole."""

import uuid
from threading import Barrier, Thread

import pytest
from django.db import OperationalError, connection

from clients.models import Request, RequestError
from tests.conftest import NOW
from tests.make import make_client, make_request, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def at_once(*acts):
    """Do them all at the same moment; gives what each raised, None where it went through."""
    start, came = Barrier(len(acts)), [None] * len(acts)

    def run(at, act):
        try:
            start.wait()
            act()
        except Exception as problem:
            came[at] = problem
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # SQLite lets one write at a time and may send the other away.
    return [None if isinstance(problem, OperationalError) and "locked" in str(problem) else problem for problem in came]


@pytest.mark.parametrize("again_and_again", range(3))
def test_of_two_who_end_a_wait_one_does_and_the_other_is_told(again_and_again):
    one, people = make_request(), [make_user(name="Tom Okafor"), make_user(name="Dev Anand")]
    copies = [Request.objects.get(pk=one.pk) for _person in people]
    came = at_once(
        lambda: copies[0].answer(by=people[0], now=NOW),
        lambda: copies[1].no_reply(by=people[1], now=NOW, why="Spam"),
    )
    one.refresh_from_db()
    assert all(problem is None or isinstance(problem, RequestError) for problem in came)
    assert one.events.filter(kind__in=["answered", "no_reply"]).count() == 1
    assert one.events.last().kind == one.closed_how


@pytest.mark.parametrize("again_and_again", range(3))
def test_a_double_click_asks_once(again_and_again):
    client, key = make_client(), uuid.uuid4()
    owner = client.owner
    came = at_once(
        *[lambda: Request.objects.ask(client=client, by=owner, now=NOW, text="Why?", key=key) for _click in range(2)]
    )
    assert came == [None, None]
    assert Request.objects.count() == 1
    assert Request.objects.get().events.count() == 1

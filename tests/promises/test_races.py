"""Several people at once, in earnest: each reads a sentence or wins, and nobody waits for anybody for ever."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from promises.models import Promise, PromiseError, Renegotiation, Terms
from tests.conftest import NOW
from tests.make import make_contact, make_promise

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time, so nobody can cross"),
]
ROUNDS = pytest.mark.parametrize("again_and_again", range(3))


def at_once(*acts):
    """Do them all at the same moment. Gives what became of each: True, or the refusal's words."""
    start, ends = Barrier(len(acts)), {}

    def run(index, act):
        try:
            start.wait()
            act()
            ends[index] = True
        except PromiseError as refused:
            ends[index] = str(refused.words)
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


def made(**fields):
    contact = make_contact()
    return make_promise(client=contact.client, contact=contact, now=NOW, **fields)


def again(promise):
    return Promise.objects.get(pk=promise.pk)


@ROUNDS
def test_a_yes_a_delivery_and_a_withdrawn_request_at_once(again_and_again):
    terms = Terms((NOW + timedelta(days=20)).date(), None, "Europe/London")
    promise = made()
    move = promise.ask_to_move(by=promise.owner, terms=terms, reason="priorities", now=NOW)

    def request(pk=move.pk):
        return Renegotiation.objects.select_related("promise").get(pk=pk)

    ends = at_once(
        lambda: request().accept(by=None, contact=promise.contact, now=NOW),
        lambda: request().take_back(by=promise.owner, now=NOW),
        lambda: again(promise).deliver(by=promise.owner, now=NOW),
    )

    now = again(promise)
    assert [end for end in ends if not (end is True or isinstance(end, str))] == []
    assert any(end is True for end in ends)
    assert (now.due_at == terms.at) == (request().state == "accepted") == (ends[0] is True)
    assert (now.state == "delivered") == (ends[2] is True)


@ROUNDS
def test_a_yes_a_no_and_other_terms_to_one_offer_at_once(again_and_again):
    terms = Terms((NOW + timedelta(days=20)).date(), None, "Europe/London")
    offer = made(proposed=True)
    seen = [again(offer) for _ in range(3)]

    ends = at_once(
        lambda: seen[0].agree(by=None, contact=offer.contact, now=NOW),
        lambda: seen[1].decline(by=offer.owner, how="call", now=NOW),
        lambda: seen[2].counter(by=None, contact=offer.contact, terms=terms, now=NOW),
    )

    assert ends.count(True) == 1
    assert again(offer).state == ["active", "declined", "proposed"][ends.index(True)]
    assert offer.events.count() == 2

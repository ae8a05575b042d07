"""Recording a belief at the very moment the client's invitation goes out: it counts or it is late, never both."""

from threading import Barrier, Thread

import pytest
from django.db import OperationalError, connection

from surveys import asking, sending
from surveys.models import Belief, Invitation
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_invitation, make_round, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def at_once(*acts):
    """Do them all at the same moment; gives what went wrong."""
    start, wrong = Barrier(len(acts)), []

    def run(act):
        try:
            start.wait()
            act()
        except OperationalError as problem:  # SQLite lets one write at a time and may send the other away
            if "locked" not in str(problem):
                wrong.append(problem)
        except Exception as problem:
            wrong.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@pytest.mark.parametrize("again_and_again", range(4))
def test_a_belief_recorded_while_the_wave_goes_out_is_counted_or_after_the_fact(again_and_again):
    client = make_client(team=[make_user(), make_user()])
    round = make_round(state="open")
    make_invitation(round=round, contact=make_contact(client=client), state="pending", send_at=NOW)
    asking.sync_beliefs(round)

    def record(pk):
        return lambda: Belief.objects.get(pk=pk).record(values={"overall": 7}, note="", now=NOW)

    wrong = at_once(lambda: sending.send_due(NOW), *[record(belief.pk) for belief in round.beliefs.all()])
    sending.send_due(NOW)

    assert wrong == []
    assert Invitation.objects.get().queued_at == NOW
    for belief in round.beliefs.all():
        assert belief.sealed_at == NOW
        if belief.recorded_at:
            assert (belief in round.beliefs.counted()) is not belief.after_the_fact


@pytest.mark.parametrize("again_and_again", range(4))
def test_no_belief_is_asked_for_behind_the_back_of_the_wave(again_and_again):
    client = make_client()
    round = make_round(state="open")
    make_invitation(round=round, contact=make_contact(client=client), state="pending", send_at=NOW)

    wrong = at_once(lambda: sending.send_due(NOW), lambda: asking.sync_beliefs(round))
    sending.send_due(NOW)

    assert wrong == []
    assert [belief.sealed_at for belief in round.beliefs.all()] in ([], [NOW])


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one write at a time, so nobody can cross")
def test_recording_waits_for_the_wave_that_is_sealing_it():
    from django.db import transaction

    client = make_client()
    round = make_round(state="open")
    make_invitation(round=round, contact=make_contact(client=client), state="pending", send_at=NOW)
    asking.sync_beliefs(round)
    belief = round.beliefs.get()

    def record():
        belief.record(values={"overall": 7}, note="", now=NOW)
        connection.close()

    with transaction.atomic():
        sending.send_due(NOW)
        recording = Thread(target=record)
        recording.start()
        recording.join(timeout=0.5)
        assert recording.is_alive()
    recording.join(timeout=10)

    belief.refresh_from_db()
    assert (belief.sealed_at, belief.after_the_fact) == (NOW, True)

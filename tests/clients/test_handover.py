import pytest

from accounts import handover
from tests.conftest import NOW
from tests.make import make_administrator, make_client, make_user

pytestmark = pytest.mark.django_db


def test_who_leaves_hands_over_clients_and_parts():
    ada, priya, tom = make_administrator(), make_user(), make_user()
    owned = make_client(owner=priya, team=[tom])
    helped = make_client(owner=ada, team=[priya])

    handover.leave(priya, to=tom, by=ada, now=NOW)

    owned.refresh_from_db()
    assert (owned.owner, list(owned.team.all())) == (tom, [])
    assert list(helped.team.all()) == [tom]
    assert [entry.owner for entry in owned.history.all()] == [tom, priya]


def test_nobody_leaves_while_a_client_would_have_no_owner():
    priya = make_user()
    make_client(owner=priya)

    with pytest.raises(handover.NeedsSuccessor):
        handover.leave(priya, by=make_administrator(), now=NOW)

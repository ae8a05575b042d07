"""Public links that belong to nothing: the same page each time, slower for whoever tries many; a good link opens."""

import pytest
from django.test import RequestFactory, override_settings

from outbox import links, misses
from tests.make import make_invitation, survey_token

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def forged(number):
    return f"{number:043}"


@pytest.mark.parametrize("door", ["/s/{}/", "/s/{}/thanks/", "/u/{}/"])
def test_after_twenty_misses_the_same_neutral_page_says_too_many(client, door):
    answers = [client.get(door.format(forged(number))) for number in range(23)]

    assert [answer.status_code for answer in answers] == [404] * misses.LIMIT + [429] * 3
    texts = {answer.text for answer in answers} if "/u/" in door else set()
    assert len(texts) <= 1  # the survey's own holds a fresh key of its form each time
    assert {template.name for answer in answers for template in answer.templates} == {
        template.name for template in answers[0].templates
    }


def test_all_doors_and_methods_count_together_and_other_addresses_do_not(client):
    for number in range(misses.LIMIT // 4):
        client.get(f"/s/{forged(number)}/")
        client.head(f"/s/{forged(number)}/")
        client.post(f"/s/{forged(number)}/answer/")
        client.get(f"/u/{forged(number)}/")

    assert client.get(f"/s/{forged(0)}/").status_code == 429
    assert client.get(f"/s/{forged(0)}/", REMOTE_ADDR="192.0.2.7").status_code == 404


def test_a_good_link_is_never_slowed_down_and_never_counts(client):
    invitation = make_invitation()
    good = f"/s/{survey_token(invitation)}/"

    assert {client.get(good).status_code for _ in range(misses.LIMIT + 5)} == {200}
    for number in range(misses.LIMIT + 5):
        client.get(f"/s/{forged(number)}/")

    assert client.get(good).status_code == 200
    assert client.get(f"/u/{links.token(invitation.messages.get().email)}/").status_code == 200


def test_after_some_minutes_it_is_forgotten(client, clock):
    for number in range(misses.LIMIT + 1):
        client.get(f"/u/{forged(number)}/")
    assert client.get(f"/u/{forged(0)}/").status_code == 429

    clock.shift(misses.COOL_OFF_SECONDS + 1)

    assert client.get(f"/u/{forged(0)}/").status_code == 404


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "place"),
    [
        (0, "198.51.100.4", "203.0.113.9", "198.51.100.4"),
        (1, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "made.up, 203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "", "10.0.0.1"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        (0, "::ffff:198.51.100.4", "", "198.51.100.4"),
        (0, "", "", "unknown"),
    ],
)
def test_where_a_request_came_from(proxies, remote, forwarded, place):
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)

    with override_settings(TRUSTED_PROXIES=proxies):
        assert misses.place_of(request) == place

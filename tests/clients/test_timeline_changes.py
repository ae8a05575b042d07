"""What became of the record itself stands in its timeline as one grey line."""

from datetime import timedelta

import pytest

from accounts import changes
from clients import timeline
from clients.models import Client, Merge, TeamMember
from partnerships.models import Concern
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_interaction, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def lived(web, clock):
    """A client with a life: handed over, a team that came and went, somebody who left, a merge, put away and back."""
    tom = make_user(name="Tom Okafor")
    client = make_client(name="Tidewell", owner=web.user, stage="onboarding")
    rosa = make_contact(client=client, name="Rosa Delgado")
    root = client.get_absolute_url()
    steps = [
        lambda: web.post(root + "team/", {"user": tom.public_id, "part": "deputy"}),
        lambda: TeamMember.objects.get().delete(),
        lambda: web.post(f"{root}people/{rosa.public_id}/left/"),
        lambda: web.post(root + "archive/"),
        lambda: web.post(root + "bring-back/"),
        lambda: type(client).objects.get().hand_over(to=tom),
    ]
    for days, step in enumerate(steps, 1):
        clock.move_to(NOW + days * DAY)
        step()
    client = type(client).objects.get()
    client.stage = "active"
    clock.move_to(NOW + 8 * DAY)
    client.save()
    Merge.objects.create(kept_client=client, gone_client=make_client(name="Tidewel"), by=tom, at=NOW + 9 * DAY)
    client.tom, client.rosa = tom, rosa
    return client


def lines(client, user, **asked):
    told = timeline.page(client, user=user, size=50, **asked).entries
    assert all(entry.system for entry in told)
    return [f"{entry.actor} {entry.words}".strip() for entry in told]


def test_a_life_in_grey_lines(lived, web):
    told = lines(lived, web.user, kind="changes")

    assert told == [
        "Tom Okafor merged Tidewel into this client",
        "Stage changed from Onboarding to Active",
        "Handed over from Priya Raman to Tom Okafor",
        "Priya Raman · brought back",
        "Priya Raman · archived",
        "Rosa Delgado no longer works there",
        "Tom Okafor left the client team",
        "Priya Raman · Tom Okafor joined the client team (deputy)",
    ]


def test_who_was_in_the_team_before_histories_were_kept_did_not_join_when_that_began(web):
    client = make_client(owner=web.user)
    member = TeamMember.objects.create(client=client, user=make_user(name="Tom Okafor"), part="deputy")
    TeamMember.history.all().delete()
    changes.begin(member, now=NOW)

    assert lines(client, web.user, kind="changes") == []


def test_an_edit_that_changes_none_of_it_is_not_told_and_who_added_it_is(web, clock):
    known = {"kind": "client", "stage": "active", "visibility": "open", "owner": web.user.pk, "time_zone": "UTC"}
    web.post("/clients/new/", {"name": "Tidewell", **known})
    client = Client.objects.get()
    for city in ("Leeds", "Hull"):
        client.city = city
        client.save()

    assert lines(client, web.user, kind="changes") == ["Priya Raman added Tidewell"]


def test_they_are_asked_for_by_person_and_by_word(lived, web):
    lived.rosa.refresh_from_db()
    assert lines(lived, web.user, person=lived.rosa) == ["Rosa Delgado no longer works there"]
    assert lines(lived, web.user, words="okafor handed") == ["Handed over from Priya Raman to Tom Okafor"]
    assert lines(lived, web.user, person=lived.tom) == [
        "Tom Okafor merged Tidewel into this client",
        "Handed over from Priya Raman to Tom Okafor",
        "Tom Okafor left the client team",
        "Priya Raman · Tom Okafor joined the client team (deputy)",
    ]


def test_they_stand_among_everything_and_not_among_contacts(lived, web):
    make_interaction(client=lived, author=web.user, happened_at=NOW + 4 * DAY + timedelta(hours=1))

    everything = timeline.page(lived, user=web.user, size=50).entries
    assert [entry.system for entry in everything].count(False) == 1
    assert [entry.system for entry in timeline.page(lived, user=web.user, kind="contacts").entries] == [False]
    assert "ev-system" in web.get(lived.get_absolute_url()).text


def test_a_merge_that_was_undone_is_not_told(lived, web):
    Merge.objects.update(undone_at=NOW)

    assert "merged" not in " ".join(lines(lived, web.user, kind="changes"))


def test_what_stood_between_us_is_told_under_its_own_kind(web, clock):
    client = make_client(owner=web.user)
    concern = Concern.open(by=None, client=client, what_happened="Late reports again", now=NOW)
    Concern.open(by=None, client=make_client(), what_happened="Somebody else’s", now=NOW)

    told = timeline.page(client, user=web.user, kind="air").entries

    assert [(entry.words, entry.thing, entry.url) for entry in told] == [
        ("opened this concern:", "Late reports again", concern.get_absolute_url())
    ]
    assert timeline.page(client, user=web.user, kind="air", words="REPORTS again").entries == told
    assert timeline.page(client, user=web.user, kind="air", words="other").entries == []
    assert timeline.page(client, user=web.user, kind="air", person=make_user()).entries == []

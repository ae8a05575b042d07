import pytest
from django.urls import reverse

from clients.models import Client, Merge
from tests.conftest import browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(web):
    kept = make_client(name="Tidewell Water", owner=web.user, city="Leeds", whats_in_it="Calm.", tags=["water"])
    gone = make_client(name="Tidewell Ltd", owner=web.user, phone="0113", whats_in_it="Time.", tags=["north"])
    return kept, gone


def post(web, kept, gone, **data):
    data = {"kept_version": kept.version, "gone_version": gone.version, **data}
    return web.post(reverse("client_merge", args=[kept.public_id]) + f"?with={gone.public_id}", data)


def test_the_other_one_is_found_by_likeness_and_by_name(web, pair):
    kept, gone = pair
    make_client(name="Harbour", owner=web.user)
    hidden = make_client(name="Harbour Hidden", visibility="team_only")

    page = web.get(reverse("client_merge", args=[kept.public_id]), {"q": "harbour"}).content.decode()

    assert gone.name in page
    assert ">Harbour<" in page
    assert hidden.name not in page


def test_one_that_may_not_be_changed_cannot_be_chosen(web, pair):
    kept, _gone = pair
    others = make_client(name="Quay Street")

    page = web.get(reverse("client_merge", args=[kept.public_id]), {"with": others.public_id}).content.decode()

    assert "Quay Street" not in page
    assert web.get(reverse("client_merge", args=[others.public_id])).status_code == 404


def test_side_by_side_and_a_choice_for_each_field(web, pair):
    kept, gone = pair
    make_interaction(client=gone)
    make_contact(client=gone)

    page = web.get(reverse("client_merge", args=[kept.public_id]), {"with": gone.public_id}).content.decode()
    post(web, kept, gone, take_name="gone", take_phone="gone", take_whats_in_it="both", take_tags="both")

    assert "1 person" in page
    assert "1 entry of the timeline" in page
    assert "Time." in page
    kept.refresh_from_db()
    assert (kept.name, kept.city, kept.phone, kept.whats_in_it, kept.tags) == (
        "Tidewell Ltd",
        "Leeds",
        "0113",
        "Calm.\n\nTime.",
        ["water", "north"],
    )


def test_the_address_of_the_one_that_went_leads_to_the_one_that_stays(web, pair):
    kept, gone = pair
    old = gone.get_absolute_url()
    post(web, kept, gone)

    assert web.get(old + "?kind=calls").headers["Location"] == kept.get_absolute_url() + "?kind=calls"
    assert web.get(old + "history/").headers["Location"] == kept.get_absolute_url() + "history/"
    lists = web.get(reverse("clients"), {"state": "archived"}).content.decode()
    assert gone.public_id not in lists
    Client.objects.filter(pk=kept.pk).update(visibility="team_only")
    assert browser_of(make_user()).get(old).status_code == 404


def test_what_somebody_was_writing_at_the_one_that_went_is_not_lost(web, pair):
    kept, gone = pair
    post(web, kept, gone)

    page = web.post(reverse("client_edit", args=[gone.public_id]), {"name": "Tidewell", "whats_in_it": "A long text."})

    assert page.status_code == 409
    assert "A long text." in page.content.decode()
    assert "is part of Tidewell Water now" in page.content.decode()


def test_nobody_is_held_against_themselves(web, pair):
    kept, _gone = pair
    rosa = make_contact(client=kept)
    for address, itself in (
        (reverse("client_merge", args=[kept.public_id]), kept),
        (reverse("contact_merge", args=[kept.public_id, rosa.public_id]), rosa),
    ):
        looked, pressed = (act(f"{address}?with={itself.public_id}") for act in (web.get, web.post))

        assert (looked.status_code, pressed.status_code) == (200, 422)
        assert "That is the same record twice." in looked.text
        assert "That is the same record twice." in pressed.text
    assert Merge.objects.count() == 0


def test_a_second_click_merges_once(web, pair):
    kept, gone = pair

    post(web, kept, gone)
    again = post(web, kept, gone)

    assert (again.headers["Location"], Merge.objects.count()) == (kept.get_absolute_url(), 1)


def test_who_looked_at_an_older_state_looks_again(web, pair):
    kept, gone = pair
    Client.objects.filter(pk=kept.pk).update(version=7, city="York")

    page = post(web, kept, gone)

    assert page.status_code == 409
    assert "look again" in page.content.decode()
    assert "York" in page.content.decode()
    assert Merge.objects.count() == 0


def test_undo_says_what_stays(web, pair):
    kept, gone = pair
    make_interaction(client=gone)
    post(web, kept, gone)
    make_interaction(client=kept)
    merge = Merge.objects.get()

    shown = web.get(reverse("merge", args=[merge.uuid])).content.decode()
    page = web.post(reverse("merge_undo", args=[merge.uuid]), follow=True).content.decode()
    twice = web.post(reverse("merge_undo", args=[merge.uuid]), follow=True).content.decode()

    assert "1 entry of the timeline" in shown
    assert "Back: 1 entry of the timeline." in page
    assert "Added since the merge, and stays: 1 entry of the timeline." in page
    assert "taken back already" in twice
    outsider = browser_of(make_user())
    assert outsider.post(reverse("merge_undo", args=[merge.uuid])).status_code == 404


def test_two_people_at_a_client_become_one(web, pair):
    kept, _gone = pair
    rosa = make_contact(client=kept, name="Rosa Delgado", email="rosa@x.example")
    other = make_contact(client=kept, name="Rosa Delgadó", email="", phone="0113")
    elsewhere = make_contact(name="Rosa Delgado")
    page_url = reverse("contact_merge", args=[kept.public_id, rosa.public_id])

    choose = web.get(page_url).content.decode()
    data = {"kept_version": 1, "gone_version": 1, "take_phone": "gone"}
    web.post(f"{page_url}?with={other.public_id}", data)

    rosa.refresh_from_db()
    assert other.public_id in choose
    assert elsewhere.public_id not in choose
    assert (rosa.phone, list(kept.contacts.current())) == ("0113", [rosa])
    web.get(reverse("client_people", args=[kept.public_id]))  # takes the message
    people = web.get(reverse("client_people", args=[kept.public_id])).content.decode()
    assert "Rosa Delgadó" not in people


def test_what_was_for_its_team_only_is_nowhere_to_be_read_after_a_merge_was_taken_back(web, pair):
    kept, _gone = pair
    secret = make_client(name="Secret Holdings", owner=web.user, visibility="team_only")
    make_contact(client=secret, name="Sybil Secret", email="sybil@secret.example")
    stranger = browser_of(make_user())

    post(web, kept, secret)
    merge = Merge.objects.get()
    held_close = stranger.get(kept.get_absolute_url()).status_code
    web.post(reverse("merge_undo", args=[merge.uuid]))

    assert held_close == 404  # who may see it was not widened
    for address in ("history/", "timeline/", "timeline.csv", ""):
        answer = stranger.get(f"{kept.get_absolute_url()}{address}")
        text = answer.getvalue().decode() if answer.streaming else answer.text
        assert (address, answer.status_code, "Secret" in text) == (address, 200, False)
    assert stranger.get(reverse("merge", args=[merge.uuid])).status_code == 404
    assert "Secret Holdings" in web.get(f"{kept.get_absolute_url()}history/").text
    assert web.get(reverse("merge", args=[merge.uuid])).status_code == 200


def test_whoever_may_see_only_one_of_two_reads_nothing_of_the_other_after_they_were_taken_apart(web, clock):
    """Every page of a history, as every role, for the one that stayed and for the one that went."""
    boss = browser_of(make_manager())
    open_one = make_client(name="Tidewell Water", owner=web.user, phone="")
    rosa = make_contact(client=open_one, name="Rosa", email="rosa@tidewell.example")
    owner, member = make_user(name="Olga Xyzzy"), make_user(name="Max Xyzzy")
    for kept_is_open in (True, False):
        secret = make_client(
            name="Xyzzy Holdings",
            owner=owner,
            team=[member],
            visibility="team_only",
            phone="0113 xyzzy",
            stage="dormant",
        )
        make_contact(client=secret, name="Sybil Xyzzy", email="sybil@xyzzy.example")
        make_contact(client=secret, name="R. Xyzzy", email=rosa.email, job_title="Xyzzy Director")
        open_one.refresh_from_db()
        kept, gone = (open_one, secret) if kept_is_open else (secret, open_one)
        clock.shift(60)
        post(boss, kept, gone, phone="gone", stage="gone", name="gone")
        clock.shift(60)
        boss.post(reverse("merge_undo", args=[Merge.objects.get(undone_at=None, part_of=None).uuid]))
        clock.shift(60)
        secret.team_members.all().delete()  # what is not there any more is told by nothing but the history
        open_one.refresh_from_db()
        assert (open_one.name, open_one.merged_into_id) == ("Tidewell Water", None)
        pages = [
            f"{open_one.get_absolute_url()}history/", f"{open_one.get_absolute_url()}timeline/",
            f"{open_one.get_absolute_url()}timeline.csv", open_one.get_absolute_url(),
            reverse("history", args=["contact", rosa.public_id]),
        ]  # fmt: skip
        for reader in (web, browser_of(make_user())):
            for page in pages:
                answer = reader.get(page)
                text = answer.getvalue().decode() if answer.streaming else answer.text
                assert (page, answer.status_code, "xyzzy" in text.lower()) == (page, 200, False)
            for record in (secret, *secret.contacts.all()):
                assert reader.get(f"{record.get_absolute_url()}").status_code == 404
        assert "xyzzy" in boss.get(pages[0]).text.lower()

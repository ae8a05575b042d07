import pytest
from django.urls import reverse
from django.utils import timezone

from tests.make import make_client, make_contact, make_interaction, make_user

pytestmark = pytest.mark.django_db


def hits(browser, words, **more):
    page = browser.get(reverse("find"), {"q": words, **more})
    assert page.status_code == 200
    return page.content.decode()


def test_accents_and_case_do_not_matter(web):
    make_client(name="Königlich Essen", owner=web.user)

    assert "Königlich Essen" in hits(web, "KONIGL")


def test_people_are_found_with_their_client(web):
    client = make_client(name="Tidewell Water", owner=web.user)
    make_contact(client=client, name="Zoë Ångström")

    page = hits(web, "angstrom")

    assert "Zoë Ångström" in page
    assert "Tidewell Water" in page


def test_a_team_only_client_and_its_people_do_not_exist_for_others(web):
    hidden = make_client(name="Secret Harbour", owner=make_user(), visibility="team_only")
    make_contact(client=hidden, name="Hidden Person")

    for words in ("secret", "hidden"):
        for palette in ({}, {"palette": "1"}):
            page = hits(web, words, **palette)
            assert "Secret Harbour" not in page
            assert "Hidden Person" not in page


def test_commands_are_found_by_name_and_managers_places_only_by_managers(web, manager_web):
    assert reverse("log") in hits(web, "log a con", palette=1)
    assert "Where we stand" not in hits(web, "where we")
    assert "Where we stand" in hits(manager_web, "where we")


@pytest.mark.parametrize("words", ["\0", "'\"<script>", "%", "_", "🙂" * 150, "مرحبا", "x" * 100_000])
def test_any_text_may_be_looked_for(web, words):
    response = web.get(reverse("find"), {"q": words[:8000], "palette": "1"})

    assert response.status_code in (200, 400)
    assert b"<script>" not in response.content


@pytest.mark.parametrize("count", [1, 3])
def test_finding_costs_the_same_for_any_number_of_hits(web, count, django_assert_max_num_queries):
    for number in range(count):
        client = make_client(name=f"Harbour {number}", owner=web.user)
        make_contact(client=client, name=f"Harbour Master {number}")

    with django_assert_max_num_queries(12):
        hits(web, "harbour", palette="1")


def test_names_that_begin_with_the_words_stand_before_names_that_hold_them(web):
    make_client(name="Deepwater Tidal", owner=web.user)
    make_client(name="Tidal Energy", owner=web.user)

    page = hits(web, "tidal", palette="1")

    assert page.index("Tidal Energy") < page.index("Deepwater Tidal")


@pytest.mark.parametrize("typed", ["tidewel watr", "Tidwell", "tydewell"])
def test_a_typing_mistake_is_forgiven_and_said(web, typed):
    make_client(name="Tidewell Water", owner=web.user)
    make_client(name="Brightloom Textiles", owner=web.user)

    page = hits(web, typed, palette="1")

    assert "Did you mean" in page
    assert "Tidewell Water" in page
    assert "Brightloom" not in page
    assert f"{reverse('client_new')}?name=" in page


def test_a_typing_mistake_leads_nobody_to_a_client_they_may_not_see(web):
    hidden = make_client(name="Secret Harbour", owner=make_user(), visibility="team_only")
    make_contact(client=hidden, name="Sebastian Hiddenham")

    for typed in ("secrt harbour", "sebastian hidenham"):
        assert "Did you mean" not in hits(web, typed)


def test_what_was_said_is_found_with_the_words_around_it(web):
    client = make_client(name="Tidewell Water", owner=web.user)
    make_interaction(
        client=client, author=web.user, body="Rosa rang. " + "Much else. " * 20 + "The Änderung of tariffs."
    )

    said = hits(web, "anderung", palette="1", said="1")

    assert "The Änderung of tariffs." in said
    assert "Tidewell Water" in said
    assert "Rosa rang" not in said
    assert "What was said" in hits(web, "anderung")


def test_what_was_said_at_a_hidden_client_or_removed_is_found_by_nobody_else(web):
    hidden = make_client(name="Secret Harbour", owner=make_user(), visibility="team_only")
    make_interaction(client=hidden, author=hidden.owner, body="The merger of the harbours.")
    gone = make_interaction(client=make_client(owner=web.user), author=web.user, body="The merger of the mills.")
    gone.remove(now=timezone.now())

    for more in ({}, {"palette": "1", "said": "1"}):
        page = hits(web, "merger", **more)
        assert "harbours" not in page
        assert "mills" not in page


def test_a_client_in_the_palette_offers_what_can_be_done_there(web):
    client = make_client(name="Tidewell Water", owner=web.user, phone="+44 20 7946 0018")
    not_mine = make_client(name="Corbel & Stone", owner=make_user())

    mine = hits(web, "", palette="1", client=client.public_id)
    others = hits(web, "", palette="1", client=not_mine.public_id)

    for route in ("log", "promise_new", "request_new"):
        assert f"{reverse(route)}?client={client.public_id}" in mine
        assert f"{reverse(route)}?client={not_mine.public_id}" not in others
    assert 'href="tel:+442079460018"' in mine
    assert not_mine.get_absolute_url() in others


def test_what_can_be_done_at_a_hidden_client_is_not_told(web):
    hidden = make_client(owner=make_user(), visibility="team_only")

    answer = web.get(reverse("find"), {"palette": "1", "client": hidden.public_id})

    assert answer.status_code == 404


def test_on_a_clients_page_the_palette_opens_with_what_can_be_done_there(web):
    client = make_client(name="Tidewell Water", owner=web.user)
    hidden = make_client(name="Secret Harbour", owner=make_user(), visibility="team_only")

    def opened_on(address):
        headers = {"HX-Current-URL": f"http://testserver{address}"}
        return web.get(reverse("find"), {"q": "", "palette": "1"}, headers=headers).content.decode()

    assert f"{reverse('promise_new')}?client={client.public_id}" in opened_on(client.get_absolute_url())
    assert "Secret Harbour" not in opened_on(hidden.get_absolute_url())
    assert opened_on("//[") == opened_on("/nowhere/")


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_said_and_near_misses_cost_the_same_for_any_number(web, count, django_assert_max_num_queries):
    for number in range(count):
        client = make_client(name=f"Harbour {number}", owner=web.user)
        make_interaction(client=client, author=web.user, body="They asked about the tariff.")

    with django_assert_max_num_queries(5):
        hits(web, "tariff", palette="1", said="1")
    with django_assert_max_num_queries(20):
        hits(web, "harbuor", palette="1")


def test_ones_own_clients_and_their_people_come_first(web):
    theirs = make_client(name="Aldgate Water", owner=make_user())
    mine = make_client(name="Alder Water", owner=web.user)
    make_contact(client=theirs, name="Rosa Abel")
    make_contact(client=mine, name="Rosa Delgado")

    clients, people = hits(web, "ald", palette="1"), hits(web, "rosa", palette="1")

    assert clients.index("Alder Water") < clients.index("Aldgate Water")
    assert people.index("Rosa Delgado") < people.index("Rosa Abel")

import pytest
from django.urls import reverse

from tests.make import make_client, make_contact, make_user

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

    with django_assert_max_num_queries(6):
        hits(web, "harbour", palette="1")

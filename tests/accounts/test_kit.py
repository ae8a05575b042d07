"""The pages that are nobody's: the kit, and what is said when something is refused, missing or broken."""

import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["kit", "kit_client"])
def test_the_kit_draws_every_component_for_somebody_signed_in(web, name):
    assert web.get(reverse(name)).status_code == 200


def test_the_kit_is_not_for_strangers(client):
    assert client.get(reverse("kit")).status_code == 302


@pytest.mark.parametrize("page", ["400.html", "403.html", "404.html", "500.html"])
def test_a_page_about_trouble_needs_neither_a_request_nor_a_database(page, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert "<h1>" in render_to_string(page)


def test_the_shell_names_the_reader_and_the_page_they_are_on(web):
    page = web.get(reverse("clients")).content.decode()

    # once in the sidebar, once in the menu under More
    assert re.findall(r'class="nav-a" href="([^"]+)" aria-current="page"', page) == [reverse("clients")] * 2
    assert 'data-theme="auto"' in page


def test_what_the_menu_sets_does_not_reach_the_page(web):
    """The menu counts late promises; the page has words of its own by that name."""
    from datetime import timedelta

    from django.utils import timezone

    from tests.make import make_promise

    make_promise(owner=web.user, due_at=timezone.now() - timedelta(days=2))

    assert web.get("/_kit/").status_code == 200

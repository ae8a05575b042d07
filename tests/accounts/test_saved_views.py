"""Views under a name that are shown to everybody: who sees them, who changes them, and what they never tell."""

import pytest
from django.urls import reverse

from accounts import saved_views
from accounts.lists import kinds
from accounts.models import SavedView
from tests.conftest import browser_of
from tests.make import make_client, make_manager, make_user

pytestmark = pytest.mark.django_db

PAGES = ["clients", "contacts", "interactions", "requests", "promises"]


def save(web, name, query, *, page="clients", **fields):
    return web.post(reverse("saved_view_new", args=[page]), {"name": name, "query": query, **fields}, follow=True)


def tabs(web, address="/clients/"):
    return {tab.name: tab for tab in web.get(address).context["tabs"]}


@pytest.mark.parametrize("page", PAGES)
def test_every_list_keeps_views_of_its_own(web, page):
    kind = kinds.get(page)
    save(web, "Words", "q=words", page=page)

    there = {tab.name: tab for tab in web.get(f"{kind.address}?q=words").context["tabs"]}
    others = [other for other in PAGES if other != page]

    assert there["Words"].current
    assert not [o for o in others if "Words" in tabs(web, kinds.get(o).address)]


@pytest.mark.parametrize("page", PAGES)
def test_every_usual_view_opens_and_is_marked(web, page):
    kind = kinds.get(page)
    for name, query in kind.views:
        answer = web.get(kind.address_of(query))
        assert answer.status_code == 200
        assert [tab.name for tab in answer.context["tabs"] if tab.current] == [str(name)]


def test_a_shared_view_is_a_tab_for_everybody_until_its_maker_leaves(web):
    save(web, "Onboarding", "stage=onboarding", shared="on")
    save(web, "Just mine", "stage=dormant")
    other = browser_of(make_user())

    seen = tabs(other)
    web.user.is_active = False
    web.user.save()

    assert (seen["Onboarding"].maker, "Just mine" in seen) == (web.user.name, False)
    assert "Onboarding" not in tabs(other)


def test_only_its_maker_and_managers_change_a_shared_view(web):
    save(web, "Onboarding", "stage=onboarding", shared="on")
    view = SavedView.objects.get()
    other, manager = browser_of(make_user()), browser_of(make_manager())
    edit = reverse("saved_view", args=["clients", view.pk])

    refused = [other.get(edit).status_code, other.post(edit, {"name": "Mine now"}).status_code]
    refused.append(other.post(reverse("saved_view_delete", args=["clients", view.pk])).status_code)
    manager.post(edit, {"name": "New ones", "shared": "on"})

    assert refused == [404, 404, 404]
    view.refresh_from_db()
    assert (view.name, view.user, view.shared) == ("New ones", web.user, True)


def test_a_manager_takes_a_shared_view_away_and_brings_it_back_for_its_maker(web, manager_web):
    save(web, "Onboarding", "stage=onboarding", shared="on")
    answer = manager_web.post(reverse("saved_view_delete", args=["clients", SavedView.objects.get().pk]), follow=True)
    undo = next(iter(answer.context["messages"])).extra_tags.removeprefix("undo:")
    gone = SavedView.objects.count()

    manager_web.post(undo)

    assert gone == 0
    assert SavedView.objects.get().user == web.user
    assert SavedView.objects.get().shared


def test_others_copy_it_and_the_copy_is_theirs(web):
    save(web, "Onboarding", "stage=onboarding", shared="on")
    other = browser_of(make_user())
    page = other.get("/clients/?stage=onboarding")

    form = other.get(reverse("saved_view_new", args=["clients"]) + "?stage=onboarding&name=Onboarding")
    save(other, "Onboarding", "stage=onboarding")

    assert "Copy it" in page.text
    assert 'value="Onboarding"' in form.text
    assert SavedView.objects.get(user=other.user).shared is False


def test_a_view_no_longer_shared_is_gone_for_the_others(web):
    save(web, "Onboarding", "stage=onboarding", shared="on")
    other = browser_of(make_user())
    web.post(reverse("saved_view", args=["clients", SavedView.objects.get().pk]), {"name": "Onboarding"})

    assert "Onboarding" not in tabs(other)
    assert "Onboarding" in tabs(web)


def test_a_shared_view_of_a_closed_client_tells_nobody_its_name(web):
    closed = make_client(name="Xyzzy Holdings", owner=web.user, visibility="team_only")
    save(web, "One client", f"client={closed.public_id}", page="contacts", shared="on")
    outsider = browser_of(make_user())

    address = f"/people/?client={closed.public_id}"
    texts = [outsider.get(address).text, outsider.get(reverse("saved_view_new", args=["contacts"]) + address[8:]).text]

    assert not [text for text in texts if "Xyzzy" in text]
    assert "Xyzzy" in web.get(address).text


def test_columns_are_part_of_a_view(web):
    save(web, "By city", "cols=city,stage&sort=owner")

    heads = [head.label for head in web.get("/clients/?cols=city%2Cstage&sort=owner").context["heads"]]

    assert SavedView.objects.get().query == "cols=city%2Cstage&sort=owner"
    assert heads == ["Name", "City", "Stage"]


def test_there_is_no_list_of_that_name(web):
    assert web.get("/lists/nothing/views/new/").status_code == 404
    assert web.get("/lists/nothing/columns/").status_code == 404


def test_looking_at_tabs_is_one_query(web, django_assert_num_queries):
    for number in range(3):
        save(browser_of(make_user()), f"View {number}", f"q={number}", shared="on")
    kind = kinds.get("clients")

    with django_assert_num_queries(1):
        assert len(saved_views.tabs(kind, web.user, "")) == len(kind.views) + 3

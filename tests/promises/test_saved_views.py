"""Lists under a name: the usual ones, one's own, and what becomes of them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import SavedView
from promises import saved_views
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def show(web, query=""):
    return web.get(f"{reverse('promises')}?{query}")


def current(response):
    return [tab.name for tab in response.context["tabs"] if tab.current]


def save(web, name, query):
    return web.post(reverse("saved_view_new", args=["promises"]), {"name": name, "query": query}, follow=True)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "All open"),
        ("owner=me", "Mine, open"),
        ("q=&state=open&by=&due=late&owner=", "Late"),
        ("due=week&sort=client", "Due this week"),
        ("by=ours&state=delivered", "Waiting for their word"),
        ("state=proposed&after=x", "Offered"),
        ("moved=yes&state=all", "Moved lately"),
    ],
)
def test_the_usual_views_are_tabs_and_the_one_shown_is_marked(web, query, name):
    assert current(show(web, query)) == [name]


def test_every_usual_view_opens(web):
    make_promise(client=make_client(owner=web.user))

    assert {show(web, query).status_code for _name, query in saved_views.BUILT_IN} == {200}


def test_other_filters_belong_to_no_tab_and_can_be_saved(web):
    client = make_client(name="Tidewell", owner=web.user)
    make_promise(client=client, what="Theirs", ours=False)
    query = f"by=theirs&client={client.public_id}&sort=-due"

    before = show(web, query)
    answer = save(web, "What Tidewell owes us", f"{query}&after=x&page=3&pick=w_1&state=open")

    assert current(before) == []
    assert "Save this view" in before.text
    assert current(answer) == ["What Tidewell owes us"]
    assert "Rename, share or delete" in answer.text
    assert [row.promise.what for row in answer.context["rows"]] == ["Theirs"]
    assert SavedView.objects.get().query == f"by=theirs&client={client.public_id}&sort=-due"


def test_a_double_click_saves_once_and_a_name_is_given_once(web):
    for _ in range(2):
        assert save(web, "Late ones of ours", "due=late&by=ours").status_code == 200
    refused = save(web, "Late ones of ours", "due=week&by=ours")

    assert SavedView.objects.count() == 1
    assert refused.status_code == 422
    assert "One of your views is called that." in refused.text


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "x" * 61, "two\nlines", "a\x1bb"])
def test_a_name_that_is_none_is_refused_at_the_field(web, name):
    answer = save(web, name, "due=late&by=ours")

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert SavedView.objects.count() == 0


def test_there_is_an_end_to_tabs_and_to_filters(web, monkeypatch):
    monkeypatch.setattr("accounts.saved_views.MOST", 1)
    too_long = save(web, "Long", "q=" + "%F0%9F%9A%80" * 150)
    save(web, "One", "by=ours")
    too_many = save(web, "Two", "by=theirs")

    assert "too long to be kept" in too_long.text
    assert "Delete one first" in too_many.text
    assert SavedView.objects.count() == 1


def test_renaming(web):
    save(web, "One", "by=ours")
    save(web, "Two", "by=theirs")
    view = SavedView.objects.get(name="One")

    taken = web.post(reverse("saved_view", args=["promises", view.pk]), {"name": "Two"})
    done = web.post(reverse("saved_view", args=["promises", view.pk]), {"name": "Ours"}, follow=True)

    assert taken.status_code == 422
    assert current(done) == ["Ours"]


def test_a_deleted_view_is_brought_back_by_the_toast(web, clock):
    save(web, "One", "by=ours")
    answer = web.post(reverse("saved_view_delete", args=["promises", SavedView.objects.get().pk]), follow=True)
    undo = next(iter(answer.context["messages"])).extra_tags.removeprefix("undo:")
    gone = SavedView.objects.count()

    other = browser_of(make_user()).post(undo, follow=True)
    mine = web.post(undo, follow=True)
    again = web.post(undo)

    assert gone == 0
    assert "cannot be brought back" in other.text
    assert current(mine) == ["One"]
    assert again.status_code == 302
    assert SavedView.objects.filter(user=web.user, name="One", query="by=ours").count() == 1

    web.post(reverse("saved_view_delete", args=["promises", SavedView.objects.get().pk]))
    clock.move_to(NOW + timedelta(days=2))
    assert "cannot be brought back" in web.post(undo, follow=True).text
    made_up = reverse("saved_view_restore", args=["promises"]) + "?kept=made-up"
    assert "cannot be brought back" in web.post(made_up, follow=True).text


def test_nobody_else_has_it(web):
    save(web, "One", "by=ours")
    view, other = SavedView.objects.get(), browser_of(make_user())

    assert current(show(other, "by=ours")) == []
    for name in ("saved_view", "saved_view_delete"):
        assert other.post(reverse(name, args=["promises", view.pk]), {"name": "Mine now"}).status_code == 404
    assert SavedView.objects.get().name == "One"
    assert show(other).status_code == 200


def test_looking_changes_nothing(web):
    save(web, "One", "by=ours")
    view = SavedView.objects.get()

    assert web.get(reverse("saved_view_new", args=["promises"]), {"by": "ours"}).status_code == 200
    assert web.get(reverse("saved_view", args=["promises", view.pk])).status_code == 200
    assert web.get(reverse("saved_view_delete", args=["promises", view.pk])).status_code == 405
    assert web.get(reverse("saved_view_restore", args=["promises"])).status_code == 405
    assert SavedView.objects.count() == 1

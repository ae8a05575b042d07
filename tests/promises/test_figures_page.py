"""The page “Kept word”: what it says, to whom, and where its figures lead."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from promises.models import Promise
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAY = timedelta(days=1)


def came_due(owner, *, client=None, days=5, state="kept", ours=True, **fields):
    promise = make_promise(owner=owner, client=client, due_at=NOW - days * DAY, now=NOW, ours=ours)
    done_at = promise.due_at if state == "kept" else None
    Promise.objects.filter(pk=promise.pk).update(state=state, **{"done_at": done_at, **fields})
    return promise


def page(browser, **query):
    return browser.get(reverse("promise_figures"), query)


def text(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def listed(browser, url):
    return {row.promise.pk for row in browser.get(url).context["rows"]}


def test_the_large_figures_say_share_count_and_period(manager_web):
    owner = make_user()
    for _n in range(6):
        came_due(owner)
    came_due(owner, state="broken")

    shown = text(page(manager_web))

    assert "Word kept 85.7% 6 of 7 kept, or moved early" in shown
    assert "Kept as first promised 85.7% 6 of 7 due, by the last date" in shown
    assert "Early warning 0 of 1 too few to score" in shown
    assert "Reliability 0.487 at least, after 7 due" in shown
    assert "This quarter · 7 promises came due" in shown


def test_few_are_shown_as_few(manager_web):
    came_due(make_user())
    came_due(make_user(), state="broken")

    shown = text(page(manager_web))

    assert "Word kept 1 of 2 too few to score" in shown
    assert "Reliability – 1 of 2, too few to score" in shown
    assert "%" not in shown.split("What became of them")[0]


def test_every_figure_opens_the_promises_it_counts(manager_web):
    owner = make_user()
    wanted = {
        "word_kept": [came_due(owner) for _n in range(5)],
        "broken": [came_due(owner, state="broken")],
        "open_overdue": [came_due(owner, days=2, state="active")],
        "released": [came_due(owner, state="released")],
    }
    came_due(owner, days=200)  # another quarter
    came_due(owner, ours=False)  # another side
    make_promise(owner=owner, due_at=NOW + DAY, now=NOW)

    side = page(manager_web).context["shown"].sides[0]

    found = {str(row.label): listed(manager_web, row.url) for row in side.outcomes if row.n}
    assert found == {
        "kept as first promised": {promise.pk for promise in wanted["word_kept"]},
        "broken": {promise.pk for promise in wanted["broken"]},
        "open and overdue": {promise.pk for promise in wanted["open_overdue"]},
        "released": {promise.pk for promise in wanted["released"]},
    }
    assert listed(manager_web, side.large[0].url) == {promise.pk for promise in wanted["word_kept"]}
    assert len(listed(manager_web, side.all_url)) == side.together == 8


def test_a_slip_between_two_days_is_said_as_half_a_day(manager_web):
    owner = make_user()
    for late in (1, 2):  # done on Tuesday and Wednesday, first due on Monday
        promise = came_due(owner, days=10, done_at=NOW - timedelta(days=10 - late))
        assert promise.first_due_at.weekday() == 0

    assert "1.5 days" in text(page(manager_web))


def test_our_word_and_theirs_stand_apart(manager_web):
    owner = make_user()
    came_due(owner, ours=False)
    came_due(owner)

    both, theirs = page(manager_web), page(manager_web, by="theirs")

    assert [side.word.settled for side in both.context["shown"].sides] == [1, 1]
    assert [side.side for side in theirs.context["shown"].sides] == ["theirs"]
    assert "Our word" not in text(theirs)


def test_many_released_are_pointed_out(manager_web):
    owner = make_user()
    for state in ["kept"] * 5 + ["released"]:
        came_due(owner, state=state)

    assert "more than 15%: is it agreed, or given up?" in text(page(manager_web))
    came_due(owner)
    assert "more than 15%" not in text(page(manager_web))


def test_a_row_leads_to_figures_of_its_own(manager_web):
    owner, other = make_user(name="Ann Lee"), make_user(name="Bo Fry")
    client = make_client(owner=other, name="Corbel")
    came_due(owner, client=client)
    came_due(other, client=client)

    for table, name in [("people", "Ann Lee"), ("clients", "Corbel"), ("teams", "Bo Fry")]:
        rows = {line.name: line for line, *_rest in page(manager_web, table=table).context["shown"].rows}
        own = manager_web.get(rows[name].url)
        assert f"Kept word: {'the team of ' if table == 'teams' else ''}{name}" in text(own)
        assert own.context["shown"].sides[0].figures.by_first_due == rows[name].figures.by_first_due


# -------------------------------------------------------------------- who sees what


def test_everybody_sees_their_own_word(web):
    came_due(web.user)
    came_due(make_user(name="A Colleague"))

    shown = page(web)

    assert "My word" in text(shown)
    assert shown.context["shown"].sides[0].word.settled == 1
    assert "A Colleague" not in text(shown)


def test_a_colleagues_word_is_for_managers(web, manager_web):
    colleague = make_user()
    client = make_client(owner=colleague)
    came_due(colleague, client=client)

    for asked in ("owner", "team"):
        assert page(web, **{asked: colleague.public_id}).status_code == 404
        assert page(manager_web, **{asked: colleague.public_id}).status_code == 200
    of_client = page(web, client=client.public_id)
    assert of_client.context["shown"].sides[0].word.settled == 1
    assert colleague.name not in text(page(web, client=client.public_id, table="people")).split("By person")[-1]


def test_a_client_others_keep_to_themselves_is_in_no_figure(web):
    secret = make_client(visibility="team_only", name="Secret Holdings")
    came_due(secret.owner, client=secret)
    came_due(web.user, client=secret)

    assert page(web, client=secret.public_id).status_code == 404
    assert page(web, period="ever").context["shown"].is_empty
    assert "Secret Holdings" not in text(page(web, table="clients"))


@pytest.mark.parametrize("asked", [{"owner": "u_nobody"}, {"client": "c_nothing"}, {"team": "x" * 99}])
def test_figures_of_nobody_do_not_exist(manager_web, asked):
    assert page(manager_web, **asked).status_code == 404


# -------------------------------------------------------------------- the page itself


def test_before_anything_came_due_it_says_what_comes(web):
    make_promise(owner=web.user, now=NOW)

    shown = text(page(web))

    assert "No promise came due in this period." in shown
    assert "Look at all time" in shown
    assert "How this is counted" in shown
    assert "Look at all time" not in text(page(web, period="ever"))


@pytest.mark.parametrize(
    "query",
    [{"period": "x"}, {"since": "2026-99-99"}, {"table": "x", "sort": "';--", "page": "x"}, {"since": "0001-01-01"}],
)
def test_an_odd_address_is_no_error(manager_web, query):
    came_due(make_user())

    assert page(manager_web, **query).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("table", ["people", "clients", "teams"])
def test_the_page_costs_the_same_for_any_number(manager_web, count, table, django_assert_max_num_queries):
    for _n in range(count):
        client = make_client(owner=make_user())
        contact = make_contact(client=client)
        came_due(client.owner, client=client)
        came_due(client.owner, client=client, done_at=NOW)  # late
        came_due(client.owner, client=client, state="active")
        came_due(client.owner, client=client, done_at=NOW, ours=False)
        late = came_due(client.owner, client=client, state="active", ours=False)
        Promise.objects.filter(pk=late.pk).update(promisor_contact=contact)
    page(manager_web, table=table)

    with django_assert_max_num_queries(20):
        page(manager_web, table=table)


def test_the_page_is_linked_for_those_who_look_for_it(web):
    client = make_client(owner=web.user)
    address = reverse("promise_figures")

    assert f'href="{address}"' in web.get(reverse("promises")).content.decode()
    assert f'href="{address}"' in web.get(reverse("profile")).content.decode()
    assert f'href="{address}?client={client.public_id}' in web.get(client.get_absolute_url()).content.decode()


def test_a_manager_opens_their_own_word_from_their_profile():
    manager = make_manager()

    shown = browser_of(manager).get(reverse("profile")).content.decode()

    assert f'href="{reverse("promise_figures")}?owner=me"' in shown

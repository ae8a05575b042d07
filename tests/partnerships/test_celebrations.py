"""What is worth celebrating with a client: found by itself, decided by a person, and nothing sent by any of it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from clients.models import Client, Interaction
from outbox.models import Email
from partnerships import celebrations
from partnerships.models import Celebration
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)
TODAY = date(2026, 11, 19)


def since(day, **fields):
    return make_client(partner_since=day, **fields)


def keep_words(client, count, *, failed_first=False):
    """So many promises kept in a row, the last one yesterday."""
    if failed_first:
        make_promise(client=client, now=NOW - 90 * DAY, due_at=NOW - 80 * DAY).keep(
            by=client.owner, now=NOW - 70 * DAY, reason="forgot"
        )
    for n in range(count, 0, -1):
        promise = make_promise(client=client, now=NOW - (2 * n + 10) * DAY, due_at=NOW - 2 * n * DAY + DAY / 2)
        promise.keep(by=client.owner, now=NOW - (2 * n - 1) * DAY - DAY / 2 - DAY / 4)


def found(user):
    return [(one.words, one.when) for one in celebrations.found(user, now=NOW)]


def said(web, client, key, **data):
    return web.post(reverse("celebration_said", args=[client.public_id, key]), data)


def test_anniversaries_from_three_days_behind_to_fourteen_ahead(web):
    for name, day in [
        ("Too long ago", date(2020, 11, 15)),
        ("Three behind", date(2025, 11, 16)),
        ("Tomorrow", date(2016, 11, 20)),
        ("Fourteen ahead", date(2021, 12, 3)),
        ("Too far", date(2021, 12, 4)),
        ("Began this year", date(2026, 11, 21)),
    ]:
        since(day, name=name, owner=web.user)
    since(date(2016, 11, 20), name="Not mine")

    assert found(web.user) == [
        ("One year with Three behind", "On Monday"),
        ("10 years with Tomorrow", "Tomorrow"),
        ("Five years with Fourteen ahead", "Thu 3 Dec"),
    ]


@pytest.mark.parametrize(("year", "day"), [(2027, date(2027, 2, 28)), (2028, date(2028, 2, 29))])
def test_a_partnership_that_began_on_29_february_is_celebrated_every_year(year, day):
    client = since(date(2024, 2, 29))

    [one] = celebrations.anniversaries(
        Client.objects.all(), first=date(year, 2, 20), last=date(year, 3, 5), today=date(year, 2, 20)
    )

    assert (one.client, one.on) == (client, day)


def test_over_the_turn_of_the_year(web):
    since(date(2020, 1, 2), name="January", owner=web.user)
    since(date(2020, 12, 30), name="December", owner=web.user)

    some = celebrations.anniversaries(
        Client.objects.all(), first=date(2026, 12, 28), last=date(2027, 1, 11), today=date(2026, 12, 31)
    )

    assert [(one.words, one.on) for one in some] == [
        ("Six years with December", date(2026, 12, 30)),
        ("Seven years with January", date(2027, 1, 2)),
    ]


@pytest.mark.parametrize(("count", "words"), [(9, []), (10, [10]), (11, []), (14, []), (25, [25])])
def test_words_kept_in_a_row_are_noticed_when_a_round_number_is_reached(web, count, words):
    client = make_client(name="Marram", owner=web.user)
    keep_words(client, count, failed_first=True)

    assert [one for one, _when in found(web.user)] == [f"{n} promises kept in a row at Marram" for n in words]


def test_said_with_words_is_remembered_and_sends_and_logs_nothing(web):
    client = since(date(2016, 11, 20), owner=web.user)

    said(web, client, "anniversary-2026", words="Thank you for ten years.")

    [row] = Celebration.objects.all()
    assert (row.client, row.kind, row.key, row.on) == (client, "anniversary", "anniversary-2026", date(2026, 11, 20))
    assert (row.words, row.decided, row.decided_by) == ("Thank you for ten years.", "said", web.user)
    assert found(web.user) == []
    assert (Email.objects.count(), Interaction.objects.count()) == (0, 0)
    assert "Thank you for ten years." in web.get(reverse("celebrations")).content.decode()


def test_not_this_time_and_undo(web):
    client = since(date(2016, 11, 20), owner=web.user)

    answer = web.post(reverse("celebration_let_go", args=[client.public_id, "anniversary-2026"]), follow=True)
    assert found(web.user) == []
    [message] = answer.context["messages"]
    web.post(message.extra_tags.removeprefix("undo:"))

    assert [words for words, _when in found(web.user)] == [f"10 years with {client.name}"]
    assert Celebration.objects.count() == 0


def test_who_decided_first_decided_and_the_other_is_told(web):
    client = since(date(2016, 11, 20), owner=web.user)
    said(web, client, "anniversary-2026", words="Well done")

    answer = browser_of(make_manager()).post(
        reverse("celebration_let_go", args=[client.public_id, "anniversary-2026"]), follow=True
    )

    assert [str(message) for message in answer.context["messages"]] == ["Priya decided about this already."]
    assert Celebration.objects.get().decided == "said"


@pytest.mark.parametrize(
    "key", ["anniversary-2016", "anniversary-2028", "anniversary-26-20200101", "streak-10", "streak-11-20260101", "x"]
)
def test_a_key_that_is_no_occasion_of_theirs_is_not_found(web, key):
    client = since(date(2016, 11, 20), owner=web.user)

    assert said(web, client, key).status_code == 404
    assert Celebration.objects.count() == 0


def test_words_that_are_no_text_are_refused_beside_the_field(web):
    client = since(date(2016, 11, 20), owner=web.user)

    answer = said(web, client, "anniversary-2026", words="a\0b")

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["words"])
    assert said(web, client, "anniversary-2026", words="x" * 301).status_code == 422


def test_a_team_only_client_is_celebrated_by_those_inside_only(web):
    inside = make_user()
    client = since(date(2016, 11, 20), name="Secret Holdings", visibility="team_only", team=[inside])
    Celebration.objects.create(
        client=client, kind="anniversary", key="anniversary-2025", on=TODAY, decided="said", decided_at=NOW,
        decided_by=client.owner,
    )  # fmt: skip
    undo = reverse("celebration_undo", args=[Celebration.objects.get().public_id])

    for reader, sees in [(web, False), (browser_of(inside), True), (browser_of(make_manager()), True)]:
        page = reader.get(reverse("celebrations"), {"who": "all"}).content.decode()
        assert ("Secret Holdings" in page) == sees
    assert said(web, client, "anniversary-2026").status_code == 404
    assert web.post(undo).status_code == 404


def test_the_page_holds_three_months_by_month(web):
    for name, day in [("Soon", date(2020, 11, 25)), ("Later", date(2020, 1, 31)), ("Too late", date(2020, 3, 1))]:
        since(day, name=name, owner=web.user)

    months = web.get(reverse("celebrations")).context["months"]

    assert [(month, [one.client.name for one, _decided in rows]) for month, rows in months] == [
        (date(2026, 11, 1), ["Soon"]),
        (date(2027, 1, 1), ["Later"]),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_costs_the_same(web, count, django_assert_num_queries):
    for _ in range(count):
        client = since(date(2016, 11, 20), owner=web.user)
        keep_words(client, 10)
    found(web.user)

    with django_assert_num_queries(2):
        assert len(found(web.user)) == 2 * count
    with django_assert_num_queries(6):
        web.get(reverse("celebrations"))


def test_of_very_many_clients_all_managers_look_once_a_minute_and_a_decision_counts_at_once(
    monkeypatch, django_assert_num_queries
):
    manager, other = make_manager(), make_manager()
    monkeypatch.setattr("accounts.large.LARGE", 0)
    client, hidden = since(date(2016, 11, 20), name="Tidewell Water"), since(date(2015, 11, 21), name="Merged")
    Client.objects.filter(pk=hidden.pk).update(merged_into=client)

    def words(reader):
        return [one.words for one in celebrations.found(reader, now=NOW, team=True)]

    assert words(manager) == ["10 years with Tidewell Water"]
    with django_assert_num_queries(2):
        assert words(other) == ["10 years with Tidewell Water"]
    [one] = celebrations.found(manager, now=NOW, team=True)
    celebrations.decide(one, by=manager, now=NOW, decided="said")
    assert words(other) == []

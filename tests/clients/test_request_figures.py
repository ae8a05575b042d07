"""Response times: every number worked out by hand, opened as its list, and read only by whom it concerns."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from clients.models import Request
from clients.requests import figures
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_manager, make_request, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def answered(minutes, *, client, assignee=None, asked_at=MONDAY):
    """Asked on Monday at nine and answered so many working minutes later (at most a day of them)."""
    one = make_request(client=client, asked_at=asked_at, assignee=assignee)
    one.answer(by=one.assignee, now=NOW, at=asked_at + timedelta(minutes=minutes))
    return one


def together(requests):
    return figures.all_of(figures.by(requests, "assignee", now=NOW).values())


@pytest.mark.parametrize(
    ("minutes", "median", "p90"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([10, 20], 15, 19),
        ([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 55, 91),
        ([5, 5, 5, 100], 5, 71.5),
    ],
)
def test_percentiles_lie_between_their_neighbours_in_proportion(minutes, median, p90):
    counted = [(value, minutes.count(value)) for value in set(minutes)]
    assert figures.percentile(counted, 0.5) == median
    assert figures.percentile(counted, 0.9) == pytest.approx(p90) if p90 is not None else p90 is None


def test_the_figures_of_some_requests_by_hand():
    client = make_client()
    for minutes in (10, 30, 60, 500):  # 500 minutes are 8 h 20: late by 20
        answered(minutes, client=client)
    make_request(client=client, asked_at=MONDAY)  # due Monday 17:00, still open: late
    make_request(client=client)  # asked just now: counts in nothing yet
    none = make_request(client=client, asked_at=MONDAY)
    none.no_reply(by=client.owner, now=NOW, why="Spam")
    again = answered(20, client=client)
    again.ask_again(by=client.owner, now=NOW)
    make_request(client=client, asked_at=MONDAY).remove(by=client.owner, now=NOW)
    found = together(Request.objects.kept())
    assert (found.asked, found.counted, found.in_time, found.late, found.no_reply) == (8, 6, 4, 2, 1)
    assert (found.waiting, found.over, found.percent) == (3, 1, 67)
    # 10, 20, 30, 60, 500: the middle one, and 60 + 0.6 · 440.
    assert (found.median, round(found.p90, 6), found.median_words, found.p90_words) == (30, 324, "30 min", "5 h 24")


def test_working_time_counts_and_not_the_night():
    one = make_request(asked_at=datetime(2026, 11, 17, 17, 0, tzinfo=UTC))
    one.answer(by=one.assignee, now=NOW, at=datetime(2026, 11, 18, 9, 15, tzinfo=UTC))
    assert together(Request.objects.all()).median == 45


@pytest.fixture
def firm():
    priya, tom = make_user(name="Priya Raman"), make_user(name="Tom Okafor")
    north, marram = make_client(name="Northgate Foods", owner=priya), make_client(name="Marram Energy", owner=tom)
    answered(10, client=north)
    answered(500, client=north)
    answered(60, client=marram)
    answered(90, client=marram, asked_at=datetime(2026, 8, 3, 8, 0, tzinfo=UTC))
    make_request(client=marram, asked_at=MONDAY)
    return priya, tom, north, marram


def page(user, query=""):
    return browser_of(user).get(reverse("request_figures") + query).context


def test_a_manager_reads_every_person_client_and_month(firm):
    shown = page(make_manager(), "?period=year")
    assert [(line.name, line.figures.median, line.figures.percent) for line in shown["people"]] == [
        ("Priya Raman", 255, 50), ("Tom Okafor", 75, 67),
    ]  # fmt: skip
    assert [(line.name, line.figures.late) for line in shown["clients"]] == [
        ("Marram Energy", 1), ("Northgate Foods", 1),
    ]  # fmt: skip
    assert [(line.name, line.figures.asked) for line in shown["months"]] == [("November 2026", 4), ("August 2026", 1)]
    assert page(make_manager())["all"].figures.asked == 4  # this quarter begins in October


def test_everybody_else_reads_their_own(firm):
    priya, _tom, _north, _marram = firm
    shown = page(priya, "?period=all")
    assert [line.name for line in shown["people"]] == ["Priya Raman"]
    assert [line.name for line in shown["clients"]] == ["Northgate Foods"]
    assert shown["all"].figures.asked == 2
    assert "Tom Okafor" not in browser_of(priya).get(reverse("request_figures")).content.decode()


def test_every_number_opens_the_list_of_what_it_counts(firm):
    manager = browser_of(make_manager())
    shown = manager.get(reverse("request_figures") + "?period=year").context
    lines = [shown["all"], *shown["people"], *shown["clients"], *shown["months"]]
    for line in lines:
        numbers = line.figures
        for url, count in [
            (line.asked_url, numbers.asked), (line.counted_url, numbers.counted), (line.late_url, numbers.late),
            (line.answered_url, numbers.answered), (line.waiting_url, numbers.waiting), (line.over_url, numbers.over),
        ]:  # fmt: skip
            assert manager.get(url).context["count"] == count, (line.name, url)


def test_without_requests_there_are_no_numbers(web):
    assert "No requests in this time." in web.get(reverse("request_figures")).content.decode()
    html = web.get(reverse("request_figures") + "?period=rubbish").content.decode()
    assert re.search(r'aria-current="true">This quarter<', html)

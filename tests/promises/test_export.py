"""The list as CSV and XLSX: the promises of the list, in its order, and nothing a spreadsheet would run."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from promises import export
from promises.models import Promise
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_promise, make_user
from tests.promises.test_judging import one_of_each

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAY = timedelta(days=1)


def csv_rows(browser, **query):
    response = browser.get(reverse("promises_export"), query)
    assert response.status_code == 200
    text = response.getvalue().decode()
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def xlsx_rows(browser, **query):
    response = browser.get(reverse("promises_xlsx"), query)
    assert response.status_code == 200
    sheet = load_workbook(io.BytesIO(response.getvalue()), read_only=True).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def listed(browser, **query):
    """The ids on all pages of the list, in its order."""
    found, asked = [], query
    while True:
        response = browser.get(reverse("promises"), asked)
        found += [row.promise.public_id for row in response.context["rows"]]
        if not response.context["page"].after:
            return found
        asked = {**query, "after": response.context["page"].after}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"state": "all"},
        {"state": "all", "sort": "-due"},
        {"state": "all", "sort": "client"},
        {"by": "theirs", "state": "all", "sort": "owner"},
        {"outcome": "broken"},
        {"outcome": "missed", "by": "ours", "due": "past"},
        {"outcome": "word_due", "since": "2026-10-01", "until": "2026-11-10", "on": "last", "due": "past"},
        {"due": "late"},
        {"owner": "me", "state": "all"},
        {"team": "me", "state": "all"},
        {"unconfirmed": "yes"},
        {"q": "fee note", "state": "all", "sort": "-what"},
        {"q": "corbel", "state": "all"},
        {"client": "c_nothing"},
        {"outcome": "no such thing", "since": "never"},
    ],
)
def test_both_files_hold_the_promises_of_the_list_in_its_order(web, query):
    for promise in one_of_each(3, count=110)[:30]:
        Promise.objects.filter(pk=promise.pk).update(owner=web.user)
    corbel = make_client(name="Corbel & Stone", owner=web.user)
    make_promise(client=corbel)
    make_promise(client=make_client(name="Corbel secret", visibility="team_only"), what="Never in it")
    make_promise(client=make_client(visibility="team_only", team=[web.user]), what="Ours to see")

    ids = listed(web, **query)

    assert [row[0] for row in csv_rows(web, **query)[1:]] == ids
    assert [row[0] for row in xlsx_rows(web, **query)[1:]] == ids


def test_both_files_say_the_same(web):
    one_of_each(4, count=30)

    as_csv, as_xlsx = csv_rows(web, state="all"), xlsx_rows(web, state="all")

    def in_text(value):
        return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value or "")

    numbers = as_csv[0].index("Moved")
    assert as_csv[0] == as_xlsx[0]
    assert [[in_text(value) for i, value in enumerate(row) if i != numbers] for row in as_xlsx[1:]] == [
        [value for i, value in enumerate(row) if i != numbers] for row in as_csv[1:]
    ]
    assert [str(row[numbers]) for row in as_xlsx[1:]] == [row[numbers] for row in as_csv[1:]]


def test_the_outcome_of_each_row_is_its_own(web):
    promises = {promise.public_id: promise for promise in one_of_each(5)}

    rows = csv_rows(web, state="all")

    outcome = rows[0].index("Outcome")
    assert {row[0]: row[outcome] for row in rows[1:]} == {
        public_id: str(promise.outcome(NOW).label) for public_id, promise in promises.items()
    }


def test_dates_are_real_dates_on_the_clock_they_are_meant_in(web):
    make_promise(owner=web.user, due_at=NOW + DAY, due_zone="Asia/Kolkata", now=NOW)

    head, row = xlsx_rows(web)

    assert row[head.index("Due")] == datetime(2026, 11, 20, 15, 0)
    assert row[head.index("Time zone")] == "Asia/Kolkata"
    assert row[head.index("Done")] is None


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_nothing_in_a_file_is_run(web, start):
    client = make_client(name="Plain", owner=web.user)
    contact = make_contact(client=client, name="=HYPERLINK(1)")
    promise = make_promise(client=client, contact=contact)
    Promise.objects.filter(pk=promise.pk).update(what=start, done_when="\x0bodd")

    for rows in (csv_rows(web), xlsx_rows(web)):
        head, row = rows
        assert row[head.index("What")].startswith("'")
        assert row[head.index("With")] == "'=HYPERLINK(1)"


def test_text_comes_through_as_it_is(web):
    make_promise(owner=web.user, what="Ünïcode, “quoted”; 🚀 and\nlines")

    for rows in (csv_rows(web), xlsx_rows(web)):
        assert rows[1][rows[0].index("What")] == "Ünïcode, “quoted”; 🚀 and\nlines"


def test_a_client_others_keep_to_themselves_is_in_no_file(web):
    secret = make_client(visibility="team_only")
    promise = make_promise(client=secret, what="Never in it")

    for query in ({"state": "all"}, {"client": secret.public_id}, {"q": "Never"}, {"pick": promise.public_id}):
        assert len(csv_rows(web, **query)) == len(xlsx_rows(web, **query)) == 1


def test_only_the_ticked_ones_when_some_are_ticked(web):
    one, two = make_promise(owner=web.user), make_promise(owner=web.user)

    assert [row[0] for row in csv_rows(web, pick=two.public_id)[1:]] == [two.public_id]
    assert [row[0] for row in xlsx_rows(web, pick=two.public_id)[1:]] == [two.public_id]
    assert {row[0] for row in csv_rows(web, pick=two.public_id, all="1")[1:]} == {one.public_id, two.public_id}


def test_more_than_a_spreadsheet_takes_is_said_before(web, monkeypatch):
    monkeypatch.setattr(export, "MOST_IN_XLSX", 2)
    for _n in range(2):
        make_promise(owner=web.user)

    assert len(xlsx_rows(web)) == 3
    make_promise(owner=web.user)
    asked = web.get(reverse("promises_xlsx"), {"by": "ours"}, follow=True)

    assert asked.redirect_chain == [(f"{reverse('bulk_export')}?by=ours", 302)]
    assert "An XLSX file holds at most 2 promises" in asked.content.decode()
    assert len(csv_rows(web)) == 4


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["promises_export", "promises_xlsx"])
def test_a_file_costs_the_same_for_any_number(web, count, name, django_assert_max_num_queries):
    for _n in range(count):
        contact = make_contact(client=make_client(owner=make_user()))
        make_promise(client=contact.client, contact=contact, due_at=NOW - DAY, now=NOW)

    with django_assert_max_num_queries(9):
        web.get(reverse(name)).getvalue()

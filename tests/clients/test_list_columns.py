"""Which columns a list shows, remembered for each person; and the list as a file in them."""

import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from accounts import jobs
from accounts.lists import files, kinds
from accounts.models import Job, ListChoice
from clients.lists.clients import next_date
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def heads(web, address="/clients/"):
    return [str(head.label) for head in web.get(address).context["heads"]]


def read_csv(answer):
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_columns_are_chosen_ordered_and_remembered(web):
    make_client()
    web.post("/lists/clients/columns/", {"order": ["name", "stage", "owner", "city"], "on": ["stage", "city"]})

    assert heads(web) == ["Name", "Stage", "City"]
    assert heads(browser_of(make_user())) == [
        "Name", "Owner", "How it stands", "Last contact", "Promises open", "Next date", "Gap",
    ]  # fmt: skip


def test_up_and_down_only_draw_the_page_anew(web):
    answer = web.post("/lists/clients/columns/", {"order": ["name", "stage", "city"], "on": ["city"], "up": "city"})

    rows = [(row["column"].key, row["on"]) for row in answer.context["rows"][:3]]
    assert rows == [("name", True), ("city", True), ("stage", False)]
    assert ListChoice.objects.count() == 0


def test_the_usual_ones_come_back(web):
    make_client()
    web.post("/lists/clients/columns/", {"order": ["city"], "on": ["city"]})
    web.post("/lists/clients/columns/", {"usual": "1"})

    assert heads(web)[1] == "Owner"
    assert ListChoice.objects.count() == 0


@pytest.mark.parametrize("cols", ["nothing", ",,,", "name", "x" * 1000, "city,city"])
def test_odd_columns_in_an_address_are_no_error(web, cols):
    make_client()

    assert heads(web, f"/clients/?cols={cols}")[0] == "Name"


def test_the_next_date_is_the_first_of_what_is_ahead(web):
    client = make_client(owner=web.user, renewal_on=(NOW + timedelta(days=9)).date())
    make_promise(client=client, due_at=NOW + timedelta(days=4))
    make_promise(client=client, due_at=NOW - timedelta(days=4))

    line = web.get("/clients/").context["lines"][0]

    assert next_date(line) == ((NOW + timedelta(days=4)).date(), "promise due")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_holds_what_is_filtered_in_the_chosen_columns_with_formulas_defused(web, ending):
    make_client(name='=HYPERLINK("x")', owner=web.user, city="@here")
    make_client(name="Elsewhere")

    answer = web.get(f"/lists/clients/export/{ending}/?owner=me&cols=city,owner")

    if ending == "csv":
        rows = read_csv(answer)
    else:
        sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows == [["Name", "City", "Owner"], ['\'=HYPERLINK("x")', "'@here", "Priya Raman"]]


def test_ticked_rows_alone_are_exported(web):
    picked = make_client(name="Picked")
    make_client(name="Other")

    rows = read_csv(web.get(f"/lists/clients/export/csv/?pick={picked.public_id}&cols=stage"))

    assert [row[0] for row in rows[1:]] == ["Picked"]


def test_a_long_file_is_prepared_by_a_worker_and_offered(web, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(files, "MOST_NOW", 1)
    for name in ("One", "Two"):
        make_client(name=name, owner=web.user)
    make_client(name="Other")

    page = web.get("/lists/clients/export/?owner=me&cols=stage")
    at_once = web.get("/lists/clients/export/csv/?owner=me")
    web.post("/lists/clients/export/?owner=me&cols=stage&all=1", {"ending": "csv"})
    jobs.run_waiting()

    job = Job.objects.get()
    assert "Prepare a CSV" in page.text
    assert at_once.status_code == 302
    assert (job.state, job.title) == ("done", "Export: 2 clients")
    assert read_csv(web.get(f"/exports/{job.uuid}/")) == [["Name", "Stage"], ["One", "Active"], ["Two", "Active"]]


def test_a_file_is_not_given_out_once_something_in_it_was_closed_to_its_owner(web, monkeypatch, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    client = make_client(name="Xyzzy Holdings")
    web.post("/lists/clients/export/", {"ending": "xlsx"})
    jobs.run_waiting()
    address = f"/exports/{Job.objects.get().uuid}/"
    before = b"".join(web.get(address).streaming_content)[:2]

    client.visibility = "team_only"
    client.save()
    after = web.get(address, follow=True)

    assert before == b"PK"
    assert "closed to you" in after.text


@pytest.mark.parametrize("page", ["clients", "contacts", "interactions", "requests"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_every_list_exports_every_column(web, page, ending):
    client = make_client(owner=web.user)
    make_interaction(client=client, contacts=[make_contact(client=client)], mood=1)
    every = ",".join(column.key for column in kinds.get(page).all_columns)

    answer = web.get(f"/lists/{page}/export/{ending}/?cols={every}")

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)
    assert web.get(f"{kinds.get(page).address}?cols={every}").status_code == 200

"""Promises from a file: ours, agreed, with what became of them; twice is once, and nobody is mailed."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tables import read_table
from outbox.models import Email
from promises import reminders
from promises.importing import CLIENTS_OWNER, import_promises
from promises.models import Promise, PromiseEvent
from promises.outcomes import Outcome
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_manager, make_promise, make_user

pytestmark = pytest.mark.django_db

ORDERS = (
    "orderID,customerID,employeeID,orderDate,requiredDate,shippedDate,shipName,shipAddress,shipCity\n"
    # in time, on the day, late, never; two with a comma of the address without quotes
    "10,ROUGE,1,1996-07-04 00:00:00.000,1996-08-01 00:00:00.000,1996-07-16 00:00:00.000,Rouge,24, place Verte,Lille\n"
    "11,ROUGE,1,1996-07-05 00:00:00.000,1996-08-02 00:00:00.000,1996-08-02 00:00:00.000,Rouge,7 rue Lazare,Lille\n"
    "12,SLOPE,2,1996-07-08 00:00:00.000,1996-08-05 00:00:00.000,1996-08-06 00:00:00.000,Slope,1,Main St,Boise\n"
    "13,SLOPE,2,1996-07-09 00:00:00.000,1996-08-06 00:00:00.000,NULL,Slope,1 Main St,Boise\n"
)


@pytest.fixture
def firm(clock):
    class Firm:
        nancy = make_user(name="Nancy Hall", email="nancy@firm.example", external_id="1")
        omar = make_user(name="Omar Said", email="omar@firm.example", external_id="2")
        rouge = make_client(name="Rouge et fils", external_id="ROUGE", owner=nancy, time_zone="Europe/Paris")
        slope = make_client(name="Slope Foods", external_id="SLOPE", owner=omar, time_zone="America/Boise")

    return Firm


def take(text, **options):
    options.setdefault("now", timezone.now())
    return import_promises(read_table(text.encode()), **options)


def one(row, *, header="Promise ID,Client,Owner,What,Made on,Due,Done on", **options):
    return take(f"{header}\n{row}\n", **options)


def refusals(report):
    return [(line.number, line.reason) for line in report.refused]


def test_orders_become_promises_with_what_became_of_them(firm):
    report = take(ORDERS)

    assert (report.counts["new"], report.refused) == (4, [])
    assert [(p.what, p.external_id, p.owner.name, p.state, p.outcome(NOW)) for p in Promise.objects.order_by("pk")] == [
        ("Ship order 10", "10", "Nancy Hall", "kept", Outcome.KEPT_AS_FIRST_PROMISED),
        ("Ship order 11", "11", "Nancy Hall", "kept", Outcome.KEPT_AS_FIRST_PROMISED),
        ("Ship order 12", "12", "Omar Said", "kept", Outcome.LATE),
        ("Ship order 13", "13", "Omar Said", "broken", Outcome.BROKEN),
    ]
    assert report.notes == [
        "1 row has more cells than the header; everything needed stands before them and was read.",
        "No column says what was promised: it is called “Ship order” with its number.",
        "1 was not done and is so long overdue that it counts as broken.",
    ]


def test_the_figures_say_what_the_file_says(firm):
    take(ORDERS)

    figures = Promise.objects.figures(now=NOW)

    assert dict(figures.by_first_due) == {
        Outcome.KEPT_AS_FIRST_PROMISED: 2,
        Outcome.LATE: 1,
        Outcome.BROKEN: 1,
    }


def test_the_same_file_again_changes_nothing(firm):
    take(ORDERS)
    before = list(Promise.objects.order_by("pk").values()), PromiseEvent.objects.count()

    report = take(ORDERS, now=NOW + timedelta(days=3))

    assert report.counts == {"new": 0, "changed": 0, "same": 4, "refused": 0}
    assert (list(Promise.objects.order_by("pk").values()), PromiseEvent.objects.count()) == before


def test_a_dry_run_says_the_same_and_writes_nothing(firm):
    report = take(ORDERS, dry_run=True)

    assert (report.counts["new"], Promise.objects.count(), PromiseEvent.objects.count()) == (4, 0, 0)


def test_the_story_carries_the_real_dates(firm):
    take(ORDERS)

    story = Promise.objects.get(external_id="12").events.values_list("kind", "at")

    assert list(story) == [
        ("made", datetime(1996, 7, 8, 6, tzinfo=UTC)),
        ("delivered", datetime(1996, 8, 7, 5, 59, 59, 999999, tzinfo=UTC)),
        ("accepted", datetime(1996, 8, 7, 5, 59, 59, 999999, tzinfo=UTC)),
    ]


def test_the_page_of_an_imported_promise_says_where_it_comes_from(web, firm):
    take(ORDERS)

    page = web.get(Promise.objects.get(external_id="12").get_absolute_url()).content.decode()

    assert ("Ship order 12" in page, "from a file" in page) == (True, True)


def test_what_lies_long_back_is_told_to_nobody(firm, deliver_queued):
    make_manager(email="boss@firm.example")
    take(ORDERS)
    late = "Client,Owner,What,Made on,Due,Importance\nSlope Foods,Omar Said,Call back,2026-11-02,2026-11-18,critical\n"
    take(late)

    told = reminders.plan(timezone.now())
    mails = list(Email.objects.values_list("kind", flat=True))

    assert (told.get("flagged"), told.get("broken")) == (0, 0)
    assert reminders.OVERDUE not in mails
    assert len(mails) <= 1  # Omar’s digest names what is late today, once


def test_a_done_date_that_has_come_since_keeps_the_promise(firm):
    header = "Promise ID,Client,Owner,What,Made on,Due,Done on\n"
    take(header + "A1,Rouge et fils,Nancy Hall,Send it,2026-11-02,2026-11-30,\n")

    report = take(header + "A1,Rouge et fils,Nancy Hall,Send it,2026-11-02,2026-11-30,2026-11-18\n")
    again = take(header + "A1,Rouge et fils,Nancy Hall,Send it,2026-11-02,2026-11-30,2026-11-18\n")

    promise = Promise.objects.get()
    assert [(change.label, change.new) for change in report.changed[0].changes] == [("done on", "2026-11-18")]
    assert (promise.state, promise.done_at) == ("kept", datetime(2026, 11, 18, 22, 59, 59, 999999, tzinfo=UTC))
    assert list(promise.events.values_list("kind", flat=True)) == ["made", "delivered", "accepted"]
    assert again.counts["same"] == 1


def test_what_only_the_clock_called_broken_was_late_when_a_done_date_comes(firm):
    header = "Order ID,Customer ID,Owner,Made on,Due,Done on\n"
    take(header + "9,ROUGE,Nancy Hall,2026-01-02,2026-02-02,\n")
    broken = Promise.objects.get().state

    take(header + "9,ROUGE,Nancy Hall,2026-01-02,2026-02-02,2026-05-05\n")

    promise = Promise.objects.get()
    assert (broken, promise.state, promise.outcome(NOW)) == ("broken", "kept", Outcome.LATE)


def test_what_somebody_called_broken_is_only_made_good(firm):
    header = "Order ID,Customer ID,Owner,Made on,Due,Done on\n"
    take(header + "9,ROUGE,Nancy Hall,2026-11-02,2026-11-16,\n")
    Promise.objects.get().break_(by=firm.nancy, now=NOW, reason="forgot")

    take(header + "9,ROUGE,Nancy Hall,2026-11-02,2026-11-16,2026-11-18\n")
    again = take(header + "9,ROUGE,Nancy Hall,2026-11-02,2026-11-16,2026-11-18\n")

    promise = Promise.objects.get()
    assert (promise.state, promise.made_good_at, again.counts["same"]) == ("broken", NOW, 1)


def test_a_correction_made_here_stays_until_the_file_says_something_new(firm):
    header = "Order ID,Customer ID,Owner,What,Made on,Due\n"
    row = "9,ROUGE,Nancy Hall,{},2026-11-02,2026-11-30\n"
    take(header + row.format("Send the tarif"))
    Promise.objects.update(what="Send the tariff")

    unchanged = take(header + row.format("Send the tarif"))
    kept = Promise.objects.get().what
    changed = take(header + row.format("Send the tariffs"))

    assert (unchanged.counts["same"], kept) == (1, "Send the tariff")
    assert [(c.label, c.old, c.new) for c in changed.changed[0].changes] == [
        ("what", "Send the tariff", "Send the tariffs")
    ]
    assert Promise.objects.search("tariffs").count() == 1


def test_a_file_moves_no_due_date(firm):
    one("9,ROUGE,Nancy Hall,Send it,2026-11-02,2026-11-30,")

    report = one("9,ROUGE,Nancy Hall,Send it,2026-11-02,2026-12-24,")

    assert refusals(report) == [
        (2, "The file says due 24 December 2026; agreed is 30 November 2026. A due date moves only when both agree.")
    ]


def test_a_new_owner_in_the_file_takes_an_open_promise_over(firm):
    one("9,ROUGE,Nancy Hall,Send it,2026-11-02,2026-11-30,")

    report = one("9,ROUGE,Omar Said,Send it,2026-11-02,2026-11-30,")

    promise = Promise.objects.get()
    assert report.counts["changed"] == 1
    assert (promise.owner, promise.promisor_user) == (firm.omar, firm.omar)


def test_without_a_number_client_what_made_and_due_make_a_promise_known(firm):
    header = "Client,Owner,What,Made on,Due,Done on"
    one("Rouge et fils,Nancy Hall,Send it,2026-11-02,2026-11-10,", header=header)

    again = one("ROUGE,nancy@firm.example,send it,02.11.2026,10/11/2026,2026-11-09", header=header, date_order="day")
    other = one("Rouge et fils,Nancy Hall,Send it,2026-11-03,2026-11-10,", header=header)

    assert (again.counts["changed"], other.counts["new"], Promise.objects.count()) == (1, 1, 2)
    assert Promise.objects.filter(state="kept").count() == 1


def test_a_promise_written_down_here_is_known_when_the_file_brings_its_number(firm):
    due = datetime(2026, 11, 30, 23, 59, 59, 999999, tzinfo=UTC)
    promise = make_promise(client=firm.slope, what="Send it", due_at=due, due_zone="UTC", due_time=None)
    row = f"N1,Slope Foods,Omar Said,Send it,{NOW.date()},2026-12-01T00:59:59+01:00,"

    report = one(row, header="Promise ID,Client,Owner,What,Made on,Due,Done on")

    assert report.counts["refused"] == 0
    assert promise.what == "Send it"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,,Nancy Hall,X,2026-11-02,2026-11-30,", "There is no client."),
        ("1,Nobody Ltd,Nancy Hall,X,2026-11-02,2026-11-30,", "We know no client “Nobody Ltd”."),
        ("1,ROUGE,Who,X,2026-11-02,2026-11-30,", "We know no owner “Who”."),
        ("1,ROUGE,,X,2026-11-02,2026-11-30,", "No owner: name one in the file, or one for all rows without."),
        ("1,ROUGE,Nancy Hall,,2026-11-02,2026-11-30,", "There is no word of what was promised."),
        ("1,ROUGE,Nancy Hall,X,2026-11-02,,", "There is no date by which it is due."),
        ("1,ROUGE,Nancy Hall,X,,2026-11-01,", "There is no date on which it was made."),
        ("1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-01,", "It is due before it was made."),
        ("1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-30,2026-11-01", "It was done before it was made."),
        ("1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-30,2026-11-25", "done on: 25 November 2026 is still ahead."),
        ("1,ROUGE,Nancy Hall,X,2026-11-22,2026-11-30,", "made on: 22 November 2026 is still ahead."),
        ("1,ROUGE,Nancy Hall,X,2026-11-02,soon,", "due: “soon” is no date like 2024-03-31."),
        (
            "1,ROUGE,Nancy Hall,X,3/4/2026,2026-11-30,",
            "made on: “3/4/2026” may be 3 April 2026 or 4 March 2026: say whether the day or the month comes first.",
        ),
        (
            f"1,ROUGE,Nancy Hall,{'X' * 301},2026-11-02,2026-11-30,",
            "what: At most 300 characters fit here; this has 301.",
        ),
        (
            "1,ROUGE,Nancy Hall,X\x90y,2026-11-02,2026-11-30,",
            "what: This text holds an invisible control character. Type it again instead of pasting it.",
        ),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_in(firm, row, reason):
    header = "Promise ID,Client,Owner,What,Made on,Due,Done on"
    report = one(f"{row}\n2,ROUGE,Nancy Hall,Good,2026-11-02,2026-11-30,", header=header)

    assert refusals(report) == [(2, reason)]
    assert Promise.objects.get().what == "Good"


def test_text_of_any_script_is_taken_as_it_is(firm):
    what = "‏שלח <script>alert(1)</script> 🎉 =1+1"

    one(f"1,ROUGE,Nancy Hall,{what},2026-11-02,2026-11-30,")

    assert Promise.objects.get().what == what


def test_history_may_belong_to_somebody_who_left_and_what_is_open_may_not(firm):
    make_user(name="Gone Away", external_id="7", is_active=False)
    header = "Order ID,Customer ID,Employee ID,Order date,Required date,Shipped date\n"

    rows = "1,ROUGE,7,1996-07-01,1996-07-10,1996-07-09\n2,ROUGE,7,1996-07-01,1996-07-10,\n"
    report = take(header + rows + "3,ROUGE,7,2026-11-01,2026-11-30,\n")

    assert report.counts["new"] == 2
    assert refusals(report) == [(4, "The owner Gone Away no longer works here.")]


def test_an_archived_client_gets_history_and_nothing_open(firm):
    firm.rouge.archive(by=firm.nancy, now=NOW)
    header = "Order ID,Customer ID,Employee ID,Order date,Required date,Shipped date\n"

    report = take(header + "1,ROUGE,1,1996-07-01,1996-07-10,1996-07-09\n3,ROUGE,1,2026-11-01,2026-11-30,\n")

    assert refusals(report) == [(3, "Rouge et fils is archived. Bring the client back first.")]


def test_rows_that_name_nobody_can_belong_to_the_owner_of_their_client(firm):
    take("Order ID,Customer ID,Made,Due\n1,SLOPE,2026-11-02,2026-11-30\n", owner=CLIENTS_OWNER)

    again = take("Order ID,Customer ID,Made,Due\n1,SLOPE,2026-11-02,2026-11-30\n", owner=firm.nancy)

    assert (Promise.objects.get().owner, again.counts["same"]) == (firm.omar, 1)


def test_the_due_day_ends_where_the_person_it_was_promised_to_is(firm):
    rosa = make_contact(client=firm.rouge, name="Rosa", email="rosa@r.example", time_zone="Australia/Sydney")
    header = "Promise ID,Client,Owner,What,Made on,Due,Done on,Contact"

    one(
        "1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-30,,Rosa\n2,ROUGE,Nancy Hall,Y,2026-11-02,30.11.2026 17:00,,",
        header=header,
    )

    assert list(Promise.objects.order_by("pk").values_list("due_zone", "due_at", "promisee_contact")) == [
        ("Australia/Sydney", datetime(2026, 11, 30, 12, 59, 59, 999999, tzinfo=UTC), rosa.pk),
        ("Europe/Paris", datetime(2026, 11, 30, 16, tzinfo=UTC), None),
    ]


def test_done_on_the_due_day_is_in_time_whatever_the_hour_it_was_due(firm):
    one("1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-17 09:00,2026-11-17")

    assert Promise.objects.get().outcome(NOW) == Outcome.KEPT_AS_FIRST_PROMISED


def test_the_same_promise_twice_in_a_file_is_refused_the_second_time(firm):
    report = one("1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-30,\n1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-30,")

    assert refusals(report) == [(3, "An earlier row of this file is the same promise.")]


def test_a_number_that_belongs_to_another_client_is_refused(firm):
    one("1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-30,")

    report = one("1,SLOPE,Nancy Hall,X,2026-11-02,2026-11-30,")

    assert refusals(report) == [(2, "The number 1 belongs to another promise, with Rouge et fils.")]


def test_somebody_unknown_at_the_client_refuses_the_row(firm):
    make_contact(client=firm.slope, name="Rosa")
    header = "Promise ID,Client,Owner,What,Made on,Due,Contact"

    report = one("1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-30,Rosa", header=header)

    assert refusals(report) == [(2, "We know nobody called “Rosa” at Rouge et fils.")]


def test_a_promise_of_theirs_is_not_taken_for_ours(firm):
    header = "Promise ID,Client,Owner,What,Made on,Due,Direction"

    report = one("1,ROUGE,Nancy Hall,X,2026-11-02,2026-11-30,theirs", header=header)

    assert refusals(report) == [(2, "Only our own promises can be imported, and this one is theirs.")]


def test_a_torn_row_is_refused_when_the_tear_may_lie_before_what_is_needed(firm):
    header = "orderID,customerID,shipAddress,employeeID,orderDate,requiredDate\n"

    report = take(header + "1,ROUGE,24,place Verte,1,1996-07-01,1996-07-10\n")

    assert refusals(report) == [
        (2, "This row has 1 cell more than the header. Is a text with a comma missing its quotes?")
    ]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Colour,Size", "No column holds a client."),
        ("Client,What", "No column holds the date by which it is due."),
        ("Client,Due", "No column says what was promised."),
    ],
)
def test_a_file_without_a_needed_column_says_so(header, words):
    assert take(header + "\nx,y\n").refused[0].reason.startswith(words)


@pytest.mark.parametrize(
    "header",
    [
        "orderID,customerID,employeeID,orderDate,requiredDate,shippedDate",
        "ID,Client,Assignee,Title,Created at,Due date,Closed at",
        "Task ID,Account Name,Assigned To,Subject,Created Date,Due Date,Completed Date",
        "Reference,Customer,Owner email,Description,Promised on,Promised for,Delivered on",
    ],
)
def test_columns_of_common_programs_are_recognised(header):
    columns = take(header + "\n").columns

    wanted = [
        {"external_id"},
        {"client", "client_external_id"},
        {"owner", "owner_email", "owner_external_id"},
        {"due"},
        {"done_on"},
        {"made_on"},
    ]
    assert all(columns.keys() & names for names in wanted)


def test_many_rows_ask_the_database_a_few_times(firm):
    rows = "".join(f"{n},ROUGE,Nancy Hall,X,2026-11-02,2026-11-30,2026-11-05\n" for n in range(100))
    text = "Order ID,Client,Owner,What,Made on,Due,Done on\n" + rows

    asked = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as queries:
            take(text)
        asked.append(len(queries))

    assert max(asked) < 30  # SQLite writes some twenty rows at a time


def test_the_command_ends_with_1_when_rows_were_refused(tmp_path, firm):
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS + "14,WHO,1,1996-07-04,1996-08-01,,,,\n", encoding="utf-8")
    said = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("import_promises", str(file), stdout=said)

    assert ended.value.code == 1
    assert "Row 6 refused, 14: We know no client “WHO”." in said.getvalue()
    assert Promise.objects.count() == 4


def test_the_command_says_what_is_wrong_with_its_arguments(tmp_path, firm):
    empty = tmp_path / "empty.csv"
    empty.write_text("")

    for arguments in ((str(empty),), ("nowhere.csv",), (str(empty), "--owner", "nobody@firm.example")):
        with pytest.raises(CommandError):
            call_command("import_promises", *arguments)


def test_an_administrator_imports_on_the_page(admin_web, firm):
    file = SimpleUploadedFile("orders.csv", ORDERS.encode())

    preview = admin_web.post("/import/promises/", {"file": file, "owner": "", "date_order": ""}, follow=True)
    before = Promise.objects.count()
    done = admin_web.post(preview.redirect_chain[-1][0], follow=True)

    assert (preview.status_code, before, done.status_code, Promise.objects.count()) == (200, 0, 200, 4)
    assert Promise.objects.values_list("created_by", flat=True).distinct().get() == admin_web.user.pk


def test_the_sample_file_is_taken(admin_web, firm):
    priya = make_user(name="Priya", email="priya@firm.example")
    make_contact(client=make_client(name="Tidewell Water", owner=priya), name="Rosa Delgado")

    report = take(admin_web.get("/import/promises/?sample=1").content.decode())

    assert (report.counts["new"], report.refused) == (2, [])


def test_the_import_page_is_for_administrators(web, manager_web):
    assert [browser.get("/import/promises/").status_code for browser in (web, manager_web)] == [404, 404]


HOSTILE = [
    "", "NULL", "0000-00-00", "1996-07-16 00:00:00.000", "1900-01-01", "2200-12-31", "9999-12-31T23:59:59Z", "-1",
    "2026-11-10T23:30:00+14:00", "2026-11-10 10:00 -12:00", "2026-11-10 10:00 +99:99", "29/02/2026", "00/00/2026",
    "\u202e2026-11-10", "１９９６-07-16", "=cmd|' /C calc'!A0", "'; DROP TABLE promises;--", "é" * 400, "x" * 5000,
    "\N{PARTY POPPER}", "ROUGE", "Nancy Hall", "1", "10", "high", "they", "Zürich\u00a0\u200b",
]  # fmt: skip


GOOD = ["9", "ROUGE", "Nancy Hall", "Send it", "2026-11-02", "2026-11-10", "2026-11-09", "", "Sent", "high", "", ""]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.sampled_from(HOSTILE)), min_size=1, max_size=4))
def test_whatever_stands_in_the_cells_every_row_is_answered_for(firm, cells):
    header = "Promise ID,Client,Owner,What,Made on,Due,Done on,Contact,Done when,Importance,Direction,Contact email"
    row = list(GOOD)
    for at, cell in cells:
        row[at] = cell

    with transaction.atomic():
        reports = [one(",".join(f'"{cell}"' for cell in row), header=header, owner=CLIENTS_OWNER) for _time in range(2)]
        transaction.set_rollback(True)

    first, second = (report.counts for report in reports)
    assert (sum(first.values()), sum(second.values())) == (1, 1)
    assert (second["same"], second["refused"]) == (first["new"], first["refused"])

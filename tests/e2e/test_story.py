"""The whole story in a browser: from sign-in to the gap and the talk that clears the air.

It looks at pages, mail and files, never at the database.
"""

import csv
import io
import re
from datetime import date, timedelta

import icalendar
import openpyxl
import pytest

from tests.e2e.looking import Looking
from tests.services import wait_for

ROSA = "rosa.delgado@tidewell-water.example"


def mail_to(sink, address, words):
    """The newest mail to somebody whose subject holds the words, or None."""
    found = [mail for to, _id, mail in sink.taken if to == address and words in mail["Subject"]]
    return found[-1] if found else None


def link_in(mail, mark):
    text = mail.get_body(("plain",)).get_content()
    return re.search(rf"https?://[^/\s]+(/{mark}/[\w-]+/)", text).group(1)


def working_day(days):
    day = date.today() + timedelta(days=days)
    return (day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))).isoformat()


@pytest.fixture(scope="module")
def chapters():
    """What one chapter leaves to the next."""
    return {}


def test_1_an_account_manager_finds_a_client_and_logs_a_call_with_a_promise(sign_in, chapters):
    page = sign_in("priya")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("tidew")
    page.keyboard.press("Enter")  # before the finds have come
    page.get_by_role("heading", level=1, name="Tidewell Water").wait_for()
    chapters["client"] = page.url

    page.keyboard.press("l")
    page.keyboard.type("Rosa rang about the schedule. We'll send the final version by Friday.")
    suggestion = page.get_by_label(re.compile("send the final version", re.IGNORECASE)).first
    suggestion.wait_for()
    suggestion.check()
    page.keyboard.press("Control+Enter")

    page.get_by_role("status").filter(has_text="Logged a call").wait_for()
    page.locator("#timeline").get_by_text("Rosa rang about the schedule.").wait_for()
    page.locator("#promises").get_by_text(re.compile("send the final version", re.IGNORECASE)).first.wait_for()
    assert page.looking.faults() == []


def test_2_a_promise_is_written_down_moved_in_time_and_delivered(sign_in, chapters):
    page = sign_in("priya")
    page.goto(chapters["client"])
    page.get_by_role("link", name="Promise", exact=True).click()
    page.get_by_role("dialog").get_by_role("link", name="All details").click()
    page.get_by_label(re.compile(r"^\s*What\W*$")).fill("Compare three lenders")
    page.get_by_label(re.compile(r"^\s*By when\W*$")).fill(working_day(21))
    page.get_by_label("With whom there").select_option("Rosa Delgado")
    page.get_by_role("button", name="Write it down").click()
    page.get_by_role("heading", level=1, name="Compare three lenders").wait_for()
    page.get_by_text("A new date is early until").wait_for()

    page.get_by_role("link", name="Renegotiate").click()
    page.get_by_label("New date").fill(working_day(28))
    page.get_by_label("In a call").check()
    page.get_by_label("Why").select_option("Priorities changed")
    page.get_by_role("button", name="Move it").click()
    page.get_by_text(re.compile("asked by Priya Raman on .*, early,")).wait_for()

    page.get_by_role("button", name="Delivered").click()
    page.get_by_role("link", name="They agree").click()
    page.get_by_label("How").select_option("In a call")
    page.get_by_role("main").get_by_role("button").first.click()
    page.get_by_text(re.compile("Counts as kept")).wait_for()
    assert page.looking.faults() == []


def test_3_a_manager_sets_this_years_round_up_in_five_steps(sign_in, chapters):
    page = sign_in("elaine")
    page.goto("/surveys/new/")
    page.get_by_label("Name").fill("Spring check")
    page.get_by_role("button", name="Begin").click()

    page.get_by_role("heading", name="What to ask").wait_for()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("heading", name="Whom to ask").wait_for()
    page.get_by_label(re.compile("client or|name", re.IGNORECASE)).first.fill("rosa delgado")
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Ask Rosa Delgado, Tidewell Water").check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("heading", name="What we believe").wait_for()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("heading", name="When").wait_for()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("heading", name="Check and send").wait_for()
    assert page.looking.faults() == []
    page.get_by_role("button", name="Start: ask us what we believe").click()
    page.wait_for_load_state()
    chapters["check"] = re.sub(r"setup/.*", "", page.url) + "setup/check/"


@pytest.mark.parametrize("person", ["priya", "elaine"])
def test_4_owner_and_partner_write_down_what_they_believe_apart(sign_in, person):
    page = sign_in(person)
    page.goto("/beliefs/")
    page.get_by_role("main").get_by_role("link", name=re.compile("Tidewell Water")).first.click()
    for question in page.locator("fieldset.q").all():
        question.get_by_text("9", exact=True).click()
    page.get_by_role("button", name="Record", exact=True).first.click()
    page.wait_for_load_state()
    assert page.looking.faults() == []


def test_5_the_manager_sends_and_the_mail_arrives(sign_in, sink, chapters):
    page = sign_in("elaine")
    page.goto(chapters["check"])
    page.get_by_role("button", name=re.compile("Send the invitation")).click()
    page.wait_for_load_state()

    wait_for(lambda: mail_to(sink, ROSA, "How are we doing"), seconds=60, what="the invitation")
    mail = mail_to(sink, ROSA, "How are we doing")

    assert "Priya Raman" in mail["From"]
    assert "One-Click" in mail["List-Unsubscribe-Post"]
    chapters["link"] = link_in(mail, "s")


def test_6_the_client_answers_on_a_phone_and_nothing_is_lost(open_window, chapters):
    phone = open_window(width=390, height=844, touch=True)
    phone.goto(chapters["link"])
    phone.get_by_role("heading", level=1, name=re.compile("Rosa, how are we doing for Tidewell Water")).wait_for()
    assert phone.looking.faults() == []

    scales = phone.locator("fieldset.q:has(.scale)")
    for number in range(3):
        scales.nth(number).get_by_text("3", exact=True).tap()
    phone.get_by_role("status").filter(has_text=re.compile(r"^\s*3 of \d+, saved")).wait_for()
    elsewhere = open_window()
    elsewhere.goto(chapters["link"])
    elsewhere.get_by_role("button", name="Mail me a fresh link").wait_for()
    assert elsewhere.looking.faults() == []

    again = phone.context.new_page()
    again.looking = Looking(again)
    phone.close()
    again.goto(chapters["link"])
    again.get_by_text(re.compile(r"3 of \d+, saved")).wait_for()
    scales = again.locator("fieldset.q:has(.scale)")
    for number in range(3, scales.count()):
        scales.nth(number).get_by_text("4", exact=True).tap()
    again.get_by_label("What should we do better?").fill("Tell me before the date has gone.")
    again.get_by_role("button", name="Send my answers").tap()
    again.get_by_role("heading", name=re.compile("Thank you, Rosa")).wait_for()
    assert again.looking.faults() == []


def test_7_the_manager_sees_where_the_firm_believed_more_than_the_client_said(sign_in, chapters):
    page = sign_in("elaine")
    wait_for(lambda: gap_is_shown(page), seconds=90, what="the gap on the overview")
    assert page.looking.faults() == []
    page.get_by_role("main").get_by_role("link", name="Tidewell Water").first.click()
    page.get_by_role("heading", level=1).wait_for()
    page.goto("/gaps/")
    page.get_by_role("main").get_by_text("lower than we think").first.wait_for()
    page.get_by_role("main").get_by_role("link", name="Tidewell Water").first.click()
    page.get_by_text("Tell me before the date has gone.").wait_for()
    assert page.looking.faults() == []


def gap_is_shown(page):
    page.goto("/overview/")
    words = page.get_by_role("main").inner_text()
    return "Spring check" in words and "Tidewell Water" in words and "lower than we think" in words


def test_8_a_case_opens_by_itself_and_the_owner_books_the_talk(sign_in, sink, chapters):
    page = sign_in("priya")
    wait_for(lambda: case_is_open(page, chapters), seconds=90, what="the case that opens by itself")
    page.get_by_text(re.compile("^First contact by")).first.wait_for()
    page.get_by_text("Tell me before the date has gone.").first.wait_for()

    page.goto(chapters["case"] + "?step=book")
    page.get_by_label(re.compile(r"^\s*Day\W*$")).fill(working_day(7))
    page.get_by_label(re.compile(r"^\s*Time\W*$")).fill("10:00")
    page.get_by_label("And one more of us").select_option("Elaine Marsh")
    page.get_by_label("Rosa Delgado").check()
    page.get_by_label("Where").fill("Haus 3, “Saal Ü”")
    page.get_by_label("Mail the invitation to the people ticked above").check()
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("status").filter(has_text="The talk is planned").wait_for()
    assert page.looking.faults() == []

    for address in [ROSA, "priya@wrayburn.example", "elaine@wrayburn.example"]:
        wait_for(lambda to=address: entry_of(sink, to), seconds=60, what=f"the calendar entry of {address}")
    calendar = entry_of(sink, ROSA)
    chapters["uid"] = str(calendar.walk("VEVENT")[0]["uid"])
    [event] = calendar.walk("VEVENT")
    assert (calendar["method"], event["sequence"], str(event["status"])) == ("REQUEST", 0, "CONFIRMED")
    assert str(event["organizer"]) == "mailto:priya@wrayburn.example"
    assert str(event["location"]) == "Haus 3, “Saal Ü”"
    assert {str(guest) for guest in event["attendee"]} == {
        f"mailto:{address}" for address in (ROSA, "priya@wrayburn.example", "elaine@wrayburn.example")
    }
    assert {str(entry_of(sink, to).walk("VEVENT")[0]["uid"]) for to in (ROSA, "elaine@wrayburn.example")} == {
        str(event["uid"])
    }


def test_9_the_sheet_for_the_talk_is_one_page(sign_in, chapters):
    page = sign_in("priya")
    page.goto(chapters["case"])
    page.get_by_role("link", name="Sheet to print").click()
    page.get_by_role("heading", level=1, name="Tidewell Water").wait_for()
    page.get_by_text("Tell me before the date has gone.").first.wait_for()

    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    assert page.looking.faults() == []


def test_10_the_day_is_taken_back_in_their_calendars_as_they_talk_at_once(sign_in, sink, chapters):
    page = sign_in("priya")
    page.goto(chapters["case"] + "?step=book")
    page.get_by_label("Mail the people who were invited that it is off").check()
    page.get_by_role("button", name="Take the talk back").click()
    page.get_by_role("status").filter(has_text="The talk is off.").wait_for()

    wait_for(lambda: mail_to(sink, ROSA, "is off"), seconds=60, what="the mail that takes the talk back")
    calendar = entry_of(sink, ROSA, method="CANCEL")
    [event] = calendar.walk("VEVENT")
    assert (str(event["uid"]), event["sequence"], str(event["status"])) == (chapters["uid"], 1, "CANCELLED")


def test_11_the_talk_is_held_with_a_promise_made_in_it_and_the_case_is_resolved(sign_in, chapters):
    page = sign_in("priya", width=390, height=844)
    page.goto(chapters["case"] + "?step=hold")
    page.get_by_label("What they said").fill("They hear of a change when the date has gone.")
    page.get_by_label("What 1, What we promise").fill("Ring Rosa two days before any date moves")
    page.get_by_label("By when 1, What we promise").fill(working_day(14))
    page.get_by_label("How it ended").select_option("Better")
    page.get_by_role("button", name="Note it").click()
    page.get_by_role("status").filter(has_text="Noted, with what was promised.").wait_for()
    page.get_by_role("link", name="Ring Rosa two days before any date moves").wait_for()
    assert page.looking.faults() == []

    page.get_by_label("What came of it", exact=False).fill("We ring before a date moves.")
    page.get_by_label("Ring Rosa two days before any date moves", exact=False).check()
    page.get_by_role("button", name="Resolved").click()
    page.get_by_text(re.compile("Rosa Delgado is asked by mail on .*: yes, partly or no")).wait_for()
    assert page.looking.faults() == []


def test_12_what_was_written_becomes_a_promise_and_a_suggestion(sign_in, chapters):
    page = sign_in("priya")
    page.goto(chapters["gap"])
    page.get_by_role("link", name="Make a promise or a suggestion of it").click()
    said = page.get_by_role("listitem").filter(has_text="Tell me before the date has gone.")
    said.get_by_role("link", name=re.compile("Make this a promise")).click()
    page.get_by_label(re.compile(r"^\s*By when\W*$")).fill(working_day(10))
    page.get_by_role("button", name="Write it down").click()
    page.get_by_role("status").filter(has_text="Promised:").wait_for()

    said = page.get_by_role("listitem").filter(has_text="Tell me before the date has gone.")
    said.get_by_role("button", name=re.compile("Suggestion")).click()
    page.get_by_role("status").filter(has_text="Written down as a suggestion.").wait_for()
    said = page.get_by_role("listitem").filter(has_text="Tell me before the date has gone.")
    said.get_by_text("Promised:").wait_for()
    said.get_by_role("link", name="A suggestion").wait_for()
    assert page.looking.faults() == []


def test_13_the_answers_are_downloaded_and_read(sign_in, chapters):
    page = sign_in("elaine")
    page.goto(chapters["check"].replace("setup/check/", "export/"))
    assert page.looking.faults() == []

    with page.expect_download() as long:
        page.get_by_role("link", name=re.compile("CSV.*one row an answer")).click()
    rows = list(csv.DictReader(io.StringIO(long.value.path().read_text(encoding="utf-8-sig"), newline="")))
    with page.expect_download() as wide:
        page.get_by_role("link", name=re.compile("Excel.*one row a person")).click()
    workbook = openpyxl.load_workbook(io.BytesIO(wide.value.path().read_bytes()))

    assert {row["Contact"] for row in rows} == {"Rosa Delgado"}
    numbers = [row["Number"] for row in rows if row["Number"]]
    assert (numbers.count("3"), set(numbers)) == (3, {"3", "4"})
    assert "Tell me before the date has gone." in {row["Words"] for row in rows}
    heads, *people = workbook["Answers"].iter_rows(values_only=True)
    assert [person[heads.index("Contact")] for person in people] == ["Rosa Delgado"]
    marks = [cell for head, cell in zip(heads, people[0], strict=True) if ": " in head and isinstance(cell, int)]
    assert (marks.count(3), set(marks)) == (3, {3, 4})


def case_is_open(page, chapters):
    page.goto("/gaps/")
    page.get_by_role("main").get_by_role("link", name="Tidewell Water").first.click()
    page.wait_for_url(re.compile("/gaps/."))
    chapters["gap"] = page.url
    page.get_by_role("heading", name="In their own words").wait_for()
    case = page.get_by_role("link", name="Plan a clear-the-air talk")
    if not case.count():
        return False
    case.click()
    page.get_by_role("heading", level=1, name=re.compile("Clearing the air")).wait_for()
    chapters["case"] = page.url.partition("?")[0]
    return "/concerns/" in page.url


def entry_of(sink, address, *, method="REQUEST"):
    """The calendar entry of the newest mail about the talk, as the mail server took it."""
    mail = mail_to(sink, address, "talk")
    if mail is None:
        return None
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == method
    return icalendar.Calendar.from_ical(part.get_payload(decode=True))

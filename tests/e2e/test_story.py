"""The whole story in a browser: from sign-in to the gap. It looks at pages and mail, never at the database."""

import re
from datetime import date, timedelta

import pytest

from tests.services import wait_for


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
    page.get_by_role("link", name=re.compile("Tidewell Water")).first.click()
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

    address = "rosa.delgado@tidewell-water.example"
    wait_for(lambda: mail_to(sink, address, "How are we doing"), seconds=60, what="the invitation")
    mail = mail_to(sink, address, "How are we doing")

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
    phone.close()

    again = open_window(width=390, height=844, touch=True)
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

"""Acts on a request in a sheet over a list or a client's page; long work that ends while one is elsewhere."""

import re

import pytest

ABLE = "[data-row].req:has(a[href*='/no-reply/'])"


@pytest.fixture
def page(sign_in):
    return sign_in("priya")


def act(page, row, name):
    """Open an act of a row in its sheet; gives the dialog."""
    row.locator("details.menu summary").click()
    row.get_by_role("link", name=name).click()
    sheet = page.locator("dialog.sheet[open]")
    sheet.get_by_role("heading", name=name).wait_for()
    return sheet


def has_focus(locator):
    return locator.evaluate("each => each === document.activeElement")


def test_on_the_list_of_requests_an_act_is_a_sheet_and_the_rows_are_drawn_anew(page):
    page.goto("/requests/")
    row = page.locator(ABLE).first
    name = row.get_attribute("id")
    row = page.locator(f"#{name}")
    address = page.url

    sheet = act(page, row, "No reply needed")
    page.keyboard.press("Escape")
    sheet.wait_for(state="hidden")
    assert has_focus(row.locator("summary"))

    sheet = act(page, row, "No reply needed")
    sheet.get_by_role("button", name="No reply needed").click()
    sheet.get_by_text("Say why: the client asked something.").first.wait_for()
    sheet.get_by_label("Why does nobody need to answer?").fill("It settled itself")
    sheet.get_by_role("button", name="No reply needed").click()
    page.get_by_role("status").filter(has_text="No reply needed.").wait_for()
    row.wait_for(state="detached")
    page.wait_for_function("document.activeElement.matches('[data-open-row]')")
    assert page.url == address

    page.keyboard.press("z")
    page.get_by_role("status").filter(has_text="They wait, as before.").wait_for()
    row.wait_for()
    assert [fault for fault in page.looking.faults() if "422" not in fault] == []  # the form that was refused


def test_on_the_page_of_a_client_what_is_being_typed_stays(page):
    page.goto("/requests/")
    page.locator(ABLE).first.locator(".row-s a").first.click()
    page.locator("#requests").wait_for()
    box = page.locator("main textarea[name=body], main textarea").first
    box.fill("Half a sentence")
    row = page.locator(f"#requests {ABLE}").first

    sheet = act(page, row, "Hand over")
    who = sheet.get_by_label("Who answers now")
    taker = who.locator("option", has_text="Elaine").first
    who.select_option(taker.get_attribute("value"))
    sheet.get_by_role("button", name="Hand over").click()

    page.get_by_role("status").filter(has_text="Handed over.").wait_for()
    page.locator("#requests .row-s", has_text="Elaine").first.wait_for()
    assert box.input_value() == "Half a sentence"
    assert page.looking.faults() == []


def test_without_scripts_the_same_acts_are_pages(sign_in):
    page = sign_in("priya", script=False)
    page.goto("/requests/")
    page.goto(page.locator(ABLE).first.locator("a[href*='/no-reply/']").get_attribute("href"))

    page.get_by_role("heading", level=1, name="No reply needed").wait_for()


def test_the_end_of_long_work_is_said_on_whatever_page_one_is_on(page):
    """What a job's page noted is asked after elsewhere; a page with nothing noted asks for nothing."""
    asked = []
    job = "/jobs/0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b/"
    over = '<div id="job"><p role="status">{}</p></div>'
    going = '<div id="job" hx-get="x"></div>'
    answers = [going, over.format("Exporting clients: Done")]

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(body=answers.pop(0), content_type="text/html")

    page.route(re.compile(re.escape(job)), answer)
    page.goto("/clients/")
    page.wait_for_timeout(300)
    assert asked == []

    page.evaluate("job => localStorage.setItem('jobs', JSON.stringify([job]))", job)
    page.goto("/requests/")
    toast = page.get_by_role("status").filter(has_text="Exporting clients: Done")
    toast.wait_for()
    assert toast.get_by_role("link", name="Open").get_attribute("href") == job
    assert len(asked) == 2
    assert page.evaluate("localStorage.getItem('jobs')") is None
    assert page.looking.faults() == []

"""My day in a real browser: it keeps itself fresh, moves nothing under the hand, and nothing leaves the page."""

import re
from datetime import date

import pytest


@pytest.fixture
def day(sign_in):
    page = sign_in("priya")
    page.goto("/")
    return page


@pytest.fixture
def elsewhere(sign_in):
    """The same person, on another machine."""
    return sign_in("priya")


def remind(window, note):
    """A reminder for today, set in this window."""
    window.goto("/")
    client = window.locator("#day .row-s a[href^='/clients/']").first.get_attribute("href")
    window.goto(f"{client}follow-ups/new/")
    window.locator("main [name=due_on]").fill(date.today().isoformat())
    window.get_by_label("What about").fill(note)
    window.locator("main").get_by_role("button", name="Remind me").click()
    window.get_by_role("status").filter(has_text="You will be reminded").wait_for()


def row(page, words):
    return page.locator("#day [data-row]", has_text=words)


def look_again(page):
    """As when somebody comes back to this window after a while."""
    page.wait_for_timeout(4100)
    with page.expect_response(lambda response: response.request.headers.get("hx-request") == "true"):
        page.evaluate("dispatchEvent(new Event('focus'))")
    page.wait_for_timeout(300)


def place(locator):
    return locator.bounding_box()["y"]


def chosen(page):
    on = page.locator("[data-row].is-on")
    assert on.locator("[data-open-row]").evaluate("link => link === document.activeElement")
    return on


def test_it_stays_fresh_and_moves_nothing_under_the_hand(day, elsewhere):
    remind(elsewhere, "Ask about the lease")
    day.goto("/")
    for _ in range(3):
        day.keyboard.press("j")
    words = chosen(day).locator(".row-t").inner_text()
    stood = place(chosen(day))

    # something new: said, not pushed in between
    remind(elsewhere, "Ask about the roof")
    look_again(day)
    show = day.get_by_role("button", name="1 new, show")
    show.wait_for()
    assert row(day, "Ask about the roof").count() == 0
    assert (chosen(day).locator(".row-t").inner_text(), place(chosen(day))) == (words, stood)

    # what was done elsewhere stays where it is, and says so; an open menu stays open
    elsewhere.goto("/")
    row(elsewhere, "Ask about the lease").get_by_role("button", name="Mark done").click()
    elsewhere.get_by_role("status").filter(has_text="Done.").wait_for()
    menu = chosen(day).locator("details.menu")
    menu.locator("summary").click()
    look_again(day)
    row(day, "Ask about the lease").get_by_text("You did this, ").wait_for()
    assert menu.get_attribute("open") is not None
    assert place(day.locator("[data-row].is-on")) == stood
    day.keyboard.press("Escape")

    # the new one comes when it is asked for, and the chosen row is still the chosen one
    show.click()
    row(day, "Ask about the roof").wait_for()
    assert row(day, "Ask about the lease").count() == 0
    assert chosen(day).locator(".row-t").inner_text() == words

    row(day, "Ask about the roof").get_by_role("button", name="Mark done").click()
    day.get_by_role("status").filter(has_text="Done.").wait_for()
    assert day.looking.faults() == []


def test_half_typed_words_in_a_dialog_stay_while_it_looks_again(day, elsewhere):
    remind(elsewhere, "Ask about the garden")
    day.goto("/")
    row(day, "Ask about the garden").hover()
    row(day, "Ask about the garden").get_by_role("link", name="Move").click()
    sheet = day.locator("dialog[open]")
    about = sheet.get_by_label("What about")
    about.fill("Ask about the fence")
    look_again(day)
    assert about.input_value() == "Ask about the fence"
    assert about.evaluate("field => field === document.activeElement")

    # refused in the dialog, in words, and then taken
    sheet.locator("[name=due_on]").fill("")
    sheet.get_by_role("button", name="Remind me", exact=True).click()
    sheet.get_by_role("link", name="On: Choose a day.").wait_for()
    sheet.get_by_role("button", name="Tomorrow").click()
    day.get_by_role("status").filter(has_text="You will be reminded").wait_for()
    row(day, "Ask about the fence").get_by_text("tomorrow").wait_for()
    assert day.locator("dialog[open]").count() == 0
    row(day, "Ask about the fence").get_by_role("button", name="Mark done").click()
    day.get_by_role("status").filter(has_text="Done.").wait_for()
    assert "/follow-ups/" not in day.url


def test_a_tick_that_failed_springs_back_and_what_is_old_says_so(day):
    ticks = day.locator("#s-today [data-row]:has(button.tick), #s-week [data-row]:has(button.tick)")
    what = ticks.first.locator(".row-t").inner_text()
    day.context.set_offline(True)
    row(day, what).first.get_by_role("button", name="Mark").click()
    toast = day.locator("[data-toast]")
    toast.get_by_text("That did not save. Your promise is still open.").wait_for()
    assert row(day, what).first.locator(".tick").get_attribute("aria-pressed") == "false"

    day.wait_for_timeout(4100)
    day.evaluate("dispatchEvent(new Event('focus'))")
    stale = day.get_by_text(re.compile(r"This is from \d\d:\d\d\. We could not reach the server\."))
    stale.wait_for()
    day.context.set_offline(False)
    day.get_by_role("button", name="Try again").first.click()
    stale.wait_for(state="hidden")

    # the same tick again, and Z puts the row back where it was
    row(day, what).first.get_by_role("button", name="Mark").click()
    toast.get_by_text(re.compile("Kept|Delivered")).wait_for()
    filled = row(day, what).first
    assert "is-done" in filled.get_attribute("class")
    day.keyboard.press("z")
    toast.get_by_text("Undone.").wait_for()
    row(day, what).first.get_by_role("button", name="Mark").wait_for()


def test_a_request_is_answered_with_words_and_a_nudge_is_sent_without_leaving_the_page(day):
    asked = day.locator("#s-requests [data-row]").first
    what = asked.locator(".row-t").inner_text()
    asked.locator(".row-m summary").click()
    asked.get_by_role("link", name="Log the answer").click()
    box = day.locator("#log-dialog form")
    box.get_by_role("checkbox", name="Answered").wait_for()
    assert box.get_by_role("checkbox", name="Answered").is_checked()
    assert what[:40] in box.locator("[data-found]").inner_text()
    day.keyboard.type("Sent it this morning")
    day.keyboard.press("Control+Enter")
    day.locator("[data-toast]").get_by_text("Logged").wait_for()
    day.locator("#s-requests .is-done", has_text=what).wait_for()

    day.locator("#day [data-act=nudge]").first.focus()
    day.keyboard.press("Enter")
    sheet = day.locator("dialog.sheet")
    sheet.get_by_role("heading", name="Write to").wait_for()
    sheet.get_by_role("button", name="See how it reads").click()
    sheet.get_by_role("heading", name="Letter to").wait_for()
    assert day.evaluate("document.activeElement.innerText").startswith("Send to")
    day.keyboard.press("Enter")
    day.locator("[data-toast]").get_by_text("Until then you can take it back").wait_for()
    assert day.evaluate("location.pathname") == "/"


def test_on_a_phone_a_request_is_answered_or_handed_over_from_its_row(day):
    day.set_viewport_size({"width": 390, "height": 844})
    day.goto("/")
    asked = day.locator("#s-requests [data-row]").last
    assert asked.get_by_role("button", name="Answered").is_visible()
    asked.locator(".row-m summary").click()
    asked.get_by_role("link", name="Hand over").click()
    day.locator("dialog.sheet").get_by_role("heading", name="Hand over").wait_for()
    assert day.evaluate("location.pathname") == "/"

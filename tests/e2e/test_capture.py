"""A promise in one line, by keyboard alone, from any page; and the same without JavaScript."""

import re

LINE = "send draft fee note to Rosa next monday 17:00, done when she has it !"


def test_a_promise_is_made_corrected_and_taken_back_by_keyboard_alone(sign_in):
    page = sign_in("priya")
    keys = page.keyboard
    keys.press("p")
    keys.type(LINE)
    dialog = page.get_by_role("dialog", name="Make a promise")
    dialog.locator("[data-part=who] > summary", has_text="Rosa Delgado").wait_for()
    dialog.get_by_text("A new date would be early until").wait_for()
    assert page.looking.faults() == []

    for _chip in range(2):  # from the line past whose promise it is, to the what
        keys.press("Tab")
    keys.press("Enter")
    keys.press("Tab")
    keys.type("Send the final fee note")
    keys.press("Escape")  # closes what is on top only
    assert dialog.is_visible()
    dialog.locator("[data-part=what] > summary", has_text="Send the final fee note").wait_for()
    page.locator("#capture-text").focus()
    keys.press("Enter")

    toast = page.get_by_role("status").filter(has_text="Promised to Rosa Delgado")
    toast.wait_for()
    toast.get_by_role("link", name="Open").wait_for()
    assert page.looking.faults() == []
    keys.press("z")
    page.get_by_role("status").filter(has_text="Taken back. It counts nowhere.").wait_for()


def test_single_keys_rest_while_one_types_and_a_draft_is_kept(sign_in):
    page = sign_in("priya")
    page.keyboard.press("p")
    page.keyboard.type("call Rosa pppp")
    page.locator("#capture-parts .chip").first.wait_for()
    page.goto("/clients/")
    page.keyboard.press("p")

    assert page.locator("#capture-text").input_value() == "call Rosa pppp"
    page.get_by_role("button", name="Discard").click()
    assert page.locator("#capture-text").input_value() == ""
    assert page.looking.faults(axe=False) == []


def test_on_a_phone_what_is_missing_is_asked_for_and_the_line_stays(sign_in):
    page = sign_in("priya", width=390, height=844, dark=True, touch=True)
    page.locator(".top").get_by_role("link", name="Make a promise").click()
    page.locator("#capture-text").fill("send it to Rosa")
    page.get_by_role("button", name="Write it down").click()
    page.locator(".capture-r").get_by_text("By when?").wait_for()

    faults = [fault for fault in page.looking.faults() if "422" not in fault]  # the browser notes every refusal
    assert faults == []
    assert page.locator("#capture-text").input_value() == "send it to Rosa"


def test_without_javascript_the_same_is_a_page(sign_in):
    page = sign_in("priya", script=False)
    page.get_by_role("link", name=re.compile("Make a promise")).first.click()
    page.get_by_label("What, to whom, by when?").fill("send it to Rosa next monday")
    page.get_by_role("button", name="Show how it is read").click()
    page.get_by_text("Rosa Delgado").first.wait_for()
    page.get_by_role("button", name=re.compile("Write it down")).click()
    page.get_by_role("heading", level=1, name="Send it").wait_for()
    page.get_by_role("button", name="Undo").first.click()
    page.get_by_text("Declined").first.wait_for()

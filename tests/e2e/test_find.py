"""Find from anywhere by keyboard: names first, what was said after them, typing mistakes, and what can be done."""

import re


def palette(page, words):
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Type a client, a person or a command")
    field.fill(words)
    page.locator(f'#palette-results [data-words="{words}"]').wait_for(state="attached")
    return page.get_by_role("listbox", name="Results")


def test_a_name_typed_wrongly_is_guessed_and_enter_opens_it(sign_in):
    page = sign_in("priya")

    results = palette(page, "tidewel watr")
    results.get_by_text("Did you mean").wait_for()
    page.keyboard.press("Enter")

    page.get_by_role("heading", level=1, name="Tidewell Water").wait_for()
    assert page.looking.faults() == []


def test_an_arrow_shows_what_can_be_done_at_a_client_and_another_leads_back(sign_in):
    page = sign_in("priya")

    results = palette(page, "tidewell")
    page.keyboard.press("ArrowRight")
    results.locator("[role=option]", has_text="Make a promise").wait_for()
    page.keyboard.press("ArrowLeft")
    results.locator("[role=option]", has_text="Tidewell Water").first.wait_for()
    page.keyboard.press("ArrowRight")
    wanted = results.locator("[role=option]", has_text="Make a promise")
    wanted.wait_for()
    while wanted.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"/promises/new/\?client=c_"))
    assert page.looking.faults() == []


def test_what_was_said_comes_after_the_names_and_leaves_the_choice_alone(sign_in):
    page = sign_in("priya")

    results = palette(page, "schedule")
    results.get_by_text("What was said").wait_for()
    chosen = results.locator("[aria-selected=true]")

    assert chosen.count() == 1
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    assert page.looking.faults() == []

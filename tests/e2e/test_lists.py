"""The list of promises by keyboard alone, and several at once, in a real browser."""

import re

import pytest


@pytest.fixture
def page(sign_in):
    page = sign_in("priya")
    page.goto("/promises/?owner=me")
    return page


def chosen(page):
    """The text of the row the keys act on; it has the focus too."""
    row = page.locator("[data-row].is-on")
    assert row.locator("[data-open-row]").evaluate("link => link === document.activeElement")
    return row.locator(".row-t").inner_text()


def names(page):
    return page.locator("[data-row] .row-t").all_inner_texts()


def test_keys_walk_tick_keep_undo_and_open(page):
    rows = names(page)
    for key in "jjk":
        page.keyboard.press(key)
    assert chosen(page) == rows[0]

    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    bar = page.locator("#bulk")
    bar.get_by_text("2 chosen").wait_for()
    bar.get_by_role("button", name="Clear").click()
    bar.wait_for(state="hidden")

    on_time = page.locator("[data-row]:has(button.tick)").first
    what = on_time.locator(".row-t").inner_text()
    on_time.locator("[data-open-row]").focus()
    page.keyboard.press("e")
    page.get_by_role("status").filter(has_text=re.compile("Delivered|Kept")).wait_for()
    assert chosen(page) == what  # drawn anew, and still the one the keys act on
    assert page.locator("[data-row].is-on .pick").count() == 1

    page.keyboard.press("z")
    page.wait_for_url(re.compile(r"/promises/\?owner=me"))
    page.get_by_role("status").filter(has_text="Undone.").wait_for()

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name=rows[0]).wait_for()
    assert page.looking.faults() == []


def test_r_and_n_lead_to_the_letter_and_to_the_new_date(page):
    page.locator("[data-row]:has([data-act=renegotiate]) [data-open-row]").first.focus()
    page.keyboard.press("r")
    page.wait_for_url(re.compile("/renegotiate/"))

    page.goto("/promises/?by=theirs&owner=me")
    page.locator("[data-row]:has([data-act=nudge]) [data-open-row]").first.focus()
    page.keyboard.press("n")
    page.wait_for_url(re.compile("/letter/nudge/"))
    assert page.looking.faults() == []


def test_keys_are_silent_in_fields_and_when_they_are_off(page):
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    keys.get_by_text("ask after their promise").wait_for()
    page.keyboard.press("Escape")

    page.get_by_label("Search").focus()
    page.keyboard.type("jxe")
    assert page.get_by_label("Search").input_value() == "jxe"
    assert page.locator("[data-row].is-on").count() == 0

    page.evaluate("document.documentElement.dataset.singleKeys = 'off'")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("j")
    page.keyboard.press("Shift+J")
    assert page.locator("[data-row].is-on").count() == 0
    assert page.locator(".pick:checked").count() == 0


def test_several_are_handed_over_and_given_back(page):
    before = names(page)[:2]
    for pick in page.locator("[data-row] .pick").all()[:2]:
        pick.check()
    page.locator("#bulk").get_by_role("button", name="Hand over").click()
    page.locator("#id_to").select_option("Tom Okafor")
    page.get_by_role("button", name="Show what happens").click()
    page.get_by_text("2 promises of Priya Raman").wait_for()
    assert page.looking.faults() == []

    page.get_by_role("button", name="Hand 2 to Tom").click()
    toast = page.get_by_role("status").filter(has_text="Handed 2 promises to Tom.")
    toast.wait_for()
    assert not set(before) & set(names(page)[:2])
    toast.get_by_role("button", name="Undo").click()
    page.get_by_role("status").filter(has_text="Undone: 2 promises are back.").wait_for()
    assert names(page)[:2] == before


def test_several_are_chosen_without_scripts(sign_in):
    page = sign_in("priya", script=False)
    page.goto("/promises/?owner=me")
    for pick in page.locator("[data-row] .pick").all()[:2]:
        pick.check()
    page.get_by_role("button", name="Export").click()

    page.get_by_role("heading", level=1, name="Export 2 promises").wait_for()


def test_several_clients_are_chosen_by_keys_handed_over_and_given_back(sign_in):
    page = sign_in("priya")
    page.goto("/clients/?owner=me")
    clients = page.locator("[data-row] [data-open-row]").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    bar = page.locator("#bulk")
    bar.get_by_text("2 chosen").wait_for()
    bar.get_by_role("button", name="Hand over").click()
    page.locator("#id_to").select_option("Tom Okafor")
    page.get_by_role("button", name="Show what happens").click()
    page.get_by_text("2 go to Tom.").wait_for()
    assert page.looking.faults() == []

    page.get_by_role("button", name="Hand over").click()
    page.get_by_role("status").filter(has_text="Handed 2 to Tom.").wait_for()
    assert page.locator("[data-row] [data-open-row]").all_inner_texts() == clients[2:]
    page.keyboard.press("z")
    page.get_by_role("status").filter(has_text="Undone: 2 are as they were.").wait_for()
    assert page.locator("[data-row] [data-open-row]").all_inner_texts() == clients


def test_columns_are_chosen_and_a_view_is_shared_without_scripts(sign_in):
    page = sign_in("priya", script=False)
    page.goto("/clients/")
    page.get_by_role("link", name="Choose columns").click()
    page.get_by_role("checkbox", name="City").check()
    page.get_by_role("button", name="City: move up").click()
    page.get_by_role("button", name="Show these columns").click()
    page.get_by_role("columnheader", name="City").wait_for()

    page.goto("/clients/?stage=active&owner=me")
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Mine at work")
    page.get_by_label("Show it to everybody here").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Mine at work").wait_for()

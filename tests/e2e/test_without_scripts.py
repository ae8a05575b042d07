"""Every core task with scripts switched off: pages, links and forms alone."""

import csv
import io
import re
import uuid
from datetime import date, timedelta

import pytest


def working_day(days):
    day = date.today() + timedelta(days=days)
    return (day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))).isoformat()


@pytest.fixture
def page(sign_in):
    return sign_in("priya", script=False)


@pytest.fixture
def word():
    return f"w{uuid.uuid4().hex[:8]}"


def reads(page, words):
    page.get_by_role("status").filter(has_text=words).first.wait_for()


def undo(page):
    page.get_by_role("status").get_by_role("button", name="Undo").click()


def open_client(page, name):
    """From wherever, by the field that finds."""
    page.goto("/find/")
    page.get_by_role("main").get_by_role("searchbox").fill(name)
    page.get_by_role("main").get_by_role("searchbox").press("Enter")
    page.get_by_role("main").get_by_role("link", name=name).first.click()
    page.get_by_role("heading", level=1, name=name).wait_for()


def test_a_contact_is_logged_with_a_promise_and_a_file_then_the_promise_is_moved_and_kept(page, word):
    open_client(page, "Tidewell Water")
    page.get_by_label("What happened?").fill(f"Rosa rang. We’ll send the {word} plan by {working_day(6)}.")
    page.get_by_role("button", name="Look for promises in it first").click()
    page.get_by_text("Promise by us:").wait_for()
    page.set_input_files("#log-plain-files", {"name": f"{word}.txt", "mimeType": "text/plain", "buffer": b"As agreed"})
    page.get_by_role("button", name="Add all and save").click()
    reads(page, "Logged a call")
    assert page.locator("#timeline").get_by_role("link", name=f"{word}.txt").count() == 1

    page.goto(f"/promises/?q={word}")
    page.locator("[data-row]").get_by_role("link", name=re.compile(word)).first.click()
    page.get_by_role("link", name="Renegotiate").click()
    page.get_by_label("New date").fill(working_day(12))
    page.get_by_label("In a call").check()
    page.get_by_label("Why").select_option("Priorities changed")
    page.get_by_role("button", name="Move it").click()
    reads(page, "Moved in time. This stays a kept word.")

    page.goto(f"/promises/?q={word}")
    page.get_by_role("button", name=re.compile("^Mark delivered")).click()
    reads(page, re.compile("kept|delivered", re.IGNORECASE))
    undo(page)
    reads(page, "Undone. It stands as before.")
    page.get_by_role("button", name=re.compile("^Mark delivered")).click()
    reads(page, re.compile("kept|delivered", re.IGNORECASE))


def test_a_request_is_written_down_answered_and_taken_back(page, word):
    open_client(page, "Tidewell Water")
    page.get_by_role("main").get_by_role("link", name=re.compile("^Request")).first.click()
    page.get_by_label("What do they ask?").fill(f"What does the {word} year cost?")
    page.get_by_role("button", name="Write it down").click()
    reads(page, "Written down. The answer is due")

    page.goto("/requests/")
    waiting = page.locator("[data-row]", has_text=word).get_by_role("button", name="Answered")
    waiting.click()
    reads(page, "Answered.")
    undo(page)
    reads(page, "Undone. They wait, as before.")
    waiting.click()
    reads(page, "Answered.")
    assert waiting.count() == 0


def test_a_list_is_filtered_and_downloaded(page):
    page.goto("/clients/")
    page.get_by_label("Owner").select_option("Me")
    page.get_by_role("button", name="Filter").click()
    shown = page.locator("[data-row] [data-open-row]").all_inner_texts()
    page.get_by_role("main").get_by_role("link", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()

    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[0] for row in rows[1:]] == shown


def test_several_are_handed_over_and_given_back(page):
    page.goto("/clients/?owner=me")
    before = page.locator("[data-row] [data-open-row]").all_inner_texts()
    for pick in page.locator("[data-row] .pick").all()[:2]:
        pick.check()
    page.locator("#bulk").get_by_role("button", name="Hand over").click()
    page.locator("#id_to").select_option("Tom Okafor")
    page.get_by_role("button", name="Show what happens").click()
    page.get_by_text("2 go to Tom.").wait_for()
    page.get_by_role("button", name="Hand over").click()
    reads(page, "Handed 2 to Tom.")
    assert page.locator("[data-row] [data-open-row]").all_inner_texts() == before[2:]

    undo(page)
    reads(page, "Undone: 2 are as they were.")
    assert page.locator("[data-row] [data-open-row]").all_inner_texts() == before


def add_client(page, name):
    page.goto("/clients/new/")
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_role("button", name="Add client").click()
    if page.get_by_text("Is it one of these?").count():
        page.get_by_role("button", name="Add it anyway").click()
    page.get_by_role("heading", level=1, name=name).wait_for()
    return page.url


def test_two_clients_are_merged_and_parted(page, word):
    gone = add_client(page, f"{word} Harbour Ltd")
    page.get_by_label("What happened?").fill("They rang about the quay.")
    page.get_by_role("button", name=re.compile("^Log")).last.click()
    reads(page, "Logged a call")
    kept = add_client(page, f"{word} Harbour Limited")

    page.goto(kept.partition("#")[0].partition("?")[0] + "merge/")
    page.get_by_label("Find the other client").fill(f"{word} Harbour Ltd")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("link", name=re.compile(f"^Compare.*{word} Harbour Ltd")).first.click()
    page.get_by_role("heading", level=1, name=re.compile("^Merge")).wait_for()
    page.get_by_role("button", name="Merge", exact=True).click()
    reads(page, f"{word} Harbour Ltd is part of {word} Harbour Limited now.")
    page.locator("#timeline").get_by_text("They rang about the quay.").wait_for()
    there = page.url
    page.goto(gone)
    assert page.url.partition("#")[0] == there.partition("#")[0]  # the address of the one that went leads there

    page.goto(kept)
    page.locator("details.menu").filter(has_text="History").first.locator("summary").click()
    page.get_by_role("link", name="History").first.click()
    page.get_by_role("main").locator("a[href^='/merges/']").first.click()
    page.get_by_role("button", name="Take it back").click()
    page.goto(gone)
    page.get_by_role("heading", level=1, name=f"{word} Harbour Ltd").wait_for()
    page.locator("#timeline").get_by_text("They rang about the quay.").wait_for()


def test_the_timeline_goes_further_back_and_is_searched(page, word):
    open_client(page, "Tidewell Water")
    page.get_by_label("What happened?").fill(f"They rang about the {word} sluice.")
    page.get_by_role("button", name="Log call").click()
    reads(page, "Logged a call")
    first = page.locator("#tl > li.ev").first.get_attribute("id")
    page.get_by_role("link", name="Show older").click()
    page.get_by_role("heading", level=1, name="Timeline of Tidewell Water").wait_for()
    assert page.locator("#tl > li.ev").count() > 0
    assert page.locator(f"#{first}").count() == 0

    page.locator(".tl-find summary").click()
    page.get_by_label("Words").fill(word)
    page.get_by_role("button", name="Show", exact=True).click()
    assert [line.get_attribute("id") for line in page.locator("#tl > li.ev").all()] == [first]


def test_what_was_removed_lies_in_the_trash_and_comes_back(page, word):
    open_client(page, "Tidewell Water")
    page.get_by_label("What happened?").fill(f"They rang about the {word} sluice.")
    page.get_by_role("button", name="Log call").click()
    page.locator("#timeline li", has_text=word).get_by_role("link").first.click()
    page.get_by_role("button", name=re.compile("^Remove")).click()
    reads(page, "Removed from the timeline.")
    assert page.locator("#timeline li", has_text=word).count() == 0

    page.goto("/trash/")
    page.get_by_role("row").filter(has_text=word).get_by_role("button", name=re.compile("^Bring back")).click()
    reads(page, "It is back.")
    open_client(page, "Tidewell Water")
    assert page.locator("#timeline li", has_text=word).count() == 1


def test_mail_to_sort_and_one_search_over_everything(page, word):
    page.goto("/mail/")
    page.get_by_role("heading", level=1, name="Mail to sort").wait_for()

    open_client(page, "Tidewell Water")
    page.get_by_label("What happened?").fill(f"They rang about the {word} sluice.")
    page.get_by_role("button", name="Log call").click()
    reads(page, "Logged a call")
    page.goto("/find/")
    page.get_by_role("main").get_by_role("searchbox").fill(word)
    page.get_by_role("main").get_by_role("searchbox").press("Enter")
    page.get_by_role("main").get_by_text(word).first.wait_for()
    assert page.get_by_role("main").locator("a[href^='/clients/'], a[href^='/log/']").count() > 0

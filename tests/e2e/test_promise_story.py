"""Promises in a browser, on one timeline: written down, offered, moved, disputed, kept, counted, exported, imported.

It looks at pages, files and mail, never at the database.
"""

import csv
import io
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from tests.e2e.test_every_page import WINDOWS
from tests.e2e.test_story import link_in, mail_to, working_day
from tests.services import wait_for

CLIENT, ANNA = "Halden Foods", "anna.berg@halden-foods.example"
PRIYA = "priya@wrayburn.example"
PHONE = {"width": 390, "height": 844, "touch": True, "script": False}
NOW_IS_LATER = """
from django.utils import timezone
from outbox.delivery import drain
from outbox.models import Email
waiting = Email.objects.filter(state="scheduled", kind="promises.letter")
waiting.update(not_before=timezone.now(), next_try_at=timezone.now())
drain(limit_seconds=20)
"""


@pytest.fixture(scope="module")
def chapters():
    """What one chapter leaves to the next."""
    return {}


@pytest.fixture
def letter_to_anna(site, sink):
    """The letter with these words in its subject, its two minutes over: those in which it can be taken back."""

    def find(words):
        site.manage("shell", "-c", NOW_IS_LATER)
        wait_for(lambda: mail_to(sink, ANNA, words), seconds=60, what=f"the letter “{words}”")
        return mail_to(sink, ANNA, words)

    return find


def what_happened(page, address):
    page.goto(address)
    return page.get_by_role("main").inner_text()


def toast(page, words):
    page.get_by_role("status").filter(has_text=words).wait_for()


def test_0_a_newcomer_writes_down_whom_they_work_for(sign_in, chapters):
    administrator = sign_in("daniel")
    administrator.goto("/settings/")
    for label in ("No mail at once from", "No mail at once until"):
        administrator.get_by_label(label).fill("00:00")  # mail at once comes at any hour these tests run
    administrator.get_by_role("main").get_by_role("button", name="Save").click()
    toast(administrator, "Saved")

    page = sign_in("priya")
    page.goto("/clients/new/")
    page.get_by_label(re.compile(r"^\s*Name")).fill(CLIENT)
    page.get_by_role("button", name="Add client").click()
    page.get_by_role("heading", level=1, name=CLIENT).wait_for()
    chapters["client"] = urlsplit(page.url).path
    page.goto(chapters["client"] + "people/new/")
    page.get_by_label(re.compile(r"^\s*Name")).fill("Anna Berg")
    page.get_by_label("E-mail").fill(ANNA)
    page.get_by_role("main").get_by_role("button", name="Add").click()
    page.get_by_role("heading", level=1, name=CLIENT).wait_for()


def test_1_one_line_becomes_a_promise_by_keyboard_alone(sign_in, chapters):
    page = sign_in("priya")
    page.keyboard.press("p")
    page.keyboard.type("send draft fee note to Anna fri 17:00")
    parts = page.locator("#capture-parts")
    parts.get_by_text("Anna Berg").first.wait_for()
    parts.get_by_text(CLIENT).first.wait_for()
    parts.get_by_text(re.compile(r"Fri .*17:00")).first.wait_for()
    assert page.looking.faults() == []

    page.keyboard.press("Tab")  # who promises
    page.keyboard.press("Tab")  # what
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("Send the final fee note")
    page.keyboard.press("Enter")

    toast(page, "Promised to Anna Berg: Send the final fee note")
    page.goto(chapters["client"])
    page.locator("#promises").get_by_role("link", name="Send the final fee note").first.click()
    page.get_by_text("A new date is early until").wait_for()
    assert page.looking.faults() == []


def test_2_an_offer_goes_out_by_letter_comes_back_with_another_date_and_is_agreed(
    sign_in, open_window, letter_to_anna, chapters
):
    page = sign_in("priya")
    page.keyboard.press("p")
    page.keyboard.type(f"compare three lenders for Anna {working_day(28)}")
    parts = page.locator("#capture-parts")
    parts.get_by_text("Anna Berg").first.wait_for()
    parts.locator("[data-part=more] summary").click()
    parts.get_by_label("They still have to agree").check()
    parts.get_by_label("Answer by, if you like").wait_for()
    page.get_by_role("button", name="Write it down").click()
    page.get_by_role("heading", level=1, name=re.compile("compare three lenders", re.IGNORECASE)).wait_for()
    chapters["promise"] = urlsplit(page.url).path
    assert page.looking.faults() == []

    write_and_send(page, "Ask whether they agree")
    mail = letter_to_anna("lenders")
    chapters["link"] = link_in(mail, "p")
    before = what_happened(page, chapters["promise"])
    phone = open_window(**PHONE)
    links = set(
        re.findall(
            r"https?://[^\s\"<>]+",
            "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"),
        )
    )
    assert len(links) > 1
    for _time in range(3):
        for link in links:
            assert phone.request.get(urlsplit(link).path).status == 200
            assert phone.request.head(urlsplit(link).path).status == 200
    assert what_happened(page, chapters["promise"]) == before

    phone.goto(chapters["link"])
    phone.get_by_role("heading", level=1, name="Anna, this is what we promised each other.").wait_for()
    assert phone.looking.faults(axe=False) == []
    of(phone, chapters).get_by_role("link", name="Not quite").tap()
    phone.get_by_label("Which day").fill(working_day(21))
    phone.get_by_role("button", name="Send").tap()
    phone.get_by_text("has your terms").wait_for()
    assert phone.looking.faults(axe=False) == []

    page.goto(chapters["promise"])
    page.get_by_role("link", name="Agree", exact=True).click()
    page.get_by_role("main").locator("form button[type=submit]").first.click()
    toast(page, "It is a promise now.")


def of(phone, chapters):
    """The part of Anna's page about the promise of this story."""
    return phone.locator("#" + chapters["promise"].strip("/").rpartition("/")[2])


def write_and_send(page, way):
    """Write one of the letters a promise offers, with its usual words."""
    page.get_by_role("link", name=way).first.click()
    page.get_by_role("button", name="See how it reads").click()
    assert page.looking.faults() == []
    page.get_by_role("button", name=re.compile("Send to")).click()
    toast(page, "in two minutes")


def test_3_a_new_date_is_asked_for_early_and_the_word_stays_kept(sign_in, open_window, letter_to_anna, sink, chapters):
    page = sign_in("priya")
    page.goto(chapters["promise"])
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.name") == "due_date"
    page.get_by_label("New date").fill(working_day(35))
    page.get_by_text("This stays a kept word.").wait_for()
    page.get_by_label("Not yet asked, or no answer yet").check()
    page.get_by_label("Why").select_option("Priorities changed")
    page.get_by_label("Send Anna a short note").check()
    assert page.looking.faults() == []
    page.get_by_role("button", name="Move it").click()
    page.get_by_role("main").get_by_text("It stays due on the old date until they agree.").wait_for()

    letter_to_anna("Another date")
    phone = open_window(**PHONE)
    phone.goto(chapters["link"])  # the link of the first letter shows what is asked now
    of(phone, chapters).get_by_role("button", name="Yes, that works").tap()
    phone.get_by_text("Thank you. The new day is").wait_for()

    wait_for(lambda: mail_to(sink, PRIYA, "They agree to the new date"), seconds=30, what="the word to the owner")
    page.goto(chapters["promise"])
    ladder = page.get_by_role("region", name="Due dates")
    assert ladder.get_by_role("listitem").count() == 2
    ladder.get_by_text("early").first.wait_for()
    assert page.looking.faults() == []


def test_4_not_what_we_agreed_opens_it_again_and_one_yes_keeps_it(sign_in, open_window, sink, chapters):
    page = sign_in("priya")
    page.goto(chapters["promise"])
    page.get_by_role("button", name="Delivered").click()
    phone = open_window(**PHONE)
    phone.goto(chapters["link"])
    of(phone, chapters).get_by_role("link", name="Not what we agreed").tap()
    phone.get_by_role("main").get_by_role("textbox").fill("One lender is missing.")
    assert phone.looking.faults(axe=False) == []
    phone.get_by_role("button", name="Send").tap()
    phone.get_by_text("Priya has your words. It is open again.").wait_for()
    wait_for(lambda: mail_to(sink, PRIYA, "Not what was agreed"), seconds=30, what="the word to the owner")

    page.goto(chapters["promise"])
    page.get_by_text("One lender is missing.").wait_for()
    page.get_by_role("button", name="Delivered").click()
    phone.goto(chapters["link"])
    answer = of(phone, chapters).locator("form")
    path = answer.get_attribute("action")
    fields = {field.get_attribute("name"): field.input_value() for field in answer.locator("input").all()}
    for _time in range(2):
        assert (
            "Thank you for saying so." in phone.request.post(path, form=fields, headers={"Referer": phone.url}).text()
        )
    phone.goto(chapters["link"])
    assert phone.looking.faults(axe=False) == []

    page.goto(chapters["promise"])
    page.get_by_text("Counts as kept as first promised").wait_for()
    assert page.get_by_role("region", name="What happened").get_by_text("Anna Berg").count() == 4
    assert page.looking.faults() == []


def test_5_the_list_is_filtered_kept_as_a_view_walked_by_keys_handed_over_and_exported(sign_in, chapters):
    page = sign_in("priya")
    for number, what in enumerate(("Send the lease summary", "Send the rate table", "Send the minutes"), start=5):
        page.keyboard.press("p")
        page.keyboard.type(f"{what} to Anna {working_day(number * 7)}")
        page.locator("#capture-parts").get_by_text(CLIENT).first.wait_for()
        page.keyboard.press("Enter")
        toast(page, f"Promised to Anna Berg: {what}")

    page.goto("/promises/")
    page.get_by_role("searchbox").fill("halden")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Halden, open")
    page.get_by_role("main").get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Halden, open").click()
    titles = page.locator("[data-open-row]").all_inner_texts()
    assert "Send the minutes" in titles
    assert page.looking.faults() == []

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    chosen = page.locator("[data-row].is-on")
    assert chosen.locator("[data-open-row]").inner_text() == titles[0]
    page.keyboard.press("e")
    toast(page, "Delivered")
    chosen.get_by_role("button", name=re.compile("^Undo")).click()
    chosen.get_by_role("button", name=re.compile("^Undo")).wait_for(state="detached")
    page.keyboard.press("r")
    page.get_by_role("heading", name="Move this promise").wait_for()
    page.goto("/promises/")
    page.get_by_role("navigation", name="Views").get_by_role("link", name="Halden, open").click()
    page.get_by_role("link", name="Rename, share or delete").click()
    page.get_by_role("button", name="Delete this view").click()
    toast(page, "Halden, open")

    page.goto("/promises/?q=halden&owner=me")
    for box in page.get_by_role("checkbox", name=re.compile("^Choose Send the")).all()[-3:]:
        box.check()
    page.get_by_role("button", name="Hand over").click()
    page.get_by_role("main").get_by_label("To whom").select_option("Tom Okafor")
    page.get_by_role("button", name="Show what happens").click()
    page.get_by_text("3 promises of Priya Raman").wait_for()
    assert page.looking.faults() == []
    page.get_by_role("button", name="Hand 3 to Tom").click()
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    toast(page, "Undone: 3 promises are back.")
    assert page.locator("[data-open-row]").all_inner_texts() == titles

    page.goto("/promises/?q=halden")
    titles = page.locator("[data-open-row]").all_inner_texts()
    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_text(f"The file holds {len(titles)} promises").wait_for()
    assert page.looking.faults() == []
    assert downloaded(page, "CSV")[1:] == titles
    assert downloaded(page, "XLSX")[1:] == titles


def downloaded(page, name):
    """The column of what was promised, its heading first, in the file behind a link."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    content = Path(download.value.path()).read_bytes()
    if name == "CSV":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        rows = list(load_workbook(io.BytesIO(content), read_only=True).active.values)
    return [row[rows[0].index("What")] for row in rows]


def test_6_every_figure_opens_the_list_it_counts(sign_in):
    page = sign_in("elaine")
    page.goto("/promises/figures/?period=ever")
    assert page.looking.faults() == []
    links = page.get_by_role("main").locator("a[href^='/promises/?']")
    figures = {href: figure_in(*words) for href, *words in links.evaluate_all(LINKS)}
    assert len(figures) > 30

    counts = {}
    for path in figures:
        found = re.search(r'id="list-h">(?:More than )?(\d+)', page.request.get(path).text())
        counts[path] = int(found.group(1)) if found else 0

    assert counts == figures


LINKS = """links => links.map(link => [
  link.getAttribute("href"), link.textContent.trim(),
  link.closest("div")?.querySelector(".kpi-d")?.textContent || "",
])"""


def figure_in(own, under):
    """How many promises a figure says it counts: “168”, “0.5% · 1 of 208”, else in the words under it."""
    if own[0].isdigit() and (found := re.search(r"^(\d+)(?: promises? came due)?$|(\d+) of \d+", own)):
        return int(found.group(1) or found.group(2))
    return int(re.search(r"\d+", under).group())


def test_7_a_calendar_address_works_without_cookies_until_it_is_switched_off(sign_in, open_window):
    page = sign_in("priya")
    page.goto("/profile/")
    page.get_by_role("link", name="Promises in your calendar").click()
    assert page.looking.faults() == []
    page.get_by_role("button", name="Make my address").click()
    path = urlsplit(page.get_by_label("Copy this into your calendar program").input_value()).path
    assert page.looking.faults() == []

    program = open_window().request
    answer = program.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.body())
    whats = [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")]
    assert [what for what in whats if "Send the minutes" in what] != []
    assert program.get(path, headers={"If-None-Match": answer.headers["etag"]}).status == 304

    page.get_by_role("button", name="Switch it off").click()
    toast(page, "Switched off.")
    assert program.get(path).status == 404


def test_8_promises_from_a_file_are_shown_first_and_then_counted(sign_in, chapters):
    page = sign_in("daniel")
    figures = f"/promises/figures/?by=ours&period=ever&client={chapters['client'].strip('/').rpartition('/')[2]}"
    page.goto(figures)
    assert "No promise came due" in page.get_by_role("main").inner_text()

    page.goto("/import/promises/")
    assert page.looking.faults() == []
    page.get_by_label("CSV or XLSX file").set_input_files(
        {"name": "orders.csv", "mimeType": "text/csv", "buffer": ORDERS.encode()}
    )
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_text("This is what would happen. Nothing has been written yet.").wait_for()
    page.get_by_role("heading", name="New").wait_for()
    page.get_by_role("heading", name="Refused").wait_for()
    assert page.looking.faults() == []
    page.goto(page.url)
    page.get_by_role("button", name="Import it").click()
    page.get_by_text("Done.").first.wait_for()
    assert page.looking.faults() == []

    page.goto(figures)
    page.get_by_text("4 promises came due").wait_for()
    page.get_by_role("link", name="2 of 4").first.wait_for()
    assert page.looking.faults() == []


ORDERS = f"""Order ID,Client,Owner e-mail,Order date,Required date,Shipped date
9001,{CLIENT},{PRIYA},2025-03-03,2025-03-14,2025-03-12
9002,{CLIENT},{PRIYA},2025-03-10,2025-03-28,2025-03-28
9003,{CLIENT},{PRIYA},2025-04-01,2025-04-11,2025-04-15
9004,{CLIENT},{PRIYA},2025-04-02,2025-04-16,
9005,Nobody we know,{PRIYA},2025-04-02,2025-04-16,
"""


def test_9_a_promise_is_put_off_and_the_alerts_say_what_was_said_and_done(sign_in, site):
    page = sign_in("priya")
    page.goto("/promises/?q=send+the+minutes")
    page.locator("[data-open-row]").first.click()
    page.get_by_role("button", name="More", exact=True).or_(page.locator("summary[aria-label=More]")).first.click()
    page.get_by_role("link", name="Put it off").click()
    assert page.looking.faults() == []
    page.get_by_role("main").get_by_role("button").first.click()
    page.get_by_text("(1 of 3)").wait_for()
    assert page.looking.faults() == []

    page.goto("/profile/")  # so that the digest is due whatever day it is
    for day in ("Saturday", "Sunday"):
        page.get_by_label(day).fill("09:00–17:30")
    page.get_by_label("Daily digest at").fill("00:00")
    page.get_by_role("main").get_by_role("button", name="Save").first.click()
    toast(page, "Saved")
    site.manage("tick")
    page.goto("/promises/alerts/?rule=choose")
    assert page.looking.faults() == []
    row = page.get_by_role("main").locator("[data-row]").filter(has_text="nothing since").first
    what = row.locator("[data-open-row]").inner_text()
    row.locator("[data-open-row]").click()
    page.get_by_label("Comment").fill("Rang them.")
    page.get_by_role("button", name="Add").click()
    page.goto("/promises/alerts/?rule=choose")
    page.locator("[data-row]").filter(has_text=what).filter(has_text="acted on").first.wait_for()


@pytest.mark.parametrize("window", WINDOWS)
def test_the_pages_of_the_story_are_clean(sign_in, open_window, chapters, window):
    page = sign_in("priya", **window)
    client = chapters["client"].strip("/").rpartition("/")[2]
    paths = [
        "/promises/",
        "/promises/new/?text=anna+will+send+it+fri",
        f"/promises/new/details/?client={client}",
        "/promises/figures/",
        "/promises/alerts/",
        "/letters/",
        f"/letters/client/{client}/",
        "/profile/calendar/",
        "/promises/bulk/",
        "/promises/bulk/hand-over/?all=1",
        "/promises/bulk/nudge/?all=1&by=theirs",
        "/promises/bulk/export/",
        "/lists/promises/views/new/?due=late",
        chapters["promise"],
    ]
    faults = {path: looked_at(page, path) for path in paths}
    faults["their page"] = looked_at(open_window(**window), chapters["link"])

    assert {path: found for path, found in faults.items() if found} == {}


def looked_at(page, path):
    page.goto(path)
    return page.looking.faults()

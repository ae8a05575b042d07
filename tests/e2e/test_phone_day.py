"""An account manager’s whole day on a phone, in the dark, by taps: every page visited fits, nothing needs a mouse."""

import re
import uuid
from datetime import date, timedelta

import pytest


def working_day(days):
    day = date.today() + timedelta(days=days)
    return (day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))).isoformat()


@pytest.fixture
def phone(sign_in):
    return sign_in("priya", width=390, height=844, dark=True, touch=True)


def reads(phone, words):
    phone.get_by_role("status").filter(has_text=words).first.wait_for()


def below(phone, name):
    """One of the five at the bottom."""
    return phone.locator(".bot").get_by_text(name, exact=True).first


def large_enough(locator):
    box = locator.bounding_box()
    return box["width"] >= 24 and box["height"] >= 40


def test_the_whole_day_on_a_phone(phone):
    word = f"w{uuid.uuid4().hex[:8]}"
    visited = {}

    def look(name):
        phone.wait_for_load_state()
        visited[name] = phone.looking.faults(axe=False)

    phone.get_by_role("heading", name="Next 7 days").wait_for()
    look("my day")
    assert all(large_enough(each) for each in phone.locator(".bot > a, .bot > details > summary").all())

    # a call with a promise in it, by the button in the middle
    below(phone, "Log").tap()
    phone.keyboard.type(f"Tidewell rang. We’ll send the {word} plan by {working_day(6)}.")
    phone.locator("#dlog").get_by_role("button", name="Add all and save").tap()
    reads(phone, "Logged a call")
    look("after logging")

    # a request is answered, a promise kept, and each taken back
    asked = phone.locator("#s-requests [data-row]").first
    asked.get_by_role("button", name=re.compile("^Answered")).tap()
    reads(phone, "Answered.")
    phone.locator("[data-toast]").get_by_role("button", name="Undo").tap()
    reads(phone, "Undone. They wait, as before.")
    look("a request answered")

    below(phone, "Promises").tap()
    phone.wait_for_url(re.compile("/promises/"))
    look("promises")
    phone.get_by_label("Search").fill(word)
    phone.get_by_label("Search").press("Enter")
    phone.wait_for_url(re.compile(word))
    row = phone.locator("[data-row]", has_text=word)
    row.get_by_role("button", name=re.compile("^Mark delivered")).tap()
    reads(phone, re.compile("kept|delivered", re.IGNORECASE))
    look("a promise kept")
    phone.locator("[data-toast]").get_by_role("button", name="Undo").tap()
    reads(phone, "Undone.")

    # the promise is moved to another day
    row = phone.locator("[data-row]", has_text=word)
    row.get_by_role("link", name=re.compile(word)).tap()
    phone.wait_for_url(re.compile(r"/promises/w_\w+/"))
    look("a promise")
    phone.get_by_role("link", name="Renegotiate").tap()
    sheet = phone.locator("dialog[open]")
    sheet.get_by_label("New date").fill(working_day(12))
    sheet.get_by_label("In a call").tap()
    sheet.get_by_label("Why").select_option("Priorities changed")
    look("the sheet that moves it")
    sheet.get_by_role("button", name="Move it").tap()
    reads(phone, "Moved in time.")
    look("a promise moved")

    # a client is found
    phone.locator(".top,header").locator("[data-palette]:visible").first.tap()
    phone.get_by_role("combobox").fill("tidew")
    phone.locator("#palette [role=option]", has_text="Tidewell Water").first.tap()
    phone.get_by_role("heading", level=1, name="Tidewell Water").wait_for()
    look("a client")

    # its page is long: the parts are named at its top and one tap away
    for link in phone.locator(".jump a").all():
        anchor = link.get_attribute("href")
        assert large_enough(link)
        link.tap()
        phone.wait_for_function(
            "id => { const y = document.querySelector(id).getBoundingClientRect().top; return y >= 0 && y < 844 }",
            arg=anchor,
        )

    # the timeline goes further back
    entries = phone.locator("#tl > li.ev")
    before = entries.count()
    phone.get_by_role("link", name="Show older").tap()
    phone.wait_for_function("before => document.querySelectorAll('#tl > li.ev').length > before", arg=before)
    look("further back")

    # clients, and what is behind the last of the five
    below(phone, "Clients").tap()
    phone.wait_for_url(re.compile("/clients/$"))
    look("clients")
    below(phone, "More").tap()
    phone.locator(".bot").get_by_role("link", name=re.compile("^Requests")).tap()
    phone.wait_for_url(re.compile("/requests/"))
    look("requests")
    below(phone, "More").tap()
    phone.locator(".bot .me-menu summary").tap()
    phone.locator(".bot").get_by_role("button", name="Sign out").tap()
    phone.wait_for_url(re.compile("/accounts/"))

    assert {name: faults for name, faults in visited.items() if faults} == {}

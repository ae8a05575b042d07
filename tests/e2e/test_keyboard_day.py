"""An account manager’s whole day by keyboard alone: no mouse, no script that clicks. Only what is seen is looked at."""

import re
import uuid
from datetime import date, timedelta

import pytest

HERE = """() => {
  const at = document.activeElement;
  const labels = [...(at.labels || [])].map(each => each.textContent.trim());
  const names = [at.localName, at.id, at.name, at.getAttribute("aria-label")];
  const words = [...names, at.textContent.trim().slice(0, 120), ...labels];
  return words.filter(Boolean).join(" | ");
}"""


def working_day(days):
    day = date.today() + timedelta(days=days)
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


class Keyboard:
    """Somebody who has a keyboard and eyes, and nothing else."""

    def __init__(self, page):
        self.page, self.pressed = page, 0

    def press(self, *keys):
        for key in keys:
            self.pressed += 1
            self.page.keyboard.press(key)

    def type(self, words):
        self.page.keyboard.type(words)

    def type_day(self, day):
        """Into a field of the browser’s own, in the order it asks for: day first, or month first."""
        self.type(day.strftime("%d%m%Y"))
        if self.page.evaluate("document.activeElement.value") != day.isoformat():
            self.press("ArrowLeft", "ArrowLeft")
            self.type(day.strftime("%m%d%Y"))

    def tab_to(self, words, *, back=False, most=120):
        """Tab until what has the focus is called so."""
        for _press in range(most):
            if re.search(words, self.page.evaluate(HERE)):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"nothing called {words} within {most} presses of Tab")

    def walk_to(self, start, *, most=40):
        """J until the chosen row is an open one of a kind: q_ requests, w_ promises; the words of the row."""
        for _press in range(most):
            self.press("j")
            row = self.page.locator(f"[data-row].is-on[id^={start}]")
            if row.count() and row.locator("[data-act=keep],.tick").count() and not row.locator(".is-done").count():
                return row.locator("[data-open-row]").inner_text()
        raise AssertionError(f"no row of {start} within {most} presses of J")

    def go(self, *keys, to):
        """Keys that lead to another page."""
        self.press(*keys)
        self.page.wait_for_url(re.compile(to))
        self.page.wait_for_load_state()

    def reads(self, words):
        """What the toast or the notice says."""
        self.page.get_by_role("status").filter(has_text=words).first.wait_for()


@pytest.fixture
def keys(open_window):
    page = open_window()
    page.goto("/")
    return Keyboard(page)


def test_the_whole_day_by_keyboard_alone(keys, figure):
    page = keys.page
    word = f"w{uuid.uuid4().hex[:8]}"

    # in
    keys.tab_to(r"\blogin\b")
    keys.type("priya@wrayburn.example")
    keys.tab_to(r"\bpassword\b")
    keys.type("partnership")
    keys.press("Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    page.get_by_role("heading", name="Next 7 days").wait_for()

    # my day: a call with a promise in it is logged
    keys.press("l")
    keys.type(f"Tidewell rang. We’ll send the {word} plan by {working_day(6).isoformat()}.")
    keys.press("Control+Shift+Enter")
    keys.reads("Logged a call")

    # a request is answered, and taken back
    asked = keys.walk_to("q_")
    keys.press("e")
    keys.reads("Answered.")
    keys.press("z")
    keys.reads("Undone. They wait, as before.")
    page.locator("#s-requests [data-row]:not(.is-done)", has_text=asked[:60]).first.wait_for()

    # the promise is found by a word of it, and moved to the end
    keys.press("Control+k")
    keys.type(word)
    page.locator("#palette [role=option]", has_text=word).first.wait_for()
    keys.go("Enter", to=r"/promises/w_\w+/")
    keys.press("r")
    page.get_by_role("button", name="Move it").wait_for()
    keys.tab_to("id_due_date")
    keys.type_day(working_day(12))
    keys.tab_to("In a call|id_agreed_how")
    keys.press("Space")
    keys.tab_to("id_reason")
    keys.type("Prior")
    keys.tab_to("Move it$")
    keys.press("Enter")
    keys.reads("Moved in time. This stays a kept word.")

    # in the list it is kept, given back, and kept
    keys.go("g", "p", to="/promises/$")
    keys.tab_to("f-q|Search")
    keys.type(word)
    keys.go("Enter", to=word)
    keys.walk_to("w_")
    keys.press("e")
    keys.reads(re.compile("kept|delivered", re.IGNORECASE))
    keys.press("z")
    keys.reads("Undone.")

    # a client by the palette, from the palette the list, and the log answers there
    keys.press("/")
    keys.type("tidew")
    keys.go("Enter", to="/clients/c_")
    page.get_by_role("heading", level=1, name="Tidewell Water").wait_for()
    keys.go("g", "c", to="/clients/$")
    keys.press("l")
    keys.type(f"Tidewell rang again about {word}.")
    keys.press("Control+Enter")
    keys.reads("Logged a call")

    # the list is narrowed and walked, two are chosen, handed over, and are as they were
    page.locator("dialog[open]").wait_for(state="detached")
    keys.tab_to("f-owner")
    keys.press("ArrowDown")
    page.wait_for_url(re.compile("owner=me"))
    page.wait_for_load_state()
    keys.press("j", "j", "k", "x", "Shift+J")
    page.locator("#bulk").get_by_text("2 chosen").wait_for()
    keys.tab_to(r"\| Hand over$", back=True)
    keys.press("Enter")
    page.get_by_role("button", name="Show what happens").wait_for()
    keys.tab_to("id_to")
    keys.type("Tom")
    keys.tab_to("Show what happens")
    keys.press("Enter")
    page.get_by_text("2 go to Tom.").wait_for()
    keys.tab_to(r"\| Hand over")
    keys.press("Enter")
    keys.reads("Handed 2 to Tom.")
    keys.press("z")
    keys.reads("Undone: 2 are as they were.")

    # a client of the list is opened, a request of theirs written down, and the next and the one before looked at
    keys.press("j")
    first = page.locator("[data-row].is-on [data-open-row]").inner_text()
    keys.go("Enter", to="/clients/c_")
    page.get_by_role("heading", level=1, name=first).wait_for()
    here = page.url
    keys.go("q", to="/requests/new/")
    keys.tab_to("id_text")
    keys.type(f"What does the {word} year cost?")
    keys.press("Control+Enter")
    keys.reads("Written down. The answer is due")
    page.locator("#requests [data-row]", has_text=word).wait_for()
    keys.press("]")
    page.wait_for_url(lambda url: "/clients/c_" in url and url.partition("?")[0] != here.partition("?")[0])
    page.get_by_role("heading", level=1).wait_for()
    keys.press("[")
    page.get_by_role("heading", level=1, name=first).wait_for()

    # every key is told, and out
    keys.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    keys.press("Escape")
    page.get_by_role("dialog", name="Keys").wait_for(state="hidden")
    keys.tab_to("^summary.*Priya Raman", back=True)
    keys.press("Enter")
    keys.tab_to("Sign out$")
    keys.press("Enter")
    page.wait_for_url(re.compile("/accounts/"))

    assert page.looking.faults(axe=False) == []
    figure(f"a day by keyboard alone, from sign-in to sign-out: {keys.pressed} keys besides typing")

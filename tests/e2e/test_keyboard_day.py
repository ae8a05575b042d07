"""An account manager’s morning by keyboard alone: no mouse, no script that clicks. Only what is seen is looked at."""

import re
import uuid
from datetime import date, timedelta

HERE = """() => {
  const at = document.activeElement;
  const labels = [...(at.labels || [])].map(each => each.textContent.trim());
  const words = [at.id, at.name, at.getAttribute("aria-label"), at.textContent.trim().slice(0, 120), ...labels];
  return words.filter(Boolean).join(" | ");
}"""


def tab_to(page, words, most=60):
    """Tab until what has the focus is called so."""
    for _press in range(most):
        if re.search(words, page.evaluate(HERE)):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"nothing called {words} within {most} presses of Tab")


def go_to_row(page, start, most=40):
    """J until the chosen row is one of a kind: q_ requests, w_ promises, r_ reminders."""
    for _press in range(most):
        page.keyboard.press("j")
        chosen = page.locator(f"[data-row].is-on[id^={start}]")
        if chosen.count() and not chosen.locator("[data-undo],.is-done").count():
            return chosen.first
    raise AssertionError(f"no row of {start} within {most} presses of J")


def toast(page, words):
    return page.locator("[data-toast]").filter(has_text=words)


def test_a_morning_by_keyboard_alone(open_window, figure):
    page = open_window()
    keys = page.keyboard
    word = f"w{uuid.uuid4().hex[:8]}"

    # in
    page.goto("/")
    tab_to(page, r"\blogin\b")
    keys.type("priya@wrayburn.example")
    tab_to(page, r"\bpassword\b")
    keys.type("partnership")
    keys.press("Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    assert page.locator("h1").count() == 1

    # a promise of ours, logged with a call, from my day
    friday = (date.today() + timedelta(days=3)).isoformat()
    keys.press("l")
    keys.type(f"Tidewell rang. We’ll send the {word} plan by {friday}.")
    keys.press("Control+Shift+Enter")
    toast(page, "Logged a call").wait_for()

    # found again by a word of it, kept by E, and taken back by Z
    keys.press("Control+k")
    keys.type(word)
    page.locator("#palette [role=option]", has_text=word).first.wait_for()
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/promises/w_\w+/"))
    page.goto(f"/promises/?q={word}")
    go_to_row(page, "w_")
    keys.press("e")
    toast(page, re.compile("kept", re.IGNORECASE)).wait_for()
    keys.press("z")
    toast(page, re.compile("undone|open again|as before|taken back", re.IGNORECASE)).wait_for()

    # the form that moves it opens with R and is reached with Tab
    page.goto(f"/promises/?q={word}")
    go_to_row(page, "w_")
    keys.press("r")
    page.get_by_role("button", name="Move it").wait_for()
    tab_to(page, "id_due_date")
    page.go_back()

    assert page.looking.faults(axe=False) == []
    figure("by keyboard alone: sign in, log with a promise, find, keep, undo, open the move")

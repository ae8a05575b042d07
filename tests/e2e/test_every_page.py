"""Every page a person can open: no console error, nothing inline, no sideways scroll, nothing that axe finds."""

import re

import pytest

WINDOWS = [
    pytest.param({"width": 1440}, id="1440"),
    pytest.param({"width": 1440, "dark": True}, id="1440-dark"),
    pytest.param({"width": 390, "height": 844}, id="390"),
    pytest.param({"width": 390, "height": 844, "dark": True}, id="390-dark"),
]
SKIPPED = re.compile(r"/(logout|export|download|history\.csv|raw)|\.csv|\.eml|/html/|/admin/|mailto:|tel:")


def walk(page, starts, *, at_most):
    """The paths one can reach from `starts` by links, one of each kind of page, breadth first."""
    waiting, seen, kinds = list(starts), [], set()
    while waiting and len(seen) < at_most:
        path = waiting.pop(0)
        kind = re.sub(r"/[a-z]_[a-z0-9]{8}/", "/ID/", path.partition("?")[0])
        if kind in kinds or SKIPPED.search(path):
            continue
        kinds.add(kind)
        seen.append(path)
        page.goto(path)
        hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
        waiting += [href.partition("#")[0] for href in hrefs if href.startswith("/") and href.partition("#")[0]]
    return seen


@pytest.mark.parametrize("window", WINDOWS)
def test_every_page_an_administrator_can_reach_is_clean(sign_in, window):
    page = sign_in("daniel", **window)
    paths = walk(page, ["/"], at_most=70)
    page.looking.said.clear()

    faults = {}
    for path in paths:
        page.goto(path)
        if found := page.looking.faults():
            faults[path] = found

    assert len(paths) > 20
    assert faults == {}


@pytest.mark.parametrize("window", WINDOWS)
def test_the_pages_without_sign_in_are_clean(open_window, window):
    page = open_window(**window)

    faults = {}
    for path in ("/accounts/login/", "/accounts/password/reset/", "/s/not-a-token/", "/u/not-a-token/", "/nowhere/"):
        page.goto(path)
        if found := [fault for fault in page.looking.faults() if "404" not in fault]:
            faults[path] = found

    assert faults == {}

"""A real browser on the whole running program. `site` is web, worker, beat and broker; `sink` a real SMTP server."""

import os

import pytest

from tests.e2e.looking import Looking
from tests.outbox.sink import Sink
from tests.services import ROOT, Site, find_chromium

# Playwright runs an event loop of its own; Django's guard would take the tests' database calls for asynchronous ones.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

RESULTS = ROOT / "test-results"
WINDOWS = pytest.StashKey()

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: "tests/e2e/" in str(item.path) and item.path.stem != "test_story")  # on a fresh firm
    for item in items:
        if "tests/e2e/" in str(item.path):
            item.add_marker(pytest.mark.e2e)
            if not find_chromium():
                item.add_marker(pytest.mark.skip(reason="browser journeys: no chromium found (set CHROMIUM)"))


@pytest.fixture(scope="package")
def sink():
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="package")
def site(sink):
    """The demo firm, its mail delivered to the sink."""
    with Site(DEMO="1", EMAIL_URL=f"smtp://127.0.0.1:{sink.port}", EMAIL_TIMEOUT="5") as site:
        yield site


@pytest.fixture(scope="package")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_window(site, chromium, request):
    """Opens windows: `open_window(width=390, dark=True)` is a page with nobody signed in; all are closed afterwards."""
    contexts = []
    windows = request.node.stash.setdefault(WINDOWS, [])

    def open_one(*, width=1440, height=900, dark=False, touch=False, script=True):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            java_script_enabled=script,
            base_url=site.address,
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.looking = Looking(page)
        windows.append(page)
        return page

    yield open_one
    windows.clear()
    for context in contexts:
        context.close()


@pytest.fixture
def sign_in(open_window):
    def sign_in_as(person, **window):
        page = open_window(**window)
        page.goto("/")
        page.get_by_label("E-mail").fill(f"{person}@wrayburn.example")
        page.get_by_label("Password").fill("partnership")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return page

    return sign_in_as


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """What the browser showed when a journey failed is kept in test-results/."""
    report = yield
    if report.when == "call" and report.failed:
        open_ones = [window for window in item.stash.get(WINDOWS, []) if not window.is_closed()]
        for name, window in enumerate(open_ones):
            RESULTS.mkdir(exist_ok=True)
            window.screenshot(path=RESULTS / f"{item.name}-{name}.png", full_page=True)
    return report

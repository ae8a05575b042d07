"""Mail gateways open every link of a mail before its reader does, several times and at once: nothing may come of it."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from django.core import mail
from django.db import connection
from django.test import Client as Browser

from clients.models import Contact
from outbox import kinds
from outbox.models import Email
from tests.client_mails import changes, every_row, send_every_one, urls_of

AT_ONCE = 10


@pytest.fixture
def mails(clock, transactional_db):
    return send_every_one(mail.outbox)


def knock(method, path):
    """A scanner of its own: no cookies, no language, nothing it has seen before."""
    try:
        answer = getattr(Browser(), method)(path, headers={"user-agent": "Mozilla/5.0 (compatible; gateway)"})
        return answer.status_code, answer.content.decode(errors="replace")
    finally:
        connection.close()


def at_once(method, path):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda _turn: knock(method, path), range(AT_ONCE)))


def links_on(page, path):
    """Where the links of a page lead, forms and addresses of other hosts left out."""
    found = (unescape(href) for href in re.findall(r'<a[^>]*\shref="([^"]+)"', page))
    inside = {href.partition("#")[0] for href in found if href.startswith(("/", "?"))}
    return {href if href.startswith("/") else path.partition("?")[0] + href for href in inside} - {"", "/"}


def test_every_mail_has_a_link_to_be_scanned(mails):
    assert {name for name, one in mails.items() if not urls_of(one)} == set()
    assert len(mails) > 15


def test_getting_and_heading_every_link_ten_times_at_once_changes_not_one_row(mails):
    paths = {path: name for name, one in mails.items() for path in urls_of(one)}
    before = every_row()

    for path, name in paths.items():
        for method in ("get", "head"):
            assert {status for status, _page in at_once(method, path)} == {200}, (name, method, path)

    assert changes(before, every_row()) == {}


def test_following_the_links_of_those_pages_changes_not_one_row_either(mails):
    paths = {path for one in mails.values() for path in urls_of(one)}
    further = {link for path in paths for link in links_on(knock("get", path)[1], path)} - paths
    before = every_row()

    for path in further:
        for method in ("get", "head"):
            assert knock(method, path)[0] in (200, 302, 405), path

    assert further
    assert changes(before, every_row()) == {}


def test_a_score_in_a_link_is_not_taken_for_an_answer(mails):
    paths = [path for one in mails.values() for path in urls_of(one) if path.startswith("/s/")]
    before = every_row()

    for path in paths:
        for asked in ("?q=overall:3", "?lang=de", "?part=2", "?q=overall:3&lang=fr"):
            knock("get", path + asked)
            knock("head", path + asked)

    assert changes(before, every_row()) == {}


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_nothing_else_a_scanner_may_try_changes_a_row(mails, method):
    before = every_row()

    for path in {path for one in mails.values() for path in urls_of(one)}:
        assert knock(method, path)[0] in (200, 403, 405), path

    assert changes(before, every_row()) == {}


def test_a_post_without_the_key_of_the_page_changes_not_one_row(mails):
    """A scanner that sends the forms it finds has no cookie, and so no key."""
    before = every_row()

    for path in {path for one in mails.values() for path in urls_of(one)}:
        answer = Browser(enforce_csrf_checks=True).post(path, {"q-overall": "0", "cleared": "no"})
        assert answer.status_code in (403, 405), path

    assert changes(before, every_row()) == {}


# -------------------------------------------------------------------- one click (RFC 8058)


def header_of(one):
    return re.fullmatch(r"<(https?://[^>]+)>", one.extra_headers["List-Unsubscribe"])[1]


def stoppable(mails):
    names = {kind.name for kind in kinds.known() if kind.unsubscribe}
    addresses = set(Email.objects.filter(kind__in=names).values_list("to_email", flat=True))
    return {name: one for name, one in mails.items() if f"{name}@kunde.example" in addresses}


def test_every_mail_that_can_be_stopped_says_so_to_mail_programs(mails):
    assert set(stoppable(mails)) == set(mails)
    assert {one.extra_headers["List-Unsubscribe-Post"] for one in mails.values()} == {"List-Unsubscribe=One-Click"}


def test_one_click_works_without_cookies_and_key_and_twice_does_no_harm(mails):
    for name, one in stoppable(mails).items():
        path = re.sub(r"^https?://[^/]+", "", header_of(one))
        clicks = []
        for _turn in range(2):
            browser = Browser(enforce_csrf_checks=True)
            clicks.append(browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code)
            after = every_row()
            assert not browser.cookies

        contact = Contact.objects.get(email=f"{name}@kunde.example")
        assert (clicks, contact.mail_state) == ([200, 200], "unsubscribed"), name
        Browser(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
        assert changes(after, every_row()) == {}, name


def test_looking_at_the_link_of_one_click_only_shows_a_page(mails):
    before = every_row()

    for one in mails.values():
        path = re.sub(r"^https?://[^/]+", "", header_of(one))
        status, page = knock("get", path)
        assert (status, "Send me no more" in page) == (200, True)
        assert knock("head", path)[0] == 200

    assert changes(before, every_row()) == {}
    assert set(Contact.objects.filter(email__endswith="@kunde.example").values_list("mail_state", flat=True)) == {"ok"}

"""Bad input at every address of the program, as whoever may do most: an answer in words, never a crash."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.conftest import browser_of
from tests.firm import Firm, query_names, routes
from tests.make import make_administrator, make_manager, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

FORM = "application/x-www-form-urlencoded"
HOSTILE = {
    "nothing": b"",
    "NUL": b"a\0b",
    "half a character": b"a\xed\xa0\x80b",
    "no UTF-8": b"\xff\xfe\x80",
    "control": b"a\x1b[31mb\x7f",
    "emoji and right to left": "👩‍👩‍👧‍👦 \u202eمرحبا\u202c ‮".encode(),
    "two lines": b"a\r\nBcc: x@y.example\r\n\r\nb",
    "no such day": b"2026-02-30",
    "before all days": b"0000-00-00",
    "the last day": b"9999-12-31T23:59",
    "a digit that is none": "²".encode(),
    "another digit": "٣".encode(),
    "huge": b"9" * 400,
    "below": b"-9223372036854775809",
    "no number": b"NaN",
    "infinite": b"1e999",
    "a path": b"../../../../etc/passwd",
    "markup": b"<script>alert(1)</script>{{ 7*7 }}{% load x %}",
    "query": b"' OR 1=1; --",
    "wildcards": b"%_\\",
    "a list": b"[1, 2]",
}
ONE_BY_ONE = ("NUL", "huge")
DATES_TOO = ("the last day", "before all days", "a digit that is none")
IN_ADDRESSES = (
    "nothing", "emoji and right to left", "no such day", "before all days", "the last day", "a digit that is none",
    "huge", "below", "no number", "wildcards",
)  # fmt: skip
NOTHING = (
    "0", "a" * 3000, "-", "²", "%F0%9F%99%82", "%E2%80%AE", "..%2f..%2fetc", "%FF",
    "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
ROUTES = [route for route in routes() if route.name not in ("account_logout", "mailbox_clear")]
ROOMS = sorted({route.room for route in ROUTES})


class Fields(HTMLParser):
    """What a page's forms would send, as it stands: the first value of every field."""

    def __init__(self, text):
        super().__init__()
        self.values = {}
        self._select = self._area = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in ("input", "button", "textarea") and given.get("name"):
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                self.values.setdefault(given["name"], given.get("value") or "on")
            else:
                self.values[given["name"]] = given.get("value") or ""
            self._area = given["name"] if tag == "textarea" else None
        elif tag == "select" and given.get("name"):
            self._select = given["name"]
        elif tag == "option" and self._select and ("selected" in given or not self.values.get(self._select)):
            self.values[self._select] = given.get("value") or ""

    def handle_data(self, data):
        if self._area:
            self.values[self._area] += data

    def handle_endtag(self, tag):
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None


class Attack:
    """Sends requests that leave nothing behind, and notes what broke."""

    def __init__(self, browser):
        self.browser = browser
        self.broken = []
        self.statuses = Counter()

    def send(self, method, address, body=b"", *, note, content_type=FORM, **headers):
        try:
            with transaction.atomic():
                answer = self.browser.generic(method, address, body, content_type=content_type, headers=headers)
                if answer.streaming:
                    answer.getvalue()
                transaction.set_rollback(True)
        except Exception as error:
            self.broken.append((method, address[:120], note, f"{type(error).__name__}: {error}"[:200]))
            return None
        self.statuses[answer.status_code] += 1
        if answer.status_code >= 500 and not address.startswith("/readyz"):
            self.broken.append((method, address[:120], note, answer.status_code))
        return answer


@pytest.fixture
def firm():
    """The client belongs to an administrator, who therefore may do everything with it."""
    return Firm(owner=make_administrator(name="Ada Quill"))


@pytest.fixture
def attack(firm):
    attack = Attack(browser_of(firm.owner))
    yield attack
    assert attack.broken == []


def addresses(firm, room):
    return [(route, firm.address(route, user=firm.owner)) for route in ROUTES if route.room == room]


@pytest.mark.parametrize("room", ROOMS)
def test_whatever_stands_after_the_question_mark_is_answered(firm, attack, room):
    for route, address in addresses(firm, room):
        answer = attack.send("GET", address, note="plain")
        if answer is None or answer.status_code == 405:
            continue
        for note in IN_ADDRESSES:
            attack.send("GET", f"{address}?{urlencode(dict.fromkeys(query_names(), HOSTILE[note]))}", note=note)
        for name in query_names(route.package):
            attack.send("GET", f"{address}?{name}=%C2%B2&{name}=-1&{name}={'9' * 30}", note=name)


def fields_of(attack, address):
    page = attack.send("GET", address, note="the form")
    if page is None or page.streaming or page.status_code != 200:
        return {}
    return Fields(page.text).values


@pytest.mark.parametrize("room", ROOMS)
def test_whatever_is_sent_in_a_form_is_answered(firm, attack, room):
    """All fields hostile, then one after the other with all others as the page has them."""
    found = [(address, fields_of(attack, address)) for _route, address in addresses(firm, room)]
    whole_room = {name: value for _address, fields in found for name, value in fields.items()}
    for address, own in found:
        fields = own or whole_room
        attack.send("POST", address, urlencode(fields).encode(), note="as it stands")
        attack.send("POST", address, urlencode(fields).encode(), note="by htmx", **{"HX-Request": "true"})
        for note, value in HOSTILE.items():
            attack.send("POST", address, urlencode(dict.fromkeys(fields, value)).encode(), note=note)
        for name in fields:
            for note in ONE_BY_ONE + (DATES_TOO if re.search(r"date|day|due|time|until|_(on|at)$", name) else ()):
                body = urlencode({**fields, name: HOSTILE[note]}).encode()
                attack.send("POST", address, body, note=f"{name}: {note}")
        twice = urlencode([*fields.items(), *[(key, "²") for key in fields]]).encode()
        attack.send("POST", address, twice, note="every key twice")


@pytest.mark.parametrize("room", ROOMS)
def test_far_too_much_is_answered(firm, attack, room):
    for _route, address in addresses(firm, room):
        fields = fields_of(attack, address)
        if not fields:
            continue
        texts = [name for name, value in fields.items() if not value] or list(fields)
        attack.send("POST", address, urlencode({**fields, texts[0]: "x" * 5_000_000}).encode(), note="5 MB")
        attack.send("POST", address, b"extra=" + b"x" * 9_000_000, note="9 MB")
        attack.send("POST", address, urlencode({f"field{n}": n for n in range(1500)}).encode(), note="1500 fields")


@pytest.mark.parametrize("room", ROOMS)
def test_bodies_and_methods_of_another_kind_are_answered(firm, attack, room):
    broken_parts = b'--b\r\nContent-Disposition: form-data; name="file"; filename="\0.csv"\r\n\r\nabc'
    for _route, address in addresses(firm, room):
        attack.send("POST", address, "a=b".encode("utf-16"), content_type=f"{FORM}; charset=utf-16", note="utf-16")
        attack.send("POST", address, b"a=b", content_type=f"{FORM}; charset=rot13", note="no charset")
        attack.send("POST", address, b'{"a": [', content_type="application/json", note="JSON")
        attack.send("POST", address, broken_parts, content_type="multipart/form-data; boundary=b", note="cut off")
        attack.send("POST", address, b"x", content_type="multipart/form-data", note="no boundary")
        attack.send("POST", address, b"<a/>", content_type="", note="no type")
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"):
            attack.send(method, address, b"a=b", note=method)
        attack.send(
            "GET", address, note="headers", **{"Accept-Language": "xx-\x00", "HX-Current-URL": "\x7f::", "Range": "z"}
        )


@pytest.mark.parametrize("route", [route for route in ROUTES if route.takes], ids=lambda route: route.name)
def test_an_address_of_nothing_is_not_found(firm, attack, route):
    # A mail program that asks to be left alone is told OK whatever its link is.
    fine = {302, 400, 404, 405, 422, 429}
    for value in NOTHING:
        address = "/" + "".join(
            part if "<" not in part else value + part.partition(">")[2] for part in _parts(route.pattern)
        )
        for method in ("GET", "POST"):
            answer = attack.send(method, address, note=value[:20])
            assert answer is None or answer.status_code in fine, (address[:80], answer.status_code)


def _parts(pattern):
    return [part + "/" for part in pattern.rstrip("/").split("/")]


@pytest.mark.parametrize("who", ["nobody", "account manager", "manager"])
def test_everybody_else_gets_an_answer_everywhere(firm, who):
    people = {
        "nobody": Browser,
        "account manager": lambda: browser_of(make_user()),
        "manager": lambda: browser_of(make_manager()),
    }
    attack = Attack(people[who]())
    asks = getattr(attack.browser, "user", firm.owner)

    for route in ROUTES:
        address = firm.address(route, user=asks)
        attack.send("GET", address, note="plain")
        attack.send("HEAD", address, note="plain")
        attack.send("POST", address, note="empty")
        attack.send("POST", address, urlencode(dict.fromkeys(query_names(), b"a\0b")).encode(), note="NUL")

    assert attack.broken == []


def test_a_form_without_its_key_is_refused_in_words(firm):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(firm.owner)
    answered = {}

    for route in ROUTES:
        with transaction.atomic():
            answer = browser.post(firm.address(route, user=firm.owner), {"a": "b"})
            transaction.set_rollback(True)
        answered.setdefault(answer.status_code, set()).add(route.name)

    open_doors = answered.get(200, set()) | answered.get(302, set()) | answered.get(422, set())
    assert open_doors == set()
    assert answered.pop(404, set()) <= {"mail_hook", "mail_hook_of"}  # no provider may report: then there is no door
    assert set(answered) == {403, 405}


# -------------------------------------------------------------------- looking changes nothing


def everything():
    """Every row of every table, sessions apart, as text."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.label != "sessions.Session"]
    return {model._meta.label: serialize("json", model._default_manager.order_by("pk")) for model in models}


@pytest.mark.parametrize("who", ["nobody", "account manager", "administrator"])
def test_looking_at_every_address_changes_no_row(firm, who):
    people = {
        "nobody": Browser,
        "account manager": lambda: browser_of(make_user()),
        "administrator": lambda: browser_of(firm.owner),
    }
    browser = people[who]()
    asked = {route: firm.address(route, user=getattr(browser, "user", firm.owner)) for route in routes()}
    before, writing = everything(), []

    for method in ("GET", "HEAD"):
        for address in asked.values():
            with CaptureQueriesContext(
                connection,
            ) as queries:
                answer = browser.generic(method, address)
                if answer.streaming:
                    answer.getvalue()
            writes = [query["sql"][:120] for query in queries if is_a_write(query["sql"])]
            writing += [(method, address, writes)] if writes else []

    assert writing == []
    assert [label for label, rows in everything().items() if rows != before[label]] == []


def is_a_write(sql):
    return sql.lstrip("( ").startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql


def read(answer):
    """To its end: a file that nobody reads stays open."""
    return b"".join(answer) if answer.streaming else answer.content


def test_a_page_that_can_be_got_can_be_asked_for_its_head(firm):
    browser, wrong = browser_of(firm.owner), []
    for route in ROUTES:
        address = firm.address(route, user=firm.owner)
        got, head = browser.get(address), browser.head(address)
        if got.status_code != head.status_code:
            wrong.append((route.name, got.status_code, head.status_code))
        read(got)
        read(head)

    assert wrong == []


@pytest.mark.parametrize("path", ["/café/", "/日本語/", "/clients/Königlich/", "/s/Königlich/", "/🙂"])
def test_a_well_formed_address_of_nothing_is_not_found(firm, path):
    assert browser_of(firm.owner).get(path).status_code == 404


def test_the_walk_meets_every_kind_of_record(firm):
    """Guards the tests above: with the owner's eyes nearly everything is there."""
    browser = browser_of(firm.owner)
    missing = []
    for route in routes():
        answer = browser.get(firm.address(route, user=firm.owner))
        read(answer)
        missing += [route.name] * (answer.status_code == 404)

    expected = ["absence_remove", "mailbox_mail", "mailbox_html", "mailbox_raw", "account_reset_password_from_key"]
    expected += ["survey_keep", "survey_silent"]  # of a draft thrown away, and of a round that is closed
    assert [name for name in missing if name not in expected] == []
    assert browser.get(reverse("overview")).status_code == 200

"""A client for its team only does not exist for others, at any address of the program; and what needs no sign-in."""

import io
import re
import zipfile
from difflib import ndiff

import pytest

from promises import reminders
from tests.conftest import NOW, browser_of
from tests.firm import MARK, Firm, routes
from tests.make import make_administrator, make_manager, make_round, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OPEN_TO_ALL = {
    "healthz", "readyz",
    "account_login", "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_inactive", "account_logout",
    "survey_answer", "survey_save", "survey_thanks", "survey_fresh", "survey_fresh_link", "survey_somebody_else",
    "unsubscribe", "cleared",
    "promise_public", "promise_public_act", "mail_hook", "mail_hook_of",
    "calendar_ics",
    # in the one-machine installation only
    "mailbox", "mailbox_mail", "mailbox_html", "mailbox_raw", "mailbox_clear",
}  # fmt: skip
SEARCHES = (
    "/clients/?q=xyz", "/clients/?archived=yes&q=xyz", "/clients/export.csv?q=xyz", "/find/?q=xyz",
    "/find/?q=xyz&palette=1", "/find/?q=sybil", "/log/clients/?client_name=xyz", "/log/?client_name=xyz",
    "/promises/?q=xyz", "/promises/?owner=&state=", "/promises/export.csv", "/gaps/export.csv", "/gaps/?level=all",
    "/concerns/?state=all", "/concerns/?state=open",
    "/concerns/export/?state=all", "/suggestions/?state=all", "/suggestions/?q=xyz",
)  # fmt: skip
PERSONAL = (
    "survey_answer", "survey_thanks", "survey_save", "survey_fresh", "survey_somebody_else", "promise_public",
    "promise_public_act", "unsubscribe", "cleared",
)  # fmt: skip
RECORD = ("public_id", "client_id", "concern_id", "suggestion_id")
ROUNDS = {name for name in (route.name for route in routes()) if name.startswith("survey_")}


def text_of(answer):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":  # a spreadsheet: what its sheets say
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return "".join(parts.read(name).decode() for name in parts.namelist() if "docProps" not in name)
    return content.decode()


def same_each_time(text):
    """Without what differs between two looks at one page: form keys."""
    text = re.sub(r'name="(csrfmiddlewaretoken|idempotency_key)" value="[^"]*"', "", text)
    return re.sub(r'"X-CSRFToken": ?"[^"]*"|&quot;X-CSRFToken&quot;: ?&quot;\w*&quot;', "", text)


@pytest.fixture
def secret():
    """A client for its team only, in a round that an open client is in too."""
    owner = make_user(name="Olga Owner")
    Firm(owner=make_user(name="Peter Open"), word="plugh", round=make_round(state="open", name="This year"))
    from surveys.models import Round

    return lambda: Firm(owner=owner, round=Round.objects.get(), visibility="team_only")


def about_the_client(route):
    """Whether an address names a record of the client itself: then it is not there for others."""
    names_it = any(name in RECORD for name in route.takes)
    return names_it and route.room not in ("settings", "accounts", "surveys", "s", "u", "p", "mail")  # one's own tray


def test_for_an_outsider_every_address_of_its_records_is_not_found_and_no_other_mentions_it(secret):
    firm, outsider = secret(), browser_of(make_user())
    found, mentioned = [], []

    for route in routes():
        if route.name in PERSONAL:
            continue  # personal links are their own key
        address = firm.address(route, user=outsider.user)
        for answer in (
            outsider.get(address),
            outsider.post(address),
            outsider.get(address, headers={"HX-Request": "true"}),
        ):
            if about_the_client(route) and answer.status_code not in (404, 405):
                found.append((address, answer.status_code))
            if MARK in text_of(answer).lower():
                mentioned.append((address, answer.status_code))
        if about_the_client(route):
            assert 404 in (outsider.get(address).status_code, outsider.post(address).status_code), address

    assert found == []
    assert mentioned == []


def test_an_outsider_can_neither_search_export_nor_complete_it(secret):
    secret()
    outsider = browser_of(make_user())

    assert [address for address in SEARCHES if MARK in text_of(outsider.get(address)).lower()] == []


def test_every_page_of_an_outsider_is_the_same_with_and_without_it(secret):
    """Lists, counts, figures, filters: nothing on any page tells that there is one client more."""
    outsider = browser_of(make_user())
    addresses = [f"/{route.pattern}" for route in routes() if not route.takes and route.room != "mailbox"]
    addresses = [address for address in [*addresses, *SEARCHES] if address != "/readyz"]
    from surveys.models import Round

    addresses.append(Round.objects.get().get_absolute_url())
    before = {address: same_each_time(text_of(outsider.get(address))) for address in addresses}

    secret()
    after = {address: same_each_time(text_of(outsider.get(address))) for address in addresses}

    changed = {
        address: [line for line in ndiff(before[address].splitlines(), after[address].splitlines()) if line[0] in "+-"]
        for address in addresses
        if before[address] != after[address]
    }
    assert changed == {}


def test_an_outsider_gets_no_mail_about_it(secret, deliver_queued):
    secret()
    outsider = make_user()

    reminders.plan(NOW)

    assert not [mail for mail in deliver_queued() if outsider.email in mail.to]


@pytest.mark.parametrize("who", ["owner", "manager", "administrator"])
def test_who_may_see_it_finds_it_at_every_address(secret, who):
    firm = secret()
    browser = browser_of(
        {"owner": lambda: firm.owner, "manager": make_manager, "administrator": make_administrator}[who]()
    )
    missing = []

    for route in routes():
        if about_the_client(route) and route.name != "belief":
            address = firm.address(route, user=browser.user)
            if browser.get(address).status_code == 404:
                missing.append(address)

    assert missing == []
    for address in ("/clients/?q=xyz", "/find/?q=xyz", "/promises/?q=xyz", "/concerns/"):
        assert MARK in text_of(browser.get(address)).lower(), address


def test_the_addresses_without_sign_in_are_exactly_these(client, secret):
    firm = secret()
    answered = set()
    for route in routes():
        address = firm.address(route, user=firm.owner)
        for answer in (client.get(address), client.post(address)):
            if answer.status_code == 405:
                continue  # said before anything is asked
            to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")
            if not to_sign_in:
                answered.add(route.name)

    assert answered == OPEN_TO_ALL


def test_managers_pages_do_not_exist_for_account_managers(secret):
    firm, browser = secret(), browser_of(make_user())
    names = {
        "overview",
        "settings",
        "people",
        "import_clients",
        "import_people",
        "import_promises",
        "outbox_trouble",
        "survey_new",
        "status",
    }

    statuses = {
        route.name: browser.get(firm.address(route, user=browser.user)).status_code
        for route in routes()
        if route.name in names
    }

    assert statuses == dict.fromkeys(names, 404)


def test_a_password_nobody_has_chosen_yet_is_chosen_by_mail(web):
    assert web.get("/accounts/password/change/").headers["Location"] == "/accounts/password/reset/"


def test_too_many_tries_are_answered_by_a_page_of_ours(client):
    statuses = [client.post("/accounts/password/reset/key/u_1/abc-def/") for _ in range(21)]

    assert [answer.status_code for answer in statuses] == [404] * 20 + [429]
    assert "That was tried too often just now" in statuses[-1].text

"""The status page names the broken part; machines ask /healthz and /readyz without a login."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client as Browser
from django.urls import reverse

from dashboard import broker, status
from outbox.models import Heartbeat, Inbox
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def well(monkeypatch, clock):
    """Everything alive at NOW; the broker answers as `well.broker` says."""

    class Well:
        broker = True

    monkeypatch.setattr(broker, "url_answers", lambda url: Well.broker)
    for name in ("worker", "beat", "tick"):
        Heartbeat.beat(name, NOW)
    return Well


def states(now=NOW):
    return {part.name: part.state for part in status.parts(now) if not part.ok}


def test_all_is_well(well):
    assert states() == {}


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_a_silent_part_is_named_after_45_seconds(well, name):
    Heartbeat.beat(name, NOW - timedelta(seconds=44))
    assert states() == {}

    Heartbeat.beat(name, NOW - timedelta(seconds=46))
    assert states() == {name: "broken"}


def test_a_broken_broker_is_named_and_not_the_parts_behind_it(well):
    well.broker = False
    for name in ("worker", "beat"):
        Heartbeat.beat(name, NOW - timedelta(minutes=5))

    assert states() == {"broker": "broken", "worker": "unknown", "beat": "unknown"}


def test_planning_that_stands_still_is_named(well):
    Heartbeat.beat("tick", NOW - timedelta(minutes=3))

    assert states() == {"planning": "broken"}


def test_a_part_that_was_never_heard_of_is_broken(well):
    Heartbeat.objects.all().delete()

    assert states() == {"worker": "broken", "beat": "broken", "planning": "broken"}


def test_a_database_that_does_not_answer_is_named_first_and_nothing_else_is_asked(well, monkeypatch, caplog):
    def refuse():
        raise OperationalError("gone")

    monkeypatch.setattr(status.connection, "cursor", refuse)

    assert states() == {"database": "broken"}
    answer = Browser().get(reverse("readyz"))
    assert (answer.status_code, json.loads(answer.content)["state"]) == (503, "down")


def test_a_broken_worker_takes_no_web_server_out_of_service(well):
    Heartbeat.beat("worker", NOW - timedelta(minutes=5))

    answer = Browser().get(reverse("readyz"))

    assert answer.status_code == 200
    assert json.loads(answer.content) == {
        "state": "degraded",
        "parts": {
            "web": "ok",
            "database": "ok",
            "broker": "ok",
            "worker": "broken",
            "beat": "ok",
            "planning": "ok",
            "mail": "ok",
        },
    }


def test_healthz_asks_nothing_of_the_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Browser().get(reverse("healthz"))

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_the_status_page_is_for_managers(web, manager_web, well):
    assert web.get(reverse("status")).status_code == 404

    page = manager_web.get(reverse("status"))

    assert page.status_code == 200
    assert "Every part works." in page.content.decode()


def test_the_status_page_names_the_broken_part_in_words(manager_web, well):
    Heartbeat.beat("worker", NOW - timedelta(minutes=5))

    page = manager_web.get(reverse("status")).content.decode()

    assert "One part is broken." in page
    assert "No sign of life. Reminders and mail wait until it is started again." in page


def test_managers_find_the_status_page_in_the_menu(web, manager_web, well):
    address = f'href="{reverse("status")}"'

    assert address in manager_web.get(reverse("clients")).content.decode()
    assert address not in web.get(reverse("clients")).content.decode()


# -------------------------------------------------------------------- the mailbox mail comes back to
BOX = "imaps://crm:secret-word@imap.firm.example/INBOX"


def box(**fields):
    Inbox.objects.update_or_create(pk="crm@imap.firm.example:993/INBOX", defaults=fields)


def test_without_a_mailbox_none_is_named(well):
    assert "inbox" not in [part.name for part in status.parts(NOW)]


def test_a_mailbox_that_is_read_is_well(well, settings):
    settings.MAIL_INBOX = BOX
    box(read_at=NOW - timedelta(minutes=1))

    assert states() == {}
    assert states(NOW + timedelta(minutes=5))["inbox"] == "broken"


def test_one_that_was_never_read_is_not_known(well, settings):
    settings.MAIL_INBOX = BOX

    assert states() == {"inbox": "unknown"}


def test_one_that_cannot_be_read_is_named_in_words_and_without_its_password(well, manager_web, settings):
    settings.MAIL_INBOX = BOX
    box(read_at=NOW, trouble="The server refused name or password: no", trouble_since=NOW)

    page = manager_web.get(reverse("status")).content.decode()

    assert states() == {"inbox": "broken"}
    assert "The mailbox cannot be read. The server refused name or password: no. Until it can," in page
    assert "secret-word" not in page


def test_a_mailbox_of_personal_addresses_is_a_part_of_its_own(well, settings):
    settings.MAIL_INBOX, settings.MAIL_IN_INBOX = BOX, "imaps://in:word@imap.firm.example/INBOX"
    box(read_at=NOW)
    Inbox.objects.create(pk="in@imap.firm.example:993/INBOX", trouble="It does not answer.", trouble_since=NOW)

    [part] = [part for part in status.parts(NOW) if part.name == "mail_in"]

    assert states() == {"mail_in": "broken"}
    assert (
        part.words == "The mailbox cannot be read. It does not answer. Until it can, mail people send in waits there."
    )


def test_an_address_that_is_none_is_a_broken_part_and_no_broken_page(well, manager_web, settings):
    settings.MAIL_INBOX = "imap://crm:secret-word@imap.firm.example/INBOX"

    page = manager_web.get(reverse("status"))

    assert (states(), page.status_code) == ({"inbox": "broken"}, 200)
    assert "without encryption is for this machine only" in page.content.decode()

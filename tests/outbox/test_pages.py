"""The pages: what did not go out, the mailbox, and stopping mail."""

import re
import uuid
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from outbox import links, mailbox
from outbox.models import Circuit, Email

pytestmark = pytest.mark.django_db

TROUBLE = "/mail/trouble/"


@pytest.fixture
def broken(queue):
    def _broken(to="rosa@client.example", *, state="failed", code=550, words="5.1.1 No such user", **fields):
        email = queue(to, **fields)
        due = timezone.now() + timedelta(minutes=5) if state == "retry" else None
        Email.objects.filter(pk=email.pk).update(state=state, next_try_at=due, last_code=code, last_words=words)
        email.refresh_from_db()
        return email

    return _broken


# ------------------------------------------------------------------ mail that did not go out
@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("get", "outbox_trouble"),
        ("get", "outbox_mail"),
        ("get", "outbox_send_again"),
        ("post", "outbox_send_again"),
        ("post", "outbox_dismiss"),
        ("post", "outbox_undo_dismiss"),
        ("post", "outbox_release"),
    ],
)
def test_account_managers_do_not_find_these_pages(web, broken, method, name):
    email = broken()
    arguments = [] if name in ("outbox_trouble", "outbox_release") else [email.uuid]

    assert getattr(web, method)(reverse(name, args=arguments)).status_code == 404
    assert Email.objects.get().state == "failed"


def test_nobody_reads_them_without_signing_in(broken):
    response = Browser().get(TROUBLE)

    assert response.status_code == 302
    assert "login" in response["Location"]


def test_an_empty_list_says_so(manager_web):
    assert "Everything went out" in manager_web.get(TROUBLE).content.decode()


@pytest.mark.parametrize(
    ("state", "code", "words", "said"),
    [
        ("failed", 550, "5.1.1 No such user", "Nobody has this address."),
        ("failed", 554, "5.7.1 Policy", "Their mail server refused it"),
        ("failed", 552, "Full", "Their mailbox has been full for two days."),
        ("failed", 450, "Busy", "asked us to come back later"),
        ("failed", None, "KeyError: 'client'", "The mail could not be made or sent."),
        ("uncertain", None, "", "it may have arrived, or not"),
        ("bounced", None, "", "sent it back"),
        ("held", None, "Restored from last night’s copy.", "Restored from last night’s copy."),
        ("retry", 451, "Greylisted", "We keep trying for two days."),
    ],
)
def test_each_mail_stands_there_with_its_reason_in_plain_words(manager_web, broken, state, code, words, said):
    email = broken(state=state, code=code, words=words, subject="How are we doing?")

    page = manager_web.get(TROUBLE).content.decode()
    detail = manager_web.get(reverse("outbox_mail", args=[email.uuid])).content.decode()

    assert said in page
    assert said in detail
    assert "rosa@client.example" in page


def test_a_server_that_does_not_answer_is_named(manager_web, queue):
    queue()
    Circuit.broke("mx.x.example:25", now=timezone.now(), pause=lambda n: timedelta(minutes=1), code=421, words="Busy")

    page = manager_web.get(TROUBLE).content.decode()

    assert "The mail server mx.x.example:25 cannot be used." in page
    assert "1 mail waits; nothing is lost." in page


def test_the_list_costs_the_same_for_one_row_and_for_three(manager_web, broken):
    def asked(rows):
        for n in range(rows):
            broken(f"a{n}@x.example")
            broken(f"b{n}@x.example", state="retry", code=451)
        manager_web.get(TROUBLE)
        with CaptureQueriesContext(connection) as context:
            manager_web.get(TROUBLE)
        return len(context)

    one, three = asked(1), asked(2)

    assert one == three <= 20


def test_the_preview_hides_personal_links(manager_web, broken, notes):
    email = broken()
    from outbox.kinds import Kind, Message, registered

    def render(row):
        return Message("s", f"Answer at {links.absolute('/s/' + links.token(row) + '/')} or say {links.token(row)}")

    with registered(Kind(name="test.client", audience="client", render=render)):
        page = manager_web.get(reverse("outbox_mail", args=[email.uuid])).content.decode()

    assert links.token(email) not in page
    assert "/s/…/" in page


def test_a_mail_that_cannot_be_written_can_still_be_looked_at(manager_web, broken, notes):
    email = broken(key="bad")
    notes.raises["bad"] = KeyError("client")

    response = manager_web.get(reverse("outbox_mail", args=[email.uuid]))

    assert response.status_code == 200
    assert "It cannot be shown: KeyError" in response.content.decode()


def test_looking_changes_nothing(manager_web, broken):
    email = broken()
    before = Email.objects.filter(pk=email.pk).values().get()

    for name in ("outbox_mail", "outbox_send_again"):
        for method in (manager_web.get, manager_web.head):
            method(reverse(name, args=[email.uuid]))

    assert Email.objects.filter(pk=email.pk).values().get() == before


def test_the_address_is_corrected_and_the_mail_goes_out(manager_web, broken, deliver_queued):
    email = broken()

    response = manager_web.post(reverse("outbox_mail", args=[email.uuid]), {"to": "rosa.d@client.example"})

    assert response.status_code == 302
    assert [m.to for m in deliver_queued()] == [["Rosa Delgado <rosa.d@client.example>"]]


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@x.example\nBcc: b@x.example", "a\x00@x.example", "\ud800@x", "a" * 10**6]
)
def test_an_address_that_is_none_is_refused(manager_web, broken, to):
    email = broken()

    form = "to=" + quote(to, errors="surrogatepass")
    response = manager_web.post(reverse("outbox_mail", args=[email.uuid]), form, "application/x-www-form-urlencoded")

    assert response.status_code in (400, 422)
    assert Email.objects.get().state == "failed"


def test_an_uncertain_mail_is_sent_again_only_after_a_question(manager_web, broken, deliver_queued):
    email = broken(state="uncertain", code=None)
    again = reverse("outbox_send_again", args=[email.uuid])

    manager_web.post(again)
    assert deliver_queued() == []
    assert "If it did arrive, they get it twice." in manager_web.get(again).content.decode()
    manager_web.post(again, {"sure": "yes"})
    manager_web.post(again, {"sure": "yes"})

    assert [m.extra_headers["Message-ID"] for m in deliver_queued()] == [email.message_id]


def test_dismissing_can_be_undone(manager_web, broken):
    email = broken()

    page = manager_web.post(reverse("outbox_dismiss", args=[email.uuid]), follow=True).content.decode()
    undo = reverse("outbox_undo_dismiss", args=[email.uuid])
    assert (Email.objects.in_trouble().count(), undo in page) == (0, True)

    manager_web.post(undo)
    assert Email.objects.in_trouble().count() == 1


def test_held_mail_is_released_at_once(manager_web, broken, deliver_queued):
    for n in range(3):
        broken(f"h{n}@x.example", state="held", words="Restored")

    manager_web.post(reverse("outbox_release"))

    assert len(deliver_queued()) == 3


def test_a_mail_that_is_too_late_is_not_offered_again(manager_web, broken):
    email = broken(expires_at=timezone.now() - timedelta(days=1))

    page = manager_web.get(reverse("outbox_mail", args=[email.uuid])).content.decode()

    assert "It is too late for this mail" in page
    assert reverse("outbox_send_again", args=[email.uuid]) not in page


def test_a_mail_that_does_not_exist_is_a_404(manager_web):
    assert manager_web.get(reverse("outbox_mail", args=[uuid.uuid4()])).status_code == 404


def test_managers_see_the_count_beside_the_menu(manager_web, broken):
    for n in range(2):
        broken(f"m{n}@x.example")

    assert manager_web.get(TROUBLE).context["nav"]["mail_trouble"] == 2


# ------------------------------------------------------------------ stopping mail
@pytest.fixture
def stop(queue):
    """(the address of the page, a browser that insists on CSRF keys)"""
    return f"/u/{links.token(queue(key='invitation'))}/", Browser(enforce_csrf_checks=True)


def test_looking_at_the_page_stops_nothing(stop, notes):
    url, browser = stop

    for method in (browser.get, browser.head, browser.get):
        assert method(url).status_code == 200

    assert notes.unsubscribed == []


def test_the_button_stops_it(stop, notes):
    url, browser = stop
    key = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(url).content.decode())[1]

    response = browser.post(url, {"csrfmiddlewaretoken": key})

    assert (response.status_code, notes.unsubscribed) == (200, ["invitation"])
    assert "That is settled" in response.content.decode()


def test_a_strangers_form_stops_nothing(stop, notes):
    url, browser = stop

    assert browser.post(url, {"csrfmiddlewaretoken": "x"}).status_code == 403
    assert notes.unsubscribed == []


def test_a_mail_program_stops_it_with_one_click_and_no_cookie(stop, notes):
    url, browser = stop

    for _ in range(2):
        response = browser.post(url, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert (response.status_code, response.content, dict(browser.cookies)) == (200, b"OK\n", {})

    assert notes.unsubscribed == ["invitation", "invitation"]


def test_unknown_and_unstoppable_links_look_the_same(queue, notes):
    browser = Browser()
    staff = links.token(queue(kind="test.staff"))

    pages = [browser.get(f"/u/{token}/") for token in (staff, "A" * 43, "x")]

    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert browser.post(f"/u/{'A' * 43}/", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert notes.unsubscribed == []


def test_the_page_is_kept_and_indexed_nowhere(stop):
    url, browser = stop

    for response in (browser.get(url), browser.post(url, {"List-Unsubscribe": "One-Click"}), browser.get("/u/x/")):
        assert response["Cache-Control"] == "no-store"
        assert (response["X-Robots-Tag"], response["Referrer-Policy"]) == ("noindex", "no-referrer")


# ------------------------------------------------------------------ the mailbox
@pytest.fixture
def box(settings, tmp_path):
    """An empty mailbox, and how to put a mail into it."""
    settings.MAILBOX_DIR = tmp_path / "mailbox"

    def put(subject="Hello", *, to="rosa@client.example", text="Dear Rosa,\nhttp://x.example/s/abc/", html=HTML):
        mail = EmailMultiAlternatives(subject, text, "Priya <crm@firm.example>", [to])
        if html:
            mail.attach_alternative(html, "text/html")
        mailbox.MailboxBackend().send_messages([mail])
        return mailbox.names()[0]

    return put


HTML = "<!doctype html><html><head><title>x</title></head><body><a href='http://x.example/'>Answer</a></body></html>"


def test_an_empty_mailbox_says_so(box):
    assert "No mail yet" in Browser().get("/mailbox/").content.decode()


def test_the_newest_mail_stands_first_and_needs_no_sign_in(db, box):
    for subject in ("First", "Second", "Third"):
        box(subject)

    page = Browser().get("/mailbox/").content.decode()

    assert page.index("Third") < page.index("Second") < page.index("First")


def test_a_mail_is_read_as_designed_as_text_and_as_source(db, box):
    name = box("Grüße 👋")
    browser = Browser()

    designed = browser.get(f"/mailbox/{name}/")
    text = browser.get(f"/mailbox/{name}/?as=text").content.decode()
    raw = browser.get(f"/mailbox/{name}/raw/")

    assert f'src="/mailbox/{name}/html/"' in designed.content.decode()
    assert "Grüße 👋" in designed.content.decode()
    assert "frame-src 'self'" in designed["Content-Security-Policy"]
    assert '<a href="http://x.example/s/abc/" rel="nofollow">' in text
    assert raw.content.startswith(b"Content-Type: multipart/alternative")


def test_the_html_of_a_mail_is_locked_in(db, box):
    response = Browser().get(f"/mailbox/{box()}/html/")

    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert "sandbox allow-popups allow-top-navigation-by-user-activation" in policy
    assert "frame-ancestors 'self'" in policy
    assert "X-Frame-Options" not in response
    assert '<head><base target="_top">' in response.content.decode()


def test_search_looks_at_people_subjects_and_words(db, box):
    box("Invitation", to="rosa@client.example")
    box("Digest", to="priya@firm.example")

    page = Browser().get("/mailbox/?q=ROSA+invit").content.decode()
    nothing = Browser().get("/mailbox/?q=nobody").content.decode()

    assert ("Invitation" in page, "Digest" in page) == (True, False)
    assert "No mail about “nobody”" in nothing


def test_the_mailbox_is_read_a_page_at_a_time(db, box, monkeypatch):
    for n in range(53):
        box(f"Mail {n}")
    read = []
    real = mailbox.read
    monkeypatch.setattr(mailbox, "read", lambda name: read.append(name) or real(name))

    page = Browser().get("/mailbox/?page=2").content.decode()

    assert len(read) == 3
    assert "51 to 53 of 53" in page


def test_clearing_needs_a_form(db, box):
    box()

    assert Browser().get("/mailbox/clear/").status_code == 405
    assert Browser(enforce_csrf_checks=True).post("/mailbox/clear/").status_code == 403
    assert Browser().post("/mailbox/clear/").status_code == 302
    assert mailbox.names() == []


@pytest.mark.parametrize("name", ["x", "..%2F..%2Fsecret_key", "0" * 20 + "-00000000", "%00"])
@pytest.mark.parametrize("part", ["", "html/", "raw/"])
def test_a_mail_that_is_not_there_is_a_404(db, box, name, part):
    assert Browser().get(f"/mailbox/{name}/{part}").status_code in (400, 404)

"""The pages of mail that came in: the tray, the address on the profile, and what is never kept."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from clients.mail_in import filing, reading
from clients.models import Attachment, Client, Contact, Interaction, NeverLog, ReceivedMail, Request
from outbox.inbound import InboundMail
from tests.clients.mails import PRIYA, ROSA, attached, mail
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_manager, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MINE = "crm+priyaskey@in.firm.example"


@pytest.fixture(autouse=True)
def _mail_in(settings):
    settings.MAIL_IN = "crm@in.firm.example"
    settings.DEFAULT_FROM_EMAIL = "The firm <crm@firm.example>"


@pytest.fixture
def web(db):
    return browser_of(make_user(name="Priya Raman", email="priya@firm.example", mail_in_key="priyaskey"))


@pytest.fixture
def tidewell(web):
    return make_client(name="Tidewell", owner=web.user, website="https://www.tidewell.example")


def arrive(n=1, **fields):
    """A mail of Priya's to somebody nobody knows: it lies in her tray."""
    fields = {"delivered_to": MINE, "message_id": f"<{n}@x.example>", **fields}
    assert reading.handle(InboundMail(mail(**fields), "key"), NOW) == "in the tray"
    return ReceivedMail.objects.latest("pk")


def address(name, received):
    return reverse(name, args=[received.public_id])


def page(browser, url):
    response = browser.get(url)
    assert response.status_code == 200
    return response.content.decode()


# -------------------------------------------------------------------- the tray
def test_enter_in_the_field_files_under_what_is_typed_and_not_under_the_first_offer(web, tidewell):
    waits = arrive(to="New <new@tidewell.example>")

    form = page(web, address("mail_in_one", waits)).partition(f'action="{address("mail_in_file", waits)}"')[2]
    buttons = [one.partition(">")[0] for one in form.partition("</form>")[0].split("<button")[1:]]

    assert f'name="client" value="{tidewell.public_id}"' in buttons[1]
    assert "name=" not in buttons[0]  # a browser presses the first one


def test_the_page_of_an_entry_keeps_a_wide_mail_inside(web, tidewell):
    make_contact(client=tidewell, email="rosa@tidewell.example")
    html = "<table><tr><td>" + "w" * 600 + "</td></tr></table>"
    reading.handle(InboundMail(mail(delivered_to=MINE, html=html), "key"), NOW)
    entry = Interaction.objects.get()

    for browser in (web, browser_of(make_user())):
        shown = page(browser, entry.get_absolute_url())
        assert "css/mail_in" in shown
        assert '<div class="mail-html mt-2" tabindex="0" role="region"' in shown


def test_the_tray_says_what_waits_and_why_and_offers_the_client_of_the_domain(web, tidewell):
    arrive()

    shown = page(web, reverse("mail_in"))

    assert "Nobody at a client you may write to has this address." in shown
    assert "File under Tidewell" in shown


def test_filing_makes_the_entry_and_undo_takes_it_back_and_filing_again_brings_it_back(web, tidewell):
    waits = arrive(files=[("plan.pdf", "application/pdf", b"%PDF-1.4 a plan")])

    web.post(address("mail_in_file", waits), {"client": tidewell.public_id})
    filed = [Interaction.objects.kept().count(), filing.tray(web.user).count()]
    web.post(address("mail_in_restore", waits))
    undone = [Interaction.objects.kept().count(), filing.tray(web.user).count()]
    web.post(address("mail_in_file", waits), {"client": tidewell.public_id})

    [entry] = Interaction.objects.kept()
    assert (filed, undone) == ([1, 0], [0, 1])
    assert (entry.client, entry.author, entry.summary, entry.contacts.count()) == (tidewell, web.user, "Fee note", 0)
    assert [file.name for file in entry.attachments.all()] == ["plan.pdf"]
    assert Contact.objects.count() == 0


def test_whoever_is_ticked_is_added_to_the_people_of_the_client(web, tidewell):
    waits = arrive(cc="omar.said@tidewell.example")

    web.post(
        address("mail_in_file", waits),
        {"client_name": "tidewell", "people": ["rosa@tidewell.example", "omar.said@tidewell.example"]},
    )

    people = list(Contact.objects.values_list("name", "email", "client__name"))
    assert people == [
        ("Omar Said", "omar.said@tidewell.example", "Tidewell"),
        ("Rosa Delgado", "rosa@tidewell.example", "Tidewell"),
    ]
    assert Interaction.objects.get().contacts.count() == 2


def test_nobody_is_ticked_until_somebody_ticks_them(web, tidewell):
    sent = arrive()
    theirs = arrive(2, sender=ROSA, to=PRIYA)

    shown = [page(web, address("mail_in_one", one)) for one in (sent, theirs)]

    assert [one.count('name="people"') for one in shown] == [1, 1]
    assert [one.count("checked") for one in shown] == [0, 0]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"client_name": ""}, "Type the name of one of your clients."),
        ({"client_name": "nobody"}, "No client of yours is called that."),
        ({"client_name": "Ti"}, "More than one matches. Choose one of them."),
        ({"client": "c_nothere"}, "Choose one of your clients."),
        ({"client_name": "nul\0"}, "Type the name of one of your clients."),
    ],
)
def test_a_client_that_is_not_clear_is_asked_for(typed, words, web, tidewell):
    make_client(name="Timber", owner=web.user)
    waits = arrive()

    response = web.post(address("mail_in_file", waits), typed)

    assert (response.status_code, words in response.content.decode()) == (422, True)
    assert Interaction.objects.count() == 0


def test_somebody_who_is_not_in_the_mail_is_not_added(web, tidewell):
    waits = arrive()

    response = web.post(
        address("mail_in_file", waits), {"client": tidewell.public_id, "people": ["eve@elsewhere.example"]}
    )

    assert (response.status_code, Contact.objects.count()) == (422, 0)


def test_putting_away_has_undo_and_goes_for_good_after_thirty_days(web, clock):
    waits = arrive(files=[("plan.pdf", "application/pdf", b"%PDF-1.4 a plan")])

    web.post(address("mail_in_dismiss", waits))
    away = filing.tray(web.user).count()
    web.post(address("mail_in_restore", waits))
    back = filing.tray(web.user).count()
    web.post(address("mail_in_dismiss", waits))
    filing.clean(NOW + timedelta(days=29))
    kept = ReceivedMail.objects.count()
    filing.clean(NOW + timedelta(days=31))

    assert (away, back, kept) == (0, 1, 1)
    assert (ReceivedMail.objects.count(), Attachment.objects.count()) == (0, 0)


def test_never_keeping_a_domain_puts_the_mail_away_and_can_be_undone(web):
    waits = arrive()

    web.post(address("mail_in_never", waits), {"pattern": "tidewell.example"})
    rule = NeverLog.objects.get()
    again = reading.handle(InboundMail(mail(delivered_to=MINE, message_id="<2@x>"), "key"), NOW)
    web.post(reverse("never_log_remove", args=[rule.pk]) + f"?mail={waits.public_id}")

    assert (rule.pattern, rule.user, again) == ("tidewell.example", web.user, "not kept: on the list")
    assert (NeverLog.objects.count(), filing.tray(web.user).get()) == (0, waits)


def test_only_what_stands_in_the_mail_can_be_put_on_the_list_from_it(web):
    waits = arrive()

    response = web.post(address("mail_in_never", waits), {"pattern": "everything.example"})

    assert (response.status_code, NeverLog.objects.count()) == (422, 0)


def test_two_clicks_at_once_file_once_and_the_second_is_told(web, tidewell):
    waits = arrive()
    web.post(address("mail_in_file", waits), {"client": tidewell.public_id})

    response = web.post(address("mail_in_file", waits), {"client": tidewell.public_id}, follow=True)

    assert "This mail was dealt with already." in response.content.decode()
    assert Interaction.objects.count() == 1


def test_the_tray_costs_the_same_for_any_number_of_mails(web, tidewell):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(web, reverse("mail_in"))
        return len(queries)

    arrive(1)
    one = cost()
    for n in range(2, 5):
        arrive(n, to=f"n{n}@other{n}.example")

    assert cost() == one


def test_long_trays_have_pages(web):
    for n in range(27):
        arrive(n, subject=f"Number {n}")

    first = page(web, reverse("mail_in"))
    assert ("Number 26" in first, "Number 1<" in first) == (True, False)
    assert 'rel="next"' in first


# -------------------------------------------------------------------- who may
def test_nobody_else_reads_a_mail_of_the_tray_managers_neither(web, manager_web):
    waits = arrive(files=[("plan.pdf", "application/pdf", b"%PDF-1.4 a plan")])
    file = Attachment.objects.get()

    answers = [manager_web.get(address("mail_in_one", waits)).status_code]
    for name in ("mail_in_file", "mail_in_dismiss", "mail_in_restore", "mail_in_never"):
        answers.append(manager_web.post(address(name, waits), {"client": "x"}).status_code)

    assert answers == [404] * 5
    assert manager_web.get(file.get_absolute_url()).status_code == 404
    assert "Fee note" not in page(manager_web, reverse("mail_in"))
    assert "Fee note" in page(web, address("mail_in_one", waits))


def test_a_hidden_client_is_neither_offered_nor_filed_to_nor_found_by_name(web):
    hidden = make_client(name="Hidden", owner=make_user(), visibility="team_only", website="https://tidewell.example")
    make_contact(client=hidden, email="someone@tidewell.example")
    theirs = make_client(name="Theirs", owner=make_user(), website="https://tidewell.example")
    waits = arrive()

    shown = page(web, reverse("mail_in")) + page(web, address("mail_in_one", waits))
    by_name = [web.post(address("mail_in_file", waits), {"client_name": one.name}) for one in (hidden, theirs)]
    by_id = [web.post(address("mail_in_file", waits), {"client": one.public_id}) for one in (hidden, theirs)]

    assert ("Hidden" in shown, "Theirs" in shown) == (False, False)
    assert [answer.status_code for answer in (*by_name, *by_id)] == [422] * 4
    assert len({answer.content.decode().count("No client of yours") for answer in by_name}) == 1
    assert Interaction.objects.count() == 0


def test_the_team_and_managers_are_offered_a_client_of_the_team(web):
    owner = make_user()
    make_client(name="Closed", owner=owner, team=[web.user], visibility="team_only", website="https://tidewell.example")
    arrive()
    boss = make_manager(email="boss@firm.example", mail_in_key="bosskey1")
    reading.handle(InboundMail(mail(sender="boss@firm.example", delivered_to="crm+bosskey1@in.firm.example"), "k"), NOW)

    assert "File under Closed" in page(web, reverse("mail_in"))
    assert "File under Closed" in page(browser_of(boss), reverse("mail_in"))


def test_one_s_own_list_is_one_s_own_and_only_administrators_write_the_firm_s(web, admin_web):
    web.post(reverse("never_log"), {"pattern": "@Private.Example ", "whose": "firm"})
    admin_web.post(reverse("never_log"), {"pattern": "bank.example", "whose": "firm"})
    firm = NeverLog.objects.get(user=None)

    refused = web.post(reverse("never_log_remove", args=[firm.pk])).status_code
    shown = page(web, reverse("never_log"))

    assert list(NeverLog.objects.values_list("pattern", "user__name")) == [
        ("bank.example", None),
        ("private.example", "Priya Raman"),
    ]
    assert (refused, "private.example" in shown, "bank.example" in shown) == (404, True, True)
    assert "private.example" not in page(admin_web, reverse("never_log"))


@pytest.mark.parametrize("typed", ["", "example", "a b@x.example", "x@", "@", "nul\0.example", "ro\ud800@x.example"])
def test_what_is_neither_address_nor_domain_is_refused(typed, web):
    response = web.post(reverse("never_log"), {"pattern": typed.encode("utf-8", "surrogatepass")})

    assert (response.status_code, NeverLog.objects.count()) == (422, 0)


# -------------------------------------------------------------------- the profile
def test_the_profile_shows_the_address_and_a_new_one_kills_the_old(web):
    before = page(web, reverse("profile"))
    web.post(reverse("mail_in_address"))
    after = page(web, reverse("profile"))

    key = User.objects.get(pk=web.user.pk).mail_in_key
    assert (MINE in before, MINE in after, f"crm+{key}@in.firm.example" in after) == (True, False, True)
    assert reading.handle(InboundMail(mail(delivered_to=MINE), "key"), NOW) == ""


def test_looking_at_the_profile_makes_no_address(admin_web):
    assert "Make my address" in page(admin_web, reverse("profile"))
    assert User.objects.get(pk=admin_web.user.pk).mail_in_key is None


def test_where_nothing_comes_in_the_profile_and_the_tray_say_so(web, settings):
    settings.MAIL_IN = ""

    assert "An administrator sets MAIL_IN and a mailbox" in page(web, reverse("profile"))
    assert "E-mail in is not set up" in page(web, reverse("mail_in"))
    assert web.post(reverse("mail_in_address")).status_code == 404


def test_other_addresses_are_checked(web):
    make_user(email="tom@firm.example")

    def answer(typed):
        return web.post(reverse("mail_addresses"), {"addresses": typed}).status_code

    wrong = [answer("nobody"), answer("tom@firm.example"), answer("\n".join(f"a{n}@x.example" for n in range(11)))]
    right = answer("Priya@Home.Example, p@x.example\npriya@firm.example")

    assert (wrong, right) == ([422] * 3, 302)
    assert User.objects.get(pk=web.user.pk).mail_addresses == ["priya@home.example", "p@x.example"]


# -------------------------------------------------------------------- what is shown of it
def test_html_of_strangers_is_harmless_on_the_page(web):
    html = """<p style="position:fixed">Dear <b>you</b></p><script>alert(1)</script><img src="https://spy.example/1.gif">
        <a href="javascript:alert(1)" onclick="x()">one</a><a href="/log/">two</a><a href="https://x.example/">three</a>
        <form action="/x"><input name="a"></form><svg onload="x()"></svg><iframe src="https://x"></iframe>"""
    waits = arrive(sender=ROSA, to=PRIYA, html=html)

    shown = page(web, address("mail_in_one", waits))

    rel = 'rel="noopener noreferrer nofollow"'
    links = f'<a {rel}>one</a><a {rel}>two</a><a href="https://x.example/" {rel}>three</a>'
    assert " ".join(waits.html.split()) == f"<p>Dear <b>you</b></p> {links}"
    assert "spy.example" not in shown
    assert Client.objects.count() == 0


def test_a_mail_that_asks_is_offered_as_a_request_once(web, tidewell):
    rosa = make_contact(client=tidewell, name="Rosa Delgado", email="rosa@tidewell.example")
    text = "Hello,\n\nThanks. Can you look at\nthe lease? It is urgent.\n\nOn Mon, 2 Nov 2026 Tom wrote:\n> Why not?"
    original = mail(sender=ROSA, to=PRIYA, message_id="<her@tidewell>", text=text)
    assert reading.handle(InboundMail(attached(original), "key"), NOW) == "filed"
    entry = Interaction.objects.get()

    offered = page(web, entry.get_absolute_url())
    twice = [web.post(reverse("mail_in_ask", args=[entry.public_id])).status_code for _ in range(2)]
    after = page(web, entry.get_absolute_url())

    asked = Request.objects.get()
    assert ("Make it a request" in offered, twice, "Make it a request" in after) == (True, [302, 302], False)
    assert (asked.text, asked.contact, asked.channel) == ("Can you look at the lease?", rosa, "email")
    assert (asked.asked_at, asked.origin_interaction) == (entry.happened_at, entry)


def test_only_who_may_write_makes_a_request_of_a_mail(web, manager_web):
    outsider = make_user()
    theirs = make_client(name="Theirs", owner=outsider)
    make_contact(client=theirs, email="rosa@tidewell.example")
    outsider.mail_in_key = "theirkey"
    outsider.save()
    original = mail(sender=ROSA, to=PRIYA, message_id="<her@tidewell>", text="May I ask?")
    raw = attached(original, sender=outsider.email, to="crm+theirkey@in.firm.example")
    assert reading.handle(InboundMail(raw, "key"), NOW) == "filed"
    url = reverse("mail_in_ask", args=[Interaction.objects.get().public_id])

    assert (web.post(url).status_code, manager_web.post(url).status_code) == (404, 302)


def test_an_entry_names_nobody_of_a_client_its_reader_may_not_see(web, tidewell):
    """One mail went to people of two clients; whoever sees one of them learns nothing of the other."""
    make_contact(client=tidewell, name="Rosa Delgado", email="rosa@tidewell.example")
    hidden = make_client(name="Secret Harbour", owner=web.user, visibility="team_only")
    make_contact(client=hidden, name="Sybil", email="sybil@harbour.example")
    raw = mail(delivered_to=MINE, to="Rosa <rosa@tidewell.example>, Sybil <sybil@harbour.example>")
    reading.handle(InboundMail(raw, "key"), NOW)
    entry = Interaction.objects.get(client=tidewell)

    theirs = page(browser_of(make_user()), entry.get_absolute_url())
    mine = page(web, entry.get_absolute_url())

    assert "rosa@tidewell.example" in theirs
    assert "sybil" not in theirs.lower()
    assert "sybil@harbour.example" in mine

"""The page of a person at a client: looking changes nothing, an act is done once, and only theirs is shown."""

import gzip
import json
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Contact
from outbox import links
from promises import letters, public_acts
from promises.models import Letter, Promise, PromiseEvent
from promises.models.promise import Terms
from promises.other_side import shown
from tests.conftest import NOW
from tests.make import make_client, make_contact, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

Kind = Letter.Kind


@pytest.fixture
def phone():
    """Somebody's browser without a sign-in."""
    return Browser()


@pytest.fixture
def priya():
    return make_user(name="Priya Raman", email="priya@firm.example", phone="0113 496 0111")


@pytest.fixture
def rosa(priya):
    client = make_client(name="Tidewell Water", owner=priya, visibility="team_only")
    return make_contact(client=client, name="Rosa Delgado", email="rosa@tidewell.example")


@pytest.fixture
def token(rosa, priya, deliver_queued):
    """The link of a letter that was mailed to Rosa; something is open so that it could be."""
    make_promise(client=rosa.client, contact=rosa, what="The standing order", now=NOW)
    return mailed(rosa, priya, deliver_queued)


def mailed(contact, user, deliver_queued):
    letter = letters.write(Kind.PAGE, contact=contact, by=user, now=NOW)
    deliver_queued()
    letter.refresh_from_db()
    return links.token(letter.email)


def page(token):
    return reverse("promise_public", args=[token])


def act_url(token, promise, act):
    return reverse("promise_public_act", args=[token, promise.public_id, act])


def seen(promise, contact):
    return shown(Promise.objects.get(pk=promise.pk), contact, now=timezone.now()).seen


def press(browser, token, promise, act, *, contact=None, saw=None, **fields):
    """Press the button of an act, having seen how the promise stands now (or `saw` before)."""
    contact = contact or promise.contact
    saw = saw if saw is not None else seen(promise, contact)
    return browser.post(act_url(token, promise, act), {"seen": saw, **fields}, follow=True)


def offered(contact, **fields):
    return make_promise(client=contact.client, contact=contact, now=NOW, proposed=True, **fields)


def promised(contact, **fields):
    return make_promise(client=contact.client, contact=contact, now=NOW, **fields)


def asked(promise, to=date(2026, 12, 4)):
    terms = Terms(to, None, promise.due_zone)
    return promise.ask_to_move(by=promise.owner, terms=terms, reason="forgot", now=NOW, words="we slept")


def delivered(promise):
    promise.deliver(by=promise.owner, now=NOW)
    return promise


# One promise for each act it can be tried on, and what has to be typed.
CASES = {
    "agree": (lambda rosa: offered(rosa), {}),
    "counter": (lambda rosa: offered(rosa), {"what": "Send both drafts", "due_date": "2026-12-01"}),
    "decline": (lambda rosa: offered(rosa), {"note": "Not needed"}),
    "move-yes": (lambda rosa: with_request(rosa), {}),
    "move-other": (lambda rosa: with_request(rosa), {"due_date": "2026-12-02"}),
    "move-no": (lambda rosa: with_request(rosa), {}),
    "confirm": (lambda rosa: delivered(promised(rosa)), {}),
    "dispute": (lambda rosa: delivered(promised(rosa)), {"words": "Page two is missing"}),
    "release": (lambda rosa: promised(rosa), {}),
    "done": (lambda rosa: promised(rosa, ours=False), {"done_on": "2026-11-19"}),
    "move": (lambda rosa: promised(rosa, ours=False), {"due_date": "2026-12-02", "reason": "third_party"}),
}


def with_request(rosa):
    promise = promised(rosa)
    asked(promise)
    return promise


def everything():
    """Every row of every table of ours, as text."""
    rooms = ("promises", "outbox", "clients", "accounts", "sessions")
    models = [model for room in rooms for model in apps.get_app_config(room).get_models()]
    return {model.__name__: json.loads(serialize("json", model.objects.order_by("pk"))) for model in models}


# -------------------------------------------------------------------- looking


def test_every_act_has_a_case_here():
    assert set(CASES) == set(public_acts.ACTS)


def test_opening_every_link_of_every_letter_any_number_of_times_changes_nothing(phone, rosa, priya, deliver_queued):
    promises = {act: make(rosa) for act, (make, _typed) in CASES.items()}
    token = mailed(rosa, priya, deliver_queued)
    before = everything()

    paths = [page(token), f"{page(token)}?told={promises['agree'].public_id}", f"/u/{token}/"]
    paths += [act_url(token, promise, act) for act, promise in promises.items()]
    for path in paths:
        for _turn in range(3):
            assert phone.get(path).status_code == 200
            assert phone.head(path).status_code == 200

    assert everything() == before


def test_a_page_behind_a_link_is_kept_by_nobody(phone, token):
    answer = phone.get(page(token))

    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert [name for name in answer.cookies if not name.startswith("csrf")] == []


def test_acting_leaves_no_cookie_but_that_of_the_form(phone, token, rosa):
    promise = offered(rosa)

    press(phone, token, promise, "agree")

    assert [name for name in phone.cookies if not name.startswith("csrf")] == []


def test_it_says_who_reads_it_and_whom_to_ring(phone, token):
    text = phone.get(page(token)).content.decode()

    assert "Rosa, this is what we promised each other." in text
    assert "Priya Raman" in text
    assert 'href="tel:01134960111"' in text
    assert "Not Rosa? Tell Priya who should answer" in text
    assert f"/u/{token}/" in text


def test_the_page_is_small(phone, token, rosa):
    for number in range(10):
        promised(rosa, what=f"Number {number}")

    assert len(gzip.compress(phone.get(page(token)).content)) < 9_000


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_for_any_number_of_promises(phone, token, rosa, count, django_assert_max_num_queries):
    for number in range(count):
        asked(promised(rosa, what=f"Ours {number}"))
        promised(rosa, what=f"Theirs {number}", ours=False)
        promised(rosa, what=f"Gone {number}").release(by=None, contact=rosa, now=NOW)

    with django_assert_max_num_queries(9):
        phone.get(page(token))


def test_it_shows_both_sides_and_what_was_settled_lately(phone, token, rosa):
    promised(rosa, what="Our draft")
    promised(rosa, what="Their figures", ours=False)
    promised(rosa, what="What fell away").release(by=None, contact=rosa, now=NOW - timedelta(days=2))
    promised(rosa, what="Long ago").release(by=None, contact=rosa, now=NOW - timedelta(days=40))

    text = phone.get(page(token)).content.decode()

    assert "Our draft" in text
    assert "Their figures" in text
    assert "What fell away" in text
    assert "Long ago" not in text


def test_it_shows_nothing_of_others_and_nothing_that_stays_among_us(phone, token, rosa, priya):
    basil = make_contact(client=rosa.client, name="Basil Ward")
    promised(basil, what="Only for Basil")
    promised(basil, what="Only from Basil", ours=False)
    make_promise(client=rosa.client, contact=None, what="For nobody in particular", now=NOW)
    elsewhere = make_contact(client=make_client(owner=priya), name="Rosa Delgado", email="rosa@other.example")
    promised(elsewhere, what="At another client")
    promise = promised(rosa, what="The asset register")
    asked(promise)
    promise.comment(by=priya, now=NOW, text="She is difficult")
    late = promised(rosa, what="The late one", due_at=NOW - timedelta(days=2))
    late.deliver(by=priya, now=NOW, reason="forgot", note="we lost it")
    late.accept(by=priya, now=NOW, contact=rosa, how="call", note="She was angry")

    text = phone.get(page(token)).content.decode()

    secrets = [
        "Basil", "nobody in particular", "another client", "difficult", "we slept", "orgot", "we lost it", "angry",
    ]  # fmt: skip
    assert [secret for secret in secrets if secret in text] == []
    assert "The asset register" in text


@pytest.mark.parametrize("act", sorted(CASES))
def test_no_act_reaches_a_promise_of_somebody_else(phone, token, rosa, act):
    basil = make_contact(client=rosa.client, name="Basil Ward")
    make, typed = CASES[act]
    promise = make(basil)
    before = everything()

    got = phone.get(act_url(token, promise, act))
    sent = press(phone, token, promise, act, contact=basil, **typed)

    assert (got.status_code, sent.status_code) == (404, 404)
    assert everything() == before


# -------------------------------------------------------------------- links that open nothing


@pytest.mark.parametrize("spoil", ["unknown", "forged", "left", "other_address", "archived", "revoked", "key"])
def test_every_link_that_does_not_work_shows_the_same_page(phone, token, rosa, spoil, settings):
    promise = offered(rosa)
    nothing = phone.get(page("y" * 43)).content
    letter = Letter.objects.get(kind=Kind.PAGE)
    if spoil == "unknown":
        token = "x" * 43
    elif spoil == "forged":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    elif spoil == "left":
        rosa.leave(now=NOW)
    elif spoil == "other_address":
        Contact.objects.filter(pk=rosa.pk).update(email="new@tidewell.example")
    elif spoil == "archived":
        type(rosa.client).objects.filter(pk=rosa.client_id).update(archived_at=NOW)
    elif spoil == "revoked":
        letters.revoke(letter, now=NOW)
    else:
        settings.LINK_KEYS = ["another key altogether"]
    before = everything()

    shown_pages = [phone.get(page(token)), phone.get(act_url(token, promise, "agree"))]
    pressed = press(phone, token, promise, "agree")

    assert [answer.status_code for answer in [*shown_pages, pressed]] == [404, 404, 404]
    assert {answer.content for answer in [*shown_pages, pressed]} == {nothing}
    assert everything() == before


def test_the_link_of_who_comes_back_works_again(phone, token, rosa):
    rosa.leave(now=NOW)
    assert phone.get(page(token)).status_code == 404

    rosa.come_back()

    assert phone.get(page(token)).status_code == 200


def test_an_older_key_still_opens_and_a_newer_letter_leaves_older_ones_alive(
    phone, token, rosa, priya, deliver_queued, settings
):
    settings.LINK_KEYS = ["a newer key", *links.keys()]
    newer = mailed(rosa, priya, deliver_queued)

    assert token != newer
    assert [phone.get(page(one)).status_code for one in (token, newer)] == [200, 200]

    letters.revoke(Letter.objects.order_by("pk").first(), now=NOW)
    assert [phone.get(page(one)).status_code for one in (token, newer)] == [404, 200]


def test_a_link_of_another_kind_of_mail_opens_nothing_here(phone, priya):
    from outbox.models import Email

    email, _new = Email.objects.queue(kind="surveys.thanks", key="x", to="a@b.example", subject="x")

    assert phone.get(page(links.token(email))).status_code == 404


def test_whoever_guesses_many_links_waits(phone):
    answers = {phone.get(page(f"{number:043d}")).status_code for number in range(30)}

    assert answers == {404, 429}


# -------------------------------------------------------------------- acting


EXPECTED = {
    "agree": ("active", PromiseEvent.Kind.AGREED),
    "counter": ("proposed", PromiseEvent.Kind.COUNTERED),
    "decline": ("declined", PromiseEvent.Kind.DECLINED),
    "move-yes": ("active", PromiseEvent.Kind.MOVED),
    "move-other": ("active", PromiseEvent.Kind.COUNTERED),
    "move-no": ("active", PromiseEvent.Kind.MOVE_REFUSED),
    "confirm": ("kept", PromiseEvent.Kind.ACCEPTED),
    "dispute": ("active", PromiseEvent.Kind.DISPUTED),
    "release": ("released", PromiseEvent.Kind.RELEASED),
    "done": ("delivered", PromiseEvent.Kind.DELIVERED),
    "move": ("active", PromiseEvent.Kind.MOVE_ASKED),
}


@pytest.mark.parametrize("act", sorted(CASES))
def test_every_act_does_what_it_says_once_and_the_second_press_reads_like_the_first(phone, token, rosa, act):
    make, typed = CASES[act]
    promise = make(rosa)
    saw = seen(promise, rosa)

    first = press(phone, token, promise, act, saw=saw, **typed)
    after = everything()
    second = press(phone, token, promise, act, saw=saw, **typed)

    state, kind = EXPECTED[act]
    promise.refresh_from_db()
    event = promise.events.order_by("-pk").first()
    assert (promise.state, event.kind, event.by, event.by_contact) == (state, kind, None, rosa)
    assert first.status_code == second.status_code == 200
    thanks = str(public_acts.TOLD[kind]).partition("%(")[0] or "Priya"
    assert thanks in first.content.decode()
    assert thanks in second.content.decode()
    assert "This changed before your answer came" not in second.content.decode()
    assert everything() == after


@pytest.mark.parametrize("act", sorted(CASES))
def test_an_act_on_what_has_changed_since_does_nothing_and_says_so(phone, token, rosa, act):
    make, typed = CASES[act]
    promise = make(rosa)
    saw = seen(promise, rosa)
    Promise.objects.filter(pk=promise.pk).update(what="Something quite different")
    before = everything()

    answer = press(phone, token, promise, act, saw=saw, **typed)

    assert "This changed before your answer came." in answer.content.decode()
    assert everything() == before


@pytest.mark.parametrize("act", sorted(CASES))
def test_an_act_without_its_page_does_nothing(phone, token, rosa, act):
    make, typed = CASES[act]
    promise = make(rosa)
    before = everything()

    for saw in ("", "0" * 16, "²\0"):
        assert press(phone, token, promise, act, saw=saw, **typed).status_code in (200, 400)

    assert everything() == before


def test_yes_to_a_date_that_was_taken_back_meanwhile_is_no_yes_to_another_one(phone, token, rosa, priya):
    promise = with_request(rosa)
    saw = seen(promise, rosa)
    promise.open_request().take_back(by=priya, now=NOW)
    asked(promise, to=date(2027, 2, 1))

    answer = press(phone, token, promise, "move-yes", saw=saw)

    promise.refresh_from_db()
    assert promise.due_date == date(2026, 11, 26)
    assert promise.open_request() is not None
    assert "This changed before your answer came." in answer.content.decode()


def test_the_old_date_binds_until_they_say_yes(phone, token, rosa):
    promise = with_request(rosa)
    text = phone.get(page(token)).content.decode()
    assert "Thursday 26 November" in text
    assert "Friday 4 December" in text

    press(phone, token, promise, "move-yes")

    promise.refresh_from_db()
    assert (promise.due_date, promise.agreed_how) == (date(2026, 12, 4), "click")


def test_their_other_terms_wait_for_us_and_cannot_be_accepted_by_themselves(phone, token, rosa):
    promise = offered(rosa)
    press(phone, token, promise, "counter", what="Send both drafts", due_date="2026-12-01", note="Both, please")

    again = press(phone, token, promise, "agree")

    promise.refresh_from_db()
    assert (promise.state, promise.offered_by, promise.what) == ("proposed", "theirs", "Send both drafts")
    assert promise.due_date == date(2026, 12, 1)
    assert "has yet to answer" in again.content.decode()


def test_not_what_we_agreed_needs_words_and_keeps_what_was_typed(phone, token, rosa):
    promise = delivered(promised(rosa))

    refused = press(phone, token, promise, "dispute", words="")

    assert refused.status_code == 422
    assert "Say in a few words what is missing or different." in refused.content.decode()
    promise.refresh_from_db()
    assert promise.state == "delivered"


def test_their_own_promise_can_have_been_done_before_today(phone, token, rosa, clock):
    promise = promised(rosa, ours=False, due_at=NOW + timedelta(hours=4), due_time=None)
    clock.shift(timedelta(days=1))

    press(phone, token, promise, "done", done_on="2026-11-19")

    promise.refresh_from_db()
    assert promise.done_at == promise.due_at
    assert promise.reason == ""


def test_their_own_promise_done_late_asks_no_reason(phone, token, rosa, clock):
    promise = promised(rosa, ours=False, due_at=NOW + timedelta(hours=1))
    clock.shift(timedelta(days=1))

    press(phone, token, promise, "done", done_on="2026-11-20")

    promise.refresh_from_db()
    assert promise.state == "delivered"


def test_an_offer_whose_day_has_passed_can_be_answered_with_another_day_only(phone, token, rosa, clock):
    promise = offered(rosa, due_at=NOW + timedelta(hours=2))
    clock.shift(timedelta(days=1))

    text = phone.get(page(token)).content.decode()

    assert "That day has passed. Say which one would be right." in text
    assert act_url(token, promise, "counter") in text
    assert act_url(token, promise, "agree") not in text


# -------------------------------------------------------------------- the owner hears of it


@pytest.mark.parametrize("act", sorted(name for name, act in public_acts.ACTS.items() if act.news))
def test_the_owner_hears_at_once_what_was_answered(phone, token, rosa, act, deliver_queued):
    make, typed = CASES[act]
    promise = make(rosa)

    press(phone, token, promise, act, **typed)
    mails = deliver_queued()

    assert [mail.to for mail in mails] == [["Priya Raman <priya@firm.example>"]]


# -------------------------------------------------------------------- hostile input


DATED = ["counter", "move-other", "move"]


@pytest.mark.parametrize("act", DATED)
@pytest.mark.parametrize("day", ["", "2026-11-18", "0000-00-00", "9999-12-31", "²", "a\0b", "x" * 1_000_000])
def test_a_day_that_cannot_be_meant_is_refused_beside_the_field(phone, token, rosa, act, day):
    make, typed = CASES[act]
    promise = make(rosa)
    before = everything()

    answer = press(phone, token, promise, act, **{**typed, "due_date": day, "note": "Kept words"})

    assert answer.status_code in (400, 422)
    if answer.status_code == 422:
        assert "Kept words" in answer.content.decode()
        assert 'aria-invalid="true"' in answer.content.decode()
    assert everything() == before


@pytest.mark.parametrize("words", ["a\x1bb", "x" * 100_000])
def test_words_that_cannot_be_kept_are_refused_in_words(phone, token, rosa, words):
    promise = delivered(promised(rosa))

    answer = press(phone, token, promise, "dispute", words=words)

    assert answer.status_code == 422
    promise.refresh_from_db()
    assert promise.state == "delivered"


def test_markup_in_their_words_stays_text(phone, token, rosa):
    promise = offered(rosa)

    press(phone, token, promise, "counter", what="<script>x</script>", due_date="2026-12-01")

    text = phone.get(page(token)).content.decode()
    assert "<script>x" not in text
    assert "&lt;script&gt;x" in text


def test_a_form_without_its_key_is_refused(token, rosa):
    strict = Browser(enforce_csrf_checks=True)
    promise = offered(rosa)

    answer = strict.post(act_url(token, promise, "agree"), {"seen": seen(promise, rosa)})

    assert answer.status_code == 403
    promise.refresh_from_db()
    assert promise.state == "proposed"

"""Signing in by e-mail, out again, and back in with a new password."""

import re
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.test import Client as Browser
from django.urls import get_resolver, reverse

from accounts import mails
from accounts.models import Origin, Role, SignInMail, User
from accounts.sign_in_links import link
from outbox.kinds import get
from outbox.models import Email
from tests.conftest import NOW
from tests.make import PASSWORD, make_administrator, make_user

LOGIN = "/accounts/login/"


def sign_in(browser, email, password=PASSWORD, **more):
    return browser.post(LOGIN, {"login": email, "password": password, **more})


def signed_in(browser):
    return browser.get(reverse("profile")).status_code == 200


def test_a_person_signs_in_by_e_mail_in_any_case(client, db):
    make_user(email="priya@firm.example", password=PASSWORD)

    answer = sign_in(client, "Priya@Firm.Example")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client)


def test_the_session_gets_a_new_key_at_sign_in(client, db):
    make_user(email="priya@firm.example", password=PASSWORD)
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key

    sign_in(client, "priya@firm.example")

    assert client.session.session_key != planted


@pytest.mark.parametrize("password", ["wrong", "", "\0", "x" * 100_000])
def test_a_wrong_password_says_so_and_keeps_the_address(client, db, password):
    make_user(email="priya@firm.example", password=PASSWORD)

    answer = sign_in(client, "priya@firm.example", password)

    assert answer.status_code == 422
    assert 'value="priya@firm.example"' in answer.content.decode()
    assert not signed_in(client)


def test_unknown_and_wrong_are_told_in_the_same_words(client, db):
    make_user(email="priya@firm.example", password=PASSWORD)

    wrong = sign_in(client, "priya@firm.example", "wrong").context["form"].errors
    unknown = sign_in(client, "nobody@firm.example", "wrong").context["form"].errors

    assert wrong == unknown


def test_after_five_wrong_passwords_the_sixth_has_to_wait(client, db):
    make_user(email="priya@firm.example", password=PASSWORD)
    for _ in range(5):
        sign_in(client, "priya@firm.example", "wrong")

    answer = sign_in(client, "priya@firm.example")

    assert answer.status_code == 422
    assert "Too many attempts" in answer.content.decode()


def test_next_leads_back_but_never_away(client, db):
    make_user(email="priya@firm.example", password=PASSWORD)
    assert client.get("/settings/")["Location"] == "/accounts/login/?next=/settings/"

    assert sign_in(client, "priya@firm.example", next="/profile/")["Location"] == "/profile/"
    client.logout()
    assert sign_in(client, "priya@firm.example", next="https://evil.example/")["Location"] == "/"


def test_signing_out_takes_a_post(web):
    assert web.get("/accounts/logout/").status_code == 200
    assert signed_in(web)

    web.post("/accounts/logout/")

    assert not signed_in(web)


def test_a_deactivated_person_is_signed_out_at_once_and_stays_out(web):
    User.objects.filter(pk=web.user.pk).update(is_active=False)

    assert not signed_in(web)


def test_a_deactivated_person_cannot_sign_in(client, db):
    make_user(email="priya@firm.example", password=PASSWORD, is_active=False)

    sign_in(client, "priya@firm.example")

    assert not signed_in(client)


def test_demo_sign_ins_are_offered_only_in_a_demo(client, db, settings):
    for role, name in zip(Role, ["Priya Raman", "Martin Cole", "Ada Quill"], strict=True):
        make_user(name=name, email=f"{name[:3].lower()}@firm.example", role=role, origin=Origin.DEMO)
    make_user(name="Real Person", email="real@firm.example")

    settings.DEMO = True
    shown = client.get(LOGIN)
    settings.DEMO = False
    hidden = client.get(LOGIN).content.decode()

    assert [person.email for person in shown.context["demo_people"]] == [
        "pri@firm.example",
        "mar@firm.example",
        "ada@firm.example",
    ]
    assert "partnership" in shown.content.decode()
    assert "real@firm.example" not in shown.content.decode()
    assert "pri@firm.example" not in hidden


# ------------------------------------------------------------------ passwords


def test_a_reset_is_a_row_of_the_outbox_and_its_link_is_made_at_sending(client, db, clock):
    person = make_user(email="priya@firm.example", password=PASSWORD)

    answer = client.post("/accounts/password/reset/", {"email": "priya@firm.example"})

    email = Email.objects.get()
    assert answer["Location"] == "/accounts/password/reset/done/"
    assert (email.to_email, email.kind) == ("priya@firm.example", mails.SIGN_IN)
    assert SignInMail.objects.get().reason == SignInMail.Reason.RESET
    message = get(mails.SIGN_IN).render(email)
    assert reset_path(message) in message.text
    assert reset_path(message) in message.html
    assert link(person).endswith(reset_path(message))
    assert django_mail.outbox == []  # only the outbox sends


def reset_path(message):
    return re.search(r"/accounts/password/reset/key/\S+?/\S+?/", message.text)[0]


def test_asking_for_an_unknown_address_looks_the_same_and_sends_nothing(client, db):
    answer = client.post("/accounts/password/reset/", {"email": "nobody@firm.example"})

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/password/reset/done/")
    assert not Email.objects.exists()


def test_asking_three_times_within_a_minute_writes_one_mail(client, db, clock):
    make_user(email="priya@firm.example", password=PASSWORD)

    for _ in range(3):
        client.post("/accounts/password/reset/", {"email": "priya@firm.example"})

    assert Email.objects.count() == 1


def test_opening_the_link_changes_nothing_and_using_it_once_ends_it(client, db, clock):
    person = make_user(email="priya@firm.example", password=PASSWORD)
    address = link(person).removeprefix("http://localhost:8000")
    for _ in range(3):
        page = client.get(address)
    assert (page.status_code, page["Referrer-Policy"]) == (200, "same-origin")

    answer = client.post(address, {"new_password1": "quite another phrase", "new_password2": "quite another phrase"})

    assert answer.status_code == 302
    assert signed_in(client)
    assert Browser().get(address).status_code == 404
    assert sign_in(Browser(), "priya@firm.example").status_code == 422
    assert sign_in(Browser(), "priya@firm.example", "quite another phrase").status_code == 302


@pytest.mark.parametrize(
    ("password", "age", "works"),
    [
        (PASSWORD, timedelta(hours=23), True),
        (PASSWORD, timedelta(hours=25), False),
        (None, timedelta(days=6, hours=23), True),
        (None, timedelta(days=7, hours=1), False),
    ],
)
def test_a_reset_lasts_a_day_and_an_invitation_a_week(client, db, clock, password, age, works):
    address = link(make_user(password=password)).removeprefix("http://localhost:8000")

    clock.move_to(NOW + age)

    assert (client.get(address).status_code == 200) is works


@pytest.mark.parametrize("token", ["abc", "a-b", "zzzzzz-" + "0" * 40, "0"])
def test_a_forged_link_says_that_it_does_not_work(client, db, token):
    person = make_user(password=PASSWORD)

    answer = client.get(f"/accounts/password/reset/key/{person.public_id}/{token}/")

    assert answer.status_code == 404
    assert "no longer works" in answer.content.decode()


def test_a_weak_password_is_refused_in_words(client, db):
    address = link(make_user(name="Priya Raman", password=None)).removeprefix("http://localhost:8000")

    answer = client.post(address, {"new_password1": "password", "new_password2": "password"})

    assert answer.status_code == 422


def test_changing_the_password_ends_other_sessions(client, db):
    make_user(email="priya@firm.example", password=PASSWORD)
    other = Browser()
    sign_in(client, "priya@firm.example")
    sign_in(other, "priya@firm.example")

    answer = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "quite another phrase", "password2": "quite another phrase"},
    )

    assert answer["Location"] == "/profile/"
    assert (signed_in(client), signed_in(other)) == (True, False)


def test_changing_the_password_takes_the_one_of_now(client, db):
    make_user(email="priya@firm.example", password=PASSWORD)
    sign_in(client, "priya@firm.example")

    answer = client.post(
        "/accounts/password/change/",
        {"oldpassword": "wrong", "password1": "quite another phrase", "password2": "quite another phrase"},
    )

    assert answer.status_code == 422


def test_a_mail_to_somebody_who_left_or_is_in_is_not_sent_any_more(db, clock):
    administrator = make_administrator()
    person = make_user(password=None)
    email = mails.queue_invitation(person, by=administrator, now=NOW)
    wanted = get(mails.SIGN_IN).still_wanted
    assert wanted(email, NOW) == ""

    person.set_password(PASSWORD)
    person.save()
    assert wanted(email, NOW) == f"{person.name} has chosen a password already."
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert wanted(email, NOW) == f"{person.name} was deactivated."


# ------------------------------------------------------------------ doors

WITHOUT_SIGN_IN = [
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "calendar_ics",
    "cleared",
    "healthz",
    "mail_hook",
    "mail_hook_of",
    "mailbox",  # these five only where the mailbox stands in for a mail server
    "mailbox_clear",
    "mailbox_html",
    "mailbox_mail",
    "mailbox_raw",
    "promise_public",
    "promise_public_act",
    "readyz",
    "survey_answer",
    "survey_fresh",
    "survey_fresh_link",
    "survey_save",
    "survey_somebody_else",
    "survey_thanks",
    "unsubscribe",
]


def routes(patterns=None):
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern


def test_only_these_pages_open_without_signing_in():
    open_pages = [route.name for route in routes() if not getattr(route.callback, "login_required", True)]

    assert sorted(open_pages) == WITHOUT_SIGN_IN

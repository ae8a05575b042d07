"""Getting in by a link out of a mail, in a real browser: an invitation, and a password that was forgotten."""

import re

from tests.e2e.test_story import mail_to
from tests.services import wait_for

PHRASE = "a tall tree by the river"


def choose_password(page, sink, address, words):
    wait_for(lambda: mail_to(sink, address, words), seconds=60, what="the mail")
    text = mail_to(sink, address, words).get_body(("plain",)).get_content()
    page.goto(re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", text).group(1))
    for field in page.locator("input[type=password]").all():
        field.fill(PHRASE)
    page.get_by_role("button", name="Save and sign in").click()
    page.get_by_role("status").filter(has_text="Your password is set.").wait_for()


def test_an_invited_person_chooses_a_password_and_is_in(sign_in, open_window, sink):
    administrator = sign_in("daniel")
    administrator.goto("/settings/people/invite/")
    administrator.get_by_label("Name").fill("Zoë Müller")
    administrator.get_by_label("E-mail").fill("zoe@wrayburn.example")
    administrator.get_by_label("Role").select_option("Manager")
    administrator.get_by_role("main").get_by_role("button").first.click()

    page = open_window()
    choose_password(page, sink, "zoe@wrayburn.example", "invites you")

    page.get_by_role("navigation", name="Main", exact=True).get_by_text("Zoë Müller").wait_for()
    assert page.looking.faults() == []


def test_a_forgotten_password_is_chosen_anew(open_window, sink):
    page = open_window()
    page.goto("/accounts/password/reset/")
    page.get_by_label("E-mail").fill("hannah@wrayburn.example")
    page.get_by_role("main").get_by_role("button").first.click()

    choose_password(page, sink, "hannah@wrayburn.example", "new password")

    page.get_by_role("navigation", name="Main", exact=True).get_by_text("Hannah Lindqvist").wait_for()
    assert page.looking.faults() == []

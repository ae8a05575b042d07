"""What a round's mails say to a client: why, how long, who reads it, what changed, and what happens next."""

import re

import pytest
from django.core import mail

from surveys.minutes import asked_of, minutes_of
from surveys.questions import questions_of
from tests.client_mails import send_every_one
from tests.make import make_questionnaire

_kept = {}


@pytest.fixture
def mails(request):
    """Every mail once, for all tests that only read them."""
    if not _kept:
        request.getfixturevalue("clock")
        request.getfixturevalue("db")
        _kept.update(send_every_one(mail.outbox))
    return _kept


def preview_of(one):
    return re.search(r'<div style="display:none[^>]*>(.*?)</div>', one.alternatives[0][0], re.DOTALL)[1]


def test_the_invitation_is_a_letter_from_a_person(mails):
    one = mails["invitation"]
    lines = [line for line in one.body.splitlines() if line]

    assert one.subject == "How are we doing for Kestrel AG?"
    assert preview_of(one) == "19 questions, about 5 minutes."
    assert lines[0] == "Rosa,"
    assert "19 questions, about 5 minutes, on your phone if you like. Blunt is welcome." in lines
    assert "with your name on them" in one.body
    assert "in confidence" in one.body
    assert "It is open until Thursday 17 December." in lines
    assert lines[lines.index("-- ") - 2 : lines.index("-- ")] == ["Priya Raman", "Wrayburn, 0113 496 0110"]


def test_the_invitation_says_what_changed_since_last_year(mails):
    said = mails["invitation"].body

    assert "What changed since you last answered\n- Zephyr-3\n  You said: “Zephyr-2”" in said


def test_where_the_owner_chose_nothing_nothing_is_said_of_last_year(clock, db):
    from surveys import letters
    from tests.make import make_invitation

    said = letters.invitation(make_invitation(), href="/s/x/", stop_href="/u/x/").text

    assert "What changed" not in said


@pytest.mark.parametrize(
    ("name", "says", "does_not_say"),
    [
        ("reminder", "Yours is a view we have not heard yet", "last time I ask"),
        ("half-way", "You have answered 3 of 19 questions; they are saved.", "not heard yet"),
        ("last-reminder", "This is the last time I ask, and it is fine to say no.", "You have answered"),
    ],
)
def test_a_reminder_knows_how_far_its_reader_is(mails, name, says, does_not_say):
    one = mails[name]

    assert one.subject == "Re: How are we doing for Kestrel AG?"
    assert says in one.body
    assert says in one.alternatives[0][0]
    assert does_not_say not in one.body


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("thanks", "Everything you wrote has arrived and will be read this week."),
        ("thanks-in-confidence", "Everything you wrote has arrived, and only our managers read it."),
        ("thanks-call", "Priya Raman will call you by Friday 20 November."),
    ],
)
def test_the_thank_you_says_what_happens_next(mails, name, says):
    said = mails[name].body

    assert says in said
    assert "After that you hear from us what changes." in said


def test_the_thank_you_repeats_the_answers(mails):
    said = mails["thanks"].body

    assert "- All in all, how is it to work with us?\n  7\n" in said
    assert "can’t say" in said


def test_every_mail_of_a_round_says_why_it_came_and_how_to_stop_it(mails):
    for name in ("invitation", "again", "reminder", "last-reminder", "half-way", "fresh-link", "thanks"):
        foot = mails[name].body.partition("\n-- \n")[2]
        assert foot.startswith("You get this because you are a contact of Wrayburn at Kestrel AG."), name
        assert re.search(r"Don’t ask me again: http\S+/u/", foot), name


def test_how_long_it_takes_is_reckoned_from_the_questions(db):
    questions = questions_of(make_questionnaire().as_asked())

    assert (len(asked_of(questions)), minutes_of(questions)) == (19, 5)
    assert minutes_of(questions[:1]) == 1
    assert minutes_of([]) == 1


def test_a_client_with_a_very_long_name_gets_a_subject_that_fits(clock, db):
    from surveys import letters
    from tests.make import make_client, make_contact, make_invitation

    client = make_client(name="The Worshipful Company of Makers of Playing Cards")
    asked = make_invitation(contact=make_contact(client=client))

    assert letters.subject_of_invitation(asked) == "How are we doing for you?"

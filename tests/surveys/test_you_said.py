"""“You said, we did”: what is offered, chosen, ordered, shown in the invitation, and never quoted."""

from datetime import timedelta

import pytest
from django.urls import reverse

from outbox.models import Email
from partnerships.models import Suggestion
from surveys import sending, you_said
from surveys.models import TakenUp, YouSaid
from surveys.you_said import Words
from tests.conftest import NOW, browser_of
from tests.make import (
    answer_survey,
    make_client,
    make_contact,
    make_invitation,
    make_manager,
    make_promise,
    make_round,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
YEAR = timedelta(days=365)


class Asked:
    """A client asked last year, who answered, and asked again this year."""

    def __init__(self, *, owner=None, in_confidence=False, **answers):
        self.owner = owner or make_user(name="Priya Raman")
        self.client = make_client(name="Tidewell", owner=self.owner)
        self.contact = make_contact(client=self.client, name="Rosa Delgado")
        self.before = make_round(state="open", name="Last year", launched_at=NOW - YEAR, due_on=None)
        invitation = make_invitation(round=self.before, contact=self.contact)
        answers = answers or {"overall": 6, "better": "Please call back on the same day, every time."}
        self.response = answer_survey(invitation, in_confidence=in_confidence, **answers)
        Email.objects.update(sent_at=NOW - YEAR, created_at=NOW - YEAR)
        Email.objects.filter(state="queued").update(state="cancelled", next_try_at=None)
        type(self.before).objects.filter(pk=self.before.pk).update(state="closed", closed_at=NOW - YEAR / 2)
        self.round = make_round(state="beliefs", name="This year", closes_on=None, due_on=None)
        make_invitation(round=self.round, contact=self.contact, state="pending", send_at=NOW)

    @property
    def words(self):
        return self.response.answers.get(key="better")

    @property
    def address(self):
        return reverse("survey_you_said", args=[self.round.public_id, self.client.public_id])

    def promise_from_answer(self, what="Answer calls on the same day"):
        promise = make_promise(client=self.client, what=what, now=NOW)
        TakenUp.objects.create(answer=self.words, promise=promise, by=self.owner, at=NOW - YEAR / 2)
        return promise

    def suggestion(self, *, from_answer=True):
        made = Suggestion.record(
            self.client, by=self.owner, now=NOW - YEAR / 2, words=self.words.words, source=Suggestion.Source.SURVEY
        )
        if from_answer:
            TakenUp.objects.create(answer=self.words, suggestion=made, by=self.owner, at=NOW - YEAR / 2)
        return made

    def offers(self):
        return you_said.offers(self.round, self.client, now=NOW)

    def post(self, browser, *lines, action="save", seen=None, **more):
        saved = you_said.lines_for(self.round, self.client)
        data = {"seen": you_said.seen(saved) if seen is None else seen, "action": action, **more}
        for n, (said, did, *source) in enumerate(lines, 1):
            data |= {f"line-{n}-said": said, f"line-{n}-did": did, f"line-{n}-source": source[0] if source else ""}
        return browser.post(self.address, data)

    def chosen(self):
        return [(line.you_said, line.we_did) for line in you_said.lines_for(self.round, self.client)]


# -------------------------------------------------------------------- what is offered


def test_promises_made_from_last_years_answers_are_offered_with_their_words_and_how_they_stand():
    asked = Asked()
    promise = asked.promise_from_answer()
    promise.keep(by=asked.owner, now=NOW)
    make_promise(client=asked.client, what="Something else", now=NOW)

    [offer] = asked.offers()

    assert (offer.you_said, offer.we_did, offer.good) == (
        "Please call back on the same day, every time.", "Answer calls on the same day", True,
    )  # fmt: skip
    assert offer.value == f"promise:{promise.pk}"


def test_suggestions_that_were_done_are_offered_with_our_reply_and_declined_ones_are_not():
    asked = Asked()
    asked.suggestion().done("We call back on the same day since May.", by=asked.owner, now=NOW)
    asked.suggestion(from_answer=False).decline("Too dear", by=asked.owner, now=NOW)

    [offer] = asked.offers()

    assert (offer.you_said, offer.we_did) == (
        "Please call back on the same day, every time.", "We call back on the same day since May.",
    )  # fmt: skip


def test_what_was_said_in_confidence_is_offered_without_its_words():
    asked = Asked(in_confidence=True, overall=3, better="Priya never calls back and we are tired of it.")
    asked.promise_from_answer()
    asked.suggestion().done("We call back sooner.", by=asked.owner, now=NOW)

    assert [(offer.you_said, offer.we_did) for offer in asked.offers()] == [
        ("", "We call back sooner."), ("", "Answer calls on the same day"),
    ]  # fmt: skip


def test_nothing_is_offered_where_they_were_never_asked_before():
    asked = Asked()
    asked.promise_from_answer()
    client = make_client()
    make_invitation(round=asked.round, contact=make_contact(client=client), state="pending")

    assert you_said.offers(asked.round, client, now=NOW) == []


def test_what_came_of_another_clients_answers_is_not_offered():
    asked, other = Asked(), Asked()
    other.promise_from_answer()

    assert asked.offers() == []


# -------------------------------------------------------------------- choosing


def test_nothing_is_chosen_by_itself(web):
    asked = Asked(owner=web.user)
    asked.promise_from_answer().keep(by=asked.owner, now=NOW)

    page = web.get(asked.address).content.decode()

    assert asked.chosen() == []
    assert " checked" not in page


def test_a_ticked_offer_becomes_a_line_whose_words_can_be_edited_and_ordered(web):
    asked = Asked(owner=web.user)
    promise = asked.promise_from_answer()

    asked.post(web, action="take", offer=[f"promise:{promise.pk}"])
    asked.post(web, ("Call back.", "We do.", f"promise:{promise.pk}"), ("", "A line of our own."), action="save")
    asked.post(web, ("Call back.", "We do.", f"promise:{promise.pk}"), ("", "A line of our own."), action="up-2")

    assert asked.chosen() == [("", "A line of our own."), ("Call back.", "We do.")]
    assert [line.promise for line in you_said.lines_for(asked.round, asked.client)] == [None, promise]
    assert YouSaid.objects.first().chosen_by == web.user


def test_a_line_is_taken_out(web):
    asked = Asked(owner=web.user)
    asked.post(web, ("", "One"), ("", "Two"))

    asked.post(web, ("", "One"), ("", "Two"), action="empty-1")

    assert asked.chosen() == [("", "Two")]


def test_three_lines_and_no_fourth(web):
    asked = Asked(owner=web.user)
    promise = asked.promise_from_answer()
    three = [("", "One"), ("", "Two"), ("", "Three")]

    answer = asked.post(web, *three, action="take", offer=[f"promise:{promise.pk}"])

    assert answer.status_code == 422
    assert "At most three lines" in answer.content.decode()
    assert asked.chosen() == []


def test_a_promise_of_another_client_is_never_taken_as_the_source(web):
    asked, other = Asked(owner=web.user), Asked()
    theirs = other.promise_from_answer()

    asked.post(web, ("", "Ours", f"promise:{theirs.pk}"))

    assert YouSaid.objects.get().promise is None


@pytest.mark.parametrize(
    ("said", "did", "words"),
    [
        ("You said it", "", "Say what we did, or empty this line."),
        ("", "x" * 301, "At most 300 characters; these are 301."),
        ("\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") * 301, "x", "At most 300 characters"),
    ],
)
def test_a_line_that_cannot_be_sent_is_refused_beside_it_and_kept_on_the_page(web, said, did, words):
    asked = Asked(owner=web.user)

    answer = asked.post(web, (said, did))

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert asked.chosen() == []


def test_nul_is_refused(web):
    asked = Asked(owner=web.user)

    assert asked.post(web, ("", "a\0b")).status_code == 422
    assert asked.chosen() == []


def test_nothing_said_in_confidence_can_be_quoted(web):
    asked = Asked(owner=web.user, in_confidence=True, overall=3, better="Priya never calls back, we are tired of it.")

    quoted = asked.post(web, ("priya  NEVER calls back, we are tired", "We call back."))
    own_words = asked.post(web, ("Call back sooner.", "We call back."))

    assert (quoted.status_code, own_words.status_code) == (422, 302)
    assert "quotes what was said in confidence" in quoted.content.decode()
    assert asked.chosen() == [("Call back sooner.", "We call back.")]


def test_two_people_at_once_lose_nothing(web, manager_web):
    asked = Asked(owner=web.user)
    read = you_said.seen([])
    asked.post(manager_web, ("", "The manager’s line"))

    answer = asked.post(web, ("", "The owner’s line"), seen=read)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert ["The manager’s line" in page, "The owner’s line" in page] == [True, True]
    assert asked.chosen() == [("", "The manager’s line")]


# -------------------------------------------------------------------- who may, and until when


def test_the_owner_and_managers_choose_and_nobody_else():
    asked = Asked()
    team = make_user()
    asked.client.team_members.create(user=team)
    people = {"owner": asked.owner, "manager": make_manager(), "team": team, "other": make_user()}

    found = {name: browser_of(user).get(asked.address).status_code for name, user in people.items()}

    assert found == {"owner": 200, "manager": 200, "team": 404, "other": 404}


def test_once_the_invitation_went_out_it_is_frozen_and_says_so(web):
    asked = Asked(owner=web.user)
    asked.post(web, ("", "Before"))
    type(asked.round).objects.filter(pk=asked.round.pk).update(state="open", launched_at=NOW)
    sending.send_due(NOW)

    answer = asked.post(web, ("", "After"))
    page = web.get(asked.address).content.decode()

    assert (answer.status_code, asked.chosen()) == (409, [("", "Before")])
    assert ["this stays as it is" in page, "<form method" in page and "data-you-said" in page] == [True, False]


def test_it_stands_in_the_invitation_in_order(web, deliver_queued, mailoutbox):
    asked = Asked(owner=web.user)
    asked.post(web, ("Call back on the same day.", "We do, since May."), ("", "A named deputy answers for you."))
    type(asked.round).objects.filter(pk=asked.round.pk).update(state="open", launched_at=NOW)

    sending.send_due(NOW)
    [mail] = [mail for mail in deliver_queued() if "Rosa" in mail.to[0]]

    first, second = mail.body.find("We do, since May."), mail.body.find("A named deputy answers for you.")
    assert 0 < first < second
    assert "Call back on the same day." in mail.body


def test_the_preflight_can_count_clients_who_are_told_nothing(web):
    asked, told = Asked(owner=web.user), Asked()
    make_invitation(round=asked.round, contact=told.contact, state="pending")
    make_invitation(round=asked.round, contact=make_contact(), state="pending")  # never asked before
    you_said.choose(asked.round, told.client, [Words("", "Done")], by=told.owner, now=NOW, was=you_said.seen([]))

    assert list(you_said.clients_without(asked.round)) == [asked.client]


@pytest.mark.parametrize("offers", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_offers(web, offers, django_assert_max_num_queries):
    asked = Asked(owner=web.user)
    for n in range(offers):
        asked.promise_from_answer(what=f"Promise {n}")

    with django_assert_max_num_queries(30):
        assert web.get(asked.address).status_code == 200

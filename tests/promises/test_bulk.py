"""Many promises at once: what is said beforehand, what is done, and what undoing gives back."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import handover
from promises import bulk, selection
from promises.models import BulkAct, Promise
from tests.conftest import NOW, browser_of
from tests.make import make_administrator, make_client, make_contact, make_manager, make_promise, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = timedelta(days=1)


@pytest.fixture
def tom():
    return make_user(name="Tom Okafor")


@pytest.fixture
def client(web):
    return make_client(name="Tidewell Water", owner=web.user)


def effect(web, promises, to, **more):
    ids = [promise.public_id for promise in promises]
    return web.get(reverse("bulk_hand_over"), {"pick": ids, "to": to.public_id, **more})


def fields(page, name="seen"):
    return re.search(rf'name="{name}" value="([^"]*)"', page.text).group(1)


def post(web, page, to, **changes):
    data = {"to": to.public_id, "seen": fields(page), "idempotency_key": fields(page, "idempotency_key"), **changes}
    return web.post(reverse("bulk_hand_over"), data, follow=True)


def owners(*promises):
    return [Promise.objects.get(pk=promise.pk).owner.name for promise in promises]


def words(response):
    return [str(message) for message in response.context["messages"]]


def undo(web, act, **more):
    return web.post(reverse("bulk_undo", args=[act.uuid]), more, follow=True)


# -------------------------------------------------------------------- handing over


def test_the_effect_is_said_before_anything_is_done(web, client, tom):
    hidden = make_client(name="Hush", owner=web.user, visibility="team_only")
    mine = [make_promise(client=client) for _ in range(3)]
    his = make_promise(client=client, owner=tom)
    done = make_promise(client=client)
    done.keep(by=web.user, now=NOW)
    secret = make_promise(client=hidden)
    colleagues = make_promise(client=make_client())

    page = effect(web, [*mine, his, done, secret, colleagues], tom)
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text))

    assert "3 promises of Priya Raman go to Tom Okafor." in said
    assert "1 is left: ended already." in said
    assert "1 is left: already with Tom." in said
    assert "1 is left: Tom may not see that client." in said
    assert "1 is left: only the owner, the client’s team and managers may." in said
    assert owners(*mine) == ["Priya Raman"] * 3
    assert BulkAct.objects.count() == 0


def test_it_is_done_at_once_and_undone_from_the_toast(web, client, tom):
    promises = [make_promise(client=client, ours=n != 1) for n in range(3)]

    answer = post(web, effect(web, promises, tom), tom)
    there = owners(*promises)
    act = BulkAct.objects.get()
    tag = next(iter(answer.context["messages"])).extra_tags
    back = undo(web, act)

    assert words(answer) == ["Handed 3 promises to Tom."]
    assert tag == f"undo:{reverse('bulk_undo', args=[act.uuid])}"
    assert there == ["Tom Okafor"] * 3
    assert words(back) == ["Undone: 3 promises are back."]
    assert owners(*promises) == ["Priya Raman"] * 3
    assert [event.kind for event in promises[0].events.all()] == ["made", "handed_over", "handed_over"]


def test_a_double_click_and_a_reload_do_it_once(web, client, tom):
    promise = make_promise(client=client)
    page = effect(web, [promise], tom)

    answers = [post(web, page, tom) for _ in range(2)]

    assert [words(answer) for answer in answers] == [["Handed 1 promise to Tom."]] * 2
    assert BulkAct.objects.count() == 1
    assert promise.events.filter(kind="handed_over").count() == 1


def test_the_key_of_somebody_else_does_nothing(web, client, tom):
    page = effect(web, [make_promise(client=client)], tom)
    other = browser_of(make_manager())
    post(other, effect(other, [make_promise()], tom), tom, idempotency_key=fields(page, "idempotency_key"))

    assert post(web, page, tom).status_code == 404
    assert BulkAct.objects.count() == 1


def test_what_somebody_changed_meanwhile_is_left_and_told_by_row(web, client, tom):
    hannah = make_user(name="Hannah Lindqvist")
    stays, handed, kept, hidden = (make_promise(client=make_client(owner=web.user)) for _ in range(4))
    page = effect(web, [stays, handed, kept, hidden], tom)
    handed.hand_over(to=hannah, by=web.user, now=NOW)
    kept.keep(by=web.user, now=NOW)
    type(client).objects.filter(pk=hidden.client_id).update(visibility="team_only", owner=hannah)

    answer = post(web, page, tom)

    assert words(answer) == ["Handed 1 promise to Tom. 3 were left."]
    assert "left: handed to Hannah Lindqvist meanwhile" in answer.text
    assert "left: ended already" in answer.text
    assert hidden.public_id not in answer.text
    assert owners(stays, handed, hidden) == ["Tom Okafor", "Hannah Lindqvist", "Priya Raman"]


def test_undoing_gives_back_only_what_stands_as_the_act_left_it(web, client, tom):
    hannah = make_user(name="Hannah Lindqvist")
    _back, moved_on, there_and_back, ended = promises = [make_promise(client=client) for _ in range(4)]
    post(web, effect(web, promises, tom), tom)
    later = NOW + timedelta(minutes=5)
    for promise in promises:
        promise.refresh_from_db()
    moved_on.hand_over(to=hannah, by=tom, now=later)
    there_and_back.hand_over(to=hannah, by=tom, now=later)
    there_and_back.hand_over(to=tom, by=hannah, now=later)
    ended.keep(by=tom, now=later)

    answer = undo(web, BulkAct.objects.get())

    assert words(answer) == ["Undone: 1 promise is back. 3 stay as they are."]
    assert owners(*promises) == ["Priya Raman", "Hannah Lindqvist", "Tom Okafor", "Tom Okafor"]
    assert "stays: Hannah Lindqvist answers for it since" in answer.text
    assert "stays: Tom Okafor answers for it since" in answer.text
    assert "stays: it has ended since" in answer.text


def test_nothing_goes_back_to_somebody_who_has_left(web, manager_web, tom):
    leaver, boss = make_user(name="Lena Left"), make_administrator()
    promise = make_promise(client=make_client(), owner=leaver)
    post(manager_web, effect(manager_web, [promise], tom), tom)
    handover.leave(leaver, by=boss, now=NOW)

    assert "stays: whoever had it has left" in undo(manager_web, BulkAct.objects.get()).text
    assert owners(promise) == ["Tom Okafor"]


def test_undoing_works_once_for_its_author_for_a_day(web, client, tom, clock):
    for _ in range(2):
        post(web, effect(web, [make_promise(client=client)], tom), tom)
    first, second = BulkAct.objects.order_by("pk")

    assert browser_of(tom).post(reverse("bulk_undo", args=[first.uuid])).status_code == 404
    undo(web, first)
    assert "This was undone before" in undo(web, first).text
    clock.move_to(NOW + timedelta(hours=25))
    assert "more than a day ago" in undo(web, second).text
    assert Promise.objects.filter(owner=tom).count() == 1


def test_the_last_day_is_on_a_page_with_undo(web, client, tom):
    post(web, effect(web, [make_promise(client=client)], tom), tom)
    act = BulkAct.objects.get()

    page = web.get(reverse("bulk_acts"))

    assert "1 promise handed over" in page.text
    assert reverse("bulk_undo", args=[act.uuid]) in page.text
    assert "Nothing in the last day." in browser_of(tom).get(reverse("bulk_acts")).text
    assert browser_of(tom).get(reverse("bulk_act", args=[act.uuid])).status_code == 404


def test_all_that_match_are_chosen_by_the_filters_not_by_the_page(web, client, tom):
    for n in range(4):
        make_promise(client=client, ours=n != 0)
    kept = make_promise(client=client)
    kept.keep(by=web.user, now=NOW)

    page = web.get(reverse("bulk_hand_over"), {"all": "1", "by": "ours", "pick": kept.public_id, "to": tom.public_id})
    post(web, page, tom)

    assert Promise.objects.filter(owner=tom).count() == 3
    assert Promise.objects.get(direction="theirs").owner == web.user


def test_one_act_takes_a_bounded_number_and_says_so(web, client, tom, monkeypatch):
    monkeypatch.setattr(selection, "MOST", 2)
    for _ in range(3):
        make_promise(client=client)

    page = web.get(reverse("bulk_hand_over"), {"all": "1", "to": tom.public_id})

    assert "More than 2 match." in page.text
    assert len(fields(page).split()) == 2


def test_nothing_ticked_nobody_chosen_and_odd_forms_are_answered_in_words(web, client, tom):
    promise = make_promise(client=client)
    left = make_user(is_active=False)

    nothing = web.get(reverse("bulk_hand_over"), {"by": "ours"}, follow=True)
    odd = web.get(reverse("bulk_hand_over"), {"pick": ["²", "w_nobody99", "a" * 500]}, follow=True)
    gone = effect(web, [promise], left)
    empty = web.post(reverse("bulk_hand_over"), {}, follow=True)
    wrong = web.post(
        reverse("bulk_hand_over"), {"to": tom.public_id, "seen": "x", "idempotency_key": uuid.uuid4()}, follow=True
    )

    assert "Tick at least one promise first." in nothing.text
    assert nothing.request["QUERY_STRING"] == "by=ours"
    assert "Tick at least one promise first." in odd.text
    assert gone.status_code == 422
    assert "Choose a colleague." in gone.text
    assert "That form was not complete." in empty.text
    assert words(wrong) == ["Handed 0 promises to Tom. 1 was left."]


def test_a_client_hidden_from_the_reader_is_never_chosen(web, tom):
    hidden = make_client(name="Hush Holdings", visibility="team_only")
    secret = make_promise(client=hidden, what="Secret paper")

    ticked = effect(web, [secret], tom)
    everything = web.get(reverse("bulk_hand_over"), {"all": "1"}, follow=True)
    posted = web.post(
        reverse("bulk_hand_over"),
        {"to": tom.public_id, "seen": f"{secret.public_id}.{hidden.owner.public_id}", "idempotency_key": uuid.uuid4()},
        follow=True,
    )
    export = web.get(reverse("bulk_export"), {"pick": secret.public_id})
    file = web.get(reverse("promises_export"), {"pick": secret.public_id})

    assert ticked.status_code == 302
    assert "Tick at least one" in everything.text
    assert owners(secret) == [hidden.owner.name]
    assert "Nothing matches" in export.text
    assert not any("Secret" in page.getvalue().decode() for page in (everything, posted, export, file))


def test_looking_changes_nothing(web, client, tom):
    promise = make_promise(client=client)

    effect(web, [promise], tom)
    web.get(reverse("bulk_export"), {"all": "1"})

    assert owners(promise) == ["Priya Raman"]
    assert BulkAct.objects.count() == 0
    assert web.get(reverse("bulk_undo", args=[uuid.uuid4()])).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_saying_the_effect_costs_the_same_for_any_number(web, tom, count, django_assert_num_queries):
    promises = []
    for _ in range(count):
        contact = make_contact(client=make_client(owner=web.user))
        promises.append(make_promise(client=contact.client, contact=contact))
    effect(web, promises, tom)

    with django_assert_num_queries(12):
        effect(web, promises, tom)


# -------------------------------------------------------------------- exporting


def test_an_export_says_what_the_file_will_hold(web, client):
    promises = [make_promise(client=client, what=f"P{n}", ours=n != 0) for n in range(4)]

    ticked = web.get(reverse("bulk_export"), {"pick": [promise.public_id for promise in promises[:2]]})
    matching = web.get(reverse("bulk_export"), {"by": "ours", "after": "x"})
    address = re.search(r'href="(/promises/export\.csv\?[^"]*)"', ticked.text).group(1).replace("&amp;", "&")
    filtered = re.search(r'href="(/promises/export\.csv\?[^"]*)"', matching.text).group(1).replace("&amp;", "&")

    assert "Export 2 promises" in ticked.text
    assert "Export 3 promises" in matching.text
    assert "Three columns name people and clients" in matching.text
    assert [f"P{n}" in web.get(address).getvalue().decode() for n in range(4)] == [True, True, False, False]
    assert [f"P{n}" in web.get(filtered).getvalue().decode() for n in range(4)] == [False, True, True, True]


def test_the_day_in_which_an_act_may_be_undone_is_a_day():
    act = BulkAct(at=NOW)

    assert bulk.may_be_undone(act, now=NOW + timedelta(hours=23, minutes=59))
    assert not bulk.may_be_undone(act, now=NOW + DAY)

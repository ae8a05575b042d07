"""The pages of requests: the list, one of them, and every act on it."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from clients.models import Request, RequestEvent
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_request, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page(web, name, *args, query="", status=200):
    answer = web.get(reverse(name, args=args) + query)
    assert answer.status_code == status
    return answer.content.decode()


def post(web, name, *args, **data):
    return web.post(reverse(name, args=args), data)


def texts(html):
    return re.findall(r'class="row-t"[^>]*>([^<]+)<', html)


# -------------------------------------------------------------------- writing one down


def test_a_request_is_written_down_by_hand_and_says_when_it_is_due(web):
    client = make_client(owner=web.user)
    rosa = make_contact(client=client, name="Rosa Delgado")
    html = page(web, "request_new", query=f"?client={client.public_id}")
    assert "the answer is due today 17:30; if it is urgent, today 11:30." in html
    key = re.search(r'name="idempotency_key" value="([^"]+)"', html)[1]
    data = {
        "client": client.public_id, "text": "Can fieldwork move?", "contact": rosa.public_id, "channel": "email",
        "urgency": "urgent", "assignee": web.user.public_id, "asked_at": "2026-11-19T09:12", "idempotency_key": key,
    }  # fmt: skip
    for _click in range(2):
        assert post(web, "request_new", **data).status_code == 302
    one = Request.objects.get()
    assert (one.contact, one.channel, one.urgency, f"{one.asked_at:%H:%M}", f"{one.answer_due_at:%H:%M}") == (
        rosa, "email", "urgent", "09:12", "11:12",
    )  # fmt: skip


def test_without_a_client_the_page_asks_for_one(web):
    client = make_client(owner=web.user, name="Tidewell Water")
    assert 'name="client_name"' in page(web, "request_new")
    answer = web.get(reverse("request_new") + "?client_name=tidew")
    assert answer.url == f"{reverse('request_new')}?client={client.public_id}"
    assert "No client of yours is called that." in page(web, "request_new", query="?client_name=nobody", status=422)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"text": ""}, "Write what they ask, in their words."),
        ({"text": "a\0b"}, "NUL"),
        ({"text": "x" * 5001}, "At most 5000 characters"),
        ({"asked_at": "2026-11-20T09:00"}, "This is in the future."),
        ({"asked_at": "1066-10-14T09:00"}, "Enter a date between 1900 and 2200."),
        ({"contact": "p_nobody"}, "Select a valid choice"),
        ({"assignee": ""}, "This field is required"),
        ({"idempotency_key": "no"}, ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(web, wrong, words):
    client = make_client(owner=web.user)
    data = {"client": client.public_id, "text": "Why?", "channel": "call", "urgency": "normal"}
    answer = post(web, "request_new", **{**data, "assignee": web.user.public_id, **wrong})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Request.objects.exists()


def test_a_request_asked_in_an_entry_knows_when_who_and_how(web):
    client = make_client(owner=web.user)
    rosa = make_contact(client=client)
    entry = make_interaction(
        client=client, kind="email", contacts=[rosa], happened_at=NOW - timedelta(minutes=18), direction="theirs"
    )
    html = page(web, "request_new", query=f"?client={client.public_id}&interaction={entry.public_id}")
    assert 'value="2026-11-19T09:12"' in html
    assert f'value="{rosa.public_id}" selected' in html
    assert 'value="email" selected' in html


# -------------------------------------------------------------------- the list


def test_what_waits_stands_in_the_order_of_its_due_with_the_time_left(web):
    client = make_client(owner=web.user, name="Northgate Foods")
    make_request(client=client, text="Later", asked_at=NOW - timedelta(minutes=10))
    make_request(client=client, text="Over", asked_at=datetime(2026, 11, 18, 9, tzinfo=UTC))
    make_request(client=client, text="Soon", urgency="urgent", asked_at=datetime(2026, 11, 18, 16, 22, tzinfo=UTC))
    html = page(web, "requests")
    assert texts(html) == ["Over", "Soon", "Later"]
    times = re.findall(r'title="Due [^"]+">([^<]+)</time>', html)
    assert times == ["1 h over", "22 min left", "7 h 50 left"]
    assert re.findall(r"clock-(late|soon|ok)", html) == ["late", "soon", "ok"]


def test_the_filters_of_the_address_leave_what_they_say(web):
    tom, client = make_user(), make_client(owner=web.user, name="Café Nord")
    mine = make_request(client=client, text="Mine", channel="email", asked_at=NOW - timedelta(days=3))
    make_request(client=client, text="Tom’s", assignee=tom)
    done = make_request(client=make_client(owner=web.user), text="Done")
    done.answer(by=web.user, now=NOW)
    none = make_request(text="Spam")
    none.no_reply(by=web.user, now=NOW, why="Spam")
    shown = {
        "": ["Mine", "Tom’s"],
        "?assignee=me": ["Mine"],
        f"?assignee={tom.public_id}": ["Tom’s"],
        "?assignee=u_nobody": [],
        "?overdue=yes": ["Mine"],
        "?channel=email": ["Mine"],
        "?state=answered": ["Done"],
        "?state=no_reply": ["Spam"],
        f"?client={client.public_id}": ["Mine", "Tom’s"],
        "?client=c_nobody": [],
        "?q=cafe nord mine": ["Mine"],
        "?until=2026-11-17": ["Mine"],
        "?since=2026-11-17": ["Tom’s"],
        "?came=late": ["Mine"],
        "?came=in_time": ["Done"],
        "?came=counted": ["Done", "Mine"],
        "?state=rubbish&sort=rubbish&since=rubbish&after=rubbish": ["Mine", "Tom’s"],
    }
    assert {query: texts(page(web, "requests", query=query)) for query in shown} == shown
    assert mine.is_waiting


def test_the_list_pages_by_its_edge(web, monkeypatch):
    monkeypatch.setattr("clients.requests.list_views.PAGE", 2)
    for n in range(5):
        make_request(client=make_client(owner=web.user), text=f"Q{n}", asked_at=NOW - timedelta(minutes=50 - n))
    found, query = [], ""
    for _page in range(3):
        html = page(web, "requests", query=query)
        found += texts(html)
        after = re.search(r'rel="next" href="([^"]+)"', html)
        query = after[1].replace("&amp;", "&") if after else ""
    assert found == ["Q0", "Q1", "Q2", "Q3", "Q4"]


@pytest.mark.parametrize("name", ["requests", "request_figures"])
def test_more_rows_cost_no_more_queries(web, name):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def ask(n):
        for _n in range(n):
            client = make_client(owner=web.user)
            make_request(client=client, contact=make_contact(client=client), assignee=make_user())
            make_request(client=client, assignee=web.user)

    counts = []
    for n in (1, 2):
        ask(n)
        page(web, name)
        with CaptureQueriesContext(connection) as captured:
            page(web, name)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_an_empty_list_says_so_and_what_to_do(web):
    assert "Nobody waits for an answer." in page(web, "requests")
    assert "No request matches overdue." in page(web, "requests", query="?overdue=yes")


def test_the_export_holds_what_the_list_shows(web):
    client = make_client(owner=web.user, name="=cmd()")
    one = make_request(client=client, text="Why?", asked_at=NOW - timedelta(hours=20))
    one.answer(by=web.user, now=NOW, at=NOW - timedelta(hours=16, minutes=30))
    make_request(client=client, text="Not this")
    answer = web.get(reverse("requests_csv") + "?state=answered")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(f"{one.public_id},'=cmd(),,Why?,Call,Normal,Priya Raman,2026-11-18 13:30,")
    assert ",210,,,Answered," in lines[1]
    xlsx = web.get(reverse("requests_xlsx"))
    assert b"".join(xlsx.streaming_content)[:2] == b"PK"


# -------------------------------------------------------------------- acts


def test_one_click_answers_and_undo_lets_them_wait_again(web):
    one = make_request(client=make_client(owner=web.user))
    answer = web.post(reverse("request_answered", args=[one.public_id]), headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert 'class="row-i req is-done"' in html
    assert reverse("request_reopen", args=[one.public_id]) in answer["HX-Trigger"]
    assert not Request.objects.waiting().exists()
    web.post(reverse("request_reopen", args=[one.public_id]))
    assert Request.objects.waiting().get() == one


def test_the_slower_one_reads_who_answered(web):
    one = make_request(client=make_client(owner=web.user))
    Request.objects.get().answer(by=make_user(name="Tom Okafor"), now=NOW)
    answer = web.post(reverse("request_answered", args=[one.public_id]), follow=True)
    assert "Tom Okafor has already answered" in answer.content.decode()
    assert RequestEvent.objects.filter(kind="answered").count() == 1


def test_an_entry_that_is_there_can_be_the_answer(web):
    client = make_client(owner=web.user)
    one = make_request(client=client, asked_at=NOW - timedelta(minutes=25))
    entry = make_interaction(client=client, body="Sent the quote.", happened_at=NOW - timedelta(minutes=5))
    before = make_interaction(client=client, body="Long ago.", happened_at=NOW - timedelta(days=3))
    html = page(web, "request_answer", one.public_id)
    assert entry.public_id in html
    assert before.public_id not in html
    refused = post(web, "request_answer", one.public_id, interaction=before.public_id)
    assert refused.status_code == 302  # the verb says why
    assert Request.objects.get().is_waiting
    post(web, "request_answer", one.public_id, interaction=entry.public_id)
    one.refresh_from_db()
    assert (one.first_answer, one.answer_minutes) == (entry, 20)


def test_no_reply_needed_asks_why(web):
    one = make_request(client=make_client(owner=web.user))
    assert post(web, "request_no_reply", one.public_id, why="").status_code == 422
    post(web, "request_no_reply", one.public_id, why="It settled itself")
    one.refresh_from_db()
    assert (one.closed_how, one.closed_why) == ("no_reply", "It settled itself")
    assert "It settled itself" in page(web, "request", one.public_id)


def test_handing_over_says_who_is_away_and_leaves_out_who_may_not_see_it(web):
    from accounts.models import Absence

    tom = make_user(name="Tom Okafor")
    Absence.objects.create(user=tom, starts_on="2026-11-16", ends_on="2026-11-27")
    one = make_request(client=make_client(owner=web.user, visibility="team_only", team=[tom]))
    outsider = make_user()
    html = page(web, "request_hand_over", one.public_id)
    assert "Tom Okafor, away until 27 Nov" in html
    assert outsider.public_id not in html
    assert post(web, "request_hand_over", one.public_id, to=outsider.public_id).status_code == 422
    post(web, "request_hand_over", one.public_id, to=tom.public_id, note="Yours?")
    one.refresh_from_db()
    assert one.assignee == tom
    html = page(web, "request", one.public_id)
    assert "handed it to Tom Okafor" in html
    assert "Yours?" in html


def test_asking_again_after_an_answer_starts_the_clock_anew(web):
    one = make_request(client=make_client(owner=web.user), asked_at=NOW - timedelta(hours=1))
    one.answer(by=web.user, now=NOW)
    post(web, "request_again", one.public_id)
    one.refresh_from_db()
    assert one.waiting_since == NOW
    assert "They asked again on" in page(web, "request", one.public_id)


def test_two_who_edit_lose_nothing(web):
    one = make_request(client=make_client(owner=web.user), text="What does it cost?")
    html = page(web, "request_edit", one.public_id)
    was = re.search(r'name="was" value="([^"]+)"', html)[1]
    data = {"text": "Mine", "contact": "", "channel": "call", "asked_at": "2026-11-19T09:30", "urgency": "normal"}
    Request.objects.get().edit(by=make_user(name="Tom Okafor"), now=NOW, version=1, text="Theirs")
    answer = post(web, "request_edit", one.public_id, **data, version=1, was=was)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Mine" in html
    assert "Theirs" in html
    assert Request.objects.get().text == "Theirs"


def test_editing_without_touching_the_moment_leaves_the_clock(web):
    one = make_request(client=make_client(owner=web.user), asked_at=NOW - timedelta(seconds=20))
    data = {"text": "Why?", "contact": "", "channel": "call", "asked_at": "2026-11-19T09:29", "urgency": "normal"}
    assert post(web, "request_edit", one.public_id, **data, version=1).status_code == 302
    assert Request.objects.get().answer_due_at == one.answer_due_at


def test_removed_it_is_in_the_trash_and_comes_back(web):
    one = make_request(client=make_client(owner=web.user), text="Gone?")
    post(web, "request_remove", one.public_id)
    assert texts(page(web, "requests", query="?state=all")) == []
    assert "This request is in the trash." in page(web, "request", one.public_id)
    assert web.post(reverse("request_answered", args=[one.public_id])).status_code == 404
    post(web, "request_restore", one.public_id)
    assert texts(page(web, "requests")) == ["Gone?"]


# -------------------------------------------------------------------- who may

ACTS = ["answered", "answer", "no_reply", "again", "reopen", "hand_over", "remove", "restore", "edit"]


def test_a_closed_client_is_there_for_its_team_and_managers_only():
    colleague = make_user()
    client = make_client(visibility="team_only", team=[colleague], name="Hidden Holdings")
    one = make_request(client=client, text="A secret?", assignee=client.owner)
    outsider = browser_of(make_user())
    for name in ("request", *(f"request_{act}" for act in ACTS)):
        path = reverse(name, args=[one.public_id])
        assert outsider.get(path).status_code in (404, 405), name
        assert outsider.post(path).status_code in (404, 405), name
    for query in ("", "?state=all", "?q=secret", f"?client={client.public_id}"):
        assert "secret" not in re.sub(r'value="[^"]*"|“[^”]*”|q=\w+', "", page(outsider, "requests", query=query))
    assert "secret" not in b"".join(outsider.get(reverse("requests_csv")).streaming_content).decode()
    assert "Hidden" not in page(outsider, "request_figures")
    assert "Hidden Holdings" not in page(outsider, "request_new", query="?client_name=Hidden", status=422)
    for inside in (colleague, make_manager()):
        assert "A secret?" in page(browser_of(inside), "request", one.public_id)
        assert texts(page(browser_of(inside), "requests")) == ["A secret?"]
    assert Request.objects.get().version == one.version


def test_who_may_read_and_not_write_sees_no_buttons(web):
    one = make_request(client=make_client(), text="Open to read?")
    html = page(web, "request", one.public_id)
    assert "Answered just now" not in html
    assert web.post(reverse("request_answered", args=[one.public_id])).status_code == 404


# -------------------------------------------------------------------- on other pages


def test_the_menu_counts_what_waits_for_me_and_says_what_is_over(web):
    client = make_client(owner=web.user)
    make_request(client=client)
    assert re.search(r'href="/requests/"[^>]*>.*?Requests<span class="n">1</span>', page(web, "requests"), re.DOTALL)
    make_request(client=client, asked_at=NOW - timedelta(days=4))
    assert '<span class="n t-late">1 over</span>' in page(web, "requests")


def test_the_client_page_shows_what_waits_first_and_says_it_among_the_reasons(web):
    client = make_client(owner=web.user)
    make_request(client=client, text="Waits?")
    make_request(client=client, text="Long waits?", asked_at=datetime(2026, 11, 18, 9, tzinfo=UTC))
    answered = make_request(client=client, text="Answered?", asked_at=NOW - timedelta(days=7))
    answered.answer(by=web.user, now=NOW)
    html = page(web, "client", client.public_id)
    assert [text for text in texts(html) if text.endswith("?")] == ["Long waits?", "Waits?", "Answered?"]
    assert "2 requests wait, one 1 h over" in html
    assert f'href="{reverse("request_new")}?client={client.public_id}' in html


def test_the_timeline_tells_what_was_asked_and_answered(web):
    client = make_client(owner=web.user)
    rosa = make_contact(client=client, name="Rosa Delgado")
    one = make_request(client=client, contact=rosa, text="What does it cost?", asked_at=NOW - timedelta(hours=2))
    one.answer(by=web.user, now=NOW)
    html = page(web, "client_timeline", client.public_id, query="?kind=requests")
    assert "Rosa Delgado" in html
    assert html.count("What does it cost?") >= 2


def test_a_double_click_answers_once_and_still_offers_undo(web):
    asked = make_request(client=make_client(owner=web.user))
    url = reverse("request_answered", args=[asked.public_id])

    toasts = [json.loads(web.post(url, headers={"HX-Request": "true"})["HX-Trigger"])["toast"] for _click in range(2)]

    undo = reverse("request_reopen", args=[asked.public_id])
    assert toasts == [{"text": "Answered.", "undo": undo}] * 2
    assert RequestEvent.objects.filter(request=asked, kind="answered").count() == 1


def test_somebody_slower_reads_who_answered_and_when(web):
    asked = make_request(client=make_client(owner=web.user))
    other = make_user(name="Tom Okafor")
    asked.answer(by=other, now=NOW)

    answer = web.post(reverse("request_answered", args=[asked.public_id]), headers={"HX-Request": "true"})

    told = json.loads(answer["HX-Trigger"])["toast"]
    assert told["undo"] == ""
    assert re.fullmatch(r"Tom Okafor has already answered, on \w{3} \d+ \w{3}, \d\d:\d\d\.", told["text"])

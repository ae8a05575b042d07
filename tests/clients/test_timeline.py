"""One stream of everything that happened with a client: in order, complete, filtered, and nothing of anybody else's."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients import timeline
from clients.files import store
from clients.models import Interaction, Request
from clients.timeline import Asked, Entry, Place, key_of
from clients.timeline.marking import marked
from promises.models import Promise
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_promise, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def walk(client, *, size, user, **asked):
    """Every entry from the newest page to the last, by its “Show older”, and back again by “Show newer”."""
    down, place = [], None
    while True:
        page = timeline.page(client, user=user, before=place, size=size, **asked)
        down += page.entries
        if not page.older:
            break
        place = Place.read(page.older)
    up, place = [], Place(datetime(1971, 1, 1, tzinfo=UTC))
    while True:
        page = timeline.page(client, user=user, after=place, size=size, **asked)
        up = page.entries + up
        if not page.newer:
            return down, up
        place = Place.read(page.newer)


def keys(entries):
    return [entry.key for entry in entries]


# ------------------------------------------------------------------ paging
@given(
    moments=st.lists(st.tuples(st.sampled_from("iwm"), st.integers(0, 3)), max_size=40),
    size=st.integers(1, 7),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_mix_of_entries_of_equal_moments_is_paged_once_and_in_order(monkeypatch, moments, size):
    made = [
        Entry(at=NOW + minutes * DAY, key=key_of(letter, n), mark="", words="")
        for n, (letter, minutes) in enumerate(moments, 1)
    ]

    def source(letter):
        return lambda client, user, asked: asked.few([entry for entry in made if entry.key[0] == letter])

    with monkeypatch.context() as patch:
        patch.setattr(timeline.stream, "_sources", [(source(letter), "") for letter in "iwm"])
        down, up = walk(None, size=size, user=None)

    assert down == up == sorted(made, key=lambda entry: entry.place, reverse=True)


@pytest.fixture
def busy(clock):
    """Calls and promises of two moments only, so that one moment fills many pages."""
    client = make_client()
    rosa, greg = make_contact(client=client, name="Rosa"), make_contact(client=client, name="Greg")
    tom = make_user(name="Tom Okafor")
    for n in range(24):
        make_interaction(
            client=client,
            contacts=[rosa] if n % 2 else [greg],
            author=tom if n % 3 else client.owner,
            body="Café" if n % 4 else "Tea",
            happened_at=NOW - (n % 2) * DAY,
        )
    for n in range(9):
        make_promise(
            client=client,
            contact=rosa if n % 2 else greg,
            what=f"Café {n}",
            now=NOW - (n % 2) * DAY,
            owner=client.owner,
        )
    client.rosa, client.tom = rosa, tom
    return client


@pytest.mark.parametrize("size", [1, 2, 5, 12])
@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 33),
        ({"kind": "contacts"}, 24),
        ({"kind": "promises"}, 9),
        ({"words": "cafe"}, 27),
        ({"words": "CAFÉ", "kind": "contacts"}, 18),
    ],
)
def test_paging_any_filter_yields_every_entry_once_down_and_up(busy, asked, count, size):
    down, up = walk(busy, size=size, user=busy.owner, **asked)

    assert keys(down) == keys(up)
    assert len(down) == len(set(keys(down))) == count
    assert [entry.place for entry in down] == sorted((entry.place for entry in down), reverse=True)


def test_the_person_filter_knows_both_sides(busy):
    def told(person):
        down, _up = walk(busy, size=7, user=busy.owner, person=person)
        return len(down)

    assert (told(busy.rosa), told(busy.tom), told(make_user()), told(make_contact())) == (12 + 4, 16, 0, 0)


def test_a_deep_page_asks_as_much_as_the_first(web, clock):
    client = make_client(owner=web.user)
    for n in range(80):
        make_interaction(client=client, happened_at=NOW - n * DAY)
    first, deep = (
        f"{client.get_absolute_url()}timeline/?before={Place(NOW - days * DAY, key_of('i', 1))}" for days in (1, 50)
    )
    web.get(first)

    costs = []
    for address in (first, deep):
        with CaptureQueriesContext(connection) as asked:
            web.get(address)
        costs.append(len(asked))

    assert costs[0] == costs[1] <= 20


@pytest.mark.parametrize("text", ["", None, "x", "1.", "9" * 30 + ".i1", "1.i" + "9" * 30, "2026-13-01", "0001-01-01"])
def test_a_made_up_place_is_no_place(text):
    assert Place.read(text) is None


def test_a_place_survives_its_address():
    place = Place(NOW + timedelta(microseconds=7), key_of("w", 42))

    assert Place.read(str(place)) == place
    assert Place.read(NOW.isoformat()) == Place(NOW)


def test_one_source_asks_the_database_for_no_more_than_fits(busy):
    asked = Asked(limit=3, before=Place(NOW, key_of("i", 10**6)))

    told = timeline.contacts.contacts(busy, busy.owner, asked)

    assert [len(question.rows()) for question in told.questions] == [3]


# ------------------------------------------------------------------ the page
def links(text, words):
    """The address of the link that says these words."""
    before = text.partition(words)[0]
    return before.rpartition("<a ")[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")


def test_show_older_keeps_the_filters_and_needs_no_script(web, clock):
    client = make_client(owner=web.user)
    rosa = make_contact(client=client, name="Rosa")
    for n in range(30):
        make_interaction(client=client, contacts=[rosa], body=f"Blue {n:02}", happened_at=NOW - n * DAY)
    asked = f"?kind=contacts&person={rosa.public_id}&q=blue"

    first = web.get(client.get_absolute_url() + asked)
    older = links(first.text, "Show older")
    second = web.get(older)

    assert {name: parse_qs(urlsplit(older).query)[name] for name in ("kind", "person", "q")} == {
        "kind": ["contacts"], "person": [rosa.public_id], "q": ["blue"],
    }  # fmt: skip
    assert [entry.body for entry in second.context["told"].entries] == [f"Blue {n:02}" for n in range(20, 30)]
    assert "Show older" not in second.text
    newer = web.get(links(second.text, "Show newer"))
    assert [entry.body for entry in newer.context["told"].entries] == [f"Blue {n:02}" for n in range(20)]


def test_words_are_found_without_accents_and_marked_as_they_were_written(web, clock):
    client = make_client(owner=web.user)
    make_interaction(client=client, body="Über die <b>Königliche</b> Café-Runde")
    make_interaction(client=client, body="Nothing of it")

    page = web.get(client.get_absolute_url() + "timeline/?q=konig+CAFE").text

    assert "<mark>König</mark>liche" in page
    assert "<mark>Café</mark>" in page
    assert "&lt;b&gt;" in page
    assert "Nothing of it" not in page


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Straße", ["strasse"], "<mark>Straße</mark>"),
        ("e\u0301te\u0301", ["ete"], "<mark>e\u0301te\u0301</mark>"),
        ("aaa", ["aa"], "<mark>aa</mark>a"),
        ("ab abc", ["ab", "abc"], "<mark>ab</mark> <mark>ab</mark><mark>c</mark>"),
        ("<i>", ["i"], "&lt;<mark>i</mark>&gt;"),
        ("a\nb", [], "a<br>b"),
        ("a\r\nb", ["b"], "a<br><mark>b</mark>"),
    ],
)
def test_marking(text, words, shown):
    assert marked(text, words) == shown


def test_a_day_is_jumped_to_by_the_readers_clock(web, clock):
    client = make_client(owner=web.user)
    for n in range(5):
        make_interaction(client=client, body=f"{n} days ago", happened_at=NOW - n * DAY)

    def told(day):
        page = web.get(f"{client.get_absolute_url()}timeline/", {"day": day})
        return [entry.body for entry in page.context["told"].entries]

    assert told("2026-11-17") == ["2 days ago", "3 days ago", "4 days ago"]
    assert told("2026-10") == []
    assert len(told("2026-11")) == len(told("nonsense")) == len(told("9999-99-99")) == 5


def test_every_entry_has_a_link_that_opens_it_in_its_place(web, clock):
    client = make_client(owner=web.user)
    entries = [make_interaction(client=client, body=f"No. {n}", happened_at=NOW - n * DAY) for n in range(30)]
    make_promise(client=client, what="Send it", now=NOW - 15 * DAY)
    told = timeline.page(client, user=web.user, size=100).entries
    wanted = next(entry for entry in told if entry.thing == "Send it")

    for ref in (entries[12].public_id, wanted.ref):
        page = web.get(client.get_absolute_url() + "timeline/", {"entry": ref})
        assert [entry.ref for entry in page.context["told"].entries].index(ref) == 5
        assert page.text.count("is-here") == 1
        assert "no longer in the timeline" not in page.text
    entries[12].remove(now=NOW)
    assert "no longer in the timeline" in web.get(
        client.get_absolute_url() + "timeline/", {"entry": entries[12].public_id}
    ).text  # fmt: skip


def test_a_link_to_an_entry_follows_it_when_its_day_is_corrected(web, clock):
    client = make_client(owner=web.user)
    entry = make_interaction(client=client, happened_at=NOW)
    entry.edit(happened_at=NOW - 90 * DAY)

    assert 'is-here" id="e-' in web.get(client.get_absolute_url() + "timeline/", {"entry": entry.public_id}).text


# ------------------------------------------------------------------ who may
def test_a_team_only_timeline_does_not_exist_for_others(clock):
    tom = make_user()
    client = make_client(visibility="team_only", team=[tom])
    entry = make_interaction(client=client, body="Secret")
    address = f"{client.get_absolute_url()}timeline/?entry={entry.public_id}"

    answers = [browser_of(user).get(address).status_code for user in (make_user(), tom, client.owner, make_manager())]

    assert answers == [404, 200, 200, 200]


def test_no_person_or_entry_of_another_client_is_shown(web, clock):
    closed = make_client(visibility="team_only")
    hidden = make_contact(client=closed, name="Hidden Person")
    entry = make_interaction(client=closed, contacts=[hidden], body="Hidden words")
    client = make_client(owner=web.user)
    make_interaction(client=client, body="Ours")

    for asked in ({"person": hidden.public_id}, {"entry": entry.public_id}, {"q": "hidden words"}):
        for page in ("", "timeline/"):
            text = web.get(client.get_absolute_url() + page, asked).text
            assert "Hidden Person" not in text
            assert "Hidden words" not in text


@pytest.mark.parametrize("text", ["\0", "\ud800", "x" * 100_000, "%", "🎉", "שלום", "p_", "u_nobody"])
@pytest.mark.parametrize("name", ["q", "person", "kind", "day", "before", "after", "entry"])
def test_nothing_asked_is_an_error(web, name, text):
    client = make_client(owner=web.user)
    asked = quote(text.encode("utf-8", "surrogatepass"))

    refused = text in ("\0", "\ud800")  # by the door, for every page
    assert web.get(f"{client.get_absolute_url()}timeline/?{name}={asked}").status_code == (400 if refused else 200)


# ------------------------------------------------------------------ what stands under an entry
def test_files_the_subject_and_what_came_of_it_stand_under_an_entry(web, clock):
    client = make_client(owner=web.user)
    entry = make_interaction(client=client, kind="email", direction="theirs", body="See the sheet")
    Interaction.objects.filter(pk=entry.pk).update(summary="Allowances")
    store.keep_bytes(b"a,b\n1,2\n", "sheet.csv", by=web.user, now=NOW, interaction=entry)
    Promise.objects.filter(pk=make_promise(client=client, what="Send it", now=NOW).pk).update(origin_interaction=entry)
    Request.objects.ask(client=client, by=web.user, now=NOW, text="When?", interaction=entry)

    [told] = timeline.page(client, user=web.user, kind="contacts").entries

    assert (told.thing, [file.name for file in told.files]) == ("Allowances", ["sheet.csv"])
    assert [(tag.kind, tag.words) for tag in told.tags] == [("them", "Request: When?"), ("us", "Send it, Thu 26 Nov")]
    assert "sheet.csv" in web.get(client.get_absolute_url()).text


def test_a_promise_made_in_an_entry_stands_there_as_its_tag_and_by_itself_among_promises(web, clock):
    client = make_client(owner=web.user)
    entry = make_interaction(client=client)
    promise = make_promise(client=client, what="Send it", now=NOW)
    Promise.objects.filter(pk=promise.pk).update(origin_interaction=entry)

    def told(**asked):
        return [bool(one.tags) and one.thing for one in timeline.page(client, user=web.user, **asked).entries]

    assert (told(), told(kind="promises"), told(words="send it")) == ([""], ["Send it"], ["Send it"])
    entry.remove(now=NOW)
    assert told() == ["Send it"]


def test_what_stands_under_entries_costs_no_query_each(web, clock):
    costs = []
    for count in (1, 3):
        client = make_client(owner=web.user)
        for _ in range(count):
            entry = make_interaction(client=client)
            store.keep_bytes(b"words", "a.txt", by=web.user, now=NOW, interaction=entry)
            Request.objects.ask(client=client, by=web.user, now=NOW, text="When?", interaction=entry)
        with CaptureQueriesContext(connection) as asked:
            timeline.page(client, user=web.user, kind="contacts")
        costs.append(len(asked))

    assert costs == [1, 1]

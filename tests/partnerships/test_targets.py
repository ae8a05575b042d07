"""Targets in working time, what is overdue, who hears of it, and what came back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import Workspace
from partnerships import clock as the_clock
from partnerships import digest, targets
from partnerships.models import Concern
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(web, clock):
    return make_client(name="Tidewell Water", owner=web.user)


def opened(client, **fields):
    return Concern.open(client, by=client.owner, now=NOW, **{"what_happened": "A late report.", **fields})


def test_targets_are_working_time_of_whoever_leads(client):
    concern, call = opened(client), opened(client, asked_for_call=True)

    # Thursday 09:30: one day on is Friday, two days are Monday, ten days are two weeks on.
    assert call.contact_due_at == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert concern.contact_due_at == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert concern.talk_due_at == datetime(2026, 12, 3, 9, 30, tzinfo=UTC)


def test_a_nuisance_has_no_targets(client):
    concern = opened(client, severity="minor")

    assert (concern.contact_due_at, concern.talk_due_at) == (None, None)
    assert not Concern.objects.overdue(NOW + timedelta(days=99)).exists()


def test_overdue_asks_the_same_of_the_database_and_of_the_record(client):
    fresh, called, held, done = (opened(client) for _ in range(4))
    called.note_contact(at=NOW, by=client.owner, now=NOW)
    held.hold(held_at=NOW, they_said="x", by=client.owner, now=NOW)
    done.resolve(outcome="x", promises=[], no_promise_because="x", by=client.owner, now=NOW)

    for days, expected in ((0, []), (5, [fresh]), (20, [fresh, called])):
        now = NOW + timedelta(days=days)
        assert list(Concern.objects.overdue(now).order_by("pk")) == expected
        assert [one for one in (fresh, called, held, done) if one.late(now)] == expected


def test_a_logged_call_is_the_first_contact_and_an_earlier_one_is_not(client):
    make_interaction(client=client, happened_at=NOW - timedelta(days=1))
    concern = opened(client)
    make_interaction(client=client, kind="note", direction="", happened_at=NOW + timedelta(hours=1))
    assert the_clock.note_contacts(NOW + timedelta(hours=2)) == 0

    make_interaction(client=client, happened_at=NOW + timedelta(hours=3))
    assert the_clock.note_contacts(NOW + timedelta(hours=4)) == 1

    concern.refresh_from_db()
    assert concern.first_contact_at == NOW + timedelta(hours=3)


def lines_of(user, now):
    return [(line.key.partition(":")[2].partition(":")[2], line.text) for line in digest.lines([user], now)[user.pk]]


def test_the_lead_hears_first_and_managers_a_working_day_later_once(client, web):
    concern, boss = opened(client), make_manager()
    due = concern.contact_due_at

    the_clock.plan(due + timedelta(hours=1))
    assert lines_of(web.user, due + timedelta(hours=1)) == [("contact:20261123", "Speak with Tidewell Water")]
    assert lines_of(boss, due + timedelta(hours=1)) == []

    for _ in range(2):
        the_clock.plan(due + timedelta(days=2))
    later = due + timedelta(days=2)
    assert lines_of(boss, later) == [("escalated:20261125", f"Tidewell Water still waits for {web.user.name}")]
    assert concern.events.filter(kind="escalated").count() == 1
    assert [event.by for event in concern.events.filter(kind="escalated")] == [None]


def test_a_late_talk_is_escalated_by_itself_after_a_late_first_contact_was(client, web):
    concern, boss = opened(client), make_manager()
    the_clock.plan(concern.contact_due_at + timedelta(days=2))
    concern.refresh_from_db()
    concern.note_contact(at=concern.escalated_at, by=web.user, now=concern.escalated_at)
    assert concern.escalated_at is None

    later = concern.talk_due_at + timedelta(days=4)
    the_clock.plan(later)

    assert lines_of(boss, later) == [(f"escalated:{later:%Y%m%d}", f"Tidewell Water still waits for {web.user.name}")]
    assert concern.events.filter(kind="escalated").count() == 2


def test_the_digest_of_others_says_nothing_of_it(client):
    opened(client)

    assert lines_of(make_user(), NOW + timedelta(days=9)) == []


def test_a_talk_nobody_spoke_of_since_is_asked_after(client, web):
    concern = opened(client)
    concern.plan_talk(at=NOW + timedelta(days=1), where="", people=[], by=web.user, now=NOW)

    assert lines_of(web.user, NOW + timedelta(days=2)) == [
        ("held:20261120", "Write down how the talk with Tidewell Water went")
    ]


def test_the_same_kind_of_cause_within_twelve_months_is_a_recurrence(client):
    cause = {"cause_kind": "slow"}
    old = Concern.open(client, by=client.owner, now=NOW - timedelta(days=400), what_happened="x", **cause)
    before = Concern.open(client, by=client.owner, now=NOW - timedelta(days=300), what_happened="x", **cause)
    again = opened(client, **cause)

    assert (old.recurrence_of, before.recurrence_of, again.recurrence_of) == (None, old, before)
    assert opened(make_client(), **cause).recurrence_of is None
    assert opened(client, cause_kind="money").recurrence_of is None
    assert opened(client, cause_kind="other").recurrence_of is None
    assert opened(client, cause_kind="other").recurrence_of is None
    assert [event.kind for event in again.events.all()] == ["opened", "recurrence"]


def test_a_cause_that_is_told_later_finds_the_recurrence_too_and_managers_hear(client, web):
    before = opened(client, cause_kind="slow")
    again = Concern.open(client, by=web.user, now=NOW + timedelta(days=1), what_happened="x")
    form = {"version": again.version, "what_happened": "x", "origin": "told", "severity": "serious"}

    web.post(reverse("concern_edit", args=[again.public_id]), {**form, "cause_kind": "slow"})

    again.refresh_from_db()
    assert again.recurrence_of == before
    assert ("recurrence", "It happened again at Tidewell Water: Slow answers") in lines_of(make_manager(), NOW)
    assert "It happened again: Slow answers" in web.get(client.get_absolute_url()).content.decode()


def test_the_months_of_a_recurrence_are_a_setting(client):
    Workspace.objects.update_or_create(pk=1, defaults={"recurrence_months": 6})
    Concern.open(client, by=client.owner, now=NOW - timedelta(days=200), what_happened="x", cause_kind="slow")

    assert opened(client, cause_kind="slow").recurrence_of is None


@pytest.mark.parametrize(
    ("day", "months", "expected"), [("2026-03-31", 1, "2026-02-28"), ("2026-01-15", 12, "2025-01-15")]
)
def test_months_before(day, months, expected):
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)

    assert f"{targets.months_before(moment, months):%Y-%m-%d}" == expected


def test_an_edit_on_a_stale_copy_shows_both_and_loses_nothing(client, web):
    concern = opened(client)
    form = {"what_happened": "Mine", "origin": "told", "severity": "serious", "version": concern.version}
    Concern.objects.update(what_happened="Theirs", version=concern.version + 1)

    page = web.post(reverse("concern_edit", args=[concern.public_id]), form)

    assert page.status_code == 409
    text = page.content.decode()
    assert "Mine" in text
    assert "Theirs" in text
    concern.refresh_from_db()
    assert concern.what_happened == "Theirs"


def test_somebody_who_leaves_hands_their_talks_over(client, web):
    from partnerships import handover

    leaver, heir = make_user(), make_user()
    concern = opened(client, lead=leaver)
    second = opened(client, second=leaver)

    assert handover.count(leaver) == 2
    handover.move(leaver, to=heir, by=web.user, now=NOW)

    concern.refresh_from_db()
    second.refresh_from_db()
    assert (concern.lead, second.second, handover.count(leaver)) == (heir, heir, 0)
    assert concern.events.last().kind == "handed_over"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_the_export_and_my_day_cost_the_same_for_any_length(web, client, count, django_assert_max_num_queries):
    for _ in range(count):
        opened(make_client(owner=web.user), lead=make_user())

    with django_assert_max_num_queries(14):
        assert web.get(reverse("concerns"), {"state": "all"}).status_code == 200
    with django_assert_max_num_queries(8):
        assert len(b"".join(web.get(reverse("concerns_export")).streaming_content).splitlines()) == count + 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_people_and_events(web, client, count, django_assert_max_num_queries):
    concern = opened(client)
    for _ in range(count):
        concern.talk_with.add(make_contact(client=client))
        concern.tell("contacted", by=web.user, now=NOW)

    for step in ("look", "book", "hold", "follow"):
        with django_assert_max_num_queries(32):
            assert web.get(f"{concern.get_absolute_url()}?step={step}").status_code == 200


def test_the_list_finds_by_words_state_owner_cause_and_in_time(web, client, clock):
    late = opened(client, what_happened="The ledger was late", cause_kind="told_late")
    other = opened(make_client(name="Corbel & Stone", owner=make_user()), what_happened="A rude mail")
    other.hold(held_at=NOW, they_said="x", by=web.user, now=NOW)
    clock.move_to(NOW + timedelta(days=30))
    web = browser_of(web.user)

    def found(**query):
        text = web.get(reverse("concerns"), query).content.decode()
        return [one for one in (late, other) if one.what_happened in text]

    assert found() == [late, other]
    assert found(q="ledger") == [late]
    assert found(q="corbel") == [other]
    assert found(due="overdue") == [late]
    assert found(state="agreed") == [other]
    assert found(owner="me") == [late]
    assert found(cause="told_late") == [late]
    assert found(again="yes") == []
    assert found(sort="-severity", state="nonsense", due="x", owner="") == [late, other]


def test_the_export_is_what_is_filtered_and_runs_no_formula(web, client):
    opened(client, what_happened='=HYPERLINK("http://x")')

    text = b"".join(web.get(reverse("concerns_export")).streaming_content).decode()

    assert "'=HYPERLINK" in text
    assert len(text.splitlines()) == 2


def test_what_one_leads_is_on_their_day(web, client):
    opened(client)

    text = web.get(reverse("my_day")).content.decode()

    assert "To clear the air" in text
    assert "First contact by Mon 23 Nov" in text


def test_whoever_leads_hears_of_a_case_somebody_else_or_the_survey_opened(client, web):
    mine = opened(client)
    asked = Concern.open(client, by=None, now=NOW, what_happened="x", origin="survey")
    other = Concern.open(client, by=make_manager(), now=NOW, what_happened="x")

    keys = {line.key for line in digest.lines([web.user], NOW)[web.user.pk]}

    assert keys == {f"case:{one.public_id}:open:20261123" for one in (asked, other)}
    assert mine.public_id not in str(keys)


def test_what_the_old_owner_led_goes_along_with_the_client(client, web):
    from clients import handover as clients_handover

    heir, other = make_user(), make_user()
    led, others = opened(client, lead=client.owner), opened(client, lead=other)

    clients_handover.give_to(client, to=heir, by=web.user, now=NOW)

    led.refresh_from_db()
    others.refresh_from_db()
    assert (led.lead, others.lead) == (heir, other)

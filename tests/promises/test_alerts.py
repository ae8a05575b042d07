"""The page on alerts: each rule in words, what it said, and what came of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Workspace
from promises import alerts
from promises.models import Reminder
from promises.reminders.rules import RULES
from tests.conftest import NOW
from tests.make import make_client, make_promise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def say(promise, *, days_ago=1, rule="choose", to=None, acted_after=None, **fields):
    said_at = NOW - days_ago * DAY
    return Reminder.objects.create(
        promise=promise, rule=rule, to=to or promise.owner, about_at=fields.pop("about_at", said_at), said_at=said_at,
        acted_at=said_at + acted_after if acted_after else None, **fields,
    )  # fmt: skip


def tally_of(user, rule="choose"):
    found = alerts.tallies(alerts.concerning(user), now=NOW, workspace=Workspace.current())
    return next(tally for tally in found if tally.rule.name == rule)


def test_counts_by_period_and_what_was_acted_on_within_two_working_days(manager_web):
    promise = make_promise(now=NOW)
    say(promise, days_ago=91, acted_after=HOUR)  # too long ago to count
    say(promise, days_ago=40, acted_after=HOUR)
    say(promise, days_ago=20, acted_after=9 * DAY)  # too late
    say(promise, days_ago=15)  # nothing since
    say(promise, days_ago=1)  # may still come
    say(promise, days_ago=1, rule="due", acted_after=3 * HOUR)

    tally, due = tally_of(manager_web.user), tally_of(manager_web.user, "due")

    assert (tally.lately, tally.quarter, tally.judged, tally.acted) == (3, 4, 3, 1)
    assert (due.lately, due.quarter, due.judged, due.acted, due.median_words) == (1, 1, 1, 1, "3 hours")


def test_every_rule_is_said_in_words_with_its_setting(manager_web):
    Workspace.objects.filter(pk=1).update(word_before_days=3, manager_after_days=7)

    page = manager_web.get(reverse("promise_alerts")).content.decode()

    assert [rule for rule in RULES.values() if str(rule.label) not in page.replace("&#x27;", "'")] == []
    assert "3 working days before the last early moment" in page
    assert "late by 2 working days for a critical promise of ours and 7 for others" in page
    assert "between 20:00 and 07:00 it waits for the morning" in page


def test_a_word_that_never_went_out_is_not_counted(manager_web):
    from outbox.models import Email

    promise = make_promise(now=NOW)
    email, _new = Email.objects.queue(kind="promises.digest", key="a", to="a@b.example", subject="One late")
    say(promise, email=email)
    assert tally_of(manager_web.user).quarter == 1

    email.cancel("It would have arrived too late.")

    assert tally_of(manager_web.user).quarter == 0


def test_others_see_what_was_said_to_them_or_about_their_promises(web, manager_web):
    mine = make_promise(owner=web.user, now=NOW, what="Mine, late")
    someone = make_promise(now=NOW, what="Somebody else’s")
    say(mine)
    say(mine, rule="escalated", to=manager_web.user)
    say(someone)
    handed = make_promise(client=make_client(visibility="team_only"), now=NOW, what="Not for my eyes any more")
    say(handed, to=web.user)

    def listed(browser):
        rows = browser.get(reverse("promise_alerts")).context["rows"]
        return sorted((word.promise.what, word.rule) for word, _whom in rows)

    assert listed(web) == [("Mine, late", "choose"), ("Mine, late", "escalated")]
    assert len(listed(manager_web)) == 4
    assert "Not for my eyes" not in web.get(reverse("promise_alerts")).content.decode()


def test_the_list_is_paged_by_moment_and_loses_none_of_many_at_once(manager_web):
    promise = make_promise(now=NOW)
    for number in range(alerts.PAGE + 5):
        say(promise, about_at=NOW - number * HOUR)
    address, seen = reverse("promise_alerts"), []

    older = ""
    while True:
        context = manager_web.get(address, {"before": older} if older else {}).context
        seen += [word.pk for word, _whom in context["rows"]]
        older = context["older"]
        if not older:
            break

    assert sorted(seen) == sorted(Reminder.objects.values_list("pk", flat=True))
    assert len(seen) == alerts.PAGE + 5


@pytest.mark.parametrize(
    "before", ["x", "2026-11-19~", "~1", "0001-01-01T00:00:00+23:59~1", "2026-11-19T00:00:00~1", "\x00"]
)
def test_a_mangled_page_mark_shows_the_newest(manager_web, before):
    say(make_promise(now=NOW))

    answer = manager_web.get(reverse("promise_alerts"), {"before": before})

    assert answer.status_code in (200, 400)


def test_the_list_is_filtered_by_rule_in_the_address(manager_web):
    promise = make_promise(now=NOW)
    say(promise)
    say(promise, rule="due")

    found = manager_web.get(reverse("promise_alerts"), {"rule": "due"})
    none = manager_web.get(reverse("promise_alerts"), {"rule": "no_word"})
    odd = manager_web.get(reverse("promise_alerts"), {"rule": "everything"})

    assert [word.rule for word, _whom in found.context["rows"]] == ["due"]
    assert "This rule has said nothing yet." in none.content.decode()
    assert len(odd.context["rows"]) == 2


def test_the_empty_page_says_what_will_be_here(web):
    assert "Nothing had to be said yet." in web.get(reverse("promise_alerts")).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_length(manager_web, count, django_assert_num_queries):
    for _ in range(count):
        say(make_promise(now=NOW))

    with django_assert_num_queries(7):
        manager_web.get(reverse("promise_alerts"))


@pytest.mark.parametrize(
    ("working_time", "words"),
    [(timedelta(minutes=1), "1 minute"), (timedelta(minutes=90), "2 hours"), (timedelta(hours=17), "2 working days")],
)
def test_time_to_act_in_its_largest_unit(working_time, words):
    assert alerts.time_words(working_time) == words

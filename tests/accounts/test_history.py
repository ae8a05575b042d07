import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import changes, saved_views
from accounts.lists import kinds
from accounts.models import Absence, Workspace
from clients.models import Client, FollowUp, Request
from tests.conftest import NOW, browser_of
from tests.firm import Firm
from tests.make import make_client, make_contact, make_interaction, make_manager, make_promise, make_user

pytestmark = pytest.mark.django_db


def of(kind, record):
    return reverse("history", args=[kind, getattr(record, "public_id", record)])


def test_who_changed_what_from_what_to_what(web):
    tom = make_user(name="Tom Reed")
    client = make_client(name="Tidewell", owner=web.user)
    fields = {"name": "Tidewell Water", "kind": "partner", "stage": "active", "visibility": "open", "version": 1}
    web.post(reverse("client_edit", args=[client.public_id]), {**fields, "time_zone": "Europe/London"})
    client.refresh_from_db()
    client.hand_over(to=tom)

    told = [(c.who, c.field, c.old, c.new) for c in changes.of(client, user=web.user)]

    assert told == [
        (None, "Owner", "Priya Raman", "Tom Reed"),
        (web.user, "Name", "Tidewell", "Tidewell Water"),
        (web.user, "Kind", "Client", "Partner"),
    ]
    page = web.get(reverse("client_history", args=[client.public_id])).content.decode()
    assert "<del>Priya Raman</del> → <ins>Tom Reed</ins>" in page


def test_days_and_hours_stand_by_the_readers_clock(web):
    entry = make_interaction(client=make_client(owner=web.user), happened_at=NOW)
    entry.happened_at = NOW.replace(month=7)
    entry.save()

    with timezone.override("Europe/London"):
        (change,) = changes.of(entry)

    assert (change.old[-5:], change.new[-5:]) == ("09:30", "10:30")


def test_every_record_has_a_page_of_its_history(admin_web):
    firm = Firm(owner=admin_web.user)
    asked = Request.objects.ask(client=firm.client, by=firm.owner, now=timezone.now(), text="When?")
    records = {
        "contact": firm.contact,
        "entry": firm.interaction,
        "request": asked,
        "promise": firm.promise,
        "concern": firm.concern,
        "suggestion": firm.suggestion,
        "user": firm.owner,
        "settings": "firm",
        "views": "clients",
        "follow-up": FollowUp.objects.create(client=firm.client, user=admin_web.user, due_on=NOW.date()),
    }

    assert set(records) == set(changes.pages)
    for kind, record in records.items():
        assert admin_web.get(of(kind, record)).status_code == 200, kind
    assert admin_web.get(of("nothing", firm.contact)).status_code == 404


def test_who_may_not_open_the_record_finds_no_history(web):
    firm = Firm(owner=make_user(), visibility="team_only")
    asked = Request.objects.ask(client=firm.client, by=firm.owner, now=timezone.now(), text="When?")
    records = {
        "contact": firm.contact,
        "entry": firm.interaction,
        "request": asked,
        "promise": firm.promise,
        "concern": firm.concern,
        "suggestion": firm.suggestion,
    }

    for kind, record in records.items():
        assert web.get(of(kind, record)).status_code == 404, kind
        assert browser_of(firm.owner).get(of(kind, record)).status_code == 200, kind
        assert browser_of(make_manager()).get(of(kind, record)).status_code == 200, kind


def test_the_history_of_people_and_settings_is_for_administrators(web, manager_web, admin_web):
    Absence.objects.create(user=web.user, starts_on=NOW.date(), ends_on=NOW.date())
    firm = Workspace.current()
    firm.save()
    firm.rhythm_days = 30
    firm.save()

    for address in (of("user", web.user), of("settings", "firm")):
        assert web.get(address).status_code == 404
        assert manager_web.get(address).status_code == 404
    assert "Away 19 " in admin_web.get(of("user", web.user)).content.decode()
    page = admin_web.get(of("settings", "firm")).content.decode()
    assert "<del>21</del> → <ins>30</ins>" in page


def test_a_corrected_promise_tells_what_it_said_before(clock, web):
    promise = make_promise(client=make_client(owner=web.user), what="Send the fee not", now=NOW)
    promise.correct(by=web.user, now=NOW, version=promise.version, what="Send the fee note")

    page = web.get(of("promise", promise)).content.decode()

    assert "<del>Send the fee not</del> → <ins>Send the fee note</ins>" in page


def test_a_moved_person_keeps_what_was_before_the_merge(web):
    from clients.merging import verbs

    kept, gone = make_client(owner=web.user), make_client(name="Tidewell Ltd", owner=web.user)
    rosa = make_contact(client=gone, name="Rosa")
    rosa.name = "Rosa Delgado"
    rosa.save()
    verbs.merge_clients(kept, gone, by=web.user, now=timezone.now())

    page = web.get(reverse("client_history", args=[kept.public_id])).content.decode()

    assert "<del>Rosa</del> → <ins>Rosa Delgado</ins>" in page
    assert "Tidewell Ltd" in page
    assert "merged into this one" in page


def test_two_hundred_changes_cost_no_more_queries_than_two(web, django_assert_max_num_queries):
    client = make_client(owner=web.user)
    for number in range(30):
        client.city = f"City {number}"
        client.save()

    with django_assert_max_num_queries(20):
        web.get(reverse("client_history", args=[client.public_id]))


def test_what_the_outbox_says_of_an_address_is_in_the_history():
    from clients import mail_states

    person = make_contact(client=make_client(), email="rosa@x.example")
    mail_states.came_back("rosa@x.example", NOW)

    assert [(c.field, c.old, c.new) for c in changes.of(person)] == [("Mail", "Receives mail", "Mail comes back")]


def test_leaving_and_coming_back_are_in_the_history(admin_web):
    from accounts import handover

    tom = make_user(name="Tom Reed")
    handover.leave(tom, by=admin_web.user, now=NOW)
    handover.come_back(tom, by=admin_web.user, now=NOW)

    assert [(c.old, c.new) for c in changes.of(tom) if c.field == "Works here"] == [("no", "yes"), ("yes", "no")]
    assert Client.objects.count() == 0


def test_what_a_verb_changes_by_a_conditional_update_is_in_the_history(clock, web):
    firm = Firm(owner=web.user)
    firm.concern.note_contact(at=NOW, by=web.user, now=NOW)
    firm.suggestion.decline("Too dear.", by=web.user, now=NOW)

    assert [change.old for change in changes.of(firm.concern)] == ["–"]
    assert ("State", "No answer yet", "Declined") in [(c.field, c.old, c.new) for c in changes.of(firm.suggestion)]


def test_the_first_change_of_what_was_written_in_bulk_keeps_how_it_read(web):
    entry = make_interaction(client=make_client(owner=web.user), body="As it was")
    entry.history.all().delete()
    fields = {"kind": entry.kind, "direction": entry.direction, "version": 1, "happened_at": "2026-11-10T09:00"}

    answer = web.post(entry.get_absolute_url(), {**fields, "body": "As it is"})

    assert answer.status_code == 302
    words = [(c.who, c.old, c.new) for c in changes.of(entry, user=web.user) if "As it was" in c.old]
    assert words == [(web.user, "As it was", "As it is")]


def test_what_became_of_a_shared_view_and_who_did_it_is_told_to_who_may_change_it(web, manager_web):
    kind = kinds.get("clients")
    mine = saved_views.save(web.user, kind, name="Mine", query="q=mine")
    view = saved_views.save(web.user, kind, name="Ours", query="stage=active", shared=True)
    address = reverse("saved_view", args=["clients", view.pk])
    manager_web.post(address, {"name": "Everybody’s", "shared": "on"})
    manager_web.post(reverse("saved_view_delete", args=["clients", view.pk]))

    told = [(h.about, h.what, h.who) for h in web.get(of("views", "clients")).context["happenings"]]

    assert told[:3] == [
        ("Everybody’s", "removed", manager_web.user),
        ("Everybody’s", "changed", manager_web.user),
        ("Ours", "added", None),
    ]
    assert [row for row in told if row[0] == mine.name] != []
    assert "Mine" not in manager_web.get(of("views", "clients")).content.decode()
    assert browser_of(make_user()).get(of("views", "clients")).context["happenings"] == []
    assert web.get(of("views", "nothing")).status_code == 404


def test_two_who_change_a_shared_view_at_once_hear_who_was_first(web, manager_web):
    view = saved_views.save(web.user, kinds.get("clients"), name="Ours", query="stage=active", shared=True)
    address = reverse("saved_view", args=["clients", view.pk])
    was = web.get(address).context["form"]["was"].value()
    manager_web.post(address, {"name": "Theirs", "shared": "on", "was": was})

    answer = web.post(address, {"name": "My own", "shared": "on", "was": was})

    assert (answer.status_code, answer.context["conflict"].who) == (409, manager_web.user)


@pytest.mark.django_db(transaction=True)
def test_what_is_written_in_bulk_and_its_history_are_kept_together_or_neither(monkeypatch):
    client = make_client(name="As it was")

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("accounts.remembered._keep", broken)
    client.name = "Changed"
    with pytest.raises(RuntimeError):
        Client.objects.bulk_update([client], ["name"])
    with pytest.raises(RuntimeError):
        Client.objects.bulk_create([Client(name="Added", owner=client.owner)])

    assert [one.name for one in Client.objects.all()] == ["As it was"]

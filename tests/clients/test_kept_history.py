"""However a record is written, its history says who did, when, and what it was before."""

import uuid
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts import changes, handover, invite, jobs
from accounts.lists import acts, kinds, long_acts
from accounts.models import Absence, SavedView, User
from accounts.remembered import acting, fill
from accounts.tables import read_table
from clients import mail_states
from clients.files import store
from clients.follow_ups import verbs as follow_ups
from clients.handover import give_one, give_to, take_back
from clients.importing import import_clients
from clients.merging import undoing, verbs
from clients.models import Attachment, Client, Contact, FollowUp, Interaction, Request, TeamMember
from partnerships.models import Concern, Suggestion
from tests.conftest import NOW, browser_of
from tests.make import make_client, make_contact, make_interaction, make_manager, make_promise, make_request, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
REMEMBERED = (
    Client, Contact, TeamMember, Interaction, Request, Attachment, FollowUp, User, Absence, SavedView, Concern,
    Suggestion,
)  # fmt: skip


@pytest.fixture
def firm(clock):
    """Somebody signed in, a colleague, and a client with a person, an entry, a file and a request."""
    me, tom, priya = make_manager(name="Elaine Wray"), make_user(name="Tom Reed"), make_user(name="Priya Raman")
    client = make_client(name="Tidewell", owner=priya)
    entry = make_interaction(client=client, body="As it was", happened_at=NOW - DAY)
    rosa = make_contact(client=client, name="Rosa", email="rosa@tidewell.example")
    with acting(me):
        yield SimpleNamespace(
            me=me, tom=tom, priya=priya, client=client, entry=entry, rosa=rosa,
            asked=make_request(client=client, now=NOW),
            file=store.keep(ContentFile(b"%PDF-1.4 x", name="Offer.pdf"), by=tom, now=NOW, interaction=entry),
            reminder=follow_ups.set_follow_up(client=client, user=priya, due_on=NOW.date(), note="Call"),
        )  # fmt: skip


def on_list(firm, page, name, record, *, undone=False, **raw):
    """One act on a list, as its page or a worker does it."""
    kind = kinds.get(page)
    kept, _new = acts.claim(kind, kind.acts[name], raw=raw, key=uuid.uuid4(), by=firm.me, now=NOW)
    _kind, act, choice = long_acts.found(kept)
    acts.do_part(kept, kind, act, [record.pk], by=firm.me, choice=choice, now=NOW)
    if undone:
        acts.undo_part(kept, kind, act, kept.data["entries"], by=firm.me, now=NOW)
    return record


def of_file(firm, text):
    import_clients(read_table(text.encode()), owner=firm.me)


def archived(firm):
    firm.client.archive(by=firm.me, now=NOW)
    return firm.client


def brought_back(firm):
    archived(firm).bring_back()
    return firm.client


def handed_and_back(firm):
    more = give_to(firm.client, to=firm.tom, by=firm.me, now=NOW)
    take_back(firm.client, to=firm.priya, more=more, by=firm.me, now=NOW)
    return firm.client


def left(firm):
    firm.rosa.leave(now=NOW)
    return firm.rosa


def removed(record, firm):
    record.remove(by=firm.me, now=NOW)
    return record


def restored(record, firm):
    removed(record, firm).restore()
    return record


def imported_client(firm):
    of_file(firm, "company name,city\nTidewell,Cardiff\n")
    return firm.client


def imported_person(firm):
    of_file(firm, "company name,contact name,email,job title\nTidewell,Rosa,rosa@tidewell.example,Director\n")
    return firm.rosa


def merged(firm, *, undone=False):
    gone = make_client(name="Tidewell Ltd", owner=firm.priya)
    ana = make_contact(client=gone, name="Ana")
    merge = verbs.merge_clients(firm.client, gone, by=firm.me, now=NOW)
    if undone:
        undoing.undo(merge, by=firm.me, now=NOW)
    return ana


def written_about_after(firm):
    """Said after the merge about somebody who then goes back: the entry goes along."""
    gone = make_client(name="Tidewell Ltd", owner=firm.priya)
    asked_by = make_contact(client=gone, name="Ana")
    merge = verbs.merge_clients(firm.client, gone, by=firm.me, now=NOW)
    asked_by.refresh_from_db()
    asked = make_request(client=firm.client, contact=asked_by, now=NOW)
    undoing.undo(merge, by=firm.me, now=NOW)
    return asked


def came_back(firm):
    mail_states.came_back(firm.rosa.email, NOW)
    return firm.rosa


def corrected(firm):
    firm.rosa.correct_address("r.delgado@tidewell.example", now=NOW)
    return firm.rosa


def edited(firm):
    firm.entry.edit(body="As it is")
    return firm.entry


def request_handed(firm):
    return firm.asked.hand_over(to=firm.tom, by=firm.me, now=NOW)


def reminder_moved(firm):
    follow_ups.change(firm.reminder, due_on=NOW.date() + DAY, note="Call")
    return firm.reminder


def reminder_given(firm):
    give_one(firm.priya, firm.client.public_id, to=firm.tom, by=firm.me, now=NOW)
    return firm.reminder


def invited(firm):
    new = User.objects.create_user("new@firm.example", name="New")
    return invite.invite_again(new, by=firm.me, now=NOW)


def gone_from_here(firm):
    handover.leave(firm.priya, to=firm.tom, by=firm.me, now=NOW)
    return firm.client


def view_given(firm):
    view = SavedView.objects.create(user=firm.priya, page="clients", name="Ours", shared=True)
    handover.leave(firm.priya, to=firm.tom, by=firm.me, now=NOW)
    return view


def in_bulk(firm):
    firm.client.city = "Cardiff"
    Client.objects.bulk_update([firm.client], ["city"])
    return firm.client


MOMENT = "the moment it was done"
WAYS = {
    "archived": (archived, ("Archived", "–", MOMENT)),
    "brought back": (brought_back, ("Archived", MOMENT, "–")),
    "handed over and taken back": (handed_and_back, ("Owner", "Tom Reed", "Priya Raman")),
    "in bulk": (in_bulk, ("City", "–", "Cardiff")),
    "list: handed over": (lambda f: on_list(f, "clients", "hand-over", f.client, to=f.tom.public_id),
                          ("Owner", "Priya Raman", "Tom Reed")),
    "list: handed over, undone": (lambda f: on_list(f, "clients", "hand-over", f.client, undone=True,
                                                    to=f.tom.public_id), ("Owner", "Tom Reed", "Priya Raman")),
    "list: stage": (lambda f: on_list(f, "clients", "stage", f.client, new_stage="dormant"),
                    ("Stage", "Active", "Dormant")),
    "list: stage, undone": (lambda f: on_list(f, "clients", "stage", f.client, undone=True, new_stage="dormant"),
                            ("Stage", "Dormant", "Active")),
    "list: tag": (lambda f: on_list(f, "clients", "add-tag", f.client, new_tag="water"), ("Tags", "–", "water")),
    "list: archived": (lambda f: on_list(f, "clients", "archive", f.client),
                       ("Archived", "–", MOMENT)),
    "imported again": (imported_client, ("City", "–", "Cardiff")),
    "its owner left the firm": (gone_from_here, ("Owner", "Priya Raman", "Tom Reed")),
    "person left": (left, ("Left the client", "–", MOMENT)),
    "list: person left": (lambda f: on_list(f, "contacts", "left", f.rosa),
                          ("Left the client", "–", MOMENT)),
    "list: part": (lambda f: on_list(f, "contacts", "part", f.rosa, new_part="finance"),
                   ("Part in surveys", "Other", "Finance")),
    "person removed": (lambda f: removed(f.rosa, f), ("Left the client", "–", MOMENT)),
    "person restored": (lambda f: restored(f.rosa, f), ("Left the client", MOMENT, "–")),
    "person imported again": (imported_person, ("Job title", "–", "Director")),
    "address corrected": (corrected, ("E-mail", "rosa@tidewell.example", "r.delgado@tidewell.example")),
    "mail came back": (came_back, ("Mail", "Receives mail", "Mail comes back")),
    "entry edited": (edited, ("What happened", "As it was", "As it is")),
    "entry removed": (lambda f: removed(f.entry, f), ("Removed", "–", MOMENT)),
    "entry restored": (lambda f: restored(f.entry, f), ("Removed", MOMENT, "–")),
    "list: entry removed": (lambda f: on_list(f, "interactions", "remove", f.entry),
                            ("Removed", "–", MOMENT)),
    "request removed": (lambda f: removed(f.asked, f), ("Removed", "–", MOMENT)),
    "request restored": (lambda f: restored(f.asked, f), ("Removed", MOMENT, "–")),
    "file removed": (lambda f: removed(f.file, f), ("Removed", "–", MOMENT)),
    "file restored": (lambda f: restored(f.file, f), ("Removed", MOMENT, "–")),
    "reminder moved": (reminder_moved, ("On", "19 Nov 2026", "20 Nov 2026")),
    "reminder given": (reminder_given, ("User", "Priya Raman", "Tom Reed")),
    "invited": (invited, ("Invited", "–", MOMENT)),
    "saved view given": (view_given, ("Owner", "Priya Raman", "Tom Reed")),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_however_a_record_is_changed_its_history_says_who_and_from_what_to_what(firm, way):
    act, expected = WAYS[way]
    with timezone.override("Europe/London"):
        record = act(firm)
        record = type(record)._base_manager.get(pk=record.pk)
        told = [(c.who and c.who.name, c.field, c.old, c.new) for c in changes.of(record)]

        moment = changes.plain(NOW)
    assert ("Elaine Wray", *(moment if word is MOMENT else word for word in expected)) in told


def test_what_a_merge_moves_says_where_it_was_and_what_an_undo_gives_back(firm):
    moved = merged(firm)
    moves = [(row.history_type, row.client.name, row.history_user) for row in moved.history.order_by("history_id")]

    assert moves == [("+", "Tidewell Ltd", firm.me), ("~", "Tidewell", firm.me)]


def test_what_goes_along_when_a_merge_is_undone_says_so(firm):
    asked = written_about_after(firm)
    last = asked.history.order_by("-history_id").first()

    assert (last.history_type, last.client.name, last.history_user) == ("~", "Tidewell Ltd", firm.me)


def test_handing_over_a_request_is_told_by_its_story(firm):
    request_handed(firm)

    assert [row.history_user for row in firm.asked.history.order_by("history_id")] == [firm.me, firm.me]


@pytest.mark.parametrize("n", [1, 3])
def test_writing_in_bulk_keeps_the_first_rows_in_one_more_query(firm, django_assert_num_queries, n):
    rows = [Contact(client=firm.client, name=f"Person {number}") for number in range(n)]
    with django_assert_num_queries(2):
        made = Contact.objects.bulk_create(rows)
    with django_assert_num_queries(2):
        Contact.objects.bulk_update(made, ["job_title"])

    kept = Contact.history.filter(id__in=[one.pk for one in made]).order_by("history_id")
    assert [row.history_type for row in kept] == ["+"] * n + ["~"] * n
    assert {row.history_user for row in kept} == {firm.me}


def test_bookkeeping_in_bulk_makes_no_history(firm, django_assert_num_queries):
    before = firm.client.history.count()
    with django_assert_num_queries(1):
        Client.objects.bulk_update([firm.client], ["last_interaction_at"])

    assert firm.client.history.count() == before


def test_every_record_of_the_sample_firm_has_a_beginning_and_leaves_nothing_behind():
    call_command("seed_demo", stdout=StringIO())
    without = [
        model.__name__
        for model in REMEMBERED
        if model._base_manager.exclude(pk__in=model.history.filter(history_type="+").values("id")).exists()
    ]
    client = Client.objects.first()
    page = browser_of(make_manager()).get(reverse("client_history", args=[client.public_id])).content.decode()
    joined = set(TeamMember.history.values_list("history_date", flat=True))
    call_command("seed_demo", "--remove", stdout=StringIO())

    assert (without, "No changes yet" in page) == ([], False)
    assert joined == {client.created_at}
    assert [model.__name__ for model in (Client, Contact, Interaction, TeamMember) if model.history.exists()] == []


def test_a_worker_does_it_in_the_name_of_whoever_asked(firm):
    clients = [make_client(owner=firm.me) for _n in range(3)]
    kind = kinds.get("clients")
    kept, _new = acts.claim(kind, kind.acts["archive"], raw={}, key=uuid.uuid4(), by=firm.tom, now=NOW)
    firm.tom.role = "manager"
    firm.tom.save()
    long_acts.start(kept, kind=kind, act=kind.acts["archive"], keys=[c.pk for c in clients], choice={}, by=firm.tom)
    jobs.run_waiting()

    assert [client.history.first().history_user for client in clients] == [firm.tom] * 3


def test_a_file_that_is_attached_and_removed_is_in_the_history_of_its_entry(firm, manager_web):
    firm.file.remove(by=firm.tom, now=NOW)

    page = manager_web.get(reverse("history", args=["entry", firm.entry.public_id])).content.decode()

    assert page.count("File: Offer.pdf") == 2


def test_a_file_that_goes_for_good_takes_its_history_along(firm):
    store.discard(firm.file)

    assert not Attachment.history.filter(name="Offer.pdf").exists()


def test_a_reminder_tells_its_history_to_its_owner_alone(firm):
    address = reverse("history", args=["follow-up", firm.reminder.public_id])

    assert browser_of(firm.priya).get(address).status_code == 200
    assert browser_of(firm.me).get(address).status_code == 404


def test_a_promise_a_file_changes_says_what_it_was_and_who_sent_the_file(firm, clock):
    from promises.importing import import_promises

    file = "order number,client,what,made on,due,importance\n1,Tidewell,{},2026-11-02,2026-12-01,{}\n"
    for what, importance in (("Send the plan", "normal"), ("Send the whole plan", "critical")):
        table = read_table(file.format(what, importance).encode())
        report = import_promises(table, now=NOW, by=firm.me, owner=firm.priya)
    assert report.counts["changed"] == 1, report.as_text()

    page = browser_of(firm.me).get(reverse("history", args=["promise", firm.client.promises.get().public_id]))
    told = [
        (one.who, [(d.label, d.old, d.new) for d in one.differences])
        for one in page.context["happenings"]
        if one.differences
    ]

    assert told == [(firm.me, [("What", "Send the plan", "Send the whole plan"), ("Importance", "Normal", "Critical")])]


def test_a_promise_that_is_handed_over_and_corrected_says_from_what_to_what(firm):
    promise = make_promise(client=firm.client, what="Send it", due_at=NOW + 9 * DAY, now=NOW)
    promise.correct(by=firm.priya, now=NOW, version=promise.version, done_when="It is signed")
    promise.hand_over(to=firm.tom, by=firm.me, now=NOW + timedelta(minutes=1))

    page = browser_of(firm.me).get(reverse("history", args=["promise", promise.public_id]))
    told = [(d.label, d.old, d.new) for one in page.context["happenings"] for d in one.differences]

    assert told == [("Owner", "Priya Raman", "Tom Reed"), ("Done when", "–", "It is signed")]


def test_what_was_there_before_histories_were_kept_is_given_its_beginning_once(firm, django_assert_num_queries):
    for model in REMEMBERED:
        model.history.all().delete()
    firm.client.city = "Cardiff"
    firm.client.save()  # has a history of its own by now
    editor = SimpleNamespace(quote_name=connection.ops.quote_name, connection=connection, execute=executed)
    for _twice in range(2):
        for model in REMEMBERED:
            with django_assert_num_queries(1):
                fill(apps, editor, model._meta.label)

    told = {model.__name__: [row.history_type for row in model.history.all()] for model in REMEMBERED}
    entry, rosa = firm.entry.history.get(), firm.rosa.history.get()
    assert told == {
        "Client": ["~"], "Contact": ["+"], "TeamMember": [], "Interaction": ["+"], "Request": ["+"],
        "Attachment": ["+"], "FollowUp": ["+"], "User": ["+"] * 3, "Absence": [], "SavedView": [], "Concern": [],
        "Suggestion": [],
    }  # fmt: skip
    assert (entry.history_date, entry.history_user, entry.body) == (firm.entry.created_at, firm.priya, "As it was")
    assert (rosa.history_change_reason, rosa.history_user, rosa.name) == ("found", None, "Rosa")
    page = browser_of(firm.me).get(reverse("history", args=["contact", firm.rosa.public_id]))
    assert [one.what for one in page.context["happenings"]] == ["was here already"]


def executed(words, values):
    with connection.cursor() as line:
        line.execute(words, values)

import json
from threading import Barrier, Thread

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone

from accounts import handover
from accounts.conflict import Stale
from clients.merging import relations, undoing, verbs
from clients.merging.registry import STAYS, resolvers, unique_with, wholes
from clients.models import Client, Contact, Merge, NotTheSame, Pin
from partnerships.models import Celebration
from surveys import results
from surveys.models import Belief, Result
from tests.conftest import NOW
from tests.firm import Firm
from tests.make import (
    answer_survey,
    mail_of,
    make_belief,
    make_client,
    make_contact,
    make_interaction,
    make_invitation,
    make_manager,
    make_promise,
    make_round,
    make_user,
)

pytestmark = pytest.mark.django_db


def two_clients(**fields):
    owner = make_user(name="Priya Raman")
    return make_client(name="Tidewell Water", owner=owner, **fields), make_client(name="Tidewell Ltd", owner=owner)


def merged(kept, gone, *, by=None, now=None, **fields):
    return verbs.merge_clients(kept, gone, by=by or make_manager(), now=now or timezone.now(), **fields)


def everything(without=()):
    """Every row of every table, as text, but for history, versions and the merges themselves."""
    told = {}
    for model in apps.get_models(include_auto_created=True):
        if hasattr(model, "instance_type") or model._meta.label in ("clients.Merge", "sessions.Session", *without):
            continue
        names = [f.attname for f in model._meta.concrete_fields if f.name not in ("version", "stale", "computed_at")]
        rows = model._base_manager.order_by("pk").values_list(*names)
        told[model._meta.label] = [json.dumps(row, cls=DjangoJSONEncoder, default=str) for row in rows]
    return told


# ------------------------------------------------------------------ nothing is forgotten
def test_every_relation_to_a_client_or_a_person_moves_or_says_what_becomes_of_it():
    keys = {relation.key for model in (Client, Contact) for relation in relations(model)}

    clashing = {relation.label for model in (Client, Contact) for relation in relations(model) if unique_with(relation)}
    decided = set(resolvers) | {key.rpartition(".")[0] for key in wholes}
    lines_between = {
        model._meta.label for model in apps.get_models(include_auto_created=True) if model._meta.auto_created
    }
    assert clashing - decided - lines_between == set()
    assert keys == STAYS | {
        "clients.Contact.client",
        "clients.FollowUp.client",
        "clients.Interaction.client",
        "clients.Interaction_contacts.contact",
        "clients.NotTheSame.one",
        "clients.NotTheSame.other",
        "clients.Pin.client",
        "clients.Request.client",
        "clients.Request.contact",
        "clients.TeamMember.client",
        "partnerships.Celebration.client",
        "partnerships.Concern.client",
        "partnerships.Concern.cleared_by",
        "partnerships.ConcernEvent.by_contact",
        "partnerships.ConcernMail.contact",
        "partnerships.Concern_talk_with.contact",
        "partnerships.Suggestion.client",
        "partnerships.Suggestion.contact",
        "promises.Letter.client",
        "promises.Letter.contact",
        "promises.Promise.client",
        "promises.PromiseEvent.by_contact",
        "promises.Renegotiation.agreed_by_contact",
        "promises.Renegotiation.asked_by_contact",
        "promises.Promise.promisee_contact",
        "promises.Promise.promisor_contact",
        "surveys.Belief.client",
        "surveys.Case.client",
        "surveys.Invitation.client",
        "surveys.Invitation.contact",
        "surveys.Result.client",
        "surveys.SomebodyElse.became",
        "surveys.YouSaid.client",
    }


def test_everything_that_hung_on_the_one_hangs_on_the_other():
    priya = make_user()
    kept = make_client(owner=priya)
    firm = Firm(owner=priya)

    merge = merged(kept, firm.client)

    left = {
        relation.key: list(relation.rows.filter(**{relation.field: firm.client}))
        for relation in relations(Client)
        if relation.key not in STAYS
    }
    assert {key: rows for key, rows in left.items() if rows} == {}
    firm.client.refresh_from_db()
    assert (firm.client.merged_into, firm.client.archived_at) == (kept, merge.at)
    kept.refresh_from_db()
    firm.interaction.refresh_from_db()
    assert (firm.interaction.client, kept.last_interaction_at) == (kept, firm.interaction.happened_at)


@pytest.mark.parametrize("same_people", [False, True])
def test_a_merge_taken_back_leaves_every_table_as_it_was(same_people, clock):
    priya, tom = make_user(), make_user()
    one = Firm(owner=priya, word="abacus")
    two = Firm(owner=tom, word="bramble", round=one.round)
    for user in (priya, tom):
        Pin.objects.create(user=user, client=one.client)
        Pin.objects.create(user=user, client=two.client)
        make_belief(round=one.round, client=two.client, user=make_user(), overall=3)
    make_belief(round=one.round, client=two.client, user=priya, overall=3)
    third = make_client()
    NotTheSame.objects.create(one=one.client, other=two.client, at=NOW)
    NotTheSame.objects.create(one=two.client, other=third, at=NOW)
    for firm in (one, two):
        Celebration.objects.create(
            client=firm.client,
            kind="anniversary",
            key="a:1",
            on=NOW.date(),
            decided="said",
            decided_at=NOW,
            decided_by=tom,
        )
    if same_people:
        for a, b in zip(one.client.contacts.order_by("pk"), two.client.contacts.order_by("pk"), strict=True):
            b.email, b.phone = a.email, "0113 496 0000"
            b.save()
    by = make_manager()
    results.recompute(one.round, now=timezone.now())
    before = everything()

    merge = merged(one.client, two.client, by=by, values={"city": "Leeds", "owner": tom})
    assert everything() != before
    told = undoing.undo(merge, by=by, now=timezone.now())
    results.recompute(one.round, now=timezone.now())

    after = everything()
    assert {k: (set(before[k]) ^ set(rows)) for k, rows in after.items() if before[k] != rows} == {}
    assert (sum(told.not_back.values()), sum(told.added.values()), told.changed) == (0, 0, [])


# ------------------------------------------------------------------ the rules
def test_a_record_is_not_merged_with_itself():
    kept, _gone = two_clients()

    with pytest.raises(verbs.CannotMerge, match="same record twice"):
        merged(kept, kept)


def test_merging_needs_the_right_to_change_both():
    kept, gone = two_clients()
    Client.objects.filter(pk=gone.pk).update(owner=make_user())

    with pytest.raises(verbs.CannotMerge, match="right to change both"):
        merged(kept, gone, by=kept.owner)


def test_an_archived_client_is_brought_back_first():
    kept, gone = two_clients()
    gone.archive(by=kept.owner, now=NOW)

    with pytest.raises(verbs.CannotMerge, match="Bring it back first"):
        merged(kept, gone)


def test_of_two_who_merge_the_same_two_the_other_way_round_one_is_told():
    kept, gone = two_clients()
    merged(kept, gone)

    with pytest.raises(verbs.MergedAlready, match="was merged into Tidewell Water already") as told:
        merged(gone, kept)
    assert (told.value.into, Merge.objects.count()) == (kept, 1)


def test_what_changed_since_somebody_looked_is_looked_at_again():
    kept, gone = two_clients()
    read = {kept.pk: kept.version, gone.pk: gone.version}
    Client.objects.filter(pk=gone.pk).update(version=gone.version + 1)

    with pytest.raises(Stale):
        merged(kept, gone, versions=read)


def test_the_other_owner_joins_the_team_and_an_owner_plays_no_second_part():
    priya, tom = make_user(), make_user()
    kept = make_client(owner=priya, team=[tom])
    gone = make_client(owner=tom, team=[priya])

    merged(kept, gone, values={"owner": tom})

    kept.refresh_from_db()
    assert (kept.owner, [(m.user, m.part) for m in kept.team_members.all()]) == (tom, [(priya, "specialist")])


def test_people_with_one_address_become_one_and_bring_what_the_other_lacks():
    kept, gone = two_clients()
    rosa = make_contact(client=kept, name="Rosa Delgado", email="rosa@x.example", phone="")
    other = make_contact(client=gone, name="R. Delgado", email="rosa@x.example", phone="0113 496 0000")
    entry = make_interaction(client=gone, contacts=[other])
    promise = make_promise(client=gone, contact=other)

    merge = merged(kept, gone)

    rosa.refresh_from_db()
    other.refresh_from_db()
    promise.refresh_from_db()
    assert (rosa.phone, other.merged_into, list(kept.contacts.current())) == ("0113 496 0000", rosa, [rosa])
    assert (list(entry.contacts.all()), promise.promisee_contact, promise.client) == ([rosa], rosa, kept)
    assert merge.parts.count() == 1


def test_who_asked_us_to_stop_at_either_is_left_alone():
    kept, gone = two_clients()
    make_contact(client=kept, email="rosa@x.example")
    make_contact(client=gone, email="rosa@x.example", mail_state="unsubscribed", mail_state_at=NOW)

    merged(kept, gone)

    assert [p.mail_state for p in kept.contacts.all()] == ["unsubscribed"]


def test_a_survey_link_of_the_one_that_went_opens_the_answers_of_the_one_that_stays(client):
    kept, gone = two_clients()
    round = make_round(state="open")
    mine = make_invitation(round=round, contact=make_contact(client=kept, email="rosa@x.example"))
    theirs = make_invitation(round=round, contact=make_contact(client=gone, email="rosa@x.example"))
    mail = mail_of(theirs)
    answer_survey(theirs, overall=9)

    merged(kept, gone)

    mine.refresh_from_db()
    mail.refresh_from_db()
    assert (mine.state, mine.response.answers.get(key="overall").number) == ("submitted", 9)
    assert mail.invitation_message.invitation == mine
    from outbox import links

    assert client.get(f"/s/{links.token(mail)}/").status_code == 200


def test_who_answered_twice_counts_twice():
    kept, gone = two_clients()
    round = make_round(state="open")
    for client in (kept, gone):
        answer_survey(make_invitation(round=round, contact=make_contact(client=client, email="r@x.example")), overall=8)

    merge = merged(kept, gone)
    results.recompute(round, now=timezone.now())

    assert merge.parts.get().moved["told"] == {"surveys.answered_twice": 1}
    assert Result.objects.get(round=round).answered == 2


def test_the_recorded_belief_wins_over_the_one_still_to_be_said():
    kept, gone = two_clients()
    round = make_round(state="beliefs")
    make_belief(round=round, client=kept, user=kept.owner)
    said = make_belief(round=round, client=gone, user=kept.owner, overall=8)

    merged(kept, gone)

    assert list(Belief.objects.filter(client=kept)) == [said]


# ------------------------------------------------------------------ undo
def test_what_was_added_since_stays_and_is_said():
    kept, gone = two_clients()
    old = make_interaction(client=gone)
    by = make_manager()
    merge = merged(kept, gone, by=by)
    kept.refresh_from_db()
    new = make_interaction(client=kept)

    told = undoing.undo(merge, by=by, now=timezone.now())

    for entry in (old, new):
        entry.refresh_from_db()
    assert (old.client, new.client, told.added["clients.Interaction"]) == (gone, kept, 1)


def test_a_field_somebody_set_since_stays_and_is_said():
    kept, gone = two_clients(city="Leeds")
    by = make_manager()
    merge = merged(kept, gone, by=by, values={"city": "York", "phone": "1"})
    Client.objects.filter(pk=kept.pk).update(city="Hull")

    told = undoing.undo(merge, by=by, now=timezone.now())

    kept.refresh_from_db()
    assert (kept.city, kept.phone, told.changed) == ("Hull", "", ["city"])


def test_a_promise_made_since_goes_along_with_its_person():
    kept, gone = two_clients()
    rosa = make_contact(client=gone)
    by = make_manager()
    merge = merged(kept, gone, by=by)
    rosa.refresh_from_db()
    promise = make_promise(client=kept, contact=rosa)

    told = undoing.undo(merge, by=by, now=timezone.now())

    promise.refresh_from_db()
    assert (promise.client, told.along["promises.Promise"]) == (gone, 1)


def test_one_whose_owner_left_since_comes_back_to_whoever_has_the_other():
    leaver, heir, by = make_user(), make_user(), make_manager()
    kept, gone = make_client(name="Tidewell Water", owner=leaver), make_client(name="Tidewell Ltd", owner=leaver)
    merge = merged(kept, gone, by=by)
    make_user(role="administrator")
    handover.leave(leaver, to=heir, by=by, now=timezone.now())

    undoing.undo(merge, by=by, now=timezone.now())

    for client in (kept, gone):
        client.refresh_from_db()
    assert (kept.owner, gone.owner) == (heir, heir)
    gone_history = gone.history.first()
    assert gone_history.owner_id == heir.pk


def test_a_merge_is_taken_back_once_and_for_thirty_days(clock):
    kept, gone = two_clients()
    by = make_manager()
    merge = merged(kept, gone, by=by)

    late = NOW + verbs.UNDO_FOR + verbs.UNDO_FOR
    with pytest.raises(verbs.CannotMerge, match="30 days"):
        undoing.undo(merge, by=by, now=late)
    undoing.undo(merge, by=by, now=NOW)
    with pytest.raises(verbs.CannotMerge, match="taken back already"):
        undoing.undo(merge, by=by, now=NOW)


def test_of_two_merges_in_a_row_the_later_is_taken_back_first():
    kept, gone = two_clients()
    last = make_client(name="Tidewell Group")
    by = make_manager()
    first = merged(kept, gone, by=by)
    second = merged(last, kept, by=by)

    with pytest.raises(verbs.CannotMerge, match="Take that back first"):
        undoing.undo(first, by=by, now=timezone.now())
    undoing.undo(second, by=by, now=timezone.now())
    undoing.undo(first, by=by, now=timezone.now())

    assert Client.objects.exclude(merged_into=None).count() == 0


def test_what_somebody_logged_at_the_old_one_a_moment_late_follows():
    kept, gone = two_clients()
    merged(kept, gone)
    late = make_interaction(client=gone)

    verbs.sweep(timezone.now())

    late.refresh_from_db()
    assert late.client == kept


def test_two_people_of_one_client_become_one():
    client = make_client()
    rosa = make_contact(client=client, name="Rosa Delgado", email="rosa@x.example")
    other = make_contact(client=client, name="Rosa D.", email="rd@x.example", survey_part="decision_maker")
    entry = make_interaction(client=client, contacts=[rosa, other])
    by = make_manager()
    before = everything()

    merge = verbs.merge_people(rosa, other, by=by, now=timezone.now(), values={"email": "rd@x.example"})

    rosa.refresh_from_db()
    assert (rosa.email, list(entry.contacts.all()), list(client.contacts.current())) == ("rd@x.example", [rosa], [rosa])
    undoing.undo(merge, by=by, now=timezone.now())
    assert everything() == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs rows that are locked one by one")
@pytest.mark.django_db(transaction=True)
def test_two_who_merge_at_once_never_lose_anything_and_one_is_told():
    kept, gone = two_clients()
    for client in (kept, gone):
        make_interaction(client=client)
    by, told = make_manager(), []
    start = Barrier(2)

    def merge(one, other):
        start.wait()
        try:
            merged(one, other, by=by)
            told.append("merged")
        except verbs.MergedAlready:
            told.append("told")
        finally:
            connection.close()

    threads = [Thread(target=merge, args=pair) for pair in ((kept, gone), (gone, kept))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (standing,) = Client.objects.filter(merged_into=None)
    assert (sorted(told), standing.interactions.count()) == (["merged", "told"], 2)


def test_the_next_import_finds_the_one_that_stays():
    from accounts.tables import read_table
    from clients.importing import import_clients

    kept, gone = two_clients()
    Client.objects.filter(pk=gone.pk).update(external_id="77")
    merged(kept, gone)
    rows = b"company_name,external_id,contact_name,website\nTidewell Ltd,77,Rosa Delgado,x.example\n"

    report = import_clients(read_table(rows), owner=kept.owner)

    kept.refresh_from_db()
    assert (report.new, kept.name, kept.website) == ([], "Tidewell Water", "")
    assert [person.name for person in kept.contacts.all()] == ["Rosa Delgado"]


def test_an_import_warns_of_a_client_with_the_web_address_of_another():
    from accounts.tables import read_table
    from clients.importing import import_clients

    make_client(name="Tidewell Water", website="https://www.tidewell.example")
    rows = b"company_name,website\nSomething Else,tidewell.example\n"

    report = import_clients(read_table(rows), owner=make_user())

    assert report.notes[-1:] == [
        "Row 2: Something Else may be Tidewell Water, which has the same web address, tidewell.example."
    ]

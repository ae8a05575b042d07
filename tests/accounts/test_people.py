"""The people page: invite, change, hand over, deactivate, bring back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import handover
from accounts.mails import queue_invitation, queue_reset, still_wanted
from accounts.models import Role, SignInMail, User
from outbox.models import Email
from tests.conftest import NOW, browser_of
from tests.make import PASSWORD, make_administrator, make_manager, make_user


@pytest.fixture
def things(monkeypatch):
    """Something an upper room keeps for people: {thing: owner}."""
    owners = {}

    def move(user, *, to, by, now):
        owners.update({thing: to for thing, owner in owners.items() if owner == user})

    monkeypatch.setattr(handover, "_kept", [])
    handover.register("things", lambda user: sum(owner == user for owner in owners.values()), move)
    return owners


def names(response):
    return [person.name for person in response.context["page"]]


# ------------------------------------------------------------------ who may

PAGES = ["people", "person_invite", "person", "person_leave", "settings", "import_people"]
POSTS = ["person_invite_again", "person_leave", "person_back", "person", "person_invite", "settings", "import_people"]


def address(page, person):
    return reverse(page, args=[person.public_id] if page.startswith("person") and page != "person_invite" else [])


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_for_whom_it_is_meant(client, web, manager_web, admin_web, page):
    where = address(page, make_user())

    seen = [browser.get(where).status_code for browser in (client, web, manager_web, admin_web)]

    for_managers = 200 if page in ("people", "person") else 404
    assert seen == [302, 404, for_managers, 200]


@pytest.mark.parametrize("page", POSTS)
def test_only_administrators_change_anything(client, web, manager_web, page):
    person = make_user()
    before = User.objects.filter(pk=person.pk).values().get()

    answers = [browser.post(address(page, person), {"name": "X"}).status_code for browser in (client, web, manager_web)]

    assert answers == [302, 404, 200 if page == "person" else 404]
    assert User.objects.filter(pk=person.pk).values().get() == before


# ------------------------------------------------------------------ the list


def test_the_list_shows_who_is_here_and_finds_filters_and_sorts(admin_web):
    make_user(name="Tom Okafor", job_title="Surveyor")
    make_manager(name="Zoë Lindqvist")
    make_user(name="Gone Person", is_active=False)
    make_user(name="New Person", invited_at=NOW)

    def listed(query):
        return names(admin_web.get(reverse("people") + query))

    assert listed("") == ["Ada Quill", "New Person", "Tom Okafor", "Zoë Lindqvist"]
    assert listed("?q=survey") == ["Tom Okafor"]
    assert listed("?q=tom+okaf") == ["Tom Okafor"]
    assert listed("?role=manager") == ["Zoë Lindqvist"]
    assert listed("?state=left") == ["Gone Person"]
    assert listed("?state=invited") == ["New Person"]
    assert listed("?state=all&sort=-name")[:2] == ["Zoë Lindqvist", "Tom Okafor"]
    assert listed("?q=nobody") == []


@pytest.mark.parametrize(
    "query", ["?page=999", "?page=-1", "?sort=password", "?role=x", "?q=" + "x" * 5000, "?state[]=1"]
)
def test_a_strange_address_of_the_list_is_still_a_list(admin_web, query):
    assert admin_web.get(reverse("people") + query).status_code == 200


def test_the_list_costs_the_same_for_any_length(admin_web):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            admin_web.get(reverse("people"))
        return len(asked)

    make_user()
    admin_web.get(reverse("people"))
    with_one = cost()
    make_user()
    make_user()

    assert cost() == with_one <= 12


# ------------------------------------------------------------------ inviting


def test_an_invited_colleague_gets_a_link_and_is_in(admin_web, client, clock):
    answer = admin_web.post(
        reverse("person_invite"), {"name": "Tom Okafor", "email": "Tom@Firm.example", "role": "manager"}
    )

    person = User.objects.get(email="tom@firm.example")
    mail = SignInMail.objects.get()
    assert answer.status_code == 302
    assert (person.name, person.role, person.has_usable_password()) == ("Tom Okafor", Role.MANAGER, False)
    assert (mail.user, mail.reason, mail.invited_by) == (person, SignInMail.Reason.INVITED, "Ada Quill")
    assert mail.email.expires_at == NOW + timedelta(days=7)


def test_a_double_click_invites_once(admin_web, clock):
    for _ in range(2):
        admin_web.post(reverse("person_invite"), {"name": "Tom", "email": "tom@firm.example", "role": "manager"})

    assert (User.objects.filter(email="tom@firm.example").count(), Email.objects.count()) == (1, 1)


def test_an_address_that_is_taken_is_refused_by_name(admin_web):
    make_user(name="Tom Okafor", email="tom@firm.example")
    make_user(name="Eve Gone", email="eve@firm.example", is_active=False)

    def refusal(email):
        answer = admin_web.post(reverse("person_invite"), {"name": "T", "email": email, "role": "manager"})
        return answer.status_code, answer.context["form"].errors["email"]

    assert refusal("TOM@firm.example") == (422, ["Tom Okafor has this address already."])
    assert refusal("eve@firm.example") == (422, ["Eve Gone, who left, has this address. Bring them back instead."])


def test_an_invitation_is_sent_again_until_they_are_in(admin_web, clock):
    person = make_user(name="Tom Okafor")
    admin_web.post(reverse("person_invite_again", args=[person.public_id]))
    clock.move_to(NOW + timedelta(hours=1))
    admin_web.post(reverse("person_invite_again", args=[person.public_id]))
    assert Email.objects.count() == 2

    person.set_password(PASSWORD)
    person.save()
    admin_web.post(reverse("person_invite_again", args=[person.public_id]))

    assert Email.objects.count() == 2


# ------------------------------------------------------------------ changing


def person_data(browser, person, **changes):
    form = browser.get(reverse("person", args=[person.public_id])).context["form"]
    return {name: form[name].value() for name in form.fields} | changes


def test_a_role_is_changed(admin_web):
    person = make_user()

    admin_web.post(reverse("person", args=[person.public_id]), person_data(admin_web, person, role="manager"))

    assert User.objects.get(pk=person.pk).role == Role.MANAGER


def test_with_a_new_address_the_old_one_no_longer_signs_in(admin_web, client, clock):
    person = make_user(email="old@firm.example", password=PASSWORD)
    client.post(reverse("account_login"), {"login": "old@firm.example", "password": PASSWORD})
    client.logout()
    waiting = queue_reset(person, now=NOW)

    admin_web.post(reverse("person", args=[person.public_id]), person_data(admin_web, person, email="new@firm.example"))

    old = client.post(reverse("account_login"), {"login": "old@firm.example", "password": PASSWORD})
    new = client.post(reverse("account_login"), {"login": "new@firm.example", "password": PASSWORD})
    assert (old.status_code, new.status_code) == (422, 302)
    assert still_wanted(waiting, NOW) == f"The address of {person.name} is another one now."


def test_the_last_administrator_stays_one(admin_web):
    me = admin_web.user
    make_administrator(is_active=False)

    answer = admin_web.post(reverse("person", args=[me.public_id]), person_data(admin_web, me, role="manager"))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["role"]
    assert User.objects.get(pk=me.pk).role == Role.ADMINISTRATOR


def test_one_of_two_administrators_may_stop(admin_web):
    make_administrator()
    me = admin_web.user

    answer = admin_web.post(reverse("person", args=[me.public_id]), person_data(admin_web, me, role="manager"))

    assert answer.status_code == 302
    assert User.objects.get(pk=me.pk).role == Role.MANAGER


def test_a_stale_change_of_a_person_is_refused(admin_web):
    person = make_user(name="Tom")
    data = person_data(admin_web, person, role="manager")
    other = browser_of(make_administrator(name="Bo Other"))
    other.post(reverse("person", args=[person.public_id]), person_data(other, person, name="Thomas"))

    answer = admin_web.post(reverse("person", args=[person.public_id]), data)

    assert answer.status_code == 409
    assert answer.context["conflict"].who.name == "Bo Other"
    assert (User.objects.get(pk=person.pk).name, User.objects.get(pk=person.pk).role) == ("Thomas", "account_manager")


# ------------------------------------------------------------------ leaving


def test_who_owns_something_leaves_only_when_somebody_takes_over(admin_web, things, clock):
    person, successor = make_user(name="Tom Okafor"), make_user(name="Zoë Lindqvist")
    things.update({"one": person, "two": person, "three": successor})
    where = reverse("person_leave", args=[person.public_id])
    page = admin_web.get(where)
    assert page.context["belongings"] == [("things", 2)]

    refused = admin_web.post(where, {"to": ""})
    assert (refused.status_code, User.objects.get(pk=person.pk).is_active) == (422, True)

    admin_web.post(where, {"to": successor.public_id})

    gone = User.objects.get(pk=person.pk)
    assert set(things.values()) == {successor}
    assert (gone.is_active, gone.deactivated_at) == (False, NOW)


@pytest.mark.parametrize("to", ["u_nobodyxx", "\0", "self", "left"])
def test_only_somebody_who_is_here_takes_over(admin_web, things, to):
    person = make_user()
    things["one"] = person
    left = make_user(is_active=False)
    chosen = {"self": person.public_id, "left": left.public_id}.get(to, to)

    answer = admin_web.post(reverse("person_leave", args=[person.public_id]), {"to": chosen})

    assert answer.status_code == 422
    assert things == {"one": person}
    assert User.objects.get(pk=person.pk).is_active


def test_who_owns_nothing_just_leaves(admin_web, things):
    person = make_user()

    admin_web.post(reverse("person_leave", args=[person.public_id]))

    assert not User.objects.get(pk=person.pk).is_active


def test_when_moving_fails_nothing_has_happened(admin_web, things, clock):
    person, successor = make_user(), make_user()
    things["one"] = person

    def fails(user, *, to, by, now):
        raise RuntimeError("the disk is full")

    handover.register("others", lambda user: 1, fails)
    with pytest.raises(RuntimeError):
        handover.leave(person, to=successor, by=admin_web.user, now=NOW)

    assert User.objects.get(pk=person.pk).is_active


def test_a_deputy_who_leaves_is_replaced(admin_web, things):
    person, successor, colleague = make_user(), make_user(), make_user()
    things["one"] = person
    User.objects.filter(pk__in=[colleague.pk, successor.pk]).update(deputy=person)

    admin_web.post(reverse("person_leave", args=[person.public_id]), {"to": successor.public_id})

    assert User.objects.get(pk=colleague.pk).deputy == successor
    assert User.objects.get(pk=successor.pk).deputy is None


def test_nobody_deactivates_themself_nor_the_last_administrator(admin_web, things, clock):
    make_administrator(is_active=False)
    answer = admin_web.post(reverse("person_leave", args=[admin_web.user.public_id]))
    assert answer.status_code == 422
    assert User.objects.get(pk=admin_web.user.pk).is_active

    with pytest.raises(handover.LastAdministrator):
        handover.leave(admin_web.user, by=make_user(), now=NOW)


def test_a_person_comes_back(admin_web, things):
    person = make_user(is_active=False, deactivated_at=NOW)

    admin_web.post(reverse("person_back", args=[person.public_id]))

    back = User.objects.get(pk=person.pk)
    assert (back.is_active, back.deactivated_at) == (True, None)
    assert admin_web.post(reverse("person_back", args=[person.public_id])).status_code == 404


def test_mail_in_trouble_is_counted_in_the_navigation_of_managers_only(web, manager_web, things, clock):
    administrator, person = make_administrator(), make_user()
    queue_invitation(person, by=administrator, now=NOW)
    Email.objects.update(state=Email.State.FAILED, next_try_at=None)

    assert manager_web.get(reverse("people")).context["nav"]["mail_trouble"] == 1
    assert web.get(reverse("profile")).context["nav"]["mail_trouble"] == 0
